// Notification configurations of buckets: what they may be, and which events they want. Pure.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::s3 {

// One configuration of a bucket: where to, what of.
struct Notification {
  std::string id;
  std::string arn;
  std::string_view argument;  // what AWS calls the destination in errors: Queue, Topic …
  std::vector<std::string> events;
  std::string prefix, suffix;

  // `event`: "ObjectCreated:Put".
  bool wants(std::string_view event, std::string_view key) const;
  std::string service() const;  // "sqs"; "" if the destination is no ARN
};

// Those of a NotificationConfiguration.
std::vector<Notification> notifications_of(const Json& configuration);

// Checks a configuration as it was put, gives ids to those that have none, and writes the names of
// filter rules as AWS gives them back. `region`: the bucket's. Throws AwsError.
void check_notifications(Json& configuration, std::string_view region,
                         const std::function<std::string()>& make_id);

}  // namespace paddock::services::s3
