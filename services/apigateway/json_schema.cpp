#include "services/apigateway/json_schema.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/text.hpp"
#include "services/apigateway/java_regex.hpp"
#include "services/apigateway/model_schemas.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway {

struct JsonSchema::Impl {
  Json root;
  std::map<std::string, Json> models;         // parsed schemas by name
  std::map<std::string, JavaRegex> patterns;  // that compile
};

namespace json_schema_detail {

constexpr size_t kMaxDepth = 64;
constexpr size_t kMaxSteps = 200'000;

Json parsed(std::string_view text) {
  try {
    return wire::parse_json(text);
  } catch (const std::invalid_argument&) {
    return false;
  }
}

std::string quoted(const std::string& text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// "array", "boolean", "integer" …
const char* type_of(const Json& value) {
  if (value.is_object()) return "object";
  if (value.is_array()) return "array";
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "boolean";
  if (value.is_null()) return "null";
  if (value.is_number_integer()) return "integer";
  const double number = value.get<double>();
  return number == std::floor(number) && std::isfinite(number) ? "integer" : "number";
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ",") + quoted(name);
  return "[" + out + "]";
}

// Collects the patterns of a schema, wherever they stand.
void collect_patterns(const Json& schema, std::map<std::string, JavaRegex>& patterns,
                      size_t depth = 0) {
  if (depth > kMaxDepth) return;
  auto add = [&](const std::string& pattern) {
    try {
      patterns.try_emplace(pattern, JavaRegex(pattern));
    } catch (const RegexError&) {
      // One that Java would refuse as well: it constrains nothing.
    }
  };
  if (schema.is_object()) {
    for (const auto& [key, value] : schema.items()) {
      if (key == "pattern" && value.is_string()) add(value.get<std::string>());
      if (key == "patternProperties" && value.is_object()) {
        for (const auto& [pattern, inner] : value.items()) add(pattern);
      }
      collect_patterns(value, patterns, depth + 1);
    }
  } else if (schema.is_array()) {
    for (const auto& item : schema) collect_patterns(item, patterns, depth + 1);
  }
}

}  // namespace json_schema_detail

// Checks one document; everything it refers to lives in the Impl.
class SchemaCheck {
 public:
  SchemaCheck(const std::map<std::string, Json>& models,
              const std::map<std::string, JavaRegex>& patterns)
      : models_(models), patterns_(patterns) {}

  void check(const Json& schema, const Json& value, const Json& base) {
    if (++steps_ > json_schema_detail::kMaxSteps || depth_ > json_schema_detail::kMaxDepth) {
      return fail("the document takes too many steps to be validated");
    }
    if (schema.is_boolean() && !schema.get<bool>()) return fail("the model is no JSON");
    if (!schema.is_object()) return;
    ++depth_;
    if (auto reference = schema.find("$ref"); reference != schema.end()) {
      follow(*reference, value, base);
    } else {
      check_any(schema, value, base);
      if (value.is_object()) check_object(schema, value, base);
      if (value.is_array()) check_array(schema, value, base);
      if (value.is_string()) check_text(schema, value.get_ref<const std::string&>());
      if (value.is_number()) check_number(schema, value);
    }
    --depth_;
  }

  std::vector<std::string> messages;

 private:
  void fail(std::string message) {
    if (messages.size() < JsonSchema::kMaxMessages) messages.push_back(std::move(message));
  }

  void follow(const Json& reference, const Json& value, const Json& base) {
    if (!reference.is_string()) return;
    const auto& text = reference.get_ref<const std::string&>();
    if (text.starts_with('#')) {
      try {
        const Json& target = base.at(Json::json_pointer(url_decode(text.substr(1))));
        return check(target, value, base);
      } catch (const Json::exception&) {
        return fail("the reference " + text + " leads nowhere");
      }
    }
    const size_t mark = text.find('#');
    auto model = models_.find(model_of_reference(text.substr(0, mark)));
    if (model == models_.end()) return fail("the reference " + text + " leads nowhere");
    if (mark == std::string::npos) return check(model->second, value, model->second);
    follow(text.substr(mark), value, model->second);
  }

  void check_any(const Json& schema, const Json& value, const Json& base) {
    check_type(schema, value);
    if (auto allowed = schema.find("enum"); allowed != schema.end() && allowed->is_array()) {
      if (std::find(allowed->begin(), allowed->end(), value) == allowed->end()) {
        fail("instance value (" + value.dump(-1, ' ', false, Json::error_handler_t::replace) +
             ") not found in enum (possible values: " + allowed->dump() + ")");
      }
    }
    check_combinations(schema, value, base);
  }

