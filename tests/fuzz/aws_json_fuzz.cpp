#include "decode_fuzz.hpp"
#include "models/dynamodb.hpp"
#include "models/logs.hpp"

// The first byte chooses the operation, the rest is the body.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const bool dynamodb = data[0] < 128;
  const paddock::wire::ServiceModel& service =
      dynamodb ? paddock::models::dynamodb : paddock::models::logs;
  const auto& operation = service.operations[data[0] % service.operations.size()];
  const paddock::http::RequestHead head;
  paddock::fuzz::try_decode(service.protocol, service, operation, head,
                            {reinterpret_cast<const char*>(data + 1), size - 1}, {});
  return 0;
}
