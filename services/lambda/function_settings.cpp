// What is set beside a function's configuration: provisioned concurrency, runtime updates, loop
// detection. Kept in $LATEST's row; none of it changes how a function runs here.
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/paging.hpp"
#include "services/lambda/service.hpp"

namespace paddock::services::lambda {
namespace kept {

constexpr const char* kProvisioned = "provisioned";  // qualifier -> {"requested","modified"}
constexpr const char* kRuntime = "runtime";          // version -> {"UpdateRuntimeOn", …}
constexpr const char* kLoop = "loop";                // RecursiveLoop

Json of(const Function& latest, const char* setting) {
  return latest.settings.value(setting, Json::object());
}

AwsError unpublished() {
  return errors::invalid_parameter(
      "The function resource provided must be an alias or a published version.");
}

// Capacity is there as soon as somebody looks.
Json ready(const Json& row) {
  const int64_t requested = row.at("requested");
  return {{members::RequestedProvisionedConcurrentExecutions, requested},
          {members::AvailableProvisionedConcurrentExecutions, requested},
          {members::AllocatedProvisionedConcurrentExecutions, requested},
          {members::Status, "READY"},
          {members::LastModified, row.at("modified")}};
}

int64_t sum_but(const Json& provisioned, const std::string& qualifier) {
  int64_t sum = 0;
  for (auto row = provisioned.begin(); row != provisioned.end(); ++row) {
    sum += row.key() == qualifier ? 0 : row.value().at("requested").get<int64_t>();
  }
  return sum;
}

void check_amount(const Function& latest, const std::string& qualifier, int64_t requested) {
  const int64_t others = sum_but(of(latest, kProvisioned), qualifier);
  if (latest.reserved_concurrency && *latest.reserved_concurrency < others + requested) {
    throw errors::invalid_parameter(
        "Requested Provisioned Concurrency should not be greater than the "
        "reservedConcurrentExecution for function");
  }
  if (requested > kAccountConcurrency) {
    throw errors::untyped_parameter(
        "Specified ConcurrentExecutions for function is greater than account's unreserved "
        "concurrency [" +
        std::to_string(kAccountConcurrency) + "].");
  }
  if (kAccountConcurrency - requested < kLeastUnreservedConcurrency) {
    throw errors::untyped_parameter(
        "Specified ConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [" +
        std::to_string(kLeastUnreservedConcurrency) + "].");
  }
}

}  // namespace kept

// The function of a version or an alias that exists.
Function Lambda::require_published(const Context& context, const Target& target) const {
  const std::optional<Resolved> resolved =
      resolve(store_, context.realm->id, target.name, target.qualifier);
  if (!resolved) {
    throw qualifier_not_found(target.arn, target.qualifier);
  }
  return resolved->latest;
}

gateway::Output Lambda::put_provisioned_concurrency(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (qualifier_kind(target.qualifier) == QualifierKind::latest) {
    throw errors::invalid_parameter(
        "Provisioned Concurrency Configs cannot be applied to unpublished function versions.");
  }
  require_published(context, target);
  const int64_t requested = input.at(members::ProvisionedConcurrentExecutions);
  const std::string now = last_modified(platform_.world.now().ms);
  change(context, Target{target.name, "", target.arn}, [&](Function& latest, storage::Batch&) {
    const std::optional<Resolved> resolved =
        resolve(store_, context.realm->id, target.name, target.qualifier);
    if (!resolved) {
      throw qualifier_not_found(target.arn, target.qualifier);
    }
    kept::check_amount(latest, target.qualifier, requested);
    Json provisioned = kept::of(latest, kept::kProvisioned);
    if (resolved->alias && provisioned.contains(resolved->alias->version())) {
      throw errors::conflict(
          "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned "
          "version");
    }
    for (const Alias& alias : store_.aliases(context.realm->id, target.name)) {
      if (alias.version() == target.qualifier && provisioned.contains(alias.name())) {
        throw errors::conflict("Version is pointed by a Provisioned Concurrency alias");
      }
    }
    provisioned[target.qualifier] = {{"requested", requested}, {"modified", now}};
    latest.settings[kept::kProvisioned] = std::move(provisioned);
  });
  return Json{{members::RequestedProvisionedConcurrentExecutions, requested},
              {members::AvailableProvisionedConcurrentExecutions, 0},
              {members::AllocatedProvisionedConcurrentExecutions, 0},
              {members::Status, "IN_PROGRESS"},
              {members::LastModified, now}};
}

gateway::Output Lambda::get_provisioned_concurrency(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (qualifier_kind(target.qualifier) == QualifierKind::latest) {
    throw kept::unpublished();
  }
  const Json provisioned = kept::of(require_published(context, target), kept::kProvisioned);
  if (!provisioned.contains(target.qualifier)) {
    throw errors::user("ProvisionedConcurrencyConfigNotFoundException",
                       "No Provisioned Concurrency Config found for this function", 404);
  }
  return kept::ready(provisioned[target.qualifier]);
}

gateway::Output Lambda::list_provisioned_concurrency(Context& context, Json input) {
  const Target target = latest_of(context, input);
  const Json provisioned = kept::of(require(context, target), kept::kProvisioned);
  std::vector<std::pair<std::string, Json>> items;
  for (auto row = provisioned.begin(); row != provisioned.end(); ++row) {
    Json item = kept::ready(row.value());
    item[members::FunctionArn] = target.arn + ":" + row.key();
    items.emplace_back(row.key(), std::move(item));
  }
  return pages::of(input, members::ProvisionedConcurrencyConfigs, std::move(items));
}

gateway::Output Lambda::delete_provisioned_concurrency(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (qualifier_kind(target.qualifier) == QualifierKind::latest) {
    throw kept::unpublished();
  }
  require_published(context, target);
  change(context, Target{target.name, "", target.arn}, [&](Function& latest, storage::Batch&) {
    Json provisioned = kept::of(latest, kept::kProvisioned);
    provisioned.erase(target.qualifier);
    latest.settings[kept::kProvisioned] = std::move(provisioned);
  });
  return {};
}

void Lambda::forget_qualifier(Function& latest, const std::string& qualifier) {
  for (const char* setting : {kept::kProvisioned, kept::kRuntime}) {
    if (latest.settings.contains(setting)) {
      latest.settings[setting].erase(qualifier);
    }
  }
}

gateway::Output Lambda::put_runtime_management(Context& context, Json input) {
  const Target target = target_of(context, input);
  const Resolved resolved = require_resolved(context, target);
  const bool manual = input.at(members::UpdateRuntimeOn) == "Manual";
  if (manual != input.contains(members::RuntimeVersionArn)) {
    throw errors::invalid_parameter(
        manual ? "RuntimeVersionArn is required when UpdateRuntimeOn is Manual."
               : "RuntimeVersionArn is allowed only when UpdateRuntimeOn is Manual.");
  }
  Json row = {{members::UpdateRuntimeOn, input[members::UpdateRuntimeOn]}};
  if (manual) {
    row[members::RuntimeVersionArn] = input[members::RuntimeVersionArn];
  }
  change(context, Target{target.name, "", target.arn}, [&](Function& latest, storage::Batch&) {
    latest.settings[kept::kRuntime][resolved.function.version()] = row;
  });
  row[members::FunctionArn] = target.named_arn();
  return row;
}

gateway::Output Lambda::get_runtime_management(Context& context, Json input) {
  const Target target = target_of(context, input);
  const Resolved resolved = require_resolved(context, target);
  Json row = kept::of(resolved.latest, kept::kRuntime)
                 .value(resolved.function.version(), Json{{members::UpdateRuntimeOn, "Auto"}});
  row[members::FunctionArn] = target.named_arn();
  return row;
}

gateway::Output Lambda::put_recursion_config(Context& context, Json input) {
  const std::string loop = input.at(members::RecursiveLoop);
  change(context, latest_of(context, input),
         [&loop](Function& latest, storage::Batch&) { latest.settings[kept::kLoop] = loop; });
  return Json{{members::RecursiveLoop, loop}};
}

gateway::Output Lambda::get_recursion_config(Context& context, Json input) {
  const Function latest = require(context, latest_of(context, input));
  return Json{{members::RecursiveLoop, latest.settings.value(kept::kLoop, "Terminate")}};
}

}  // namespace paddock::services::lambda
