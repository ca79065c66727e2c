#include "services/sns/topic_attributes.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"
#include "services/sns/retry_policy.hpp"

namespace paddock::services::sns {
namespace topic_rules {

std::string prefix(bool creating) {
  return creating ? "Attributes Reason: " : "";
}

bool is_one_of(const std::string& value, std::initializer_list<std::string_view> allowed) {
  return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

// "HTTPSuccessFeedbackRoleArn", "SQSSuccessFeedbackSampleRate" …
bool is_feedback(const std::string& name) {
  for (std::string_view protocol : {"HTTP", "Lambda", "SQS", "Application", "Firehose"}) {
    if (!name.starts_with(protocol)) continue;
    const std::string rest = name.substr(protocol.size());
    if (is_one_of(rest, {"SuccessFeedbackRoleArn", "FailureFeedbackRoleArn",
                         "SuccessFeedbackSampleRate"})) {
      return true;
    }
  }
  return false;
}

bool is_rate(const std::string& value) {
  unsigned rate = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), rate);
  return error == std::errc() && end == value.data() + value.size() && rate <= 100;
}

// True if the value is right. What names no attribute of topics is refused.
bool checked(const Topic& topic, const std::string& name, const std::string& value) {
  if (name == "DisplayName") return utf16_length(value) <= limits::kMostDisplayName;
  if (name == "KmsMasterKeyId") return true;
  if (name == "SignatureVersion") return is_one_of(value, {"1", "2"});
  if (name == "TracingConfig") return is_one_of(value, {"PassThrough", "Active"});
  if (name == "ContentBasedDeduplication" && topic.fifo) {
    return is_one_of(to_lower(value), {"true", "false"});
  }
  if (name == "FifoThroughputScope" && topic.fifo) {
    return is_one_of(value, {"Topic", "MessageGroup"});
  }
  if (is_feedback(name)) {
    return name.ends_with("Arn") ? value.empty() || value.starts_with("arn:")
                                 : value.empty() || is_rate(value);
  }
  throw errors::invalid("AttributeName");
}

}  // namespace topic_rules

void check_policy(const std::string& text, const std::string& what) {
  const Json policy = Json::parse(text, nullptr, false);
  if (text.size() > limits::kMostPolicyBytes) {
    throw errors::invalid(what + " Reason: Policy document is too large");
  }
  if (!policy.is_object() || !policy.contains("Statement")) {
    throw errors::invalid(what + " Reason: Policy document must be a JSON object");
  }
  const Json& statements = policy["Statement"];
  const Json list = statements.is_array() ? statements : Json::array({statements});
  for (const Json& statement : list) {
    if (!statement.is_object() || !statement.contains("Effect") ||
        !(statement.contains("Action") || statement.contains("NotAction")) ||
        (statement.contains("Sid") && !statement["Sid"].is_string())) {
      throw errors::invalid(what + " Reason: Policy Error: null");
    }
  }
}

void set_topic_attribute(Topic& topic, const std::string& name, const std::string& value,
                         bool creating) {
  const std::string start = topic_rules::prefix(creating);
  if (name == "Policy") {
    if (!value.empty()) check_policy(value, start + "Policy");
    topic.policy = value;
    return;
  }
  if (name == "DeliveryPolicy") {
    const auto kept = checked_topic_delivery_policy(value, start);
    if (kept) {
      topic.attributes[name] = *kept;
    } else {
      topic.attributes.erase(name);
    }
    return;
  }
  if (name == "FifoTopic" && creating) return;  // it is part of the name
  if (name == "ArchivePolicy") throw errors::not_emulated("Message archiving (ArchivePolicy)");
  if (!topic_rules::checked(topic, name, value)) {
    throw errors::invalid(start + name + ": Invalid value [" + value + "].");
  }
  if (value.empty() && name != "DisplayName") {
    topic.attributes.erase(name);
  } else {
    topic.attributes[name] = name == "ContentBasedDeduplication" ? to_lower(value) : value;
  }
}

Json shown_topic_attributes(const Topic& topic, const std::string& arn, const std::string& owner,
                            const SubscriptionCounts& counts) {
  Json shown = topic.attributes;
  shown["TopicArn"] = arn;
  shown["Owner"] = owner;
  shown["Policy"] = topic.policy.empty() ? default_policy(arn, owner) : topic.policy;
  if (!shown.contains("DisplayName")) shown["DisplayName"] = "";
  shown["SubscriptionsConfirmed"] = std::to_string(counts.confirmed);
  shown["SubscriptionsPending"] = std::to_string(counts.pending);
  shown["SubscriptionsDeleted"] = std::to_string(topic.deleted);
  shown["EffectiveDeliveryPolicy"] =
      effective_topic_policy(topic.attribute("DeliveryPolicy")).dump();
  if (topic.fifo) {
    shown["FifoTopic"] = "true";
    if (!shown.contains("ContentBasedDeduplication")) {
      shown["ContentBasedDeduplication"] = "false";
    }
  }
  return shown;
}

}  // namespace paddock::services::sns
