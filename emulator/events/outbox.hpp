// What a request sets off, delivered after it: asynchronous invocations, notifications, fan-out.
// An entry is written in the request's own batch, so what was acknowledged is delivered though the
// process dies; delivery is at least once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/activity.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/realm.hpp"
#include "core/task.hpp"
#include "storage/database.hpp"
#include "storage/realms.hpp"

namespace paddock::events {

struct OutboxEntry {
  RealmId realm = kNoRealm;  // of the service that wrote it
  std::string target;        // "lambda:invoke"
  std::string payload;       // the target's own format
  Cause cause;
  WorldTime enqueued;
  uint32_t attempt = 0;  // deliveries that ended in `retry`
};

// What became of one delivery.
struct Delivered {
  enum class Kind { done, retry } kind = Kind::done;
  WorldTime retry_at;   // for retry
  std::string payload;  // for retry: in place of the entry's; "" leaves that as it is

  static Delivered done() { return {}; }
  static Delivered retry(WorldTime at, std::string payload = {}) {
    return {Kind::retry, at, std::move(payload)};
  }
};

// Thread-safe.
class Outbox {
 public:
  static constexpr size_t kMostDeliveries = 64;

  // Delivers one entry; runs on the outbox's executor, up to 64 at once.
  // Throwing counts as retry after one second of world time. An entry whose target nobody has added
  // is logged and dropped.
  using Target = std::function<Task<Delivered>(OutboxEntry entry)>;

  Outbox(storage::Database& database, storage::Realms& realms, WorldClock& world,
         Activities& activities, Log& log);
  ~Outbox();

  void add_target(std::string name, Target target);  // before start
  void start(asio::io_context& io);
  // No new deliveries; running ones are abandoned and run again at the next start. Before `io`
  // ends.
  void stop();

  // Adds an entry within `batch`; it is delivered once that is as durable as promised.
  // The entry's Activity token is held from the commit until it is done, but not while it waits for
  // its retry.
  void add(storage::Batch& batch, OutboxEntry entry);

  // Entries not yet done, all targets.
  size_t pending() const;
  // When the next entry that waits for its retry is due; nullopt if none waits. For
  // Scheduler::also_due, so that advancing the clock stops there.
  std::optional<WorldTime> next_due() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace paddock::events
