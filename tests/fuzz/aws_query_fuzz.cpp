#include "decode_fuzz.hpp"
#include "models/iam.hpp"

// The first byte chooses the operation, the rest is the form.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto& operation =
      paddock::models::iam.operations[data[0] % paddock::models::iam.operations.size()];
  const paddock::http::RequestHead head;
  paddock::fuzz::try_decode(paddock::wire::Protocol::aws_query, paddock::models::iam, operation,
                            head, {reinterpret_cast<const char*>(data + 1), size - 1}, {});
  return 0;
}
