// Stages: what they are made of and how they are patched. All throw BadRequestException.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-stages.html
#pragma once

#include <functional>
#include <string>

#include "core/json.hpp"

namespace paddock::services::apigateway {

class Control;

void check_stage_name(const std::string& name);
// `variables`: by name; may be null.
void check_stage_variables(const Json& variables);
// Throws LimitExceededException if one more is one too many.
void check_number_of_stages(size_t present);

// A stage from the members that CreateStage and CreateDeployment share; no canary.
Json new_stage(const Control& control, const Json& input, const std::string& deployment);
// Canary settings, defaults included, of a stage: `given` in the model's shape, members optional.
Json new_canary_settings(const Json& given, const Json& stage);
// Status and size of the cache cluster, from whether it is enabled.
void settle_cache_cluster(Json& stage);

// UpdateStage: all operations, or none. `deployment_exists` says whether an id is a deployment.
void apply_stage_patches(Json& stage, const Json& operations,
                         const std::function<bool(const std::string&)>& deployment_exists);

// The settings a stage has for a method of a resource ("/pets/{id}", "GET"): its own, else those of
// all methods; null if it has none. In the model's shape MethodSetting.
Json method_setting_of(const Json& stage, const std::string& resource_path,
                       const std::string& http_method);

}  // namespace paddock::services::apigateway
