#include "wire/validate.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "wire/codec.hpp"
#include "wire/json_document.hpp"

namespace paddock::wire {
namespace validate_detail {

// Decoders bound the depth of what comes from outside; this bounds what services hand each other.
constexpr size_t kDeepest = 2 * kMaxDepth;
// A message repeats the value; a longer one is cut.
constexpr size_t kMaxValueText = 64 * 1024;

bool is_scalar(const Shape& shape) {
  return shape.type != Type::structure && shape.type != Type::list && shape.type != Type::map;
}

bool type_fits(const Shape& shape, const Json& value) {
  switch (shape.type) {
    case Type::structure:
    case Type::map:
      return value.is_object();
    case Type::list:
      return value.is_array();
    case Type::string:
      return value.is_string();
    case Type::blob:
      return value.is_binary();
    case Type::boolean:
      return value.is_boolean();
    case Type::byte:
    case Type::short_:
    case Type::integer:
    case Type::long_:
    case Type::timestamp:
      return value.is_number_integer();
    case Type::float_:
    case Type::double_:
      return value.is_number();
    case Type::document:
      return true;
  }
  return false;
}

const char* type_words(Type type) {
  switch (type) {
    case Type::structure:
    case Type::map:
      return "an object";
    case Type::list:
      return "a list";
    case Type::string:
      return "a string";
    case Type::blob:
      return "binary";
    case Type::boolean:
      return "a boolean";
    case Type::float_:
    case Type::double_:
      return "a number";
    default:
      return "an integer";
  }
}

bool is_number(const Shape& shape) {
  return shape.type >= Type::byte && shape.type <= Type::double_;
}

bool is_decimal(const Shape& shape) {
  return shape.type == Type::float_ || shape.type == Type::double_;
}

// What min and max bound: a length, a size or the value.
double measure(const Shape& shape, const Json& value) {
  if (shape.type == Type::string) {
    return static_cast<double>(utf16_length(value.get_ref<const std::string&>()));
  }
  if (shape.type == Type::blob) return static_cast<double>(value.get_binary().size());
  if (is_number(shape)) return value.get<double>();
  return static_cast<double>(value.size());
}

bool pattern_fits(std::string_view pattern, const Json& value, Patterns* patterns) {
  const auto& text = value.get_ref<const std::string&>();
  return patterns != nullptr ? patterns->get(pattern).matches(text)
                             : Pattern(pattern).matches(text);
}

bool enum_fits(const Shape& shape, const Json& value) {
  const auto& text = value.get_ref<const std::string&>();
  return std::find(shape.values.begin(), shape.values.end(), text) != shape.values.end();
}

bool below(const Shape& shape, double size) {
  return shape.has_min && size < shape.min;
}
bool above(const Shape& shape, double size) {
  return shape.has_max && size > shape.max;
}

// -- the quick walk: is everything in order? ------------------------------------------------------

bool is_valid(const Shape& shape, const Json& value, Patterns* patterns, size_t depth);

bool are_members_valid(const Shape& shape, const Json& value, Patterns* patterns, size_t depth) {
  const auto& object = value.get_ref<const Json::object_t&>();
  for (const Member& member : shape.members) {
    if (!member.required) continue;
    const auto found = object.find(member.name);
    if (found == object.end() || found->second.is_null()) return false;
  }
  for (const auto& [name, item] : object) {
    const Member* member = item.is_null() ? nullptr : shape.find(name);
    if (member != nullptr && !is_valid(*member->shape, item, patterns, depth + 1)) return false;
  }
  return true;
}

bool are_entries_valid(const Shape& shape, const Json& value, Patterns* patterns, size_t depth) {
  const Shape& key = *shape.key->shape;
  const bool checks_key = key.has_min || key.has_max || !key.pattern.empty() || !key.values.empty();
  for (const auto& [name, item] : value.get_ref<const Json::object_t&>()) {
    if (checks_key && !is_valid(key, name, patterns, depth + 1)) return false;
    if (!is_valid(*shape.element->shape, item, patterns, depth + 1)) return false;
  }
  return true;
}

bool is_valid(const Shape& shape, const Json& value, Patterns* patterns, size_t depth) {
  if (depth > kDeepest || !type_fits(shape, value)) return false;
  if (shape.has_min || shape.has_max) {
    const double size = measure(shape, value);
    if (below(shape, size) || above(shape, size)) return false;
  }
  switch (shape.type) {
    case Type::structure:
      return are_members_valid(shape, value, patterns, depth);
    case Type::map:
      return are_entries_valid(shape, value, patterns, depth);
    case Type::list:
      for (const Json& item : value.get_ref<const Json::array_t&>()) {
        if (!is_valid(*shape.element->shape, item, patterns, depth + 1)) return false;
      }
      return true;
    case Type::string:
      if (!shape.values.empty() && !enum_fits(shape, value)) return false;
      return shape.pattern.empty() || pattern_fits(shape.pattern, value, patterns);
    default:
      return true;
  }
}

// -- the slow walk: what is wrong, in AWS's words -------------------------------------------------

std::string lower_first(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] + 32);
  return out;
}

