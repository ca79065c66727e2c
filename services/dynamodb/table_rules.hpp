// The rules of changing a table. Pure; all throw AwsError.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/json.hpp"
#include "services/dynamodb/model.hpp"

namespace paddock::services::dynamodb {

// What UpdateTable refuses to do in one request.
void check_combination(const Json& input);

// The throughput after a change of `table` (no name) or an index: stamped, and counted against the
// decreases of a day.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
Throughput changed_throughput(const Throughput& current, const Throughput& wanted,
                              std::string_view index, int64_t now_ms);
// NumberOfDecreasesToday.
int64_t decreases_today(const Throughput& throughput, int64_t now_ms);

// OnDemandThroughput after a request: members left out stay as they were, -1 takes one away.
// `what` it is of: "table" or "index NAME". `at_creation`: there is nothing to take away.
Json changed_limits(const Json& current, const Json& asked, bool on_demand, std::string_view what,
                    bool at_creation);

// Throws if a warm throughput is below what the table or index starts with (`at_creation`) or has:
// it never goes down. `shown` is a WarmThroughput as DescribeTable has it.
void check_warm(const Json& shown, const Json& asked, bool on_demand, std::string_view what,
                bool at_creation);

// StreamSpecification of a request; `creating` chooses the words.
void check_stream(const Json& specification, bool creating);

}  // namespace paddock::services::dynamodb
