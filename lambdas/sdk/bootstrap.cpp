// A stand-alone custom runtime around one function.
#include "lambdas/sdk/runtime_loop.hpp"
#include "lambdas/sdk/sdk.hpp"

paddock::sdk::invocation_response PADDOCK_HANDLER(const paddock::sdk::invocation_request& request);

int main() {
  return paddock::sdk::serve_runtime_api(&PADDOCK_HANDLER);
}
