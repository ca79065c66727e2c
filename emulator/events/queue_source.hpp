// Queues that others consume without polling: the service that owns them implements QueueSource.
// Messages are received and deleted through the service's API (core/caller); this says when.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/caller.hpp"
#include "core/clock.hpp"

namespace paddock::events {

struct QueueFacts {
  bool fifo = false;
  Milliseconds visibility{0};  // the queue's time-out
};

// Thread-safe. Nothing here waits.
class QueueSource {
 public:
  virtual ~QueueSource() = default;

  // nullopt if there is no such queue.
  virtual std::optional<QueueFacts> facts(const std::string& queue_arn) = 0;
  // When the next message can be received, which may have come already; nullopt if there is none.
  virtual std::optional<WorldTime> next_visible(const std::string& queue_arn) = 0;
  // What sent the message of a receipt handle; empty if it is gone.
  virtual Cause cause_of(const std::string& queue_arn, const std::string& receipt_handle) = 0;
  // Calls `listener` (any thread, must not wait, may be called for nothing) whenever a message can
  // be received, or it is known when one can be. The queue need not exist yet. Dropping the
  // returned object ends it.
  virtual std::shared_ptr<void> subscribe(const std::string& queue_arn,
                                          std::function<void()> listener) = 0;
};

}  // namespace paddock::events
