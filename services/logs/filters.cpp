#include "services/logs/filters.hpp"

#include <stdexcept>

#include <zlib.h>

#include "core/text.hpp"
#include "services/logs/errors.hpp"
#include "services/logs/limits.hpp"

namespace paddock::services::logs {
namespace filter_rules {

// The value that a text of a transformation stands for: itself, or a field's with '$'.
std::optional<std::string> value_of(const std::string& text, const Pattern::Values& values) {
  if (!text.starts_with('$')) return text;
  const auto found = values.find(text);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  constexpr int kGzip = 15 + 16;  // the largest window, with gzip's header
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::runtime_error("zlib cannot begin");
  }
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) throw std::runtime_error("zlib cannot end");
  return out;
}

// An event as a destination gets it.
Json event_document(const Event& event, const Stream& stream, const Pattern& pattern,
                    const Pattern::Values& values) {
  Json document = {{"id", event_id(event.at, stream.id)},
                   {"timestamp", event.at.timestamp_ms},
                   {"message", event.message}};
  if (!pattern.has_fields()) return document;
  Json& fields = document["extractedFields"] = Json::object();
  for (const auto& [name, value] : values) fields[name.substr(1)] = value;  // without its '$'
  return document;
}

}  // namespace filter_rules

std::optional<MetricPoint> metric_point(const Filter& filter, const Pattern& pattern,
                                        const std::string& message) {
  const Json& transformation = filter.described.at(members::metricTransformations).at(0);
  MetricPoint point;
  point.name = transformation.at(members::metricName);
  point.name_space = transformation.at(members::metricNamespace);
  point.unit = transformation.value(members::unit, std::string("None"));
  const std::optional<Pattern::Values> values = pattern.extract(message);
  if (!values) {
    const auto otherwise = transformation.find(members::defaultValue);
    if (otherwise == transformation.end()) return std::nullopt;
    point.value = otherwise->get<double>();
    return point;
  }
  const auto text = filter_rules::value_of(transformation.at(members::metricValue), *values);
  const std::optional<double> value = text ? number_of(*text) : std::nullopt;
  if (!value) return std::nullopt;
  point.value = *value;
  const Json dimensions = transformation.value(members::dimensions, Json::object());
  for (auto it = dimensions.begin(); it != dimensions.end(); ++it) {
    const auto dimension = filter_rules::value_of(it.value().get<std::string>(), *values);
    if (!dimension) return std::nullopt;
    point.dimensions.emplace_back(it.key(), *dimension);
  }
  return point;
}

void check_transformation(const Json& transformation, const Pattern& pattern) {
  const std::string value = transformation.at(members::metricValue);
  if (!value.starts_with('$') && !number_of(value)) {
    throw errors::invalid(
        "Invalid metric transformation: metric value must be a number or a field "
        "that begins with $");
  }
  const Json dimensions = transformation.value(members::dimensions, Json::object());
  if (dimensions.empty()) return;
  if (transformation.contains(members::defaultValue)) {
    throw errors::invalid(
        "Invalid metric transformation: dimensions and default value are "
        "mutually exclusive properties.");
  }
  if (!pattern.has_values()) {
    throw errors::invalid("The specified filter pattern does not support dimensions");
  }
  if (dimensions.size() > kMostDimensions) {
    throw errors::invalid("Invalid metric transformation: at most " +
                          std::to_string(kMostDimensions) + " dimensions are allowed");
  }
}

std::vector<std::string> subscription_documents(const Filter& filter, const std::string& account,
                                                const std::string& group, const Stream& stream,
                                                const std::vector<Event>& events,
                                                size_t most_bytes) {
  const Pattern pattern(filter.pattern_text());
  const Json empty = {{"messageType", "DATA_MESSAGE"},
                      {"owner", account},
                      {"logGroup", group},
                      {"logStream", stream.name},
                      {"subscriptionFilters", {filter.name}},
                      {"logEvents", Json::array()}};
  const size_t frame = empty.dump().size();
  std::vector<std::string> documents;
  Json document = empty;
  size_t bytes = frame;
  const auto finish = [&] {
    documents.push_back(document.dump(-1, ' ', false, Json::error_handler_t::replace));
    document = empty;
    bytes = frame;
  };
  for (const Event& event : events) {
    const std::optional<Pattern::Values> values = pattern.extract(event.message);
    if (!values) continue;
    Json one = filter_rules::event_document(event, stream, pattern, *values);
    const size_t size = one.dump(-1, ' ', false, Json::error_handler_t::replace).size() + 1;
    if (bytes + size > most_bytes && !document["logEvents"].empty()) finish();
    document["logEvents"].push_back(std::move(one));
    bytes += size;
  }
  if (!document["logEvents"].empty()) finish();
  return documents;
}

std::string function_payload(const std::string& document) {
  return R"({"awslogs":{"data":")" + to_base64(filter_rules::gzip(document)) + R"("}})";
}

}  // namespace paddock::services::logs
