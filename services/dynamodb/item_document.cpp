// Values from and to the document form.
#include <algorithm>

#include "core/text.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {
namespace document_detail {

AttributeValue value_at(const Json& document, int depth);

[[noreturn]] void fail_serialization(const Json& found, std::string_view wanted) {
  std::string message;
  if (found.is_object())
    message = "Start of structure or map found where not expected";
  else if (found.is_array())
    message = "Unrecognized collection type class java.lang." + std::string(wanted);
  else if (found.is_boolean())
    message = std::string(found.get<bool>() ? "TRUE" : "FALSE") + "_VALUE cannot be converted to " +
              std::string(wanted);
  else
    message = std::string(found.is_number() ? "NUMBER" : "STRING") +
              "_VALUE cannot be converted to " + std::string(wanted);
  throw AwsError("SerializationException", std::move(message));
}

const std::string& text_of(const Json& json) {
  if (!json.is_string()) fail_serialization(json, "String");
  return json.get_ref<const std::string&>();
}

std::string bytes_of(const Json& json) {
  if (!json.is_binary()) fail_serialization(json, "ByteBuffer");
  const auto& bytes = json.get_binary();
  return std::string(bytes.begin(), bytes.end());
}

const Json& list_of(const Json& json) {
  if (!json.is_array()) fail_serialization(json, "List");
  return json;
}

[[noreturn]] void fail_invalid_parameter(const std::string& what) {
  fail_validation("One or more parameter values were invalid: " + what);
}

template <class Member>
bool has_duplicates(std::vector<Member> members) {
  std::sort(members.begin(), members.end());
  return std::adjacent_find(members.begin(), members.end()) != members.end();
}

std::string joined(const std::vector<std::string>& members, std::string_view separator) {
  std::string out;
  for (const std::string& member : members) {
    if (!out.empty()) out += separator;
    out += member;
  }
  return "[" + out + "]";
}

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

// The members as the newer layer lists them: in byte order up to the first that repeats another,
// the rest as sent.
std::vector<std::string> up_to_repeat(std::vector<std::string> members) {
  for (auto at = members.begin(); at != members.end(); ++at) {
    const auto place = std::lower_bound(members.begin(), at, *at);
    if (place != at && *place == *at) break;
    std::rotate(place, at, at + 1);
  }
  return members;
}

[[noreturn]] void fail_duplicates(const std::string& older, const std::string& current) {
  const std::string prefix = "One or more parameter values were invalid: Input collection ";
  throw RewordedError(prefix + older, prefix + current);
}

AttributeValue string_set(const Json& json) {
  std::vector<std::string> members;
  for (const Json& member : list_of(json)) members.push_back(text_of(member));
  if (members.empty()) fail_invalid_parameter("An string set  may not be empty");
  if (has_duplicates(members)) {
    std::vector<std::string> current = up_to_repeat(members);
    for (std::string& member : current) member = in_quotes(member);
    const std::string_view end = " contains duplicates.";
    fail_duplicates(joined(members, ", ").append(end), joined(current, ", ").append(end));
  }
  return AttributeValue::string_set(std::move(members));
}

AttributeValue number_set(const Json& json) {
  std::vector<Number> members;
  for (const Json& member : list_of(json)) members.push_back(Number::parse(text_of(member)));
  if (members.empty()) fail_invalid_parameter("An number set  may not be empty");
  if (has_duplicates(members)) {
    throw RewordedError(
        "Input collection contains duplicates",
        "One or more parameter values were invalid: Input collection contains duplicates.");
  }
  return AttributeValue::number_set(std::move(members));
}

AttributeValue binary_set(const Json& json) {
  std::vector<std::string> members;
  for (const Json& member : list_of(json)) members.push_back(bytes_of(member));
  if (members.empty()) fail_invalid_parameter("Binary sets should not be empty");
  if (has_duplicates(members)) {
    std::vector<std::string> current = up_to_repeat(members);
    for (std::string& member : current) member = in_quotes(to_base64(member));
    for (std::string& member : members) member = to_base64(member);
    const std::string_view end = "of type BS contains duplicates.";
    fail_duplicates(joined(members, ", ").append(end), joined(current, ",").append(end));
  }
  return AttributeValue::binary_set(std::move(members));
}

Item map_at(const Json& json, int depth) {
  if (!json.is_object()) fail_serialization(json, "Map");
  Item out;
  out.reserve(json.size());
  if (json.contains("")) fail_validation("Empty attribute name");
  // nlohmann keeps members sorted bytewise, as items are.
  for (const auto& [name, member] : json.items()) out.append(name, value_at(member, depth));
  return out;
}

AttributeValue list_at(const Json& json, int depth) {
  std::vector<AttributeValue> out;
  out.reserve(list_of(json).size());
  for (const Json& element : json) out.push_back(value_at(element, depth));
  return AttributeValue::list(std::move(out));
}

AttributeValue boolean(const Json& json) {
  if (!json.is_boolean()) fail_serialization(json, "Boolean");
  return AttributeValue::boolean(json.get<bool>());
}

AttributeValue null(const Json& json) {
  if (!json.is_boolean()) fail_serialization(json, "Boolean");
  if (!json.get<bool>())
    fail_invalid_parameter("Null attribute value types must have the value of true");
  return AttributeValue::null();
}

AttributeValue of_type(AttributeType type, const Json& json, int depth) {
  switch (type) {
    case AttributeType::string:
      return AttributeValue::string(text_of(json));
    case AttributeType::number:
      return AttributeValue::number(Number::parse(text_of(json)));
    case AttributeType::binary:
      return AttributeValue::binary(bytes_of(json));
    case AttributeType::string_set:
      return string_set(json);
    case AttributeType::number_set:
      return number_set(json);
    case AttributeType::binary_set:
      return binary_set(json);
    case AttributeType::map:
      return AttributeValue::map(map_at(json, depth + 1));
    case AttributeType::list:
      return list_at(json, depth + 1);
    case AttributeType::boolean:
      return boolean(json);
    case AttributeType::null:
      return null(json);
  }
  return AttributeValue();
}

AttributeValue value_at(const Json& document, int depth) {
  if (!document.is_object()) fail_serialization(document, "AttributeValue");
  if (depth >= kMaxNesting)
    fail_validation(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "
        "beyond supported limit");
  const auto type = document.empty() ? std::nullopt : type_of_name(document.begin().key());
  if (!type)
    fail_validation(
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  if (document.size() == 1) return of_type(*type, document.begin().value(), depth);
  // What is wrong with one of several comes first.
  for (const auto& [name, member] : document.items()) {
    if (const auto one = type_of_name(name)) of_type(*one, member, depth);
  }
  fail_validation(
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
      "supported datatypes");
}

Json blob(const std::string& bytes) {
  return Json::binary(std::vector<uint8_t>(bytes.begin(), bytes.end()));
}

template <class Members, class Convert>
Json array_of(const Members& members, Convert convert) {
  Json out = Json::array();
  for (const auto& member : members) out.push_back(convert(member));
  return out;
}

Json content(const AttributeValue& value) {
  const auto to_text = [](const Number& n) { return n.text(); };
  switch (value.type()) {
    case AttributeType::string:
      return value.as_string();
    case AttributeType::number:
      return value.as_number().text();
    case AttributeType::binary:
      return blob(value.as_binary());
    case AttributeType::string_set:
      return value.as_string_set();
    case AttributeType::number_set:
      return array_of(value.as_number_set(), to_text);
    case AttributeType::binary_set:
      return array_of(value.as_binary_set(), blob);
    case AttributeType::map:
      return to_document(value.as_map());
    case AttributeType::list:
      return array_of(value.as_list(), [](const AttributeValue& v) { return to_document(v); });
    case AttributeType::boolean:
      return value.as_boolean();
    case AttributeType::null:
      return true;
  }
  return nullptr;
}

}  // namespace document_detail

AttributeValue value_from_document(const Json& document) {
  return document_detail::value_at(document, 0);
}

Item item_from_document(const Json& document) {
  return document_detail::map_at(document, 0);
}

Json to_document(const AttributeValue& value) {
  Json out = Json::object();
  out[std::string(type_name(value.type()))] = document_detail::content(value);
  return out;
}

Json to_document(const Item& item) {
  Json out = Json::object();
  for (const Attribute& attribute : item) out[attribute.name] = to_document(attribute.value);
  return out;
}

}  // namespace paddock::services::dynamodb
