// The tables and streams that exist, kept in memory once read, and their derived counts.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/platform.hpp"
#include "services/dynamodb/model.hpp"
#include "storage/database.hpp"

namespace paddock::services::dynamodb {

class Shards;

// A stream and where it lies.
struct StreamHandle {
  RealmId realm = kNoRealm;
  std::string arn;
  std::shared_ptr<const Stream> stream;
  std::string log;  // its name for the sequencer: the prefix of its records' keys
};

// Thread-safe. Reads need no lock of the caller; changes of definitions do: they are made under
// `change_mutex`, one at a time, and published here after their commit.
class Catalog {
 public:
  Catalog(gateway::Platform& platform, Shards& shards);
  // Saves the counts of what is in memory; the next run starts from them.
  ~Catalog();

  // nullptr if there is no such table. The first call after a start reads the table's row.
  TablePtr find(RealmId realm, std::string_view name);
  // The names in order, from the first one after `after`.
  std::vector<std::string> names(RealmId realm, std::string_view after, size_t limit) const;
  size_t table_count(RealmId realm) const;

  // To be held while a definition is read, changed, committed and published.
  std::mutex& change_mutex() { return change_mutex_; }
  // Makes `table` the current version. The one before is marked retired, and on return nobody holds
  // a lock on its partitions any more.
  void publish(std::shared_ptr<const Table> table);
  void forget(const Table& table);

  // nullptr if there is no such stream (any more).
  std::shared_ptr<const StreamHandle> find_stream(std::string_view arn);
  std::vector<std::shared_ptr<const Stream>> streams(RealmId realm) const;
  // Drops the cached copy, after its row changed.
  void forget_stream(std::string_view arn);

  // Stops background counting; called once, before the destructor.
  void stop() { *stopping_ = true; }
  // Tables whose background work (an index to fill, a restore …) was cut short by the end of the
  // process are handed to `resume` when they are first read.
  void on_unfinished(std::function<void(TablePtr)> resume) { resume_ = std::move(resume); }

 private:
  struct NameHash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  using Names = std::unordered_map<std::string, TablePtr, NameHash, std::equal_to<>>;

  TablePtr load(RealmId realm, std::string_view name);
  void load_counts(const TablePtr& table);
  bool take_saved_counts(const Table& table);
  void recount(const TablePtr& table);
  void save_counts();
  void drop_realms(const std::vector<RealmId>& dead);

  gateway::Platform& platform_;
  Shards& shards_;
  std::mutex change_mutex_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<RealmId, Names> tables_;
  std::map<std::string, std::shared_ptr<const StreamHandle>, std::less<>> streams_;  // by ARN
  std::shared_ptr<std::atomic<bool>> stopping_ = std::make_shared<std::atomic<bool>>(false);
  std::function<void(TablePtr)> resume_;
};

}  // namespace paddock::services::dynamodb
