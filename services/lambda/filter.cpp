#include "services/lambda/filter.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/text.hpp"
#include "models/lambda.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "wire/codec.hpp"

namespace paddock::services::lambda {
namespace pattern {

namespace members = ::paddock::models::lambda_members;

AwsError malformed() {
  return errors::invalid_parameter("Invalid filter pattern definition.");
}

bool is_comparison(const std::string& text) {
  return text == "=" || text == "<" || text == "<=" || text == ">" || text == ">=";
}

void check_numeric(const Json& list) {
  if (!list.is_array() || (list.size() != 2 && list.size() != 4)) {
    throw malformed();
  }
  for (size_t i = 0; i < list.size(); i += 2) {
    if (!list[i].is_string() || !is_comparison(list[i]) || !list[i + 1].is_number()) {
      throw malformed();
    }
  }
}

void check_anything_but(const Json& value) {
  const auto scalar = [](const Json& v) { return v.is_string() || v.is_number(); };
  if (scalar(value)) {
    return;
  }
  if (value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), scalar)) {
    return;
  }
  if (value.is_object() && value.size() == 1 &&
      (value.begin().key() == "prefix" || value.begin().key() == "suffix") &&
      value.begin()->is_string()) {
    return;
  }
  throw malformed();
}

// One entry of the array at a pattern's leaf.
void check_rule(const Json& rule) {
  if (rule.is_string() || rule.is_number() || rule.is_boolean() || rule.is_null()) {
    return;
  }
  if (!rule.is_object() || rule.size() != 1) {
    throw malformed();
  }
  const std::string& name = rule.begin().key();
  const Json& value = *rule.begin();
  if (name == "prefix" || name == "suffix" || name == "equals-ignore-case") {
    if (!value.is_string()) {
      throw malformed();
    }
  } else if (name == "exists") {
    if (!value.is_boolean()) {
      throw malformed();
    }
  } else if (name == "numeric") {
    check_numeric(value);
  } else if (name == "anything-but") {
    check_anything_but(value);
  } else {
    throw malformed();
  }
}

void check(const Json& node) {
  if (!node.is_object() || node.empty()) {
    throw malformed();
  }
  for (const auto& [name, value] : node.items()) {
    if (name == "$or") {
      if (!value.is_array() || value.size() < 2) {
        throw malformed();
      }
      std::for_each(value.begin(), value.end(), check);
    } else if (value.is_object()) {
      check(value);
    } else if (value.is_array() && !value.empty()) {
      std::for_each(value.begin(), value.end(), check_rule);
    } else {
      throw malformed();
    }
  }
}

bool compares(double left, const std::string& comparison, double right) {
  if (comparison == "=") return left == right;
  if (comparison == "<") return left < right;
  if (comparison == "<=") return left <= right;
  if (comparison == ">") return left > right;
  return left >= right;
}

bool anything_but(const Json& excluded, const Json& value) {
  if (excluded.is_array()) {
    return std::find(excluded.begin(), excluded.end(), value) == excluded.end();
  }
  if (excluded.is_object()) {
    const std::string& part = excluded.begin()->get_ref<const std::string&>();
    if (!value.is_string()) {
      return true;
    }
    const auto& text = value.get_ref<const std::string&>();
    return !(excluded.begin().key() == "prefix" ? text.starts_with(part) : text.ends_with(part));
  }
  return value != excluded;
}

// `value` is a leaf: never an object.
bool rule_matches(const Json& rule, const Json& value) {
  if (!rule.is_object()) {
    return rule == value;
  }
  const std::string& name = rule.begin().key();
  const Json& wanted = *rule.begin();
  if (name == "exists") {
    return wanted.get<bool>();
  }
  if (name == "anything-but") {
    return anything_but(wanted, value);
  }
  if (name == "numeric") {
    if (!value.is_number()) {
      return false;
    }
    for (size_t i = 0; i < wanted.size(); i += 2) {
      if (!compares(value.get<double>(), wanted[i], wanted[i + 1].get<double>())) {
        return false;
      }
    }
    return true;
  }
  if (!value.is_string()) {
    return false;
  }
  const auto& text = value.get_ref<const std::string&>();
  const auto& part = wanted.get_ref<const std::string&>();
  if (name == "prefix") return text.starts_with(part);
  if (name == "suffix") return text.ends_with(part);
  return equal_ignore_case(text, part);
}

bool leaf_matches(const Json& rules, const Json* value) {
  // "exists" looks at leaves only, so a node with members counts as absent.
  if (value == nullptr || value->is_object()) {
    return std::any_of(rules.begin(), rules.end(), [](const Json& rule) {
      return rule.is_object() && rule.begin().key() == "exists" && !rule.begin()->get<bool>();
    });
  }
  const auto any_rule = [&rules](const Json& leaf) {
    return std::any_of(rules.begin(), rules.end(),
                       [&leaf](const Json& rule) { return rule_matches(rule, leaf); });
  };
  if (value->is_array()) {
    return std::any_of(value->begin(), value->end(), any_rule);
  }
  return any_rule(*value);
}

bool matches(const Json& node, const Json* value) {
  for (const auto& [name, wanted] : node.items()) {
    if (name == "$or") {
      if (std::none_of(wanted.begin(), wanted.end(),
                       [value](const Json& branch) { return matches(branch, value); })) {
        return false;
      }
      continue;
    }
    const Json* member = nullptr;
    if (value != nullptr && value->is_object()) {
      if (auto found = value->find(name); found != value->end()) {
        member = &*found;
      }
    }
    if (!(wanted.is_object() ? matches(wanted, member) : leaf_matches(wanted, member))) {
      return false;
    }
  }
  return true;
}

}  // namespace pattern

Filter::Filter(const Json& criteria) {
  const Json filters = criteria.value(pattern::members::Filters, Json::array());
  if (filters.size() > kMostFilters) {
    throw errors::invalid_parameter("The number of filters exceeds the limit of " +
                                    std::to_string(kMostFilters) + ".");
  }
  for (const Json& filter : filters) {
    Json parsed;
    try {
      parsed = wire::parse_json(filter.value(pattern::members::Pattern, ""));
    } catch (const std::invalid_argument&) {
      throw pattern::malformed();
    }
    pattern::check(parsed);
    patterns_.push_back(std::move(parsed));
  }
}

bool Filter::matches(const Json& record) const {
  return patterns_.empty() ||
         std::any_of(patterns_.begin(), patterns_.end(),
                     [&record](const Json& p) { return pattern::matches(p, &record); });
}

}  // namespace paddock::services::lambda
