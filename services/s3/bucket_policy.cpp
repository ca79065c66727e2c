#include "services/s3/bucket_policy.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/error.hpp"
#include "core/text.hpp"
#include "wire/codec.hpp"

namespace paddock::services::s3 {
namespace policy_rules {

constexpr size_t kPolicyBytes = 20 * 1024;  // userguide/example-bucket-policies.html

// Actions upon objects and upon buckets:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
constexpr std::string_view kObjectActions[] = {"AbortMultipartUpload",
                                               "BypassGovernanceRetention",
                                               "DeleteObject",
                                               "DeleteObjectTagging",
                                               "DeleteObjectVersion",
                                               "DeleteObjectVersionTagging",
                                               "GetObject",
                                               "GetObjectAcl",
                                               "GetObjectAttributes",
                                               "GetObjectLegalHold",
                                               "GetObjectRetention",
                                               "GetObjectTagging",
                                               "GetObjectTorrent",
                                               "GetObjectVersion",
                                               "GetObjectVersionAcl",
                                               "GetObjectVersionAttributes",
                                               "GetObjectVersionForReplication",
                                               "GetObjectVersionTagging",
                                               "GetObjectVersionTorrent",
                                               "InitiateReplication",
                                               "ListMultipartUploadParts",
                                               "ObjectOwnerOverrideToBucketOwner",
                                               "PutObject",
                                               "PutObjectAcl",
                                               "PutObjectLegalHold",
                                               "PutObjectRetention",
                                               "PutObjectTagging",
                                               "PutObjectVersionAcl",
                                               "PutObjectVersionTagging",
                                               "ReplicateDelete",
                                               "ReplicateObject",
                                               "ReplicateTags",
                                               "RestoreObject",
                                               "UpdateObjectEncryption"};
constexpr std::string_view kBucketActions[] = {"CreateBucket",
                                               "DeleteBucket",
                                               "DeleteBucketPolicy",
                                               "DeleteBucketWebsite",
                                               "GetAccelerateConfiguration",
                                               "GetAnalyticsConfiguration",
                                               "GetBucketAbac",
                                               "GetBucketAcl",
                                               "GetBucketCORS",
                                               "GetBucketLocation",
                                               "GetBucketLogging",
                                               "GetBucketMetadataTableConfiguration",
                                               "GetBucketNotification",
                                               "GetBucketObjectLockConfiguration",
                                               "GetBucketOwnershipControls",
                                               "GetBucketPolicy",
                                               "GetBucketPolicyStatus",
                                               "GetBucketPublicAccessBlock",
                                               "GetBucketRequestPayment",
                                               "GetBucketTagging",
                                               "GetBucketVersioning",
                                               "GetBucketWebsite",
                                               "GetEncryptionConfiguration",
                                               "GetIntelligentTieringConfiguration",
                                               "GetInventoryConfiguration",
                                               "GetLifecycleConfiguration",
                                               "GetMetricsConfiguration",
                                               "GetReplicationConfiguration",
                                               "ListBucket",
                                               "ListBucketMultipartUploads",
                                               "ListBucketVersions",
                                               "ListTagsForResource",
                                               "PutAccelerateConfiguration",
                                               "PutAnalyticsConfiguration",
                                               "PutBucketAcl",
                                               "PutBucketCORS",
                                               "PutBucketLogging",
                                               "PutBucketNotification",
                                               "PutBucketObjectLockConfiguration",
                                               "PutBucketOwnershipControls",
                                               "PutBucketPolicy",
                                               "PutBucketPublicAccessBlock",
                                               "PutBucketRequestPayment",
                                               "PutBucketTagging",
                                               "PutBucketVersioning",
                                               "PutBucketWebsite",
                                               "PutEncryptionConfiguration",
                                               "PutIntelligentTieringConfiguration",
                                               "PutInventoryConfiguration",
                                               "PutLifecycleConfiguration",
                                               "PutMetricsConfiguration",
                                               "PutReplicationConfiguration",
                                               "TagResource",
                                               "UntagResource"};

AwsError malformed(std::string message) {
  return AwsError("MalformedPolicy", std::move(message));
}

// One text or a list of them. Throws for anything else.
std::vector<std::string> texts(const Json& value) {
  std::vector<std::string> list;
  if (value.is_string()) return {value.get<std::string>()};
  if (!value.is_array()) throw malformed("Invalid policy syntax.");
  for (const Json& one : value) {
    if (!one.is_string()) throw malformed("Invalid policy syntax.");
    list.push_back(one.get<std::string>());
  }
  return list;
}

// The same where it was checked before, calling `any` until it returns true.
template <class Any>
bool any_text(const Json& value, Any any) {
  if (value.is_string()) return any(value.get_ref<const std::string&>());
  return std::any_of(value.begin(), value.end(),
                     [&](const Json& one) { return any(one.get_ref<const std::string&>()); });
}

bool action_matches(std::string_view pattern, std::string_view action) {
  if (pattern == "*") return true;
  return wildcard_match(to_lower(pattern), to_lower(action));
}

struct Levels {
  bool object = false;
  bool bucket = false;
};

Levels levels_of(const std::string& pattern) {
  Levels levels;
  for (const std::string_view name : kObjectActions) {
    levels.object |= action_matches(pattern, "s3:" + std::string(name));
  }
  for (const std::string_view name : kBucketActions) {
    levels.bucket |= action_matches(pattern, "s3:" + std::string(name));
  }
  return levels;
}

bool is_principal_arn(std::string_view text) {
  if (text == "*") return true;
  if (text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos) {
    return true;
  }
  const auto parts = split(text, ':');
  if (parts.size() < 6 || parts[0] != "arn" || !parts[1].starts_with("aws")) return false;
  const bool service = parts[2] == "iam" || parts[2] == "sts";
  const bool account =
      parts[4].size() == 12 && parts[4].find_first_not_of("0123456789") == std::string_view::npos;
  const bool anyone = parts[2] == "iam" && parts[4].empty();
  return service && (account || anyone) && !parts[5].empty() &&
         parts[5].find('*') == std::string_view::npos;
}

void check_principal(const Json& principal) {
  static const std::set<std::string_view> kKinds{"AWS", "CanonicalUser", "Federated", "Service"};
  const AwsError invalid = malformed("Invalid principal in policy");
  if (principal.is_string()) {
    if (principal != "*") throw invalid;
    return;
  }
  if (!principal.is_object() || principal.empty()) throw invalid;
  for (const auto& [kind, value] : principal.get_ref<const Json::object_t&>()) {
    if (kKinds.count(kind) == 0) throw invalid;
    const std::vector<std::string> names = texts(value);
    if (names.empty()) throw invalid;
    for (const std::string& name : names) {
      const bool canonical =
          name.size() == 64 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
      const bool well_formed = kind == "AWS"             ? is_principal_arn(name) || canonical
                               : kind == "CanonicalUser" ? canonical
                                                         : !name.empty();
      if (!well_formed) throw invalid;
    }
  }
}

// The member `name` or its opposite, just one of them.
const Json& either(const Json& statement, const char* name, const char* opposite) {
  const auto found = statement.find(name), other = statement.find(opposite);
  if (found != statement.end() && other != statement.end()) {
    throw malformed("Invalid policy syntax.");
  }
  if (found == statement.end() && other == statement.end()) {
    throw malformed(std::string("Missing required field ") + name);
  }
  return found != statement.end() ? *found : *other;
}

// Which levels of resource the statement names.
Levels check_resources(const Json& resources, std::string_view bucket) {
  const std::string arn = "arn:aws:s3:::" + std::string(bucket);
  Levels levels;
  const std::vector<std::string> names = texts(resources);
  if (names.empty()) throw malformed("Policy has invalid resource");
  for (const std::string& name : names) {
    if (name == "*") throw malformed("Policy has invalid resource");
    const std::string_view own = std::string_view(name).substr(0, name.find('/'));
    if (!name.starts_with("arn:aws") || !wildcard_match(own, arn)) {
      throw malformed("Policy has invalid resource");
    }
    const bool star = own.ends_with('*');
    levels.object |= own.size() < name.size() || star;
    levels.bucket |= own.size() == name.size();
  }
  return levels;
}

void check_statement(const Json& statement, std::string_view bucket) {
  static const std::set<std::string_view> kFields{"Sid",          "Effect",      "Principal",
                                                  "NotPrincipal", "Action",      "NotAction",
                                                  "Resource",     "NotResource", "Condition"};
  if (!statement.is_object()) throw malformed("Invalid policy syntax.");
  for (const auto& [name, value] : statement.get_ref<const Json::object_t&>()) {
    if (kFields.count(name) == 0) throw malformed("Unknown field " + name);
  }
  const auto effect = statement.find("Effect");
  if (effect == statement.end()) throw malformed("Missing required field Effect");
  if (*effect != "Allow" && *effect != "Deny") {
    throw malformed("Invalid effect: " +
                    (effect->is_string() ? effect->get<std::string>() : effect->dump()));
  }
  check_principal(either(statement, "Principal", "NotPrincipal"));
  const std::vector<std::string> actions = texts(either(statement, "Action", "NotAction"));
  if (actions.empty()) throw malformed("Missing required field Action");
  const Levels resources = check_resources(either(statement, "Resource", "NotResource"), bucket);
  for (const std::string& action : actions) {
    const Levels levels = levels_of(action);
    if (!levels.object && !levels.bucket) throw malformed("Policy has invalid action");
    if (statement.contains("NotAction") || statement.contains("NotResource")) continue;
    if (!(levels.object && resources.object) && !(levels.bucket && resources.bucket)) {
      throw malformed("Action does not apply to any resource(s) in statement");
    }
  }
  if (const auto condition = statement.find("Condition"); condition != statement.end()) {
    check_conditions_of_policy(*condition);
  }
}

// Statement may be one or a list of them.
template <class Each>
void each_statement(const Json& policy, Each each) {
  const Json& statements = policy["Statement"];
  if (statements.is_object()) return each(statements);
  for (const Json& statement : statements) each(statement);
}

bool names_requester(const std::string& kind, const std::string& name, const Requester& requester) {
  if (kind == "CanonicalUser") return name == requester.canonical_id;
  if (kind != "AWS") return false;
  if (name == "*") return true;
  if (requester.anonymous) return false;
  if (name == requester.account || name == requester.canonical_id) return true;
  if (name == "arn:aws:iam::" + requester.account + ":root") return true;
  if (name == requester.arn) return true;
  // A role stands for its sessions: …:assumed-role/NAME/SESSION of …:role/[path/]NAME.
  const auto asked = split(requester.arn, '/');
  if (asked.size() != 3 || !asked[0].ends_with(":assumed-role")) return false;
  return name.starts_with("arn:aws:iam::" + requester.account + ":role/") &&
         name.substr(name.rfind('/') + 1) == asked[1];
}

bool principal_fits(const Json& principal, const Requester& requester) {
  if (principal.is_string()) return true;  // "*"
  for (const auto& [kind, value] : principal.get_ref<const Json::object_t&>()) {
    const std::string& what = kind;
    if (any_text(value,
                 [&](const std::string& name) { return names_requester(what, name, requester); })) {
      return true;
    }
  }
  return false;
}

bool statement_fits(const Json& statement, const PolicyQuestion& question) {
  const auto side = [&statement](const char* name, const char* opposite, auto fits) {
    const auto found = statement.find(name);
    if (found != statement.end()) return fits(*found);
    return !fits(statement[opposite]);
  };
  if (!side("Principal", "NotPrincipal",
            [&](const Json& value) { return principal_fits(value, question.requester); })) {
    return false;
  }
  if (!side("Action", "NotAction", [&](const Json& value) {
        return any_text(value, [&](const std::string& pattern) {
          return action_matches(pattern, question.action);
        });
      })) {
    return false;
  }
  if (!side("Resource", "NotResource", [&](const Json& value) {
        return any_text(value, [&](const std::string& pattern) {
          bool known = true;
          const std::string expanded = with_variables(pattern, question.values, known);
          return known && wildcard_match(expanded, question.resource);
        });
      })) {
    return false;
  }
  const auto condition = statement.find("Condition");
  return condition == statement.end() || conditions_hold(*condition, question.values);
}

// Keys whose fixed values make a policy not public.
bool narrows(const Json& conditions) {
  static const std::set<std::string_view> kKeys{"aws:sourceip",
                                                "aws:sourcearn",
                                                "aws:sourcevpc",
                                                "aws:sourcevpce",
                                                "aws:sourceowner",
                                                "aws:sourceaccount",
                                                "aws:userid",
                                                "aws:principalorgid",
                                                "aws:principalarn",
                                                "aws:principalaccount",
                                                "s3:x-amz-server-side-encryption-aws-kms-key-id",
                                                "s3:dataaccesspointarn",
                                                "s3:dataaccesspointaccount"};
  for (const auto& [name, keys] : conditions.get_ref<const Json::object_t&>()) {
    const bool allows = name.find("Not") == std::string::npos && name != "Null" &&
                        !name.ends_with("IfExists") && !name.starts_with("ForAllValues");
    if (!allows) continue;
    for (const auto& [key, values] : keys.get_ref<const Json::object_t&>()) {
      const std::string lower = to_lower(key);
      if (kKeys.count(lower) == 0) continue;
      const bool ip = lower == "aws:sourceip";
      const bool wide = any_text(values, [ip](const std::string& value) {
        if (ip) return value.ends_with("/0");
        return value.find('*') != std::string::npos || value.find("${") != std::string::npos;
      });
      if (!wide) return true;
    }
  }
  return false;
}

}  // namespace policy_rules

bool wildcard_match(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, marked = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      marked = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      p++;
      t++;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++marked;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') p++;
  return p == pattern.size();
}

Json parse_policy(const std::string& text, std::string_view bucket) {
  using policy_rules::malformed;
  Json policy;
  try {
    if (text.starts_with('{')) policy = wire::parse_json(text);
  } catch (const std::invalid_argument&) {
    policy = Json();
  }
  if (!policy.is_object()) {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  if (policy.dump().size() > policy_rules::kPolicyBytes) {
    throw malformed("Normalized policy document exceeds the maximum allowed size of 20480 bytes");
  }
  for (const auto& [name, value] : policy.get_ref<const Json::object_t&>()) {
    if (name != "Version" && name != "Id" && name != "Statement") {
      throw malformed("Unknown field " + name);
    }
  }
  const auto version = policy.find("Version");
  if (version != policy.end() && *version != "2012-10-17" && *version != "2008-10-17") {
    throw malformed("The policy must contain a valid version string");
  }
  const auto statements = policy.find("Statement");
  if (statements == policy.end()) throw malformed("Missing required field Statement");
  if (!statements->is_structured()) throw malformed("Invalid policy syntax.");
  if (statements->empty()) throw malformed("Could not parse the policy: Statement is empty!");
  policy_rules::each_statement(policy, [bucket](const Json& statement) {
    policy_rules::check_statement(statement, bucket);
  });
  return policy;
}

Verdict evaluate_policy(const Json& policy, const PolicyQuestion& question) {
  Verdict verdict = Verdict::silent;
  policy_rules::each_statement(policy, [&](const Json& statement) {
    if (verdict == Verdict::denied) return;
    const bool deny = statement["Effect"] == "Deny";
    if (!deny && verdict == Verdict::allowed) return;
    if (!policy_rules::statement_fits(statement, question)) return;
    verdict = deny ? Verdict::denied : Verdict::allowed;
  });
  return verdict;
}

bool is_public_policy(const Json& policy) {
  bool open = false;
  policy_rules::each_statement(policy, [&open](const Json& statement) {
    if (statement["Effect"] != "Allow") return;
    const auto principal = statement.find("Principal");
    bool everybody = principal == statement.end();  // NotPrincipal
    if (!everybody && principal->is_string()) everybody = true;
    if (!everybody) {
      const auto aws = principal->find("AWS");
      everybody = aws != principal->end() &&
                  policy_rules::any_text(*aws, [](const std::string& name) { return name == "*"; });
    }
    const auto condition = statement.find("Condition");
    const bool narrowed = condition != statement.end() && policy_rules::narrows(*condition);
    open |= everybody && !narrowed;
  });
  return open;
}

}  // namespace paddock::services::s3
