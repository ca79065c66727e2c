// Sequence numbers of logs (stream shards, outbox) and the watermark behind which they are read
// (DESIGN 4.7). A ticket is taken under the item lock and released after the commit; readers never
// pass the lowest open ticket. Numbers rise whatever the clock does and are never used twice.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/database.hpp"

namespace paddock::events {

class LogSequencer;

// Numbers [first, first + count), to be written within one batch. Dropped without a commit, the
// numbers stay unused and readers go on past them.
class Ticket {
 public:
  Ticket() = default;
  Ticket(Ticket&&) noexcept;
  Ticket& operator=(Ticket&&) noexcept;
  ~Ticket();

  uint64_t first() const { return first_; }
  uint64_t count() const { return count_; }
  // Ties the ticket to `batch`: it is released once that is as durable as promised (or the batch
  // is dropped or refused). Leaves this ticket empty.
  void attach(storage::Batch& batch) &&;

 private:
  friend class LogSequencer;
  struct State;
  std::shared_ptr<State> state_;
  uint64_t first_ = 0;
  uint64_t count_ = 0;
};

// Thread-safe. A log is named by a string that starts with its realm's id (a key prefix).
class LogSequencer {
 public:
  explicit LogSequencer(storage::Database& database);
  ~LogSequencer();

  // The next `count` numbers of `log`, starting at 1. May write a reservation row.
  Ticket take(std::string_view log, uint64_t count = 1);
  // Readers may read numbers below this one, and no others.
  uint64_t readable_end(std::string_view log) const;
  // `listener` is called, from any thread, after readable_end(log) rose. One per log name prefix;
  // it must not wait.
  void on_readable(std::function<void(const std::string& log)> listener);
  // Forgets a log that was dropped; its numbers are still never used again.
  void forget(std::string_view log);

 private:
  friend class Ticket;
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace paddock::events
