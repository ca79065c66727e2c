#include "services/lambda/lanes.hpp"

#include <algorithm>
#include <charconv>

#include "core/random.hpp"

namespace paddock::services::lambda {
namespace lanes {

// What must stay in order; "" for a record without a key.
std::string order_key(const Json& event) {
  if (const auto table = event.find("dynamodb"); table != event.end() && table->is_object()) {
    return table->value("Keys", Json::object()).dump();
  }
  if (const auto stream = event.find("kinesis"); stream != event.end() && stream->is_object()) {
    return stream->value("partitionKey", std::string());
  }
  return "";
}

std::optional<size_t> number(std::string_view text) {
  size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace lanes

size_t lane_of(const events::LogRecord& record, size_t lanes) {
  return lanes <= 1 ? 0 : siphash(Seed{}, lanes::order_key(record.event)) % lanes;
}

void keep_first(events::LogPage& page, size_t count) {
  if (count >= page.records.size()) {
    return;
  }
  page.next_position = page.records[count].position;
  page.end_of_shard = false;
  page.records.resize(count);
}

void keep_lane(events::LogPage& page, size_t lane, size_t lanes, size_t most) {
  if (lanes > 1) {
    std::erase_if(page.records, [lane, lanes](const events::LogRecord& record) {
      return lane_of(record, lanes) != lane;
    });
  }
  keep_first(page, most);
}

std::string lane_row(const std::string& shard, size_t lane, size_t lanes) {
  return lanes <= 1 ? shard : shard + "#" + std::to_string(lane) + "/" + std::to_string(lanes);
}

std::optional<LaneName> parse_lane_row(std::string_view row) {
  LaneName name;
  const size_t mark = row.find('#');
  name.shard = row.substr(0, mark);
  if (mark == std::string_view::npos) {
    return name;
  }
  const size_t slash = row.find('/', mark);
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto lane = lanes::number(row.substr(mark + 1, slash - mark - 1));
  const auto count = lanes::number(row.substr(slash + 1));
  if (!lane || !count || *lane >= *count) {
    return std::nullopt;
  }
  name.lane = *lane;
  name.lanes = *count;
  return name;
}

std::map<std::string, ShardPosition> merged(const std::map<std::string, ShardPosition>& rows) {
  std::map<std::string, ShardPosition> shards;
  for (const auto& [row, position] : rows) {
    const std::optional<LaneName> name = parse_lane_row(row);
    if (!name) {
      continue;
    }
    const auto [shard, is_new] = shards.emplace(name->shard, position);
    if (!is_new) {
      shard->second.position = std::min(shard->second.position, position.position);
      shard->second.finished = shard->second.finished && position.finished;
    }
  }
  return shards;
}

}  // namespace paddock::services::lambda
