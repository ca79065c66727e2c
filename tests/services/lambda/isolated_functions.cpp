// A program with functions built in, as the emulator runs them with --lambda-isolation=process.
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include <unistd.h>

#include "lambdas/sdk/runtime_loop.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace {

using paddock::sdk::invocation_request;
using paddock::sdk::invocation_response;

invocation_response echo(const invocation_request& request) {
  std::cout << "on standard output";
  paddock::sdk::log("COLOUR is " + paddock::sdk::environment("COLOUR"));
  return invocation_response::success(request.payload, "application/json");
}

// Does what a function must not.
invocation_response scripted(const invocation_request& request) {
  if (request.payload == "\"abort\"") std::abort();
  if (request.payload == "\"throw\"") throw std::out_of_range("beyond the end");
  while (request.payload == "\"hang\"") ::pause();
  return invocation_response::success("1", "application/json");
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3 || std::string_view(arguments[1]) != "run-function") return 2;
  const std::string_view name = arguments[2];
  return paddock::sdk::serve_runtime_api(name == "echo" ? &echo : &scripted);
}
