// The messages of event notifications.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
#pragma once

#include <string>
#include <string_view>

#include "core/caller.hpp"
#include "services/s3/model.hpp"

namespace paddock::gateway {
struct RequestContext;
}

namespace paddock::services::s3 {

// Who caused an event.
struct Origin {
  std::string principal_id;
  std::string source_ip;
  std::string request_id;
  Cause cause;
};
Origin origin_of(const gateway::RequestContext& context);
// What S3 does by itself.
Origin origin_of_s3(std::string request_id);

// One event.
struct Happening {
  std::string_view name;  // "ObjectCreated:Put"
  std::string_view key;
  const Object& object;   // the version it is about
  uint64_t sequence = 0;  // rises with the events of a key
  WorldTime at;
  WorldTime restored_until;  // of ObjectRestore:Completed
};

// {"Records":[…]} for one configuration, members in AWS's order.
std::string event_text(const Bucket& bucket, const std::string& configuration, const Origin& origin,
                       const Happening& happening);
// s3:TestEvent, which new queues and topics are sent.
std::string test_event_text(const Bucket& bucket, const std::string& request_id, WorldTime at);

}  // namespace paddock::services::s3
