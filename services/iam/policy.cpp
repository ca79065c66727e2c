// The rules of policy documents that AWS checks when one is stored. Messages as IAM words them.
#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "core/json.hpp"
#include "core/text.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/model.hpp"
#include "wire/codec.hpp"

namespace paddock::services::iam {

namespace policy_detail {

constexpr std::string_view kSyntaxError = "Syntax errors in policy.";

void require(bool condition, std::string_view message) {
  if (!condition) throw errors::malformed_policy(std::string(message));
}

template <size_t N>
bool one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_text_or_texts(const Json& value) {
  if (value.is_string()) return true;
  return value.is_array() &&
         std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_string(); });
}

std::vector<std::string> texts(const Json& statement, const char* member) {
  const auto found = statement.find(member);
  if (found == statement.end()) return {};
  if (found->is_string()) return {found->get<std::string>()};
  return found->get<std::vector<std::string>>();
}

Json parse_policy(std::string_view document, std::string_view message) {
  try {
    return wire::parse_json(document);
  } catch (const std::invalid_argument&) {
    throw errors::malformed_policy(std::string(message));
  }
}

// The statements, each an object of known members with right types.
std::vector<Json> statements_of(const Json& policy) {
  constexpr std::array<std::string_view, 3> kTop = {"Version", "Id", "Statement"};
  require(policy.is_object(), kSyntaxError);
  for (const auto& [name, value] : policy.items()) require(one_of(name, kTop), kSyntaxError);
  if (policy.contains("Version")) {
    const Json& version = policy["Version"];
    require(version == "2012-10-17" || version == "2008-10-17", kSyntaxError);
  }
  require(!policy.contains("Id") || policy["Id"].is_string(), kSyntaxError);
  require(policy.contains("Statement"), kSyntaxError);
  const Json& statement = policy["Statement"];
  require(statement.is_object() || (statement.is_array() && !statement.empty()), kSyntaxError);
  if (statement.is_object()) return {statement};
  return {statement.begin(), statement.end()};
}

void check_statement(const Json& statement) {
  constexpr std::array<std::string_view, 9> kMembers = {"Sid",          "Effect",      "Principal",
                                                        "NotPrincipal", "Action",      "NotAction",
                                                        "Resource",     "NotResource", "Condition"};
  require(statement.is_object(), kSyntaxError);
  for (const auto& [name, value] : statement.items()) {
    require(one_of(name, kMembers), kSyntaxError);
  }
  const auto effect = statement.find("Effect");
  require(effect != statement.end() && (*effect == "Allow" || *effect == "Deny"), kSyntaxError);
  for (const char* member : {"Action", "NotAction", "Resource", "NotResource"}) {
    require(!statement.contains(member) || is_text_or_texts(statement[member]), kSyntaxError);
  }
  require(!(statement.contains("Action") && statement.contains("NotAction")), kSyntaxError);
  require(!(statement.contains("Resource") && statement.contains("NotResource")), kSyntaxError);
  require(!statement.contains("Sid") || statement["Sid"].is_string(), kSyntaxError);
  if (statement.contains("Condition")) {
    require(statement["Condition"].is_object(), kSyntaxError);
    for (const auto& [name, value] : statement["Condition"].items()) {
      require(value.is_object(), kSyntaxError);
    }
  }
}

void check_unique_sids(const std::vector<Json>& statements) {
  std::set<std::string> seen;
  for (const Json& statement : statements) {
    const std::string sid = statement.value("Sid", "");
    require(sid.empty() || seen.insert(sid).second,
            "Statement IDs (SID) in a single policy must be unique.");
  }
}

std::vector<std::string> either(const Json& statement, const char* member, const char* negated) {
  auto found = texts(statement, member);
  return found.empty() ? texts(statement, negated) : found;
}

void check_action(std::string_view action) {
  if (action == "*") return;
  const auto parts = split(action, ':');
  require(parts.size() > 1,
          "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  require(parts.size() == 2, "Actions/Condition can contain only one colon.");
  const bool known_letters =
      parts[0] == "*" || std::all_of(parts[0].begin(), parts[0].end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.';
      });
  require(known_letters, "Vendor " + std::string(parts[0]) + " is not valid");
}

void check_resource(const std::string& resource) {
  require(resource == "*" || resource.find(':') != std::string::npos,
          "Resource " + resource + " must be in ARN format or \"*\".");
}

// "*", or an object of principals by kind.
void check_principal(const Json& principal) {
  constexpr std::array<std::string_view, 4> kKinds = {"AWS", "Service", "Federated",
                                                      "CanonicalUser"};
  if (principal == "*") return;
  require(principal.is_object() && !principal.empty(), kSyntaxError);
  for (const auto& [kind, value] : principal.items()) {
    require(one_of(kind, kKinds), "Invalid principal in policy: \"" + kind + "\"");
    require(is_text_or_texts(value), kSyntaxError);
  }
}

}  // namespace policy_detail

void check_trust_policy(std::string_view document) {
  using policy_detail::require;
  const Json policy = policy_detail::parse_policy(document, "This policy contains invalid Json");
  const std::vector<Json> statements = policy_detail::statements_of(policy);
  for (const Json& statement : statements) {
    policy_detail::check_statement(statement);
    require(!statement.contains("Resource") && !statement.contains("NotResource"),
            "Has prohibited field Resource");
    require(statement.contains("Principal"), "Missing required field Principal");
    policy_detail::check_principal(statement["Principal"]);
    const auto actions = policy_detail::texts(statement, "Action");
    require(!actions.empty(), "Missing required field Action");
    for (const std::string& action : actions) {
      require(to_lower(action).substr(0, 4) == "sts:",
              "AssumeRole policy may only specify STS AssumeRole actions.");
    }
  }
  policy_detail::check_unique_sids(statements);
}

void check_identity_policy(std::string_view document) {
  using policy_detail::require;
  const Json policy = policy_detail::parse_policy(document, policy_detail::kSyntaxError);
  const std::vector<Json> statements = policy_detail::statements_of(policy);
  for (const Json& statement : statements) policy_detail::check_statement(statement);
  for (const Json& statement : statements) {
    require(!statement.contains("Principal") && !statement.contains("NotPrincipal"),
            "Policy document should not specify a principal.");
  }
  require(policy.value("Version", "") == "2012-10-17",
          "Policy document must be version 2012-10-17 or greater.");
  policy_detail::check_unique_sids(statements);
  for (const Json& statement : statements) {
    const auto actions = policy_detail::either(statement, "Action", "NotAction");
    require(!actions.empty(), "Policy statement must contain actions.");
    const auto resources = policy_detail::either(statement, "Resource", "NotResource");
    require(!resources.empty(), "Policy statement must contain resources.");
    for (const std::string& resource : resources) policy_detail::check_resource(resource);
    for (const std::string& action : actions) policy_detail::check_action(action);
  }
}

}  // namespace paddock::services::iam
