#include "services/lambda/result_records.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace paddock::services::lambda {
namespace result_records {

using ::paddock::lambda::InvocationResult;

// JSON text as the value it is; what is none (of a runtime that answers anything) as text.
Json value_of(const std::string& text) {
  if (text.empty()) {
    return nullptr;
  }
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json(text) : value;
}

std::string text_of(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace result_records

std::string to_text(const AsyncRecord& record) {
  Json document = {{"version", "1.0"},
                   {"timestamp", iso8601(record.at.ms)},
                   {"requestContext",
                    {{"requestId", record.request_id},
                     {"functionArn", record.function_arn},
                     {"condition", record.condition},
                     {"approximateInvokeCount", record.invoke_count}}},
                   {"requestPayload", result_records::value_of(record.payload)}};
  if (record.result) {
    document["responseContext"] = {{"statusCode", 200}, {"executedVersion", record.version}};
    if (record.result->kind != result_records::InvocationResult::Kind::success) {
      document["responseContext"]["functionError"] = "Unhandled";
    }
    document["responsePayload"] = result_records::value_of(record.result->payload);
  }
  return result_records::text_of(document);
}

std::string to_text(const StreamRecord& record, const std::string& payload) {
  const events::LogRecord& first = *record.records.front();
  const events::LogRecord& last = *record.records.back();
  Json document = {{"version", "1.0"},
                   {"timestamp", iso8601(record.at.ms)},
                   {"requestContext",
                    {{"requestId", record.request_id},
                     {"functionArn", record.function_arn},
                     {"condition", record.condition},
                     {"approximateInvokeCount", record.invoke_count}}}};
  if (record.ran) {
    document["responseContext"] = {
        {"statusCode", 200},
        {"executedVersion", record.version},
        {"functionError", record.function_error ? Json("Unhandled") : Json(nullptr)}};
  }
  const bool kinesis = record.source_service == "kinesis";
  document[kinesis ? "KinesisBatchInfo" : "DDBStreamBatchInfo"] = {
      {"shardId", record.shard},
      {"startSequenceNumber", first.sequence_number},
      {"endSequenceNumber", last.sequence_number},
      {"approximateArrivalOfFirstRecord", iso8601(first.arrived.ms, kinesis)},
      {"approximateArrivalOfLastRecord", iso8601(last.arrived.ms, kinesis)},
      {"batchSize", record.records.size()},
      {"streamArn", record.stream_arn}};
  if (!payload.empty()) {
    document["payload"] = result_records::value_of(payload);
  }
  return result_records::text_of(document);
}

std::string object_key(const std::string& uuid, const std::string& shard, WorldTime at,
                       const std::string& id) {
  std::string stamp = iso8601(at.ms, false);
  stamp.pop_back();
  std::string day = stamp.substr(0, 10);
  std::replace(day.begin(), day.end(), '-', '/');
  std::replace(stamp.begin(), stamp.end(), ':', '.');
  return "aws/lambda/" + uuid + "/" + shard + "/" + day + "/" + stamp + "-" + id;
}

}  // namespace paddock::services::lambda
