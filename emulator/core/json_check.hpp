// A quick look at JSON text that is kept or handed on as it came.
#pragma once

#include <string_view>

namespace paddock {

// True if `text` is one JSON value (RFC 8259, UTF-8) that `Json::parse` takes too. False may also
// mean that it is nested deeper than 1,000 levels. Reads it once, keeps nothing.
bool is_json(std::string_view text);

}  // namespace paddock
