// Activity is counted (DESIGN 4.8): whatever runs or could run holds a token; quiet = none held.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace paddock {

class Activities;

// Held by a request, an outbox entry, a poller with unread records, a function run, a due timer.
// Movable; released by the destructor.
class Activity {
 public:
  Activity() = default;
  Activity(Activity&& other) noexcept { swap(other); }
  Activity& operator=(Activity&& other) noexcept {
    Activity(std::move(other)).swap(*this);
    return *this;
  }
  ~Activity() { release(); }

  explicit operator bool() const { return owner_ != nullptr; }
  void release();

 private:
  friend class Activities;
  Activity(Activities* owner, size_t slot) : owner_(owner), slot_(slot) {}
  void swap(Activity& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(slot_, other.slot_);
  }

  Activities* owner_ = nullptr;
  size_t slot_ = 0;
};

// The registry of tokens: one counter per label. Thread-safe, without a lock on `begin` once a
// label is registered. Must outlive its tokens.
class Activities {
 public:
  // A kind of activity, named for people: "request", "outbox", "function pageviews-processor".
  using Label = size_t;
  // The label of that name, made at first use. At most kMaxLabels; further names share "other".
  Label label(const std::string& name);

  Activity begin(Label label);
  Activity begin(const std::string& name) { return begin(label(name)); }

  bool quiet() const { return total_.load() == 0; }
  int64_t total() const { return total_.load(); }
  // What is active now, for people: "3 x request", "function pageviews-processor" …
  std::vector<std::string> active() const;

  // Waits on the calling thread until quiet or for `bound` of machine time; true if quiet. The
  // caller must hold no token itself.
  bool wait_quiet(std::chrono::milliseconds bound);

 private:
  friend class Activity;
  void end(Label label);

  static constexpr size_t kMaxLabels = 1024;
  std::atomic<int64_t> total_{0};
  std::atomic<int> waiting_{0};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Label> labels_;
  std::array<std::atomic<int64_t>, kMaxLabels> counts_{};
};

}  // namespace paddock