// A value as Java's toString prints it: [a, b], {k=v}, Tag(key=k, value=null).
void append_value(const Shape& shape, const Json& value, std::string& out, size_t depth) {
  if (out.size() > kMaxValueText || depth > kDeepest) return;
  if (value.is_null()) {
    out += "null";
  } else if (!type_fits(shape, value)) {
    out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
  } else if (shape.type == Type::list) {
    out += '[';
    for (size_t i = 0; i < value.size(); i++) {
      if (i > 0) out += ", ";
      append_value(*shape.element->shape, value[i], out, depth + 1);
    }
    out += ']';
  } else if (shape.type == Type::map) {
    out += '{';
    bool first = true;
    for (const auto& [name, item] : value.get_ref<const Json::object_t&>()) {
      if (!first) out += ", ";
      first = false;
      (out += name) += '=';
      append_value(*shape.element->shape, item, out, depth + 1);
    }
    out += '}';
  } else if (shape.type == Type::structure) {
    (out += shape.name) += '(';
    for (size_t i = 0; i < shape.order.size(); i++) {
      const Member& member = shape.members[shape.order[i]];
      if (i > 0) out += ", ";
      (out += lower_first(member.name)) += '=';
      const auto found = value.find(member.name);
      append_value(*member.shape, found == value.end() ? Json() : *found, out, depth + 1);
    }
    out += ')';
  } else if (shape.type == Type::blob) {
    const std::string size = std::to_string(value.get_binary().size());
    out += "java.nio.HeapByteBuffer[pos=0 lim=" + size + " cap=" + size + "]";
  } else if (shape.type == Type::string) {
    out += value.get_ref<const std::string&>();
  } else {
    out += write_text(shape, value, TimestampFormat::iso8601);
  }
}

// Not in the middle of a character.
void cut(std::string& text, size_t size) {
  if (text.size() <= size) return;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) size--;
  text.resize(size);
}

std::string quoted_value(const Shape& shape, const Json& value) {
  return value.is_null() ? "null" : "'" + value_text(shape, value) + "'";
}

std::string bound_text(const Shape& shape, double bound) {
  const std::string whole = std::to_string(static_cast<int64_t>(bound));
  if (!is_decimal(shape)) return whole;
  return write_text(shape, bound, TimestampFormat::iso8601);
}

std::string least_text(const Shape& shape) {
  return std::string("Member must have ") + (is_number(shape) ? "value" : "length") +
         " greater than or equal to " + bound_text(shape, shape.min);
}

std::string most_text(const Shape& shape) {
  return std::string("Member must have ") + (is_number(shape) ? "value" : "length") +
         " less than or equal to " + bound_text(shape, shape.max);
}

std::string enum_text(const Shape& shape) {
  std::string out = "Member must satisfy enum value set: [";
  bool first = true;
  for (const std::string_view value : enum_order(shape.values)) {
    if (!first) out += ", ";
    first = false;
    out += value;
  }
  return out + "]";
}

