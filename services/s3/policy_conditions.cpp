// The Condition element of bucket policies:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "core/error.hpp"
#include "core/text.hpp"
#include "events/ip_range.hpp"
#include "services/s3/bucket_policy.hpp"

namespace paddock::services::s3 {
namespace policy_operators {

enum class Kind { string, string_ignore_case, like, number, date, boolean, binary, ip, arn, null };
enum class Order { equal, less, less_equal, greater, greater_equal };
enum class Set { none, all, any };

struct Operator {
  Kind kind;
  Order order = Order::equal;
  bool negated = false;
};

struct Named {
  std::string_view name;
  Operator what;
};

constexpr Named kOperators[] = {
    {"StringEquals", {Kind::string}},
    {"StringNotEquals", {Kind::string, Order::equal, true}},
    {"StringEqualsIgnoreCase", {Kind::string_ignore_case}},
    {"StringNotEqualsIgnoreCase", {Kind::string_ignore_case, Order::equal, true}},
    {"StringLike", {Kind::like}},
    {"StringNotLike", {Kind::like, Order::equal, true}},
    {"NumericEquals", {Kind::number}},
    {"NumericNotEquals", {Kind::number, Order::equal, true}},
    {"NumericLessThan", {Kind::number, Order::less}},
    {"NumericLessThanEquals", {Kind::number, Order::less_equal}},
    {"NumericGreaterThan", {Kind::number, Order::greater}},
    {"NumericGreaterThanEquals", {Kind::number, Order::greater_equal}},
    {"DateEquals", {Kind::date}},
    {"DateNotEquals", {Kind::date, Order::equal, true}},
    {"DateLessThan", {Kind::date, Order::less}},
    {"DateLessThanEquals", {Kind::date, Order::less_equal}},
    {"DateGreaterThan", {Kind::date, Order::greater}},
    {"DateGreaterThanEquals", {Kind::date, Order::greater_equal}},
    {"Bool", {Kind::boolean}},
    {"BinaryEquals", {Kind::binary}},
    {"IpAddress", {Kind::ip}},
    {"NotIpAddress", {Kind::ip, Order::equal, true}},
    {"ArnEquals", {Kind::arn}},
    {"ArnLike", {Kind::arn}},
    {"ArnNotEquals", {Kind::arn, Order::equal, true}},
    {"ArnNotLike", {Kind::arn, Order::equal, true}},
    {"Null", {Kind::null}},
};

struct Parsed {
  Operator what;
  Set set = Set::none;
  bool if_exists = false;
};

std::optional<Parsed> parse_operator(std::string_view name) {
  constexpr std::string_view kAll = "ForAllValues:", kAny = "ForAnyValue:", kIf = "IfExists";
  Parsed parsed{};
  if (name.starts_with(kAll)) {
    parsed.set = Set::all;
    name.remove_prefix(kAll.size());
  } else if (name.starts_with(kAny)) {
    parsed.set = Set::any;
    name.remove_prefix(kAny.size());
  }
  if (name.ends_with(kIf) && name != "Null") {
    parsed.if_exists = true;
    name.remove_suffix(kIf.size());
  }
  for (const Named& one : kOperators) {
    if (one.name != name) continue;
    if (one.what.kind == Kind::null && (parsed.if_exists || parsed.set != Set::none)) break;
    parsed.what = one.what;
    return parsed;
  }
  return std::nullopt;
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// ISO 8601, a date alone, or seconds since 1970; in milliseconds.
std::optional<int64_t> date_of(std::string_view text) {
  if (const auto ms = parse_iso8601(text)) return ms;
  if (text.size() == 10 && text[4] == '-') return parse_iso8601(std::string(text) + "T00:00:00Z");
  if (const auto seconds = number_of(text)) return static_cast<int64_t>(*seconds * 1000);
  return std::nullopt;
}

template <class T>
bool ordered(Order order, T actual, T wanted) {
  switch (order) {
    case Order::equal:
      return actual == wanted;
    case Order::less:
      return actual < wanted;
    case Order::less_equal:
      return actual <= wanted;
    case Order::greater:
      return actual > wanted;
    case Order::greater_equal:
      break;
  }
  return actual >= wanted;
}

// Each part of an ARN matches for itself, so that a star does not reach over colons.
bool arn_match(std::string_view pattern, std::string_view arn) {
  for (int part = 0; part < 5; part++) {
    const size_t ends = pattern.find(':'), at = arn.find(':');
    if (ends == std::string_view::npos || at == std::string_view::npos) {
      return wildcard_match(pattern, arn);
    }
    if (!wildcard_match(pattern.substr(0, ends), arn.substr(0, at))) return false;
    pattern.remove_prefix(ends + 1);
    arn.remove_prefix(at + 1);
  }
  return wildcard_match(pattern, arn);
}

bool in_range(const std::string& range, const std::string& address) {
  try {
    return events::IpRange(range).contains(address);
  } catch (const std::invalid_argument&) {
    return false;
  }
}

bool value_matches(const Operator& what, const std::string& wanted, const std::string& actual) {
  switch (what.kind) {
    case Kind::string:
    case Kind::binary:
      return wanted == actual;
    case Kind::string_ignore_case:
    case Kind::boolean:
      return equal_ignore_case(wanted, actual);
    case Kind::like:
      return wildcard_match(wanted, actual);
    case Kind::number: {
      const auto a = number_of(actual), w = number_of(wanted);
      return a && w && ordered(what.order, *a, *w);
    }
    case Kind::date: {
      const auto a = date_of(actual), w = date_of(wanted);
      return a && w && ordered(what.order, *a, *w);
    }
    case Kind::ip:
      return in_range(wanted, actual);
    case Kind::arn:
      return arn_match(wanted, actual);
    case Kind::null:
      break;
  }
  return false;
}

std::string text_of_value(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump();
}

std::vector<std::string> list_of(const Json& values, const ConditionValues& request) {
  std::vector<std::string> list;
  const auto add = [&](const Json& value) {
    bool known = true;
    std::string text = with_variables(text_of_value(value), request, known);
    if (known) list.push_back(std::move(text));
  };
  if (!values.is_array()) {
    add(values);
  } else {
    for (const Json& value : values) add(value);
  }
  return list;
}

bool one_holds(const Parsed& parsed, const std::vector<std::string>& wanted,
               const std::vector<std::string>& actual) {
  if (parsed.what.kind == Kind::null) {
    const bool absent = actual.empty();
    return std::any_of(wanted.begin(), wanted.end(), [absent](const std::string& text) {
      return equal_ignore_case(text, absent ? "true" : "false");
    });
  }
  const auto fits = [&](const std::string& value) {
    const bool matches = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
      return value_matches(parsed.what, one, value);
    });
    return matches != parsed.what.negated;
  };
  if (actual.empty()) {
    return parsed.if_exists || parsed.set == Set::all ||
           (parsed.set == Set::none && parsed.what.negated);
  }
  if (parsed.set == Set::any) return std::any_of(actual.begin(), actual.end(), fits);
  return std::all_of(actual.begin(), actual.end(), fits);
}

// Names of keys ignore case, but what follows a '/' is a tag's key.
std::string key_of(const std::string& name) {
  const size_t slash = name.find('/');
  if (slash == std::string::npos) return to_lower(name);
  return to_lower(name.substr(0, slash)) + name.substr(slash);
}

bool is_known_key(const std::string& key) {
  return key.starts_with("s3:") || key.starts_with("aws:") || key.starts_with("saml:") ||
         key.starts_with("sts:") || key.starts_with("ldap:");
}

void check_values(const Parsed& parsed, const std::string& name, const Json& values) {
  const auto check = [&](const Json& value) {
    if (value.is_structured() || value.is_null()) {
      throw AwsError("MalformedPolicy", "Invalid policy syntax.");
    }
    const std::string text = text_of_value(value);
    if (text.find("${") != std::string::npos) return;
    if (parsed.what.kind == Kind::ip) {
      try {
        events::IpRange{text};
      } catch (const std::invalid_argument&) {
        throw AwsError("MalformedPolicy", "Invalid IP address in Conditions");
      }
    }
    const bool faulty = (parsed.what.kind == Kind::number && !number_of(text)) ||
                        (parsed.what.kind == Kind::date && !date_of(text));
    if (faulty) {
      throw AwsError("MalformedPolicy", "Invalid value in Conditions for operator " + name);
    }
  };
  if (!values.is_array()) {
    check(values);
  } else {
    for (const Json& value : values) check(value);
  }
}

}  // namespace policy_operators

