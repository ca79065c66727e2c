#include "services/sns/subscription_attributes.hpp"

#include "core/text.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/filter_policy.hpp"
#include "services/sns/http_endpoint.hpp"
#include "services/sns/retry_policy.hpp"

namespace paddock::services::sns {
namespace subscription_rules {

bool is_arn_of(const std::string& text, std::string_view service) {
  const auto arn = Arn::parse(text);
  return arn && arn->service == service && !arn->region.empty() && !arn->account.empty();
}

void set_raw(Subscription& subscription, const std::string& value, const std::string& start) {
  const std::string lower = to_lower(value);
  if (lower != "true" && lower != "false") {
    throw errors::invalid(start + "RawMessageDelivery: Invalid value [" + value +
                          "]. Must be true or false.");
  }
  const std::string& protocol = subscription.protocol;
  if (lower == "true" && protocol != "sqs" && !protocol.starts_with("http")) {
    throw errors::invalid(start + "RawMessageDelivery: Delivery protocol [" + protocol +
                          "] does not support raw message delivery.");
  }
  subscription.attributes["RawMessageDelivery"] = lower;
}

void set_redrive(Subscription& subscription, bool fifo_topic, const std::string& value,
                 const std::string& start) {
  const std::string what = start + "RedrivePolicy";
  if (value.empty()) {
    subscription.attributes.erase("RedrivePolicy");
    return;
  }
  check_json(value, what);
  const Json policy = Json::parse(value, nullptr, false);
  if (policy.is_object() && policy.empty()) {
    subscription.attributes.erase("RedrivePolicy");
    return;
  }
  const bool has_target = policy.is_object() && policy.contains("deadLetterTargetArn") &&
                          policy["deadLetterTargetArn"].is_string();
  const std::string target =
      has_target ? policy["deadLetterTargetArn"].get<std::string>() : std::string();
  if (!is_arn_of(target, "sqs")) {
    throw errors::invalid(what + ": deadLetterTargetArn is an invalid arn");
  }
  const bool fifo = fifo_topic && subscription.endpoint.ends_with(".fifo");
  if (fifo && !target.ends_with(".fifo")) {
    throw errors::invalid(
        what + ": must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.");
  }
  subscription.attributes["RedrivePolicy"] = value;
}

FilterPolicy::Scope scope_of(const std::string& text) {
  return text == "MessageBody" ? FilterPolicy::Scope::body : FilterPolicy::Scope::attributes;
}

void set_filter(Subscription& subscription, const std::string& value, bool subscribing) {
  if (FilterPolicy::empty(value)) {
    subscription.attributes.erase("FilterPolicy");
    return;
  }
  const FilterPolicy checked(value, scope_of(subscription.attribute("FilterPolicyScope")),
                             subscribing);
  subscription.attributes["FilterPolicy"] = value;
}

void set_scope(Subscription& subscription, const std::string& value, const std::string& start,
               bool subscribing) {
  if (value != "MessageBody" && value != "MessageAttributes") {
    throw errors::invalid(start + "FilterPolicyScope: Invalid value [" + value +
                          "]. Please use either MessageBody or MessageAttributes");
  }
  const std::string policy = subscription.attribute("FilterPolicy");
  if (!policy.empty()) const FilterPolicy checked(policy, scope_of(value), subscribing);
  subscription.attributes["FilterPolicyScope"] = value;
}

}  // namespace subscription_rules

namespace rules = subscription_rules;

void check_endpoint(const std::string& protocol, const std::string& endpoint, bool fifo_topic) {
  const auto known = {"http", "https",       "email",  "email-json", "sms",
                      "sqs",  "application", "lambda", "firehose"};
  if (std::find(known.begin(), known.end(), protocol) == known.end()) {
    throw errors::invalid("Amazon SNS does not support this protocol string: " + protocol);
  }
  if (protocol == "firehose") throw errors::not_emulated("Delivery to Firehose");
  if (endpoint.empty()) throw errors::invalid("Endpoint");
  if (protocol == "sqs") {
    if (!rules::is_arn_of(endpoint, "sqs")) throw errors::invalid("SQS endpoint ARN");
    if (!fifo_topic && endpoint.ends_with(".fifo")) {
      throw errors::invalid(
          "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard "
          "SNS topics");
    }
    return;
  }
  if (fifo_topic) throw errors::invalid("Invalid protocol type: " + protocol);
  if (protocol == "lambda" && !rules::is_arn_of(endpoint, "lambda")) {
    throw errors::invalid("Lambda endpoint ARN");
  }
  if (protocol == "sms" && !valid_sms_endpoint(endpoint)) {
    throw errors::invalid_sentence("Invalid SMS endpoint: " + endpoint);
  }
  if (protocol.starts_with("email") && endpoint.find('@') == std::string::npos) {
    throw errors::invalid("Email address");
  }
  if (protocol.starts_with("http")) {
    if (!endpoint.starts_with(protocol + "://")) {
      throw errors::invalid("Endpoint must match the specified protocol");
    }
    if (!parse_endpoint(endpoint)) throw errors::invalid("Endpoint");
  }
  if (protocol == "application") {
    const auto arn = Arn::parse(endpoint);
    if (!arn || arn->service != "sns" || !split_endpoint(arn->resource)) {
      throw errors::invalid("Application endpoint arn invalid:" + endpoint);
    }
  }
}

bool needs_confirmation(const std::string& protocol) {
  return protocol.starts_with("http") || protocol.starts_with("email");
}

void set_subscription_attribute(Subscription& subscription, bool fifo_topic,
                                const std::string& name, const std::string& value,
                                bool subscribing) {
  const std::string start = subscribing ? "Attributes Reason: " : "";
  if (name == "RawMessageDelivery") {
    rules::set_raw(subscription, value, start);
  } else if (name == "RedrivePolicy") {
    rules::set_redrive(subscription, fifo_topic, value, start);
  } else if (name == "FilterPolicyScope") {
    rules::set_scope(subscription, value, start, subscribing);
  } else if (name == "FilterPolicy") {
    rules::set_filter(subscription, value, subscribing);
  } else if (name == "DeliveryPolicy") {
    if (const auto kept = checked_subscription_delivery_policy(value, start)) {
      subscription.attributes[name] = *kept;
    } else {
      subscription.attributes.erase(name);
    }
  } else if (name == "ReplayPolicy") {
    throw errors::not_emulated("Message replay (ReplayPolicy)");
  } else if (name == "SubscriptionRoleArn") {
    throw errors::not_emulated("Delivery to Firehose (SubscriptionRoleArn)");
  } else {
    throw errors::invalid("AttributeName");
  }
}

Json shown_subscription_attributes(const Subscription& subscription, const std::string& arn,
                                   const std::string& topic_arn, const std::string& topic_policy) {
  Json shown = subscription.attributes;
  shown["SubscriptionArn"] = arn;
  shown["TopicArn"] = topic_arn;
  shown["Protocol"] = subscription.protocol;
  shown["Endpoint"] = subscription.endpoint;
  shown["Owner"] = subscription.owner;
  shown["SubscriptionPrincipal"] = subscription.principal;
  shown["PendingConfirmation"] = subscription.pending ? "true" : "false";
  shown["ConfirmationWasAuthenticated"] = subscription.authenticated ? "true" : "false";
  if (!shown.contains("RawMessageDelivery")) shown["RawMessageDelivery"] = "false";
  if (!shown.contains("FilterPolicy")) {
    shown.erase("FilterPolicyScope");
  } else if (!shown.contains("FilterPolicyScope")) {
    shown["FilterPolicyScope"] = "MessageAttributes";
  }
  if (subscription.protocol.starts_with("http")) {
    shown["EffectiveDeliveryPolicy"] =
        effective_subscription_policy(topic_policy, subscription.attribute("DeliveryPolicy"))
            .dump();
  }
  return shown;
}

}  // namespace paddock::services::sns