  void check_type(const Json& schema, const Json& value) {
    auto type = schema.find("type");
    if (type == schema.end()) return;
    std::vector<std::string> allowed;
    if (type->is_string()) allowed.push_back(type->get<std::string>());
    if (type->is_array()) {
      for (const auto& one : *type) {
        if (one.is_string()) allowed.push_back(one.get<std::string>());
      }
    }
    const std::string actual = json_schema_detail::type_of(value);
    for (const auto& one : allowed) {
      if (one == actual || (one == "number" && actual == "integer")) return;
    }
    std::sort(allowed.begin(), allowed.end());
    fail("instance type (" + actual + ") does not match any allowed primitive type (allowed: " +
         json_schema_detail::joined(allowed) + ")");
  }

  // How many of the schemas the value fits.
  size_t fitting(const Json& schemas, const Json& value, const Json& base) {
    size_t fit = 0;
    for (const auto& schema : schemas) {
      std::vector<std::string> before = std::move(messages);
      messages.clear();
      check(schema, value, base);
      fit += messages.empty();
      messages = std::move(before);
    }
    return fit;
  }

  void check_combinations(const Json& schema, const Json& value, const Json& base) {
    if (auto all = schema.find("allOf"); all != schema.end() && all->is_array()) {
      const size_t fit = fitting(*all, value, base);
      if (fit != all->size()) {
        fail("instance failed to match all required schemas (matched only " + std::to_string(fit) +
             " out of " + std::to_string(all->size()) + ")");
      }
    }
    if (auto any = schema.find("anyOf"); any != schema.end() && any->is_array()) {
      if (fitting(*any, value, base) == 0) {
        fail("instance failed to match at least one required schema among " +
             std::to_string(any->size()));
      }
    }
    if (auto one = schema.find("oneOf"); one != schema.end() && one->is_array()) {
      const size_t fit = fitting(*one, value, base);
      if (fit != 1) {
        fail("instance failed to match exactly one schema (matched " + std::to_string(fit) +
             " out of " + std::to_string(one->size()) + ")");
      }
    }
    if (auto not_this = schema.find("not"); not_this != schema.end()) {
      if (fitting(Json::array({*not_this}), value, base) == 1) {
        fail("instance matched a schema which it should not have");
      }
    }
  }

  void check_object(const Json& schema, const Json& value, const Json& base) {
    check_required(schema, value);
    check_size(schema, value.size(), "minProperties", "maxProperties", "properties");
    const Json properties = object_of(schema, "properties");
    const Json patterns = object_of(schema, "patternProperties");
    auto additional = schema.find("additionalProperties");
    std::vector<std::string> unwanted;
    for (const auto& [name, member] : value.items()) {
      bool known = false;
      if (auto property = properties.find(name); property != properties.end()) {
        known = true;
        check(*property, member, base);
      }
      for (const auto& [pattern, inner] : patterns.items()) {
        auto regex = patterns_.find(pattern);
        if (regex == patterns_.end() || !found(regex->second, name)) continue;
        known = true;
        check(inner, member, base);
      }
      if (known || additional == schema.end()) continue;
      if (additional->is_boolean()) {
        if (!additional->get<bool>()) unwanted.push_back(name);
      } else {
        check(*additional, member, base);
      }
    }
    if (!unwanted.empty()) {
      fail("object instance has properties which are not allowed by the schema: " +
           json_schema_detail::joined(unwanted));
    }
    check_dependencies(object_of(schema, "dependencies"), value, base);
  }

  static Json object_of(const Json& schema, const char* member) {
    auto found = schema.find(member);
    return found != schema.end() && found->is_object() ? *found : Json::object();
  }

  void check_required(const Json& schema, const Json& value) {
    auto required = schema.find("required");
    if (required == schema.end() || !required->is_array()) return;
    std::set<std::string> missing;
    for (const auto& name : *required) {
      if (name.is_string() && !value.contains(name.get<std::string>())) {
        missing.insert(name.get<std::string>());
      }
    }
    if (missing.empty()) return;
    fail("object has missing required properties (" +
         json_schema_detail::joined({missing.begin(), missing.end()}) + ")");
  }

  void check_dependencies(const Json& dependencies, const Json& value, const Json& base) {
    for (const auto& [name, needs] : dependencies.items()) {
      if (!value.contains(name)) continue;
      if (!needs.is_array()) {
        check(needs, value, base);
        continue;
      }
      for (const auto& other : needs) {
        if (!other.is_string() || value.contains(other.get<std::string>())) continue;
        fail("property " + json_schema_detail::quoted(name) + " of object has missing property " +
             "dependencies (missing: " + json_schema_detail::joined({other.get<std::string>()}) +
             ")");
      }
    }
  }

