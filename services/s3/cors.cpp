#include "services/s3/cors.hpp"

#include <algorithm>
#include <set>

#include "core/text.hpp"
#include "services/s3/bucket_policy.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"
#include "wire/codec.hpp"

namespace paddock::services::s3 {
namespace cors_rules {

constexpr size_t kRules = 100;  // userguide/ManageCorsUsing.html
constexpr const char* kVary =
    "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

bool fits_any(const Json& patterns, std::string_view text, bool ignore_case) {
  const std::string wanted = ignore_case ? to_lower(text) : std::string(text);
  return std::any_of(patterns.begin(), patterns.end(), [&](const Json& pattern) {
    const std::string& given = pattern.get_ref<const std::string&>();
    return wildcard_match(ignore_case ? to_lower(given) : given, wanted);
  });
}

std::string joined(const Json& list) {
  std::string out;
  for (const Json& one : list) {
    if (!out.empty()) out += ", ";
    out += one.get_ref<const std::string&>();
  }
  return out;
}

// The headers that a preflight asks for, in lower case.
std::vector<std::string> asked_headers(const http::RequestHead& head) {
  std::vector<std::string> names;
  for (const std::string_view part :
       split(head.headers.get("access-control-request-headers"), ',')) {
    const std::string_view name = trim(part);
    if (!name.empty()) names.push_back(to_lower(name));
  }
  return names;
}

void check_wildcards(const char* element, const Json& values) {
  for (const Json& value : values) {
    const std::string& text = value.get_ref<const std::string&>();
    if (std::count(text.begin(), text.end(), '*') > 1) {
      throw errors::invalid_request(std::string(element) + " \"" + text +
                                    "\" can not have more than one wildcard.");
    }
  }
}

AwsError forbidden(std::string message, std::string_view method, bool object) {
  return AwsError("AccessForbidden", "CORSResponse: " + std::move(message), 403)
      .with("Method", std::string(method))
      .with("ResourceType", object ? "OBJECT" : "BUCKET");
}

const Json* rules_of(const Bucket& bucket) {
  const auto record = bucket.records.find("cors");
  return record == bucket.records.end() || !record->is_object() ? nullptr : &*record;
}

}  // namespace cors_rules

void check_cors_rules(const Json& configuration) {
  static const std::set<std::string_view> kMethods{"GET", "PUT", "POST", "DELETE", "HEAD"};
  const Json& rules = configuration[members::CORSRules];
  if (rules.empty()) throw errors::malformed_xml();
  if (rules.size() > cors_rules::kRules) {
    throw errors::invalid_request(
        "The number of CORS rules should not exceed allowed limit of 100 rules.");
  }
  for (const Json& rule : rules) {
    for (const Json& method : rule[members::AllowedMethods]) {
      const std::string& name = method.get_ref<const std::string&>();
      if (kMethods.count(name) == 0) {
        throw errors::invalid_request(
            "Found unsupported HTTP method in CORS config. Unsupported method is " + name);
      }
    }
    cors_rules::check_wildcards("AllowedOrigin", rule[members::AllowedOrigins]);
    if (rule.contains(members::AllowedHeaders)) {
      cors_rules::check_wildcards("AllowedHeader", rule[members::AllowedHeaders]);
    }
    if (!rule.contains(members::ExposeHeaders)) continue;
    for (const Json& header : rule[members::ExposeHeaders]) {
      const std::string& name = header.get_ref<const std::string&>();
      if (name.find('*') == std::string::npos) continue;
      throw errors::invalid_request("ExposeHeader \"" + name +
                                    "\" contains wildcard. We currently do not support wildcard "
                                    "for ExposeHeader.");
    }
  }
}

std::optional<http::Headers> cors_headers(const Json& configuration, const http::RequestHead& head,
                                          bool preflight) {
  const std::string_view origin = head.headers.get("origin");
  std::string_view method = head.headers.get("access-control-request-method");
  if (method.empty()) method = head.method;
  const std::vector<std::string> asked = cors_rules::asked_headers(head);
  for (const Json& rule : configuration[members::CORSRules]) {
    const Json& origins = rule[members::AllowedOrigins];
    const Json& methods = rule[members::AllowedMethods];
    if (!cors_rules::fits_any(origins, origin, false)) continue;
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) continue;
    const Json allowed = rule.value(members::AllowedHeaders, Json::array());
    const bool all = std::all_of(asked.begin(), asked.end(), [&allowed](const std::string& name) {
      return cors_rules::fits_any(allowed, name, true);
    });
    if (preflight && !all) continue;
    http::Headers headers;
    const bool everybody = std::find(origins.begin(), origins.end(), "*") != origins.end();
    headers.add("Access-Control-Allow-Origin", everybody ? "*" : origin);
    headers.add("Access-Control-Allow-Methods", cors_rules::joined(methods));
    if (preflight && !asked.empty()) {
      headers.add("Access-Control-Allow-Headers", cors_rules::joined(Json(asked)));
    }
    if (rule.contains(members::ExposeHeaders)) {
      headers.add("Access-Control-Expose-Headers",
                  cors_rules::joined(rule[members::ExposeHeaders]));
    }
    if (rule.contains(members::MaxAgeSeconds)) {
      headers.add("Access-Control-Max-Age", rule[members::MaxAgeSeconds].dump());
    }
    if (!everybody) headers.add("Access-Control-Allow-Credentials", "true");
    headers.add("Vary", cors_rules::kVary);
    return headers;
  }
  return std::nullopt;
}

