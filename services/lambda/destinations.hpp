// Sending what became of a run to queues, topics, buses, buckets and other functions: destinations
// and dead-letter queues. Each target is another service's API, called in-process; a service that
// is not emulated here is named in the timeline.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/caller.hpp"
#include "core/json.hpp"
#include "core/realm.hpp"
#include "core/task.hpp"
#include "events/outbox.hpp"
#include "gateway/platform.hpp"

namespace paddock::services::lambda {

// A message in the outbox, target kDestinationTarget. Payload, version 1: JSON text
// {"v":1,"target","principal","source","body","detail_type","object_key","attributes"}.
inline constexpr const char* kDestinationTarget = "lambda:destination";

struct DestinationMessage {
  std::string target;                // an ARN
  std::string principal;             // ARN under which it is sent: a session of the function's role
  std::string source;                // ARN of the function or mapping
  std::string body;                  // JSON text
  std::string detail_type;           // of an event on a bus
  std::string object_key;            // of an object in a bucket
  Json attributes = Json::object();  // of a message in a queue or to a topic: name -> text

  std::string encode() const;
  static DestinationMessage decode(const std::string& text);  // throws on other bytes
};

// The call that sends a message.
struct DestinationCall {
  std::string service, operation;
  Json input;
  std::string region;  // "" for that of the sender
};
// Throws AwsError for a target that cannot be one.
DestinationCall call_of(const DestinationMessage& message);

// Thread-safe.
class Destinations {
 public:
  explicit Destinations(gateway::Platform& platform) : platform_(platform) {}

  // Sends once; what fails is in the timeline. Returns whether it was taken.
  Task<bool> send(std::shared_ptr<const Realm> realm, DestinationMessage message, Cause cause);
  // For a batch: sent after its commit.
  events::OutboxEntry entry(const Realm& realm, const DestinationMessage& message,
                            const Cause& cause) const;
  Task<events::Delivered> deliver(events::OutboxEntry entry);

 private:
  void record(const Realm& realm, const DestinationMessage& message, const std::string& outcome,
              const Cause& cause);

  gateway::Platform& platform_;
};

}  // namespace paddock::services::lambda
