// Reads that can be taught: how eventually consistent reads and reads of global indexes see the
// past, and what an outage does to strongly consistent ones
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html).
//
// While a lag is set, what each write replaces is kept in memory for as long, so a lagging read
// answers what was there at (now - lag) of world time: no mixture, no chance. What was written
// before the lag was set is seen at once. The memory is bounded: beyond 64 MB the oldest changes
// are dropped, and reads see those keys as they are.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "services/dynamodb/store.hpp"
#include "storage/database.hpp"

namespace paddock::services::dynamodb {

// Thread-safe. Nothing is kept and no lock is taken while no lag is set.
class ReadLag {
 public:
  static constexpr int64_t kMostMs = 3'600'000;
  static constexpr size_t kMostBytes = 64 * 1024 * 1024;

  enum class Of { tables, indexes };  // local indexes lag with their table

  explicit ReadLag(const WorldClock& world) : world_(world) {}

  void set(int64_t tables_ms, int64_t indexes_ms);
  int64_t ms(Of of) const { return (of == Of::tables ? tables_ms_ : indexes_ms_).load(); }
  bool lags(Of of) const {
    return (of == Of::tables ? tables_ms_ : indexes_ms_).load(std::memory_order_relaxed) != 0;
  }
  void set_outage(bool on) { outage_ = on; }
  bool outage() const { return outage_.load(std::memory_order_relaxed); }

  // Keeps what a write is about to replace: row and index entries. Under the lock of the item's
  // partition, before its commit.
  void remember(const Table& table, const ItemKey& key, const ItemChange& change) {
    if (lags(Of::tables) || lags(Of::indexes)) keep(table, key, change);
  }

  // What lay under the key then, "" if nothing; nullopt if it is as it is now. To be asked after
  // the key was read.
  std::optional<std::string> then(Of of, std::string_view key) const;
  // The same for all keys in [begin, end) that are not as they are now. After the snapshot.
  std::map<std::string, std::string> then(Of of, std::string_view begin,
                                          std::string_view end) const;

 private:
  struct Change {
    int64_t at_ms;
    std::string before;
  };
  using Keys = std::map<std::string, std::deque<Change>, std::less<>>;

  void keep(const Table& table, const ItemKey& key, const ItemChange& change);
  void add(const std::string& key, std::string_view before, int64_t now_ms);
  void drop_old(int64_t now_ms);
  const std::string* find_then(const std::deque<Change>& changes, int64_t then_ms) const;

  const WorldClock& world_;
  std::atomic<int64_t> tables_ms_{0};
  std::atomic<int64_t> indexes_ms_{0};
  std::atomic<bool> outage_{false};
  mutable std::mutex mutex_;
  Keys keys_;                         // guarded by mutex_, as what follows
  std::deque<Keys::iterator> order_;  // one entry per change, oldest first
  size_t bytes_ = 0;
};

// Rows in key order as they were then: a walk over the rows that there are, with what differed laid
// over it.
class RowsThen {
 public:
  RowsThen(storage::Iterator rows, std::map<std::string, std::string> then,
           storage::Direction direction);
  RowsThen(const RowsThen&) = delete;
  RowsThen& operator=(const RowsThen&) = delete;

  bool valid() const { return from_then_ || rows_.valid(); }
  void next();
  std::string_view value() const {
    return from_then_ ? std::string_view(position_->second) : rows_.value();
  }

 private:
  // Decides which of the two comes next, past rows that were not there then.
  void settle();
  bool before(std::string_view a, std::string_view b) const {
    return direction_ == storage::Direction::forward ? a < b : b < a;
  }
  std::map<std::string, std::string>::const_iterator first() const;
  void step();

  storage::Iterator rows_;
  const std::map<std::string, std::string> then_;
  const storage::Direction direction_;
  std::map<std::string, std::string>::const_iterator position_;
  bool any_left_ = false;  // whether position_ is one of then_
  bool from_then_ = false;
};

}  // namespace paddock::services::dynamodb
