// GET /: a greeting, and what DynamoDB says about the table.
#include "lambdas/sdk/page.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace sdk = paddock::sdk;

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request&) {
  const sdk::Json table = sdk::call("dynamodb", "DescribeTable",
                                    {{"TableName", sdk::required_environment("TABLE_NAME")}});
  return sdk::json_page(
      200, {{"message", "Hello from the page-view tracker. Visit /tag/home, then /counts/home."},
            {"table", table}});
}
