#include "lambda/entry_points.hpp"

#include <algorithm>

namespace paddock::lambda {

const EntryPoint* find_entry_point(std::span<const EntryPoint> table, std::string_view name) {
  auto found = std::find_if(table.begin(), table.end(),
                            [name](const EntryPoint& entry) { return entry.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace paddock::lambda
