// Hostile PartiQL statements, bound and evaluated when they parse, and hostile NextTokens: only
// AwsError may come out.
#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/text.hpp"
#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/partiql_ast.hpp"
#include "services/dynamodb/partiql_token.hpp"
#include "services/dynamodb/update.hpp"

namespace dynamodb = paddock::services::dynamodb;

namespace {

const char* const kItem =
    R"({"a":{"N":"5"},"b":{"S":"text"},"c":{"SS":["x","y"]},"d":{"L":[{"N":"1"},{"M":{"e":{"N":"2"}}}]},
        "m":{"M":{"k":{"BOOL":true}}}})";

void run(std::string_view text, const dynamodb::Item& item) {
  const dynamodb::PartiqlStatement statement = dynamodb::parse_partiql(text);
  dynamodb::ExpressionAttributes attributes;
  for (size_t i = 0; i < statement.values.size(); ++i) {
    const auto& value = statement.values[i];
    attributes.add_value(":" + std::to_string(i), value.parameter
                                                      ? dynamodb::AttributeValue::string_set({"x"})
                                                      : value.literal);
  }
  if (statement.where) {
    const std::string bytes = dynamodb::encode(item);
    dynamodb::ConditionExpression(statement.where, attributes).matches(dynamodb::ItemView(bytes));
  }
  if (statement.update) {
    const dynamodb::UpdateExpression update(statement.update, attributes);
    const dynamodb::Item next = update.apply(item);
    dynamodb::decode_item(dynamodb::encode(next));
    update.updated_old(next);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 8193) return 0;
  static const dynamodb::Item item = dynamodb::item_from_document(paddock::Json::parse(kItem));
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    if (data[0] % 8 == 0) {
      dynamodb::read_next_token(paddock::to_base64(text), 0);
    } else if (paddock::valid_utf8(text)) {
      run(text, item);
    }
  } catch (const paddock::AwsError&) {
  }
  return 0;
}
