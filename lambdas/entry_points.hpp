// The table of the functions in this folder, generated from lambdas/CMakeLists.txt.
#pragma once

#include <span>

#include "lambda/entry_points.hpp"

namespace paddock::lambdas {

std::span<const lambda::EntryPoint> entry_points();

}  // namespace paddock::lambdas
