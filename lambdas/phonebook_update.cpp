// PUT /contacts/{id}: replaces a contact that is there.
#include "lambdas/phonebook.hpp"

namespace phonebook = paddock::phonebook;
namespace sdk = paddock::sdk;

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  return phonebook::answered([&request] {
    sdk::Json contact = phonebook::contact_of(request);
    contact["contactId"] = sdk::path_parameter(request, "id");
    try {
      sdk::call("dynamodb", "PutItem",
                {{"TableName", phonebook::table()},
                 {"Item", sdk::to_attributes(contact)},
                 {"ConditionExpression", "attribute_exists(contactId)"}});
    } catch (const sdk::Error& error) {
      if (error.code() == "ConditionalCheckFailedException") return phonebook::not_found();
      throw;
    }
    return sdk::shared_json_page(200, contact);
  });
}
