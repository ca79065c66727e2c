// GET /tag/{tag}: counts one visit of the tag. The item is {ID: tag, Count: n}; `Count` is a
// reserved word, so it goes by a name of its own in the expression.
#include "lambdas/sdk/page.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace sdk = paddock::sdk;

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  const std::string tag = sdk::path_parameter(request, "tag");
  if (tag.empty()) return sdk::html_page(400, "No tag", "<p>Visit /tag/ and a name.</p>");
  sdk::call("dynamodb", "UpdateItem",
            {{"TableName", sdk::required_environment("TABLE_NAME")},
             {"Key", {{"ID", sdk::text_value(tag)}}},
             {"UpdateExpression", "SET #c = if_not_exists(#c, :zero) + :one"},
             {"ExpressionAttributeNames", {{"#c", "Count"}}},
             {"ExpressionAttributeValues",
              {{":zero", sdk::number_value(0)}, {":one", sdk::number_value(1)}}}});
  sdk::log("visit of " + tag);
  return sdk::html_page(200, "Visit recorded",
                        "<p>Thank you for visiting <b>" + sdk::html_escape(tag) +
                            "</b>.</p>\n<p><a href=\"/Prod/counts/" + sdk::url_escape(tag) +
                            "\">See the counts</a></p>");
}
