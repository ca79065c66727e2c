// The streams that exist, in memory once a realm is looked at.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "services/kinesis/store.hpp"

namespace paddock::services::kinesis {

using StreamPtr = std::shared_ptr<const StreamInfo>;

// Thread-safe. A stream's definition is immutable; a change publishes a new one after its commit,
// while the stream's lock is held.
class Catalog {
 public:
  explicit Catalog(const Store& store) : store_(store) {}

  // nullptr if there is none.
  StreamPtr find(RealmId realm, std::string_view name);
  StreamPtr find_number(RealmId realm, uint64_t number);
  std::vector<StreamPtr> all(RealmId realm);  // by name
  void publish(StreamPtr stream);
  void forget(const StreamInfo& stream);
  void drop_realms(const std::vector<RealmId>& realms);

 private:
  using Names = std::map<std::string, StreamPtr, std::less<>>;
  void load(RealmId realm);

  const Store& store_;
  std::shared_mutex mutex_;
  std::map<RealmId, Names> realms_;
};

}  // namespace paddock::services::kinesis
