#include "wire/rest_xml.hpp"

#include <cassert>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "wire/answers.hpp"
#include "wire/rest_bindings.hpp"
#include "wire/xml.hpp"

namespace paddock::wire {
namespace rest_xml_detail {

constexpr std::string_view kXml = "application/xml";

void set_ids(http::Response& response, std::string_view request_id) {
  if (request_id.empty()) return;
  response.headers.set("x-amz-request-id", request_id);
  response.headers.set("x-amz-id-2", to_base64(sha256(request_id)));
}

void read_payload(const ServiceModel& service, const Member& member, std::string_view body,
                  Json& document) {
  if (body.empty()) return;
  Json& value = document[std::string(member.name)];
  const Shape& shape = *member.shape;
  if (shape.type == Type::blob) {
    value = Json::binary(Json::binary_t::container_type(body.begin(), body.end()));
  } else if (shape.type == Type::string) {
    if (!valid_utf8(body)) throw AwsError("InvalidArgument", "The body is not UTF-8");
    value = std::string(body);
  } else {
    value = read_xml(service, member.wire_name, shape, body);
  }
}

// S3's GetBucketLocation: the only member is the root element itself.
const Member* unwrapped(const Shape& shape) {
  const Member* only = shape.members.size() == 1 ? &shape.members[0] : nullptr;
  return only != nullptr && only->location == Location::body && only->wire_name == shape.xml_name &&
                 only->shape->type == Type::string
             ? only
             : nullptr;
}

std::string unwrapped_text(const ServiceModel& service, const Member& member, const Json& output) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<";
  (((text += member.wire_name) += " xmlns=\"") += service.xml_namespace) += '"';
  const auto found = output.find(member.name);
  const bool empty = found == output.end() || found->is_null();
  if (empty) return text += "/>";
  text += '>';
  append_xml_text(text, found->get_ref<const std::string&>());
  return ((text += "</") += member.wire_name) += '>';
}

void write_payload(const ServiceModel& service, const Member& payload, const Json& output,
                   http::Response& response) {
  const auto found = output.find(payload.name);
  if (found == output.end() || found->is_null()) return;
  const Shape& shape = *payload.shape;
  if (shape.type == Type::blob) {
    const auto& bytes = found->get_binary();
    response.body.assign(bytes.begin(), bytes.end());
  } else if (shape.type == Type::string) {
    response.body = found->get<std::string>();
  } else {
    const std::string_view name = shape.xml_name.empty() ? payload.wire_name : shape.xml_name;
    write_xml_root(name, service.xml_namespace, shape, *found, response.body);
    response.headers.set("Content-Type", kXml);
  }
}

}  // namespace rest_xml_detail

Json RestXml::decode(const ServiceModel& service, const OperationModel& operation,
                     const WireRequest& request) const {
  Json document = Json::object();
  if (operation.input == nullptr) return document;
  const Shape& input = *operation.input;
  if (input.payload == nullptr && !request.body.empty() && has_body_members(input)) {
    const std::string_view name = input.xml_name.empty() ? input.name : input.xml_name;
    document = read_xml(service, name, input, request.body);
  }
  const JsonReadContext context{service, Wording::token};
  try {
    read_bindings(context, input, request, document);
  } catch (const AwsError& error) {
    throw AwsError("InvalidArgument", error.message());
  }
  if (input.payload != nullptr) {
    rest_xml_detail::read_payload(service, *input.payload, request.body, document);
  }
  return document;
}

http::Response RestXml::encode(const ServiceModel& service, const OperationModel& operation,
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
  http::Response response;
  response.status = operation.status;
  rest_xml_detail::set_ids(response, request_id);
  write_bindings(shape, output, response);
  if (shape.payload != nullptr) {
    rest_xml_detail::write_payload(service, *shape.payload, output, response);
  } else if (const Member* only = rest_xml_detail::unwrapped(shape)) {
    response.body = rest_xml_detail::unwrapped_text(service, *only, output);
    response.headers.set("Content-Type", rest_xml_detail::kXml);
  } else if (has_body_members(shape)) {
    const std::string_view name = shape.xml_name.empty() ? shape.name : shape.xml_name;
    write_xml_root(name, service.xml_namespace, shape, output, response.body);
    response.headers.set("Content-Type", rest_xml_detail::kXml);
  }
  return response;
}

http::Response RestXml::encode_text(const ServiceModel&, const OperationModel& operation,
                                    std::string text, std::string_view request_id) const {
  http::Response response;
  response.status = operation.status;
  rest_xml_detail::set_ids(response, request_id);
  if (!text.empty()) response.headers.set("Content-Type", rest_xml_detail::kXml);
  response.body = std::move(text);
  return response;
}

http::Response RestXml::encode_error(const ServiceModel&, const AwsError& error, const ErrorStyle&,
                                     std::string_view request_id) const {
  http::Response response;
  response.status = error.status();
  rest_xml_detail::set_ids(response, request_id);
  if (error.status() == 304) return response;
  response.headers.set("Content-Type", rest_xml_detail::kXml);
  std::string& body = response.body;
  body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>";
  append_xml_element(body, "Code", error.code());
  append_xml_element(body, "Message", error.message());
  if (error.extra().is_object()) {
    for (const auto& [name, value] : error.extra().get_ref<const Json::object_t&>()) {
      append_xml_element(body, name,
                         value.is_string() ? value.get_ref<const std::string&>() : value.dump());
    }
  }
  append_xml_element(body, "RequestId", request_id);
  append_xml_element(body, "HostId", to_base64(sha256(request_id)));
  body += "</Error>";
  return response;
}

}  // namespace paddock::wire
