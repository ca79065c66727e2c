#include <cassert>
#include <charconv>
#include <cmath>

#include "core/text.hpp"
#include "wire/json_document.hpp"

namespace paddock::wire {
namespace write_detail {

void append_integer(std::string& out, const Json& value) {
  char buffer[24];
  const auto end = value.is_number_unsigned()
                       ? std::to_chars(buffer, buffer + sizeof buffer, value.get<uint64_t>())
                       : std::to_chars(buffer, buffer + sizeof buffer, value.get<int64_t>());
  out.append(buffer, end.ptr);
}

// The shortest form that reads back the same; with ".0" for whole numbers, as Java prints them.
void append_double(std::string& out, double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value);
  const std::string_view digits(buffer, static_cast<size_t>(end.ptr - buffer));
  out += digits;
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

const char* special_name(double value) {
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

// 1700000000.123; whole seconds have no fraction.
void append_seconds(std::string& out, int64_t ms) {
  if (ms < 0) {
    out += '-';
    ms = -ms;
  }
  out += std::to_string(ms / 1000);
  int64_t rest = ms % 1000;
  if (rest == 0) return;
  out += '.';
  for (int64_t digit = 100; rest != 0; digit /= 10) {
    out += static_cast<char>('0' + rest / digit);
    rest %= digit;
  }
}

void append_timestamp(std::string& out, int64_t ms, TimestampFormat format) {
  if (format == TimestampFormat::iso8601) {
    out += iso8601(ms, ms % 1000 != 0);
  } else if (format == TimestampFormat::http_date) {
    out += http_date(ms);
  } else {
    append_seconds(out, ms);
  }
}

std::string_view bytes_of(const Json& value) {
  const auto& bytes = value.get_binary();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void write_structure(const Shape& shape, const Json& value, std::string& out) {
  out += '{';
  bool first = true;
  for (const auto& [name, item] : value.get_ref<const Json::object_t&>()) {
    if (item.is_null()) continue;
    const Member* member = shape.find(name);
    assert(member != nullptr && "the output has a member that its shape lacks");
    if (member == nullptr || member->location != Location::body) continue;
    if (!first) out += ',';
    first = false;
    append_json_string(out, member->wire_name);
    out += ':';
    write_json(*member->shape, item, out);
  }
  out += '}';
}

void write_map(const Shape& shape, const Json& value, std::string& out) {
  out += '{';
  bool first = true;
  for (const auto& [name, item] : value.get_ref<const Json::object_t&>()) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, name);
    out += ':';
    write_json(*shape.element->shape, item, out);
  }
  out += '}';
}

void write_list(const Shape& shape, const Json& value, std::string& out) {
  out += '[';
  bool first = true;
  for (const Json& item : value.get_ref<const Json::array_t&>()) {
    if (!first) out += ',';
    first = false;
    write_json(*shape.element->shape, item, out);
  }
  out += ']';
}

}  // namespace write_detail

void write_json(const Shape& shape, const Json& value, std::string& out) {
  if (value.is_null()) {
    out += "null";
    return;
  }
  switch (shape.type) {
    case Type::structure:
      return write_detail::write_structure(shape, value, out);
    case Type::map:
      return write_detail::write_map(shape, value, out);
    case Type::list:
      return write_detail::write_list(shape, value, out);
    case Type::string:
      return append_json_string(out, value.get_ref<const std::string&>());
    case Type::blob:
      out += '"';
      out += to_base64(write_detail::bytes_of(value));
      out += '"';
      return;
    case Type::boolean:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Type::byte:
    case Type::short_:
    case Type::integer:
    case Type::long_:
      return write_detail::append_integer(out, value);
    case Type::float_:
    case Type::double_: {
      const auto number = value.get<double>();
      if (std::isfinite(number)) return write_detail::append_double(out, number);
      return append_json_string(out, write_detail::special_name(number));
    }
    case Type::timestamp: {
      const bool quoted = shape.timestamp == TimestampFormat::iso8601 ||
                          shape.timestamp == TimestampFormat::http_date;
      if (quoted) out += '"';
      write_detail::append_timestamp(out, value.get<int64_t>(), shape.timestamp);
      if (quoted) out += '"';
      return;
    }
    case Type::document:
      out += value.dump();
      return;
  }
}

std::string write_text(const Shape& shape, const Json& value, TimestampFormat format) {
  std::string out;
  switch (shape.type) {
    case Type::string:
      return value.get<std::string>();
    case Type::blob:
      return to_base64(write_detail::bytes_of(value));
    case Type::boolean:
      return value.get<bool>() ? "true" : "false";
    case Type::byte:
    case Type::short_:
    case Type::integer:
    case Type::long_:
      write_detail::append_integer(out, value);
      return out;
    case Type::float_:
    case Type::double_: {
      const auto number = value.get<double>();
      if (!std::isfinite(number)) return write_detail::special_name(number);
      write_detail::append_double(out, number);
      return out;
    }
    case Type::timestamp:
      write_detail::append_timestamp(
          out, value.get<int64_t>(),
          shape.timestamp == TimestampFormat::by_protocol ? format : shape.timestamp);
      return out;
    default:
      return value.dump();
  }
}

}  // namespace paddock::wire
