// TestInvokeMethod and TestInvokeAuthorizer: a method or an authorizer of the definition as it is
// now, without a deployment, and the log of what happened
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html).
#include <array>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/data_plane.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/policy_document.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace test_invoke_detail {

// "Fri Nov 20 07:36:00 UTC 2026"
std::string log_time(int64_t ms) {
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime time = civil_time(ms);
  char text[64];
  std::snprintf(text, sizeof text, "%s %s %02d %02d:%02d:%02d UTC %04d",
                kDays[static_cast<size_t>(time.weekday)],
                kMonths[static_cast<size_t>(time.month - 1)], time.day, time.hour, time.minute,
                time.second, time.year);
  return text;
}

std::string log_text(const ExecutionLog& log, const std::string& request_id, int64_t ms) {
  const std::string time = log_time(ms);
  std::string text = "Execution log for request " + request_id + "\n";
  for (const auto& line : log.lines()) text += time + " : " + line + "\n";
  return text;
}

void add_headers(const Json& input, http::Headers& headers) {
  const Json single = input.value(m::headers, Json::object());
  const Json multi = input.value(m::multiValueHeaders, Json::object());
  for (const auto& [name, value] : single.items()) {
    if (value.is_string() && !multi.contains(name)) headers.add(name, value.get<std::string>());
  }
  for (const auto& [name, values] : multi.items()) {
    for (const auto& value : values) {
      if (value.is_string()) headers.add(name, value.get<std::string>());
    }
  }
}

http::RequestHead head_of(const Json& input, const std::string& method, const std::string& path) {
  http::RequestHead head;
  head.method = method;
  std::string target = input.value(m::pathWithQueryString, "");
  if (target.empty()) target = path;
  if (!target.starts_with('/')) target.insert(0, "/");
  head.set_target(target);
  add_headers(input, head.headers);
  head.remote_address = "test-invoke-source-ip";
  return head;
}

// A stage that serves the definition itself.
std::shared_ptr<const ServedStage> stage_of(std::shared_ptr<const Realm> realm, Json api,
                                            const char* name, const Json& input) {
  Json deployment = {{m::id, ""}};
  for (const char* part : kSnapshot) {
    if (api.contains(part)) deployment[part] = api[part];
  }
  Json stage = {{m::stageName, name}};
  stage[m::variables] = input.value(m::stageVariables, Json::object());
  auto compiled = std::make_shared<const CompiledDeployment>(deployment);
  return std::make_shared<const ServedStage>(std::move(realm), rest_api_view(std::move(api)),
                                             std::move(stage), std::move(compiled), nullptr);
}

void log_start(Invocation& in) {
  in.log.add("Starting execution for request: " + in.request_id);
  in.log.add("HTTP Method: " + in.head.method + ", Resource Path: " + in.path);
  in.log.add("Method request path: " + shown(in.path_parameters));
  in.log.add("Method request query string: " + shown(in.query));
  in.log.add("Method request headers: " + shown(in.headers));
  in.log.add("Method request body before transformations: " + in.body);
}

void log_end(Invocation& in, const http::Response& response) {
  vtl::Parameters headers;
  for (const auto& [name, value] : response.headers) headers.emplace_back(name, value);
  in.log.add("Method response body after transformations: " + response.body);
  in.log.add("Method response headers: " + shown(headers));
  in.log.add("Successfully completed execution");
}

}  // namespace test_invoke_detail

