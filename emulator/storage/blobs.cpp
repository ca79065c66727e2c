// Byte formats, version 1:
//
//   BlobId      u8 version=1, u32 realm, u64 number, u64 size, then the body if number is 0
//   piece       family blobs, key (realm, kPieceKind, u64 number, u32 index): kPiece bytes of the
//               body, the last one fewer
//   intent      family meta, key (kSystemRealm, kBlobIntentKind, u32 realm, u64 number): empty.
//               The blob is referenced by no row (not yet, or no more)
//
// Integers are big endian.
#include "storage/blobs.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "storage/bulk_file.hpp"
#include "storage/system_kinds.hpp"

namespace paddock::storage {

namespace {

constexpr uint8_t kBlobIdVersion = 1;
constexpr size_t kBlobIdHead = 1 + 4 + 8 + 8;
constexpr Kind kPieceKind = 1;
constexpr std::string_view kBlobCounter = "blob";
constexpr uint64_t kNumbersAtOnce = 256;
// A staged file is moved in at this size, so that the disk holds little that may be dropped.
constexpr uint64_t kBulkFileBytes = 64 << 20;
// Beyond it a blob is erased as a range; before, piece by piece, which costs readers less.
constexpr uint64_t kErasedOneByOne = 64;

using BlobName = std::pair<RealmId, uint64_t>;

constexpr uint64_t kPiecesUnknown = ~uint64_t{0};

uint64_t pieces_of(uint64_t size) {
  return (size + Blobs::kPiece - 1) / Blobs::kPiece;
}

Key blob_prefix(const BlobName& name) {
  return Key(name.first, kPieceKind).u64(name.second);
}

Key piece_key(const BlobName& name, uint64_t index) {
  return blob_prefix(name).u32(static_cast<uint32_t>(index));
}

Key intent_key(const BlobName& name) {
  return Key(kSystemRealm, kBlobIntentKind).u32(name.first).u64(name.second);
}

}  // namespace

std::string BlobId::encode() const {
  std::string bytes(1, static_cast<char>(kBlobIdVersion));
  append_u32(bytes, realm);
  append_u64(bytes, number);
  append_u64(bytes, size);
  return bytes.append(inline_bytes);
}

BlobId BlobId::decode(std::string_view bytes) {
  if (bytes.size() < kBlobIdHead || static_cast<uint8_t>(bytes[0]) != kBlobIdVersion) {
    throw StorageError("the reference to a body is unreadable");
  }
  // Realm, then a number whose first byte a KeyReader takes for a kind: so it is put in front.
  std::string fields(bytes.substr(1, 4));
  fields.push_back('\0');
  fields.append(bytes.substr(5));
  KeyReader reader(fields);
  BlobId id;
  id.realm = reader.realm();
  id.number = reader.u64();
  id.size = reader.u64();
  id.inline_bytes = reader.rest();
  if (id.inline_bytes.size() != (id.number == 0 ? id.size : 0)) {
    throw StorageError("the reference to a body is unreadable");
  }
  return id;
}

// Numbers, pins and the thread that frees. Lives as long as any writer, pin or sealed batch; after
// `stop` it touches the database no more.
struct Blobs::Impl : std::enable_shared_from_this<Blobs::Impl> {
  struct Dropped {
    BlobName name;
    uint64_t pieces;
  };

  explicit Impl(Database& store) : database(store) {}

  void free_orphans();
  void start() {
    sweeper = std::thread([this] { sweep(); });
  }
  void stop();
  BlobName next_name(RealmId realm);
  // Nobody's from now on: freed once it is unpinned.
  void drop(const BlobName& name, uint64_t pieces);
  void unpin(const BlobName& name);
  void sweep();
  void free_blob(const Dropped& blob);

