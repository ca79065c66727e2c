// UpdateStage: the paths it has, and what AWS says to others
// (https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html).
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"
#include "services/apigateway/stages.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace stage_patches_detail {

using Kind = PatchRule::Kind;

struct Setting {
  std::string_view path;  // the end of a method setting's path
  const char* member;
  Kind kind;
};
constexpr std::array<Setting, 10> kSettings{
    {{"metrics/enabled", m::metricsEnabled, Kind::boolean},
     {"logging/dataTrace", m::dataTraceEnabled, Kind::boolean},
     {"logging/loglevel", m::loggingLevel, Kind::text},
     {"throttling/burstLimit", m::throttlingBurstLimit, Kind::number},
     {"throttling/rateLimit", m::throttlingRateLimit, Kind::real},
     {"caching/ttlInSeconds", m::cacheTtlInSeconds, Kind::number},
     {"caching/enabled", m::cachingEnabled, Kind::boolean},
     {"caching/dataEncrypted", m::cacheDataEncrypted, Kind::boolean},
     {"caching/requireAuthorizationForCacheControl", m::requireAuthorizationForCacheControl,
      Kind::boolean},
     {"caching/unauthorizedCacheControlHeaderStrategy", m::unauthorizedCacheControlHeaderStrategy,
      Kind::text}}};

AwsError no_setting(const Patch& patch) {
  return errors::bad_request("Cannot remove method setting " + patch.path.substr(1) +
                             " because there is no method setting for this method ");
}

Json default_settings() {
  return {{m::metricsEnabled, false},
          {m::dataTraceEnabled, false},
          {m::throttlingBurstLimit, 5000},
          {m::throttlingRateLimit, 10000.0},
          {m::cachingEnabled, false},
          {m::cacheTtlInSeconds, 300},
          {m::cacheDataEncrypted, false},
          {m::requireAuthorizationForCacheControl, true},
          {m::unauthorizedCacheControlHeaderStrategy, "SUCCEED_WITH_RESPONSE_HEADER"}};
}

void check_one_of(const std::string& what, const std::string& value, std::string_view options) {
  for (std::string_view option : split(options, ',')) {
    if (option == value) return;
  }
  throw errors::bad_request("Invalid " + what + " specified. Valid options are " +
                            std::string(options));
}

void check_setting(const Setting& setting, const std::string& value) {
  if (setting.member == std::string_view(m::loggingLevel)) {
    check_one_of("LoggingLevel", value, "OFF,ERROR,INFO");
  } else if (setting.member == std::string_view(m::unauthorizedCacheControlHeaderStrategy)) {
    check_one_of("UnauthorizedCacheControlHeaderStrategy", value,
                 "FAIL_WITH_403,SUCCEED_WITH_RESPONSE_HEADER,SUCCEED_WITHOUT_RESPONSE_HEADER");
  } else if (setting.member == std::string_view(m::cacheTtlInSeconds)) {
    int64_t ttl = -1;
    std::from_chars(value.data(), value.data() + value.size(), ttl);
    if (ttl < 0 || ttl > 3600) {
      throw errors::bad_request("Invalid cache TTL, must be between 0 and 3600");
    }
  }
}

// "/{resourcePath}/{httpMethod}/{group}/{setting}"; a resource path of several parts may be escaped
// or not. The key in `methodSettings` is the path as sent.
bool apply_method_setting(Json& stage, const Patch& patch) {
  if (patch.parts.size() < 4) return false;
  std::vector<std::string_view> parts = split(std::string_view(patch.path).substr(1), '/');
  std::string end = std::string(parts[parts.size() - 2]) + "/" + std::string(parts.back());
  for (const Setting& setting : kSettings) {
    if (setting.path != end) continue;
    std::string key = patch.path.substr(1, patch.path.size() - end.size() - 2);
    Json& all = stage[m::methodSettings];
    if (patch.op == "remove") {
      if (!all.contains(key)) throw no_setting(patch);
      const Json defaults = default_settings();
      all[key].erase(setting.member);
      if (defaults.contains(setting.member)) all[key][setting.member] = defaults[setting.member];
      return true;
    }
    check_setting(setting, patch.value);
    if (!all.contains(key)) all[key] = all.value("*/*", default_settings());
    Patch one = patch;
    one.parts = {setting.member};
    apply_patch(all[key], one, {setting.kind});
    return true;
  }
  return false;
}

void apply_access_log(Json& stage, const Patch& patch) {
  bool is_root = patch.parts.size() == 1;
  if (patch.op == "remove") {
    if (!is_root) throw no_setting(patch);
    stage.erase(m::accessLogSettings);
    return;
  }
  bool is_member = patch.parts.size() == 2 &&
                   (patch.parts[1] == m::destinationArn || patch.parts[1] == m::format);
  if (!is_member) {
    throw errors::bad_request(
        "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, "
        "/accessLogSettings/format]");
  }
  if (patch.value.empty()) throw errors::bad_request("Access Log value must not be empty");
  stage[m::accessLogSettings][patch.parts[1]] = patch.value;
}

