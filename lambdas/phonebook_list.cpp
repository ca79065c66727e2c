// GET /contacts: all contacts; GET /contacts?name=LASTNAME: those of that name, by first name, from
// the index byName.
#include "lambdas/phonebook.hpp"

namespace phonebook = paddock::phonebook;
namespace sdk = paddock::sdk;

namespace {

// Every page of a Scan or Query.
sdk::Json all_pages(const char* operation, sdk::Json input) {
  sdk::Json contacts = sdk::Json::array();
  for (;;) {
    const sdk::Json page = sdk::call("dynamodb", operation, input);
    for (const sdk::Json& item : page.at("Items")) contacts.push_back(sdk::from_attributes(item));
    if (!page.contains("LastEvaluatedKey")) return contacts;
    input["ExclusiveStartKey"] = page.at("LastEvaluatedKey");
  }
}

}  // namespace

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  return phonebook::answered([&request] {
    const std::string name = sdk::query_parameter(request, "name");
    sdk::Json input{{"TableName", phonebook::table()}};
    if (!name.empty()) {
      input["IndexName"] = "byName";
      input["KeyConditionExpression"] = "lastName = :name";
      input["ExpressionAttributeValues"] = {{":name", sdk::text_value(name)}};
    }
    return sdk::shared_json_page(
        200, {{"contacts", all_pages(name.empty() ? "Scan" : "Query", std::move(input))}});
  });
}
