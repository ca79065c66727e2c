#include "lambdas/sdk/attributes.hpp"

#include <string>

#include "lambdas/sdk/sdk.hpp"

namespace paddock::sdk {

namespace attributes {

Json attribute(const Json& value) {
  switch (value.type()) {
    case Json::value_t::string:
      return {{"S", value}};
    case Json::value_t::boolean:
      return {{"BOOL", value}};
    case Json::value_t::object:
      return {{"M", to_attributes(value)}};
    case Json::value_t::array: {
      Json list = Json::array();
      for (const Json& element : value) list.push_back(attribute(element));
      return {{"L", std::move(list)}};
    }
    case Json::value_t::null:
      return {{"NULL", true}};
    default:
      return {{"N", value.dump()}};
  }
}

// "47.5" as 47.5; digits that a double would lose stay a text.
Json number(const std::string& digits) {
  Json parsed = Json::parse(digits, nullptr, false);
  return parsed.is_number() && parsed.dump() == digits ? parsed : Json(digits);
}

Json plain(const Json& attribute) {
  const std::string& type = attribute.begin().key();
  const Json& value = attribute.begin().value();
  if (type == "N") return number(value.get_ref<const std::string&>());
  if (type == "NULL") return nullptr;
  if (type == "M") return from_attributes(value);
  if (type == "L" || type == "NS") {
    Json list = Json::array();
    for (const Json& element : value) {
      list.push_back(type == "L" ? plain(element) : number(element.get_ref<const std::string&>()));
    }
    return list;
  }
  return value;
}

}  // namespace attributes

Json to_attributes(const Json& item) {
  if (!item.is_object()) throw Error("InvalidItem", "An item is a JSON object", 400);
  Json converted = Json::object();
  for (auto member = item.begin(); member != item.end(); ++member) {
    if (!member->is_null()) converted[member.key()] = attributes::attribute(*member);
  }
  return converted;
}

Json from_attributes(const Json& attributes) {
  Json item = Json::object();
  for (auto member = attributes.begin(); member != attributes.end(); ++member) {
    item[member.key()] = attributes::plain(*member);
  }
  return item;
}

}  // namespace paddock::sdk
