// Metric filters and subscription filters of a log group as data, and what they make of events; no
// store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "services/logs/model.hpp"
#include "services/logs/pattern.hpp"

namespace paddock::services::logs {

// A filter of either kind: how it is described, in the members of the model (without logGroupName).
struct Filter {
  std::string name;
  Json described = Json::object();

  std::string pattern_text() const { return described.at(members::filterPattern); }
};

// One data point of a metric filter.
struct MetricPoint {
  std::string name_space;
  std::string name;
  std::string unit;
  std::vector<std::pair<std::string, std::string>> dimensions;  // sorted by name
  double value = 0;
};

// What the filter reports of a message: its value if the pattern matches, else the default if it
// has one. A value that is not there, or is no number, and a dimension that is not there report
// nothing.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
std::optional<MetricPoint> metric_point(const Filter& filter, const Pattern& pattern,
                                        const std::string& message);

// Throws InvalidParameterException for what the model does not say of a transformation: a value
// that is neither a number nor a field, dimensions where nothing can give them.
void check_transformation(const Json& transformation, const Pattern& pattern);

// The documents that a subscription's destination gets for these events of one stream, each of at
// most `most_bytes` (but for a single event); empty if none matches.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
std::vector<std::string> subscription_documents(const Filter& filter, const std::string& account,
                                                const std::string& group, const Stream& stream,
                                                const std::vector<Event>& events,
                                                size_t most_bytes);

// {"awslogs":{"data": base64 of gzip}}, what a function gets.
std::string function_payload(const std::string& document);

}  // namespace paddock::services::logs
