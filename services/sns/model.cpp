#include "services/sns/model.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"

namespace paddock::services::sns {
namespace rules_of_sns {

constexpr size_t kTokenDigits = 288;
constexpr size_t kRegionBytes = 16;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace rules_of_sns

using rules_of_sns::is_digit;

std::string Topic::attribute(const char* attribute_name, std::string_view fallback) const {
  return attributes.value(attribute_name, std::string(fallback));
}

std::string topic_arn(std::string_view region, std::string_view account, std::string_view topic) {
  return make_arn("sns", region, account, topic);
}

std::string subscription_arn(std::string_view region, std::string_view account,
                             const Subscription& subscription) {
  return topic_arn(region, account, subscription.topic) + ":" + subscription.id;
}

Arn parse_arn(const std::string& text, const std::string& parameter) {
  const auto elements = split(text, ':');
  if (elements.size() < 6) throw errors::malformed_arn(parameter, elements.size());
  Arn arn;
  arn.partition = elements[1];
  arn.service = elements[2];
  arn.region = elements[3];
  arn.account = elements[4];
  size_t start = 0;
  for (size_t i = 0; i < 5; ++i) start = text.find(':', start) + 1;
  arn.resource = text.substr(start);
  return arn;
}

bool valid_topic_name(std::string_view name, bool fifo) {
  constexpr std::string_view kFifo = ".fifo";
  if (name.size() > limits::kMostTopicName) return false;
  if (fifo) {
    if (!name.ends_with(kFifo)) return false;
    name.remove_suffix(kFifo.size());
  }
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-';
  });
}

bool valid_phone_number(std::string_view text) {
  constexpr size_t kMostDigits = 15;
  if (text.size() < 3 || text.size() > kMostDigits + 1 || text[0] != '+') return false;
  return text[1] != '0' && std::all_of(text.begin() + 1, text.end(), is_digit);
}

bool valid_sms_endpoint(std::string_view text) {
  constexpr size_t kMostLength = 30;
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.size() > kMostLength) return false;
  bool after_digit = false;
  for (char c : text) {
    if (is_digit(c)) {
      after_digit = true;
    } else if (!after_digit || (c != '-' && c != '.' && c != '/')) {
      return false;
    } else {
      after_digit = false;
    }
  }
  return after_digit;
}

std::optional<EndpointName> split_endpoint(std::string_view resource) {
  const auto parts = split(resource, '/');
  if (parts.size() != 4 || parts[0] != "endpoint") return std::nullopt;
  EndpointName name;
  name.platform = parts[1];
  name.application = parts[2];
  name.id = parts[3];
  return name;
}

std::string sequence_text(uint64_t number) {
  return std::to_string(uint64_t{10'000'000'000'000'000'000U} + number);
}

std::string make_token(std::string_view region, const std::vector<std::string>& random_hex) {
  std::string name(region.substr(0, rules_of_sns::kRegionBytes));
  name.resize(rules_of_sns::kRegionBytes, '\0');
  std::string token = to_hex(name);
  for (const std::string& digits : random_hex) token += digits;
  token.resize(rules_of_sns::kTokenDigits, '0');
  return token;
}

std::optional<std::string> region_of_token(std::string_view token) {
  if (token.size() != rules_of_sns::kTokenDigits) return std::nullopt;
  auto bytes = from_hex(token);
  if (!bytes) return std::nullopt;
  const std::string region = bytes->substr(0, rules_of_sns::kRegionBytes);
  return region.substr(0, region.find('\0'));
}

std::string default_policy(const std::string& arn, const std::string& account) {
  using Ordered = nlohmann::ordered_json;
  Ordered actions = Ordered::array();
  for (const char* action :
       {"GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission",
        "DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish"}) {
    actions.push_back(std::string("SNS:") + action);
  }
  Ordered statement;
  statement["Sid"] = "__default_statement_ID";
  statement["Effect"] = "Allow";
  statement["Principal"]["AWS"] = "*";
  statement["Action"] = std::move(actions);
  statement["Resource"] = arn;
  statement["Condition"]["StringEquals"]["AWS:SourceOwner"] = account;
  Ordered policy;
  policy["Version"] = "2008-10-17";
  policy["Id"] = "__default_policy_ID";
  policy["Statement"] = Ordered::array({std::move(statement)});
  return policy.dump();
}

}  // namespace paddock::services::sns
