// Rendering mapping templates with API Gateway's variables $input, $util, $context and
// $stageVariables
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html).
//
// API Gateway runs Velocity 1.7 with a handler that makes "" of every reference that leads nowhere:
// so such a reference prints nothing, is true in an #if, and equals both '' and $null.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "services/apigateway/vtl_template.hpp"

namespace paddock::services::apigateway::vtl {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// What a template sees. The views must outlive the rendering.
struct Inputs {
  std::string_view body;  // of the request, or of the integration's answer
  const Parameters* path = nullptr;
  const Parameters* querystring = nullptr;
  const Parameters* header = nullptr;
  const Json* stage_variables = nullptr;
  // The document behind $context, asked for at its first use. What a template assigns to its
  // members requestOverride and responseOverride is written back into it.
  std::function<Json&()> context;
};

// Work one rendering may cause (see Budget): about a tenth of a second.
inline constexpr int64_t kMaxSteps = 1'000'000;
inline constexpr size_t kMaxLoop = 1000;       // turns of one #foreach, AWS's quota
inline constexpr size_t kMaxCalls = 20;        // macros and blocks within each other, Velocity's
inline constexpr size_t kMaxEvaluation = 500;  // nodes within each other, all told

// Throws TemplateError. Does not wait.
std::string render(const Template& text, const Inputs& inputs);
// With further variables, by name: for tests.
std::string render(const Template& text, const Inputs& inputs, const Json& variables);

}  // namespace paddock::services::apigateway::vtl
