// A stand-alone custom runtime around one function: asks the Runtime API for invocations and
// answers them. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include "core/json.hpp"
#include "http/client.hpp"
#include "lambdas/sdk/remote.hpp"
#include "lambdas/sdk/sdk.hpp"

paddock::sdk::invocation_response PADDOCK_HANDLER(const paddock::sdk::invocation_request& request);

namespace {

using paddock::http::ClientConnection;
using paddock::http::ClientOptions;
using paddock::http::Headers;
using paddock::http::Response;
using paddock::sdk::invocation_request;
using paddock::sdk::invocation_response;

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

invocation_response run(const invocation_request& request) {
  try {
    return PADDOCK_HANDLER(request);
  } catch (const paddock::sdk::Error& error) {
    return invocation_response::failure(error.message(), error.code());
  } catch (const std::exception& error) {
    return invocation_response::failure(error.what(), "Runtime.UnhandledException");
  }
}

void post(ClientConnection& api, const std::string& path, const invocation_response& response) {
  Headers headers;
  headers.set("Content-Type", response.get_content_type());
  if (!response.is_success()) {
    const auto error = paddock::Json::parse(response.get_payload(), nullptr, false);
    headers.set("Lambda-Runtime-Function-Error-Type",
                error.is_object() ? error.value("errorType", "Unknown") : "Unknown");
  }
  api.request("POST", kPrefix + path, headers, response.get_payload());
}

// Invocation after invocation, until the Runtime API fails several times in a row.
void serve(ClientConnection& api) {
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
      const invocation_response response = run(request);
      post(api,
           "invocation/" + request.request_id + (response.is_success() ? "/response" : "/error"),
           response);
      failures = 0;
    } catch (const paddock::http::ClientError& error) {
      ++failures;
      std::cerr << error.what() << "\n";
    }
  }
}

// A wrong endpoint would make every invocation fail, so it is told before the first.
bool initialise(ClientConnection& api) {
  try {
    const std::string endpoint = paddock::sdk::environment("AWS_ENDPOINT_URL");
    if (!endpoint.empty()) paddock::sdk::parse_endpoint(endpoint);
    return true;
  } catch (const paddock::sdk::Error& error) {
    post(api, "init/error", invocation_response::failure(error.message(), error.code()));
    return false;
  }
}

}  // namespace

int main() {
  const std::string address = paddock::sdk::environment("AWS_LAMBDA_RUNTIME_API");
  if (address.empty()) {
    std::cerr << "AWS_LAMBDA_RUNTIME_API is not set: this program runs as a Lambda function's "
                 "bootstrap\n";
    return 1;
  }
  try {
    ClientOptions options = paddock::sdk::parse_endpoint("http://" + address);
    options.timeout = kNextTimeout;
    ClientConnection api(options);
    if (initialise(api)) serve(api);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
  }
  return 1;
}
