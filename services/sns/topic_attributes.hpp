// The attributes of topics: which there are, what they may be, how they are shown.
// https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
#pragma once

#include <string>

#include "core/json.hpp"
#include "services/sns/model.hpp"

namespace paddock::services::sns {

// Sets one attribute of `topic`. `creating`: in CreateTopic, whose errors have other words. Throws
// InvalidParameter for an unknown name or a bad value, 501 for what is not emulated.
void set_topic_attribute(Topic& topic, const std::string& name, const std::string& value,
                         bool creating);

// Subscriptions of a topic.
struct SubscriptionCounts {
  size_t confirmed = 0, pending = 0;
};
// Attributes of GetTopicAttributes.
Json shown_topic_attributes(const Topic& topic, const std::string& arn, const std::string& owner,
                            const SubscriptionCounts& counts);

// Throws InvalidParameter for a text that is no policy document. `what`: all that follows "Invalid
// parameter: ".
void check_policy(const std::string& text, const std::string& what);

}  // namespace paddock::services::sns
