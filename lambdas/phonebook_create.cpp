// POST /contacts: a new contact; its id is the request's.
#include "lambdas/phonebook.hpp"

namespace phonebook = paddock::phonebook;
namespace sdk = paddock::sdk;

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  return phonebook::answered([&request] {
    sdk::Json contact = phonebook::contact_of(request);
    contact["contactId"] = sdk::request_id(request);
    sdk::call("dynamodb", "PutItem",
              {{"TableName", phonebook::table()},
               {"Item", sdk::to_attributes(contact)},
               {"ConditionExpression", "attribute_not_exists(contactId)"}});
    return sdk::shared_json_page(201, contact);
  });
}
