// What S3 keeps, and its pure rules. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/realm.hpp"
#include "services/s3/checksums.hpp"
#include "storage/blobs.hpp"

namespace paddock::services::s3 {

enum class Versioning : uint8_t { off, enabled, suspended };

struct Bucket {
  std::string name;
  std::string account;
  std::string region;
  RealmId realm = kNoRealm;  // of its owner: where its objects are
  uint64_t incarnation = 0;
  WorldTime created;
  Versioning versioning = Versioning::off;
  std::string ownership = "BucketOwnerEnforced";
  Json tags = Json::array();      // [{"Key":…,"Value":…}]
  Json records = Json::object();  // sub-resources by name, see records.cpp
  bool closing = false;           // being deleted: takes no more writes; in memory only
};

// One version of an object, or a delete marker.
struct Object {
  bool delete_marker = false;
  std::string version_id;   // "": the null version
  uint64_t order = 0;       // rises with every write of a realm: newer versions have greater ones
  uint64_t null_order = 0;  // of the current version: where the null version is if it is older
  WorldTime modified;
  uint64_t size = 0;
  std::string etag;           // without quotes
  std::string storage_class;  // "": STANDARD
  Checksum checksum;
  uint32_t parts = 0;  // of a multipart object: its body is in its parts' rows
  std::string facts;   // JSON: headers, metadata and tags, by the names below; "": none
  storage::BlobId body;

  bool is_null() const { return version_id.empty(); }
  std::string shown_version() const { return is_null() ? "null" : version_id; }
};

// Members of an object's facts beside the model's own (ContentType, CacheControl, Metadata …).
inline constexpr const char* kTagsFact = "Tags";      // [{"Key":…,"Value":…}]
inline constexpr const char* kUploadFact = "Upload";  // the upload that made it
inline constexpr const char* kOwnerFact = "Owner";    // its account, if it is not the bucket's
inline constexpr const char* kAclFact = "Acl";  // its grants, if they are not its owner's alone

// A part of a multipart upload, or of an object made of them.
struct Part {
  uint32_t number = 0;
  uint64_t size = 0;
  std::string md5;       // raw
  std::string checksum;  // raw, of the upload's algorithm
  std::string counter;   // raw: where the customer's encryption begins; "": none
  WorldTime modified;
  storage::BlobId body;

  std::string etag() const;
};

struct Upload {
  std::string key;
  std::string id;
  WorldTime initiated;
  Algorithm algorithm = Algorithm::none;  // none: none was asked for, so CRC64NVME is kept
  bool full_object = false;
  std::string storage_class;
  std::string facts;
};

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_bucket_name(std::string_view name);
bool is_region(std::string_view name);
// The id under which S3 shows an account: 64 hex digits.
std::string canonical_id(std::string_view account);

// 32 characters that hold the order of the version, so that it is found by its id alone.
std::string make_version_id(uint64_t order, const IdBytes& random);
// The order within an id; nullopt for what cannot be one.
std::optional<uint64_t> order_of_version(std::string_view id);

// A part of a body: first byte and length.
struct Span {
  uint64_t offset = 0;
  uint64_t length = 0;
};
enum class RangeOutcome { whole, part, unsatisfiable };
// RFC 9110 as S3 reads it: what is malformed, and several ranges, is the whole body.
RangeOutcome parse_range(std::string_view header, uint64_t size, Span& span);
// "bytes=0-9" of x-amz-copy-source-range, which must be just that.
std::optional<Span> parse_copy_range(std::string_view text);

// True if one of the entity tags of an If-Match or If-None-Match header is `etag`, or "*".
bool etag_matches(std::string_view header, std::string_view etag);
std::string quoted_etag(std::string_view etag);

// Header values as S3 gives metadata back: RFC 2047 if it is not ASCII.
std::string header_safe(const std::string& value);

// The tags of an x-amz-tagging header. Throws AwsError.
Json parse_tagging_header(std::string_view header);
// Throws AwsError InvalidTag … for what no tag set may have. `tags` as in Bucket::tags.
void check_tags(const Json& tags, size_t most);

}  // namespace paddock::services::s3
