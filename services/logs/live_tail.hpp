// Live tails: sessions that are shown events as they are written, of up to ten groups.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html
//
// A session is in memory and gathers what is written; it looks at no store.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/realm.hpp"
#include "services/logs/model.hpp"
#include "services/logs/pattern.hpp"

namespace paddock::services::logs {

// What a session wants to see.
struct LiveTailSettings {
  RealmId realm = kNoRealm;
  std::string account;
  std::set<uint64_t> groups;          // incarnation ids
  std::vector<std::string> streams;   // empty: all
  std::vector<std::string> prefixes;  // of streams; empty: all
  Pattern pattern{""};
};

// Thread-safe.
class LiveTail {
 public:
  explicit LiveTail(LiveTailSettings settings) : settings_(std::move(settings)) {}

  const LiveTailSettings& settings() const { return settings_; }
  bool wants(RealmId realm, uint64_t group, const std::string& stream) const;
  // Takes what matches; of more than 500 since the last update only the first are kept.
  void take(const Group& group, const std::string& stream, const std::vector<Event>& events);
  // A document of LiveTailSessionUpdate: what came since the last one.
  Json update();

 private:
  const LiveTailSettings settings_;
  std::mutex mutex_;  // guards what follows
  Json results_ = Json::array();
  bool sampled_ = false;
};

// The sessions of a service. Thread-safe.
class LiveTails {
 public:
  // Removes its session when destroyed.
  class Entry {
   public:
    Entry(LiveTails& owner, std::shared_ptr<LiveTail> tail)
        : owner_(owner), tail_(std::move(tail)) {}
    ~Entry() { owner_.remove(tail_); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    LiveTail& tail() { return *tail_; }

   private:
    LiveTails& owner_;
    std::shared_ptr<LiveTail> tail_;
  };

  // Throws LimitExceededException if the realm has 15 already.
  std::unique_ptr<Entry> add(LiveTailSettings settings);
  // After the events are written. Costs one load while there is no session.
  void publish(RealmId realm, const Group& group, const std::string& stream,
               const std::vector<Event>& events);

 private:
  void remove(const std::shared_ptr<LiveTail>& tail);

  std::atomic<size_t> count_{0};
  std::mutex mutex_;  // guards tails_
  std::vector<std::shared_ptr<LiveTail>> tails_;
};

}  // namespace paddock::services::logs
