// Hostile legacy parameters of a request that its model accepts, evaluated when they parse and
// bind: only AwsError may come out. The first byte chooses the operation, the rest is an object
// with the parameters.
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/legacy.hpp"
#include "services/dynamodb/projection.hpp"
#include "services/dynamodb/update.hpp"
#include "wire/codec.hpp"
#include "wire/json_document.hpp"
#include "wire/validate.hpp"

namespace dynamodb = paddock::services::dynamodb;
namespace legacy = paddock::services::dynamodb::legacy;
namespace wire = paddock::wire;
using paddock::Json;

namespace {

constexpr std::array<const char*, 5> kOperations = {"PutItem", "DeleteItem", "UpdateItem", "Query",
                                                    "Scan"};

const char* const kItem =
    R"({"a":{"N":"5"},"b":{"S":"text"},"c":{"SS":["x","y"]},"d":{"L":[{"N":"1"}]},"e":{"BOOL":true}})";

// The parameters with what the operation requires beside them, as the gateway hands it on.
Json request_of(const wire::OperationModel& operation, std::string_view text) {
  Json document = wire::parse_json(text);
  wire::read_json({paddock::models::dynamodb, wire::Wording::token}, *operation.input, document);
  const Json key = {{"a", {{"N", "5"}}}};
  document["TableName"] = "table";
  if (operation.input->find("Item")) document["Item"] = key;
  if (operation.input->find("Key")) document["Key"] = key;
  return document;
}

void evaluate(const Json& request, const dynamodb::Item& item, const std::string& bytes) {
  const auto given = [&](const char* name) -> const Json* {
    const auto found = request.find(name);
    return found == request.end() || found->is_null() ? nullptr : &*found;
  };
  const Json* join_text = given("ConditionalOperator");
  const auto join = join_text && *join_text == "OR" ? legacy::Join::any : legacy::Join::all;
  const auto matches = [&](const dynamodb::ParsedExpressionPtr& parsed,
                           dynamodb::ExpressionAttributes& operands) {
    if (!parsed) return;
    dynamodb::ConditionExpression(parsed, operands).matches(dynamodb::ItemView(bytes));
  };
  if (const Json* expected = given("Expected")) {
    dynamodb::ExpressionAttributes operands;
    const auto parsed = legacy::parse_expected(*expected, join, operands);
    matches(parsed, operands);
  }
  for (const char* name : {"QueryFilter", "ScanFilter"}) {
    const Json* filter = given(name);
    if (!filter) continue;
    dynamodb::ExpressionAttributes operands;
    const auto parsed = legacy::parse_filter(*filter, join, operands);
    matches(parsed, operands);
  }
  if (const Json* conditions = given("KeyConditions")) {
    dynamodb::ExpressionAttributes operands;
    const auto condition = legacy::parse_key_conditions(*conditions, operands);
    condition.resolve({"a", dynamodb::AttributeType::number},
                      dynamodb::KeyAttribute{"b", dynamodb::AttributeType::string});
  }
  if (const Json* names = given("AttributesToGet")) {
    dynamodb::ExpressionAttributes none;
    std::string out;
    dynamodb::ProjectionExpression(legacy::parse_attributes_to_get(*names), none)
        .append_json(out, dynamodb::ItemView(bytes));
  }
  if (const Json* updates = given("AttributeUpdates")) {
    dynamodb::ExpressionAttributes operands;
    const auto parsed = legacy::parse_attribute_updates(*updates, operands);
    if (!parsed) return;
    const dynamodb::UpdateExpression update(parsed, operands);
    const dynamodb::Item next = update.apply(item);
    dynamodb::decode_item(dynamodb::encode(next));
    update.updated_old(item);
    update.updated_new(next);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const dynamodb::Item item = dynamodb::item_from_document(Json::parse(kItem));
  static const std::string bytes = dynamodb::encode(item);
  const auto& operation =
      *paddock::models::dynamodb.find(kOperations[data[0] % kOperations.size()]);
  try {
    const Json request = request_of(operation, {reinterpret_cast<const char*>(data) + 1, size - 1});
    if (!wire::validate(*operation.input, request).empty()) return 0;
    evaluate(request, item, bytes);
  } catch (const paddock::AwsError&) {
  } catch (const std::invalid_argument&) {  // no JSON
  }
  return 0;
}
