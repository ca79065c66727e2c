#include "services/sns/retry_policy.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "services/sns/errors.hpp"
#include "services/sns/filter_policy.hpp"
#include "services/sns/limits.hpp"

namespace paddock::services::sns {
namespace retrying {

using Ordered = nlohmann::ordered_json;

constexpr const char* kContentType = "text/plain; charset=UTF-8";
constexpr std::array<const char*, 6> kNumbers{"minDelayTarget",    "maxDelayTarget",
                                              "numRetries",        "numMaxDelayRetries",
                                              "numNoDelayRetries", "numMinDelayRetries"};

Json defaults() {
  return {{"minDelayTarget", 20},       {"maxDelayTarget", 20},   {"numRetries", 3},
          {"numMaxDelayRetries", 0},    {"numNoDelayRetries", 0}, {"numMinDelayRetries", 0},
          {"backoffFunction", "linear"}};
}

Json object_of(const std::string& text, const std::string& what) {
  check_json(text, what);
  Json document = Json::parse(text, nullptr, false);
  if (!document.is_object()) throw errors::invalid(what + ": must be a JSON object");
  return document;
}

void check_known(const Json& node, std::initializer_list<std::string_view> names,
                 const std::string& what) {
  for (auto member = node.begin(); member != node.end(); ++member) {
    if (std::find(names.begin(), names.end(), member.key()) == names.end()) {
      throw errors::invalid(what + ": Unrecognized field \"" + member.key() + "\"");
    }
  }
}

// `where`: "DeliveryPolicy: http.defaultHealthyRetryPolicy".
void check_retries(const Json& policy, const std::string& where) {
  if (!policy.is_object()) throw errors::invalid(where + " must be a JSON object");
  check_known(policy,
              {"minDelayTarget", "maxDelayTarget", "numRetries", "numMaxDelayRetries",
               "numNoDelayRetries", "numMinDelayRetries", "backoffFunction"},
              where);
  for (const char* name : kNumbers) {
    const auto found = policy.find(name);
    if (found == policy.end() || found->is_null()) continue;
    const bool delay = std::string_view(name).ends_with("Target");
    const int64_t most =
        delay ? limits::kMostHttpDelay_s : static_cast<int64_t>(limits::kMostHttpRetries);
    if (!found->is_number_integer() || found->get<int64_t>() < (delay ? 1 : 0)) {
      throw errors::invalid(where + "." + name + " must be greater than or equal to " +
                            (delay ? "1" : "0"));
    }
    if (found->get<int64_t>() > most) {
      throw errors::invalid(where + "." + name + " must be less than or equal to " +
                            std::to_string(most));
    }
  }
  Json whole = defaults();
  whole.update(policy);
  if (whole["maxDelayTarget"] < whole["minDelayTarget"]) {
    throw errors::invalid(where +
                          ".maxDelayTarget must be greater than or equal to "
                          "minDelayTarget");
  }
  const std::string function = whole.value("backoffFunction", "linear");
  if (function != "linear" && function != "arithmetic" && function != "geometric" &&
      function != "exponential") {
    throw errors::invalid(where +
                          ".backoffFunction must be one of linear, arithmetic, geometric, "
                          "exponential");
  }
}

void check_throttle(const Json& policy, const std::string& where) {
  if (!policy.is_object()) throw errors::invalid(where + " must be a JSON object");
  check_known(policy, {"maxReceivesPerSecond"}, where);
  const auto found = policy.find("maxReceivesPerSecond");
  if (found == policy.end() || found->is_null()) return;
  if (!found->is_number_integer() || found->get<int64_t>() < 1) {
    throw errors::invalid(where + ".maxReceivesPerSecond must be greater than or equal to 1");
  }
}

void check_request(const Json& policy, const std::string& where) {
  if (!policy.is_object()) throw errors::invalid(where + " must be a JSON object");
  check_known(policy, {"headerContentType"}, where);
  const auto found = policy.find("headerContentType");
  if (found == policy.end() || found->is_null()) return;
  const bool plain =
      found->is_string() && !found->get_ref<const std::string&>().empty() &&
      found->get_ref<const std::string&>().find_first_of("\r\n") == std::string::npos;
  if (!plain) throw errors::invalid(where + ".headerContentType is invalid");
}

// The member, or null if it is missing.
Json member(const Json& node, const char* name) {
  return node.is_object() ? node.value(name, Json()) : Json();
}

// With its defaults, in AWS's order.
Ordered whole_retries(const Json& policy) {
  Json whole = defaults();
  if (policy.is_object()) {
    for (auto given = policy.begin(); given != policy.end(); ++given) {
      if (!given->is_null()) whole[given.key()] = given.value();
    }
  }
  Ordered out;
  for (const char* name : kNumbers) out[name] = whole[name].get<int64_t>();
  out["backoffFunction"] = whole["backoffFunction"].get<std::string>();
  return out;
}

}  // namespace retrying

using retrying::Ordered;

std::optional<Milliseconds> managed_delay(uint32_t tried) {
  constexpr uint32_t kAtOnce = 3;
  constexpr uint32_t kSlowly = kAtOnce + 2;
  constexpr uint32_t kBackingOff = kSlowly + 10;
  constexpr uint32_t kLast = kBackingOff + 100'000;
  constexpr double kFirst_ms = 1000;
  constexpr double kMost_ms = 20'000;
  if (tried <= kAtOnce) return Milliseconds(0);
  if (tried <= kSlowly) return Milliseconds(1000);
  if (tried <= kBackingOff) {
    const double part = (tried - kSlowly) / 10.0;
    return Milliseconds(std::llround(kFirst_ms * std::pow(kMost_ms / kFirst_ms, part)));
  }
  if (tried <= kLast) return Milliseconds(20'000);
  return std::nullopt;
}

std::optional<Milliseconds> http_delay(const Json& policy, uint32_t tried) {
  const auto number = [&policy](const char* name) { return policy.at(name).get<uint32_t>(); };
  const uint32_t retries = number("numRetries");
  if (tried > retries) return std::nullopt;
  const uint32_t at_once = number("numNoDelayRetries");
  const uint32_t slowest = number("numMaxDelayRetries");
  const double least = number("minDelayTarget") * 1000.0;
  const double most = number("maxDelayTarget") * 1000.0;
  if (tried <= at_once) return Milliseconds(0);
  const uint32_t before = at_once + number("numMinDelayRetries");
  if (tried <= before) return Milliseconds(std::llround(least));
  if (tried + slowest > retries) return Milliseconds(std::llround(most));
  const uint32_t steps = retries - slowest - before;
  const double part = steps <= 1 ? 1.0 : (tried - before - 1) / (steps - 1.0);
  const std::string function = policy.at("backoffFunction");
  double bent = part;
  if (function == "arithmetic") bent = part * (part + 1) / 2;
  if (function == "geometric") bent = part * part;
  if (function == "exponential") bent = (std::exp2(part * 10) - 1) / 1023;
  return Milliseconds(std::llround(least + (most - least) * bent));
}

std::optional<std::string> checked_topic_delivery_policy(const std::string& text,
                                                         const std::string& prefix) {
  if (text.empty()) return std::nullopt;
  const std::string what = prefix + "DeliveryPolicy";
  const Json document = retrying::object_of(text, what);
  retrying::check_known(document, {"http"}, what);
  const Json http = retrying::member(document, "http");
  if (http.is_null()) return std::nullopt;
  if (!http.is_object()) throw errors::invalid(what + ": http must be a JSON object");
  retrying::check_known(
      http,
      {"defaultHealthyRetryPolicy", "disableSubscriptionOverrides", "defaultThrottlePolicy",
       "defaultRequestPolicy", "defaultSicklyRetryPolicy"},
      what + ": http");
  Ordered kept;
  const auto keep = [&](const char* name, auto check) {
    const Json part = retrying::member(http, name);
    if (part.is_null()) return;
    check(part, what + ": http." + name);
    kept[name] = Ordered::parse(part.dump());
  };
  keep("defaultHealthyRetryPolicy", retrying::check_retries);
  keep("defaultSicklyRetryPolicy", retrying::check_retries);
  const Json overrides = retrying::member(http, "disableSubscriptionOverrides");
  if (!overrides.is_null() && !overrides.is_boolean()) {
    throw errors::invalid(what + ": http.disableSubscriptionOverrides must be a boolean");
  }
  kept["disableSubscriptionOverrides"] = overrides.is_boolean() && overrides.get<bool>();
  keep("defaultThrottlePolicy", retrying::check_throttle);
  keep("defaultRequestPolicy", retrying::check_request);
  Ordered out;
  out["http"] = std::move(kept);
  return out.dump();
}

std::optional<std::string> checked_subscription_delivery_policy(const std::string& text,
                                                                const std::string& prefix) {
  if (text.empty()) return std::nullopt;
  const std::string what = prefix + "DeliveryPolicy";
  const Json document = retrying::object_of(text, what);
  if (document.empty()) return std::nullopt;
  retrying::check_known(
      document,
      {"healthyRetryPolicy", "sicklyRetryPolicy", "throttlePolicy", "requestPolicy", "guaranteed"},
      what);
  Ordered kept;
  const auto keep = [&](const char* name, auto check) {
    const Json part = retrying::member(document, name);
    kept[name] = nullptr;
    if (part.is_null()) return;
    check(part, what + ": " + name);
    const bool retries = std::string_view(name) == "healthyRetryPolicy";
    kept[name] = retries ? retrying::whole_retries(part) : Ordered::parse(part.dump());
  };
  keep("healthyRetryPolicy", retrying::check_retries);
  keep("sicklyRetryPolicy", retrying::check_retries);
  keep("throttlePolicy", retrying::check_throttle);
  keep("requestPolicy", retrying::check_request);
  const Json guaranteed = retrying::member(document, "guaranteed");
  kept["guaranteed"] = guaranteed.is_boolean() && guaranteed.get<bool>();
  return kept.dump();
}

Json effective_topic_policy(const std::string& topic_policy) {
  Json http = Json::object();
  if (!topic_policy.empty()) http = Json::parse(topic_policy).at("http");
  Json out;
  out["defaultHealthyRetryPolicy"] = Json::parse(
      retrying::whole_retries(retrying::member(http, "defaultHealthyRetryPolicy")).dump());
  out["disableSubscriptionOverrides"] = http.value("disableSubscriptionOverrides", false);
  const Json throttle = retrying::member(http, "defaultThrottlePolicy");
  if (!throttle.is_null()) out["defaultThrottlePolicy"] = throttle;
  Json request = retrying::member(http, "defaultRequestPolicy");
  if (!request.is_object() || !request.contains("headerContentType")) {
    request = {{"headerContentType", retrying::kContentType}};
  }
  out["defaultRequestPolicy"] = std::move(request);
  return {{"http", std::move(out)}};
}

Json effective_subscription_policy(const std::string& topic_policy,
                                   const std::string& subscription_policy) {
  const Json topic = effective_topic_policy(topic_policy).at("http");
  Json own = Json::object();
  const bool overrides = !topic.at("disableSubscriptionOverrides").get<bool>();
  if (!subscription_policy.empty() && overrides) own = Json::parse(subscription_policy);
  const auto first = [&](const char* mine, const char* of_topic) {
    Json part = retrying::member(own, mine);
    return part.is_null() ? retrying::member(topic, of_topic) : part;
  };
  return {{"healthyRetryPolicy", first("healthyRetryPolicy", "defaultHealthyRetryPolicy")},
          {"sicklyRetryPolicy", retrying::member(own, "sicklyRetryPolicy")},
          {"throttlePolicy", first("throttlePolicy", "defaultThrottlePolicy")},
          {"requestPolicy", first("requestPolicy", "defaultRequestPolicy")},
          {"guaranteed", own.value("guaranteed", false)}};
}

}  // namespace paddock::services::sns
