// awsJson 1.0 and 1.1 (https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html): one URI,
// the operation in X-Amz-Target, the document as the body.
#include "wire/aws_json.hpp"

#include <stdexcept>

#include "wire/answers.hpp"
#include "wire/json_document.hpp"
#include "wire/typed_events.hpp"

namespace paddock::wire {

Json AwsJson::decode(const ServiceModel& service, const OperationModel& operation,
                     const WireRequest& request) const {
  const bool takes_members = operation.input != nullptr && !operation.input->members.empty();
  if (request.body.empty() && !takes_members) return Json::object();
  Json document;
  try {
    document = parse_json(request.body);
  } catch (const std::invalid_argument&) {
    // AWS says nothing more about malformed JSON here.
    throw AwsError("SerializationException", "");
  }
  if (!document.is_object()) throw AwsError("SerializationException", "");
  if (operation.input == nullptr) return Json::object();
  // The services of 1.0 have the newer words for wrong types; see json_document.hpp.
  const Wording wording =
      service.protocol == Protocol::aws_json_1_0 ? Wording::token : Wording::java;
  read_json({service, wording}, *operation.input, document);
  return document;
}

http::Response AwsJson::encode(const ServiceModel& service, const OperationModel& operation,
                               const Json& output, std::string_view request_id) const {
  std::string text;
  if (operation.output == nullptr) {
    // CloudWatch Logs and others answer nothing at all where the model has no output.
    if (service.protocol == Protocol::aws_json_1_0) text = "{}";
  } else {
    text.reserve(512);
    write_json(*operation.output, or_empty_object(output), text);
  }
  return encode_text(service, operation, std::move(text), request_id);
}

http::Response AwsJson::encode_text(const ServiceModel&, const OperationModel&, std::string text,
                                    std::string_view request_id) const {
  http::Response response(200, content_type_, std::move(text));
  set_request_id(response, request_id);
  return response;
}

http::Response AwsJson::encode_stream_head(const ServiceModel& service,
                                           const OperationModel& operation, const Json& head,
                                           std::string_view request_id) const {
  http::Response response(200, kEventStreamType, encode_initial_response(service, operation, head));
  set_request_id(response, request_id);
  return response;
}

http::Response AwsJson::encode_error(const ServiceModel& service, const AwsError& error,
                                     const ErrorStyle& style, std::string_view request_id) const {
  http::Response response(error.status(), content_type_,
                          json_error_body(error_shape(service, error.code()), error, style, true));
  set_request_id(response, request_id);
  // Services that had the query protocol before JSON (SQS) tell older code what they said there.
  if (!service.xml_namespace.empty()) {
    const std::string code(query_code(error_shape(service, error.code()), error));
    response.headers.set("x-amzn-query-error",
                         code + (error.status() < 500 ? ";Sender" : ";Receiver"));
  }
  return response;
}

}  // namespace paddock::wire
