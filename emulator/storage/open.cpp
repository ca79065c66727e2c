// Opening a store: RocksDB's options (DESIGN 5), the format version, and errors for people.
//
// Format row, version 1, family meta, key (kSystemRealm, kFormatKind): u32 version. It is written
// into a new store before anything else.
#include <algorithm>
#include <cstdarg>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_buffer_manager.h>

#include "storage/database_impl.hpp"
#include "storage/system_kinds.hpp"

namespace paddock::storage {

namespace {

constexpr uint32_t kFormatVersion = 1;

constexpr size_t kWriteBufferBytes = 8 << 20;
constexpr size_t kAllWriteBuffersBytes = 32 << 20;
constexpr size_t kBlockCacheBytes = 32 << 20;
constexpr int kCacheShardBits = 2;        // a lock each
constexpr double kCacheForIndexes = 0.5;  // of the cache, before rows push them out
constexpr size_t kWalBytes = 32 << 20;
constexpr size_t kManifestBytes = 4 << 20;
constexpr size_t kArenaBytes = 256 << 10;
constexpr int kOpenFiles = 500;
constexpr int kBitsPerBloomKey = 10;
constexpr uint64_t kBlobMinBytes = 4096;
constexpr uint64_t kBlobFileBytes = 64 << 20;
// A file in which half of any 256 keys in a row are deletions is compacted.
constexpr size_t kDeletionWindow = 256;
constexpr size_t kDeletionTrigger = 128;
constexpr double kDeletionRatio = 0.5;

// In the order of Family; the first is the one that every RocksDB has.
constexpr const char* kFamilyNames[kFamilies] = {"default", "rows",   "index", "log",
                                                 "queue",   "timers", "blobs", "stats"};

class NullLogger : public rocksdb::Logger {
 public:
  NullLogger() : rocksdb::Logger(rocksdb::NUM_INFO_LOG_LEVELS) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// RocksDB would look for space every five seconds, and refuse to resume meanwhile. Here the next
// commit that may wait tries (Database::Impl::try_resume).
class NoRecoveryByItself : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* by_itself) override {
    *by_itself = false;
  }
};

rocksdb::DBOptions database_options(LogLevel log_level, rocksdb::Env* env) {
  rocksdb::DBOptions db;
  db.env = env;
  db.create_if_missing = true;
  db.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(kAllWriteBuffersBytes);
  db.max_total_wal_size = kWalBytes;
  db.max_manifest_file_size = kManifestBytes;
  db.max_open_files = kOpenFiles;
  db.max_file_opening_threads = 1;  // threads are started anew for every family with files
  db.max_background_jobs = 2;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.skip_stats_update_on_db_open = true;
  db.skip_checking_sst_file_sizes_on_db_open = true;
  db.avoid_unnecessary_blocking_io = true;
  // What a crash left in the log stays in memtables; the flusher writes it when there is time.
  db.avoid_flush_during_recovery = true;
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.listeners.push_back(std::make_shared<NoRecoveryByItself>());
  if (log_level == LogLevel::debug) {
    db.keep_log_file_num = 3;
  } else {
    db.info_log = std::make_shared<NullLogger>();
  }
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache =
      rocksdb::NewLRUCache(kBlockCacheBytes, kCacheShardBits, false, kCacheForIndexes);
  // Memory stays bounded however many files there are. Indexes and filters are cut into blocks of
  // their own: a whole one has a megabyte or more and would be read anew for every row once a table
  // outgrows the cache (3 million items: 12 us a read instead of 120).
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  rocksdb::BlockBasedTableOptions point_read_table = table;
  // Finds a row in its block without a search.
  point_read_table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  point_read_table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBitsPerBloomKey));

  rocksdb::ColumnFamilyOptions common;
  common.write_buffer_size = kWriteBufferBytes;
  common.max_write_buffer_number = 4;
  common.arena_block_size = kArenaBytes;
  common.level_compaction_dynamic_level_bytes = true;
  common.compression = rocksdb::kLZ4Compression;

  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kFamilies; ++i) {
    const Family family = static_cast<Family>(i);
    rocksdb::ColumnFamilyOptions options = common;
    const bool point_reads = family == Family::meta || family == Family::rows ||
                             family == Family::blobs || family == Family::stats;
    options.table_factory.reset(
        rocksdb::NewBlockBasedTableFactory(point_reads ? point_read_table : table));
    if (family == Family::queue || family == Family::timers || family == Family::blobs) {
      options.table_properties_collector_factories.push_back(
          rocksdb::NewCompactOnDeletionCollectorFactory(kDeletionWindow, kDeletionTrigger,
                                                        kDeletionRatio));
    }
    if (family == Family::blobs) {
      options.compression = rocksdb::kNoCompression;  // bodies are mostly compressed already
      options.enable_blob_files = true;
      options.min_blob_size = kBlobMinBytes;
      options.blob_file_size = kBlobFileBytes;
      options.enable_blob_garbage_collection = true;
    }
    families.emplace_back(kFamilyNames[i], options);
  }
  return families;
}

