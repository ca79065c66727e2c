// Access control lists: grants to accounts and groups. Pure
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html).
#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"
#include "services/s3/bucket_policy.hpp"

namespace paddock::services::s3 {

// Grants are kept as the model has them: [{"Grantee":{"Type":…,"ID" or "URI":…},"Permission":…}].

// What a request says of an ACL: a canned one, grants in headers, or both absent.
struct AclHeaders {
  std::string canned;
  bool grants = false;

  bool given() const { return grants || !canned.empty(); }
};
// Throws AwsError InvalidRequest for both, InvalidArgument for an unknown canned one.
AclHeaders acl_headers(const Json& input, bool of_bucket);

// The grants that the headers ask for. Ids as canonical_id gives them. Throws AwsError.
Json grants_of_headers(const AclHeaders& headers, const Json& input, const std::string& owner,
                       const std::string& bucket_owner);
// The grants of a document AccessControlPolicy, checked. `owner` is whose it must be. Throws
// AwsError.
Json grants_of_document(const Json& document, const std::string& owner);
Json private_grants(const std::string& owner);

// True if the grants give `permission` (READ, WRITE …) or all to the one who asks. `public_too`:
// with those to everybody.
bool grants_permit(const Json& grants, const Requester& requester, std::string_view permission,
                   bool public_too);
// True if all users, or all with an account, are granted anything.
bool is_public_acl(const Json& grants);

}  // namespace paddock::services::s3
