#include "services/lambda/service.hpp"

#include "events/outbox.hpp"
#include "identity/identity.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "storage/key_locks.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {
namespace table {

using gateway::Access;
using gateway::Fidelity;
using gateway::RequestContext;
using gateway::ResourceArns;

std::vector<std::string> function_arn(const RequestContext& context, const Json& input) {
  const FunctionName name = parse_function_name(input.value(members::FunctionName, std::string()));
  const std::string qualifier = input.value(members::Qualifier, name.qualifier);
  return {context.arn("function:" + name.name + (qualifier.empty() ? "" : ":" + qualifier))};
}

std::vector<std::string> mapping_arn(const RequestContext& context, const Json& input) {
  return {context.arn("event-source-mapping:" + input.value(members::UUID, std::string()))};
}

std::vector<std::string> resource_arn(const RequestContext&, const Json& input) {
  return {input.value(members::Resource, std::string())};
}

std::vector<std::string> layer_arn(const RequestContext& context, const Json& input) {
  std::string name = input.value(members::LayerName, std::string());
  name.erase(0, name.rfind(':') + 1);
  const int64_t version = input.value(members::VersionNumber, int64_t{0});
  return {context.arn("layer:" + name + (version > 0 ? ":" + std::to_string(version) : ""))};
}

std::vector<std::string> named_arn(const RequestContext&, const Json& input) {
  return {input.value(members::Arn, std::string())};
}

std::vector<std::string> signing_arn(const RequestContext&, const Json& input) {
  return {input.value(members::CodeSigningConfigArn, std::string())};
}

// Members are "Message" in these errors and "message" in all others.
std::string_view message_member(std::string_view code) {
  for (const wire::OperationModel& operation : ::paddock::models::lambda.operations) {
    for (const wire::Shape* error : operation.errors) {
      if (error->name == code) {
        return error->find("Message") != nullptr ? "Message" : "message";
      }
    }
  }
  return "message";
}

// The value in "Value 'x' at 'path' failed …".
std::string quoted_value(const std::string& text) {
  const size_t first = text.find('\'');
  const size_t last = text.find("' at '");
  return first == std::string::npos || last == std::string::npos || last <= first
             ? std::string()
             : text.substr(first + 1, last - first - 1);
}

// The runtimes that AWS still creates, as its messages list them; all its older ones are taken here
// too.
constexpr std::string_view kCreatedRuntimes =
    "Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, python3.12, "
    "python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, "
    "ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, "
    "nodejs18.x, provided.al2, java8.al2]";
constexpr std::string_view kConstraint = " failed to satisfy constraint: ";

AwsError invalid(const wire::OperationModel&, const std::vector<wire::Violation>& violations) {
  if (violations.size() == 1 && violations[0].path == "runtime" &&
      violations[0].rule == wire::Violation::Rule::enum_value) {
    return errors::invalid_parameter("Value " + quoted_value(violations[0].text) + " at 'runtime'" +
                                     std::string(kConstraint) + std::string(kCreatedRuntimes) +
                                     " or be a valid ARN");
  }
  std::vector<wire::Violation> worded = violations;
  for (wire::Violation& violation : worded) {
    const size_t constraint = violation.text.find(kConstraint);
    if (violation.path == "compatibleRuntimes" && constraint != std::string::npos &&
        violation.text.find("enum value set") != std::string::npos) {
      violation.text.resize(constraint + kConstraint.size());
      violation.text += kCreatedRuntimes;
    }
  }
  return AwsError("ValidationException", wire::summary(worded));
}

}  // namespace table

