// Calls of services behind HTTP APIs, in-process.
#pragma once

#include <chrono>

#include "gateway/service.hpp"
#include "services/apigateway/http_api_services.hpp"

namespace paddock::services::apigateway::v2 {

// An error of the service is answered as the service answers it; one that is not emulated as a
// failure of the gateway, and the log names it.
Task<http::Response> run_service_call(gateway::RequestContext& context, ServiceCall call,
                                      std::chrono::milliseconds timeout);

}  // namespace paddock::services::apigateway::v2
