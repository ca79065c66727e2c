// The store of one emulator: one RocksDB, eight column families shared by all services. The only
// headers of RocksDB are in storage/*.cpp.
//
// Acknowledge, not commit, waits for the disk (DESIGN 5): a commit never syncs; with
// Durability::fsync the gateway holds an answer until `durable()` covers its commit.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/realm.hpp"
#include "storage/keys.hpp"

namespace paddock::storage {

// A column family, by access pattern.
enum class Family : uint8_t {
  meta,    // definitions: small, read by name, listed
  rows,    // items and other data read by key
  index,   // secondary indexes of rows
  log,     // appended, read in order, trimmed from the front
  queue,   // consumed from the head: outbox, messages
  timers,  // consumed from the head by time
  blobs,   // bodies of 32 KiB to 8 MiB (BlobDB)
  stats,   // metric sums, saved counts: may lag
};
inline constexpr size_t kFamilies = 8;

enum class Durability {
  none,   // --in-memory: nothing survives the process
  wal,    // default: an acknowledged write survives the process (kill -9)
  fsync,  // … and the machine
};

struct DatabaseOptions {
  std::string path;  // ignored for Durability::none
  Durability durability = Durability::wal;
  LogLevel log_level = LogLevel::info;  // debug: RocksDB's own info log is kept
};

// The data directory cannot be used. The message is for people and names the remedy.
class OpenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// The disk refused a write or read (full, broken). Answers 500 InternalFailure.
class StorageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};
// A commit on an I/O thread would have waited for a flush; nothing was written. The gateway runs
// the handler again on the work pool.
class CommitWouldWait : public std::runtime_error {
 public:
  CommitWouldWait() : std::runtime_error("the commit would wait") {}
};
// The batch touches a realm that was reset meanwhile; nothing was written.
class DeadRealm : public std::runtime_error {
 public:
  DeadRealm() : std::runtime_error("the realm was reset") {}
};

// Writes that commit together or not at all. A commit empties it, so that it can be filled again; a
// refused one leaves it as it was. Keys shorter than a realm id are a std::invalid_argument. Not
// thread-safe.
class Batch {
 public:
  Batch();
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

  void put(Family family, std::string_view key, std::string_view value);
  void erase(Family family, std::string_view key);
  // [begin, end). Costs reads a tombstone: for dropping a resource, not for consuming a queue.
  void erase_range(Family family, std::string_view begin, std::string_view end);
  // The commit throws DeadRealm if this realm is dead, though no key of the batch may be its.
  void require_alive(RealmId realm);
  bool empty() const;
  size_t bytes() const;
  // Runs after the batch has committed, on the committing thread, in the order added; not at all
  // if the commit throws. For waking waiters and releasing tickets; must not throw or commit.
  void after_commit(std::function<void(uint64_t commit)> action);

 private:
  friend class Database;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class BulkFile;  // bulk_file.hpp

// A consistent view of the database. Cheap; hold for milliseconds, never across a slow client.
class Snapshot {
 public:
  Snapshot() = default;

 private:
  friend class Database;
  std::shared_ptr<const void> impl_;
};

// A value pinned in the cache or memtable while this object lives.
class Value {
 public:
  Value();
  ~Value();
  Value(Value&&) noexcept;
  Value& operator=(Value&&) noexcept;
  static Value copy_of(std::string_view bytes);
  std::string_view view() const;

 private:
  friend class Database;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Walks [begin, end) in key order, or backwards. Views are valid until the next move.
class Iterator {
 public:
  ~Iterator();
  Iterator(Iterator&&) noexcept;
  Iterator& operator=(Iterator&&) noexcept;

  bool valid() const;               // false at the end; throws StorageError on a read error
  void next();                      // in the direction of the walk
  void seek(std::string_view key);  // to the first key at or after (backwards: at or before) `key`
  std::string_view key() const;
  std::string_view value() const;

 private:
  friend class Database;
  struct Impl;
  explicit Iterator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

enum class Direction { forward, backward };
enum class CommitMode {
  may_wait,  // work pool, function threads, start-up
  no_wait,   // I/O threads: throws CommitWouldWait instead of waiting for a flush
};

// Thread-safe. Format version, clock state and realm directory live under kSystemRealm.
class Database : public CounterStore {
 public:
  // Opens or creates. Throws OpenError: locked by another process (names it), made by a newer
  // version, not a Paddock directory, no permission.
  static std::unique_ptr<Database> open(const DatabaseOptions& options, Log& log);
  ~Database() override;

  // Reads throw StorageError.
  std::optional<std::string> get(Family family, std::string_view key,
                                 const Snapshot* snapshot = nullptr) const;
  // Without a copy; false if there is no such key.
  bool get(Family family, std::string_view key, Value& value,
           const Snapshot* snapshot = nullptr) const;
  Iterator iterate(Family family, std::string_view begin, std::string_view end,
                   Direction direction = Direction::forward,
                   const Snapshot* snapshot = nullptr) const;
  // All keys that start with `prefix`.
  Iterator iterate_prefix(Family family, std::string_view prefix,
                          const Snapshot* snapshot = nullptr) const;
  Snapshot snapshot() const;

  // Commits atomically; returns the commit's number, which rises. Throws DeadRealm,
  // CommitWouldWait, StorageError. Every key of the batch must start with a live realm's id.
  uint64_t commit(Batch& batch, CommitMode mode = CommitMode::may_wait);

  // The highest commit that is as durable as promised. With Durability::fsync one syncer thread
  // moves it; else it equals the last commit.
  uint64_t durable() const;
  // Calls `action` once durable() >= commit: at once on this thread, or on the syncer's.
  void when_durable(uint64_t commit, std::function<void()> action);

  Durability durability() const;
  // Approximate bytes of one key range on disk and in memtables.
  uint64_t approximate_bytes(Family family, std::string_view begin, std::string_view end) const;

  // A sorted file to be filled and moved in whole, beside the write-ahead log; nullptr with
  // Durability::none. For bodies of many megabytes. Throws StorageError.
  std::unique_ptr<BulkFile> bulk_file(Family family);
  // Gives disk space back early: drops the files that lie wholly in a range nobody reads any more.
  // The range must be erased as well, before or after. Does nothing while a snapshot lives: it may
  // still see the range.
  void drop_files(Family family, std::string_view begin, std::string_view end);

  // Hard-links a consistent copy into `path`, which must not exist; with Durability::none it is
  // copied there. Throws StorageError.
  void checkpoint(const std::string& path);

  // Throws DeadRealm, StorageError.
  uint64_t reserve(uint32_t realm, std::string_view kind, uint64_t count) override;

  // Drops everything of these realms and refuses later commits under their ids. For Realms.
  void kill_realms(const std::vector<RealmId>& realms);

 private:
  friend class BulkFile;
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace paddock::storage
