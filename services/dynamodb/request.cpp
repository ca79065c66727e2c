#include "services/dynamodb/request.hpp"

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/legacy.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/store.hpp"
#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

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

std::string present(const Json& input, std::initializer_list<const char*> members) {
  std::string list;
  for (const char* member : members) {
    if (!pointer(input, member)) continue;
    if (!list.empty()) list += ", ";
    list += member;
  }
  return list;
}

void check_mixture(const Json& input, std::initializer_list<const char*> expressions,
                   std::initializer_list<const char*> legacy) {
  const std::string given = present(input, expressions);
  if (given.empty()) return;
  std::string mixed;
  for (const char* member : legacy) {
    // KeyConditions goes with the other expressions.
    if (std::string_view(member) == m::KeyConditions &&
        !pointer(input, m::KeyConditionExpression)) {
      continue;
    }
    if (!pointer(input, member)) continue;
    if (!mixed.empty()) mixed += ", ";
    mixed += member;
  }
  if (!mixed.empty()) throw errors::mixed_parameters(mixed, given);
}

void check_conditional_operator(const Json& input) {
  if (!pointer(input, m::ConditionalOperator)) return;
  size_t conditions = 0;
  for (const char* member : {m::Expected, m::QueryFilter, m::ScanFilter}) {
    conditions += member_or_null(input, member).size();
  }
  if (conditions == 0) throw errors::conditional_operator_alone();
  if (conditions == 1) throw errors::conditional_operator_for_one();
}

void check_names_and_values(const Json& input, std::initializer_list<const char*> expressions) {
  const bool names = pointer(input, m::ExpressionAttributeNames);
  const bool values = pointer(input, m::ExpressionAttributeValues);
  if (!names && !values) return;
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
    const std::string message =
        "ExpressionAttributeValues can only be specified when using expressions";
    const std::string absent = ": " + with_values + (count > 1 ? " are null" : " is null");
    const bool filters = with_values.find(m::FilterExpression) != std::string::npos;
    throw RewordedError(message + absent, filters ? message + absent : message);
  }
}

// Throws before anything is parsed. Returns the input, so that it can run in an initializer.
const Json& checked(const Json& input, std::initializer_list<const char*> expressions,
                    std::initializer_list<const char*> legacy) {
  check_mixture(input, expressions, legacy);
  check_names_and_values(input, expressions);
  check_conditional_operator(input);
  return input;
}

}  // namespace expression_members

RequestExpressions::RequestExpressions(ExpressionCache& cache, const Json& input,
                                       std::initializer_list<const char*> expressions,
                                       std::initializer_list<const char*> legacy)
    : cache_(cache), input_(expression_members::checked(input, expressions, legacy)) {}

ExpressionAttributes& RequestExpressions::attributes() {
  if (!attributes_) {
    attributes_.emplace(expression_members::pointer(input_, m::ExpressionAttributeNames),
                        expression_members::pointer(input_, m::ExpressionAttributeValues));
  }
  return *attributes_;
}

ParsedExpressionPtr RequestExpressions::parse_legacy(const char* member) {
  const Json& document = member_or_null(input_, member);
  if (document.is_null()) return nullptr;
  ExpressionAttributes& operands = legacy_attributes_.emplace_back();
  const std::string_view name = member;
  if (name == m::AttributesToGet) return legacy::parse_attributes_to_get(document);
  if (name == m::AttributeUpdates) return legacy::parse_attribute_updates(document, operands);
  const auto join =
      text_member(input_, m::ConditionalOperator) == "OR" ? legacy::Join::any : legacy::Join::all;
  if (name == m::Expected) return legacy::parse_expected(document, join, operands);
  return legacy::parse_filter(document, join, operands);
}

std::optional<ConditionExpression> RequestExpressions::legacy_filter(const char* member) {
  ParsedExpressionPtr parsed = parse_legacy(member);
  if (!parsed) return std::nullopt;
  return std::optional<ConditionExpression>(std::in_place, std::move(parsed),
                                            legacy_attributes_.back());
}

std::optional<ProjectionExpression> RequestExpressions::attributes_to_get() {
  ParsedExpressionPtr parsed = parse_legacy(m::AttributesToGet);
  if (!parsed) return std::nullopt;
  return std::optional<ProjectionExpression>(std::in_place, std::move(parsed),
                                             legacy_attributes_.back());
}

std::optional<KeyCondition> RequestExpressions::key_conditions() {
  const Json& document = member_or_null(input_, m::KeyConditions);
  if (document.is_null()) return std::nullopt;
  auto condition = legacy::parse_key_conditions(document, legacy_attributes_.emplace_back());
  const bool of_table = member_or_null(input_, m::IndexName).is_null();
  condition.require_count(of_table ? 2 : 2 * kMaxKeyAttributes);
  return condition;
}

std::unique_ptr<const ItemCondition> RequestExpressions::condition() {
  if (ParsedExpressionPtr parsed = parse_legacy(m::Expected)) {
    return std::make_unique<ConditionExpression>(std::move(parsed), legacy_attributes_.back());
  }
  return make<ConditionExpression>(m::ConditionExpression, ExpressionKind::condition);
}

std::unique_ptr<const ItemUpdate> RequestExpressions::update() {
  if (ParsedExpressionPtr parsed = parse_legacy(m::AttributeUpdates)) {
    return std::make_unique<UpdateExpression>(std::move(parsed), legacy_attributes_.back());
  }
  return make<UpdateExpression>(m::UpdateExpression, ExpressionKind::update);
}

std::optional<ProjectionExpression> RequestExpressions::projection() {
  if (auto legacy = attributes_to_get()) return legacy;
  return bind<ProjectionExpression>(m::ProjectionExpression, ExpressionKind::projection);
}

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
