// When a failed delivery is tried again: fixed phases for endpoints that AWS manages, the delivery
// policy for HTTP endpoints. Pure.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/json.hpp"

namespace paddock::services::sns {

// The delay after the `tried`-th failure (from 1) of a delivery to SQS or Lambda; nullopt when it
// is given up.
std::optional<Milliseconds> managed_delay(uint32_t tried);
// The same for an HTTP endpoint with this "healthyRetryPolicy", which is complete.
std::optional<Milliseconds> http_delay(const Json& policy, uint32_t tried);

// A topic's DeliveryPolicy as it is kept and shown: without members that are null. Throws
// InvalidParameter. nullopt: the text takes the policy away.
std::optional<std::string> checked_topic_delivery_policy(const std::string& text,
                                                         const std::string& prefix);
// A subscription's, of which every member is shown.
std::optional<std::string> checked_subscription_delivery_policy(const std::string& text,
                                                                const std::string& prefix);
// What holds for a topic (both texts may be "").
Json effective_topic_policy(const std::string& topic_policy);
// What holds for an HTTP subscription.
Json effective_subscription_policy(const std::string& topic_policy,
                                   const std::string& subscription_policy);

}  // namespace paddock::services::sns
