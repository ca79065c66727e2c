// GET /views: all counts. POST /views with {"tag": "home"}: one visit more. Behind an HTTP API with
// payload format 2.0, which makes an answer without a status the body of a 200.
#include "lambdas/pageviews.hpp"
#include "lambdas/sdk/page.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace pageviews = paddock::pageviews;
namespace sdk = paddock::sdk;

namespace {

// The tag's count, as a message.
sdk::Json count_visit(const std::string& tag) {
  const sdk::Json updated =
      sdk::call("dynamodb", "UpdateItem",
                {{"TableName", sdk::required_environment("TABLE_NAME")},
                 {"Key", {{"ID", sdk::text_value(tag)}}},
                 {"UpdateExpression", "ADD #c :one"},
                 {"ExpressionAttributeNames", {{"#c", "Count"}}},
                 {"ExpressionAttributeValues", {{":one", sdk::number_value(1)}}},
                 {"ReturnValues", "ALL_NEW"}});
  sdk::Json message = sdk::Json::object();
  pageviews::add_item(message, updated.at("Attributes"));
  return message;
}

sdk::Json answer(const sdk::invocation_request& request) {
  if (sdk::request_context(request, "routeKey") == "GET /views") return pageviews::all_counts();
  const sdk::Json body = sdk::json_body(request);
  const auto tag = body.find("tag");
  if (tag == body.end() || !tag->is_string() || *tag == "") {
    throw sdk::BadRequest("A tag is needed: {\"tag\": \"home\"}");
  }
  return count_visit(*tag);
}

}  // namespace

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  try {
    return sdk::invocation_response::success(answer(request).dump(), "application/json");
  } catch (const sdk::BadRequest& error) {
    return sdk::json_page(400, {{"message", error.message()}});
  }
}
