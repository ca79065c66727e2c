// Account settings, reserved concurrency and tags.
#include "core/arn.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace account {

constexpr size_t kPage = 256;

struct Usage {
  uint64_t functions = 0;
  uint64_t code_bytes = 0;
  int reserved = 0;  // concurrency, of all functions but `except`
};

Usage usage(const Store& store, RealmId realm, const std::string& except = "") {
  Usage usage;
  std::string after;
  for (;;) {
    const std::vector<Function> page = store.functions(realm, after, kPage);
    for (const Function& function : page) {
      ++usage.functions;
      usage.code_bytes += function.config.value(members::CodeSize, uint64_t{0});
      for (const Function& version : store.versions(realm, function.name(), 0)) {
        usage.code_bytes += version.config.value(members::CodeSize, uint64_t{0});
      }
      if (function.name() != except) {
        usage.reserved += function.reserved_concurrency.value_or(0);
      }
    }
    if (page.size() < kPage) {
      return usage;
    }
    after = page.back().name();
  }
}

}  // namespace account

gateway::Output Lambda::get_account_settings(Context& context, Json) {
  account::Usage usage = account::usage(store_, context.realm->id);
  for (const LayerVersion& layer : store_.layer_versions(context.realm->id, "")) {
    usage.code_bytes += layer.config.at(members::Content).at(members::CodeSize).get<uint64_t>();
  }
  return Json{
      {members::AccountLimit,
       {{members::TotalCodeSize, kMostTotalCodeBytes},
        {members::CodeSizeUnzipped, kMostUnzippedBytes},
        {members::CodeSizeZipped, kMostZippedBytes},
        {members::ConcurrentExecutions, kAccountConcurrency},
        {members::UnreservedConcurrentExecutions, kAccountConcurrency - usage.reserved}}},
      {members::AccountUsage,
       {{members::TotalCodeSize, usage.code_bytes}, {members::FunctionCount, usage.functions}}}};
}

gateway::Output Lambda::put_function_concurrency(Context& context, Json input) {
  Target target = target_of(context, input);
  if (!target.qualifier.empty()) {
    throw errors::invalid_parameter(
        "This operation is permitted on Lambda functions only. Aliases and versions do not support "
        "this operation. Please specify either a function name or an unqualified function ARN.");
  }
  if (!store_.function(context.realm->id, target.name)) {
    throw errors::function_not_found(target.arn + ":$LATEST");
  }
  const int64_t reserved = input.at(members::ReservedConcurrentExecutions);
  const int64_t others = account::usage(store_, context.realm->id, target.name).reserved;
  if (kAccountConcurrency - others - reserved < kLeastUnreservedConcurrency) {
    throw errors::untyped_parameter(
        "Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [" +
        std::to_string(kLeastUnreservedConcurrency) + "].");
  }
  change(context, target, [reserved](Function& function, storage::Batch&) {
    function.reserved_concurrency = static_cast<int>(reserved);
  });
  return Json{{members::ReservedConcurrentExecutions, reserved}};
}

gateway::Output Lambda::get_function_concurrency(Context& context, Json input) {
  const Function function = require(context, latest_of(context, input));
  Json answer = Json::object();
  if (function.reserved_concurrency) {
    answer[members::ReservedConcurrentExecutions] = *function.reserved_concurrency;
  }
  return answer;
}

gateway::Output Lambda::delete_function_concurrency(Context& context, Json input) {
  change(context, latest_of(context, input),
         [](Function& function, storage::Batch&) { function.reserved_concurrency.reset(); });
  return {};
}

