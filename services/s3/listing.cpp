// ListObjects, ListObjectsV2 and ListObjectVersions. A page costs what it shows: common prefixes
// and older versions are passed over by seeks.
#include <algorithm>

#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace listing {

// What all lists take.
struct Query {
  explicit Query(const Json& input)
      : prefix(text_of(input, members::Prefix)),
        delimiter(text_of(input, members::Delimiter)),
        url(text_of(input, members::EncodingType) == "url"),
        asked(input.value(members::MaxKeys, static_cast<int64_t>(limits::kPage))),
        most(static_cast<size_t>(
            std::clamp<int64_t>(asked, 0, static_cast<int64_t>(limits::kPage)))) {}

  std::string shown(const std::string& text) const { return url ? encoded_key(text) : text; }
  // The common prefix that a key is rolled up into; "" if none.
  std::string common_prefix(const std::string& key) const {
    if (delimiter.empty()) return "";
    const size_t at = key.find(delimiter, prefix.size());
    return at == std::string::npos ? "" : key.substr(0, at + delimiter.size());
  }

  std::string prefix;
  std::string delimiter;
  bool url;
  int64_t asked;
  size_t most;
};

// One page of a walk: what it has and where the next one begins.
struct Page {
  Json entries = Json::array();  // objects or versions
  Json markers = Json::array();  // delete markers
  Json prefixes = Json::array();
  size_t count = 0;
  bool truncated = false;
  std::string last_key;  // or common prefix
  std::string last_version;

  bool full(const Query& query) const { return count >= query.most; }
  void add_prefix(const Query& query, const std::string& prefix) {
    prefixes.push_back({{members::Prefix, query.shown(prefix)}});
    last_key = prefix;
    last_version.clear();
    count++;
  }
};

void show_object(const Query& query, const std::string& key, const Object& object, Json& entry) {
  entry[members::Key] = query.shown(key);
  entry[members::LastModified] = shown_time(object.modified);
  if (object.delete_marker) return;
  entry[members::ETag] = quoted_etag(object.etag);
  entry[members::Size] = object.size;
  entry[members::StorageClass] = shown_storage_class(object.storage_class);
  if (object.checksum.algorithm != Algorithm::none) {
    entry[members::ChecksumAlgorithm] =
        Json::array({std::string(name_of(object.checksum.algorithm))});
    entry[members::ChecksumType] = object.checksum.type();
  }
}

// Where a walk begins that is to show what comes behind `after`, a key or a common prefix.
void begin_after(const Query& query, const std::string& after, ObjectCursor& cursor) {
  if (after.empty()) return;
  if (!query.delimiter.empty() && query.common_prefix(after) == after) {
    cursor.seek_after_prefix(after);
  } else {
    cursor.seek_after_key(after);
  }
}

Page list_current(const Query& query, const std::string& after, const Json& owner,
                  ObjectCursor cursor) {
  Page page;
  if (query.most == 0) return page;
  begin_after(query, after, cursor);
  while (cursor.valid()) {
    if (!cursor.current()) {
      cursor.seek_after_key(std::string(cursor.key()));
      continue;
    }
    const Object object = cursor.object();
    if (object.delete_marker) {
      cursor.next();
      continue;
    }
    if (page.full(query)) {
      page.truncated = true;
      break;
    }
    const std::string common = query.common_prefix(cursor.key());
    if (!common.empty()) {
      page.add_prefix(query, common);
      cursor.seek_after_prefix(common);
      continue;
    }
    Json entry = Json::object();
    show_object(query, cursor.key(), object, entry);
    if (!owner.is_null()) entry[members::Owner] = owner;
    page.entries.push_back(std::move(entry));
    page.last_key = cursor.key();
    page.count++;
    cursor.next();
  }
  return page;
}

Page list_versions(const Query& query, const Json& owner, ObjectCursor& cursor) {
  Page page;
  if (query.most == 0) return page;
  while (cursor.valid()) {
    if (page.full(query)) {
      page.truncated = true;
      break;
    }
    const std::string common = query.common_prefix(cursor.key());
    if (!common.empty()) {
      page.add_prefix(query, common);
      cursor.seek_after_prefix(common);
      continue;
    }
    const Object object = cursor.object();
    Json entry = {{members::VersionId, object.shown_version()},
                  {members::IsLatest, cursor.current()},
                  {members::Owner, owner}};
    show_object(query, cursor.key(), object, entry);
    (object.delete_marker ? page.markers : page.entries).push_back(std::move(entry));
    page.last_key = cursor.key();
    page.last_version = object.shown_version();
    page.count++;
    cursor.next();
  }
  return page;
}

