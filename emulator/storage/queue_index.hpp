// Heads of queues. A seek over deleted keys costs milliseconds, from a remembered head microseconds
// (DESIGN 5), so whatever is consumed from its front is read through this class. A queue is a key
// prefix in one family; its order is key order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/database.hpp"

namespace paddock::storage {

// Thread-safe. Heads are found again by one seek at first use after open.
class QueueIndex {
 public:
  QueueIndex(Database& database, Family family);

  struct Entry {
    std::string key;
    std::string value;
  };

  // The first `limit` entries of the queue, whose keys are below `end` if it is given.
  std::vector<Entry> front(std::string_view prefix, size_t limit, std::string_view end = {});
  std::optional<Entry> front(std::string_view prefix);

  // To be called after a commit that put `key` (lowers the head if need be) …
  void inserted(std::string_view prefix, std::string_view key);
  // … and after a commit that erased all entries before `next` (raises the head, to the first entry
  // that came in meanwhile if there is one).
  void consumed(std::string_view prefix, std::string_view next);
  // Forgets a queue that was dropped.
  void forget(std::string_view prefix);

 private:
  struct Head {
    std::string key;       // no key of the queue lies below it
    uint64_t version = 0;  // changes with each insertion, and when a queue is forgotten and back
  };
  Head head_of(std::string_view prefix);
  // Sets the head to `to`, up to where a walk from `seen` found nothing.
  void raise(std::string_view prefix, const Head& seen, std::string_view to);

  Database& database_;
  const Family family_;
  std::mutex mutex_;
  std::map<std::string, Head, std::less<>> heads_;
  uint64_t next_version_ = 0;
};

}  // namespace paddock::storage
