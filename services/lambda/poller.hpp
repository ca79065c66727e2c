// Event source mappings at work: reading streams and queues, and invoking functions with batches
// (stream_poller.hpp, queue_poller.hpp).
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
//
// Nothing polls by the clock. A stream's or queue's notification, a change of the mapping or its
// function, the end of a batching window or of a message's time out of sight wakes a mapping; it
// then reads until nothing is left. Delivery is at least once: a position is committed, a message
// deleted, after its batch succeeded.
//
// Of a stream with a tumbling window the function is run once more at the window's end, without
// records; with a parallelization factor a shard is read by several lanes side by side (lanes.hpp).
//
// An Activity "poller" is held from the wake until all is read, pauses between attempts included.
// It is not held while a window is open (a timer is set for its end) or while the mapping cannot go
// on without a change from outside: no such function, no runtime for it, on a stream a reserved
// concurrency of 0.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/realm.hpp"
#include "gateway/platform.hpp"
#include "services/lambda/mapping_poller.hpp"
#include "services/lambda/store.hpp"

namespace paddock::events {
struct Timer;
}

namespace paddock::services::lambda {

// All mappings of all realms. Thread-safe.
class Pollers {
 public:
  static constexpr const char* kWindowTarget = "lambda:window";

  // Registers its timer with the scheduler, which must not have started.
  explicit Pollers(const PollerParts& parts);
  ~Pollers();

  void start();  // resumes every stored mapping
  void stop();   // ends them; a run that is under way is not committed

  // After the commit that made or changed a mapping …
  void put(std::shared_ptr<const Realm> realm, const Mapping& mapping);
  // … dropped it (within the lock of its key) …
  void remove(RealmId realm, const std::string& uuid);
  // … or changed a function in a way that lets its mappings go on.
  void function_changed(RealmId realm, const std::string& function);
  void drop_realms(const std::vector<RealmId>& realms);

 private:
  using Id = std::pair<RealmId, std::string>;
  void window_ended(const events::Timer& timer);

  PollerParts parts_;
  std::mutex mutex_;
  bool running_ = false;
  std::map<Id, std::shared_ptr<MappingPoller>> pollers_;
};

}  // namespace paddock::services::lambda
