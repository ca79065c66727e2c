#include "services/lambda/batch.hpp"

#include <algorithm>
#include <optional>

#include "core/text.hpp"

namespace paddock::services::lambda {
namespace batches {

// What a filter sees of a record.
Json filtered_view(const Json& event) {
  Json view = event;
  view.update(event.at("kinesis"));
  std::optional<std::string> data = from_base64(view.value("data", std::string()));
  Json parsed = data ? Json::parse(*data, nullptr, false) : Json();
  if (parsed.is_discarded()) {
    parsed = valid_utf8(*data) ? Json(*std::move(data)) : Json();
  }
  view["data"] = std::move(parsed);
  return view;
}

}  // namespace batches

std::vector<const events::LogRecord*> select(const events::LogPage& page, const Filter& filter) {
  std::vector<const events::LogRecord*> passed;
  for (const events::LogRecord& record : page.records) {
    const bool decodes = !filter.empty() && record.event.contains("kinesis");
    if (decodes ? filter.matches(batches::filtered_view(record.event))
                : filter.matches(record.event)) {
      passed.push_back(&record);
    }
  }
  return passed;
}

std::string event_of(const std::vector<const events::LogRecord*>& records,
                     const std::string& stream_arn, const std::string& region,
                     const std::string& role) {
  std::string text = R"({"Records":[)";
  for (const events::LogRecord* record : records) {
    Json event = record->event;
    event.emplace("eventSourceARN", stream_arn);
    event.emplace("awsRegion", region);
    if (!role.empty() && event.contains("kinesis")) {
      event.emplace("invokeIdentityArn", role);
    }
    if (text.back() != '[') {
      text += ',';
    }
    text += event.dump();
  }
  return text += "]}";
}

uint64_t position_after(const events::LogPage& page, size_t count) {
  return count < page.records.size() ? page.records[count].position : page.next_position;
}

size_t first_failure(const std::string& answer, const events::LogPage& page) {
  const size_t none = page.records.size();
  const Json document = Json::parse(answer.empty() ? "null" : answer, nullptr, false);
  if (document.is_null()) {
    return none;
  }
  if (!document.is_object()) {
    return document.is_array() && document.empty() ? none : 0;
  }
  const auto failures = document.find("batchItemFailures");
  if (failures == document.end() || failures->is_null()) {
    return none;
  }
  if (!failures->is_array()) {
    return 0;
  }
  size_t first = none;
  for (const Json& failure : *failures) {
    const auto name = failure.is_object() ? failure.find("itemIdentifier") : failure.end();
    if (!failure.is_object() || name == failure.end() || !name->is_string()) {
      return 0;
    }
    const auto& sequence = name->get_ref<const std::string&>();
    const auto record = std::find_if(
        page.records.begin(), page.records.end(),
        [&sequence](const events::LogRecord& r) { return r.sequence_number == sequence; });
    if (record == page.records.end()) {
      return 0;
    }
    first = std::min(first, static_cast<size_t>(record - page.records.begin()));
  }
  return first;
}

}  // namespace paddock::services::lambda