std::string pattern_text(const Shape& shape) {
  return "Member must satisfy regular expression pattern: " + std::string(shape.pattern);
}

// All constraints of a list's elements or a map's keys or values, broken or not: AWS lists them
// together when one is broken.
std::string constraint_list(const Shape& shape, bool nulls_refused) {
  std::string out;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  if (shape.has_max) add(most_text(shape));
  if (shape.has_min) add(least_text(shape));
  if (!shape.pattern.empty()) add(pattern_text(shape));
  if (!shape.values.empty()) add(enum_text(shape));
  if (nulls_refused) add("Member must not be null");
  return "[" + out + "]";
}

class Collector {
 public:
  explicit Collector(const ValidateOptions& options) : options_(options) {}

  void members(const Shape& shape, const Json& value, const std::string& path, size_t depth) {
    for (const uint16_t index : shape.order) member(shape.members[index], value, path, depth);
  }

  // The members in the body under a name of their own, then the others.
  void input_with_body(const Shape& shape, const Json& value) {
    std::string_view name = shape.name;
    if (name.ends_with("Request")) name.remove_suffix(7);
    const std::string body = lower_first(name) + "Input.";
    for (const bool in_body : {true, false}) {
      for (const uint16_t index : shape.order) {
        const Member& one = shape.members[index];
        const bool is_body = one.location == Location::body || one.location == Location::payload;
        if (is_body == in_body) member(one, value, in_body ? body : "", 0);
      }
    }
  }

  std::vector<Violation> take() { return std::move(out_); }

 private:
  bool full() const { return out_.size() >= options_.most; }

  void add(Violation::Rule rule, const Shape& shape, const Json& value, const std::string& path,
           const std::string& constraint) {
    if (full()) return;
    out_.push_back({rule, path,
                    "Value " + quoted_value(shape, value) + " at '" + path +
                        "' failed to satisfy constraint: " + constraint});
  }

  void member(const Member& member, const Json& parent, const std::string& prefix, size_t depth) {
    if (full()) return;
    const auto found = parent.find(member.name);
    const bool absent = found == parent.end() || found->is_null();
    if (absent && !member.required) return;
    const std::string path =
        prefix + (options_.lower_first ? lower_first(member.name) : std::string(member.name));
    if (absent) {
      add(Violation::Rule::required, *member.shape, Json(), path, "Member must not be null");
      return;
    }
    value(*member.shape, *found, path, depth + 1);
  }

  void value(const Shape& shape, const Json& value, const std::string& path, size_t depth) {
    if (full()) return;
    if (depth > kDeepest) {
      add(Violation::Rule::type, shape, Json(), path, "Member is nested too deeply");
      return;
    }
    if (!type_fits(shape, value)) {
      add(Violation::Rule::type, shape, value, path,
          std::string("Member must be ") + type_words(shape.type));
      return;
    }
    if (shape.type == Type::string) text(shape, value, path);
    if (shape.has_min || shape.has_max) {
      const auto rule = is_number(shape) ? Violation::Rule::range : Violation::Rule::length;
      const double size = measure(shape, value);
      if (below(shape, size)) add(rule, shape, value, path, least_text(shape));
      if (above(shape, size)) add(rule, shape, value, path, most_text(shape));
    }
    if (shape.type == Type::structure) members(shape, value, path + ".", depth);
    if (shape.type == Type::list) elements(shape, value, path, depth);
    if (shape.type == Type::map) entries(shape, value, path, depth);
  }

  void text(const Shape& shape, const Json& value, const std::string& path) {
    if (!shape.values.empty() && !enum_fits(shape, value)) {
      add(Violation::Rule::enum_value, shape, value, path, enum_text(shape));
    }
    if (!shape.pattern.empty() && !pattern_fits(shape.pattern, value, options_.patterns)) {
      add(Violation::Rule::pattern, shape, value, path, pattern_text(shape));
    }
  }

