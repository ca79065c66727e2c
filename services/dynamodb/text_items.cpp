// The hot operations on single items, from the text of a request. What is not served here goes
// through a document to the handlers of items.cpp.
#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/projection.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/text_request.hpp"
#include "services/dynamodb/update.hpp"

namespace paddock::services::dynamodb {

using gateway::Output;

void DynamoDb::bind_text(ItemWrite& write, TextRequest& request) {
  if (request.update.data()) {
    write.update = std::make_unique<UpdateExpression>(
        expressions_.get(ExpressionKind::update, request.update), request.attributes);
  }
  if (request.condition.data()) {
    write.condition = std::make_unique<ConditionExpression>(
        expressions_.get(ExpressionKind::condition, request.condition), request.attributes);
  }
  request.attributes.require_all_used();
}

std::optional<Output> DynamoDb::write_text(Context& context, ItemWrite::Kind kind,
                                           TextRequest& request) {
  TablePtr table;
  ItemWrite write;
  write.kind = kind;
  try {
    table = data_table_named(context, request.table);
    bind_text(write, request);
    if (write.update && write.update->charge() > kMaxItemBytes) return std::nullopt;
  } catch (const AwsError&) {
    return std::nullopt;
  }
  write.subject = std::move(request.subject);
  write.image = std::move(request.image);
  const WriteOutcome outcome = commit_write(context, std::move(table), write);
  return Output::text(write_answer(outcome, write, request.values, request.capacity).finish());
}

std::optional<Output> DynamoDb::put_item_text(Context& context, std::string_view text) {
  TextRequest request(text);
  if (!request.read(TextRequest::Operation::put)) return std::nullopt;
  return write_text(context, ItemWrite::Kind::put, request);
}

std::optional<Output> DynamoDb::update_item_text(Context& context, std::string_view text) {
  TextRequest request(text);
  if (!request.read(TextRequest::Operation::update)) return std::nullopt;
  return write_text(context, ItemWrite::Kind::update, request);
}

std::optional<Output> DynamoDb::delete_item_text(Context& context, std::string_view text) {
  TextRequest request(text);
  if (!request.read(TextRequest::Operation::remove)) return std::nullopt;
  return write_text(context, ItemWrite::Kind::remove, request);
}

std::optional<Output> DynamoDb::get_item_text(Context& context, std::string_view text) {
  TextRequest request(text);
  if (!request.read(TextRequest::Operation::get)) return std::nullopt;
  TablePtr table;
  std::optional<ProjectionExpression> projection;
  try {
    table = data_table_named(context, request.table);
    if (request.projection.data()) {
      projection.emplace(expressions_.get(ExpressionKind::projection, request.projection),
                         request.attributes);
    }
    request.attributes.require_all_used();
    if (projection) check_key_paths(*table, projection->heads());
  } catch (const AwsError&) {
    return std::nullopt;
  }
  return read_item(context, *table, request.subject,
                   {projection ? &*projection : nullptr, request.consistent, request.capacity});
}

}  // namespace paddock::services::dynamodb
