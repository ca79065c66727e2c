// Hostile text as a Number: refused with AwsError, or read to a value that its canonical text and
// both byte forms give back.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "services/dynamodb/number.hpp"

using paddock::services::dynamodb::Number;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const Number number = Number::parse(text);
    std::string key;
    std::string compact;
    number.append_key(key);
    number.encode(compact);
    std::string_view key_rest = key;
    std::string_view compact_rest = compact;
    if (Number::parse(number.text()) != number || Number::read_key(key_rest) != number ||
        Number::decode(compact_rest) != number || !(number.minus(number) == Number()))
      std::abort();
  } catch (const paddock::AwsError&) {
  }
  return 0;
}
