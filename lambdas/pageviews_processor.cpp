// Reads the table's stream and adds the visits to {ID: COUNTER}.TotalViews. Its own write makes a
// record too, which counts as no visit: then it adds 0, which changes nothing, so that no further
// record comes and the chain ends.
#include "lambdas/sdk/sdk.hpp"

namespace sdk = paddock::sdk;

namespace {

constexpr const char* kCounter = "COUNTER";

bool is_visit(const sdk::Json& record) {
  const std::string name = record.value("eventName", "");
  if (name != "INSERT" && name != "MODIFY") return false;
  return record.at("dynamodb").at("Keys").at("ID").at("S") != kCounter;
}

int64_t count_visits(const std::string& payload) {
  try {
    int64_t visits = 0;
    const sdk::Json event = sdk::Json::parse(payload);
    for (const auto& record : event.at("Records")) visits += is_visit(record);
    return visits;
  } catch (const sdk::Json::exception&) {
    throw sdk::Error("InvalidEvent", "The event is none of a DynamoDB stream", 400);
  }
}

}  // namespace

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  const int64_t visits = count_visits(request.payload);
  sdk::log(std::to_string(visits) + " visits to add");
  sdk::call("dynamodb", "UpdateItem",
            {{"TableName", sdk::required_environment("TABLE_NAME")},
             {"Key", {{"ID", sdk::text_value(kCounter)}}},
             {"UpdateExpression", "SET #t = if_not_exists(#t, :zero) + :visits"},
             {"ExpressionAttributeNames", {{"#t", "TotalViews"}}},
             {"ExpressionAttributeValues",
              {{":zero", sdk::number_value(0)}, {":visits", sdk::number_value(visits)}}}});
  return sdk::invocation_response::success("{}", "application/json");
}
