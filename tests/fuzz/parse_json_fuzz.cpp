#include <cstdlib>
#include <stdexcept>

#include "wire/codec.hpp"

// What parse_json accepts, the library accepts as the same value; the rest is invalid_argument.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const paddock::Json value = paddock::wire::parse_json(text);
    if (paddock::Json::parse(text) != value) std::abort();
  } catch (const std::invalid_argument&) {
  }
  try {
    paddock::wire::parse_form(text);
  } catch (const std::invalid_argument&) {
  }
  return 0;
}
