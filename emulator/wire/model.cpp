#include "wire/model.hpp"

#include <algorithm>

namespace paddock::wire {

const Member* Shape::find(std::string_view member) const {
  const auto found =
      std::lower_bound(members.begin(), members.end(), member,
                       [](const Member& one, std::string_view name) { return one.name < name; });
  return found != members.end() && found->name == member ? &*found : nullptr;
}

const Member* Shape::find_wire(std::string_view wire_name) const {
  // Nearly all members travel under their own name, so that search comes first.
  const Member* same = find(wire_name);
  if (same != nullptr && same->wire_name == wire_name) return same;
  for (const Member& member : members) {
    if (member.wire_name == wire_name) return &member;
  }
  return nullptr;
}

const OperationModel* ServiceModel::find(std::string_view operation) const {
  const auto found = std::lower_bound(
      operations.begin(), operations.end(), operation,
      [](const OperationModel& one, std::string_view name) { return one.name < name; });
  return found != operations.end() && found->name == operation ? &*found : nullptr;
}

}  // namespace paddock::wire
