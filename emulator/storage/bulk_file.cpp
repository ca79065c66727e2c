#include "storage/bulk_file.hpp"

#include <filesystem>
#include <string>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include "storage/database_impl.hpp"

namespace paddock::storage {

struct BulkFile::Impl {
  Impl(Database::Impl& store, Family family, std::string path)
      : database(store),
        handle(store.handle(family)),
        file(std::move(path)),
        writer(rocksdb::EnvOptions(), store.db->GetOptions(handle), handle) {}

  void check(const rocksdb::Status& status) {
    if (!status.ok()) {
      throw StorageError("the disk refused a body: " + status.ToString());
    }
  }

  Database::Impl& database;
  rocksdb::ColumnFamilyHandle* const handle;
  const std::string file;
  rocksdb::SstFileWriter writer;
  RealmId realm = kNoRealm;
  uint64_t bytes = 0;
};

std::unique_ptr<BulkFile> Database::bulk_file(Family family) {
  if (impl_->memory) {
    return nullptr;
  }
  const std::filesystem::path folder = std::filesystem::path(impl_->path) / kStagingFolder;
  std::error_code error;
  std::filesystem::create_directory(folder, error);
  if (error) {
    throw StorageError("cannot make " + folder.string() + ": " + error.message());
  }
  const std::string name = std::to_string(impl_->staged_files.fetch_add(1)) + ".sst";
  auto impl = std::make_unique<BulkFile::Impl>(*impl_, family, (folder / name).string());
  impl->check(impl->writer.Open(impl->file));
  return std::unique_ptr<BulkFile>(new BulkFile(std::move(impl)));
}

BulkFile::BulkFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

BulkFile::~BulkFile() {
  std::error_code already_gone;
  std::filesystem::remove(impl_->file, already_gone);
}

void BulkFile::put(std::string_view key, std::string_view value) {
  impl_->realm = KeyReader(key).realm();
  impl_->check(impl_->writer.Put({key.data(), key.size()}, {value.data(), value.size()}));
  impl_->bytes += key.size() + value.size();
}

uint64_t BulkFile::bytes() const {
  return impl_->bytes;
}

void BulkFile::ingest() {
  Database::Impl& database = impl_->database;
  impl_->check(impl_->writer.Finish());
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  options.write_global_seqno = false;
  database.pass_gate(CommitMode::may_wait);
  const std::shared_lock lock(database.realms_mutex);
  if (database.dead.contains(impl_->realm)) {
    throw DeadRealm();
  }
  impl_->check(database.db->IngestExternalFile(impl_->handle, {impl_->file}, options));
}

}  // namespace paddock::storage
