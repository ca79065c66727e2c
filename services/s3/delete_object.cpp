// DeleteObject and DeleteObjects:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
#include "core/text.hpp"
#include "services/s3/access.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/object_lock.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {

// The members of DeleteObject's answer: DeleteMarker and VersionId.
Json S3::delete_one(Context& context, const BucketPtr& bucket, const std::string& key,
                    const std::string& version, const std::optional<std::string>& if_match,
                    bool bypass) {
  Json output = Json::object();
  const auto lock = lock_key(*bucket, key);
  const BucketPtr now = still(bucket);
  const std::optional<Object> current = store_.current(*now, key);
  if (if_match) {
    if (!current || current->delete_marker) throw errors::no_such_key(key);
    if (!etag_matches(*if_match, current->etag)) throw errors::precondition_failed("If-Match");
  }
  storage::Batch batch;
  if (!version.empty()) {
    const std::optional<Object> found = find_version(*now, key, version);
    output[members::VersionId] = version;
    if (!found) return output;
    if (is_locked(*found, platform_.world.now(), bypass)) throw errors::object_locked();
    if (found->delete_marker) output[members::DeleteMarker] = true;
    drop_version(*now, key, *found, *current, batch);
    announce(context, *now, "ObjectRemoved:Delete", key, *found, batch);
  } else if (now->versioning == Versioning::off) {
    if (!current) return output;
    drop_version(*now, key, *current, *current, batch);
    announce(context, *now, "ObjectRemoved:Delete", key, *current, batch);
  } else {
    Object marker;
    marker.delete_marker = true;
    write_version(*now, key, marker, current, batch);
    announce(context, *now, "ObjectRemoved:DeleteMarkerCreated", key, marker, batch);
    output[members::DeleteMarker] = true;
    output[members::VersionId] = marker.shown_version();
  }
  context.commit(batch);
  return output;
}

gateway::Output S3::delete_object(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  for (const auto& [member, header] :
       {std::pair(members::IfMatchLastModifiedTime, "x-amz-if-match-last-modified-time"),
        std::pair(members::IfMatchSize, "x-amz-if-match-size")}) {
    if (input.contains(member)) throw errors::header_not_implemented(header);
  }
  if (input.contains(members::VersionId) && mfa_delete(*bucket)) require_mfa(input);
  std::optional<std::string> if_match;
  if (input.contains(members::IfMatch)) if_match = text_of(input, members::IfMatch);
  return delete_one(context, bucket, text_of(input, members::Key),
                    text_of(input, members::VersionId), if_match,
                    input.value(members::BypassGovernanceRetention, false));
}

// Each key is a commit of its own, as a failed one does not undo the others.
gateway::Output S3::delete_objects(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  check_document_digest(context, true);
  const Json& wanted = input[members::Delete];
  const Json& objects = wanted[members::Objects];
  if (objects.empty() || objects.size() > limits::kKeysPerDelete) throw errors::malformed_xml();
  const bool bypass = input.value(members::BypassGovernanceRetention, false);
  const bool quiet = wanted.value(members::Quiet, false);
  Json deleted = Json::array();
  Json failed = Json::array();
  for (const Json& object : objects) {
    const std::string key = text_of(object, members::Key);
    const std::string version = text_of(object, members::VersionId);
    std::optional<std::string> if_match;
    if (object.contains(members::ETag)) if_match = text_of(object, members::ETag);
    try {
      if (object.contains(members::LastModifiedTime) || object.contains(members::Size)) {
        throw AwsError("NotImplemented",
                       "A header you provided implies functionality that is not implemented", 501);
      }
      if (key.size() > limits::kKeyBytes) {
        throw errors::key_too_long(key.size(), limits::kKeyBytes);
      }
      authorize(context, *bucket, {"s3:DeleteObject", key, version, input});
      if (!version.empty() && mfa_delete(*bucket)) require_mfa(input);
      const Json done = delete_one(context, bucket, key, version, if_match, bypass);
      if (quiet) continue;
      Json entry = {{members::Key, key}};
      if (!version.empty()) entry[members::VersionId] = version;
      if (done.contains(members::DeleteMarker)) {
        entry[members::DeleteMarker] = true;
        entry[members::DeleteMarkerVersionId] = done[members::VersionId];
      }
      deleted.push_back(std::move(entry));
    } catch (const AwsError& error) {
      Json entry = {
          {members::Key, key}, {members::Code, error.code()}, {members::Message, error.message()}};
      if (!version.empty()) entry[members::VersionId] = version;
      failed.push_back(std::move(entry));
    }
  }
  Json output = Json::object();
  if (!deleted.empty()) output[members::Deleted] = std::move(deleted);
  if (!failed.empty()) output[members::Errors] = std::move(failed);
  return output;
}

}  // namespace paddock::services::s3
