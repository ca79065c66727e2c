// Why a request is refused before anyone looks at what it asks for.
#pragma once

#include <string_view>

namespace paddock::http {

// A status and a sentence for people. Status 0 = it is not refused.
struct Refusal {
  Refusal() = default;
  Refusal(int status, std::string_view text) : status(status), text(text) {}
  explicit operator bool() const { return status != 0; }

  int status = 0;
  std::string_view text;  // a literal
};

}  // namespace paddock::http
