// Aliases: names that point to a version, or to two by weight.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-aliases.html
#include "services/lambda/errors.hpp"
#include "services/lambda/paging.hpp"
#include "services/lambda/qualifiers.hpp"
#include "services/lambda/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace aliased {

// The weights of an input; an object without members if it has none.
Json weights_of(const Json& input) {
  return input.value(members::RoutingConfig, Json::object())
      .value(members::AdditionalVersionWeights, Json::object());
}

void check_routing(const Json& weights, const std::string& version) {
  if (weights.size() > 1) {
    throw errors::invalid_parameter(
        "Number of items in AdditionalVersionWeights cannot be greater than 1");
  }
  if (weights.begin().key() == version) {
    throw errors::invalid_parameter("Invalid function version " + version + ". Function version " +
                                    version + " is already included in routing configuration.");
  }
  if (version == kLatest) {
    throw errors::untyped_parameter(
        "$LATEST is not supported for an alias pointing to more than 1 version");
  }
}

}  // namespace aliased

// With the function's lock held: the version, and the other one of the weights if there are any.
void Lambda::check_alias(const Context& context, const Target& target, const Alias& alias) const {
  const auto must_exist = [&](const std::string& version) {
    if (!resolve(store_, context.realm->id, target.name, version)) {
      throw errors::function_not_found(target.arn + ":" + version);
    }
  };
  must_exist(alias.version());
  if (alias.config.contains(members::RoutingConfig)) {
    const Json& weights = alias.config[members::RoutingConfig][members::AdditionalVersionWeights];
    aliased::check_routing(weights, alias.version());
    must_exist(weights.begin().key());
  }
}

void Lambda::put_alias(Context& context, const Target& target, const Alias& alias) {
  storage::Batch batch;
  store_.put_alias(context.realm->id, target.name, alias, batch);
  forget_after(context, target.name, batch);
  context.commit(batch);
}

gateway::Output Lambda::create_alias(Context& context, Json input) {
  const Target target = latest_of(context, input);
  const std::string name = input.at(members::Name);
  Alias alias;
  alias.config = {{members::AliasArn, target.arn + ":" + name},
                  {members::Name, name},
                  {members::FunctionVersion, input.at(members::FunctionVersion)},
                  {members::Description, input.value(members::Description, "")},
                  {members::RevisionId, next_revision(context)}};
  const auto guard = platform_.locks.lock(Store::function_key(context.realm->id, target.name));
  check_alias(context, target, alias);
  if (store_.alias(context.realm->id, target.name, name)) {
    throw errors::conflict("Alias already exists: " + target.arn + ":" + name);
  }
  if (Json weights = aliased::weights_of(input); !weights.empty()) {
    alias.config[members::RoutingConfig] = {
        {members::AdditionalVersionWeights, std::move(weights)}};
    check_alias(context, target, alias);
  }
  put_alias(context, target, alias);
  return std::move(alias.config);
}

gateway::Output Lambda::get_alias(Context& context, Json input) {
  const Target target = latest_of(context, input);
  const std::string name = input.at(members::Name);
  require(context, target);
  std::optional<Alias> alias = store_.alias(context.realm->id, target.name, name);
  if (!alias) {
    throw errors::alias_not_found(target.arn + ":" + name);
  }
  return std::move(alias->config);
}

gateway::Output Lambda::list_aliases(Context& context, Json input) {
  const Target target = latest_of(context, input);
  require(context, target);
  const std::string version = input.value(members::FunctionVersion, std::string());
  std::vector<std::pair<std::string, Json>> items;
  for (Alias& alias : store_.aliases(context.realm->id, target.name)) {
    if (version.empty() || alias.version() == version) {
      items.emplace_back(alias.name(), std::move(alias.config));
    }
  }
  return pages::of(input, members::Aliases, std::move(items));
}

gateway::Output Lambda::update_alias(Context& context, Json input) {
  const Target target = latest_of(context, input);
  const std::string name = input.at(members::Name);
  const auto guard = platform_.locks.lock(Store::function_key(context.realm->id, target.name));
  require(context, target);
  std::optional<Alias> alias = store_.alias(context.realm->id, target.name, name);
  if (!alias) {
    throw errors::not_found("Alias not found: " + target.arn + ":" + name);
  }
  Json& config = alias->config;
  if (input.contains(members::RevisionId) &&
      input[members::RevisionId] != config[members::RevisionId]) {
    throw errors::stale_revision("GetFunction/GetAlias");
  }
  for (const char* member : {members::FunctionVersion, members::Description}) {
    if (input.contains(member)) {
      config[member] = input[member];
    }
  }
  if (input.contains(members::RoutingConfig)) {
    config.erase(members::RoutingConfig);
    if (Json weights = aliased::weights_of(input); !weights.empty()) {
      config[members::RoutingConfig] = {{members::AdditionalVersionWeights, std::move(weights)}};
    }
  }
  check_alias(context, target, *alias);
  config[members::RevisionId] = next_revision(context);
  put_alias(context, target, *alias);
  return std::move(config);
}

gateway::Output Lambda::delete_alias(Context& context, Json input) {
  const Target target = latest_of(context, input);
  const auto guard = platform_.locks.lock(Store::function_key(context.realm->id, target.name));
  Function latest = require(context, target);
  const std::string name = input.at(members::Name);
  storage::Batch batch;
  store_.erase_alias(context.realm->id, target.name, name, batch);
  drop_qualifier(context.realm->id, target.name, name, batch);
  forget_qualifier(latest, name);
  store_.put_function(context.realm->id, latest, batch);
  forget_after(context, target.name, batch);
  context.commit(batch);
  return {};
}

}  // namespace paddock::services::lambda
