#include "services/dynamodb/request.hpp"

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/store.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

void refuse_parameters(const Json& input, std::string_view operation,
                       std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (!member_or_null(input, name).is_null()) throw errors::unsupported(name, operation);
  }
}

std::string_view text_member(const Json& input, const char* name) {
  const Json& value = member_or_null(input, name);
  if (!value.is_string()) return {};
  return value.get_ref<const std::string&>();
}

bool flag_member(const Json& input, const char* name, bool otherwise) {
  const Json& value = member_or_null(input, name);
  return value.is_boolean() ? value.get<bool>() : otherwise;
}

namespace expression_members {

const Json* pointer(const Json& input, const char* name) {
  const Json& value = member_or_null(input, name);
  return value.is_null() ? nullptr : &value;
}

// Throws before anything is parsed. Returns the input, so that it can run in an initializer.
const Json& checked(const Json& input, std::initializer_list<const char*> expressions) {
  const bool names = pointer(input, m::ExpressionAttributeNames);
  const bool values = pointer(input, m::ExpressionAttributeValues);
  if (!names && !values) return input;
  bool any = false;
  bool any_with_values = false;
  std::string with_values;
  size_t count = 0;
  for (const char* expression : expressions) {
    const bool present = pointer(input, expression);
    any |= present;
    if (std::string_view(expression) == m::ProjectionExpression) continue;
    any_with_values |= present;
    if (count++) with_values += " and ";
    with_values += expression;
  }
  if (names && !any) {
    throw errors::validation(
        "ExpressionAttributeNames can only be specified when using expressions");
  }
  if (values && !any_with_values && count) {
    throw errors::validation(
        "ExpressionAttributeValues can only be specified when using expressions: " + with_values +
        (count > 1 ? " are null" : " is null"));
  }
  return input;
}

}  // namespace expression_members

RequestExpressions::RequestExpressions(ExpressionCache& cache, const Json& input,
                                       std::initializer_list<const char*> expressions)
    : cache_(cache),
      input_(expression_members::checked(input, expressions)),
      attributes_(expression_members::pointer(input, m::ExpressionAttributeNames),
                  expression_members::pointer(input, m::ExpressionAttributeValues)) {}

void check_key_paths(const Table& table, const std::vector<BoundExpression::Head>& heads) {
  for (const auto& head : heads) {
    if (!head.nested) continue;
    if (table.keys.has(head.name)) throw errors::path_below_key("Key", head.name);
    for (const Index& index : table.indexes) {
      if (index.keys.has(head.name)) throw errors::path_below_key("IndexKey", head.name);
    }
  }
}

ReturnCapacity return_capacity(const Json& input) {
  const std::string_view mode = text_member(input, m::ReturnConsumedCapacity);
  if (mode == "TOTAL") return ReturnCapacity::total;
  if (mode == "INDEXES") return ReturnCapacity::indexes;
  return ReturnCapacity::none;
}

double Consumed::total() const {
  double sum = table;
  for (const auto& [index, units] : indexes) sum += units;
  return sum;
}

void Consumed::add_index(const Index& index, double units) {
  for (auto& [known, sum] : indexes) {
    if (known == &index) {
      sum += units;
      return;
    }
  }
  indexes.emplace_back(&index, units);
}

Json consumed_json(const Table& table, const Consumed& consumed, ReturnCapacity mode) {
  Json json = {{m::TableName, table.name}, {m::CapacityUnits, consumed.total()}};
  if (mode != ReturnCapacity::indexes) return json;
  json[m::Table] = {{m::CapacityUnits, consumed.table}};
  for (const auto& [index, units] : consumed.indexes) {
    json[index->global ? m::GlobalSecondaryIndexes : m::LocalSecondaryIndexes][index->name] = {
        {m::CapacityUnits, units}};
  }
  return json;
}

std::string& AnswerText::member(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  text_ += '"';
  text_ += name;
  text_ += "\":";
  return text_;
}

Json wire_document(const Item& item) {
  std::string text;
  append_json(text, item);
  return Json::parse(text);
}

}  // namespace paddock::services::dynamodb
