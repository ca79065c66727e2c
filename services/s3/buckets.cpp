// Buckets:
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
#include "core/text.hpp"
#include "services/s3/access.hpp"
#include "services/s3/acl.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "services/s3/object_lock.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"
#include "storage/database.hpp"

namespace paddock::services::s3 {
namespace bucket_rules {

constexpr std::string_view kFirstRegion = "us-east-1";
constexpr size_t kTagsPerBucket = 50;

// The region of a new bucket. Every endpoint makes buckets in its own region, but that of us-east-1
// anywhere.
std::string region_of(const std::string& endpoint, const Json& input) {
  const auto configuration = input.find(members::CreateBucketConfiguration);
  std::string constraint;
  if (configuration != input.end()) {
    if (configuration->contains(members::Location) || configuration->contains(members::Bucket)) {
      throw AwsError("NotImplemented", "Directory buckets are not emulated.", 501);
    }
    constraint = text_of(*configuration, members::LocationConstraint);
  }
  if (!is_region(endpoint)) throw errors::wrong_region(endpoint, kFirstRegion);
  if (endpoint == kFirstRegion) {
    if (constraint.empty()) return std::string(kFirstRegion);
    if (constraint == "EU") return "eu-west-1";
    if (constraint == kFirstRegion || !is_region(constraint)) {
      throw errors::invalid_location(constraint);
    }
    return constraint;
  }
  if (constraint.empty()) throw errors::illegal_location("unspecified");
  const bool europe = constraint == "EU" && endpoint == "eu-west-1";
  if (constraint != endpoint && !europe) throw errors::illegal_location(constraint);
  return endpoint;
}

std::string ownership_of(const Json& input) {
  return text_of(input, members::ObjectOwnership, "BucketOwnerEnforced");
}

Json bucket_entry(const Bucket& bucket) {
  return {{members::Name, bucket.name},
          {members::CreationDate, shown_time(bucket.created)},
          {members::BucketRegion, bucket.region},
          {members::BucketArn, "arn:aws:s3:::" + bucket.name}};
}

}  // namespace bucket_rules

gateway::Output S3::create_bucket(Context& context, Json input) {
  const std::string name = text_of(input, members::Bucket);
  if (context.principal.kind == identity::Principal::Kind::anonymous) throw errors::access_denied();
  if (!is_bucket_name(name)) throw errors::invalid_bucket_name(name);
  const AclHeaders acl = acl_headers(input, true);
  refuse_unbuilt_headers(input);
  Bucket bucket;
  bucket.region = bucket_rules::region_of(context.region, input);
  bucket.ownership = bucket_rules::ownership_of(input);
  if (acl.given() && acl.canned != "private") {
    if (bucket.ownership == kOwnerEnforced) throw errors::acl_with_ownership();
    const std::string owner = canonical_id(context.account);
    bucket.records[kAclRecord] = grants_of_headers(acl, input, owner, owner);
  }
  bucket.name = name;
  bucket.account = context.account;
  bucket.realm = context.realm->id;
  if (input.value(members::ObjectLockEnabledForBucket, false)) {
    bucket.versioning = Versioning::enabled;
    bucket.records[kLockRecord] = {{members::ObjectLockEnabled, "Enabled"}};
  }
  if (const auto wanted = input.find(members::CreateBucketConfiguration);
      wanted != input.end() && wanted->contains(members::Tags)) {
    bucket.tags = (*wanted)[members::Tags];
    check_tags(bucket.tags, bucket_rules::kTagsPerBucket);
  }
  Json output = {{members::Location, bucket.region == bucket_rules::kFirstRegion
                                         ? "/" + name
                                         : "http://" + name + ".s3.amazonaws.com/"},
                 {members::BucketArn, "arn:aws:s3:::" + name}};
  const auto changes = catalog_.lock_changes();
  if (const BucketPtr existing = catalog_.find(name)) {
    if (existing->account != context.account) throw errors::bucket_exists(name);
    // As the first region has answered since 2006.
    const bool first = existing->region == bucket_rules::kFirstRegion &&
                       context.region == bucket_rules::kFirstRegion;
    if (first && !existing->closing) return output;
    throw errors::bucket_owned(name);
  }
  if (catalog_.count(context.account) >= limits::kBucketsPerAccount) {
    throw errors::too_many_buckets();
  }
  bucket.incarnation = next_order(bucket.realm);
  bucket.created = platform_.world.now();
  storage::Batch batch;
  store_.put_bucket(catalog_.directory(), bucket, batch);
  context.commit(batch);
  catalog_.publish(std::make_shared<const Bucket>(std::move(bucket)));
  return output;
}

gateway::Output S3::head_bucket(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  return Json{{members::BucketRegion, bucket->region},
              {members::BucketArn, "arn:aws:s3:::" + bucket->name},
              {members::AccessPointAlias, false}};
}

gateway::Output S3::delete_bucket(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  const auto changes = catalog_.lock_changes();
  const BucketPtr now = still(bucket);
  auto closing = std::make_shared<Bucket>(*now);
  closing->closing = true;
  catalog_.publish(closing);
  try {
    // Whoever found it open is done after this.
    platform_.locks.pass_through_all();
    if (store_.has_objects(*now)) {
      throw errors::bucket_not_empty(now->name, now->versioning != Versioning::off);
    }
    drop_uploads(context, *now);
    storage::Batch batch;
    store_.erase_bucket(catalog_.directory(), now->name, batch);
    context.commit(batch);
  } catch (...) {
    catalog_.publish(now);
    throw;
  }
  catalog_.forget(now->name);
  return {};
}

// What is left of uploads that were never completed.
void S3::drop_uploads(Context& context, const Bucket& bucket) {
  std::vector<std::pair<std::string, std::string>> uploads;
  store_.uploads(bucket, "", "", "", [&uploads](Upload upload) -> std::optional<std::string> {
    uploads.emplace_back(std::move(upload.key), std::move(upload.id));
    return "";
  });
  for (const auto& [key, id] : uploads) {
    storage::Batch batch;
    for (const Part& part : store_.parts(bucket, id, 0, limits::kParts)) {
      platform_.blobs.erase(part.body, batch);
      store_.erase_part(bucket, id, part.number, batch);
    }
    store_.erase_upload(bucket, key, id, batch);
    context.commit(batch);
  }
}

gateway::Output S3::list_buckets(Context& context, Json input) {
  if (context.principal.kind == identity::Principal::Kind::anonymous) throw errors::access_denied();
  const std::string prefix = text_of(input, members::Prefix);
  const bool paged = input.contains(members::MaxBuckets);
  const auto most = static_cast<int64_t>(paged ? input[members::MaxBuckets].get<int64_t>()
                                               : int64_t{limits::kBucketPage});
  if (most < 1 || most > static_cast<int64_t>(limits::kBucketPage)) {
    throw errors::invalid_argument("Argument max-buckets must be an integer between 1 and 10000",
                                   "max-buckets", std::to_string(most));
  }
  std::string after;
  if (const std::string token = text_of(input, members::ContinuationToken); !token.empty()) {
    const auto decoded = from_base64(token);
    if (!decoded || !is_bucket_name(*decoded)) {
      throw errors::invalid_argument("The continuation token provided is incorrect",
                                     "continuation-token");
    }
    after = *decoded;
  }
  const std::string region = text_of(input, members::BucketRegion);
  if (!region.empty() && !is_region(region)) {
    throw errors::invalid_argument("Argument value " + region + " is not a valid AWS Region",
                                   "bucket-region");
  }
  auto found =
      catalog_.of_account(context.account, prefix, after, region, static_cast<size_t>(most) + 1);
  const bool more = found.size() > static_cast<size_t>(most);
  if (more) found.pop_back();
  Json output = {{members::Buckets, Json::array()},
                 {members::Owner, owner_document(context.account)}};
  for (const BucketPtr& bucket : found) {
    output[members::Buckets].push_back(bucket_rules::bucket_entry(*bucket));
  }
  if (!prefix.empty()) output[members::Prefix] = prefix;
  if (more) output[members::ContinuationToken] = to_base64(found.back()->name);
  return output;
}

gateway::Output S3::get_bucket_location(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  if (bucket->region == bucket_rules::kFirstRegion) return {};
  return Json{{members::LocationConstraint, bucket->region}};
}

// Commits a changed definition, then waits until nobody works with the former one.
void S3::change_bucket(Context& context, const BucketPtr& bucket,
                       const std::function<void(Bucket&)>& change,
                       const std::function<void(storage::Batch&)>& also) {
  const auto changes = catalog_.lock_changes();
  auto changed = std::make_shared<Bucket>(*still(bucket));
  change(*changed);
  storage::Batch batch;
  if (also) also(batch);
  store_.put_bucket(catalog_.directory(), *changed, batch);
  context.commit(batch);
  catalog_.publish(std::move(changed));
  platform_.locks.pass_through_all();
}

gateway::Output S3::get_bucket_versioning(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  if (bucket->versioning == Versioning::off) return {};
  Json output = {
      {members::Status, bucket->versioning == Versioning::enabled ? "Enabled" : "Suspended"}};
  const auto mfa = bucket->records.find(kMfaDeleteRecord);
  if (mfa != bucket->records.end()) output[members::MFADelete] = *mfa;
  return output;
}

gateway::Output S3::put_bucket_versioning(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  check_document_digest(context, false);
  const Json& wanted = input[members::VersioningConfiguration];
  const std::string status = text_of(wanted, members::Status);
  const std::string mfa = text_of(wanted, members::MFADelete);
  if (mfa == "Enabled" || mfa_delete(*bucket)) require_mfa(input);
  if (status.empty()) {
    throw AwsError("IllegalVersioningConfigurationException",
                   "The Versioning element must be specified");
  }
  change_bucket(context, bucket, [&](Bucket& changed) {
    if (status != "Enabled" && has_object_lock(changed)) throw errors::versioning_locked();
    if (!mfa.empty()) changed.records[kMfaDeleteRecord] = mfa;
    changed.versioning = status == "Enabled" ? Versioning::enabled : Versioning::suspended;
  });
  return {};
}

gateway::Output S3::get_bucket_tagging(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  if (bucket->tags.empty()) throw errors::no_such_tag_set(bucket->name);
  return Json{{members::TagSet, bucket->tags}};
}

gateway::Output S3::put_bucket_tagging(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  check_document_digest(context, false);
  const Json tags = input[members::Tagging].value(members::TagSet, Json::array());
  check_tags(tags, bucket_rules::kTagsPerBucket);
  change_bucket(context, bucket, [&tags](Bucket& changed) { changed.tags = tags; });
  return {};
}

gateway::Output S3::delete_bucket_tagging(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  change_bucket(context, bucket, [](Bucket& changed) { changed.tags = Json::array(); });
  return {};
}

}  // namespace paddock::services::s3
