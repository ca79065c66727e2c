// Bucket policies: what may be one, and what it says of a request. Pure
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::s3 {

// Who asks.
struct Requester {
  bool anonymous = false;
  std::string account;       // "" if anonymous
  std::string arn;           // the same
  std::string canonical_id;  // that AWS shows for it, anonymous or not
};

enum class Verdict { silent, allowed, denied };

// The values that a request has for a condition key, which is given in lower case but for what
// follows a '/' (a tag's key). Empty: it has none.
using ConditionValues = std::function<std::vector<std::string>(std::string_view key)>;

struct PolicyQuestion {
  const Requester& requester;
  std::string_view action;    // "s3:GetObject"
  std::string_view resource;  // an ARN
  const ConditionValues& values;
};

// The document of a policy for `bucket`. Throws AwsError MalformedPolicy.
Json parse_policy(const std::string& text, std::string_view bucket);
// What a parsed policy says; an explicit deny wins.
Verdict evaluate_policy(const Json& policy, const PolicyQuestion& question);
// True if it lets in everybody:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
bool is_public_policy(const Json& policy);

// '*' and '?'. Linear in both but for a factor of the number of stars.
bool wildcard_match(std::string_view pattern, std::string_view text);

// policy_conditions.cpp: true if all conditions of a statement hold.
bool conditions_hold(const Json& conditions, const ConditionValues& values);
// Throws AwsError MalformedPolicy.
void check_conditions_of_policy(const Json& conditions);
// With ${…} replaced by what the request has; nullopt-like: "" and `known` false if it has none.
std::string with_variables(std::string_view text, const ConditionValues& values, bool& known);

}  // namespace paddock::services::s3
