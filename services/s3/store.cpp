// Byte formats, version 1. Integers are big endian; "bytes" is a u32 length and what it counts.
//
//   bucket    meta, key (directory realm, 0x01, text name): a document row: account, region, realm,
//             incarnation, created, versioning, ownership, tags, records
//   object    rows, key (realm, 0x02, u64 incarnation, text key, u8 0) for a key's newest version,
//             (…, text key, u8 1, u64 ~order) for older ones, newest first:
//             u8 version=1, u8 flags (1 delete marker, 2 composite checksum), u64 order,
//             u64 null order, i64 modified, u64 size, u32 parts, u8 algorithm, bytes version id,
//             bytes etag, bytes storage class, bytes checksum, bytes facts, BlobId
//   parts     rows, key (realm, 0x03, u64 incarnation, u64 order): u8 version=1, then for each part
//             bytes of the part's row
//   upload    rows, key (realm, 0x04, u64 incarnation, text key, text upload id): a document row
//   part      rows, key (realm, 0x05, u64 incarnation, text upload id, u32 number): u8 version=1,
//             u32 number, u64 size, i64 modified, bytes md5, bytes checksum, BlobId; version 2, of
//             parts that are encrypted, has bytes counter before the BlobId
#include "services/s3/store.hpp"

#include "core/text.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::s3 {
namespace rows {

using storage::Family;
using storage::Key;

constexpr char kVersion = 1;
constexpr char kEncrypted = 2;  // of a part
constexpr uint8_t kDeleteMarker = 1;
constexpr uint8_t kComposite = 2;
constexpr uint8_t kCurrent = 0;
constexpr uint8_t kOlder = 1;

void append_bytes(std::string& out, std::string_view bytes) {
  storage::append_u32(out, static_cast<uint32_t>(bytes.size()));
  out.append(bytes);
}

// Reads what the appenders wrote.
class Reader {
 public:
  explicit Reader(std::string_view row) : left_(row) {
    version_ = take(1)[0];
    if (version_ != kVersion && version_ != kEncrypted) unreadable();
  }
  bool encrypted() const { return version_ == kEncrypted; }
  uint64_t number(size_t bytes) {
    uint64_t value = 0;
    for (const char c : take(bytes)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  int64_t moment() { return static_cast<int64_t>(number(8) ^ (uint64_t{1} << 63)); }
  std::string_view bytes() { return take(number(4)); }
  std::string_view rest() { return left_; }
  bool done() const { return left_.empty(); }

 private:
  [[noreturn]] static void unreadable() {
    throw storage::StorageError("a row of S3 is unreadable");
  }
  std::string_view take(size_t count) {
    if (left_.size() < count) unreadable();
    const std::string_view taken = left_.substr(0, count);
    left_.remove_prefix(count);
    return taken;
  }
  std::string_view left_;
  char version_ = 0;
};

Key bucket_rows(const BucketRef& bucket, storage::Kind kind) {
  return Key(bucket.realm, kind).u64(bucket.incarnation);
}

Key versions_of(const BucketRef& bucket, std::string_view key) {
  return bucket_rows(bucket, kObjectKind).text(key);
}

Key current_key(const BucketRef& bucket, std::string_view key) {
  return versions_of(bucket, key).u8(kCurrent);
}

Key older_key(const BucketRef& bucket, std::string_view key, uint64_t order) {
  return versions_of(bucket, key).u8(kOlder).u64(~order);
}

Key upload_key(const BucketRef& bucket, std::string_view key, std::string_view id) {
  return bucket_rows(bucket, kUploadKind).text(key).text(id);
}

Key part_key(const BucketRef& bucket, std::string_view upload, uint32_t number) {
  return bucket_rows(bucket, kPartKind).text(upload).u32(number);
}

// The beginning of all rows of keys that start with `prefix`: the field without its end.
std::string prefix_of(const BucketRef& bucket, storage::Kind kind, std::string_view prefix) {
  std::string bytes = bucket_rows(bucket, kind).bytes();
  std::string field;
  storage::append_text(field, prefix);
  return bytes.append(field, 0, field.size() - 2);
}

Bucket bucket_of(std::string name, std::string_view row) {
  const Json document = storage::document_of_row(row);
  Bucket bucket;
  bucket.name = std::move(name);
  bucket.account = document.at("account");
  bucket.region = document.at("region");
  bucket.realm = document.at("realm");
  bucket.incarnation = document.at("incarnation");
  bucket.created = {document.at("created").get<int64_t>()};
  bucket.versioning = static_cast<Versioning>(document.at("versioning").get<int>());
  bucket.ownership = document.at("ownership");
  bucket.tags = document.at("tags");
  bucket.records = document.at("records");
  return bucket;
}

Upload upload_of(std::string key, std::string id, std::string_view row) {
  const Json document = storage::document_of_row(row);
  Upload upload;
  upload.key = std::move(key);
  upload.id = std::move(id);
  upload.initiated = {document.at("initiated").get<int64_t>()};
  upload.algorithm = static_cast<Algorithm>(document.at("algorithm").get<int>());
  upload.full_object = document.at("full_object");
  upload.storage_class = document.at("storage_class");
  upload.facts = document.at("facts");
  return upload;
}

}  // namespace rows

std::string encode_object(const Object& object) {
  std::string row(1, rows::kVersion);
  uint8_t flags = object.delete_marker ? rows::kDeleteMarker : 0;
  if (object.checksum.composite) flags |= rows::kComposite;
  row += static_cast<char>(flags);
  storage::append_u64(row, object.order);
  storage::append_u64(row, object.null_order);
  storage::append_i64(row, object.modified.ms);
  storage::append_u64(row, object.size);
  storage::append_u32(row, object.parts);
  row += static_cast<char>(object.checksum.algorithm);
  rows::append_bytes(row, object.version_id);
  rows::append_bytes(row, object.etag);
  rows::append_bytes(row, object.storage_class);
  rows::append_bytes(row, object.checksum.bytes);
  rows::append_bytes(row, object.facts);
  return row += object.body.encode();
}

Object decode_object(std::string_view row) {
  rows::Reader reader(row);
  Object object;
  const auto flags = static_cast<uint8_t>(reader.number(1));
  object.delete_marker = (flags & rows::kDeleteMarker) != 0;
  object.checksum.composite = (flags & rows::kComposite) != 0;
  object.order = reader.number(8);
  object.null_order = reader.number(8);
  object.modified = {reader.moment()};
  object.size = reader.number(8);
  object.parts = static_cast<uint32_t>(reader.number(4));
  object.checksum.algorithm = static_cast<Algorithm>(reader.number(1));
  object.version_id = reader.bytes();
  object.etag = reader.bytes();
  object.storage_class = reader.bytes();
  object.checksum.bytes = reader.bytes();
  object.facts = reader.bytes();
  object.body = storage::BlobId::decode(reader.rest());
  return object;
}

std::string encode_part(const Part& part) {
  std::string row(1, part.counter.empty() ? rows::kVersion : rows::kEncrypted);
  storage::append_u32(row, part.number);
  storage::append_u64(row, part.size);
  storage::append_i64(row, part.modified.ms);
  rows::append_bytes(row, part.md5);
  rows::append_bytes(row, part.checksum);
  if (!part.counter.empty()) rows::append_bytes(row, part.counter);
  return row += part.body.encode();
}

Part decode_part(std::string_view row) {
  rows::Reader reader(row);
  Part part;
  part.number = static_cast<uint32_t>(reader.number(4));
  part.size = reader.number(8);
  part.modified = {reader.moment()};
  part.md5 = reader.bytes();
  part.checksum = reader.bytes();
  if (reader.encrypted()) part.counter = reader.bytes();
  part.body = storage::BlobId::decode(reader.rest());
  return part;
}

ObjectCursor::ObjectCursor(const storage::Database& database, const BucketRef& bucket,
                           std::string_view prefix)
    : bucket_(bucket),
      start_(rows::prefix_of(bucket, kObjectKind, prefix)),
      walk_(database.iterate_prefix(storage::Family::rows, start_)) {
  read_key();
}

void ObjectCursor::read_key() {
  if (!walk_.valid()) return;
  storage::KeyReader reader(walk_.key());
  reader.u64();
  key_ = reader.text();
  current_ = reader.u8() == rows::kCurrent;
}

Object ObjectCursor::object() const {
  return decode_object(walk_.value());
}

void ObjectCursor::next() {
  walk_.next();
  read_key();
}

void ObjectCursor::seek_after_key(std::string_view key) {
  // A key before the prefix leaves the walk at its beginning.
  walk_.seek(std::max(start_, storage::prefix_end(rows::versions_of(bucket_, key).bytes())));
  read_key();
}

void ObjectCursor::seek_after_prefix(std::string_view prefix) {
  walk_.seek(std::max(start_, storage::prefix_end(rows::prefix_of(bucket_, kObjectKind, prefix))));
  read_key();
}

void ObjectCursor::seek_after_version(std::string_view key, bool current, uint64_t order) {
  const std::string row = current ? rows::current_key(bucket_, key).bytes()
                                  : rows::older_key(bucket_, key, order).bytes();
  walk_.seek(std::max(start_, row + '\0'));
  read_key();
}

void Store::put_bucket(RealmId directory, const Bucket& bucket, storage::Batch& batch) const {
  const Json document = {
      {"account", bucket.account},     {"region", bucket.region},
      {"realm", bucket.realm},         {"incarnation", bucket.incarnation},
      {"created", bucket.created.ms},  {"versioning", static_cast<int>(bucket.versioning)},
      {"ownership", bucket.ownership}, {"tags", bucket.tags},
      {"records", bucket.records}};
  batch.put(rows::Family::meta, rows::Key(directory, kBucketKind).text(bucket.name),
            storage::document_row(document));
  batch.require_alive(bucket.realm);
}

void Store::erase_bucket(RealmId directory, const std::string& name, storage::Batch& batch) const {
  batch.erase(rows::Family::meta, rows::Key(directory, kBucketKind).text(name));
}

void Store::buckets(RealmId directory, std::string_view prefix, std::string_view after,
                    const std::function<bool(Bucket)>& take) const {
  std::string start = rows::Key(directory, kBucketKind).bytes();
  start.append(prefix);
  storage::Iterator walk = database_.iterate(rows::Family::meta, start, storage::prefix_end(start));
  if (!after.empty() && after >= prefix) {
    walk.seek(rows::Key(directory, kBucketKind).text(after).bytes() + '\0');
  }
  for (; walk.valid(); walk.next()) {
    storage::KeyReader reader(walk.key());
    if (!take(rows::bucket_of(reader.text(), walk.value()))) return;
  }
}

std::string Store::lock_name(const BucketRef& bucket, std::string_view key) {
  return rows::versions_of(bucket, key).bytes();
}

std::optional<Object> Store::current(const BucketRef& bucket, std::string_view key) const {
  storage::Value row;
  if (!database_.get(rows::Family::rows, rows::current_key(bucket, key), row)) return std::nullopt;
  return decode_object(row.view());
}

std::optional<Object> Store::older(const BucketRef& bucket, std::string_view key,
                                   uint64_t order) const {
  storage::Value row;
  if (!database_.get(rows::Family::rows, rows::older_key(bucket, key, order), row)) {
    return std::nullopt;
  }
  return decode_object(row.view());
}

std::optional<Object> Store::newest_older(const BucketRef& bucket, std::string_view key) const {
  const std::string prefix = rows::versions_of(bucket, key).u8(rows::kOlder).bytes();
  const storage::Iterator walk = database_.iterate_prefix(rows::Family::rows, prefix);
  if (!walk.valid()) return std::nullopt;
  return decode_object(walk.value());
}

void Store::put_current(const BucketRef& bucket, std::string_view key, const Object& object,
                        storage::Batch& batch) const {
  batch.put(rows::Family::rows, rows::current_key(bucket, key), encode_object(object));
}

void Store::put_older(const BucketRef& bucket, std::string_view key, const Object& object,
                      storage::Batch& batch) const {
  batch.put(rows::Family::rows, rows::older_key(bucket, key, object.order), encode_object(object));
}

void Store::erase_current(const BucketRef& bucket, std::string_view key,
                          storage::Batch& batch) const {
  batch.erase(rows::Family::rows, rows::current_key(bucket, key));
}

void Store::erase_older(const BucketRef& bucket, std::string_view key, uint64_t order,
                        storage::Batch& batch) const {
  batch.erase(rows::Family::rows, rows::older_key(bucket, key, order));
}

bool Store::has_objects(const BucketRef& bucket) const {
  return ObjectCursor(database_, bucket, "").valid();
}

std::vector<Part> Store::object_parts(const BucketRef& bucket, uint64_t order) const {
  std::vector<Part> parts;
  storage::Value row;
  if (!database_.get(rows::Family::rows, rows::bucket_rows(bucket, kObjectPartsKind).u64(order),
                     row)) {
    return parts;
  }
  rows::Reader reader(row.view());
  while (!reader.done()) parts.push_back(decode_part(reader.bytes()));
  return parts;
}

void Store::put_object_parts(const BucketRef& bucket, uint64_t order,
                             const std::vector<Part>& parts, storage::Batch& batch) const {
  std::string row(1, rows::kVersion);
  for (const Part& part : parts) rows::append_bytes(row, encode_part(part));
  batch.put(rows::Family::rows, rows::bucket_rows(bucket, kObjectPartsKind).u64(order), row);
}

void Store::erase_object_parts(const BucketRef& bucket, uint64_t order,
                               storage::Batch& batch) const {
  batch.erase(rows::Family::rows, rows::bucket_rows(bucket, kObjectPartsKind).u64(order));
}

std::optional<Upload> Store::upload(const BucketRef& bucket, std::string_view key,
                                    std::string_view id) const {
  storage::Value row;
  if (!database_.get(rows::Family::rows, rows::upload_key(bucket, key, id), row)) {
    return std::nullopt;
  }
  return rows::upload_of(std::string(key), std::string(id), row.view());
}

void Store::put_upload(const BucketRef& bucket, const Upload& upload, storage::Batch& batch) const {
  const Json document = {{"initiated", upload.initiated.ms},
                         {"algorithm", static_cast<int>(upload.algorithm)},
                         {"full_object", upload.full_object},
                         {"storage_class", upload.storage_class},
                         {"facts", upload.facts}};
  batch.put(rows::Family::rows, rows::upload_key(bucket, upload.key, upload.id),
            storage::document_row(document));
}

void Store::erase_upload(const BucketRef& bucket, std::string_view key, std::string_view id,
                         storage::Batch& batch) const {
  batch.erase(rows::Family::rows, rows::upload_key(bucket, key, id));
}

void Store::uploads(const BucketRef& bucket, std::string_view prefix, std::string_view key,
                    std::string_view id,
                    const std::function<std::optional<std::string>(Upload)>& take) const {
  const std::string start = rows::prefix_of(bucket, kUploadKind, prefix);
  storage::Iterator walk = database_.iterate_prefix(rows::Family::rows, start);
  if (!key.empty()) {
    const std::string of_key = rows::bucket_rows(bucket, kUploadKind).text(key).bytes();
    walk.seek(std::max(start, id.empty() ? storage::prefix_end(of_key)
                                         : rows::upload_key(bucket, key, id).bytes() + '\0'));
  }
  while (walk.valid()) {
    storage::KeyReader reader(walk.key());
    reader.u64();
    std::string upload_key = reader.text();
    const auto skip = take(rows::upload_of(std::move(upload_key), reader.text(), walk.value()));
    if (!skip) return;
    if (skip->empty()) {
      walk.next();
    } else {
      walk.seek(storage::prefix_end(rows::prefix_of(bucket, kUploadKind, *skip)));
    }
  }
}

std::optional<Part> Store::part(const BucketRef& bucket, std::string_view upload,
                                uint32_t number) const {
  storage::Value row;
  if (!database_.get(rows::Family::rows, rows::part_key(bucket, upload, number), row)) {
    return std::nullopt;
  }
  return decode_part(row.view());
}

void Store::put_part(const BucketRef& bucket, std::string_view upload, const Part& part,
                     storage::Batch& batch) const {
  batch.put(rows::Family::rows, rows::part_key(bucket, upload, part.number), encode_part(part));
}

void Store::erase_part(const BucketRef& bucket, std::string_view upload, uint32_t number,
                       storage::Batch& batch) const {
  batch.erase(rows::Family::rows, rows::part_key(bucket, upload, number));
}

std::vector<Part> Store::parts(const BucketRef& bucket, std::string_view upload, uint32_t after,
                               size_t most) const {
  std::vector<Part> found;
  const std::string start = rows::bucket_rows(bucket, kPartKind).text(upload).bytes();
  storage::Iterator walk = database_.iterate_prefix(rows::Family::rows, start);
  walk.seek(rows::part_key(bucket, upload, after + 1));
  for (; walk.valid() && found.size() < most; walk.next()) {
    found.push_back(decode_part(walk.value()));
  }
  return found;
}

}  // namespace paddock::services::s3
