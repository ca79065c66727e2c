#include "gateway/errors.hpp"

#include "gateway/call.hpp"
#include "gateway/gateway.hpp"
#include "http/exchange.hpp"
#include "storage/database.hpp"
#include "wire/xml.hpp"

namespace paddock::gateway {
namespace {

AwsError internal_failure(const Call& call, Log& log, std::string_view what) {
  log.error("request " + call.context.request_id + " failed: " + std::string(what));
  return AwsError(
      "InternalFailure",
      "The request processing has failed because of an unknown error: " + std::string(what), 500);
}

}  // namespace

AwsError not_implemented(const wire::ServiceModel& model, std::string_view operation) {
  return AwsError("InternalFailure",
                  "The operation " + std::string(operation) + " of " + std::string(model.name) +
                      " is not emulated yet. What is: GET /_paddock/coverage.",
                  501);
}

AwsError unknown_service(const http::RequestHead& head,
                         const std::optional<identity::Signature>& signature,
                         std::string_view host) {
  std::string asked;
  if (head.headers.has("x-amz-target")) {
    asked = "X-Amz-Target " + std::string(head.headers.get("x-amz-target"));
  } else if (signature) {
    asked = "the service " + signature->service;
  } else {
    asked = head.method + " " + head.path + " at host " + std::string(host);
  }
  return AwsError(
      "InternalFailure",
      "No service emulated here answers " + asked + ". What is emulated: GET /_paddock/coverage.",
      501);
}

AwsError to_aws_error(std::exception_ptr thrown, const Call& call, Log& log) {
  try {
    std::rethrow_exception(thrown);
  } catch (const AwsError& error) {
    return error;
  } catch (const storage::DeadRealm&) {
    return AwsError("ServiceUnavailable", "The state was reset while the request ran. Try again.",
                    503);
  } catch (const http::BodyTooLarge&) {
    return AwsError("RequestEntityTooLargeException", "The request body is too large.", 413);
  } catch (const http::BodyBudgetFull&) {
    std::string_view code = call.api ? call.api->api().throttling_code : "ThrottlingException";
    return AwsError(std::string(code), "Rate exceeded", 400);
  } catch (const http::ConnectionError&) {
    return AwsError("RequestAborted", "The client has gone.", 400);
  } catch (const std::exception& error) {
    return internal_failure(call, log, error.what());
  }
}

http::Response protocol_neutral_error(const http::RequestHead& head, const AwsError& error,
                                      std::string_view request_id) {
  std::string_view content_type = head.headers.get("content-type");
  http::Response response;
  response.status = error.status();
  bool form = content_type.starts_with("application/x-www-form-urlencoded");
  bool json = head.headers.has("x-amz-target") || content_type.find("json") != std::string::npos;
  if (form) {
    response.headers.add("Content-Type", "text/xml");
    response.body = "<ErrorResponse><Error>";
    wire::append_xml_element(response.body, "Type", error.status() < 500 ? "Sender" : "Receiver");
    wire::append_xml_element(response.body, "Code", error.code());
    wire::append_xml_element(response.body, "Message", error.message());
    response.body += "</Error>";
    wire::append_xml_element(response.body, "RequestId", request_id);
    response.body += "</ErrorResponse>\n";
  } else {
    response.headers.add("Content-Type", json ? content_type : "application/json");
    if (content_type.empty()) response.headers.set("Content-Type", "application/json");
    Json body = {{"__type", error.code()}, {"message", error.message()}};
    response.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  response.headers.add("x-amzn-ErrorType", error.code());
  response.headers.add("x-amzn-RequestId", request_id);
  return response;
}

http::Response foreign_host_response(std::string_view host) {
  return http::Response(403, "text/plain; charset=utf-8",
                        "Paddock does not answer for the host name '" + std::string(host) +
                            "'. If it is yours, start Paddock with --hosts " + std::string(host) +
                            " or PADDOCK_HOSTS=" + std::string(host) + ".\n");
}

http::Response foreign_origin_response(std::string_view origin) {
  return http::Response(403, "text/plain; charset=utf-8",
                        "Paddock does not answer pages of '" + std::string(origin) +
                            "'. If it is yours, start Paddock with --allowed-origins " +
                            std::string(origin) +
                            " or PADDOCK_ALLOWED_ORIGINS=" + std::string(origin) + ".\n");
}

}  // namespace paddock::gateway
