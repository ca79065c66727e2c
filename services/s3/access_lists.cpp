// ACLs of buckets and objects, and whether a policy is public:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
#include "services/s3/access.hpp"
#include "services/s3/acl.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace access_lists {

Json shown_acl(const std::string& account, Json grants) {
  return {{members::Owner, owner_document(account)}, {members::Grants, std::move(grants)}};
}

void refuse_public(const Bucket& bucket, const Json& grants) {
  if (public_block_of(bucket).block_acls && is_public_acl(grants)) throw errors::access_denied();
}

// The grants that a request to put an ACL brings, in one of its three ways.
Json wanted_grants(const Bucket& bucket, const Json& input, const std::string& owner,
                   bool of_bucket) {
  if (!acls_enabled(bucket)) throw errors::acls_not_supported();
  const AclHeaders headers = acl_headers(input, of_bucket);
  const auto document = input.find(members::AccessControlPolicy);
  if (document != input.end()) {
    if (headers.given()) {
      throw AwsError("UnexpectedContent", "This request does not support content");
    }
    return grants_of_document(*document, canonical_id(owner));
  }
  if (!headers.given()) {
    throw AwsError("MissingSecurityHeader", "Your request was missing a required header")
        .with("MissingHeaderName", "x-amz-acl");
  }
  return grants_of_headers(headers, input, canonical_id(owner), canonical_id(bucket.account));
}

}  // namespace access_lists

void S3::add_access_operations(Operations& operations) {
  using gateway::Access;
  const auto add = [&](std::string_view name, gateway::HandlerVariant handler, Access access,
                       std::string_view action, gateway::ResourceArns resources) {
    operations.push_back({name, std::move(handler), access, gateway::Fidelity::full(), action,
                          resources, members::Bucket, nullptr});
  };
  add("GetBucketAcl", gateway::plain(this, &S3::get_bucket_acl), Access::read, "s3:GetBucketAcl",
      &bucket_resource);
  add("PutBucketAcl", gateway::slow(this, &S3::put_bucket_acl), Access::write, "s3:PutBucketAcl",
      &bucket_resource);
  add("GetObjectAcl", gateway::plain(this, &S3::get_object_acl), Access::read, "s3:GetObjectAcl",
      &object_resource);
  add("PutObjectAcl", gateway::plain(this, &S3::put_object_acl), Access::write, "s3:PutObjectAcl",
      &object_resource);
  add("GetBucketPolicyStatus", gateway::plain(this, &S3::get_bucket_policy_status), Access::read,
      "s3:GetBucketPolicyStatus", &bucket_resource);
}

std::string S3::with_acl(const Context& context, const Bucket& bucket, const Json& input,
                         std::string facts) const {
  const AclHeaders headers = acl_headers(input, false);
  if (!acls_enabled(bucket)) {
    const bool harmless = !headers.given() || headers.canned == "bucket-owner-full-control" ||
                          headers.canned == "private";
    if (!harmless) throw errors::acls_not_supported();
    return facts;
  }
  const Requester requester = requester_of(context, bucket);
  std::string owner = requester.anonymous ? kAnonymousAccount : requester.account;
  const bool given_up = ownership_of(bucket) == "BucketOwnerPreferred" &&
                        headers.canned == "bucket-owner-full-control";
  if (given_up) owner = bucket.account;
  Json grants =
      grants_of_headers(headers, input, canonical_id(owner), canonical_id(bucket.account));
  access_lists::refuse_public(bucket, grants);
  const bool plain = grants == private_grants(canonical_id(owner));
  if (plain && owner == bucket.account) return facts;
  Json document = facts.empty() ? Json::object() : Json::parse(facts);
  if (owner != bucket.account) document[kOwnerFact] = owner;
  if (!plain) document[kAclFact] = std::move(grants);
  return document.dump();
}

gateway::Output S3::get_bucket_acl(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  return access_lists::shown_acl(bucket->account, bucket_grants(*bucket));
}

gateway::Output S3::put_bucket_acl(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  Json grants = access_lists::wanted_grants(*bucket, input, bucket->account, true);
  access_lists::refuse_public(*bucket, grants);
  change_bucket(context, bucket,
                [&grants](Bucket& changed) { changed.records[kAclRecord] = std::move(grants); });
  return {};
}

gateway::Output S3::get_object_acl(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const Object object =
      readable(*bucket, text_of(input, members::Key), text_of(input, members::VersionId));
  Output output(
      access_lists::shown_acl(object_owner(*bucket, object), object_grants(*bucket, object)));
  if (bucket->versioning != Versioning::off) {
    output.headers.set("x-amz-version-id", object.shown_version());
  }
  return output;
}

gateway::Output S3::put_object_acl(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const std::string key = text_of(input, members::Key);
  const std::string version = text_of(input, members::VersionId);
  const auto lock = lock_key(*bucket, key);
  const BucketPtr now = still(bucket);
  std::optional<Object> object = find_version(*now, key, version);
  if (object && object->delete_marker) throw errors::method_not_allowed("PUT", "DeleteMarker");
  if (!object && !version.empty()) throw errors::no_such_version(key, version);
  if (!object) throw errors::no_such_key(key);
  Json grants = access_lists::wanted_grants(*now, input, object_owner(*now, *object), false);
  access_lists::refuse_public(*now, grants);
  Json facts = object->facts.empty() ? Json::object() : Json::parse(object->facts);
  facts[kAclFact] = std::move(grants);
  object->facts = facts.dump();
  storage::Batch batch;
  replace_version(*now, key, *object, batch);
  announce(context, *now, "ObjectAcl:Put", key, *object, batch);
  context.commit(batch);
  Output output;
  if (now->versioning != Versioning::off) {
    output.headers.set("x-amz-version-id", object->shown_version());
  }
  return output;
}

gateway::Output S3::get_bucket_policy_status(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const auto record = bucket->records.find("policy");
  if (record == bucket->records.end()) throw errors::no_such_policy(bucket->name);
  const Json policy = Json::parse(record->get_ref<const std::string&>());
  return Json{{members::PolicyStatus, {{members::IsPublic, is_public_policy(policy)}}}};
}

}  // namespace paddock::services::s3
