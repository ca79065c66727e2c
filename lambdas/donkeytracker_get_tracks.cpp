// GET /?u=UUID&t=YYYY-MM-DD: where the phone was on that day, as the whole answer of Query.
// `uuid` and `timestamp` go by names of their own in the expressions: the second is a reserved
// word.
#include "lambdas/sdk/attributes.hpp"
#include "lambdas/sdk/page.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace sdk = paddock::sdk;

namespace {

// The workshop's function gives its status as a text, which a gateway takes too.
sdk::invocation_response answer(const char* status, const sdk::Json& body) {
  const sdk::Json response{
      {"statusCode", status},
      {"headers",
       {{"Access-Control-Allow-Origin", "*"}, {"Access-Control-Allow-Credentials", true}}},
      {"body", body.dump()}};
  return sdk::invocation_response::success(response.dump(), "application/json");
}

}  // namespace

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  const std::string uuid = sdk::query_parameter(request, "u");
  const std::string day = sdk::query_parameter(request, "t");
  try {
    sdk::Json found = sdk::call(
        "dynamodb", "Query",
        {{"TableName", sdk::required_environment("TABLE_NAME")},
         {"KeyConditionExpression", "#u = :u AND begins_with(#t, :t)"},
         {"ProjectionExpression", "#u, #t, latitude, longitude, accuracy, heading, speed"},
         {"ExpressionAttributeNames", {{"#u", "uuid"}, {"#t", "timestamp"}}},
         {"ExpressionAttributeValues",
          {{":u", sdk::text_value(uuid)}, {":t", sdk::text_value(day)}}}});
    for (sdk::Json& item : found.at("Items")) item = sdk::from_attributes(item);
    return answer("200", found);
  } catch (const sdk::Error& error) {
    sdk::log("not read: " + error.message());
    return answer("400", {{"status", false}});
  }
}
