// Query and Scan: one page of a table or index, in key order.
#include <algorithm>

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/row_read.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;

struct DynamoDb::Page {
  const Json& input;
  TablePtr table{};
  const Index* index = nullptr;
  KeyBounds bounds{};
  storage::Direction direction = storage::Direction::forward;
  std::optional<ConditionExpression> filter{};
  std::optional<ProjectionExpression> projection{};
  bool count_only = false;
  bool fetch = false;  // from the table, what the local index does not hold

  void check_select() const;
  void find_index();
  void check_filter() const;
  void choose_attributes();
  // ExclusiveStartKey as a position, "" if there is none.
  std::string start(std::string_view operation) const;
  void start_after(const std::string& position);
};

namespace pages {

std::string list(const std::vector<std::string_view>& names) {
  std::string text = "[";
  for (const std::string_view name : names) {
    if (text.size() > 1) text += ", ";
    text += name;
  }
  return text + "]";
}

bool projects(const Index& index, std::string_view attribute) {
  return index.projection == Projection::all ||
         std::binary_search(index.projected.begin(), index.projected.end(), attribute);
}

}  // namespace pages

// What one page has read so far.
struct DynamoDb::Progress : RowsRead {
  size_t count = 0;
  std::string items = "[";

  void add(const Page& page, ItemView item) {
    ++count;
    if (page.count_only) return;
    if (items.size() > 1) items += ',';
    if (page.projection) {
      page.projection->append_json(items, item);
    } else {
      append_json(items, item);
    }
  }
};

void DynamoDb::Page::check_select() const {
  const std::string_view select = text_member(input, m::Select);
  if (select.empty()) return;
  const bool projected = projection.has_value();
  if (select == "SPECIFIC_ATTRIBUTES") {
    if (!projected) throw errors::select_needs_projection();
  } else if (projected) {
    throw errors::select_forbids_projection(select);
  }
  if (select == "ALL_PROJECTED_ATTRIBUTES" && text_member(input, m::IndexName).empty()) {
    throw errors::projected_without_index();
  }
}

void DynamoDb::Page::find_index() {
  const std::string_view name = text_member(input, m::IndexName);
  if (name.empty()) return;
  index = table->find_index(name);
  if (!index) throw errors::no_such_index(name);
  if (index->backfilling) throw errors::backfilling_index(name);
  if (index->global && flag_member(input, m::ConsistentRead)) {
    throw errors::consistent_read_on_global_index();
  }
}

void DynamoDb::Page::check_filter() const {
  if (projection) check_key_paths(*table, projection->heads());
  if (!filter) return;
  check_key_paths(*table, filter->heads());
}

void DynamoDb::Page::choose_attributes() {
  const std::string_view select = text_member(input, m::Select);
  count_only = select == "COUNT";
  if (!index || index->projection == Projection::all) return;
  if (select == "ALL_ATTRIBUTES") {
    if (index->global) throw errors::all_attributes_unsupported(index->name);
    fetch = true;
  }
  if (!projection) return;
  std::vector<std::string_view> missing;
  for (const auto& head : projection->heads()) {
    if (!pages::projects(*index, head.name)) missing.push_back(head.name);
  }
  if (missing.empty()) return;
  if (index->global) throw errors::not_projected(index->name, pages::list(missing));
  fetch = true;
}

std::string DynamoDb::Page::start(std::string_view operation) const {
  const Json& json = member_or_null(input, m::ExclusiveStartKey);
  if (json.is_null()) return {};
  const Item start = item_from_document(json);
  const auto names = position_attributes(*table, index);
  if (start.size() != names.size()) {
    throw index || operation == "Query"
        ? errors::bad_start_key()
        : errors::bad_start_key("The provided key element does not match the schema");
  }
  const auto check = [&](const KeyAttribute& attribute) {
    const AttributeValue* value = start.find(attribute.name);
    if (!value) throw errors::bad_start_key();
    if (value->type() != attribute.type) {
      throw errors::bad_start_key("The provided key element does not match the schema");
    }
  };
  for (const KeySchema* keys : {&table->keys, index ? &index->keys : &table->keys}) {
    check(keys->hash);
    if (keys->range) check(*keys->range);
  }
  return position_key(*table, index, start);
}

void DynamoDb::Page::start_after(const std::string& position) {
  if (position.empty()) return;
  if (direction == storage::Direction::forward) {
    bounds.begin = position + '\0';
  } else {
    bounds.end = position;
  }
}

