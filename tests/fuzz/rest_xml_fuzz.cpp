#include "decode_fuzz.hpp"
#include "models/s3.hpp"

// The XML body of an operation: its number, then the document.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const std::map<std::string, std::string, std::less<>> labels{{"Bucket", "bucket"},
                                                                      {"Key", "key"}};
  const auto& operations = paddock::models::s3.operations;
  const auto& operation = operations[data[0] % operations.size()];
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const paddock::http::RequestHead head;
  paddock::fuzz::try_decode(paddock::wire::Protocol::rest_xml, paddock::models::s3, operation, head,
                            body, labels);
  return 0;
}
