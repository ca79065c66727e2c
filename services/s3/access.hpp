// What a bucket says of who may: its ownership, block of public access, policy and ACL; and who
// asks. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"
#include "gateway/context.hpp"
#include "services/s3/bucket_policy.hpp"
#include "services/s3/model.hpp"

namespace paddock::services::s3 {

inline constexpr const char* kOwnerEnforced = "BucketOwnerEnforced";
inline constexpr const char* kAclRecord = "acl";  // a bucket's grants, in its records
inline constexpr const char* kMfaDeleteRecord = "mfa-delete";
// Whose objects are that were written without credentials.
inline constexpr const char* kAnonymousAccount = "anonymous";

// Who calls, as this bucket sees it.
Requester requester_of(const gateway::RequestContext& context, const Bucket& bucket);

// BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter.
std::string ownership_of(const Bucket& bucket);
inline bool acls_enabled(const Bucket& bucket) {
  return ownership_of(bucket) != kOwnerEnforced;
}

// The block of public access that was put. What a new bucket shows without that does not act.
struct PublicBlock {
  bool block_acls = false;
  bool ignore_acls = false;
  bool block_policy = false;
  bool restrict_buckets = false;
};
PublicBlock public_block_of(const Bucket& bucket);

// True if versions are erased by requests with x-amz-mfa alone.
bool mfa_delete(const Bucket& bucket);
// Whatever device and code the request names: there are no devices here. Throws AccessDenied if it
// names none.
void require_mfa(const Json& input);
// True if others than the owner pay for their requests.
bool requester_pays(const Bucket& bucket);

// The grants in force upon a bucket and upon an object of it.
Json bucket_grants(const Bucket& bucket);
Json object_grants(const Bucket& bucket, const Object& object);
// The account that an object belongs to.
std::string object_owner(const Bucket& bucket, const Object& object);

}  // namespace paddock::services::s3
