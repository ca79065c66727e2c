// What integrations call: Lambda functions, services of this emulator, HTTP endpoints. Shared by
// the data planes of REST, HTTP and WebSocket APIs.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/task.hpp"
#include "gateway/service.hpp"
#include "http/message.hpp"
#include "services/apigateway/gateway_error.hpp"
#include "services/apigateway/http_url.hpp"
#include "services/apigateway/vtl.hpp"

namespace paddock::services::apigateway {

// What an integration is asked, when mappings and templates are done.
struct EndpointRequest {
  EndpointRequest() = default;  // no aggregate: it is passed to coroutines by value

  std::string method;
  std::string uri;  // stage variables and path parameters are in place
  vtl::Parameters query;
  vtl::Parameters headers;
  std::string body;
};

// An answer of an integration, before it is mapped.
struct EndpointAnswer {
  EndpointAnswer() = default;  // no aggregate: it is passed to coroutines by value

  int status = 200;
  http::Headers headers;
  std::string body;
};

// A function's answer to a payload.
struct FunctionAnswer {
  FunctionAnswer() = default;

  std::string payload;
  bool failed = false;  // its payload is an error document
  std::string version;
};

// Calls come from apigateway.amazonaws.com, in the account and region of `context`.
CallIdentity gateway_identity(const gateway::RequestContext& context);

// `event`: the answer is not waited for. Throws GatewayError: no such function, or too late.
Task<FunctionAnswer> invoke_function(gateway::RequestContext& context, std::string arn,
                                     std::string payload, bool event,
                                     std::chrono::milliseconds timeout);

// Thread-safe. `platform` outlives it.
class Endpoints {
 public:
  explicit Endpoints(gateway::Platform& platform) : platform_(platform) {}

  // A request whose URI is "arn:aws:apigateway:REGION:SERVICE:path/PATH" or
  // "…:action/ACTION[&query]"; a function's is invoked. Throws GatewayError.
  Task<EndpointAnswer> call_service(gateway::RequestContext& context, EndpointRequest request,
                                    std::chrono::milliseconds timeout);
  // A request whose URI is http://… or https://…. Throws GatewayError.
  Task<EndpointAnswer> call_http(EndpointRequest request, std::chrono::milliseconds timeout);
  // The same with all at hand; nullopt if there was no answer, none in time, or after `stop`
  // (logged).
  Task<std::optional<http::Response>> send(HttpUrl url, std::string method, http::Headers headers,
                                           std::string body, std::chrono::milliseconds timeout);
  // Waits for the requests to HTTP endpoints that are under way; there are none from then on. To be
  // called while the server's I/O threads are still there.
  void stop();

 private:
  WorkPool* pool();  // nullptr after `stop`

  gateway::Platform& platform_;
  std::mutex pool_mutex_;
  bool stopped_ = false;
  std::unique_ptr<WorkPool> pool_;  // made at the first request to an HTTP endpoint
};

}  // namespace paddock::services::apigateway
