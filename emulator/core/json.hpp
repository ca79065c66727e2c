// The document every operation takes and returns, and the JSON library behind it.
//
// A document's members carry the names of the AWS model; blobs are `Json::binary`, timestamps are
// integer milliseconds since 1970 (UTC). No code relies on the order of members.
#pragma once

#include <nlohmann/json.hpp>

namespace paddock {

using Json = nlohmann::json;

}  // namespace paddock
