// Documents that several operations answer, and rules that they share. Pure functions.
#pragma once

#include <map>
#include <string>

#include "services/kinesis/model.hpp"

namespace paddock::services::kinesis {

Json shard_json(const Shard& shard);                  // a Shard
Json warm_throughput_json(const StreamInfo& stream);  // a WarmThroughputObject
// Throws InvalidArgumentException for characters that tags may not have.
void check_tags(const std::map<std::string, std::string>& tags);

}  // namespace paddock::services::kinesis
