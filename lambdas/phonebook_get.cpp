// GET /contacts/{id}: one contact.
#include "lambdas/phonebook.hpp"

namespace phonebook = paddock::phonebook;
namespace sdk = paddock::sdk;

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  return phonebook::answered([&request] {
    const sdk::Json found =
        sdk::call("dynamodb", "GetItem",
                  {{"TableName", phonebook::table()},
                   {"Key", phonebook::key_of(sdk::path_parameter(request, "id"))}});
    if (!found.contains("Item")) return phonebook::not_found();
    return sdk::shared_json_page(200, sdk::from_attributes(found.at("Item")));
  });
}