Lambda::Lambda(gateway::Platform& platform)
    : platform_(platform),
      keys_(platform.functions),
      store_(platform.database),
      invoke_store_(platform.database),
      runnables_(store_, platform.blobs, platform.ids),
      invoker_(platform),
      destinations_(platform),
      async_(platform, store_, invoke_store_, runnables_, invoker_, destinations_),
      pollers_(PollerParts{platform, store_, invoke_store_, runnables_, invoker_, destinations_}) {
  using gateway::plain;
  using gateway::slow;
  using table::Access;
  using table::Fidelity;
  constexpr auto kFunction = &table::function_arn;
  constexpr auto kMapping = &table::mapping_arn;
  constexpr auto kResource = &table::resource_arn;
  constexpr auto kLayer = &table::layer_arn;
  constexpr auto kArn = &table::named_arn;
  constexpr auto kSigning = &table::signing_arn;
  constexpr std::string_view kByName = members::FunctionName;
  gateway::Api api;
  api.model = &::paddock::models::lambda;
  api.invalid = &table::invalid;
  api.error_style.message_member = &table::message_member;
  api.throttling_code = "TooManyRequestsException";
  api.body_limit = kMostRequestBytes;
  const Fidelity no_files = Fidelity::partial("file systems are kept, not mounted");
  const Fidelity unsigned_code = Fidelity::partial("signatures are not checked");
  const Fidelity cold = Fidelity::partial("kept; environments are made on demand");
  const Fidelity other_targets =
      Fidelity::partial("results reach functions, queues, topics and buckets; there are no buses");
  api.operations = {
      {"CreateFunction", slow(this, &Lambda::create_function), Access::write, no_files,
       "lambda:CreateFunction", kFunction, kByName},
      {"GetFunction", plain(this, &Lambda::get_function), Access::read, Fidelity::full(),
       "lambda:GetFunction", kFunction, kByName},
      {"GetFunctionConfiguration", plain(this, &Lambda::get_function_configuration), Access::read,
       Fidelity::full(), "lambda:GetFunctionConfiguration", kFunction, kByName},
      {"ListFunctions", slow(this, &Lambda::list_functions), Access::read, Fidelity::full(),
       "lambda:ListFunctions", nullptr, ""},
      {"ListVersionsByFunction", plain(this, &Lambda::list_versions_by_function), Access::read,
       Fidelity::full(), "lambda:ListVersionsByFunction", kFunction, kByName},
      {"PublishVersion", plain(this, &Lambda::publish_version), Access::write, Fidelity::full(),
       "lambda:PublishVersion", kFunction, kByName},
      {"CreateAlias", plain(this, &Lambda::create_alias), Access::write, Fidelity::full(),
       "lambda:CreateAlias", kFunction, kByName},
      {"GetAlias", plain(this, &Lambda::get_alias), Access::read, Fidelity::full(),
       "lambda:GetAlias", kFunction, kByName},
      {"ListAliases", plain(this, &Lambda::list_aliases), Access::read, Fidelity::full(),
       "lambda:ListAliases", kFunction, kByName},
      {"UpdateAlias", plain(this, &Lambda::update_alias), Access::write, Fidelity::full(),
       "lambda:UpdateAlias", kFunction, kByName},
      {"DeleteAlias", plain(this, &Lambda::delete_alias), Access::write, Fidelity::full(),
       "lambda:DeleteAlias", kFunction, kByName},
      {"UpdateFunctionCode", slow(this, &Lambda::update_function_code), Access::write, no_files,
       "lambda:UpdateFunctionCode", kFunction, kByName},
      {"UpdateFunctionConfiguration", plain(this, &Lambda::update_function_configuration),
       Access::write, no_files, "lambda:UpdateFunctionConfiguration", kFunction, kByName},
      {"DeleteFunction", plain(this, &Lambda::delete_function), Access::write, Fidelity::full(),
       "lambda:DeleteFunction", kFunction, kByName},
      {"Invoke", gateway::waiting(this, &Lambda::invoke), Access::write,
       Fidelity::partial("runs provided*, nodejs* and python3*"), "lambda:InvokeFunction",
       kFunction, kByName},
      {"InvokeAsync", gateway::waiting(this, &Lambda::invoke_async), Access::write,
       Fidelity::full(), "lambda:InvokeAsync", kFunction, kByName},
      {"AddPermission", plain(this, &Lambda::add_permission), Access::write, Fidelity::full(),
       "lambda:AddPermission", kFunction, kByName},
      {"RemovePermission", plain(this, &Lambda::remove_permission), Access::write, Fidelity::full(),
       "lambda:RemovePermission", kFunction, kByName},
      {"GetPolicy", plain(this, &Lambda::get_policy), Access::read, Fidelity::full(),
       "lambda:GetPolicy", kFunction, kByName},
      {"PublishLayerVersion", slow(this, &Lambda::publish_layer_version), Access::write,
       Fidelity::partial("no content in S3"), "lambda:PublishLayerVersion", kLayer, ""},
      {"GetLayerVersion", plain(this, &Lambda::get_layer_version), Access::read, Fidelity::full(),
       "lambda:GetLayerVersion", kLayer, ""},
      {"GetLayerVersionByArn", plain(this, &Lambda::get_layer_version_by_arn), Access::read,
       Fidelity::full(), "lambda:GetLayerVersion", kArn, ""},
      {"ListLayerVersions", plain(this, &Lambda::list_layer_versions), Access::read,
       Fidelity::full(), "lambda:ListLayerVersions", nullptr, ""},
      {"ListLayers", slow(this, &Lambda::list_layers), Access::read, Fidelity::full(),
       "lambda:ListLayers", nullptr, ""},
      {"DeleteLayerVersion", slow(this, &Lambda::delete_layer_version), Access::write,
       Fidelity::full(), "lambda:DeleteLayerVersion", kLayer, ""},
      {"AddLayerVersionPermission", plain(this, &Lambda::add_layer_permission), Access::write,
       Fidelity::partial("other accounts cannot use layers"), "lambda:AddLayerVersionPermission",
       kLayer, ""},
      {"RemoveLayerVersionPermission", plain(this, &Lambda::remove_layer_permission), Access::write,
       Fidelity::full(), "lambda:RemoveLayerVersionPermission", kLayer, ""},
      {"GetLayerVersionPolicy", plain(this, &Lambda::get_layer_policy), Access::read,
       Fidelity::full(), "lambda:GetLayerVersionPolicy", kLayer, ""},
      {"CreateCodeSigningConfig", plain(this, &Lambda::create_code_signing), Access::write,
       unsigned_code, "lambda:CreateCodeSigningConfig", nullptr, ""},
      {"GetCodeSigningConfig", plain(this, &Lambda::get_code_signing), Access::read, unsigned_code,
       "lambda:GetCodeSigningConfig", kSigning, ""},
      {"ListCodeSigningConfigs", plain(this, &Lambda::list_code_signing), Access::read,
       unsigned_code, "lambda:ListCodeSigningConfigs", nullptr, ""},
      {"UpdateCodeSigningConfig", plain(this, &Lambda::update_code_signing), Access::write,
       unsigned_code, "lambda:UpdateCodeSigningConfig", kSigning, ""},
      {"DeleteCodeSigningConfig", slow(this, &Lambda::delete_code_signing), Access::write,
       unsigned_code, "lambda:DeleteCodeSigningConfig", kSigning, ""},
      {"ListFunctionsByCodeSigningConfig", slow(this, &Lambda::list_functions_by_code_signing),
       Access::read, unsigned_code, "lambda:ListFunctionsByCodeSigningConfig", kSigning, ""},
      {"PutFunctionCodeSigningConfig", plain(this, &Lambda::put_function_code_signing),
       Access::write, unsigned_code, "lambda:PutFunctionCodeSigningConfig", kFunction, kByName},
      {"GetFunctionCodeSigningConfig", plain(this, &Lambda::get_function_code_signing),
       Access::read, unsigned_code, "lambda:GetFunctionCodeSigningConfig", kFunction, kByName},
      {"DeleteFunctionCodeSigningConfig", plain(this, &Lambda::delete_function_code_signing),
       Access::write, unsigned_code, "lambda:DeleteFunctionCodeSigningConfig", kFunction, kByName},
      {"PutProvisionedConcurrencyConfig", plain(this, &Lambda::put_provisioned_concurrency),
       Access::write, cold, "lambda:PutProvisionedConcurrencyConfig", kFunction, kByName},
      {"GetProvisionedConcurrencyConfig", plain(this, &Lambda::get_provisioned_concurrency),
       Access::read, cold, "lambda:GetProvisionedConcurrencyConfig", kFunction, kByName},
      {"ListProvisionedConcurrencyConfigs", plain(this, &Lambda::list_provisioned_concurrency),
       Access::read, cold, "lambda:ListProvisionedConcurrencyConfigs", kFunction, kByName},
      {"DeleteProvisionedConcurrencyConfig", plain(this, &Lambda::delete_provisioned_concurrency),
       Access::write, cold, "lambda:DeleteProvisionedConcurrencyConfig", kFunction, kByName},
      {"PutRuntimeManagementConfig", plain(this, &Lambda::put_runtime_management), Access::write,
       Fidelity::partial("kept without effect"), "lambda:PutRuntimeManagementConfig", kFunction,
       kByName},
      {"GetRuntimeManagementConfig", plain(this, &Lambda::get_runtime_management), Access::read,
       Fidelity::full(), "lambda:GetRuntimeManagementConfig", kFunction, kByName},
      {"PutFunctionRecursionConfig", plain(this, &Lambda::put_recursion_config), Access::write,
       Fidelity::partial("loops are not detected"), "lambda:PutFunctionRecursionConfig", kFunction,
       kByName},
      {"GetFunctionRecursionConfig", plain(this, &Lambda::get_recursion_config), Access::read,
       Fidelity::full(), "lambda:GetFunctionRecursionConfig", kFunction, kByName},
      {"CreateEventSourceMapping", plain(this, &Lambda::create_mapping), Access::write,
       Fidelity::full(), "lambda:CreateEventSourceMapping", nullptr, ""},
      {"GetEventSourceMapping", plain(this, &Lambda::get_mapping), Access::read, Fidelity::full(),
       "lambda:GetEventSourceMapping", kMapping, ""},
      {"ListEventSourceMappings", plain(this, &Lambda::list_mappings), Access::read,
       Fidelity::full(), "lambda:ListEventSourceMappings", nullptr, ""},
      {"UpdateEventSourceMapping", plain(this, &Lambda::update_mapping), Access::write,
       Fidelity::full(), "lambda:UpdateEventSourceMapping", kMapping, ""},
      {"DeleteEventSourceMapping", plain(this, &Lambda::delete_mapping), Access::write,
       Fidelity::full(), "lambda:DeleteEventSourceMapping", kMapping, ""},
      {"PutFunctionEventInvokeConfig", plain(this, &Lambda::put_event_invoke_config), Access::write,
       other_targets, "lambda:PutFunctionEventInvokeConfig", kFunction, kByName},
      {"UpdateFunctionEventInvokeConfig", plain(this, &Lambda::update_event_invoke_config),
       Access::write, other_targets, "lambda:UpdateFunctionEventInvokeConfig", kFunction, kByName},
      {"GetFunctionEventInvokeConfig", plain(this, &Lambda::get_event_invoke_config), Access::read,
       Fidelity::full(), "lambda:GetFunctionEventInvokeConfig", kFunction, kByName},
      {"DeleteFunctionEventInvokeConfig", plain(this, &Lambda::delete_event_invoke_config),
       Access::write, Fidelity::full(), "lambda:DeleteFunctionEventInvokeConfig", kFunction,
       kByName},
      {"ListFunctionEventInvokeConfigs", plain(this, &Lambda::list_event_invoke_configs),
       Access::read, Fidelity::full(), "lambda:ListFunctionEventInvokeConfigs", kFunction, kByName},
      {"CreateFunctionUrlConfig", plain(this, &Lambda::create_url), Access::write, Fidelity::full(),
       "lambda:CreateFunctionUrlConfig", kFunction, kByName},
      {"GetFunctionUrlConfig", plain(this, &Lambda::get_url), Access::read, Fidelity::full(),
       "lambda:GetFunctionUrlConfig", kFunction, kByName},
      {"UpdateFunctionUrlConfig", plain(this, &Lambda::update_url), Access::write, Fidelity::full(),
       "lambda:UpdateFunctionUrlConfig", kFunction, kByName},
      {"DeleteFunctionUrlConfig", plain(this, &Lambda::delete_url), Access::write, Fidelity::full(),
       "lambda:DeleteFunctionUrlConfig", kFunction, kByName},
      {"ListFunctionUrlConfigs", plain(this, &Lambda::list_urls), Access::read, Fidelity::full(),
       "lambda:ListFunctionUrlConfigs", kFunction, kByName},
      {"InvokeWithResponseStream", gateway::waiting(this, &Lambda::invoke_with_response_stream),
       Access::write, Fidelity::full(), "lambda:InvokeFunction", kFunction, kByName},
      {"GetAccountSettings", slow(this, &Lambda::get_account_settings), Access::read,
       Fidelity::full(), "lambda:GetAccountSettings", nullptr, ""},
      {"PutFunctionConcurrency", slow(this, &Lambda::put_function_concurrency), Access::write,
       Fidelity::full(), "lambda:PutFunctionConcurrency", kFunction, kByName},
      {"GetFunctionConcurrency", plain(this, &Lambda::get_function_concurrency), Access::read,
       Fidelity::full(), "lambda:GetFunctionConcurrency", kFunction, kByName},
      {"DeleteFunctionConcurrency", plain(this, &Lambda::delete_function_concurrency),
       Access::write, Fidelity::full(), "lambda:DeleteFunctionConcurrency", kFunction, kByName},
      {"TagResource", plain(this, &Lambda::tag_resource), Access::write, Fidelity::full(),
       "lambda:TagResource", kResource, ""},
      {"UntagResource", plain(this, &Lambda::untag_resource), Access::write, Fidelity::full(),
       "lambda:UntagResource", kResource, ""},
      {"ListTags", plain(this, &Lambda::list_tags), Access::read, Fidelity::full(),
       "lambda:ListTags", kResource, ""},
  };
  apis_.push_back(std::move(api));

  gateway::Endpoint code;
  code.name = "lambda-code";
  code.matches = [](std::string_view, const http::RequestHead& head) {
    return is_code_location(head.path);
  };
  code.handle = [this](http::Exchange& exchange, Context& context) {
    return serve_code(exchange, context);
  };
  endpoints_.push_back(std::move(code));

  gateway::Endpoint endpoint;
  endpoint.name = "lambda-url";
  endpoint.matches = [](std::string_view host, const http::RequestHead& head) {
    return url_address(host, head.path).has_value();
  };
  endpoint.handle = [this](http::Exchange& exchange, gateway::RequestContext& context) {
    return serve_url(exchange, context);
  };
  endpoints_.push_back(std::move(endpoint));

  platform_.identity.add_source(keys_);
  platform_.outbox.add_target(kInvokeTarget, [this](events::OutboxEntry entry) {
    return async_.deliver(std::move(entry));
  });
  platform_.outbox.add_target(kDestinationTarget, [this](events::OutboxEntry entry) {
    return destinations_.deliver(std::move(entry));
  });
  platform_.realms.on_reset([this](const std::vector<RealmId>& dead) {
    pollers_.drop_realms(dead);
    runnables_.forget_all();
    urls_.drop_realms(dead);
  });
}

