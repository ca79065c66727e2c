// What people may switch to teach or to test: messages that come twice or out of order, and the
// minute for which the name of a deleted queue is taken. /_paddock/settings/sqs changes it.
#include <stdexcept>

#include "services/sqs/service.hpp"

namespace paddock::services::sqs {

namespace queue_switches {

constexpr const char* kDuplicates = "duplicates";
constexpr const char* kReorder = "reorder";
constexpr const char* kNameWait = "name_wait";
constexpr int64_t kReorderMost = 1000;

}  // namespace queue_switches

Json Sqs::settings() const {
  return {{queue_switches::kDuplicates, duplicates_.load()},
          {queue_switches::kReorder, reorder_.load()},
          {queue_switches::kNameWait, name_wait_.load()}};
}

void Sqs::change_settings(const Json& changes) {
  const Json known = settings();
  Json next = known;
  for (const auto& [name, value] : changes.get_ref<const Json::object_t&>()) {
    if (!known.contains(name)) throw std::invalid_argument("Unknown member \"" + name + "\".");
    next[name] = value;
  }
  const Json& duplicates = next[queue_switches::kDuplicates];
  if (!duplicates.is_number() || duplicates.get<double>() < 0 || duplicates.get<double>() > 1) {
    throw std::invalid_argument("duplicates must be a share of deliveries from 0 to 1.");
  }
  const Json& reorder = next[queue_switches::kReorder];
  if (!reorder.is_number_integer() || reorder.get<int64_t>() < 0 ||
      reorder.get<int64_t>() > queue_switches::kReorderMost) {
    throw std::invalid_argument("reorder must be a number of messages from 0 to 1000.");
  }
  const Json& name_wait = next[queue_switches::kNameWait];
  if (!name_wait.is_boolean()) throw std::invalid_argument("name_wait must be true or false.");
  duplicates_ = duplicates.get<double>();
  reorder_ = reorder.get<int64_t>();
  name_wait_ = name_wait.get<bool>();
}

}  // namespace paddock::services::sqs