Output DynamoDb::query(Context& context, Json input) {
  refuse_parameters(input, "Query",
                    {m::AttributesToGet, m::KeyConditions, m::QueryFilter, m::ConditionalOperator});
  RequestExpressions expressions(
      expressions_, input,
      {m::FilterExpression, m::KeyConditionExpression, m::ProjectionExpression});
  const auto condition = expressions.bind<KeyConditionExpression>(m::KeyConditionExpression,
                                                                  ExpressionKind::key_condition);
  if (!condition) throw errors::no_key_condition();
  Page page{input};
  page.filter = expressions.bind<ConditionExpression>(m::FilterExpression, ExpressionKind::filter);
  page.projection =
      expressions.bind<ProjectionExpression>(m::ProjectionExpression, ExpressionKind::projection);
  expressions.finish();
  page.check_select();

  page.table = data_table(context, input);
  page.find_index();
  const KeySchema& keys = page.index ? page.index->keys : page.table->keys;
  const std::string start = page.start("Query");
  const KeyRange range = condition->resolve(keys.hash, keys.range);
  page.bounds = bounds(*page.table, page.index, range);
  page.check_filter();
  if (page.filter) {
    for (const auto& head : page.filter->heads()) {
      if (keys.has(head.name)) throw errors::filter_on_key(head.name);
    }
  }
  page.choose_attributes();
  if (!flag_member(input, m::ScanIndexForward, true)) {
    page.direction = storage::Direction::backward;
  }
  if (!start.empty() && (start < page.bounds.begin || start >= page.bounds.end)) {
    throw range.op == RangeOperator::none ? errors::start_key_outside()
                                          : errors::start_key_not_in_range();
  }
  page.start_after(start);
  return read_page(context, page);
}

Output DynamoDb::scan(Context& context, Json input) {
  refuse_parameters(input, "Scan", {m::AttributesToGet, m::ScanFilter, m::ConditionalOperator});
  RequestExpressions expressions(expressions_, input,
                                 {m::FilterExpression, m::ProjectionExpression});
  const Json& segment = member_or_null(input, m::Segment);
  const Json& total = member_or_null(input, m::TotalSegments);
  if (!segment.is_null() && total.is_null()) throw errors::segment_without_total();
  if (!total.is_null() && segment.is_null()) throw errors::total_without_segment();
  const auto number = total.is_null() ? 0 : segment.get<uint32_t>();
  const auto count = total.is_null() ? 1 : total.get<uint32_t>();
  if (number >= count) {
    throw errors::segment_too_large(std::to_string(number), std::to_string(count));
  }
  Page page{input};
  page.filter = expressions.bind<ConditionExpression>(m::FilterExpression, ExpressionKind::filter);
  page.projection =
      expressions.bind<ProjectionExpression>(m::ProjectionExpression, ExpressionKind::projection);
  expressions.finish();
  page.check_select();

  page.table = data_table(context, input);
  page.find_index();
  const std::string start = page.start("Scan");
  page.bounds = segment_bounds(*page.table, page.index, number, count);
  if (!start.empty() && (start < page.bounds.begin || start >= page.bounds.end)) {
    throw errors::start_key_wrong_segment(std::to_string(count), std::to_string(number));
  }
  page.check_filter();
  page.choose_attributes();
  page.start_after(start);
  return read_page(context, page);
}

void DynamoDb::read_rows(const Page& page, Progress& progress) const {
  RowRead read;
  read.table = page.table.get();
  read.index = page.index;
  read.bounds = page.bounds;
  read.direction = page.direction;
  if (page.filter) read.filter = &*page.filter;
  read.fetch = page.fetch;
  const Json& limit = member_or_null(page.input, m::Limit);
  if (!limit.is_null()) read.limit = limit.get<size_t>();
  dynamodb::read_rows(platform_.database, platform_.database.snapshot(), read, progress,
                      [&](ItemView item) { progress.add(page, item); });
}

Output DynamoDb::read_page(Context& context, const Page& page) {
  const Table& table = *page.table;
  Progress progress;
  read_rows(page, progress);
  AnswerText answer;
  answer.member(m::Count, progress.count);
  if (!page.count_only) answer.member(m::Items) += progress.items += ']';
  if (!progress.last.empty()) {
    append_json(answer.member(m::LastEvaluatedKey), ItemView(progress.last));
  }
  answer.member(m::ScannedCount, progress.scanned);
  const double factor = flag_member(page.input, m::ConsistentRead) ? 1.0 : 0.5;
  const double units = static_cast<double>(read_units(progress.bytes)) * factor;
  Consumed consumed;
  consumed.table = static_cast<double>(progress.fetch_units) * factor;
  if (page.index) {
    consumed.add_index(*page.index, units);
  } else {
    consumed.table = units;
  }
  report_read(context, table, consumed.total());
  const ReturnCapacity mode = return_capacity(page.input);
  if (mode != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, consumed_json(table, consumed, mode));
  }
  return Output::text(std::move(answer).finish());
}

}  // namespace paddock::services::dynamodb
