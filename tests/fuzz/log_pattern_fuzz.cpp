// Hostile text as a filter pattern of log events and as the event that it is tried on: refused in
// AWS's words, or matched within bounds; what it takes out of an event goes with a match.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.hpp"
#include "services/logs/pattern.hpp"

namespace logs = paddock::services::logs;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // The pattern, a zero byte, the event.
  const size_t end = text.find('\0');
  const std::string_view message =
      end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  const std::string_view pattern_text = text.substr(0, end);
  if (pattern_text.size() > 1024) return 0;  // the model's limit
  try {
    const logs::Pattern pattern(pattern_text);
    if (pattern.matches(message) != pattern.extract(message).has_value()) std::abort();
  } catch (const paddock::AwsError& error) {
    if (error.code() != "InvalidParameterException") std::abort();
  }
  return 0;
}
