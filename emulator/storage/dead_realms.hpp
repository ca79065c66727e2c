// The ids of the realms that were reset since open, as ranges: ids rise, and a reset of all kills
// a run of them, so that thousands of resets stay one range.
#pragma once

#include <map>

#include "core/realm.hpp"

namespace paddock::storage {

// Not thread-safe.
class DeadRealms {
 public:
  bool empty() const { return ranges_.empty(); }

  bool contains(RealmId id) const {
    auto after = ranges_.upper_bound(id);
    return after != ranges_.begin() && std::prev(after)->second > id;
  }

  void add(RealmId id) {
    if (contains(id)) {
      return;
    }
    RealmId begin = id;
    RealmId end = id + 1;
    auto after = ranges_.upper_bound(id);
    if (after != ranges_.begin() && std::prev(after)->second == id) {
      begin = std::prev(after)->first;
    }
    if (after != ranges_.end() && after->first == end) {
      end = after->second;
      ranges_.erase(after);
    }
    ranges_[begin] = end;
  }

  size_t ranges() const { return ranges_.size(); }

 private:
  std::map<RealmId, RealmId> ranges_;  // begin -> end, neither touching nor overlapping
};

}  // namespace paddock::storage