// What the answers of all lists begin with.
Json head_of(const Bucket& bucket, const Query& query, Page& page) {
  Json output = {{members::Name, bucket.name},
                 {members::Prefix, query.shown(query.prefix)},
                 {members::MaxKeys, query.most},
                 {members::IsTruncated, page.truncated}};
  if (!query.delimiter.empty()) output[members::Delimiter] = query.shown(query.delimiter);
  if (query.url) output[members::EncodingType] = "url";
  if (!page.prefixes.empty()) output[members::CommonPrefixes] = std::move(page.prefixes);
  return output;
}

// A continuation token: the last key in base 64, behind a letter of its own.
std::string token_of(const std::string& key) {
  return to_base64("1" + key);
}

std::string key_of_token(const std::string& token) {
  const auto decoded = from_base64(token);
  if (!decoded || !decoded->starts_with('1') || !valid_utf8(*decoded)) {
    throw errors::invalid_argument("The continuation token provided is incorrect",
                                   "continuation-token");
  }
  return decoded->substr(1);
}

}  // namespace listing

gateway::Output S3::list_objects(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const listing::Query query(input);
  const std::string marker = text_of(input, members::Marker);
  listing::Page page = listing::list_current(query, marker, owner_document(bucket->account),
                                             store_.objects(*bucket, query.prefix));
  Json output = listing::head_of(*bucket, query, page);
  output[members::Marker] = query.shown(marker);
  if (!page.entries.empty()) output[members::Contents] = std::move(page.entries);
  // Without a delimiter the last key is where to go on.
  if (page.truncated && !query.delimiter.empty()) {
    output[members::NextMarker] = query.shown(page.last_key);
  }
  return output;
}

gateway::Output S3::list_objects_v2(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const listing::Query query(input);
  std::string after = text_of(input, members::StartAfter);
  const bool continued = input.contains(members::ContinuationToken);
  const std::string token = text_of(input, members::ContinuationToken);
  if (!token.empty()) after = listing::key_of_token(token);
  const bool with_owner = input.value(members::FetchOwner, false);
  const Json owner = with_owner ? owner_document(bucket->account) : Json();
  listing::Page page =
      listing::list_current(query, after, owner, store_.objects(*bucket, query.prefix));
  Json output = listing::head_of(*bucket, query, page);
  output[members::KeyCount] = page.count;
  if (!page.entries.empty()) output[members::Contents] = std::move(page.entries);
  if (continued) output[members::ContinuationToken] = input[members::ContinuationToken];
  if (input.contains(members::StartAfter)) {
    output[members::StartAfter] = query.shown(text_of(input, members::StartAfter));
  }
  if (page.truncated) output[members::NextContinuationToken] = listing::token_of(page.last_key);
  return output;
}

gateway::Output S3::list_object_versions(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const listing::Query query(input);
  const std::string key = text_of(input, members::KeyMarker);
  const std::string version = text_of(input, members::VersionIdMarker);
  if (input.contains(members::VersionIdMarker)) {
    if (key.empty()) {
      throw errors::invalid_argument(
          "A version-id marker cannot be specified without a key marker.", "version-id-marker",
          version);
    }
    if (version.empty()) {
      throw errors::invalid_argument("A version-id marker cannot be empty.", "version-id-marker",
                                     version);
    }
  }
  ObjectCursor cursor = store_.objects(*bucket, query.prefix);
  if (version.empty()) {
    listing::begin_after(query, key, cursor);
  } else {
    const std::optional<Object> found = find_version(*bucket, key, version);
    const std::optional<Object> current = store_.current(*bucket, key);
    if (found) {
      cursor.seek_after_version(key, found->order == current->order, found->order);
    } else {
      // It has gone meanwhile: behind the place where it was.
      cursor.seek_after_version(key, false, order_of_version(version).value_or(0));
    }
  }
  listing::Page page = listing::list_versions(query, owner_document(bucket->account), cursor);
  Json output = listing::head_of(*bucket, query, page);
  output[members::KeyMarker] = query.shown(key);
  output[members::VersionIdMarker] = version;
  if (!page.entries.empty()) output[members::Versions] = std::move(page.entries);
  if (!page.markers.empty()) output[members::DeleteMarkers] = std::move(page.markers);
  if (page.truncated) {
    output[members::NextKeyMarker] = query.shown(page.last_key);
    if (!page.last_version.empty()) output[members::NextVersionIdMarker] = page.last_version;
  }
  return output;
}

}  // namespace paddock::services::s3
