// Whether a directory takes a few megabytes again, found by writing them.
#pragma once

#include <string>

namespace paddock::storage {

bool has_space(const std::string& directory);

}  // namespace paddock::storage
