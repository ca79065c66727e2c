// The list of services: the only file that knows every one.
#pragma once

#include <span>

#include "gateway/service.hpp"

namespace paddock::services {

std::span<const gateway::ServiceFactory> all();

}  // namespace paddock::services
