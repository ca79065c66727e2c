// CopyObject and UploadPartCopy:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
#include <algorithm>

#include "core/cipher.hpp"
#include "core/text.hpp"
#include "services/s3/encryption.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/object_body.hpp"
#include "services/s3/object_lock.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace copying {

constexpr uint64_t kRead = 1024 * 1024;

struct Source {
  std::string bucket;
  std::string key;
  std::string version;
};

// "[/]bucket/key[?versionId=…]", the key encoded as in a URL.
Source parse_source(const std::string& header) {
  constexpr std::string_view kVersion = "?versionId=";
  Source source;
  std::string_view path = header;
  if (const size_t at = path.find(kVersion); at != std::string_view::npos) {
    source.version = path.substr(at + kVersion.size());
    path = path.substr(0, at);
  }
  std::string decoded = url_decode(path);
  if (decoded.starts_with('/')) decoded.erase(0, 1);
  const size_t slash = decoded.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == decoded.size() ||
      !valid_utf8(decoded)) {
    throw errors::invalid_argument("Invalid copy source object key", "x-amz-copy-source", header);
  }
  source.bucket = decoded.substr(0, slash);
  source.key = decoded.substr(slash + 1);
  return source;
}

void check_conditions(const Json& input, const Object& object) {
  const int64_t modified = shown_time(object.modified);
  if (const auto match = input.find(members::CopySourceIfMatch); match != input.end()) {
    if (!etag_matches(match->get_ref<const std::string&>(), object.etag)) {
      throw errors::precondition_failed("x-amz-copy-source-If-Match");
    }
  } else if (const auto since = input.find(members::CopySourceIfUnmodifiedSince);
             since != input.end() && modified > since->get<int64_t>()) {
    throw errors::precondition_failed("x-amz-copy-source-If-Unmodified-Since");
  }
  if (const auto none = input.find(members::CopySourceIfNoneMatch); none != input.end()) {
    if (etag_matches(none->get_ref<const std::string&>(), object.etag)) {
      throw errors::precondition_failed("x-amz-copy-source-If-None-Match");
    }
  } else if (const auto since = input.find(members::CopySourceIfModifiedSince);
             since != input.end() && modified <= since->get<int64_t>()) {
    throw errors::precondition_failed("x-amz-copy-source-If-Modified-Since");
  }
}

// What is read of a source, and its bytes.
struct Copied {
  explicit Copied(storage::BlobWriter w) : writer(std::move(w)) {}
  storage::BlobWriter writer;
  uint64_t size = 0;
  std::string md5;
  std::string checksum;
};

// Runs on the work pool.
Copied copy_bytes(storage::Blobs& blobs, const std::vector<BodyPiece>& pieces, RealmId realm,
                  Algorithm algorithm, const std::string& key, const std::string& counter) {
  uint64_t size = 0;
  for (const BodyPiece& piece : pieces) size += piece.length;
  Copied copied(blobs.create(realm, size));
  copied.size = size;
  Hasher md5(Hasher::Algorithm::md5);
  Summer summer(algorithm);
  std::optional<Aes256Counter> cipher;
  if (!key.empty()) cipher.emplace(key, counter);
  for (const BodyPiece& piece : pieces) {
    for (uint64_t done = 0; done < piece.length;) {
      std::string bytes = piece.read(blobs, done, std::min(kRead, piece.length - done));
      done += bytes.size();
      summer.update(bytes);
      if (cipher) bytes = cipher->apply(bytes);
      md5.update(bytes);
      copied.writer.append(bytes);
    }
  }
  copied.md5 = md5.finish();
  copied.checksum = summer.finish();
  return copied;
}

