#include "wire/rest_bindings.hpp"

#include <stdexcept>

#include "core/text.hpp"

namespace paddock::wire {
namespace bindings_detail {

using QueryFields = std::vector<std::pair<std::string, std::string>>;

[[noreturn]] void fail(std::string message) {
  throw AwsError("SerializationException", std::move(message));
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

void read_member(const JsonReadContext& context, const Shape& input, const Member& member,
                 const WireRequest& request, std::optional<QueryFields>& fields, Json& document) {
  switch (member.location) {
    case Location::uri: {
      const auto label = request.labels.find(member.wire_name);
      if (label == request.labels.end()) break;
      document[std::string(member.name)] =
          read_text(context, *member.shape, label->second, TimestampFormat::iso8601);
      break;
    }
    case Location::query:
      if (!fields) fields = parse_query(request.head.query);
      read_query_member(context, input, member, *fields, document);
      break;
    case Location::header:
    case Location::headers:
      read_header_member(context, member, request.head.headers, document);
      break;
    default:
      break;
  }
}

}  // namespace bindings_detail

void read_bindings(const JsonReadContext& context, const Shape& input, const WireRequest& request,
                   Json& document) {
  std::optional<bindings_detail::QueryFields> fields;
  for (const Member& member : input.members) {
    bindings_detail::read_member(context, input, member, request, fields, document);
  }
}

void write_bindings(const Shape& shape, const Json& value, http::Response& response) {
  for (const auto& [name, item] : value.items()) {
    const Member* member = item.is_null() ? nullptr : shape.find(name);
    if (member == nullptr) continue;
    if (member->location == Location::header) {
      response.headers.set(member->wire_name, bindings_detail::header_text(*member->shape, item));
    } else if (member->location == Location::headers) {
      for (const auto& [suffix, text] : item.items()) {
        response.headers.set(std::string(member->wire_name) + suffix,
                             bindings_detail::one_line(text.get<std::string>()));
      }
    } else if (member->location == Location::status_code) {
      response.status = item.get<int>();
    }
  }
}

bool has_body_members(const Shape& shape) {
  for (const Member& member : shape.members) {
    if (member.location == Location::body) return true;
  }
  return false;
}

}  // namespace paddock::wire
