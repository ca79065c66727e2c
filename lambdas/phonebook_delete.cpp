// DELETE /contacts/{id}: removes a contact; also one that is gone already.
#include "lambdas/phonebook.hpp"

namespace phonebook = paddock::phonebook;
namespace sdk = paddock::sdk;

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  return phonebook::answered([&request] {
    const std::string contact = sdk::path_parameter(request, "id");
    sdk::call("dynamodb", "DeleteItem",
              {{"TableName", phonebook::table()}, {"Key", phonebook::key_of(contact)}});
    return sdk::shared_json_page(200, {{"contactId", contact}});
  });
}
