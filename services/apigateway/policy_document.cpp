#include "services/apigateway/policy_document.hpp"

#include <charconv>
#include <functional>
#include <optional>

#include "core/text.hpp"

namespace paddock::services::apigateway {
namespace policy_document_detail {

constexpr std::string_view kAction = "execute-api:invoke";

// True if one of a text or a list of texts satisfies `test`.
bool any_text(const Json& texts, const std::function<bool(const std::string&)>& test) {
  if (texts.is_string()) return test(texts.get_ref<const std::string&>());
  if (!texts.is_array()) return false;
  for (const auto& text : texts) {
    if (text.is_string() && test(text.get_ref<const std::string&>())) return true;
  }
  return false;
}

bool fits_action(const std::string& pattern) {
  return fits_wildcard(to_lower(pattern), kAction);
}

// "execute-api:/stage/METHOD/path" is short for the whole ARN of the API itself.
bool fits_resource(const std::string& pattern, std::string_view arn) {
  static constexpr std::string_view kShort = "execute-api:/";
  if (!pattern.starts_with(kShort)) return fits_wildcard(pattern, arn);
  const size_t slash = arn.find('/');
  if (slash == std::string_view::npos) return false;
  return fits_wildcard(pattern.substr(kShort.size()), arn.substr(slash + 1));
}

std::optional<uint32_t> parse_ipv4(std::string_view text) {
  uint32_t address = 0;
  auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  for (std::string_view part : parts) {
    unsigned value = 256;
    auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    if (error != std::errc() || end != part.data() + part.size() || value > 255)
      return std::nullopt;
    address = address << 8 | value;
  }
  return address;
}

bool in_range(const std::string& range, std::string_view ip) {
  const size_t slash = range.find('/');
  auto base = parse_ipv4(std::string_view(range).substr(0, slash));
  auto address = parse_ipv4(ip);
  if (!base || !address) return false;
  unsigned bits = 32;
  if (slash != std::string::npos) {
    std::string_view text = std::string_view(range).substr(slash + 1);
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
    if (error != std::errc() || end != text.data() + text.size() || bits > 32) return false;
  }
  const uint32_t mask = bits == 0 ? 0 : ~uint32_t{0} << (32 - bits);
  return (*base & mask) == (*address & mask);
}

bool conditions_hold(const Json& statement, std::string_view ip) {
  auto conditions = statement.find("Condition");
  if (conditions == statement.end()) return true;
  if (!conditions->is_object()) return false;
  for (const auto& [operation, keys] : conditions->items()) {
    const bool inside = operation == "IpAddress";
    if ((!inside && operation != "NotIpAddress") || !keys.is_object()) return false;
    for (const auto& [key, ranges] : keys.items()) {
      if (!equal_ignore_case(key, "aws:SourceIp")) return false;
      const bool found = any_text(ranges, [ip](const auto& range) { return in_range(range, ip); });
      if (found != inside) return false;
    }
  }
  return true;
}

bool applies(const Json& statement, std::string_view arn, std::string_view ip) {
  if (!statement.is_object()) return false;
  auto resource = [arn](const std::string& pattern) { return fits_resource(pattern, arn); };
  if (statement.contains("Action")) {
    if (!any_text(statement["Action"], fits_action)) return false;
  } else if (!statement.contains("NotAction") || any_text(statement["NotAction"], fits_action)) {
    return false;
  }
  if (statement.contains("Resource")) {
    if (!any_text(statement["Resource"], resource)) return false;
  } else if (!statement.contains("NotResource") || any_text(statement["NotResource"], resource)) {
    return false;
  }
  return conditions_hold(statement, ip);
}

}  // namespace policy_document_detail

bool fits_wildcard(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Decision decide(const Json& policy, std::string_view arn, std::string_view source_ip) {
  if (!policy.is_object() || !policy.contains("Statement")) return Decision::none;
  const Json& given = policy["Statement"];
  const Json statements = given.is_array() ? given : Json::array({given});
  Decision decision = Decision::none;
  for (const auto& statement : statements) {
    if (!policy_document_detail::applies(statement, arn, source_ip)) continue;
    const auto effect = statement.find("Effect");
    if (effect == statement.end()) continue;
    if (*effect == "Deny") return Decision::denied;
    if (*effect == "Allow") decision = Decision::allowed;
  }
  return decision;
}

}  // namespace paddock::services::apigateway