void Lambda::start() {
  urls_.load(platform_.realms, invoke_store_);
  pollers_.start();
}
void Lambda::stop() {
  pollers_.stop();
}

Lambda::Target Lambda::target_of(const Context& context, const Json& input) {
  const FunctionName name = parse_function_name(input.at(members::FunctionName).get<std::string>());
  const std::string qualifier = input.value(members::Qualifier, std::string());
  if (!name.account.empty() && name.account != context.account) {
    throw errors::foreign(
        context.principal.arn, std::string(context.operation->name),
        "arn:aws:lambda:" + context.region + ":" + name.account + ":function:" + name.name);
  }
  if (!name.region.empty() && name.region != context.region) {
    throw errors::wrong_region(name.region, context.region);
  }
  if (!name.qualifier.empty() && !qualifier.empty() && name.qualifier != qualifier) {
    throw errors::qualifier_mismatch();
  }
  Target target;
  target.name = name.name;
  target.qualifier = qualifier.empty() ? name.qualifier : qualifier;
  target.arn = context.arn("function:" + name.name);
  return target;
}

Lambda::Target Lambda::latest_of(const Context& context, const Json& input) {
  Target target = target_of(context, input);
  if (!target.qualifier.empty() && target.qualifier != kLatest) {
    throw errors::function_not_found(target.arn + ":" + target.qualifier);
  }
  return target;
}