std::string with_variables(std::string_view text, const ConditionValues& values, bool& known) {
  std::string out;
  for (;;) {
    const size_t at = text.find("${");
    const size_t end = at == std::string_view::npos ? at : text.find('}', at);
    if (end == std::string_view::npos) break;
    out += text.substr(0, at);
    const std::string name(text.substr(at + 2, end - at - 2));
    if (name == "*" || name == "?" || name == "$") {
      out += name;
    } else {
      const size_t comma = name.find(',');
      const std::vector<std::string> found =
          values(policy_operators::key_of(name.substr(0, comma)));
      if (!found.empty()) {
        out += found.front();
      } else if (comma != std::string::npos) {
        std::string fallback(trim(std::string_view(name).substr(comma + 1)));
        if (fallback.size() > 1 && fallback.front() == '\'') {
          fallback = fallback.substr(1, fallback.size() - 2);
        }
        out += fallback;
      } else {
        known = false;
      }
    }
    text.remove_prefix(end + 1);
  }
  return out.append(text);
}

bool conditions_hold(const Json& conditions, const ConditionValues& values) {
  using policy_operators::parse_operator;
  for (const auto& [name, keys] : conditions.get_ref<const Json::object_t&>()) {
    const auto parsed = parse_operator(name);
    for (const auto& [key, wanted] : keys.get_ref<const Json::object_t&>()) {
      if (!policy_operators::one_holds(*parsed, policy_operators::list_of(wanted, values),
                                       values(policy_operators::key_of(key)))) {
        return false;
      }
    }
  }
  return true;
}

void check_conditions_of_policy(const Json& conditions) {
  if (!conditions.is_object()) throw AwsError("MalformedPolicy", "Invalid policy syntax.");
  for (const auto& [name, keys] : conditions.get_ref<const Json::object_t&>()) {
    const auto parsed = policy_operators::parse_operator(name);
    if (!parsed) throw AwsError("MalformedPolicy", "Invalid Condition type : " + name);
    if (!keys.is_object()) throw AwsError("MalformedPolicy", "Invalid policy syntax.");
    for (const auto& [key, values] : keys.get_ref<const Json::object_t&>()) {
      if (!policy_operators::is_known_key(policy_operators::key_of(key))) {
        throw AwsError("MalformedPolicy", "Policy has an invalid condition key");
      }
      policy_operators::check_values(*parsed, name, values);
    }
  }
}

}  // namespace paddock::services::s3
