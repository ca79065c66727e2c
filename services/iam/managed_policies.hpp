// The AWS-managed policies that exist here, by ARN
// (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html).
#pragma once

#include <string>
#include <string_view>

namespace paddock::services::iam {

struct ManagedPolicy {
  std::string_view path;  // "/service-role/"
  std::string_view name;
};

// nullptr if there is no policy of that ARN.
const ManagedPolicy* find_managed_policy(std::string_view arn);

}  // namespace paddock::services::iam
