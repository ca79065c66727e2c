#include "services/lambda/tumbling.hpp"

#include "core/text.hpp"
#include "services/lambda/limits.hpp"

namespace paddock::services::lambda {

WorldTime window_start(WorldTime at, Milliseconds span) {
  return WorldTime{at.ms - at.ms % span.count()};
}

size_t records_in_window(const events::LogPage& page, WorldTime start, Milliseconds span) {
  size_t count = 0;
  // A record may be older than its window if that was opened by a later one before a restart.
  while (count < page.records.size() && page.records[count].arrived < start + span) {
    ++count;
  }
  return count;
}

std::string window_event(std::string event, const OpenWindow& window, Milliseconds span,
                         const std::string& shard, const std::string& source_arn, bool final_run) {
  const Json more = {{"window",
                      {{"start", iso8601(window.start.ms, false)},
                       {"end", iso8601((window.start + span).ms, false)}}},
                     {"state", window.state},
                     {"shardId", shard},
                     {"eventSourceARN", source_arn},
                     {"isFinalInvokeForWindow", final_run},
                     {"isWindowTerminatedEarly", window.early}};
  event.back() = ',';
  return event += more.dump().substr(1);
}

std::optional<Json> state_of(const std::string& answer) {
  const Json document = Json::parse(answer.empty() ? "null" : answer, nullptr, false);
  if (document.is_null()) {
    return Json::object();
  }
  if (!document.is_object()) {
    return std::nullopt;
  }
  const auto state = document.find("state");
  if (state == document.end() || state->is_null()) {
    return Json::object();
  }
  return state->is_object() ? std::optional<Json>(*state) : std::nullopt;
}

bool is_too_large(const Json& state) {
  return state.dump(-1, ' ', false, Json::error_handler_t::replace).size() > kMostWindowStateBytes;
}

}  // namespace paddock::services::lambda
