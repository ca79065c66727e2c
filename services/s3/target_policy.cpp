#include "services/s3/target_policy.hpp"

#include <optional>
#include <stdexcept>

#include "core/json.hpp"
#include "core/text.hpp"
#include "wire/codec.hpp"

namespace paddock::services::s3 {
namespace target_policies {

constexpr std::string_view kService = "s3.amazonaws.com";
constexpr std::string_view kIfExists = "IfExists";

// '*' is any text, '?' any one character. Linear in space, no recursion.
bool like(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, mark = 0;
  size_t star = std::string_view::npos;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      p++;
      t++;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') p++;
  return p == pattern.size();
}

// Whether `test` holds for the string, or for one of the list's.
template <class Test>
bool any_text(const Json& values, Test test) {
  if (values.is_string()) return test(values.get_ref<const std::string&>());
  if (values.is_boolean()) return test(values.get<bool>() ? "true" : "false");
  if (!values.is_array()) return false;
  for (const Json& value : values) {
    if (value.is_string() && test(value.get_ref<const std::string&>())) return true;
  }
  return false;
}

bool names_s3(const Json& principal) {
  const auto everyone = [](const std::string& one) { return one == "*"; };
  if (principal.is_string()) return any_text(principal, everyone);
  if (!principal.is_object()) return false;
  if (const auto aws = principal.find("AWS"); aws != principal.end() && any_text(*aws, everyone)) {
    return true;
  }
  const auto services = principal.find("Service");
  return services != principal.end() &&
         any_text(*services, [](const std::string& one) { return one == kService || one == "*"; });
}

// What S3 says of itself; nullopt for keys that it does not send.
std::optional<std::string> value_of(const std::string& key, const Wish& wish) {
  const std::string name = to_lower(key);
  if (name == "aws:sourcearn") return wish.source_arn;
  if (name == "aws:sourceaccount") return wish.source_account;
  if (name == "aws:principalisawsservice") return "true";
  if (name == "aws:principalservicename") return std::string(kService);
  return std::nullopt;
}

// One operator with one key. nullopt: it is not known.
std::optional<bool> holds(std::string_view name, const std::string& value, const Json& wanted) {
  const bool arn = name.starts_with("Arn");
  const auto equal = [&value](const std::string& one) { return one == value; };
  const auto matching = [&value](const std::string& one) { return like(one, value); };
  const auto same = [&value](const std::string& one) { return equal_ignore_case(one, value); };
  if (name == "StringEquals") return any_text(wanted, equal);
  if (name == "StringNotEquals") return !any_text(wanted, equal);
  if (name == "StringEqualsIgnoreCase" || name == "Bool") return any_text(wanted, same);
  if (name == "StringNotEqualsIgnoreCase") return !any_text(wanted, same);
  if (name == "StringLike" || (arn && name.find("Not") == std::string_view::npos)) {
    return any_text(wanted, matching);
  }
  if (name == "StringNotLike" || arn) return !any_text(wanted, matching);
  return std::nullopt;
}

bool conditions_hold(const Json& conditions, const Wish& wish) {
  if (!conditions.is_object()) return false;
  for (const auto& [full, tests] : conditions.get_ref<const Json::object_t&>()) {
    if (!tests.is_object()) return false;
    std::string_view name = full;
    const bool optional = name.ends_with(kIfExists);
    if (optional) name.remove_suffix(kIfExists.size());
    for (const auto& [key, wanted] : tests.get_ref<const Json::object_t&>()) {
      const auto value = value_of(key, wish);
      if (!value) {
        if (optional || name.find("Not") != std::string_view::npos) continue;
        return false;
      }
      const auto result = holds(name, *value, wanted);
      if (!result || !*result) return false;
    }
  }
  return true;
}

bool applies(const Json& statement, const Wish& wish) {
  const auto member = [&statement](const char* name) {
    const auto found = statement.find(name);
    return found == statement.end() ? nullptr : &*found;
  };
  const auto action = [&wish](const std::string& one) {
    return like(to_lower(one), to_lower(wish.action));
  };
  const auto resource = [&wish](const std::string& one) { return like(one, wish.resource); };
  const Json* const principal = member("Principal");
  if (principal == nullptr || !names_s3(*principal)) return false;
  if (const Json* actions = member("Action")) {
    if (!any_text(*actions, action)) return false;
  } else if (const Json* others = member("NotAction"); !others || any_text(*others, action)) {
    return false;
  }
  if (const Json* resources = member("Resource"); resources && !any_text(*resources, resource)) {
    return false;
  }
  const Json* const conditions = member("Condition");
  return conditions == nullptr || conditions_hold(*conditions, wish);
}

bool allows(const Json& policy, const Wish& wish) {
  if (!policy.is_object() || !policy.contains("Statement")) return false;
  const Json& given = policy["Statement"];
  const Json statements = given.is_array() ? given : Json::array({given});
  bool allowed = false;
  for (const Json& statement : statements) {
    if (!statement.is_object() || !applies(statement, wish)) continue;
    if (statement.value("Effect", Json()) == "Deny") return false;
    if (statement.value("Effect", Json()) == "Allow") allowed = true;
  }
  return allowed;
}

}  // namespace target_policies

bool lets_s3_in(std::string_view policy_text, const Wish& wish) {
  try {
    return target_policies::allows(wire::parse_json(policy_text), wish);
  } catch (const std::invalid_argument&) {
    return false;
  }
}

}  // namespace paddock::services::s3