// The facts of the copy: the source's, or those of the request.
std::string facts_of(const Json& input, const Object& source) {
  const bool new_metadata = text_of(input, members::MetadataDirective) == "REPLACE";
  const bool new_tags = text_of(input, members::TaggingDirective) == "REPLACE";
  const Json old = source.facts.empty() ? Json::object() : Json::parse(source.facts);
  Json given = input;
  if (!new_tags) given.erase(members::Tagging);
  const std::string written = object_facts(given);
  const Json asked = written.empty() ? Json::object() : Json::parse(written);
  Json facts = new_metadata ? asked : old;
  drop_locks(facts);
  facts.erase(kTagsFact);
  facts.erase(kUploadFact);
  facts.erase(kOwnerFact);
  facts.erase(kAclFact);
  const Json& tags_from = new_tags ? asked : old;
  if (tags_from.contains(kTagsFact)) facts[kTagsFact] = tags_from[kTagsFact];
  // A website redirect is never copied.
  facts.erase(members::WebsiteRedirectLocation);
  if (asked.contains(members::WebsiteRedirectLocation)) {
    facts[members::WebsiteRedirectLocation] = asked[members::WebsiteRedirectLocation];
  }
  return facts.empty() ? std::string() : facts.dump();
}

// A copy onto itself must change something.
void check_self_copy(const Json& input, const Source& source, const std::string& bucket,
                     const std::string& key, const Object& object,
                     const std::string& storage_class) {
  if (source.bucket != bucket || source.key != key || !source.version.empty()) return;
  if (text_of(input, members::MetadataDirective) == "REPLACE") return;
  if (storage_class != object.storage_class || input.contains(members::WebsiteRedirectLocation) ||
      input.contains(members::ServerSideEncryption) || customer_key(input).given() ||
      source_key(input).given()) {
    return;
  }
  throw errors::invalid_request(
      "This copy request is illegal because it is trying to copy an object to itself without "
      "changing the object's metadata, storage class, website redirect location or encryption "
      "attributes.");
}

