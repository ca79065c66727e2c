// Changes of one queue's messages within one batch.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "events/scheduler.hpp"
#include "gateway/platform.hpp"
#include "services/sqs/listeners.hpp"
#include "services/sqs/live.hpp"
#include "services/sqs/store.hpp"
#include "storage/queue_index.hpp"

namespace paddock::services::sqs {

struct WriterParts {
  gateway::Platform& platform;
  const Store& store;
  storage::QueueIndex& index;
  Listeners& listeners;
};

// Used under the lock of the queue's name, from the reads to `committed`. Not thread-safe.
class QueueWriter {
 public:
  static constexpr const char* kRetentionTarget = "sqs:retention";

  QueueWriter(const WriterParts& parts, LiveQueue& queue, WorldTime now, storage::Batch& batch);

  const QueueInfo& info() const { return *info_; }
  const QueueKeys& keys() const { return keys_; }

  // A new last message, visible at `at_ms`. `sequence` is higher than all before.
  void append(uint64_t sequence, Message& message, int64_t at_ms);
  // A received message at another time, or received once more.
  void move(const std::string& group, uint64_t sequence, const State& from, const State& to);
  void erase(const std::string& group, uint64_t sequence, const State& state);

  void finish();     // writes what is left to write; before the commit
  void committed();  // after it: counts, heads of queues, and those who wait
  bool empty() const { return changes_ == 0; }

 private:
  struct Group {
    std::optional<GroupPlace> before;
    std::map<uint64_t, std::optional<State>> members;  // changed ones; nullopt: erased
  };
  Group& group(const std::string& name);
  std::optional<GroupPlace> first_of(const std::string& name, const Group& group) const;
  void put_ready(int64_t at_ms, uint64_t sequence, const std::string& value);
  void put_message(uint64_t sequence, const Message& message);
  void arm(const Message& message);

  WriterParts parts_;
  LiveQueue& queue_;
  const std::shared_ptr<const QueueInfo> info_;
  const QueueKeys keys_;
  const WorldTime now_;
  storage::Batch& batch_;
  const std::string ready_prefix_;
  std::map<std::string, Group> groups_;
  std::vector<std::string> inserted_;           // ready keys
  size_t visible_ = 0;                          // of them, at once
  std::vector<std::pair<State, State>> moved_;  // from, to
  std::vector<State> added_, removed_;
  bool armed_ = false;
  size_t changes_ = 0;
};

// The timer that ends the retention of the queue's oldest messages.
events::Timer retention_timer(const QueueInfo& queue, WorldTime due);

}  // namespace paddock::services::sqs
