// What the filters of both kinds share; resource policies and destinations, which are kept and
// described and change nothing else.
#include "core/text.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"
#include "services/logs/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::logs {

void Logs::refuse_members(const Json& input, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (input.contains(name)) throw errors::not_emulated(name);
  }
}

std::string Logs::page_token(const std::string& last) {
  return to_base64(last);
}

std::string Logs::page_after(const Json& input) {
  std::optional<std::string> last = from_base64(input.value(members::nextToken, std::string()));
  if (!last) throw errors::bad_token();
  return *std::move(last);
}

CallIdentity Logs::service_identity(std::string account, std::string region, Cause cause) {
  CallIdentity identity;
  identity.account = std::move(account);
  identity.region = std::move(region);
  identity.principal_arn = "logs.amazonaws.com";
  identity.cause = std::move(cause);
  return identity;
}

void Logs::require_standard(const Group& group) {
  if (group.log_class != "STANDARD") {
    throw AwsError(
        "InvalidOperationException",
        "This operation is not supported for log groups of the class " + group.log_class + ".");
  }
}

// A filter that is there already is replaced; it keeps the time of its creation.
void Logs::keep_filter(Context& context, storage::Kind kind, const std::string& group_name,
                       Json described) {
  change_group(context, group_name, [&](Group& group, storage::Batch& batch) {
    Filter filter;
    filter.name = described.at(members::filterName);
    const std::optional<Filter> present =
        store_.filter(context.realm->id, kind, group.id, filter.name);
    const bool metric = kind == kMetricFilterKind;
    size_t& count = metric ? group.metric_filters : group.subscription_filters;
    if (present) {
      described[members::creationTime] = present->described.at(members::creationTime);
    } else if (count == (metric ? kMostMetricFilters : kMostSubscriptionFilters)) {
      throw errors::too_many();
    } else {
      ++count;
    }
    filter.described = described;
    store_.put_filter(context.realm->id, kind, group.id, filter, batch);
  });
}

void Logs::drop_filter(Context& context, storage::Kind kind, const Json& input) {
  const bool metric = kind == kMetricFilterKind;
  const std::string name = input.at(members::filterName);
  change_group(context, input.at(members::logGroupName), [&](Group& group, storage::Batch& batch) {
    if (!store_.filter(context.realm->id, kind, group.id, name)) {
      throw metric ? errors::no_metric_filter() : errors::no_subscription_filter();
    }
    --(metric ? group.metric_filters : group.subscription_filters);
    store_.erase_filter(context.realm->id, kind, group.id, name, batch);
  });
}

// A page of the records of a kind, in `answer` under `member`.
gateway::Output Logs::describe_records(Context& context, const Json& input, storage::Kind kind,
                                       const std::string& prefix, const char* member) const {
  Json answer = {{member, Json::array()}};
  const size_t most = input.value(members::limit, kMostDescribed);
  std::string last;
  store_.records(context.realm->id, kind, prefix, page_after(input),
                 [&](const std::string& name, const Json& record) {
                   if (answer[member].size() == most) {
                     answer[members::nextToken] = page_token(last);
                     return false;
                   }
                   last = name;
                   answer[member].push_back(record);
                   return true;
                 });
  return answer;
}

gateway::Output Logs::put_resource_policy(Context& context, Json input) {
  refuse_members(input, {members::resourceArn, members::expectedRevisionId});
  for (const char* member : {members::policyName, members::policyDocument}) {
    if (!input.contains(member)) {
      throw errors::invalid("1 validation error detected: Value null at '" + std::string(member) +
                            "' failed to satisfy constraint: Member must not be null");
    }
  }
  const std::string name = input[members::policyName];
  const auto guard = platform_.locks.lock(Store::record_key(context.realm->id, kPolicyKind, ""));
  if (!store_.record(context.realm->id, kPolicyKind, name)) {
    size_t there = 0;
    store_.records(context.realm->id, kPolicyKind, "", "",
                   [&there](const std::string&, const Json&) { return ++there != 0; });
    if (there >= kMostResourcePolicies) throw errors::too_many();
  }
  const Json policy = {{members::policyName, name},
                       {members::policyDocument, input[members::policyDocument]},
                       {members::policyScope, "ACCOUNT"},
                       {members::lastUpdatedTime, platform_.world.now().ms}};
  storage::Batch batch;
  store_.put_record(context.realm->id, kPolicyKind, name, policy, batch);
  context.commit(batch);
  return Json{{members::resourcePolicy, policy}};
}

gateway::Output Logs::describe_resource_policies(Context& context, Json input) {
  refuse_members(input, {members::resourceArn});
  if (input.value(members::policyScope, std::string("ACCOUNT")) != "ACCOUNT") {
    throw errors::not_emulated("The policy scope RESOURCE");
  }
  return describe_records(context, input, kPolicyKind, "", members::resourcePolicies);
}

gateway::Output Logs::delete_resource_policy(Context& context, Json input) {
  refuse_members(input, {members::resourceArn, members::expectedRevisionId});
  const std::string name = input.value(members::policyName, std::string());
  const auto guard = platform_.locks.lock(Store::record_key(context.realm->id, kPolicyKind, ""));
  if (!store_.record(context.realm->id, kPolicyKind, name)) throw errors::no_policy(name);
  storage::Batch batch;
  store_.erase_record(context.realm->id, kPolicyKind, name, batch);
  context.commit(batch);
  return {};
}

gateway::Output Logs::put_destination(Context& context, Json input) {
  refuse_members(input, {members::tags});
  const std::string name = input.at(members::destinationName);
  const auto guard =
      platform_.locks.lock(Store::record_key(context.realm->id, kDestinationKind, name));
  const std::optional<Json> present = store_.record(context.realm->id, kDestinationKind, name);
  Json destination = present ? *present
                             : Json{{members::destinationName, name},
                                    {members::arn, context.arn("destination:" + name)},
                                    {members::creationTime, platform_.world.now().ms}};
  destination[members::targetArn] = input.at(members::targetArn);
  destination[members::roleArn] = input.at(members::roleArn);
  storage::Batch batch;
  store_.put_record(context.realm->id, kDestinationKind, name, destination, batch);
  context.commit(batch);
  return Json{{members::destination, std::move(destination)}};
}

gateway::Output Logs::put_destination_policy(Context& context, Json input) {
  const std::string name = input.at(members::destinationName);
  const auto guard =
      platform_.locks.lock(Store::record_key(context.realm->id, kDestinationKind, name));
  std::optional<Json> destination = store_.record(context.realm->id, kDestinationKind, name);
  if (!destination) throw errors::no_destination();
  (*destination)[members::accessPolicy] = input.at(members::accessPolicy);
  storage::Batch batch;
  store_.put_record(context.realm->id, kDestinationKind, name, *destination, batch);
  context.commit(batch);
  return {};
}

gateway::Output Logs::describe_destinations(Context& context, Json input) {
  return describe_records(context, input, kDestinationKind,
                          input.value(members::DestinationNamePrefix, std::string()),
                          members::destinations);
}

gateway::Output Logs::delete_destination(Context& context, Json input) {
  const std::string name = input.at(members::destinationName);
  const auto guard =
      platform_.locks.lock(Store::record_key(context.realm->id, kDestinationKind, name));
  if (!store_.record(context.realm->id, kDestinationKind, name)) throw errors::no_destination();
  storage::Batch batch;
  store_.erase_record(context.realm->id, kDestinationKind, name, batch);
  context.commit(batch);
  return {};
}

}  // namespace paddock::services::logs
