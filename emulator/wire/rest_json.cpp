// restJson1 (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html): the operation by
// method and URI; members in labels, query, headers and the body.
#include "wire/rest_json.hpp"

#include <cassert>
#include <stdexcept>

#include "core/text.hpp"
#include "wire/answers.hpp"
#include "wire/json_document.hpp"
#include "wire/typed_events.hpp"

namespace paddock::wire {
namespace rest_json_detail {

using QueryFields = std::vector<std::pair<std::string, std::string>>;

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

QueryFields parse_query(std::string_view query) {
  try {
    return parse_form(query);
  } catch (const std::invalid_argument& error) {
    fail(error.what());
  }
}

bool is_bound_in_query(const Shape& shape, std::string_view name) {
  for (const Member& member : shape.members) {
    if (member.location == Location::query && member.shape->type != Type::map &&
        member.wire_name == name) {
      return true;
    }
  }
  return false;
}

// A member of the query string: one value, all values of its name (a list), or every name that no
// other member has (a map).
void read_query_member(const JsonReadContext& context, const Shape& input, const Member& member,
                       const QueryFields& fields, Json& document) {
  const auto format = TimestampFormat::iso8601;
  const std::string name(member.name);
  if (member.shape->type == Type::map) {
    const Shape& element = *member.shape->element->shape;
    Json map = Json::object();
    for (const auto& [key, text] : fields) {
      if (is_bound_in_query(input, key)) continue;
      if (element.type == Type::list) {
        map[key].push_back(read_text(context, *element.element->shape, text, format));
      } else if (!map.contains(key)) {
        map[key] = read_text(context, element, text, format);
      }
    }
    if (!map.empty()) document[name] = std::move(map);
    return;
  }
  for (const auto& [key, text] : fields) {
    if (key != member.wire_name) continue;
    if (member.shape->type == Type::list) {
      document[name].push_back(read_text(context, *member.shape->element->shape, text, format));
    } else {
      document[name] = read_text(context, *member.shape, text, format);
      return;
    }
  }
}

// One header as a list: "a, b", where an item may be quoted; HTTP dates hold a comma of their own.
Json read_header_list(const JsonReadContext& context, const Shape& element, std::string_view text) {
  const auto format = TimestampFormat::http_date;
  const bool dates =
      element.type == Type::timestamp && (element.timestamp == TimestampFormat::by_protocol ||
                                          element.timestamp == TimestampFormat::http_date);
  Json list = Json::array();
  while (!text.empty()) {
    text = trim(text);
    std::string item;
    if (text.starts_with('"')) {
      size_t at = 1;
      while (at < text.size() && text[at] != '"') {
        if (text[at] == '\\' && at + 1 < text.size()) at++;
        item += text[at++];
      }
      text.remove_prefix(std::min(at + 1, text.size()));
      const size_t comma = text.find(',');
      text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    } else {
      size_t comma = text.find(',');
      if (dates && comma != std::string_view::npos) comma = text.find(',', comma + 1);
      item = trim(text.substr(0, comma));
      text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    list.push_back(read_text(context, element, item, format));
  }
  return list;
}

void check_header_text(std::string_view text) {
  if (!valid_utf8(text)) fail("A header is not UTF-8");
}

void read_header_member(const JsonReadContext& context, const Member& member,
                        const http::Headers& headers, Json& document) {
  if (member.location == Location::headers) {
    Json map = Json::object();
    for (const auto& [name, text] : headers) {
      const bool matches =
          name.size() >= member.wire_name.size() &&
          equal_ignore_case(std::string_view(name).substr(0, member.wire_name.size()),
                            member.wire_name);
      if (!matches) continue;
      check_header_text(name);
      check_header_text(text);
      map[name.substr(member.wire_name.size())] = text;
    }
    if (!map.empty()) document[std::string(member.name)] = std::move(map);
    return;
  }
  if (!headers.has(member.wire_name)) return;
  const std::string_view text = headers.get(member.wire_name);
  check_header_text(text);
  Json& value = document[std::string(member.name)];
  if (member.shape->type == Type::list) {
    value = read_header_list(context, *member.shape->element->shape, text);
  } else {
    value = read_text(context, *member.shape, text, TimestampFormat::http_date);
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

bool has_body_members(const Shape& shape) {
  for (const Member& member : shape.members) {
    if (member.location == Location::body) return true;
  }
  return false;
}

// A value must not end its header line.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

std::string header_text(const Shape& shape, const Json& value) {
  if (shape.type != Type::list) {
    return one_line(write_text(shape, value, TimestampFormat::http_date));
  }
  std::string out;
  for (const Json& item : value) {
    if (!out.empty()) out += ", ";
    const Shape& element = *shape.element->shape;
    std::string text = write_text(element, item, TimestampFormat::http_date);
    if (element.type == Type::string && text.find_first_of(",\"") != std::string::npos) {
      std::string quoted = "\"";
      for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
      }
      text = quoted + '"';
    }
    out += one_line(std::move(text));
  }
  return out;
}

// What of a structure travels outside the body: headers, and the status.
void write_bindings(const Shape& shape, const Json& value, http::Response& response) {
  for (const auto& [name, item] : value.items()) {
    const Member* member = item.is_null() ? nullptr : shape.find(name);
    if (member == nullptr) continue;
    if (member->location == Location::header) {
      response.headers.set(member->wire_name, header_text(*member->shape, item));
    } else if (member->location == Location::headers) {
      for (const auto& [suffix, text] : item.items()) {
        response.headers.set(std::string(member->wire_name) + suffix,
                             one_line(text.get<std::string>()));
      }
    } else if (member->location == Location::status_code) {
      response.status = item.get<int>();
    }
  }
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
  if (input.payload == nullptr && !request.body.empty() &&
      rest_json_detail::has_body_members(input)) {
    document = rest_json_detail::parse_body(request.body);
    if (document.is_null()) document = Json::object();
    read_json(context, input, document);
  }
  rest_json_detail::QueryFields fields;
  bool parsed = false;
  for (const Member& member : input.members) {
    switch (member.location) {
      case Location::uri: {
        const auto label = request.labels.find(member.wire_name);
        if (label == request.labels.end()) break;
        document[std::string(member.name)] =
            read_text(context, *member.shape, label->second, TimestampFormat::iso8601);
        break;
      }
      case Location::query:
        if (!parsed) fields = rest_json_detail::parse_query(request.head.query);
        parsed = true;
        rest_json_detail::read_query_member(context, input, member, fields, document);
        break;
      case Location::header:
      case Location::headers:
        rest_json_detail::read_header_member(context, member, request.head.headers, document);
        break;
      case Location::payload:
        rest_json_detail::read_payload(context, member, request.body, document);
        break;
      case Location::body:
      case Location::status_code:
      case Location::event_payload:
      case Location::event_header:
        break;
    }
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
    rest_json_detail::write_bindings(shape, output, response);
    if (response.status == 204) response.body.clear();
    return response;
  }
  http::Response response;
  response.status = operation.status;
  rest_json_detail::write_bindings(shape, output, response);
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
  rest_json_detail::write_bindings(*operation.output, or_empty_object(head), response);
  set_request_id(response, request_id);
  return response;
}

http::Response RestJson::encode_error(const ServiceModel& service, const AwsError& error,
                                      const ErrorStyle& style, std::string_view request_id) const {
  const Shape* shape = error_shape(service, error.code());
  http::Response response(error.status(), "application/json",
                          json_error_body(shape, error, style, false));
  response.headers.set("x-amzn-errortype", error.code());
  if (shape != nullptr) rest_json_detail::write_bindings(*shape, error.extra(), response);
  set_request_id(response, request_id);
  return response;
}

}  // namespace paddock::wire
