// What the five functions of the phonebook share.
#pragma once

#include <string>

#include "lambdas/sdk/attributes.hpp"
#include "lambdas/sdk/page.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace paddock::phonebook {

using sdk::Json;

inline std::string table() {
  return sdk::required_environment("TABLE_NAME");
}

inline Json key_of(const std::string& contact) {
  return {{"contactId", sdk::text_value(contact)}};
}

inline sdk::invocation_response not_found() {
  return sdk::shared_json_page(404, {{"message", "There is no such contact"}});
}

// firstName, lastName, phone and email of the request's body. Throws sdk::BadRequest if a name is
// missing: the index byName needs both.
inline Json contact_of(const sdk::invocation_request& request) {
  const Json body = sdk::json_body(request);
  Json contact = Json::object();
  for (const char* name : {"firstName", "lastName", "phone", "email"}) {
    const Json value = body.value(name, Json(""));
    contact[name] = value.is_string() ? value : Json("");
  }
  if (contact["firstName"] == "" || contact["lastName"] == "") {
    throw sdk::BadRequest("firstName and lastName are needed");
  }
  return contact;
}

// What `handler()` answers; what the request has wrong becomes a 400, and what DynamoDB refuses a
// 500.
template <typename Handler>
sdk::invocation_response answered(Handler handler) {
  try {
    return handler();
  } catch (const sdk::BadRequest& error) {
    return sdk::shared_json_page(400, {{"message", error.message()}});
  } catch (const sdk::Error& error) {
    sdk::log(error.code() + ": " + error.message());
    return sdk::shared_json_page(500, {{"message", error.message()}});
  }
}

}  // namespace paddock::phonebook
