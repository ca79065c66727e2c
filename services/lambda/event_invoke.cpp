// How a function's asynchronous invocations are retried, and where their results go.
// https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
#include <algorithm>
#include <array>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/paging.hpp"
#include "services/lambda/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace event_invoke {

constexpr std::array<const char*, 2> kDirections{members::OnSuccess, members::OnFailure};

AwsError no_function() {
  return errors::not_found("The function doesn't exist.");
}

std::string destination(const Json& config, const char* direction) {
  return config.value(direction, Json::object()).value(members::Destination, std::string());
}

// As the service prints what it was given.
std::string printed(const Json& config, const char* direction, const char* type) {
  if (!config.contains(direction)) {
    return "null";
  }
  const std::string arn = destination(config, direction);
  return std::string(type) + "(destination=" + (arn.empty() ? "null" : arn) + ")";
}

AwsError invalid_config(const Json& config) {
  return errors::invalid_parameter(
      "The provided destination config DestinationConfig(onSuccess=" +
      printed(config, members::OnSuccess, "OnSuccess") +
      ", onFailure=" + printed(config, members::OnFailure, "OnFailure") + ") is invalid.");
}

// {"OnSuccess":{}, "OnFailure":{}}, each with its destination if it has one.
Json shown(const Json& config) {
  Json full = Json::object();
  for (const char* direction : kDirections) {
    full[direction] = Json::object();
    const std::string arn = destination(config, direction);
    if (!arn.empty()) {
      full[direction][members::Destination] = arn;
    }
  }
  return full;
}

// Applies the members that are given.
void apply(Json& config, const Json& input) {
  for (const char* name : {members::MaximumRetryAttempts, members::MaximumEventAgeInSeconds}) {
    if (input.contains(name)) {
      config[name] = input[name];
    }
  }
  if (input.contains(members::DestinationConfig)) {
    config[members::DestinationConfig] = shown(input[members::DestinationConfig]);
  }
}

void require_a_setting(const Json& input) {
  for (const char* name : {members::MaximumRetryAttempts, members::MaximumEventAgeInSeconds,
                           members::DestinationConfig}) {
    if (input.contains(name)) {
      return;
    }
  }
  throw errors::invalid_parameter(
      "You must specify at least one of error handling or destination setting.");
}

}  // namespace event_invoke

Lambda::EventInvokeTarget Lambda::event_invoke_target(const Context& context,
                                                      const Json& input) const {
  EventInvokeTarget target;
  static_cast<Target&>(target) = target_of(context, input);
  if (target.qualifier.empty()) {
    target.qualifier = kLatest;
  }
  target.key = InvokeStore::event_invoke_key(context.realm->id, target.name, target.qualifier);
  return target;
}

AwsError Lambda::no_event_invoke(const EventInvokeTarget& target) {
  return errors::not_found("The function " + target.arn + ":" + target.qualifier +
                           " doesn't have an EventInvokeConfig");
}

// Throws for destinations that are no target, are not there, or are the function itself.
void Lambda::check_destinations(const Context& context, const Json& config,
                                const std::string& function) const {
  for (const char* direction : event_invoke::kDirections) {
    const std::string text = event_invoke::destination(config, direction);
    if (text.empty()) {
      continue;
    }
    const std::optional<Arn> arn = Arn::parse(text);
    constexpr std::array<std::string_view, 5> kTargets{"lambda", "sqs", "sns", "events", "s3"};
    if (!arn || std::find(kTargets.begin(), kTargets.end(), arn->service) == kTargets.end() ||
        (arn->service == "s3" && direction == std::string_view(members::OnSuccess))) {
      throw event_invoke::invalid_config(config);
    }
    if (arn->service != "lambda") {
      continue;
    }
    const FunctionName name = parse_function_name(text);
    if (name.name == function) {
      throw errors::invalid_parameter(
          "You can't specify the function as a destination for itself.");
    }
    const bool here = arn->region == context.region && arn->account == context.account;
    if (here && !has_function(context, name.name, name.qualifier)) {
      throw errors::invalid_parameter("The destination ARN " + text + " is invalid.");
    }
  }
}

gateway::Output Lambda::write_event_invoke(Context& context, const Json& input, bool merges) {
  EventInvokeTarget target = event_invoke_target(context, input);
  event_invoke::require_a_setting(input);
  if (!has_function(context, target.name, target.qualifier)) {
    throw event_invoke::no_function();
  }
  check_destinations(context, input.value(members::DestinationConfig, Json::object()), target.name);
  const auto guard = platform_.locks.lock(target.key);
  std::optional<Json> config =
      invoke_store_.event_invoke(context.realm->id, target.name, target.qualifier);
  if (merges && !config) {
    throw no_event_invoke(target);
  }
  if (!merges) {
    config = Json{{members::FunctionArn, target.arn + ":" + target.qualifier},
                  {members::DestinationConfig, event_invoke::shown(Json::object())}};
  }
  event_invoke::apply(*config, input);
  (*config)[members::LastModified] = platform_.world.now().ms;
  storage::Batch batch;
  invoke_store_.put_event_invoke(context.realm->id, target.name, target.qualifier, *config, batch);
  context.commit(batch);
  return *std::move(config);
}

gateway::Output Lambda::put_event_invoke_config(Context& context, Json input) {
  return write_event_invoke(context, input, false);
}

gateway::Output Lambda::update_event_invoke_config(Context& context, Json input) {
  return write_event_invoke(context, input, true);
}

gateway::Output Lambda::get_event_invoke_config(Context& context, Json input) {
  const EventInvokeTarget target = event_invoke_target(context, input);
  std::optional<Json> config =
      invoke_store_.event_invoke(context.realm->id, target.name, target.qualifier);
  if (!config) {
    throw no_event_invoke(target);
  }
  return *std::move(config);
}

gateway::Output Lambda::delete_event_invoke_config(Context& context, Json input) {
  const EventInvokeTarget target = event_invoke_target(context, input);
  const auto guard = platform_.locks.lock(target.key);
  if (!invoke_store_.event_invoke(context.realm->id, target.name, target.qualifier)) {
    throw no_event_invoke(target);
  }
  storage::Batch batch;
  invoke_store_.erase_event_invoke(context.realm->id, target.name, target.qualifier, batch);
  context.commit(batch);
  return {};
}

gateway::Output Lambda::list_event_invoke_configs(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (!has_function(context, target.name, "")) {
    throw event_invoke::no_function();
  }
  std::vector<std::pair<std::string, Json>> items;
  for (Json& config : invoke_store_.event_invokes(context.realm->id, target.name)) {
    std::string arn = config[members::FunctionArn];
    items.emplace_back(std::move(arn), std::move(config));
  }
  return pages::of(input, members::FunctionEventInvokeConfigs, std::move(items));
}

}  // namespace paddock::services::lambda
