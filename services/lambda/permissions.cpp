// The resource policy of a function.
#include <algorithm>

#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/service.hpp"

namespace paddock::services::lambda {
namespace policy_targets {

// What a qualifier that is not there is called: a version or an alias.
AwsError missing_qualifier(const std::string& arn, const std::string& qualifier) {
  const bool alias = qualifier.find_first_not_of("0123456789") != std::string::npos &&
                     qualifier.find('$') == std::string::npos;
  return alias ? errors::alias_not_found(arn + ":" + qualifier)
               : errors::function_not_found(arn + ":" + qualifier);
}

}  // namespace policy_targets

gateway::Output Lambda::add_permission(Context& context, Json input) {
  Target target = target_of(context, input);
  if (target.qualifier == "$LATEST") {
    throw errors::invalid_parameter("We currently do not support adding policies for $LATEST.");
  }
  const std::string qualifier = std::exchange(target.qualifier, "");
  Json statement;
  change(context, target, [&](Function& function, storage::Batch&) {
    if (!qualifier.empty()) {
      throw policy_targets::missing_qualifier(target.arn, qualifier);
    }
    if (input.contains(members::RevisionId) && input[members::RevisionId] != function.revision()) {
      throw errors::stale_revision("GetPolicy");
    }
    const std::string sid = input.at(members::StatementId);
    for (const Json& present : function.policy) {
      if (present["Sid"] == sid) {
        throw errors::conflict("The statement id (" + sid +
                               ") provided already exists. Please provide a new statement id, or "
                               "remove the existing statement.");
      }
    }
    statement = policy_statement(input, target.arn);
    function.policy.push_back(statement);
    if (policy_text(function.policy).size() > kMostPolicyBytes) {
      throw errors::user("PolicyLengthExceededException",
                         "The final policy size is bigger than the limit (" +
                             std::to_string(kMostPolicyBytes) + ").",
                         400);
    }
    function.config[members::RevisionId] = next_revision(context);
  });
  return Json{{members::Statement, statement.dump()}};
}

gateway::Output Lambda::remove_permission(Context& context, Json input) {
  Target target = target_of(context, input);
  const std::string qualifier = std::exchange(target.qualifier, "");
  change(context, target, [&](Function& function, storage::Batch&) {
    if (!qualifier.empty() || function.policy.empty()) {
      throw errors::not_found("No policy is associated with the given resource.");
    }
    const std::string sid = input.at(members::StatementId);
    const auto found = std::find_if(function.policy.begin(), function.policy.end(),
                                    [&sid](const Json& s) { return s["Sid"] == sid; });
    if (found == function.policy.end()) {
      throw errors::not_found("Statement " + sid + " is not found in resource policy.");
    }
    if (input.contains(members::RevisionId) && input[members::RevisionId] != function.revision()) {
      throw errors::stale_revision("GetPolicy");
    }
    function.policy.erase(found);
    function.config[members::RevisionId] = next_revision(context);
  });
  return {};
}

gateway::Output Lambda::get_policy(Context& context, Json input) {
  const Target target = target_of(context, input);
  const std::optional<Function> function = store_.function(context.realm->id, target.name);
  if (!function || !target.qualifier.empty() || function->policy.empty()) {
    throw errors::resource_not_found();
  }
  return Json{{members::Policy, policy_text(function->policy)},
              {members::RevisionId, function->revision()}};
}

}  // namespace paddock::services::lambda