namespace tagged {

constexpr std::string_view kMapping = "event-source-mapping:";
constexpr std::string_view kSigning = "code-signing-config:";

AwsError mapping_not_found(const std::string& arn) {
  return errors::not_found("Event source mapping not found: " + arn);
}

// Name or UUID of what the ARN (which the model's pattern accepted) is of.
std::string function_of(const Arn& arn) {
  if (arn.resource.starts_with("capacity-provider:")) {
    throw errors::not_found("Capacity provider not found: " + arn.text());
  }
  if (!arn.resource.starts_with("function:")) {
    throw errors::not_emulated("Tagging of " + arn.resource.substr(0, arn.resource.find(':')));
  }
  const FunctionName name = parse_function_name(arn.resource);
  if (!name.qualifier.empty()) {
    throw errors::invalid_parameter(
        "Tags on function aliases and versions are not supported. Please specify a function ARN.");
  }
  return name.name;
}

Arn parse(const std::string& text) {
  const std::optional<Arn> arn = Arn::parse(text);
  if (!arn) {
    throw errors::invalid_parameter("'" + text + "' is not an ARN.");
  }
  return *arn;
}

}  // namespace tagged

void Lambda::change_tags(Context& context, const std::string& text,
                         const std::function<void(Json&)>& apply) {
  const Arn arn = tagged::parse(text);
  if (arn.resource.starts_with(tagged::kMapping)) {
    const std::string uuid = arn.resource.substr(tagged::kMapping.size());
    const auto guard = platform_.locks.lock(Store::mapping_key(context.realm->id, uuid));
    std::optional<Mapping> mapping = store_.mapping(context.realm->id, uuid);
    if (!mapping) {
      throw tagged::mapping_not_found(text);
    }
    apply(mapping->tags);
    storage::Batch batch;
    store_.put_mapping(context.realm->id, *mapping, batch);
    context.commit(batch);
    return;
  }
  if (arn.resource.starts_with(tagged::kSigning)) {
    const auto guard = platform_.locks.lock(signing_lock(context, text));
    CodeSigning signing = require_signing(context, {{members::CodeSigningConfigArn, text}});
    apply(signing.tags);
    storage::Batch batch;
    store_.put_code_signing(context.realm->id, signing, batch);
    context.commit(batch);
    return;
  }
  Target target;
  target.name = tagged::function_of(arn);
  target.arn = text;
  change(context, target, [&apply](Function& function, storage::Batch&) { apply(function.tags); });
}

Json Lambda::tags_of(const Context& context, const std::string& text) const {
  const Arn arn = tagged::parse(text);
  if (arn.resource.starts_with(tagged::kMapping)) {
    std::optional<Mapping> mapping = store_.mapping(
        context.realm->id, std::string_view(arn.resource).substr(tagged::kMapping.size()));
    if (!mapping) {
      throw tagged::mapping_not_found(text);
    }
    return mapping->tags;
  }
  if (arn.resource.starts_with(tagged::kSigning)) {
    return require_signing(context, {{members::CodeSigningConfigArn, text}}).tags;
  }
  Target target;
  target.name = tagged::function_of(arn);
  target.arn = text;
  return require(context, target).tags;
}

gateway::Output Lambda::tag_resource(Context& context, Json input) {
  const Json& added = input.at(members::Tags);
  if (added.empty()) {
    throw errors::invalid_parameter("An error occurred and the request cannot be processed.");
  }
  change_tags(context, input.at(members::Resource), [&added](Json& tags) {
    tags.update(added);
    if (tags.size() > kMostTags) {
      throw errors::invalid_parameter("Number of tags exceeds resource tag limit.");
    }
  });
  return {};
}

gateway::Output Lambda::untag_resource(Context& context, Json input) {
  const Json& keys = input.at(members::TagKeys);
  if (keys.empty()) {
    throw errors::validation(
        "Value null at 'tagKeys' failed to satisfy constraint: Member must not be null");
  }
  change_tags(context, input.at(members::Resource), [&keys](Json& tags) {
    for (const Json& key : keys) {
      tags.erase(key.get<std::string>());
    }
  });
  return {};
}

gateway::Output Lambda::list_tags(Context& context, Json input) {
  return Json{{members::Tags, tags_of(context, input.at(members::Resource))}};
}

}  // namespace paddock::services::lambda
