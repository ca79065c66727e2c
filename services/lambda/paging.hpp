// Lists in pages: Marker, MaxItems and NextMarker.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "services/lambda/limits.hpp"

namespace paddock::services::lambda::pages {

// The key after which the input's page begins, "" for the first. Throws for a Marker of another
// form.
std::string decode_marker(const Json& input);
std::string marker_after(const std::string& key);
// How many items the input's page has at most.
size_t size(const Json& input, size_t most = kMostListed);

// The page of `items`, which are in the order of their keys, as {member: […], "NextMarker"}.
Json of(const Json& input, const char* member, std::vector<std::pair<std::string, Json>> items,
        size_t most = kMostListed);

}  // namespace paddock::services::lambda::pages
