#include "services/apigateway/served_stage.hpp"

#include "models/apigateway.hpp"
#include "services/apigateway/stages.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace served_stage_detail {

MethodPolicy policy_from(const Json& setting, const std::string& http_method, bool of_all) {
  MethodPolicy policy;
  if (!setting.is_object()) return policy;
  auto number = [&](const char* member) -> std::optional<double> {
    auto found = setting.find(member);
    if (found == setting.end() || !found->is_number()) return std::nullopt;
    return found->get<double>();
  };
  if (auto rate = number(m::throttlingRateLimit); rate && *rate >= 0) {
    policy.throttle.rate_per_second = *rate;
  }
  if (auto burst = number(m::throttlingBurstLimit); burst && *burst >= 0) {
    policy.throttle.burst = static_cast<int64_t>(*burst);
  }
  // A setting for all methods caches those that only read.
  policy.caching = setting.value(m::cachingEnabled, false) && (!of_all || http_method == "GET");
  policy.cache_ttl = std::chrono::seconds(setting.value(m::cacheTtlInSeconds, 300));
  policy.invalidation_needs_authorization =
      setting.value(m::requireAuthorizationForCacheControl, true);
  policy.unauthorized_invalidation =
      setting.value(m::unauthorizedCacheControlHeaderStrategy, "SUCCEED_WITH_RESPONSE_HEADER");
  return policy;
}

}  // namespace served_stage_detail

ServedStage::ServedStage(std::shared_ptr<const Realm> realm_given, Json api_given, Json stage_given,
                         std::shared_ptr<const CompiledDeployment> main_given,
                         std::shared_ptr<const CompiledDeployment> canary_given)
    : realm(std::move(realm_given)),
      api(std::move(api_given)),
      stage(std::move(stage_given)),
      api_id(api.value(m::id, "")),
      stage_name(stage.value(m::stageName, "")),
      main(std::move(main_given)),
      canary(std::move(canary_given)) {
  variables = stage.value(m::variables, Json::object());
  if (!variables.is_object()) variables = Json::object();
  canary_variables = variables;
  const Json settings = stage.value(m::canarySettings, Json::object());
  if (settings.is_object()) {
    canary_percent = settings.value(m::percentTraffic, 0.0);
    const Json overrides = settings.value(m::stageVariableOverrides, Json::object());
    if (overrides.is_object()) canary_variables.update(overrides);
  }
  binary_types = api.value(m::binaryMediaTypes, Json());
  key_by_authorizer = api.value(m::apiKeySource, "HEADER") == "AUTHORIZER";
  cache_enabled = stage.value(m::cacheClusterEnabled, false);
  try {
    if (api.contains(m::policy) && api[m::policy].is_string()) {
      policy = wire::parse_json(api[m::policy].get_ref<const std::string&>());
    }
  } catch (const std::invalid_argument&) {
    // AWS refuses such a policy when it is set; here it restricts nothing.
  }
  for (const auto* deployment : {main.get(), canary.get()}) {
    if (!deployment) continue;
    for (const auto& [key, method] : deployment->methods()) {
      const Json setting = method_setting_of(stage, method.resource_path, method.http_method);
      const Json all = stage.value(m::methodSettings, Json::object()).value("*/*", Json());
      policies_.emplace(
          method.resource_path + ' ' + method.http_method,
          served_stage_detail::policy_from(setting, method.http_method, setting == all));
    }
  }
}

const MethodPolicy& ServedStage::policy_of(const CompiledMethod& method) const {
  static const MethodPolicy kNone;
  auto found = policies_.find(method.resource_path + ' ' + method.http_method);
  return found == policies_.end() ? kNone : found->second;
}

}  // namespace paddock::services::apigateway
