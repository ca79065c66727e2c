#include "lambdas/sdk/runtime_loop.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include "core/json.hpp"
#include "http/client.hpp"
#include "lambda/outcome.hpp"
#include "lambdas/sdk/remote.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace paddock::sdk {
namespace runtime_loop {

using http::ClientConnection;
using http::ClientOptions;
using http::Headers;
using http::Response;

const std::string kPrefix = "/2018-06-01/runtime/";
// An idle function waits in `next` for as long as it lives.
constexpr std::chrono::hours kNextTimeout{24};
constexpr int kMostFailures = 3;

invocation_request to_request(const Response& next) {
  const auto header = [&](const char* name) { return std::string(next.headers.get(name)); };
  invocation_request request;
  request.payload = next.body;
  request.request_id = header("Lambda-Runtime-Aws-Request-Id");
  request.xray_trace_id = header("Lambda-Runtime-Trace-Id");
  request.client_context = header("Lambda-Runtime-Client-Context");
  request.cognito_identity = header("Lambda-Runtime-Cognito-Identity");
  request.function_arn = header("Lambda-Runtime-Invoked-Function-Arn");
  // A time_point counts nanoseconds and ends in 2262.
  constexpr int64_t kLatestMs = 9'000'000'000'000;
  const std::chrono::milliseconds deadline(std::clamp<int64_t>(
      std::strtoll(header("Lambda-Runtime-Deadline-Ms").c_str(), nullptr, 10), 0, kLatestMs));
  request.deadline = std::chrono::system_clock::time_point(deadline);
  return request;
}

invocation_response run(lambda::HandlerFunction handler, const invocation_request& request) {
  try {
    return handler(request);
  } catch (const Error& error) {
    return invocation_response::failure(error.message(), error.code());
  } catch (const std::exception& error) {
    return invocation_response::failure(error.what(), lambda::type_name(error));
  }
}

void post(ClientConnection& api, const std::string& path, const invocation_response& response) {
  Headers headers;
  headers.set("Content-Type", response.get_content_type());
  if (!response.is_success()) {
    const auto error = Json::parse(response.get_payload(), nullptr, false);
    headers.set("Lambda-Runtime-Function-Error-Type",
                error.is_object() ? error.value("errorType", "Unknown") : "Unknown");
  }
  api.request("POST", kPrefix + path, headers, response.get_payload());
}

// Invocation after invocation, until the Runtime API fails several times in a row.
void serve(ClientConnection& api, lambda::HandlerFunction handler) {
  int failures = 0;
  while (failures < kMostFailures) {
    try {
      const Response next = api.request("GET", kPrefix + "invocation/next", {}, "");
      if (next.status != 200) {
        ++failures;
        std::cerr << "The Runtime API answered " << next.status << "\n";
        continue;
      }
      const invocation_request request = to_request(next);
      const invocation_response response = run(handler, request);
      std::cout << std::flush;
      post(api,
           "invocation/" + request.request_id + (response.is_success() ? "/response" : "/error"),
           response);
      failures = 0;
    } catch (const http::ClientError& error) {
      ++failures;
      std::cerr << error.what() << "\n";
    }
  }
}

// A wrong endpoint would make every invocation fail, so it is told before the first.
bool initialise(ClientConnection& api) {
  try {
    const std::string endpoint = environment("AWS_ENDPOINT_URL");
    if (!endpoint.empty()) parse_endpoint(endpoint);
    return true;
  } catch (const Error& error) {
    post(api, "init/error", invocation_response::failure(error.message(), error.code()));
    return false;
  }
}

}  // namespace runtime_loop

int serve_runtime_api(lambda::HandlerFunction handler) {
  const std::string address = environment("AWS_LAMBDA_RUNTIME_API");
  if (address.empty()) {
    std::cerr << "AWS_LAMBDA_RUNTIME_API is not set: this program runs as a Lambda function's "
                 "bootstrap\n";
    return 1;
  }
  try {
    http::ClientOptions options = parse_endpoint("http://" + address);
    options.timeout = runtime_loop::kNextTimeout;
    http::ClientConnection api(options);
    if (runtime_loop::initialise(api)) runtime_loop::serve(api, handler);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
  }
  return 1;
}

}  // namespace paddock::sdk