void set_canary(Json& stage, const Patch& patch,
                const std::function<bool(const std::string&)>& deployment_exists) {
  Json canary = stage.contains(m::canarySettings) ? stage[m::canarySettings]
                                                  : new_canary_settings(Json::object(), stage);
  if (patch.parts.size() == 3 && patch.parts[1] == m::stageVariableOverrides) {
    if (patch.op == "remove") {
      canary[m::stageVariableOverrides].erase(patch.parts[2]);
    } else {
      canary[m::stageVariableOverrides][patch.parts[2]] = patch.value;
      check_stage_variables(canary[m::stageVariableOverrides]);
    }
    if (canary[m::stageVariableOverrides].empty()) canary.erase(m::stageVariableOverrides);
  } else if (patch.parts.size() == 2 && patch.parts[1] == m::deploymentId) {
    if (!deployment_exists(patch.value)) {
      throw errors::bad_request("Deployment id does not exist");
    }
    canary[m::deploymentId] = patch.value;
  } else if (patch.parts.size() == 2 &&
             (patch.parts[1] == m::percentTraffic || patch.parts[1] == m::useStageCache)) {
    bool is_percent = patch.parts[1] == m::percentTraffic;
    Patch one = patch;
    one.parts = {patch.parts[1]};
    apply_patch(canary, one, {is_percent ? Kind::real : Kind::boolean});
    canary = new_canary_settings(canary, stage);
  } else {
    throw errors::bad_stage_path(patch.path);
  }
  stage[m::canarySettings] = std::move(canary);
}

void apply_canary(Json& stage, const Patch& patch,
                  const std::function<bool(const std::string&)>& deployment_exists) {
  if (patch.op == "add") {
    throw errors::bad_request("Invalid add operation with path: " + patch.path);
  }
  bool is_override = patch.parts.size() == 3 && patch.parts[1] == m::stageVariableOverrides;
  if (patch.op == "remove" && !is_override) {
    if (patch.parts.size() != 1) throw no_setting(patch);
    stage.erase(m::canarySettings);
    return;
  }
  set_canary(stage, patch, deployment_exists);
}

// Promotes the canary: the only copies there are.
void apply_copy(Json& stage, const Patch& patch) {
  bool good_path = patch.path == "/deploymentId" || patch.path == "/variables";
  bool good_from = patch.from == "/canarySettings/deploymentId" ||
                   patch.from == "/canarySettings/stageVariableOverrides";
  if (!good_path || !good_from) {
    throw errors::bad_request(
        "Invalid copy operation with path: " + patch.path + " and from " + patch.from +
        ". Valid copy:path are [/deploymentId, /variables] and valid copy:from are "
        "[/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]");
  }
  if (!stage.contains(m::canarySettings)) {
    throw errors::bad_request("Promotion not available. Canary does not exist.");
  }
  const Json& canary = stage[m::canarySettings];
  if (patch.from == "/canarySettings/deploymentId") {
    Json promoted = canary[m::deploymentId];
    stage[m::deploymentId] = std::move(promoted);
  } else if (canary.contains(m::stageVariableOverrides)) {
    Json overrides = canary[m::stageVariableOverrides];
    stage[m::variables].update(overrides);
  }
}

void apply_one(Json& stage, const Patch& patch,
               const std::function<bool(const std::string&)>& deployment_exists) {
  static const std::map<std::string, PatchRule> kRules{
      {m::deploymentId, {Kind::text}},
      {m::description, {Kind::text}},
      {m::documentationVersion, {Kind::text}},
      {m::clientCertificateId, {Kind::text}},
      {m::cacheClusterEnabled, {Kind::boolean, nullptr, true}},
      {m::cacheClusterSize, {Kind::text, nullptr, true}},
      {m::tracingEnabled, {Kind::boolean, nullptr, true}},
  };
  if (patch.op == "copy") return apply_copy(stage, patch);
  if (patch.op != "add" && patch.op != "remove" && patch.op != "replace") {
    throw errors::bad_patch_op();
  }
  auto rule = kRules.find(patch.parts[0]);
  if (rule != kRules.end() && patch.parts.size() == 1) {
    apply_patch(stage, patch, rule->second);
  } else if (patch.parts[0] == m::variables && patch.parts.size() == 2) {
    apply_patch(stage, patch, {Kind::member});
  } else if (patch.parts[0] == m::accessLogSettings) {
    apply_access_log(stage, patch);
  } else if (patch.parts[0] == m::canarySettings) {
    apply_canary(stage, patch, deployment_exists);
  } else if (apply_method_setting(stage, patch)) {
    return;
  } else if (patch.op == "remove" && patch.parts.size() >= 2 && patch.parts[0] != m::tags) {
    if (stage[m::methodSettings].erase(patch.path.substr(1)) == 0) throw no_setting(patch);
  } else {
    throw errors::bad_stage_path(patch.path);
  }
}

}  // namespace stage_patches_detail

void apply_stage_patches(Json& stage, const Json& operations,
                         const std::function<bool(const std::string&)>& deployment_exists) {
  for (const Patch& patch : raw_patches(operations)) {
    stage_patches_detail::apply_one(stage, patch, deployment_exists);
  }
  if (!deployment_exists(stage.value(m::deploymentId, ""))) {
    throw errors::bad_request("Deployment id does not exist");
  }
  check_stage_variables(stage.value(m::variables, Json()));
  settle_cache_cluster(stage);
}

Json method_setting_of(const Json& stage, const std::string& resource_path,
                       const std::string& http_method) {
  auto all = stage.find(m::methodSettings);
  if (all == stage.end() || all->empty()) return nullptr;
  std::string escaped;
  for (char c : resource_path) {
    if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  // "/pets/x" may have been written "~1pets~1x", "pets~1x" or "pets/x".
  for (const std::string& path : {escaped, escaped.substr(2), resource_path.substr(1)}) {
    for (const std::string& method : {http_method, std::string("*")}) {
      auto found = all->find(path + "/" + method);
      if (found != all->end()) return *found;
    }
  }
  return all->value("*/*", Json());
}

}  // namespace paddock::services::apigateway