std::string format_key() {
  return Key(kSystemRealm, kFormatKind).bytes();
}

[[noreturn]] void refuse_newer(const std::string& path, uint32_t version) {
  throw OpenError("the data directory " + path +
                  " was made by a newer version of Paddock (format " + std::to_string(version) +
                  ", this one reads up to " + std::to_string(kFormatVersion) +
                  "): upgrade Paddock, or choose another --data-dir");
}

[[noreturn]] void refuse_foreign(const std::string& path) {
  throw OpenError(path +
                  " is not a Paddock data directory: it holds another program's RocksDB "
                  "(choose another --data-dir, or an empty one)");
}

// Makes a store. All families at once: each call that makes one writes all options anew (2 ms).
rocksdb::Status create(const rocksdb::DBOptions& options, const std::string& path,
                       const std::vector<rocksdb::ColumnFamilyDescriptor>& families,
                       std::vector<rocksdb::ColumnFamilyHandle*>& handles, rocksdb::DB*& db) {
  const rocksdb::Status status =
      rocksdb::DB::Open(options, path, {families.front()}, &handles, &db);
  if (!status.ok()) {
    return status;
  }
  std::vector<rocksdb::ColumnFamilyHandle*> others;
  const rocksdb::Status created = db->CreateColumnFamilies(
      std::vector<rocksdb::ColumnFamilyDescriptor>(families.begin() + 1, families.end()), &others);
  handles.insert(handles.end(), others.begin(), others.end());
  return created;
}

enum class Found { ours_unfinished, other };

// Looks, without writing, into a store whose families are not the ones we know: made by a newer
// version (throws), by us and killed half-way, or by somebody else.
Found look_into(const std::string& path) {
  rocksdb::Options options;
  options.info_log = std::make_shared<NullLogger>();
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::OpenForReadOnly(options, path, &opened).ok()) {
    return Found::other;
  }
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string row;
  if (db->Get({}, format_key(), &row).ok()) {
    KeyReader reader(row.append(1, '\0'));  // a u32 and a byte, like a key's head
    if (reader.realm() > kFormatVersion) {
      refuse_newer(path, reader.realm());
    }
    return Found::other;
  }
  return db->GetLatestSequenceNumber() == 0 ? Found::ours_unfinished : Found::other;
}

}  // namespace

Database::Impl::Impl(const DatabaseOptions& wanted, Log& log_lines)
    : options(wanted), log(log_lines), path(wanted.path) {
  if (options.durability == Durability::none) {
    memory.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    path = "/paddock";
    return;
  }
  std::error_code error;
  path = std::filesystem::absolute(options.path, error).lexically_normal().string();
  if (error) {
    throw OpenError("cannot use the data directory " + options.path + ": " + error.message());
  }
  directory_lock.acquire(path);
}

void Database::Impl::open() {
  rocksdb::Env* env = memory ? memory.get() : rocksdb::Env::Default();
  rocksdb::DBOptions db_options = database_options(options.log_level, env);
  const std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = family_descriptors();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;

  const bool is_new = !env->FileExists(path + "/CURRENT").ok();
  rocksdb::Status status;
  if (is_new) {
    status = create(db_options, path, descriptors, handles, db);
  } else {
    status = rocksdb::DB::Open(db_options, path, descriptors, &handles, &db);
  }
  if (status.IsInvalidArgument() && !is_new) {
    if (look_into(path) == Found::other) {
      refuse_foreign(path);
    }
    db_options.create_missing_column_families = true;
    status = rocksdb::DB::Open(db_options, path, descriptors, &handles, &db);
  }
  std::copy(handles.begin(), handles.end(), families.begin());
  if (!status.ok()) {
    std::string message = "cannot open the data directory " + path + ": " + status.ToString();
    if (status.IsCorruption()) {
      message += " (restore it from a snapshot, or choose another --data-dir)";
    }
    throw OpenError(message);
  }
  if (!memory) {
    std::error_code left_as_it_is;
    std::filesystem::remove_all(std::filesystem::path(path) / kStagingFolder, left_as_it_is);
  }
  last_commit.store(db->GetLatestSequenceNumber());
}

