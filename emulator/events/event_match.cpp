// Matching events against patterns. A pattern's document is well formed here: it was compiled.
#include <algorithm>

#include "core/text.hpp"
#include "events/event_pattern.hpp"
#include "events/ip_range.hpp"

namespace paddock::events {
namespace matching {

bool compares(double left, const std::string& comparison, double right) {
  if (comparison == "=") return left == right;
  if (comparison == "<") return left < right;
  if (comparison == "<=") return left <= right;
  if (comparison == ">") return left > right;
  return left >= right;
}

bool in_numeric_range(const Json& bounds, double value) {
  for (size_t i = 0; i < bounds.size(); i += 2) {
    if (!compares(value, bounds[i].get_ref<const std::string&>(), bounds[i + 1].get<double>())) {
      return false;
    }
  }
  return true;
}

// '*' stands for any text; "\*" and "\\" for themselves. Greedy with one place to go back to.
bool wildcard_matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
      continue;
    }
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\' &&
                         (pattern[p + 1] == '*' || pattern[p + 1] == '\\');
    const size_t at = escaped ? p + 1 : p;
    if (at < pattern.size() && pattern[at] == text[t]) {
      p = at + 1;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(),
                     [](char c) { return c == '*'; });
}

bool text_rule_matches(const std::string& name, const Json& wanted, const std::string& text) {
  if (wanted.is_object()) {  // {"equals-ignore-case": …} of a prefix or suffix
    const auto& part = wanted.begin()->get_ref<const std::string&>();
    if (part.size() > text.size()) return false;
    const std::string_view view = text;
    return equal_ignore_case(
        name == "prefix" ? view.substr(0, part.size()) : view.substr(view.size() - part.size()),
        part);
  }
  const auto& part = wanted.get_ref<const std::string&>();
  if (name == "prefix") return text.starts_with(part);
  if (name == "suffix") return text.ends_with(part);
  if (name == "wildcard") return wildcard_matches(part, text);
  if (name == "cidr") return IpRange(part).contains(text);
  return equal_ignore_case(text, part);
}

bool anything_but(const Json& excluded, const Json& value) {
  if (excluded.is_array()) {
    return std::find(excluded.begin(), excluded.end(), value) == excluded.end();
  }
  if (excluded.is_object()) {
    return !value.is_string() || !text_rule_matches(excluded.begin().key(), *excluded.begin(),
                                                    value.get_ref<const std::string&>());
  }
  return value != excluded;
}

// `value` is a leaf: neither object nor array.
bool rule_matches(const Json& rule, const Json& value) {
  if (!rule.is_object()) return rule == value;
  const std::string& name = rule.begin().key();
  const Json& wanted = *rule.begin();
  if (name == "exists") return wanted.get<bool>();
  if (name == "anything-but") return anything_but(wanted, value);
  if (name == "numeric") return value.is_number() && in_numeric_range(wanted, value.get<double>());
  return value.is_string() && text_rule_matches(name, wanted, value.get_ref<const std::string&>());
}

bool leaf_matches(const Json& rules, const Json* value) {
  // "exists" looks at leaves only, so a node with members counts as absent.
  if (value == nullptr || value->is_object() || (value->is_array() && value->empty())) {
    return std::any_of(rules.begin(), rules.end(), [](const Json& rule) {
      return rule.is_object() && rule.begin().key() == "exists" && !rule.begin()->get<bool>();
    });
  }
  if (value->is_array()) {
    return std::any_of(value->begin(), value->end(),
                       [&rules](const Json& element) { return leaf_matches(rules, &element); });
  }
  return std::any_of(rules.begin(), rules.end(),
                     [value](const Json& rule) { return rule_matches(rule, *value); });
}

bool node_matches(const Json& node, const Json* value) {
  if (value != nullptr && value->is_array()) {
    return std::any_of(value->begin(), value->end(),
                       [&node](const Json& element) { return node_matches(node, &element); });
  }
  for (auto member = node.begin(); member != node.end(); ++member) {
    const Json& wanted = member.value();
    if (member.key() == "$or" && wanted.is_array()) {
      const bool any = std::any_of(wanted.begin(), wanted.end(), [value](const Json& branch) {
        return node_matches(branch, value);
      });
      if (!any) return false;
      continue;
    }
    const Json* found = nullptr;
    if (value != nullptr && value->is_object()) {
      const auto place = value->find(member.key());
      if (place != value->end()) found = &*place;
    }
    if (!(wanted.is_object() ? node_matches(wanted, found) : leaf_matches(wanted, found))) {
      return false;
    }
  }
  return true;
}

}  // namespace matching

bool EventPattern::matches(const Json& event) const {
  return matching::node_matches(document_, &event);
}

}  // namespace paddock::events
