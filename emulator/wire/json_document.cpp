#include "wire/json_document.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/text.hpp"

namespace paddock::wire {
namespace read_detail {

// Where a value stands decides the words for a wrong type.
enum class Place { root, member, element };

struct IntegerRange {
  const char* name;    // Java's
  const char* native;  // in the parser's message
  int64_t least;
  int64_t most;
};

IntegerRange integer_range(Type type) {
  switch (type) {
    case Type::byte:
      return {"Byte", "byte", -128, 127};
    case Type::short_:
      return {"Short", "short", -32768, 32767};
    case Type::integer:
      return {"Integer", "int", INT32_MIN, INT32_MAX};
    default:
      return {"Long", "long", INT64_MIN, INT64_MAX};
  }
}

[[noreturn]] void fail(std::string message) {
  throw AwsError("SerializationException", std::move(message));
}

const char* token_name(const Json& value) {
  if (value.is_boolean()) return value.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE";
  if (value.is_number_float()) return "DECIMAL_VALUE";
  return value.is_number() ? "NUMBER_VALUE" : "STRING_VALUE";
}

const char* java_class(const Json& value) {
  if (value.is_boolean()) return "java.lang.Boolean";
  if (value.is_number()) return "com.amazon.coral.value.json.numbers.TruncatingBigNumber";
  return "java.lang.String";
}

// "com.amazonaws.dynamodb.v20120810.AttributeValue": the class AWS generates for a shape.
std::string class_name(const JsonReadContext& context, const Shape& shape) {
  switch (shape.type) {
    case Type::string:
      return "java.lang.String";
    case Type::boolean:
      return "java.lang.Boolean";
    case Type::float_:
      return "java.lang.Float";
    case Type::double_:
      return "java.lang.Double";
    case Type::byte:
    case Type::short_:
    case Type::integer:
    case Type::long_:
      return std::string("java.lang.") + integer_range(shape.type).name;
    case Type::blob:
      return "java.nio.ByteBuffer";
    case Type::timestamp:
      return "java.util.Date";
    case Type::list:
      return "java.util.List<" + class_name(context, *shape.element->shape) + ">";
    case Type::map:
      return "java.util.Map<java.lang.String, " + class_name(context, *shape.element->shape) + ">";
    default:
      break;
  }
  std::string name = "com.amazonaws.";
  name += context.service.endpoint_prefix;
  name += ".v";
  for (const char c : context.service.api_version) {
    if (c != '-') name += c;
  }
  return name + "." + std::string(shape.name);
}

[[noreturn]] void fail_array(const JsonReadContext& context, const Shape& shape) {
  if (context.wording == Wording::java) fail("Start of list found where not expected");
  const bool generic = shape.type == Type::list || shape.type == Type::map;
  fail(std::string("Unrecognized collection type ") + (generic ? "" : "class ") +
       class_name(context, shape));
}

[[noreturn]] void fail_object(const JsonReadContext& context) {
  fail(context.wording == Wording::java ? "Start of structure or map found where not expected."
                                        : "Start of structure or map found where not expected");
}

[[noreturn]] void fail_scalar(const JsonReadContext& context, const Json& value,
                              const std::string& target) {
  if (context.wording == Wording::java) {
    fail(std::string("class ") + java_class(value) + " can not be converted to an " + target);
  }
  fail(std::string(token_name(value)) + " cannot be converted to " + target);
}

// A list, map or structure was expected and a scalar came.
[[noreturn]] void fail_collection(const JsonReadContext& context, const Shape& shape, Place place) {
  if (context.wording == Wording::java) {
    if (shape.type == Type::list) fail("Expected list or null");
    if (shape.type == Type::map) fail("Expected map or null");
    fail("Expected null");
  }
  if (place != Place::element) fail("Unexpected field type");
  if (shape.type == Type::structure) fail("Unexpected value type in payload");
  fail(
      "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
      "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
      "java.lang.Class are in module java.base of loader 'bootstrap')");
}

void check_scalar(const JsonReadContext& context, const Shape& shape, const Json& value) {
  if (value.is_array()) fail_array(context, shape);
  if (value.is_object()) fail_object(context);
}

Json to_integer(const Shape& shape, const Json& value) {
  const IntegerRange range = integer_range(shape.type);
  bool inside = true;
  int64_t number = 0;
  if (value.is_number_unsigned()) {
    const auto unsigned_number = value.get<uint64_t>();
    inside = unsigned_number <= static_cast<uint64_t>(range.most);
    number = static_cast<int64_t>(unsigned_number);
  } else if (value.is_number_integer()) {
    number = value.get<int64_t>();
    inside = number >= range.least && number <= range.most;
  } else {
    // Fractions are cut off, as Java's intValue does. 2^63 itself is outside of long.
    const double exact = std::trunc(value.get<double>());
    inside = exact >= static_cast<double>(range.least) && exact < 9223372036854775808.0 &&
             exact <= static_cast<double>(range.most);
    if (inside) number = static_cast<int64_t>(exact);
  }
  if (!inside) {
    fail("Numeric value (" + value.dump() + ") out of range of " + range.native + " (" +
         std::to_string(range.least) + " - " + std::to_string(range.most) + ")");
  }
  return number;
}

std::optional<double> special_number(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

// Milliseconds of so many seconds; nullopt beyond what a Date holds.
std::optional<int64_t> from_seconds(double seconds) {
  const double ms = std::round(seconds * 1000);
  if (!(std::abs(ms) < 8.64e15)) return std::nullopt;
  return static_cast<int64_t>(ms);
}

std::optional<double> to_double(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int64_t> parse_timestamp(std::string_view text, TimestampFormat format) {
  if (format == TimestampFormat::http_date) {
    if (auto ms = parse_http_date(text)) return ms;
  }
  if (auto ms = parse_iso8601(text)) return ms;
  const auto seconds = to_double(text);
  return seconds ? from_seconds(*seconds) : std::nullopt;
}

[[noreturn]] void fail_timestamp(const JsonReadContext& context, const Json& value) {
  fail((context.wording == Wording::java ? std::string("class ") + java_class(value)
                                         : std::string(token_name(value))) +
       " can not be converted to milliseconds since epoch");
}

Json to_timestamp(const JsonReadContext& context, const Shape& shape, const Json& value) {
  std::optional<int64_t> ms;
  const auto* text = value.get_ptr<const Json::string_t*>();
  const bool as_text =
      shape.timestamp == TimestampFormat::iso8601 || shape.timestamp == TimestampFormat::http_date;
  if (value.is_number()) {
    ms = from_seconds(value.get<double>());
  } else if (text != nullptr && as_text) {
    ms = parse_timestamp(*text, shape.timestamp);
  }
  if (!ms) fail_timestamp(context, value);
  return *ms;
}

// AWS names what is wrong with base64, spelling mistake included.
[[noreturn]] void fail_base64(const JsonReadContext& context, const std::string& text) {
  std::string reason;
  if (text.size() % 4 != 0) {
    reason = "Base64 encoded length is expected a multiple of 4 bytes but found: " +
             std::to_string(text.size());
  } else {
    size_t bad =
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    const size_t padding = text.find('=');
    if (context.wording == Wording::java && bad == std::string::npos &&
        text.find_first_not_of('=', padding) != std::string::npos) {
      bad = padding;
    }
    reason = bad == std::string::npos
                 ? "Invalid last non-pad Base64 character dectected"
                 : std::string("Invalid Base64 character: '") + text[bad] + "'";
  }
  // A character cut out of UTF-8 is no text; the message must stay encodable.
  if (!valid_utf8(reason)) reason = "Invalid Base64 character";
  if (context.wording == Wording::java) {
    fail("'" + text + "' can not be converted to a Blob: " + reason);
  }
  fail(reason);
}

Json to_blob(const JsonReadContext& context, const Json& value) {
  const auto* text = value.get_ptr<const Json::string_t*>();
  if (text == nullptr) {
    if (context.wording == Wording::java) {
      fail(std::string("class ") + java_class(value) + " can not be converted to a Blob");
    }
    fail("only base-64-encoded strings are convertible to bytes");
  }
  auto bytes = from_base64(*text);
  if (!bytes) fail_base64(context, *text);
  return Json::binary(Json::binary_t::container_type(bytes->begin(), bytes->end()));
}

void read_value(const JsonReadContext& context, const Shape& shape, Json& value, Place place);

void read_scalar(const JsonReadContext& context, const Shape& shape, Json& value) {
  switch (shape.type) {
    case Type::string:
      if (value.is_string()) return;
      check_scalar(context, shape, value);
      fail_scalar(context, value, "String");
    case Type::boolean:
      if (value.is_boolean()) return;
      check_scalar(context, shape, value);
      if (const auto* text = value.get_ptr<const Json::string_t*>()) {
        // The service takes these two words; its parser has another text for all others.
        if (equal_ignore_case(*text, "true") || equal_ignore_case(*text, "false")) {
          value = equal_ignore_case(*text, "true");
          return;
        }
        if (context.wording == Wording::java) {
          fail("'" + *text + "' can not be converted to an Boolean");
        }
        fail("Unexpected token received from parser");
      }
      fail_scalar(context, value, "Boolean");
    case Type::byte:
    case Type::short_:
    case Type::integer:
    case Type::long_:
      check_scalar(context, shape, value);
      if (!value.is_number()) fail_scalar(context, value, integer_range(shape.type).name);
      value = to_integer(shape, value);
      return;
    case Type::float_:
    case Type::double_:
      check_scalar(context, shape, value);
      if (value.is_number()) {
        value = value.get<double>();
        return;
      }
      if (value.is_string()) {
        if (const auto number = special_number(value.get_ref<const std::string&>())) {
          value = *number;
          return;
        }
      }
      fail_scalar(context, value, shape.type == Type::float_ ? "Float" : "Double");
    case Type::timestamp:
      check_scalar(context, shape, value);
      value = to_timestamp(context, shape, value);
      return;
    case Type::blob:
      check_scalar(context, shape, value);
      value = to_blob(context, value);
      return;
    default:
      return;  // documents stay as they are; collections are not scalars
  }
}

void read_structure(const JsonReadContext& context, const Shape& shape, Json& value) {
  auto& object = value.get_ref<Json::object_t&>();
  // Members that travel under another name are taken out and put back when the walk is over.
  Json::object_t renamed;
  for (auto at = object.begin(); at != object.end();) {
    const Member* member = at->second.is_null() ? nullptr : shape.find_wire(at->first);
    if (member == nullptr || member->location != Location::body) {
      at = object.erase(at);
      continue;
    }
    read_value(context, *member->shape, at->second, Place::member);
    if (member->name == member->wire_name) {
      ++at;
      continue;
    }
    auto node = object.extract(at++);
    node.key() = member->name;
    renamed.insert(std::move(node));
  }
  object.merge(renamed);
}

void read_value(const JsonReadContext& context, const Shape& shape, Json& value, Place place) {
  if (shape.type == Type::structure) {
    if (!value.is_object()) {
      if (value.is_array()) fail_array(context, shape);
      fail_collection(context, shape, place);
    }
    read_structure(context, shape, value);
  } else if (shape.type == Type::map) {
    if (!value.is_object()) {
      if (value.is_array()) fail_array(context, shape);
      fail_collection(context, shape, place);
    }
    for (auto& [name, item] : value.get_ref<Json::object_t&>()) {
      if (!item.is_null()) read_value(context, *shape.element->shape, item, Place::element);
    }
  } else if (shape.type == Type::list) {
    if (!value.is_array()) {
      if (value.is_object()) fail_object(context);
      fail_collection(context, shape, place);
    }
    for (Json& item : value.get_ref<Json::array_t&>()) {
      if (!item.is_null()) read_value(context, *shape.element->shape, item, Place::element);
    }
  } else {
    read_scalar(context, shape, value);
  }
}

Json from_text(const JsonReadContext& context, const Shape& shape, std::string_view text,
               TimestampFormat format) {
  const Json as_json = std::string(text);
  switch (shape.type) {
    case Type::boolean:
      if (equal_ignore_case(text, "true")) return true;
      if (equal_ignore_case(text, "false")) return false;
      fail_scalar(context, as_json, "Boolean");
    case Type::byte:
    case Type::short_:
    case Type::integer:
    case Type::long_: {
      int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (text.empty() || end != text.data() + text.size() ||
          error == std::errc::invalid_argument) {
        fail_scalar(context, as_json, integer_range(shape.type).name);
      }
      const IntegerRange range = integer_range(shape.type);
      if (error != std::errc() || number < range.least || number > range.most) {
        fail("Numeric value (" + std::string(text) + ") out of range of " + range.native + " (" +
             std::to_string(range.least) + " - " + std::to_string(range.most) + ")");
      }
      return number;
    }
    case Type::float_:
    case Type::double_: {
      if (const auto special = special_number(text)) return *special;
      const auto number = to_double(text);
      if (!number || !std::isfinite(*number)) {
        fail_scalar(context, as_json, shape.type == Type::float_ ? "Float" : "Double");
      }
      return *number;
    }
    case Type::timestamp: {
      const auto ms = parse_timestamp(
          text, shape.timestamp == TimestampFormat::by_protocol ? format : shape.timestamp);
      if (!ms) fail_timestamp(context, as_json);
      return *ms;
    }
    case Type::blob:
      return to_blob(context, as_json);
    default:
      return as_json;
  }
}

}  // namespace read_detail

void read_json(const JsonReadContext& context, const Shape& shape, Json& value) {
  read_detail::read_value(context, shape, value, read_detail::Place::root);
}

Json read_text(const JsonReadContext& context, const Shape& shape, std::string_view text,
               TimestampFormat format) {
  return read_detail::from_text(context, shape, text, format);
}

}  // namespace paddock::wire
