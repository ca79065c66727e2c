// Protocols, endpoints and attributes of subscriptions.
// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
#pragma once

#include <string>

#include "core/json.hpp"
#include "services/sns/model.hpp"

namespace paddock::services::sns {

// Throws InvalidParameter for a protocol that SNS does not know or an endpoint that is none of it,
// 501 for one that is not emulated.
void check_endpoint(const std::string& protocol, const std::string& endpoint, bool fifo_topic);

// True for protocols whose owner must confirm.
bool needs_confirmation(const std::string& protocol);

// Sets one attribute of `subscription`, whose topic is a FIFO topic or not. `subscribing`: in
// Subscribe, whose errors have other words. Throws InvalidParameter. A filter's scope is looked at
// in `subscription`, so that comes first.
void set_subscription_attribute(Subscription& subscription, bool fifo_topic,
                                const std::string& name, const std::string& value,
                                bool subscribing);

// Attributes of GetSubscriptionAttributes. `topic_policy`: the topic's DeliveryPolicy.
Json shown_subscription_attributes(const Subscription& subscription, const std::string& arn,
                                   const std::string& topic_arn, const std::string& topic_policy);

}  // namespace paddock::services::sns
