// The resource policies of a function, its versions and its aliases: each has one of its own.
#include <algorithm>

#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/qualifiers.hpp"
#include "services/lambda/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {

// Under the function's lock: reads what the target names, lets `apply` change its policy (the
// second argument is its revision), and writes it with a new revision.
void Lambda::change_policy(Context& context, const Target& target,
                           const std::function<void(Json&, const std::string&)>& apply) {
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::function_key(realm, target.name));
  std::optional<Resolved> resolved = resolve(store_, realm, target.name, target.qualifier);
  if (!resolved) {
    throw qualifier_not_found(target.arn, target.qualifier);
  }
  storage::Batch batch;
  if (resolved->alias) {
    Alias& alias = *resolved->alias;
    apply(alias.policy, alias.config.at(members::RevisionId));
    alias.config[members::RevisionId] = next_revision(context);
    store_.put_alias(realm, target.name, alias, batch);
  } else {
    Function& function = resolved->function;
    apply(function.policy, function.revision());
    function.config[members::RevisionId] = next_revision(context);
    if (function.version() == kLatest) {
      store_.put_function(realm, function, batch);
    } else {
      store_.put_version(realm, function, batch);
    }
  }
  forget_after(context, target.name, batch);
  context.commit(batch);
}

gateway::Output Lambda::add_permission(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (target.qualifier == kLatest) {
    throw errors::invalid_parameter("We currently do not support adding policies for $LATEST.");
  }
  require(context, Target{target.name, "", target.arn});
  Json statement;
  change_policy(context, target, [&](Json& policy, const std::string& revision) {
    if (input.contains(members::RevisionId) && input[members::RevisionId] != revision) {
      throw errors::stale_revision("GetPolicy");
    }
    const std::string sid = input.at(members::StatementId);
    for (const Json& present : policy) {
      if (present["Sid"] == sid) {
        throw errors::statement_exists(sid);
      }
    }
    statement = policy_statement(input, target.named_arn());
    policy.push_back(statement);
    if (policy_text(policy).size() > kMostPolicyBytes) {
      throw errors::user("PolicyLengthExceededException",
                         "The final policy size is bigger than the limit (" +
                             std::to_string(kMostPolicyBytes) + ").",
                         400);
    }
  });
  return Json{{members::Statement, statement.dump()}};
}

gateway::Output Lambda::remove_permission(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (!store_.function(context.realm->id, target.name)) {
    throw errors::not_found("No policy found for: " + target.arn);
  }
  change_policy(context, target, [&](Json& policy, const std::string& revision) {
    if (policy.empty()) {
      throw errors::no_policy();
    }
    const std::string sid = input.at(members::StatementId);
    const auto found = std::find_if(policy.begin(), policy.end(),
                                    [&sid](const Json& s) { return s["Sid"] == sid; });
    if (found == policy.end()) {
      throw errors::no_statement(sid);
    }
    if (input.contains(members::RevisionId) && input[members::RevisionId] != revision) {
      throw errors::stale_revision("GetPolicy");
    }
    policy.erase(found);
  });
  return {};
}

gateway::Output Lambda::get_policy(Context& context, Json input) {
  const Target target = target_of(context, input);
  const std::optional<Resolved> resolved =
      resolve(store_, context.realm->id, target.name, target.qualifier);
  if (!resolved) {
    throw errors::resource_not_found();
  }
  const Json& policy = resolved->alias ? resolved->alias->policy : resolved->function.policy;
  if (policy.empty()) {
    throw errors::resource_not_found();
  }
  const Json& config = resolved->alias ? resolved->alias->config : resolved->function.config;
  return Json{{members::Policy, policy_text(policy)},
              {members::RevisionId, config.at(members::RevisionId)}};
}

}  // namespace paddock::services::lambda
