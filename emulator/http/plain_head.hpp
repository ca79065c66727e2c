// The heads that nearly all requests have, read in one pass. It takes nothing that Beast's parser
// would refuse or read otherwise: whatever is rare, long in coming or wrong is left to that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/message.hpp"

namespace paddock::http {

struct PlainHead {
  size_t bytes = 0;             // of the head with its last, empty line
  int64_t content_length = -1;  // -1: not given
};

// A whole HTTP/1.1 head at the front of `bytes`, of at most `limit` bytes, that keeps the
// connection and has no transfer coding, expectation or upgrade: written into `head`, whose headers
// are empty. nullopt if it is another one; `head` then has what was read of it so far.
std::optional<PlainHead> read_plain_head(std::string_view bytes, size_t limit, RequestHead& head);

}  // namespace paddock::http
