// Tags of objects: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {

gateway::Output S3::get_object_tagging(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const Object object =
      readable(*bucket, text_of(input, members::Key), text_of(input, members::VersionId));
  Json output = {{members::TagSet, Json::array()}};
  if (!object.facts.empty()) {
    output[members::TagSet] = Json::parse(object.facts).value(kTagsFact, Json::array());
  }
  if (bucket->versioning != Versioning::off) output[members::VersionId] = object.shown_version();
  return output;
}

gateway::Output S3::change_tags(Context& context, const Json& input, const Json& tags) {
  const BucketPtr bucket = open_bucket(context, input);
  const std::string key = text_of(input, members::Key);
  const auto lock = lock_key(*bucket, key);
  const BucketPtr now = still(bucket);
  Object object = readable(*now, key, text_of(input, members::VersionId));
  Json facts = object.facts.empty() ? Json::object() : Json::parse(object.facts);
  if (tags.empty()) {
    facts.erase(kTagsFact);
  } else {
    facts[kTagsFact] = tags;
  }
  object.facts = facts.empty() ? std::string() : facts.dump();
  storage::Batch batch;
  replace_version(*now, key, object, batch);
  const bool put = context.operation->name == "PutObjectTagging";
  announce(context, *now, put ? "ObjectTagging:Put" : "ObjectTagging:Delete", key, object, batch);
  context.commit(batch);
  Json output = Json::object();
  if (now->versioning != Versioning::off) output[members::VersionId] = object.shown_version();
  return output;
}

gateway::Output S3::put_object_tagging(Context& context, Json input) {
  check_document_digest(context, false);
  const Json tags = input[members::Tagging].value(members::TagSet, Json::array());
  check_tags(tags, limits::kTagsPerObject);
  return change_tags(context, input, tags);
}

gateway::Output S3::delete_object_tagging(Context& context, Json input) {
  return change_tags(context, input, Json::array());
}

}  // namespace paddock::services::s3
