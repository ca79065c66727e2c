// What a queue is, and the rules of its names, addresses and attributes. Pure: no I/O.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/realm.hpp"

namespace paddock::services::sqs {

// Where messages go that were received too often.
struct Redrive {
  std::string target_arn;
  std::string target;  // the queue's name; account and region are those of the source
  int64_t max_receives = 0;
};

// A queue as it is defined. Shared, never changed: a change makes another one.
struct QueueInfo {
  RealmId realm = kNoRealm;
  std::string account;
  std::string region;
  std::string name;
  uint64_t identity = 0;  // of this queue, not of another one of its name
  // Names the messages of the queue. A purge gives it new ones, so that the old are forgotten at
  // once.
  uint64_t data = 0;
  WorldTime created;
  WorldTime modified;
  std::optional<WorldTime> purged;
  // Each message group has deduplication ids of its own. What DeduplicationScope was at creation:
  // AWS goes by that, whatever is set later (recorded).
  bool scope_is_group = false;
  std::map<std::string, std::string> attributes;  // as set, in the form in which they are shown
  std::map<std::string, std::string> tags;

  // From `attributes`.
  bool fifo = false;
  bool content_deduplication = false;
  int64_t visibility_s = 30;
  int64_t delay_s = 0;
  int64_t retention_s = 345'600;
  int64_t most_bytes = 1'048'576;
  int64_t wait_s = 0;
  std::optional<Redrive> redrive;

  std::string arn() const;
  int64_t retention_ms() const { return retention_s * 1000; }
};

// Throws InvalidParameterValueException.
void check_queue_name(std::string_view name, bool fifo);

// FifoQueue=true among the attributes of CreateQueue.
bool wants_fifo(const Json& attributes);

// Checks `attributes` (an object of strings) and sets them, with what follows from them. Throws
// InvalidAttributeName, InvalidAttributeValue, InvalidParameterValueException. Whether a dead
// letter queue exists is not checked.
void set_attributes(QueueInfo& queue, const Json& attributes);
// The same for a queue that is being made: defaults first.
void set_first_attributes(QueueInfo& queue, const Json& attributes);
// A value in the form in which it is kept: "true" for "True".
std::string kept_value(std::string_view name, std::string_view value);

// The parsed RedrivePolicy. Throws InvalidParameterValueException.
Redrive parse_redrive_policy(const std::string& text);
// True if the RedriveAllowPolicy `text` ("" = none) lets the queue of `source_arn` use the one that
// carries it. Throws InvalidParameterValueException if it is none.
bool redrive_allowed(const std::string& text, std::string_view source_arn);

// True for the names that GetQueueAttributes takes, "All" included.
bool is_queue_attribute(std::string_view name);

// Whose queue a URL means. The host matters only where it names the region.
struct QueueAddress {
  std::string_view account;
  std::string_view region;  // "" if the URL does not say
  std::string_view name;
};
// The four forms, bare paths and bare names (account ""); nullopt for what is none. Views into
// `url`.
//   http://sqs.REGION.HOST/ACCOUNT/NAME  http://[REGION.]queue.HOST/ACCOUNT/NAME
//   http://HOST/queue/REGION/ACCOUNT/NAME  http://HOST/ACCOUNT/NAME
std::optional<QueueAddress> parse_queue_url(std::string_view url);
// The URL to hand out, in the form of the Host that the caller used: its first label says which.
std::string queue_url(std::string_view scheme, std::string_view authority, const QueueInfo& queue);

}  // namespace paddock::services::sqs