  void check_array(const Json& schema, const Json& value, const Json& base) {
    check_size(schema, value.size(), "minItems", "maxItems", "elements");
    if (schema.value("uniqueItems", Json(false)) == true) {
      std::set<Json> seen(value.begin(), value.end());
      if (seen.size() != value.size()) fail("array must not contain duplicate elements");
    }
    auto items = schema.find("items");
    if (items == schema.end()) return;
    for (size_t i = 0; i < value.size() && messages.size() < JsonSchema::kMaxMessages; ++i) {
      if (items->is_object()) {
        check(*items, value[i], base);
      } else if (items->is_array() && i < items->size()) {
        check((*items)[i], value[i], base);
      } else if (items->is_array()) {
        auto more = schema.find("additionalItems");
        if (more == schema.end()) return;
        if (*more == false) return fail("array has too many elements");
        check(*more, value[i], base);
      }
    }
  }

  // minItems, maxProperties …
  void check_size(const Json& schema, size_t size, const char* least, const char* most,
                  const char* what) {
    const auto bound = [&](const char* name) -> double {
      auto found = schema.find(name);
      return found != schema.end() && found->is_number() ? found->get<double>() : NAN;
    };
    const auto actual = static_cast<double>(size);
    const std::string kind = what == std::string_view("elements") ? "array" : "object";
    if (actual < bound(least))
      fail(kind + " has too few " + what + " (found " + std::to_string(size) + ")");
    if (actual > bound(most))
      fail(kind + " has too many " + what + " (found " + std::to_string(size) + ")");
  }

  static bool found(const JavaRegex& regex, const std::string& text) {
    try {
      return regex.found_in(text);
    } catch (const RegexError&) {
      return false;
    }
  }

  void check_text(const Json& schema, const std::string& text) {
    const double length = static_cast<double>(utf16_length(text));
    auto least = schema.find("minLength");
    auto most = schema.find("maxLength");
    const std::string shown = json_schema_detail::quoted(text);
    if (least != schema.end() && least->is_number() && length < least->get<double>()) {
      fail("string " + shown +
           " is too short (length: " + std::to_string(static_cast<int64_t>(length)) +
           ", required minimum: " + least->dump() + ")");
    }
    if (most != schema.end() && most->is_number() && length > most->get<double>()) {
      fail("string " + shown +
           " is too long (length: " + std::to_string(static_cast<int64_t>(length)) +
           ", maximum allowed: " + most->dump() + ")");
    }
    auto pattern = schema.find("pattern");
    if (pattern == schema.end() || !pattern->is_string()) return;
    auto regex = patterns_.find(pattern->get<std::string>());
    if (regex != patterns_.end() && !found(regex->second, text)) {
      fail("ECMA 262 regex " + pattern->dump() + " does not match input string " + shown);
    }
  }

  void check_number(const Json& schema, const Json& value) {
    const double number = value.get<double>();
    auto least = schema.find("minimum");
    auto most = schema.find("maximum");
    if (least != schema.end() && least->is_number()) {
      const bool strict = schema.value("exclusiveMinimum", Json(false)) == true;
      if (number < least->get<double>() || (strict && number == least->get<double>())) {
        fail("numeric instance is lower than the required minimum (minimum: " + least->dump() +
             ", found: " + value.dump() + ")");
      }
    }
    if (most != schema.end() && most->is_number()) {
      const bool strict = schema.value("exclusiveMaximum", Json(false)) == true;
      if (number > most->get<double>() || (strict && number == most->get<double>())) {
        fail("numeric instance is greater than the required maximum (maximum: " + most->dump() +
             ", found: " + value.dump() + ")");
      }
    }
    auto multiple = schema.find("multipleOf");
    if (multiple != schema.end() && multiple->is_number() && multiple->get<double>() > 0) {
      const double factor = number / multiple->get<double>();
      if (std::fabs(factor - std::round(factor)) > 1e-9) {
        fail("remainder of division is not zero (" + value.dump() + " / " + multiple->dump() + ")");
      }
    }
  }

  const std::map<std::string, Json>& models_;
  const std::map<std::string, JavaRegex>& patterns_;
  size_t steps_ = 0;
  size_t depth_ = 0;
};

JsonSchema::JsonSchema(std::string_view schema, const Json& models) {
  auto impl = std::make_unique<Impl>();
  impl->root = json_schema_detail::parsed(schema);
  json_schema_detail::collect_patterns(impl->root, impl->patterns);
  if (models.is_object()) {
    for (const auto& [name, model] : models.items()) {
      Json parsed = json_schema_detail::parsed(model.value("schema", "false"));
      json_schema_detail::collect_patterns(parsed, impl->patterns);
      impl->models.emplace(name, std::move(parsed));
    }
  }
  impl_ = std::move(impl);
}
JsonSchema::~JsonSchema() = default;

std::vector<std::string> JsonSchema::check(const Json& document) const {
  SchemaCheck check(impl_->models, impl_->patterns);
  check.check(impl_->root, document, impl_->root);
  return std::move(check.messages);
}

}  // namespace paddock::services::apigateway
