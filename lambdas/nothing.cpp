// Does nothing: what is left of a call's time is the emulator's own (tests/bench/apis).
#include "lambdas/sdk/sdk.hpp"

namespace sdk = paddock::sdk;

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request&) {
  return sdk::invocation_response::success(R"({"statusCode": 200})", "application/json");
}
