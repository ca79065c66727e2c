// Immutable bodies, referenced from one row (DESIGN 5). Under 32 KiB they sit in that row; middle
// ones in pieces in a BlobDB family; from 8 MiB on they are ingested as SST files.
//
// Order: intent row, pieces, then the batch that names the blob drops the intent. What a crash
// leaves between is freed at open and by `sweep`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/realm.hpp"
#include "storage/database.hpp"

namespace paddock::storage {

// What a row keeps of a body: where it is and how long. Small enough to copy.
struct BlobId {
  RealmId realm = kNoRealm;
  uint64_t number = 0;  // 0: inline
  uint64_t size = 0;
  std::string inline_bytes;  // the body itself if `number` is 0

  std::string encode() const;                     // format in blobs.cpp
  static BlobId decode(std::string_view bytes);  // throws StorageError
};

class Blobs;

// One body on its way in. Dropping it unsealed frees what was written.
class BlobWriter {
 public:
  ~BlobWriter();
  BlobWriter(BlobWriter&&) noexcept;

  // May write; work pool or I/O thread. Throws StorageError.
  void append(std::string_view bytes);
  // Ends the body. `batch` must be the one that also writes the row naming the blob: its commit
  // makes the blob permanent.
  BlobId seal(Batch& batch);

 private:
  friend class Blobs;
  struct Impl;
  explicit BlobWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Thread-safe.
class Blobs {
 public:
  static constexpr size_t kInlineMax = 32 * 1024 - 1;
  static constexpr size_t kPiece = 256 * 1024;
  static constexpr size_t kIngestMin = 8 * 1024 * 1024;

  explicit Blobs(Database& database);  // frees the orphans of the last run
  ~Blobs();

  BlobWriter create(RealmId realm);
  // Keeps the blob readable while the returned pin lives, even if it is erased meanwhile.
  std::shared_ptr<const void> pin(const BlobId& id);
  // Up to `length` bytes from `offset`; shorter only at the end. Throws StorageError.
  std::string read(const BlobId& id, uint64_t offset, uint64_t length) const;
  // Erases with `batch`; the space is given back when the last pin is gone.
  void erase(const BlobId& id, Batch& batch);

 private:
  friend class BlobWriter;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paddock::storage
