// Which bucket a call is for, and whether the caller may: the owner unless the policy denies it,
// others if policy or ACLs let them
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html).
#include "services/s3/access.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "services/s3/acl.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"

namespace paddock::services::s3 {
namespace access_rules {

bool flag(const Json& document, const char* member) {
  const auto found = document.find(member);
  return found != document.end() && *found == true;
}

// Actions upon a version are others if the version is named.
std::string of_version(std::string_view action) {
  constexpr std::string_view kObject = "Object";
  const size_t at = action.find(kObject);
  std::string out(action);
  if (at == std::string::npos) return out;
  return out.insert(at + kObject.size(), "Version");
}

// What an ACL must grant for an action; "": no ACL can.
struct Needed {
  std::string_view action;
  std::string_view permission;
  bool of_object;
};
constexpr Needed kNeeded[] = {
    {"s3:ListBucket", "READ", false},
    {"s3:ListBucketVersions", "READ", false},
    {"s3:ListBucketMultipartUploads", "READ", false},
    {"s3:GetBucketAcl", "READ_ACP", false},
    {"s3:PutBucketAcl", "WRITE_ACP", false},
    {"s3:PutObject", "WRITE", false},
    {"s3:DeleteObject", "WRITE", false},
    {"s3:AbortMultipartUpload", "WRITE", false},
    {"s3:ListMultipartUploadParts", "WRITE", false},
    {"s3:GetObject", "READ", true},
    {"s3:GetObjectVersion", "READ", true},
    {"s3:GetObjectAcl", "READ_ACP", true},
    {"s3:GetObjectVersionAcl", "READ_ACP", true},
    {"s3:PutObjectAcl", "WRITE_ACP", true},
    {"s3:PutObjectVersionAcl", "WRITE_ACP", true},
};

const Needed* needed_for(std::string_view action) {
  for (const Needed& one : kNeeded) {
    if (one.action == action) return &one;
  }
  return nullptr;
}

// The root of the owning account can never lock itself out.
bool manages_policy(std::string_view action) {
  return action == "s3:GetBucketPolicy" || action == "s3:PutBucketPolicy" ||
         action == "s3:DeleteBucketPolicy";
}

Requester nobody() {
  Requester requester;
  requester.anonymous = true;
  requester.canonical_id = canonical_id(kAnonymousAccount);
  return requester;
}

}  // namespace access_rules

// Without credentials: the owner of the default account's buckets, unless signatures are verified;
// for all others' it is nobody.
Requester requester_of(const gateway::RequestContext& context, const Bucket& bucket) {
  const bool unsigned_call = context.head != nullptr && context.principal.access_key.empty();
  if (context.principal.kind == identity::Principal::Kind::anonymous ||
      (unsigned_call && context.account != bucket.account)) {
    return access_rules::nobody();
  }
  Requester requester;
  requester.account = context.account;
  requester.arn = context.principal.arn;
  requester.canonical_id = canonical_id(context.account);
  return requester;
}

namespace access_rules {

Json policy_of(const Bucket& bucket) {
  const auto record = bucket.records.find("policy");
  if (record == bucket.records.end() || !record->is_string()) return Json();
  return Json::parse(record->get_ref<const std::string&>(), nullptr, false);
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
void check_payer(const gateway::RequestContext& context, const Bucket& bucket,
                 const Requester& requester, const Json& input) {
  if (!requester_pays(bucket)) return;
  if (!requester.anonymous && requester.account == bucket.account) return;
  const bool pays =
      text_of(input, members::RequestPayer) == "requester" ||
      (context.head != nullptr &&
       context.head->query.find("x-amz-request-payer=requester") != std::string::npos);
  if (requester.anonymous || !pays) throw errors::access_denied();
}

}  // namespace access_rules

std::string ownership_of(const Bucket& bucket) {
  const auto record = bucket.records.find("ownership");
  if (record == bucket.records.end()) return bucket.ownership;
  if (record->is_null()) return "ObjectWriter";
  return text_of((*record)[members::Rules][0], members::ObjectOwnership);
}

PublicBlock public_block_of(const Bucket& bucket) {
  PublicBlock block;
  const auto record = bucket.records.find("public-access-block");
  if (record == bucket.records.end() || !record->is_object()) return block;
  block.block_acls = access_rules::flag(*record, members::BlockPublicAcls);
  block.ignore_acls = access_rules::flag(*record, members::IgnorePublicAcls);
  block.block_policy = access_rules::flag(*record, members::BlockPublicPolicy);
  block.restrict_buckets = access_rules::flag(*record, members::RestrictPublicBuckets);
  return block;
}

bool mfa_delete(const Bucket& bucket) {
  const auto record = bucket.records.find(kMfaDeleteRecord);
  return record != bucket.records.end() && *record == "Enabled";
}

void require_mfa(const Json& input) {
  if (!text_of(input, members::MFA).empty()) return;
  throw AwsError("AccessDenied", "Mfa Authentication must be used for this request", 403);
}

bool requester_pays(const Bucket& bucket) {
  const auto record = bucket.records.find("payer");
  return record != bucket.records.end() && text_of(*record, members::Payer) == "Requester";
}

Json bucket_grants(const Bucket& bucket) {
  const auto record = bucket.records.find(kAclRecord);
  if (record == bucket.records.end() || !acls_enabled(bucket)) {
    return private_grants(canonical_id(bucket.account));
  }
  return *record;
}

std::string object_owner(const Bucket& bucket, const Object& object) {
  if (object.facts.empty() || !acls_enabled(bucket)) return bucket.account;
  const Json facts = Json::parse(object.facts);
  return text_of(facts, kOwnerFact, bucket.account);
}

Json object_grants(const Bucket& bucket, const Object& object) {
  if (!object.facts.empty() && acls_enabled(bucket)) {
    const Json facts = Json::parse(object.facts);
    if (const auto found = facts.find(kAclFact); found != facts.end()) return *found;
  }
  return private_grants(canonical_id(object_owner(bucket, object)));
}

BucketPtr S3::any_bucket(const std::string& name, const Json& expected_owner) const {
  BucketPtr bucket = catalog_.find(name);
  if (!bucket) throw errors::no_such_bucket(name);
  if (expected_owner.is_string()) {
    const std::string& id = expected_owner.get_ref<const std::string&>();
    if (!identity::is_account_id(id)) throw errors::invalid_owner_id(id);
    if (id != bucket->account) throw errors::access_denied();
  }
  return bucket;
}

BucketPtr S3::open_bucket(const Context& context, const Json& input) const {
  const auto owner = input.find(members::ExpectedBucketOwner);
  BucketPtr bucket =
      any_bucket(text_of(input, members::Bucket), owner == input.end() ? Json() : *owner);
  const bool many = context.operation->name == "DeleteObjects";
  const auto action = actions_.find(context.operation->name);
  if (action != actions_.end() && !many) {
    authorize(
        context, *bucket,
        {action->second, text_of(input, members::Key), text_of(input, members::VersionId), input});
  }
  return bucket;
}

bool S3::permitted_by_acl(const Bucket& bucket, const Requester& requester, const Act& act) const {
  const bool owner = !requester.anonymous && requester.account == bucket.account;
  const auto* needed = access_rules::needed_for(act.action);
  if (needed == nullptr) return owner;
  const bool public_too = !public_block_of(bucket).ignore_acls;
  const auto by_bucket = [&](std::string_view permission) {
    return owner || grants_permit(bucket_grants(bucket), requester, permission, public_too);
  };
  if (!needed->of_object) return by_bucket(needed->permission);
  const std::optional<Object> object = find_version(bucket, act.key, act.version);
  // Whoever may list learns that it is not there.
  if (!object || object->delete_marker) return by_bucket("READ");
  if (!requester.anonymous && object_owner(bucket, *object) == requester.account) return true;
  return grants_permit(object_grants(bucket, *object), requester, needed->permission, public_too);
}

Verdict S3::policy_verdict(const Context& context, const Bucket& bucket, const Requester& requester,
                           const Act& act) const {
  const Json policy = access_rules::policy_of(bucket);
  if (!policy.is_object()) return Verdict::silent;
  const bool owner = !requester.anonymous && requester.account == bucket.account;
  std::string resource = "arn:aws:s3:::" + bucket.name;
  if (!act.key.empty()) resource += "/" + act.key;
  const ConditionValues values = condition_values(context, bucket, requester, act);
  const Verdict verdict = evaluate_policy(policy, {requester, act.action, resource, values});
  const bool restricted = verdict == Verdict::allowed && !owner &&
                          public_block_of(bucket).restrict_buckets && is_public_policy(policy);
  return restricted ? Verdict::silent : verdict;
}

bool S3::permitted(const Context& context, const Bucket& bucket, const Requester& requester,
                   const Act& act) const {
  const bool owner = !requester.anonymous && requester.account == bucket.account;
  const Verdict verdict = policy_verdict(context, bucket, requester, act);
  if (verdict == Verdict::denied) {
    const bool root = owner && requester.arn.ends_with(":root");
    return root && access_rules::manages_policy(act.action);
  }
  if (verdict == Verdict::allowed) return true;
  if (acls_enabled(bucket)) return permitted_by_acl(bucket, requester, act);
  return owner;
}

void S3::authorize(const Context& context, const Bucket& bucket, Act act) const {
  const Requester requester = requester_of(context, bucket);
  const bool owner = !requester.anonymous && requester.account == bucket.account;
  if (owner && bucket.records.empty() && bucket.ownership == kOwnerEnforced) return;
  access_rules::check_payer(context, bucket, requester, act.input);
  const std::string of_version = access_rules::of_version(act.action);
  const bool read = act.action == "s3:GetObject";
  if (!act.version.empty()) act.action = of_version;
  if (!permitted(context, bucket, requester, act)) throw errors::access_denied();
  // The ACL of a new object is an action of its own, which a policy may deny.
  if (act.action == "s3:PutObject" && acl_headers(act.input, false).given() &&
      policy_verdict(context, bucket, requester, {"s3:PutObjectAcl", act.key, "", act.input}) ==
          Verdict::denied) {
    throw errors::access_denied();
  }
  if (!read || owner || !act.version.empty()) return;
  // What is not there is told only to who may list.
  const std::optional<Object> object = store_.current(bucket, act.key);
  if (object && !object->delete_marker) return;
  if (!permitted(context, bucket, requester, {"s3:ListBucket", "", "", act.input})) {
    throw errors::access_denied();
  }
}

BucketPtr S3::still(const BucketPtr& bucket) const {
  BucketPtr now = catalog_.find(bucket->name);
  if (!now || now->incarnation != bucket->incarnation || now->realm != bucket->realm ||
      now->closing) {
    throw errors::no_such_bucket(bucket->name);
  }
  return now;
}

storage::KeyLocks::Guard S3::lock_key(const Bucket& bucket, std::string_view key) const {
  return platform_.locks.lock(Store::lock_name(bucket, key));
}

}  // namespace paddock::services::s3
