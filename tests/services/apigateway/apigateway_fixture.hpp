// An emulator with functions that answer what a test asks for, and the steps that make an API.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "support/test_emulator.hpp"

namespace paddock::services::apigateway::testing {

using aws::lambda_runtime::invocation_request;
using aws::lambda_runtime::invocation_response;
using ::paddock::testing::CallResult;
using ::paddock::testing::TestEmulator;

// Holds the function "waiting" until a test lets it go on.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return open_; });
  }
  void set_open(bool open) {
    std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

inline Gate& gate() {
  static Gate instance;
  return instance;
}

// Answers with its event as the body.
inline invocation_response show_event(const invocation_request& request) {
  Json answer = {{"statusCode", 200}, {"body", request.payload}};
  return invocation_response::success(answer.dump(), "application/json");
}
// Answers with what the client sent, as the function's result.
inline invocation_response as_told(const invocation_request& request) {
  const Json event = Json::parse(request.payload);
  return invocation_response::success(event["body"].get<std::string>(), "application/json");
}
inline invocation_response failing(const invocation_request&) {
  return invocation_response::failure("it broke", "Broken");
}
inline invocation_response waiting(const invocation_request&) {
  gate().pass();
  return invocation_response::success(R"({"statusCode":200})", "application/json");
}

// Answers with its event, as the function's whole result.
inline invocation_response echo(const invocation_request& request) {
  return invocation_response::success(request.payload, "application/json");
}
// Answers with a number that rises.
inline invocation_response counting(const invocation_request&) {
  static std::atomic<int> calls{0};
  Json answer = {{"statusCode", 200}, {"body", std::to_string(++calls)}};
  return invocation_response::success(answer.dump(), "application/json");
}
// A Lambda authorizer that does what the token (or the header Auth) says.
inline invocation_response authorizer(const invocation_request& request) {
  static std::atomic<int> calls{0};
  const Json event = Json::parse(request.payload);
  const bool by_token = event["type"] == "TOKEN";
  const std::string token = by_token ? event["authorizationToken"].get<std::string>()
                                     : event["headers"]["Auth"].get<std::string>();
  if (token == "unauthorized") return invocation_response::failure("Unauthorized", "Error");
  if (token == "broken") return invocation_response::success("{}", "application/json");
  Json context = {{"number", 1}, {"flag", true}, {"count", ++calls}};
  context["arn"] = event["methodArn"];
  if (!by_token) context["q"] = event["queryStringParameters"]["q"];
  const std::string resource =
      token == "other" ? "arn:aws:execute-api:*:*:*/*/POST/*" : "arn:aws:execute-api:*";
  const Json statement = {{"Action", "execute-api:Invoke"},
                          {"Effect", token == "deny" ? "Deny" : "Allow"},
                          {"Resource", resource}};
  Json answer = {{"principalId", "me"},
                 {"policyDocument", {{"Statement", Json::array({statement})}}},
                 {"usageIdentifierKey", token},
                 {"context", context}};
  return invocation_response::success(answer.dump(), "application/json");
}

inline constexpr ::paddock::lambda::EntryPoint kFunctions[] = {
    {"show-event", &show_event}, {"as-told", &as_told}, {"failing", &failing},
    {"waiting", &waiting},       {"echo", &echo},       {"counting", &counting},
    {"authorizer", &authorizer}};

// What tests of REST APIs and of HTTP and WebSocket APIs share. `service`: whose operations they
// call.
class GatewayTest : public ::testing::Test {
 protected:
  GatewayTest(std::string service, std::span<const ::paddock::lambda::EntryPoint> functions)
      : service_(std::move(service)), functions_(functions) {}
  void SetUp() override { start(TestEmulator::in_memory_options()); }
  void TearDown() override { emulator_.reset(); }

  void start(const Options& options) {
    emulator_.reset();
    emulator_ = std::make_unique<TestEmulator>(options, functions_);
  }

  CallResult call(const std::string& operation, const Json& input = Json::object()) {
    return emulator_->call(service_, operation, input);
  }
  // The answer of a call that must succeed; member names as on the wire.
  Json made(const std::string& operation, const Json& input = Json::object()) {
    CallResult result = call(operation, input);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.status << " " << result.text;
    return result.body.is_object() ? result.body : Json::object();
  }
  void expect_error(const CallResult& result, int status, const std::string& code,
                    const std::string& message) {
    EXPECT_EQ(result.status, status) << result.text;
    EXPECT_EQ(result.error(), code);
    EXPECT_EQ(result.message(), message);
  }

  void create_function(const std::string& name) {
    const std::string zip = std::string("PK\x05\x06", 4) + std::string(18, '\0');
    CallResult result = emulator_->call("lambda", "CreateFunction",
                                        {{"FunctionName", name},
                                         {"Role", "arn:aws:iam::000000000000:role/r"},
                                         {"Runtime", "provided.al2023"},
                                         {"Handler", name},
                                         {"Code", {{"ZipFile", to_base64(zip)}}}});
    ASSERT_EQ(result.status, 201) << result.text;
  }
  static std::string uri_of(const std::string& function) {
    return "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
           "arn:aws:lambda:us-east-1:000000000000:function:" +
           function + "/invocations";
  }

  std::unique_ptr<TestEmulator> emulator_;
  std::string api_;

 private:
  const std::string service_;
  const std::span<const ::paddock::lambda::EntryPoint> functions_;
};

class ApiGatewayTest : public GatewayTest {
 protected:
  ApiGatewayTest() : GatewayTest("apigateway", kFunctions) {}

  static Json patch(const std::string& op, const std::string& path, const std::string& value) {
    return {{"op", op}, {"path", path}, {"value", value}};
  }

  // An API of no resources but the root; sets api_ and root_.
  void create_api(const Json& more = Json::object()) {
    Json input = {{"name", "the api"}};
    input.update(more);
    Json api = made("CreateRestApi", input);
    api_ = api.value("id", "");
    root_ = api.value("rootResourceId", "");
  }
  std::string add_resource(const std::string& part, const std::string& parent = "") {
    return made("CreateResource", {{"restApiId", api_},
                                   {"parentId", parent.empty() ? root_ : parent},
                                   {"pathPart", part}})
        .value("id", "");
  }
  Json at(const std::string& resource, const std::string& method, const Json& more = {}) {
    Json input = {{"restApiId", api_}, {"resourceId", resource}, {"httpMethod", method}};
    if (more.is_object()) input.update(more);
    return input;
  }
  void add_method(const std::string& resource, const std::string& method,
                  const std::string& function, const Json& more = Json::object()) {
    made("PutMethod", at(resource, method, {{"authorizationType", "NONE"}}));
    Json integration = {
        {"type", "AWS_PROXY"}, {"integrationHttpMethod", "POST"}, {"uri", uri_of(function)}};
    integration.update(more);
    made("PutIntegration", at(resource, method, integration));
  }
  std::string deploy(const std::string& stage = "Prod") {
    return made("CreateDeployment", {{"restApiId", api_}, {"stageName", stage}}).value("id", "");
  }
  std::string path_to(const std::string& path, const std::string& stage = "Prod") {
    return "/restapis/" + api_ + "/" + stage + "/_user_request_" + path;
  }
  // What the function "as-told" makes the gateway answer.
  CallResult told(const Json& result, const http::Headers& headers = {}) {
    return emulator_->request("POST", path_to("/as"), headers, result.dump());
  }

  std::string root_;
};

}  // namespace paddock::services::apigateway::testing