  Database& database;
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable swept;
  uint64_t next_number = 0;
  uint64_t numbers_end = 0;
  std::map<BlobName, size_t> pins;
  std::map<BlobName, uint64_t> dropped;  // pinned still; pieces
  std::deque<Dropped> to_free;
  bool freeing = false;
  bool stopping = false;
  std::thread sweeper;
};

void Blobs::Impl::free_orphans() {
  std::vector<BlobName> orphans;
  const Key prefix(kSystemRealm, kBlobIntentKind);
  for (Iterator row = database.iterate_prefix(Family::meta, prefix); row.valid(); row.next()) {
    KeyReader key(row.key());
    const RealmId realm = key.u32();
    orphans.emplace_back(realm, key.u64());
  }
  for (const BlobName& orphan : orphans) {
    free_blob({orphan, kPiecesUnknown});
  }
}

void Blobs::Impl::stop() {
  {
    const std::lock_guard lock(mutex);
    stopping = true;
  }
  wake.notify_one();
  sweeper.join();
}

BlobName Blobs::Impl::next_name(RealmId realm) {
  const std::lock_guard lock(mutex);
  if (next_number == numbers_end) {
    next_number = database.reserve(kSystemRealm, kBlobCounter, kNumbersAtOnce);
    numbers_end = next_number + kNumbersAtOnce;
  }
  return {realm, ++next_number};  // 0 stands for inline
}

void Blobs::Impl::drop(const BlobName& name, uint64_t pieces) {
  {
    const std::lock_guard lock(mutex);
    if (stopping) {
      return;  // its intent frees it at the next open
    }
    if (pins.count(name) > 0) {
      dropped.emplace(name, pieces);
      return;
    }
    to_free.push_back({name, pieces});
  }
  wake.notify_one();
}

void Blobs::Impl::unpin(const BlobName& name) {
  {
    const std::lock_guard lock(mutex);
    const auto pin = pins.find(name);
    if (--pin->second > 0) {
      return;
    }
    pins.erase(pin);
    const auto waiting = dropped.find(name);
    if (waiting == dropped.end() || stopping) {
      return;
    }
    to_free.push_back({name, waiting->second});
    dropped.erase(waiting);
  }
  wake.notify_one();
}

void Blobs::Impl::sweep() {
  std::unique_lock lock(mutex);
  while (true) {
    wake.wait(lock, [this] { return stopping || !to_free.empty(); });
    if (stopping) {
      return;
    }
    const Dropped blob = to_free.front();
    to_free.pop_front();
    freeing = true;
    lock.unlock();
    try {
      free_blob(blob);
    } catch (const std::exception&) {
      // The realm is dead and the pieces with it; or the disk refuses, and the intent frees the
      // blob at the next open.
    }
    lock.lock();
    freeing = false;
    swept.notify_all();
  }
}

void Blobs::Impl::free_blob(const Dropped& blob) {
  Batch batch;
  if (blob.pieces <= kErasedOneByOne) {
    for (uint64_t index = 0; index < blob.pieces; ++index) {
      batch.erase(Family::blobs, piece_key(blob.name, index));
    }
  } else {
    const std::string prefix = blob_prefix(blob.name).bytes();
    const std::string end = prefix_end(prefix);
    batch.erase_range(Family::blobs, prefix, end);
    database.drop_files(Family::blobs, prefix, end);
  }
  batch.erase(Family::meta, intent_key(blob.name));
  database.commit(batch);
}

struct BlobWriter::Impl {
  Impl(std::shared_ptr<Blobs::Impl> owner, RealmId in, uint64_t expected_bytes)
      : blobs(std::move(owner)),
        realm(in),
        bulk_from(expected_bytes < Blobs::kIngestMin ? Blobs::kIngestMin : 0) {}
  ~Impl() {
    bulk.reset();
    if (name.second != 0 && !sealed) {
      blobs->drop(name, pieces_of(written));
    }
  }

  void write_piece(std::string_view piece);
  void ingest();

