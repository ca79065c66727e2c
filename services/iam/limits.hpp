// IAM's default quotas:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
// Lengths of names, paths and documents are in the model.
#pragma once

#include <cstddef>

namespace paddock::services::iam::limits {

inline constexpr size_t kRolesPerAccount = 1000;
inline constexpr size_t kUsersPerAccount = 5000;
inline constexpr size_t kAccessKeysPerUser = 2;
inline constexpr size_t kManagedPoliciesPerRole = 10;
inline constexpr size_t kTrustPolicyCharacters = 2048;    // without white space
inline constexpr size_t kRolePoliciesCharacters = 10240;  // of all inline policies of a role

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html (MaxItems)
inline constexpr size_t kDefaultPage = 100;

}  // namespace paddock::services::iam::limits
