#include "wire/answers.hpp"

#include <charconv>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "wire/json_document.hpp"

namespace paddock::wire {

const Shape* error_shape(const ServiceModel& service, std::string_view code) {
  for (const OperationModel& operation : service.operations) {
    for (const Shape* shape : operation.errors) {
      if (shape->name == code || (!shape->error_code.empty() && shape->error_code == code)) {
        return shape;
      }
    }
  }
  return nullptr;
}

std::string_view query_code(const Shape* shape, const AwsError& error) {
  return shape != nullptr && !shape->error_code.empty() ? shape->error_code
                                                        : std::string_view(error.code());
}

std::string json_error_body(const Shape* shape, const AwsError& error, const ErrorStyle& style,
                            bool typed) {
  std::string out = "{";
  if (typed) {
    std::string type;
    if (style.code_namespace != nullptr) type = style.code_namespace(error.code());
    type += error.code();
    out += "\"__type\":";
    append_json_string(out, type);
  }
  const auto add_name = [&out](std::string_view name) {
    if (out.size() > 1) out += ',';
    append_json_string(out, name);
    out += ':';
  };
  if (!error.message().empty()) {
    std::string_view name = "message";
    if (style.message_member != nullptr) {
      name = style.message_member(error.code());
    } else if (shape != nullptr && shape->find("message") == nullptr &&
               shape->find("Message") != nullptr) {
      name = "Message";
    }
    add_name(name);
    append_json_string(out, error.message());
  }
  for (const auto& [name, value] : error.extra().items()) {
    const Member* member = shape == nullptr ? nullptr : shape->find(name);
    if (member == nullptr) {
      add_name(name);
      out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
    } else if (member->location == Location::body) {
      add_name(member->wire_name);
      write_json(*member->shape, value, out);
    }
  }
  return out + "}";
}

const Json& or_empty_object(const Json& output) {
  static const Json empty = Json::object();
  return output.is_null() ? empty : output;
}

void set_request_id(http::Response& response, std::string_view request_id) {
  if (!request_id.empty()) response.headers.set("x-amzn-RequestId", request_id);
}

void finish(http::Response& response, const ErrorStyle& style) {
  if (!style.crc32) return;
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, crc32(response.body));
  response.headers.set("x-amz-crc32",
                       std::string_view(digits, static_cast<size_t>(end.ptr - digits)));
}

}  // namespace paddock::wire
