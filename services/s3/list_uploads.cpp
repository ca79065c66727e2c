// ListParts and ListMultipartUploads.
#include <algorithm>

#include "core/text.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace upload_lists {

size_t page_size(const Json& input, const char* member) {
  const int64_t asked = input.value(member, static_cast<int64_t>(limits::kPage));
  return static_cast<size_t>(std::clamp<int64_t>(asked, 0, static_cast<int64_t>(limits::kPage)));
}

Json initiator_document(const gateway::RequestContext& context) {
  return {{members::ID, context.principal.arn.ends_with(":root") ? canonical_id(context.account)
                                                                 : context.principal.arn}};
}

Json upload_entry(const gateway::RequestContext& context, const Bucket& bucket,
                  const Upload& upload, const std::string& shown_key) {
  Json entry = {{members::UploadId, upload.id},
                {members::Key, shown_key},
                {members::Initiated, shown_time(upload.initiated)},
                {members::StorageClass, shown_storage_class(upload.storage_class)},
                {members::Owner, owner_document(bucket.account)},
                {members::Initiator, initiator_document(context)}};
  if (upload.algorithm != Algorithm::none) {
    entry[members::ChecksumAlgorithm] = std::string(name_of(upload.algorithm));
    entry[members::ChecksumType] = upload.full_object ? "FULL_OBJECT" : "COMPOSITE";
  }
  return entry;
}

}  // namespace upload_lists

gateway::Output S3::list_parts(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const Upload upload = open_upload(*bucket, input);
  const size_t most = upload_lists::page_size(input, members::MaxParts);
  const auto after = static_cast<uint32_t>(
      std::min<int64_t>(input.value(members::PartNumberMarker, int64_t{0}), limits::kParts));
  std::vector<Part> parts = store_.parts(*bucket, upload.id, after, most + 1);
  const bool more = parts.size() > most;
  if (more) parts.pop_back();
  Json output = {{members::Bucket, bucket->name},
                 {members::Key, upload.key},
                 {members::UploadId, upload.id},
                 {members::PartNumberMarker, after},
                 {members::NextPartNumberMarker, parts.empty() ? 0 : parts.back().number},
                 {members::MaxParts, most},
                 {members::IsTruncated, more},
                 {members::Initiator, upload_lists::initiator_document(context)},
                 {members::Owner, owner_document(bucket->account)},
                 {members::StorageClass, shown_storage_class(upload.storage_class)}};
  Json list = Json::array();
  for (const Part& part : parts) {
    Json entry = {{members::PartNumber, part.number},
                  {members::LastModified, shown_time(part.modified)},
                  {members::ETag, quoted_etag(part.etag())},
                  {members::Size, part.size}};
    if (upload.algorithm != Algorithm::none) {
      entry[member_of(upload.algorithm)] = to_base64(part.checksum);
    }
    list.push_back(std::move(entry));
  }
  if (!list.empty()) output[members::Parts] = std::move(list);
  if (upload.algorithm != Algorithm::none) {
    output[members::ChecksumAlgorithm] = std::string(name_of(upload.algorithm));
    output[members::ChecksumType] = upload.full_object ? "FULL_OBJECT" : "COMPOSITE";
  }
  return output;
}

gateway::Output S3::list_multipart_uploads(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const std::string prefix = text_of(input, members::Prefix);
  const std::string delimiter = text_of(input, members::Delimiter);
  const std::string key_marker = text_of(input, members::KeyMarker);
  const std::string id_marker = key_marker.empty() ? "" : text_of(input, members::UploadIdMarker);
  const bool url = text_of(input, members::EncodingType) == "url";
  const size_t most = upload_lists::page_size(input, members::MaxUploads);
  const auto shown = [url](const std::string& text) { return url ? encoded_key(text) : text; };
  Json uploads = Json::array();
  Json prefixes = Json::array();
  bool truncated = false;
  std::string last_key, last_id;
  const auto take = [&](Upload upload) -> std::optional<std::string> {
    const size_t at =
        delimiter.empty() ? std::string::npos : upload.key.find(delimiter, prefix.size());
    const std::string common =
        at == std::string::npos ? "" : upload.key.substr(0, at + delimiter.size());
    if (!common.empty() && common == key_marker) return common;
    if (uploads.size() + prefixes.size() >= most) {
      truncated = most > 0;
      return std::nullopt;
    }
    if (!common.empty()) {
      prefixes.push_back({{members::Prefix, shown(common)}});
      last_key = common;
      last_id.clear();
      return common;
    }
    last_key = upload.key;
    last_id = upload.id;
    uploads.push_back(upload_lists::upload_entry(context, *bucket, upload, shown(upload.key)));
    return "";
  };
  store_.uploads(*bucket, prefix, key_marker, id_marker, take);
  Json output = {{members::Bucket, bucket->name},
                 {members::KeyMarker, shown(key_marker)},
                 {members::UploadIdMarker, id_marker},
                 {members::Prefix, shown(prefix)},
                 {members::MaxUploads, most},
                 {members::IsTruncated, truncated},
                 {members::NextKeyMarker, shown(last_key)},
                 {members::NextUploadIdMarker, last_id}};
  if (!delimiter.empty()) output[members::Delimiter] = shown(delimiter);
  if (url) output[members::EncodingType] = "url";
  if (!uploads.empty()) output[members::Uploads] = std::move(uploads);
  if (!prefixes.empty()) output[members::CommonPrefixes] = std::move(prefixes);
  return output;
}

}  // namespace paddock::services::s3
