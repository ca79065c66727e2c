// ParallelizationFactor: a shard read as several lanes, each with a batch of its own under way.
// Records of one partition key are of one lane, so that they stay in order. Pure functions.
// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/log_source.hpp"
#include "services/lambda/store.hpp"

namespace paddock::services::lambda {

// The lane of a record, below `lanes`: by the item's key (DynamoDB) or the partition key (Kinesis).
size_t lane_of(const events::LogRecord& record, size_t lanes);

// Leaves the lane's records of the page, at most `most` of them; where it goes on follows.
void keep_lane(events::LogPage& page, size_t lane, size_t lanes, size_t most);
// Leaves the first `count` records.
void keep_first(events::LogPage& page, size_t count);

// A lane's name in its rows: the shard's, and with several lanes "SHARD#LANE/LANES".
std::string lane_row(const std::string& shard, size_t lane, size_t lanes);
// nullopt for a name that is none.
struct LaneName {
  std::string shard;
  size_t lane = 0;
  size_t lanes = 1;
};
std::optional<LaneName> parse_lane_row(std::string_view row);

// Where each shard stands if its lanes are put together: nothing is skipped, so what one lane was
// ahead of another is delivered again.
std::map<std::string, ShardPosition> merged(const std::map<std::string, ShardPosition>& rows);

}  // namespace paddock::services::lambda