Task<TestOutcome> DataPlane::test_method(Context& context, Json api, Json input) {
  namespace d = test_invoke_detail;
  const std::string resource_id = input[m::resourceId];
  const std::string http_method = input[m::httpMethod];
  const Json& resources = api.at(kResources);
  if (!resources.contains(resource_id)) throw errors::no_such_resource();
  const std::string resource_path = resources[resource_id].value(m::path, "/");
  auto stage = d::stage_of(context.realm, std::move(api), "test-invoke-stage", input);
  const http::RequestHead head = d::head_of(input, http_method, resource_path);
  Invocation in(head, stage);
  in.log = ExecutionLog(true);
  in.deployment = stage->main.get();
  in.method = in.deployment->method_of_resource(resource_id, http_method);
  if (!in.method) throw errors::no_such_method();
  in.path = head.path;
  in.body = input.value(m::body, "");
  in.request_id = platform_.ids.request_uuid();
  in.extended_request_id = platform_.ids.base36(kSystemRealm, "apigw", 16);
  in.time_ms = platform_.world.now().ms;
  // A path that is not the resource's has no parameters, and is used all the same.
  CompiledDeployment::Match match = in.deployment->match(head.path, http_method);
  if (match.method == in.method) {
    for (auto& [name, value] : match.parameters) in.path_parameters.emplace_back(name, value);
  }
  in.read_head();
  if (in.method->integration.type != CompiledIntegration::Type::mock) {
    in.trace_id = "Root=1-" + platform_.ids.hex(kSystemRealm, "trace", 32).insert(8, "-");
  }
  d::log_start(in);
  TestOutcome outcome;
  const MachineClock::Steady started = platform_.machine.now();
  try {
    co_await run(context, in, outcome.response);
    d::log_end(in, outcome.response);
  } catch (const GatewayError& error) {
    outcome.response = refusal(&in, error);
    outcome.response.headers.remove("content-type");
    in.log.add("Execution failed due to " + (error.reason.empty() ? error.message : error.reason));
  }
  in.log.add("Method completed with status: " + std::to_string(outcome.response.status));
  const auto spent = platform_.machine.now() - started;
  outcome.latency_ms = std::chrono::duration_cast<Milliseconds>(spent).count();
  outcome.log = d::log_text(in.log, in.request_id, in.time_ms);
  co_return outcome;
}

Task<Json> DataPlane::test_authorizer(Context& context, Json api, Json input) {
  namespace d = test_invoke_detail;
  const std::string id = input[m::authorizerId];
  auto stage = d::stage_of(context.realm, std::move(api), "ESTestInvoke-stage", input);
  const CompiledAuthorizer* authorizer = stage->main->authorizer(id);
  if (!authorizer) throw errors::not_found("Invalid Authorizer identifier specified");
  if (authorizer->type == "COGNITO_USER_POOLS") {
    throw errors::not_emulated("An authorizer of type COGNITO_USER_POOLS");
  }
  const http::RequestHead head = d::head_of(input, "GET", "/");
  CompiledMethod method;
  method.resource_path = "/";
  Invocation in(head, stage);
  in.log = ExecutionLog(true);
  in.deployment = stage->main.get();
  in.method = &method;
  in.path = head.path;
  in.body = input.value(m::body, "");
  in.request_id = platform_.ids.request_uuid();
  in.time_ms = platform_.world.now().ms;
  in.read_head();
  in.log.add("Starting authorizer: " + id);
  Json answer = {{m::clientStatus, 200}};
  const MachineClock::Steady started = platform_.machine.now();
  try {
    std::shared_ptr<const Grant> grant = co_await ask_authorizer(context, in, *authorizer);
    answer[m::principalId] = grant->principal;
    answer[m::policy] = grant->policy.dump();
    in.log.add("Using valid authorizer policy for principal: " + grant->principal);
    in.log.add("Successfully completed authorizer execution");
  } catch (const GatewayError& error) {
    answer[m::clientStatus] = error.status;
    in.log.add("Execution failed due to " +
               (error.message.empty() ? "configuration error" : error.message));
  }
  const auto spent = platform_.machine.now() - started;
  answer[m::latency] = std::chrono::duration_cast<Milliseconds>(spent).count();
  answer[m::log] = d::log_text(in.log, in.request_id, in.time_ms);
  co_return answer;
}

}  // namespace paddock::services::apigateway