Function Lambda::require(const Context& context, const Target& target) const {
  std::optional<Function> function = store_.function(context.realm->id, target.name);
  if (!function) {
    throw errors::function_not_found(target.named_arn());
  }
  return *std::move(function);
}

bool Lambda::has_function(const Context& context, const std::string& name,
                          const std::string& qualifier) const {
  return resolve(store_, context.realm->id, name, qualifier).has_value();
}

std::string Lambda::next_revision(const Context& context) const {
  return platform_.ids.uuid(context.realm->id, "lambda-revision");
}

Function Lambda::change(Context& context, const Target& target,
                        const std::function<void(Function&, storage::Batch&)>& apply,
                        std::vector<std::string> more_locks) {
  more_locks.push_back(Store::function_key(context.realm->id, target.name));
  const auto guards = platform_.locks.lock_all(more_locks);
  Function function = require(context, target);
  const std::string environment = function.environment;
  storage::Batch batch;
  apply(function, batch);
  store_.put_function(context.realm->id, function, batch);
  after_change(context, function, function.environment != environment, batch);
  context.commit(batch);
  return function;
}

void Lambda::after_change(Context& context, const Function& function, bool retires,
                          storage::Batch& batch) {
  forget_after(context, function.name(), batch);
  if (retires) {
    batch.after_commit([this, arn = function.arn(), version = function.version()](uint64_t) {
      platform_.functions.retire(arn, version);
    });
  }
}

void Lambda::after_delete(Context& context, const Function& function, storage::Batch& batch) {
  forget_after(context, function.name(), batch);
  batch.after_commit([this, arn = function.arn()](uint64_t) { platform_.functions.retire(arn); });
}

void Lambda::forget_after(Context& context, const std::string& name, storage::Batch& batch) {
  batch.after_commit([this, realm = context.realm->id, name](uint64_t) {
    runnables_.forget(realm, name);
    pollers_.function_changed(realm, name);
  });
}

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<Lambda>(platform);
}

std::vector<std::string> Lambda::resources(const Realm& realm) const {
  constexpr size_t kMostShown = 1000;
  std::vector<std::string> arns;
  for (const auto& function : store_.functions(realm.id, "", kMostShown)) {
    arns.push_back(function.arn());
  }
  return arns;
}

}  // namespace paddock::services::lambda