  // The rule that a scalar element breaks.
  Violation::Rule broken_rule(const Shape& shape, const Json& value) const {
    if (value.is_null()) return Violation::Rule::required;
    if (!type_fits(shape, value)) return Violation::Rule::type;
    if (!shape.values.empty() && !enum_fits(shape, value)) return Violation::Rule::enum_value;
    const double size =
        is_scalar(shape) && (shape.has_min || shape.has_max) ? measure(shape, value) : 0;
    if (below(shape, size) || above(shape, size)) {
      return is_number(shape) ? Violation::Rule::range : Violation::Rule::length;
    }
    return Violation::Rule::pattern;
  }

  void elements(const Shape& shape, const Json& value, const std::string& path, size_t depth) {
    const Shape& element = *shape.element->shape;
    for (size_t i = 0; i < value.size() && !full(); i++) {
      const Json& item = value[i];
      if (is_scalar(element) || item.is_null()) {
        if (is_valid(element, item, options_.patterns, depth + 1)) continue;
        const bool names_null = shape.nulls_refused || item.is_null();
        // Said once for the whole list.
        add(broken_rule(element, item), shape, value, path,
            "Member must satisfy constraint: " + constraint_list(element, names_null));
        return;
      }
      this->value(element, item, path + "." + std::to_string(i + 1) + ".member", depth + 1);
    }
  }

  void entries(const Shape& shape, const Json& value, const std::string& path, size_t depth) {
    const Shape& key = *shape.key->shape;
    const Shape& element = *shape.element->shape;
    for (const auto& [name, item] : value.get_ref<const Json::object_t&>()) {
      if (is_valid(key, name, options_.patterns, depth + 1)) continue;
      add(broken_rule(key, name), shape, value, path,
          "Map keys must satisfy constraint: " + constraint_list(key, false));
      break;
    }
    for (const auto& [name, item] : value.get_ref<const Json::object_t&>()) {
      if (full()) return;
      if (is_scalar(element) || item.is_null()) {
        if (is_valid(element, item, options_.patterns, depth + 1)) continue;
        const bool names_null = shape.nulls_refused || item.is_null();
        add(broken_rule(element, item), shape, value, path,
            "Map value must satisfy constraint: " + constraint_list(element, names_null));
        return;
      }
      this->value(element, item, path + "." + name + ".member", depth + 1);
    }
  }

  const ValidateOptions& options_;
  std::vector<Violation> out_;
};

uint32_t java_hash(std::string_view ascii) {
  uint32_t hash = 0;
  for (const char c : ascii) hash = hash * 31 + static_cast<unsigned char>(c);
  return hash;
}

}  // namespace validate_detail

std::vector<Violation> validate(const Shape& shape, const Json& input,
                                const ValidateOptions& options) {
  if (validate_detail::is_valid(shape, input, options.patterns, 0)) return {};
  validate_detail::Collector collector(options);
  if (!input.is_object()) {
    return {{Violation::Rule::type, "", "The input must be an object"}};
  }
  if (options.body_under_input) {
    collector.input_with_body(shape, input);
  } else {
    collector.members(shape, input, "", 0);
  }
  return collector.take();
}

std::string value_text(const Shape& shape, const Json& value) {
  std::string out;
  validate_detail::append_value(shape, value, out, 0);
  validate_detail::cut(out, validate_detail::kMaxValueText);
  return out;
}

std::string summary(const std::vector<Violation>& violations) {
  std::string out = std::to_string(violations.size()) +
                    (violations.size() == 1 ? " validation error" : " validation errors") +
                    " detected: ";
  for (size_t i = 0; i < violations.size(); i++) {
    if (i > 0) out += "; ";
    out += violations[i].text;
  }
  return out;
}

std::vector<std::string_view> enum_order(std::span<const std::string_view> values) {
  std::vector<std::string_view> out(values.rbegin(), values.rend());
  std::stable_sort(out.begin(), out.end(), [](std::string_view a, std::string_view b) {
    return (validate_detail::java_hash(a) & 31) < (validate_detail::java_hash(b) & 31);
  });
  return out;
}

}  // namespace paddock::wire
