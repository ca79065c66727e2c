// restJson1 (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html): the operation by
// method and URI; members in labels, query, headers and the body.
#include "wire/rest_json.hpp"

#include <cassert>
#include <stdexcept>

#include "core/text.hpp"
#include "wire/answers.hpp"
#include "wire/json_document.hpp"
#include "wire/rest_bindings.hpp"
#include "wire/typed_events.hpp"

namespace paddock::wire {
namespace rest_json_detail {

[[noreturn]] void fail(std::string message) {
  throw AwsError("SerializationException", std::move(message));
}

Json parse_body(std::string_view body) {
  try {
    return parse_json(body);
  } catch (const std::invalid_argument&) {
    fail("");
  }
}

void read_payload(const JsonReadContext& context, const Member& member, std::string_view body,
                  Json& document) {
  Json value;
  if (member.shape->type == Type::blob) {
    if (body.empty()) return;
    value = Json::binary(Json::binary_t::container_type(body.begin(), body.end()));
  } else if (member.shape->type == Type::string) {
    if (body.empty()) return;
    if (!valid_utf8(body)) fail("The body is not UTF-8");
    value = std::string(body);
  } else {
    if (body.empty()) return;
    value = parse_body(body);
    if (value.is_null()) return;
    read_json(context, *member.shape, value);
  }
  document[std::string(member.name)] = std::move(value);
}

void write_payload(const Member& payload, const Json& output, http::Response& response) {
  const auto found = output.find(payload.name);
  if (found == output.end() || found->is_null()) return;
  const Shape& shape = *payload.shape;
  if (shape.event_stream) throw std::logic_error("an event stream is no part of a document");
  if (shape.type == Type::blob) {
    const auto& bytes = found->get_binary();
    response.body.assign(bytes.begin(), bytes.end());
    if (!response.headers.has("Content-Type")) {
      response.headers.set(
          "Content-Type", shape.media_type.empty() ? "application/octet-stream" : shape.media_type);
    }
  } else if (shape.type == Type::string) {
    response.body = found->get<std::string>();
    if (!response.headers.has("Content-Type")) response.headers.set("Content-Type", "text/plain");
  } else {
    write_json(shape, *found, response.body);
    if (!response.headers.has("Content-Type")) {
      response.headers.set("Content-Type", "application/json");
    }
  }
}

}  // namespace rest_json_detail

Json RestJson::decode(const ServiceModel& service, const OperationModel& operation,
                      const WireRequest& request) const {
  Json document = Json::object();
  if (operation.input == nullptr) return document;
  const Shape& input = *operation.input;
  const JsonReadContext context{service, Wording::java};
  if (input.payload == nullptr && !request.body.empty() && has_body_members(input)) {
    document = rest_json_detail::parse_body(request.body);
    if (document.is_null()) document = Json::object();
    read_json(context, input, document);
  }
  read_bindings(context, input, request, document);
  if (input.payload != nullptr) {
    rest_json_detail::read_payload(context, *input.payload, request.body, document);
  }
  return document;
}

http::Response RestJson::encode(const ServiceModel& service, const OperationModel& operation,
                                const Json& given, std::string_view request_id) const {
  if (operation.output == nullptr) return encode_text(service, operation, "", request_id);
  const Shape& shape = *operation.output;
  const Json& output = or_empty_object(given);
#ifndef NDEBUG
  for (const auto& [name, value] : output.items()) {
    assert((value.is_null() || shape.find(name) != nullptr) &&
           "the output has a member that its shape lacks");
  }
#endif
  if (shape.payload == nullptr) {
    std::string text;
    if (!shape.members.empty()) {
      text.reserve(512);
      write_json(shape, output, text);
    } else if (operation.status != 204) {
      text = "{}";
    }
    http::Response response = encode_text(service, operation, std::move(text), request_id);
    write_bindings(shape, output, response);
    if (response.status == 204) response.body.clear();
    return response;
  }
  http::Response response;
  response.status = operation.status;
  write_bindings(shape, output, response);
  rest_json_detail::write_payload(*shape.payload, output, response);
  set_request_id(response, request_id);
  return response;
}

http::Response RestJson::encode_text(const ServiceModel&, const OperationModel& operation,
                                     std::string text, std::string_view request_id) const {
  http::Response response;
  response.status = operation.status;
  response.body = std::move(text);
  response.headers.set("Content-Type", "application/json");
  set_request_id(response, request_id);
  return response;
}

http::Response RestJson::encode_stream_head(const ServiceModel&, const OperationModel& operation,
                                            const Json& head, std::string_view request_id) const {
  http::Response response(operation.status, kEventStreamType, "");
  write_bindings(*operation.output, or_empty_object(head), response);
  set_request_id(response, request_id);
  return response;
}

http::Response RestJson::encode_error(const ServiceModel& service, const AwsError& error,
                                      const ErrorStyle& style, std::string_view request_id) const {
  const Shape* shape = error_shape(service, error.code());
  http::Response response(error.status(), "application/json",
                          json_error_body(shape, error, style, false));
  response.headers.set("x-amzn-errortype", error.code());
  if (shape != nullptr) write_bindings(*shape, error.extra(), response);
  set_request_id(response, request_id);
  return response;
}

}  // namespace paddock::wire
