// Counters, resets and checkpoints.
//
// Counter row, version 1, family meta, key (kSystemRealm, kCounterKind, u32 realm, text kind):
//   u8 version=1, u64 next value (big endian)
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include "storage/batch_impl.hpp"
#include "storage/database_impl.hpp"
#include "storage/system_kinds.hpp"

namespace paddock::storage {

namespace {

namespace fs = std::filesystem;

constexpr uint8_t kCounterVersion = 1;
// A range tombstone slows every later read of its family down, so few rows are erased one by one.
constexpr size_t kFewRows = 256;
constexpr size_t kCopyBytes = 1 << 20;

std::string realm_prefix(RealmId realm) {
  std::string prefix;
  append_u32(prefix, realm);
  return prefix;
}

// Consecutive ids as [first, last].
std::vector<std::pair<RealmId, RealmId>> runs_of(std::vector<RealmId> realms) {
  std::sort(realms.begin(), realms.end());
  std::vector<std::pair<RealmId, RealmId>> runs;
  for (RealmId realm : realms) {
    if (!runs.empty() && realm <= runs.back().second + 1) {
      runs.back().second = realm;
    } else {
      runs.emplace_back(realm, realm);
    }
  }
  return runs;
}

// Copies a flat directory of `memory` to the disk.
void copy_to_disk(rocksdb::Env& memory, const std::string& from, const fs::path& to) {
  std::vector<std::string> names;
  const rocksdb::Status listed = memory.GetChildren(from, &names);
  std::error_code error;
  fs::create_directory(to, error);
  if (!listed.ok() || error) {
    throw StorageError("cannot make " + to.string() + ": " +
                       (error ? error.message() : listed.ToString()));
  }
  std::string scratch(kCopyBytes, '\0');
  for (const std::string& name : names) {
    std::unique_ptr<rocksdb::SequentialFile> source;
    rocksdb::Status status = memory.NewSequentialFile(from + "/" + name, &source, {});
    std::ofstream target(to / name, std::ios::binary);
    rocksdb::Slice read;
    while (status.ok() && target) {
      status = source->Read(scratch.size(), &read, scratch.data());
      if (!status.ok() || read.empty()) {
        break;
      }
      target.write(read.data(), static_cast<std::streamsize>(read.size()));
    }
    target.close();
    if (!status.ok() || !target) {
      throw StorageError("cannot copy to " + (to / name).string() +
                         (status.ok() ? "" : ": " + status.ToString()));
    }
  }
}

void remove_from_memory(rocksdb::Env& memory, const std::string& directory) {
  std::vector<std::string> names;
  memory.GetChildren(directory, &names).PermitUncheckedError();
  for (const std::string& name : names) {
    memory.DeleteFile(directory + "/" + name).PermitUncheckedError();
  }
  memory.DeleteDir(directory).PermitUncheckedError();
}

}  // namespace

uint64_t Database::reserve(uint32_t realm, std::string_view kind, uint64_t count) {
  const std::string key = Key(kSystemRealm, kCounterKind).u32(realm).text(kind).bytes();
  const std::lock_guard lock(impl_->counters_mutex);
  uint64_t next = 0;
  if (const auto row = get(Family::meta, key)) {
    if (row->size() != 1 + sizeof next || static_cast<uint8_t>((*row)[0]) != kCounterVersion) {
      throw StorageError("the counter " + std::string(kind) + " is unreadable");
    }
    for (size_t i = 1; i < row->size(); ++i) {
      next = next << 8 | static_cast<unsigned char>((*row)[i]);
    }
  }
  std::string row(1, static_cast<char>(kCounterVersion));
  append_u64(row, next + count);
  Batch batch;
  batch.put(Family::meta, key, row);
  batch.require_alive(realm);
  commit(batch);
  return next;
}

void Database::Impl::erase_rows(rocksdb::WriteBatch& writes, Family family,
                                const std::string& begin, const std::string& end) {
  const rocksdb::Slice lower(begin);
  const rocksdb::Slice upper(end);
  rocksdb::ReadOptions read;
  read.iterate_lower_bound = &lower;
  read.iterate_upper_bound = &upper;
  read.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> rows(db->NewIterator(read, handle(family)));
  std::vector<std::string> keys;
  for (rows->SeekToFirst(); rows->Valid() && keys.size() <= kFewRows; rows->Next()) {
    keys.push_back(rows->key().ToString());
  }
  rocksdb::Status status = rows->status();
  if (status.ok() && keys.size() > kFewRows) {
    status = writes.DeleteRange(handle(family), lower, upper);
    keys.clear();
  }
  for (const std::string& key : keys) {
    if (status.ok()) {
      status = writes.Delete(handle(family), key);
    }
  }
  if (!status.ok()) {
    throw StorageError("a realm cannot be erased: " + status.ToString());
  }
}

void Database::kill_realms(const std::vector<RealmId>& realms) {
  const auto runs = runs_of(realms);
  if (runs.empty()) {
    return;
  }
  if (runs.front().first == kSystemRealm || runs.back().second == kNoRealm) {
    throw std::invalid_argument("the system realm cannot be reset");
  }
  {
    const std::lock_guard gate(impl_->gate);
    impl_->killing.store(true);
    const std::unique_lock lock(impl_->realms_mutex);
    impl_->killing.store(false);
    if (impl_->broken.load()) {
      impl_->try_resume();
    }
    rocksdb::WriteBatch writes;
    for (const auto& [first, last] : runs) {
      for (size_t family = 0; family < kFamilies; ++family) {
        impl_->erase_rows(writes, static_cast<Family>(family), realm_prefix(first),
                          realm_prefix(last + 1));
      }
      for (Kind kind : kKindsOfARealm) {
        impl_->erase_rows(writes, Family::meta, Key(kSystemRealm, kind).u32(first).bytes(),
                          Key(kSystemRealm, kind).u32(last + 1).bytes());
      }
    }
    if (writes.Count() > 0) {
      rocksdb::WriteOptions options;
      options.disableWAL = impl_->memory != nullptr;
      const rocksdb::Status written = impl_->db->Write(options, &writes);
      if (!written.ok()) {
        impl_->refuse(written);
      }
      impl_->last_commit.fetch_add(1);
    }
    for (RealmId realm : realms) {
      impl_->dead.add(realm);
    }
  }
  if (impl_->syncer) {
    impl_->syncer->committed();
  }
  impl_->flusher->committed();
  for (const auto& [first, last] : runs) {
    for (size_t family = 0; family < kFamilies; ++family) {
      drop_files(static_cast<Family>(family), realm_prefix(first), realm_prefix(last + 1));
    }
  }
}

void Database::drop_files(Family family, std::string_view begin, std::string_view end) {
  uint64_t snapshots = 0;
  impl_->db->GetIntProperty(rocksdb::DB::Properties::kNumSnapshots, &snapshots);
  if (snapshots != 0) return;  // compaction gives the space back later
  const rocksdb::Slice first(begin.data(), begin.size());
  const rocksdb::Slice last(end.data(), end.size());
  const rocksdb::Status status =
      rocksdb::DeleteFilesInRange(impl_->db, impl_->handle(family), &first, &last, false);
  if (!status.ok()) {
    // Compaction gives the space back later.
    impl_->log.debug("storage: no files dropped: " + status.ToString());
  }
}

void Database::checkpoint(const std::string& path) {
  std::error_code error;
  const fs::path target = fs::absolute(path, error).lexically_normal();
  if (error || target.filename().empty()) {
    throw StorageError("a checkpoint needs the name of a folder to be made, not \"" + path + "\"");
  }
  if (fs::exists(target, error)) {
    throw StorageError("cannot write a checkpoint to " + target.string() + ": it exists already");
  }
  fs::create_directories(target.parent_path(), error);
  if (error) {
    throw StorageError("cannot make " + target.parent_path().string() + ": " + error.message());
  }
  rocksdb::Checkpoint* created = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(impl_->db, &created);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(created);
  const std::string staged = "/checkpoint-" + std::to_string(impl_->staged_files.fetch_add(1));
  if (status.ok()) {
    status = checkpoint->CreateCheckpoint(impl_->memory ? staged : target.string());
  }
  if (!status.ok()) {
    throw StorageError("cannot write a checkpoint to " + target.string() + ": " +
                       status.ToString());
  }
  if (impl_->memory) {
    try {
      copy_to_disk(*impl_->memory, staged, target);
    } catch (...) {
      remove_from_memory(*impl_->memory, staged);
      fs::remove_all(target, error);
      throw;
    }
    remove_from_memory(*impl_->memory, staged);
  }
}

}  // namespace paddock::storage
