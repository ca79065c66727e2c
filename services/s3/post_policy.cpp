#include "services/s3/post_policy.hpp"

#include <charconv>
#include <optional>
#include <set>
#include <stdexcept>

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "wire/codec.hpp"

namespace paddock::services::s3 {
namespace post_rules {

AwsError invalid_document(const std::string& why) {
  return AwsError("InvalidPolicyDocument", "Invalid Policy: " + why);
}

AwsError denied(const std::string& why) {
  return AwsError("AccessDenied", "Invalid according to Policy: " + why, 403);
}

std::string text_of_argument(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

AwsError condition_failed(const Json& condition) {
  std::string shown = "[";
  for (const Json& argument : condition) {
    if (shown.size() > 1) shown += ", ";
    append_json_string(shown, text_of_argument(argument));
  }
  return denied("Policy Condition failed: " + shown + "]");
}

// Limits may be numbers or texts.
std::optional<int64_t> whole_number(const Json& value) {
  const std::string text = text_of_argument(value);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void take_range(const Json& condition, SizeRange& range) {
  const auto least = whole_number(condition[1]), most = whole_number(condition[2]);
  if (!least || !most) throw condition_failed(condition);
  if (*least < 0 || *most < 0 || *least > *most) {
    throw invalid_document("Invalid Condition: content-length-range");
  }
  range.least = std::max(range.least, static_cast<uint64_t>(*least));
  range.most = std::min(range.most, static_cast<uint64_t>(*most));
}

// {"acl": "public-read"} as ["eq", "$acl", "public-read"].
Json as_list(const Json& condition) {
  if (condition.is_array()) return condition;
  if (!condition.is_object() || condition.size() != 1) {
    throw invalid_document(
        "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
  }
  const auto only = condition.begin();
  return Json::array({"eq", "$" + only.key(), only.value()});
}

bool field_fits(const std::string& name, const std::string& value, const std::string& wanted,
                bool prefix) {
  if (!prefix) return value == wanted;
  if (name != "content-type") return value.starts_with(wanted);
  // Several types, each of which must fit.
  for (const std::string_view one : split(value, ',')) {
    if (!trim(one).starts_with(wanted)) return false;
  }
  return true;
}

void check_condition(const Json& condition, const FormFields& fields, std::string_view bucket,
                     SizeRange& range, std::set<std::string>& named) {
  if (condition.size() != 3 || !condition[0].is_string()) {
    throw invalid_document("Invalid Condition: Conditions must have three arguments.");
  }
  const std::string kind = to_lower(condition[0].get_ref<const std::string&>());
  if (kind == "content-length-range") {
    take_range(condition, range);
    return;
  }
  if (kind != "eq" && kind != "starts-with") {
    throw invalid_document("Invalid Condition: unknown operation '" + kind + "'.");
  }
  const std::string reference = text_of_argument(condition[1]);
  if (!reference.starts_with('$')) throw condition_failed(condition);
  const std::string name = to_lower(std::string_view(reference).substr(1));
  named.insert(name);
  const bool of_bucket = name == "bucket";
  const std::string value = of_bucket ? std::string(bucket) : fields.get(name);
  const bool there = of_bucket || fields.has(name);
  const std::string wanted = text_of_argument(condition[2]);
  const bool anything = kind == "starts-with" && wanted.empty();
  if (!(there || anything) || !field_fits(name, value, wanted, kind == "starts-with")) {
    throw condition_failed(condition);
  }
}

// Every field must be allowed by a condition.
void check_extra(const FormFields& fields, const std::set<std::string>& named) {
  static const std::set<std::string_view> kFree{"x-amz-signature", "signature",      "file",
                                                "policy",          "awsaccesskeyid", "bucket"};
  std::string extra;
  for (const auto& [name, value] : fields.values) {
    if (kFree.count(name) > 0 || name.starts_with("x-ignore-") || named.count(name) > 0) continue;
    if (!extra.empty()) extra += ", ";
    extra += name;
  }
  if (!extra.empty()) throw denied("Extra input fields: " + extra);
}

Json parse_document(const std::string& encoded) {
  const auto text = from_base64(encoded);
  try {
    if (text && valid_utf8(*text)) {
      Json document = wire::parse_json(*text);
      if (document.is_object()) return document;
    }
  } catch (const std::invalid_argument&) {
    // Told below.
  }
  throw invalid_document("Invalid JSON.");
}

}  // namespace post_rules

SizeRange check_post_policy(const std::string& encoded, const FormFields& fields,
                            std::string_view bucket, uint64_t most,
                            const std::function<bool(int64_t)>& expired) {
  const Json document = post_rules::parse_document(encoded);
  const auto expiration = document.find("expiration");
  if (expiration == document.end())
    throw post_rules::invalid_document("Policy missing expiration.");
  const std::string moment = post_rules::text_of_argument(*expiration);
  const auto end_ms = parse_iso8601(moment);
  if (!end_ms) {
    throw post_rules::invalid_document("Invalid 'expiration' value: '" + moment + "'");
  }
  const auto conditions = document.find("conditions");
  if (conditions == document.end() || !conditions->is_array()) {
    throw post_rules::invalid_document("Policy missing conditions.");
  }
  if (expired(*end_ms)) throw post_rules::denied("Policy expired.");
  SizeRange range{0, most};
  std::set<std::string> named;
  for (const Json& condition : *conditions) {
    post_rules::check_condition(post_rules::as_list(condition), fields, bucket, range, named);
  }
  post_rules::check_extra(fields, named);
  return range;
}

}  // namespace paddock::services::s3