void Database::Impl::check_format() {
  std::string row;
  const rocksdb::Status status = db->Get({}, handle(Family::meta), format_key(), &row);
  if (status.IsNotFound() && db->GetLatestSequenceNumber() == 0) {
    append_u32(row, kFormatVersion);
    rocksdb::WriteOptions write;
    write.disableWAL = memory != nullptr;
    write.sync = options.durability == Durability::fsync;
    const rocksdb::Status written = db->Put(write, handle(Family::meta), format_key(), row);
    if (!written.ok()) {
      throw OpenError("cannot write to the data directory " + path + ": " + written.ToString());
    }
    last_commit.store(db->GetLatestSequenceNumber());
    return;
  }
  if (status.IsNotFound()) {
    refuse_foreign(path);
  }
  if (!status.ok() || row.size() != sizeof(uint32_t)) {
    throw OpenError("the format version of the data directory " + path + " is unreadable" +
                    (status.ok() ? "" : ": " + status.ToString()));
  }
  KeyReader reader(row.append(1, '\0'));
  if (reader.realm() > kFormatVersion) {
    refuse_newer(path, reader.realm());
  }
}

void Database::Impl::start_threads() {
  if (options.durability == Durability::fsync) {
    syncer = std::make_unique<Syncer>(last_commit, [this] {
      const rocksdb::Status status = db->SyncWAL();
      if (!status.ok()) {
        log.error("storage: the disk refused to sync; nothing is acknowledged from here on: " +
                  status.ToString());
      }
      return status.ok();
    });
  }
  bool dirty = false;
  for (rocksdb::ColumnFamilyHandle* family : families) {
    uint64_t entries = 0;
    db->GetIntProperty(family, rocksdb::DB::Properties::kNumEntriesActiveMemTable, &entries);
    dirty = dirty || entries > 0;
  }
  flusher = std::make_unique<Flusher>(last_commit, dirty, [this] { flush_memtables(); });
}

void Database::Impl::flush_memtables() {
  std::vector<rocksdb::ColumnFamilyHandle*> full;
  for (rocksdb::ColumnFamilyHandle* family : families) {
    uint64_t active = 0;
    db->GetIntProperty(family, rocksdb::DB::Properties::kNumEntriesActiveMemTable, &active);
    uint64_t sealed = 0;
    db->GetIntProperty(family, rocksdb::DB::Properties::kNumEntriesImmMemTables, &sealed);
    if (active + sealed > 0) {
      full.push_back(family);
    }
  }
  for (rocksdb::ColumnFamilyHandle* family : full) {
    rocksdb::FlushOptions flush;
    flush.allow_write_stall = true;  // do not wait for compactions first
    const rocksdb::Status status = db->Flush(flush, family);
    if (!status.ok()) {
      broken.store(true);
      log.error("storage: flush failed: " + status.ToString());
      return;
    }
  }
}

Database::Impl::~Impl() {
  flusher.reset();
  syncer.reset();
  if (db == nullptr) {
    return;
  }
  if (!memory && families.back() != nullptr) {
    flush_memtables();
  }
  for (rocksdb::ColumnFamilyHandle* family : families) {
    if (family != nullptr) {  // all are there unless the open failed
      db->DestroyColumnFamilyHandle(family);
    }
  }
  const rocksdb::Status closed = db->Close();
  if (!closed.ok()) {
    log.error("storage: close failed: " + closed.ToString());
  }
  delete db;
}

std::unique_ptr<Database> Database::open(const DatabaseOptions& options, Log& log) {
  auto impl = std::make_unique<Impl>(options, log);
  impl->open();
  impl->check_format();
  impl->start_threads();
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

}  // namespace paddock::storage
