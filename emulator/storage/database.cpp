#include "storage/database.hpp"

#include <mutex>
#include <shared_mutex>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "storage/batch_impl.hpp"
#include "storage/database_impl.hpp"
#include "storage/disk_space.hpp"
#include "storage/uncounted.hpp"
#include "storage/uninstrumented.hpp"

namespace paddock::storage {

namespace {

// What RocksDB adds to a record: a tag, the family, two lengths.
constexpr size_t kRecordOverhead = 8;

rocksdb::Slice slice_of(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

void Database::Impl::refuse(const rocksdb::Status& status) {
  broken.store(true);
  log.error("storage: a write was refused: " + status.ToString());
  throw StorageError("the disk refused a write: " + status.ToString());
}

void Database::Impl::try_resume() {
  const std::lock_guard lock(resume_mutex);
  // RocksDB can wait forever in Resume if the disk is full still.
  if (!broken.load() || beyond_resume || (!memory && !has_space(path))) {
    return;
  }
  const rocksdb::Status status = db->Resume();
  if (status.ok()) {
    broken.store(false);
    log.info("storage: writes go on again");
  } else if (status.severity() >= rocksdb::Status::Severity::kFatalError) {
    beyond_resume = true;
    log.error("storage: writes stay refused until a restart: " + status.ToString());
  }
}

bool Database::Impl::pass_gate(CommitMode mode) {
  if (!killing.load()) {
    return true;
  }
  if (mode == CommitMode::no_wait) {
    return false;
  }
  const std::lock_guard waited(gate);
  return true;
}

uint64_t Database::Impl::write(Batch& batch, CommitMode mode) {
  const Batch::Impl& content = *batch.impl_;
  rocksdb::WriteBatch writes(content.records.size() + content.count * kRecordOverhead);
  rocksdb::Status added;
  content.for_each(
      [&](const Batch::Impl::Head& head, std::string_view key, std::string_view value) {
        rocksdb::Status status;
        switch (head.operation) {
          case Batch::Impl::Operation::put:
            status = writes.Put(handle(head.family), slice_of(key), slice_of(value));
            break;
          case Batch::Impl::Operation::erase:
            status = writes.Delete(handle(head.family), slice_of(key));
            break;
          case Batch::Impl::Operation::erase_range:
            status = writes.DeleteRange(handle(head.family), slice_of(key), slice_of(value));
            break;
        }
        if (!status.ok()) {
          added = status;
        }
      });
  if (!added.ok()) {
    throw StorageError("a batch cannot be written: " + added.ToString());
  }
  rocksdb::WriteOptions options_now;
  options_now.disableWAL = memory != nullptr;
  options_now.no_slowdown = mode == CommitMode::no_wait;
  const rocksdb::Status written = [&] {
    Uninstrumented quiet;
    uncounted();
    return db->Write(options_now, &writes);
  }();
  if (written.IsIncomplete()) {
    throw CommitWouldWait();
  }
  if (!written.ok()) {
    refuse(written);
  }
  return last_commit.fetch_add(1) + 1;
}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Database::~Database() = default;

uint64_t Database::commit(Batch& batch, CommitMode mode) {
  uint64_t number = impl_->last_commit.load();
  if (!batch.empty()) {
    if (impl_->broken.load()) {
      if (mode == CommitMode::no_wait) {
        throw CommitWouldWait();
      }
      impl_->try_resume();
    }
    if (impl_->syncer && impl_->syncer->failed()) {
      throw StorageError("the disk refused to sync an earlier write: restart Paddock");
    }
    std::shared_lock lock(impl_->realms_mutex, std::defer_lock);
    if (!impl_->pass_gate(mode) || (mode == CommitMode::no_wait && !lock.try_lock())) {
      throw CommitWouldWait();
    }
    if (!lock.owns_lock()) {
      lock.lock();
    }
    if (!impl_->dead.empty()) {
      for (RealmId realm : batch.impl_->realms) {
        if (impl_->dead.contains(realm)) {
          throw DeadRealm();
        }
      }
    }
    number = impl_->write(batch, mode);
  }
  if (impl_->syncer) {
    impl_->syncer->committed();
  }
  impl_->flusher->committed();

  const auto actions = batch.impl_->take_actions_and_clear();
  for (const auto& action : actions) {
    action(number);
  }
  return number;
}

uint64_t Database::durable() const {
  return impl_->syncer ? impl_->syncer->durable() : impl_->last_commit.load();
}

void Database::when_durable(uint64_t commit, std::function<void()> action) {
  if (impl_->syncer) {
    impl_->syncer->when_durable(commit, std::move(action));
  } else {
    action();
  }
}

Durability Database::durability() const {
  return impl_->options.durability;
}

}  // namespace paddock::storage