Algorithm algorithm_for(const Json& input, const Object& source) {
  const std::string asked = text_of(input, members::ChecksumAlgorithm);
  if (!asked.empty()) {
    const auto algorithm = algorithm_of(asked);
    if (!algorithm) {
      throw errors::invalid_request(
          "Checksum algorithm provided is unsupported. Please try again with any of the valid "
          "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }
    return *algorithm;
  }
  return source.checksum.algorithm == Algorithm::none ? Algorithm::crc64nvme
                                                      : source.checksum.algorithm;
}

void check_size(const Object& object) {
  if (object.size > limits::kPutBytes) {
    throw errors::invalid_request(
        "The specified copy source is larger than the maximum allowable size for a copy source: " +
        std::to_string(limits::kPutBytes));
  }
}

}  // namespace copying

gateway::Output S3::copy_object(Context& context, Json input) {
  const copying::Source source = copying::parse_source(text_of(input, members::CopySource));
  const BucketPtr target = open_bucket(context, input);
  const std::string key = text_of(input, members::Key);
  refuse_unbuilt_headers(input);
  const CustomerKey opening = source_key(input);
  const CustomerKey closing = customer_key(input);
  const auto expected = input.find(members::ExpectedSourceBucketOwner);
  const BucketPtr from = any_bucket(source.bucket, expected == input.end() ? Json() : *expected);
  authorize(context, *from, {"s3:GetObject", source.key, source.version, input});
  Object copy;
  copy.storage_class = storage_class_of(input);
  Object original;
  std::vector<BodyPiece> pieces;
  {
    const auto lock = lock_key(*from, source.key);
    original = readable_source(*from, source.key, source.version);
    check_key(original.facts, opening);
    copying::check_conditions(input, original);
    copying::check_size(original);
    const std::vector<Part> parts =
        original.parts > 0 ? store_.object_parts(*from, original.order) : std::vector<Part>();
    pieces = pieces_of(original, parts, {0, original.size}, platform_.blobs, opening.key);
  }
  copying::check_self_copy(input, source, target->name, key, original, copy.storage_class);
  copy.facts = with_acl(context, *target, input, copying::facts_of(input, original));
  take_lock_headers(*target, input, platform_.world.now(), true, copy.facts);
  copy.checksum.algorithm = copying::algorithm_for(input, original);
  take_encryption(*target, input, closing, copy.facts);
  const std::string counter = closing.given() ? new_counter(*target) : std::string();
  set_counter(counter, copy.facts);
  copying::Copied copied = copying::copy_bytes(platform_.blobs, pieces, target->realm,
                                               copy.checksum.algorithm, closing.key, counter);
  copy.size = copied.size;
  copy.etag = to_hex(copied.md5);
  copy.checksum.bytes = copied.checksum;
  {
    storage::Batch batch;
    copy.body = copied.writer.seal(batch);
    const auto lock = lock_key(*target, key);
    const BucketPtr now = still(target);
    const auto current = store_.current(*now, key);
    check_write_conditions(input, key, current);
    write_version(*now, key, copy, current, batch);
    announce(context, *now, "ObjectCreated:Copy", key, copy, batch);
    context.commit(batch);
  }
  Json output = Json::object();
  show_encryption(copy.facts, output);
  show_expiration(*target, key, copy, output);
  Json& result = output[members::CopyObjectResult];
  result = {{members::ETag, quoted_etag(copy.etag)},
            {members::LastModified, shown_time(copy.modified)}};
  show_checksum(copy.checksum, 0, result);
  if (target->versioning != Versioning::off) output[members::VersionId] = copy.shown_version();
  if (from->versioning != Versioning::off) {
    output[members::CopySourceVersionId] = original.shown_version();
  }
  return output;
}

// As `readable`, in the words of copies.
Object S3::readable_source(const Bucket& bucket, std::string_view key,
                           std::string_view version) const {
  const std::optional<Object> found = find_version(bucket, key, version);
  if (found && found->delete_marker && !version.empty()) {
    throw errors::invalid_request(
        "The source of a copy request may not specifically refer to a delete marker by version "
        "id.");
  }
  return readable(bucket, key, version);
}

gateway::Output S3::upload_part_copy(Context& context, Json input) {
  const copying::Source source = copying::parse_source(text_of(input, members::CopySource));
  const BucketPtr target = open_bucket(context, input);
  refuse_unbuilt_headers(input);
  const CustomerKey opening = source_key(input);
  const CustomerKey closing = customer_key(input);
  const Upload upload = open_upload(*target, input);
  check_part_key(upload.facts, closing);
  const auto expected = input.find(members::ExpectedSourceBucketOwner);
  const BucketPtr from = any_bucket(source.bucket, expected == input.end() ? Json() : *expected);
  authorize(context, *from, {"s3:GetObject", source.key, source.version, input});
  Object original;
  std::vector<BodyPiece> pieces;
  {
    const auto lock = lock_key(*from, source.key);
    original = readable_source(*from, source.key, source.version);
    check_key(original.facts, opening);
    copying::check_conditions(input, original);
    Span span{0, original.size};
    if (const std::string range = text_of(input, members::CopySourceRange); !range.empty()) {
      const auto wanted = parse_copy_range(range);
      if (!wanted) {
        throw errors::invalid_argument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first "
            "and last are the zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range", range);
      }
      if (wanted->offset + wanted->length > original.size) {
        throw errors::invalid_argument("Range specified is not valid for source object of size: " +
                                           std::to_string(original.size),
                                       "x-amz-copy-source-range", range);
      }
      span = *wanted;
    }
    const std::vector<Part> parts =
        original.parts > 0 ? store_.object_parts(*from, original.order) : std::vector<Part>();
    pieces = pieces_of(original, parts, span, platform_.blobs, opening.key);
  }
  const Algorithm algorithm =
      upload.algorithm == Algorithm::none ? Algorithm::crc64nvme : upload.algorithm;
  Part part;
  if (closing.given()) part.counter = new_counter(*target);
  copying::Copied copied = copying::copy_bytes(platform_.blobs, pieces, target->realm, algorithm,
                                               closing.key, part.counter);
  part.number = input[members::PartNumber].get<uint32_t>();
  part.size = copied.size;
  part.md5 = copied.md5;
  part.checksum = copied.checksum;
  storage::Batch batch;
  part.body = copied.writer.seal(batch);
  write_part(context, *target, upload, part, batch);
  Json output = Json::object();
  show_encryption(upload.facts, output);
  Json& result = output[members::CopyPartResult];
  result = {{members::ETag, quoted_etag(part.etag())},
            {members::LastModified, shown_time(part.modified)}};
  if (upload.algorithm != Algorithm::none) {
    result[member_of(algorithm)] = to_base64(part.checksum);
  }
  if (from->versioning != Versioning::off) {
    output[members::CopySourceVersionId] = original.shown_version();
  }
  return output;
}

}  // namespace paddock::services::s3
