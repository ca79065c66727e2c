// What database.cpp, open.cpp and their neighbours share. Private to this folder, and without
// RocksDB's headers: only pointers to its types.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.hpp"
#include "storage/dead_realms.hpp"
#include "storage/directory_lock.hpp"
#include "storage/flusher.hpp"
#include "storage/syncer.hpp"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace paddock::storage {

// Within the data directory: files that are not part of the store yet. Emptied at open.
inline constexpr const char* kStagingFolder = "ingest";

struct Database::Impl {
  Impl(const DatabaseOptions& wanted, Log& log_lines);
  ~Impl();  // flushes, so that the next open has nothing to replay

  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return families[static_cast<size_t>(family)];
  }
  // Opens RocksDB in the directory whose lock is held. Throws OpenError.
  void open();
  // Reads or writes the format version row. Throws OpenError.
  void check_format();
  void start_threads();
  // Writes memtables that hold anything to the disk. Throws nothing: logs.
  void flush_memtables();
  // Tries to make a store usable again that refused a write (disk full, now with space).
  void try_resume();
  [[noreturn]] void refuse(const rocksdb::Status& status);
  // Waits for a reset that is waiting for commits; false if `mode` must not wait.
  bool pass_gate(CommitMode mode);
  uint64_t write(Batch& batch, CommitMode mode);
  // Adds the deletion of all rows of [begin, end) to `writes`.
  void erase_rows(rocksdb::WriteBatch& writes, Family family, const std::string& begin,
                  const std::string& end);

  const DatabaseOptions options;
  Log& log;
  std::string path;  // within `memory` for Durability::none
  DirectoryLock directory_lock;
  std::unique_ptr<rocksdb::Env> memory;
  rocksdb::DB* db = nullptr;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> families{};

  // Rises with every commit, also over a restart: it starts at RocksDB's sequence number, which
  // rises at least as fast.
  std::atomic<uint64_t> last_commit{0};
  std::atomic<bool> broken{false};  // a write failed; see try_resume
  std::mutex resume_mutex;
  bool beyond_resume = false;  // guarded by resume_mutex; only a restart helps

  // Commits hold it shared while they check and write; kill_realms alone.
  std::shared_mutex realms_mutex;
  std::mutex gate;  // so that a kill is not starved by commits
  std::atomic<bool> killing{false};
  DeadRealms dead;

  std::mutex counters_mutex;
  std::atomic<uint64_t> staged_files{0};  // numbers them

  std::unique_ptr<Syncer> syncer;  // with Durability::fsync
  std::unique_ptr<Flusher> flusher;
};

}  // namespace paddock::storage
