// Hostile expressions of every kind, evaluated when they parse and bind: only AwsError may come
// out.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/key_condition.hpp"
#include "services/dynamodb/projection.hpp"
#include "services/dynamodb/update.hpp"

namespace dynamodb = paddock::services::dynamodb;
using dynamodb::ExpressionKind;

namespace {

const char* const kItem =
    R"({"a":{"N":"5"},"b":{"S":"text"},"c":{"SS":["x","y"]},"d":{"L":[{"N":"1"},{"M":{"e":{"N":"2"}}}]},
        "m":{"M":{"k":{"BOOL":true}}}})";

void fill(dynamodb::ExpressionAttributes& attributes) {
  attributes.add_name("#a", "a");
  attributes.add_name("#m", "m");
  attributes.add_value(":n", dynamodb::AttributeValue::number(dynamodb::Number(1)));
  attributes.add_value(":s", dynamodb::AttributeValue::string("x"));
  attributes.add_value(":t", dynamodb::AttributeValue::string_set({"x"}));
  attributes.add_value(":l", dynamodb::AttributeValue::list({}));
}

void evaluate(ExpressionKind kind, std::string_view text, const dynamodb::Item& item) {
  const auto parsed = dynamodb::parse_expression(kind, text);
  const std::string bytes = dynamodb::encode(item);
  dynamodb::ExpressionAttributes attributes;
  fill(attributes);
  switch (kind) {
    case ExpressionKind::condition:
    case ExpressionKind::filter:
      dynamodb::ConditionExpression(parsed, attributes).matches(dynamodb::ItemView(bytes));
      break;
    case ExpressionKind::key_condition:
      dynamodb::KeyConditionExpression(parsed, attributes).resolve({"b"}, dynamodb::KeyAttribute{});
      break;
    case ExpressionKind::projection: {
      std::string out;
      dynamodb::ProjectionExpression(parsed, attributes)
          .append_json(out, dynamodb::ItemView(bytes));
      break;
    }
    case ExpressionKind::update: {
      const dynamodb::UpdateExpression update(parsed, attributes);
      const dynamodb::Item next = update.apply(item);
      dynamodb::decode_item(dynamodb::encode(next));
      update.updated_old(item);
      update.updated_new(next);
      break;
    }
    case ExpressionKind::partiql:
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static const dynamodb::Item item = dynamodb::item_from_document(paddock::Json::parse(kItem));
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    evaluate(static_cast<ExpressionKind>(data[0] % 5), text, item);
  } catch (const paddock::AwsError&) {
  }
  return 0;
}