  std::shared_ptr<Blobs::Impl> blobs;
  const RealmId realm;
  const uint64_t bulk_from;  // bytes from this offset on are ingested
  BlobName name{0, 0};       // given with the first piece
  std::string buffer;        // less than a piece
  uint64_t written = 0;      // bytes in pieces
  std::unique_ptr<BulkFile> bulk;
  bool sealed = false;
};

void BlobWriter::Impl::write_piece(std::string_view piece) {
  const bool first = name.second == 0;
  Batch batch;
  if (first) {
    name = blobs->next_name(realm);
    batch.put(Family::meta, intent_key(name), {});
    batch.require_alive(realm);
  }
  const Key key = piece_key(name, written / Blobs::kPiece);
  if (written >= bulk_from && !bulk) {
    bulk = blobs->database.bulk_file(Family::blobs);
  }
  if (bulk) {
    bulk->put(key, piece);
  } else {
    batch.put(Family::blobs, key, piece);
  }
  blobs->database.commit(batch);
  written += piece.size();
  if (bulk && bulk->bytes() >= kBulkFileBytes) {
    ingest();
  }
}

void BlobWriter::Impl::ingest() {
  if (bulk) {
    bulk->ingest();
    bulk.reset();
  }
}

BlobWriter::BlobWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BlobWriter::~BlobWriter() = default;
BlobWriter::BlobWriter(BlobWriter&&) noexcept = default;

void BlobWriter::append(std::string_view bytes) {
  std::string& buffer = impl_->buffer;
  while (!bytes.empty()) {
    if (buffer.empty() && bytes.size() >= Blobs::kPiece) {
      impl_->write_piece(bytes.substr(0, Blobs::kPiece));
      bytes.remove_prefix(Blobs::kPiece);
      continue;
    }
    const size_t taken = std::min(bytes.size(), Blobs::kPiece - buffer.size());
    buffer.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (buffer.size() == Blobs::kPiece) {
      impl_->write_piece(buffer);
      buffer.clear();
    }
  }
}

BlobId BlobWriter::seal(Batch& batch) {
  BlobId id;
  id.realm = impl_->realm;
  id.size = impl_->written + impl_->buffer.size();
  if (id.size <= Blobs::kInlineMax) {
    id.inline_bytes = std::move(impl_->buffer);
    return id;
  }
  if (!impl_->buffer.empty()) {
    impl_->write_piece(impl_->buffer);
    impl_->buffer.clear();
  }
  impl_->ingest();
  id.number = impl_->name.second;
  batch.erase(Family::meta, intent_key(impl_->name));
  // Dies with the batch: frees the blob unless that has committed.
  struct Claim {
    Claim(std::shared_ptr<Blobs::Impl> owner, const Blobs::Impl::Dropped& sealed_blob)
        : blobs(std::move(owner)), blob(sealed_blob) {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() {
      if (!committed) {
        blobs->drop(blob.name, blob.pieces);
      }
    }
    std::shared_ptr<Blobs::Impl> blobs;
    Blobs::Impl::Dropped blob;
    bool committed = false;
  };
  auto claim =
      std::make_shared<Claim>(impl_->blobs, Blobs::Impl::Dropped{impl_->name, pieces_of(id.size)});
  impl_->sealed = true;
  batch.after_commit([claim](uint64_t) { claim->committed = true; });
  return id;
}

Blobs::Blobs(Database& database) : impl_(std::make_shared<Impl>(database)) {
  impl_->free_orphans();
  impl_->start();
}

Blobs::~Blobs() {
  impl_->stop();
}

BlobWriter Blobs::create(RealmId realm, uint64_t expected_bytes) {
  return BlobWriter(std::make_unique<BlobWriter::Impl>(impl_, realm, expected_bytes));
}

std::shared_ptr<const void> Blobs::pin(const BlobId& id) {
  if (id.number == 0) {
    return std::make_shared<const char>('\0');  // the caller holds the bytes
  }
  const BlobName name(id.realm, id.number);
  {
    const std::lock_guard lock(impl_->mutex);
    ++impl_->pins[name];
  }
  return std::shared_ptr<const void>(static_cast<const void*>(this),
                                     [impl = impl_, name](const void*) { impl->unpin(name); });
}

std::string Blobs::read(const BlobId& id, uint64_t offset, uint64_t length) const {
  if (offset >= id.size) {
    return {};
  }
  length = std::min(length, id.size - offset);
  if (id.number == 0) {
    return id.inline_bytes.substr(offset, length);
  }
  const BlobName name(id.realm, id.number);
  std::string bytes;
  bytes.reserve(length);
  Value piece;
  while (bytes.size() < length) {
    const uint64_t at = offset + bytes.size();
    const uint64_t index = at / kPiece;
    const uint64_t piece_bytes = std::min<uint64_t>(kPiece, id.size - index * kPiece);
    if (!impl_->database.get(Family::blobs, piece_key(name, index), piece) ||
        piece.view().size() != piece_bytes) {
      throw StorageError("a piece of a body is missing");
    }
    bytes.append(piece.view().substr(at - index * kPiece, length - bytes.size()));
  }
  return bytes;
}

void Blobs::erase(const BlobId& id, Batch& batch) {
  if (id.number == 0) {
    return;
  }
  const BlobName name(id.realm, id.number);
  batch.require_alive(id.realm);
  batch.put(Family::meta, intent_key(name), {});
  batch.after_commit(
      [impl = impl_, name, pieces = pieces_of(id.size)](uint64_t) { impl->drop(name, pieces); });
}

void Blobs::wait_swept() {
  std::unique_lock lock(impl_->mutex);
  impl_->swept.wait(lock, [this] { return impl_->to_free.empty() && !impl_->freeing; });
}

}  // namespace paddock::storage
