// Immutable bodies, referenced from one row (DESIGN 5). Under 32 KiB they sit in that row; middle
// ones in pieces in a BlobDB family; what lies beyond 8 MiB, or a body announced as that large, is
// ingested as SST files.
//
// Order: intent row, pieces, then the batch that names the blob drops the intent; an erased blob
// gets its intent back. A blob with an intent is nobody's: a thread frees it once it is unpinned,
// and what a crash leaves is freed at open.
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

  std::string encode() const;                    // format in blobs.cpp
  static BlobId decode(std::string_view bytes);  // throws StorageError
};

class Blobs;

// One body on its way in, for one thread at a time. Dropping it unsealed frees what was written,
// and so does a batch that was sealed into and is then dropped or never commits.
class BlobWriter {
 public:
  ~BlobWriter();
  BlobWriter(BlobWriter&&) noexcept;

  // May write; work pool or I/O thread. Throws StorageError, DeadRealm.
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

  // `expected_bytes`: the length if it is known; from kIngestMin on no byte passes the log.
  BlobWriter create(RealmId realm, uint64_t expected_bytes = 0);
  // Keeps the blob readable while the returned pin lives, even if it is erased meanwhile. Take it
  // while the row that names the blob cannot be erased (under its lock). Pins may outlive this.
  std::shared_ptr<const void> pin(const BlobId& id);
  // Up to `length` bytes from `offset`; shorter only at the end. Throws StorageError.
  std::string read(const BlobId& id, uint64_t offset, uint64_t length) const;
  // Erases with `batch`; the space is given back when the last pin is gone.
  void erase(const BlobId& id, Batch& batch);
  // Waits until everything that is erased or dropped, and not pinned, is freed.
  void wait_swept();

 private:
  friend class BlobWriter;
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with writers, pins and sealed batches
};

}  // namespace paddock::storage
