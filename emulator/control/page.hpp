// The small page at /: what is deployed, what happened, what is covered.
#pragma once

#include <string_view>

namespace paddock::control {

extern const std::string_view kPage;

}  // namespace paddock::control