// -- the service ----------------------------------------------------------------------------------

std::string S3::addressed_bucket(const http::RequestHead& head) const {
  if (auto site = website_address(head.host(), head.path)) return std::move(site->bucket);
  if (auto of_host = addresses_.bucket_of_host(head.host())) return std::move(*of_host);
  return Addresses::first_segment(head.path);
}

std::optional<http::Headers> S3::cors_of_bucket(const http::RequestHead& head) const {
  const BucketPtr bucket = catalog_.find(addressed_bucket(head));
  const Json* rules = bucket ? cors_rules::rules_of(*bucket) : nullptr;
  if (rules == nullptr) return std::nullopt;
  return cors_headers(*rules, head, false).value_or(http::Headers());
}

// Preflights of buckets without rules from pages that may talk to us are left to the gateway.
bool S3::answers_preflight(const http::RequestHead& head) const {
  if (head.method != "OPTIONS" || head.path.starts_with("/_")) return false;
  const std::string host = head.host();
  const BucketPtr bucket = catalog_.find(addressed_bucket(head));
  if (!bucket) return Addresses::is_s3_host(host);
  if (cors_rules::rules_of(*bucket) != nullptr) return true;
  const std::string_view origin = head.headers.get("origin");
  return origin.empty() || !hosts_.origin_allowed(origin, head.authority());
}

http::Response S3::preflight(const http::RequestHead& head, const std::string& request_id) const {
  const gateway::Api& api = apis_.front();
  const wire::Codec& codec = *wire::codec(api.model->protocol);
  try {
    const std::string_view method = head.headers.get("access-control-request-method");
    if (!head.headers.has("origin")) {
      throw AwsError("BadRequest", "Insufficient information. Origin request header needed.");
    }
    if (method.empty()) {
      throw AwsError("BadRequest", "Invalid Access-Control-Request-Method: null");
    }
    const BucketPtr bucket = catalog_.find(addressed_bucket(head));
    if (!bucket) throw cors_rules::forbidden("Bucket not found", method, false);
    const std::string rest =
        addresses_.bucket_of_host(head.host())
            ? head.path
            : head.path.substr(std::min(head.path.size(), head.path.find('/', 1)));
    const bool object = rest.size() > 1;
    const Json* rules = cors_rules::rules_of(*bucket);
    if (rules == nullptr) {
      throw cors_rules::forbidden("CORS is not enabled for this bucket.", method, object);
    }
    auto headers = cors_headers(*rules, head, true);
    if (!headers) {
      throw cors_rules::forbidden(
          "This CORS request is not allowed. This is usually because the evalution of Origin, "
          "request method / Access-Control-Request-Method or Access-Control-Request-Headers are "
          "not whitelisted by the resource's CORS spec.",
          method, object);
    }
    http::Response response;
    response.headers = std::move(*headers);
    response.headers.add("x-amz-request-id", request_id);
    return response;
  } catch (const AwsError& error) {
    return codec.encode_error(*api.model, error, api.error_style, request_id);
  }
}

}  // namespace paddock::services::s3
