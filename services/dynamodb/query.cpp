// Query and Scan: one page of a table or index, in key order.
#include <algorithm>

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/text_request.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

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
  size_t limit = SIZE_MAX;
  bool consistent = false;
  ReturnCapacity capacity = ReturnCapacity::none;

  void bind_legacy(RequestExpressions& expressions, const char* filter_member);
  void bind_expressions(RequestExpressions& expressions);
  // Limit, ConsistentRead and ReturnConsumedCapacity.
  void take_options();
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
struct DynamoDb::Progress {
  size_t scanned = 0;
  size_t count = 0;
  size_t bytes = 0;
  int64_t fetch_units = 0;
  std::string items = "[";
  std::string last;  // encoded key attributes where the page ended; "" at the end of the data

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

void DynamoDb::Page::bind_legacy(RequestExpressions& expressions, const char* filter_member) {
  filter = expressions.legacy_filter(filter_member);
  projection = expressions.attributes_to_get();
}

void DynamoDb::Page::bind_expressions(RequestExpressions& expressions) {
  if (!filter) {
    filter = expressions.bind<ConditionExpression>(m::FilterExpression, ExpressionKind::filter);
  }
  if (!projection) {
    projection =
        expressions.bind<ProjectionExpression>(m::ProjectionExpression, ExpressionKind::projection);
  }
}

void DynamoDb::Page::take_options() {
  const Json& limit_member = member_or_null(input, m::Limit);
  if (!limit_member.is_null()) limit = limit_member.get<size_t>();
  consistent = flag_member(input, m::ConsistentRead);
  capacity = return_capacity(input);
}

void DynamoDb::Page::check_select() const {
  const std::string_view select = text_member(input, m::Select);
  if (select.empty()) return;
  const bool projected = projection.has_value();
  if (select == "SPECIFIC_ATTRIBUTES") {
    if (!projected) throw errors::select_needs_projection();
  } else if (projected) {
    throw errors::select_forbids_projection(select, projection->legacy());
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
  RequestExpressions expressions(
      expressions_, input,
      {m::ProjectionExpression, m::FilterExpression, m::KeyConditionExpression},
      {m::AttributesToGet, m::QueryFilter, m::ConditionalOperator, m::KeyConditions});
  Page page{input};
  page.take_options();
  page.bind_legacy(expressions, m::QueryFilter);
  const auto expression = expressions.bind<KeyConditionExpression>(m::KeyConditionExpression,
                                                                   ExpressionKind::key_condition);
  if (!expression && member_or_null(input, m::KeyConditions).is_null()) {
    throw errors::no_key_condition();
  }
  page.bind_expressions(expressions);
  expressions.finish();
  const KeyCondition condition =
      expression ? expression->condition() : *expressions.key_conditions();
  page.check_select();

  page.table = data_table(context, input);
  page.find_index();
  const KeySchema& keys = page.index ? page.index->keys : page.table->keys;
  const std::string start = page.start("Query");
  const KeyRange range = condition.resolve(keys.hash, keys.range);
  page.bounds = bounds(*page.table, page.index, range);
  page.check_filter();
  if (page.filter) {
    for (const auto& head : page.filter->heads()) {
      if (keys.has(head.name)) throw errors::filter_on_key(head.name, page.filter->legacy());
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

// A Query of a table by its key condition alone.
std::optional<Output> DynamoDb::query_text(Context& context, std::string_view text) {
  TextRequest request(text);
  if (!request.read(TextRequest::Operation::query)) return std::nullopt;
  const Json no_input;
  Page page{no_input};
  try {
    page.table = data_table_named(context, request.table);
    const KeyConditionExpression condition(
        expressions_.get(ExpressionKind::key_condition, request.key_condition), request.attributes);
    if (request.projection.data()) {
      page.projection.emplace(expressions_.get(ExpressionKind::projection, request.projection),
                              request.attributes);
    }
    request.attributes.require_all_used();
    const KeySchema& keys = page.table->keys;
    page.bounds =
        bounds(*page.table, nullptr, condition.condition().resolve(keys.hash, keys.range));
    page.check_filter();
  } catch (const AwsError&) {
    return std::nullopt;
  }
  if (!request.forward) page.direction = storage::Direction::backward;
  page.limit = request.limit;
  page.consistent = request.consistent;
  page.capacity = request.capacity;
  return read_page(context, page);
}

Output DynamoDb::scan(Context& context, Json input) {
  RequestExpressions expressions(expressions_, input,
                                 {m::ProjectionExpression, m::FilterExpression},
                                 {m::AttributesToGet, m::ScanFilter, m::ConditionalOperator});
  Page page{input};
  page.bind_legacy(expressions, m::ScanFilter);
  const Json& segment = member_or_null(input, m::Segment);
  const Json& total = member_or_null(input, m::TotalSegments);
  if (!segment.is_null() && total.is_null()) throw errors::segment_without_total();
  if (!total.is_null() && segment.is_null()) throw errors::total_without_segment();
  const auto number = total.is_null() ? 0 : segment.get<uint32_t>();
  const auto count = total.is_null() ? 1 : total.get<uint32_t>();
  if (number >= count) {
    throw errors::segment_too_large(std::to_string(number), std::to_string(count));
  }
  page.take_options();
  page.bind_expressions(expressions);
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
  const Table& table = *page.table;
  const Family family = page.index ? Family::index : Family::rows;
  const storage::Snapshot snapshot = platform_.database.snapshot();
  for (auto row = platform_.database.iterate(family, page.bounds.begin, page.bounds.end,
                                             page.direction, &snapshot);
       row.valid(); row.next()) {
    const ItemView entry(row.value());
    ++progress.scanned;
    progress.bytes += item_size(entry);
    storage::Value whole;
    ItemView item = entry;
    if (page.fetch) {
      const ItemKey key = item_key(table, entry.decode());
      if (platform_.database.get(Family::rows, key.bytes, whole, &snapshot)) {
        item = ItemView(whole.view());
        progress.fetch_units += read_units(item_size(item));
      }
    }
    if (!page.filter || page.filter->matches(item)) progress.add(page, item);
    if (progress.scanned >= page.limit || progress.bytes >= kMaxPageBytes) {
      progress.last = pick_attributes(entry, position_attributes(table, page.index));
      return;
    }
  }
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
  const double factor = page.consistent ? 1.0 : 0.5;
  const double units = static_cast<double>(read_units(progress.bytes)) * factor;
  Consumed consumed;
  consumed.table = static_cast<double>(progress.fetch_units) * factor;
  if (page.index) {
    consumed.add_index(*page.index, units);
  } else {
    consumed.table = units;
  }
  report_read(context, table, consumed.total());
  if (page.capacity != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, consumed_json(table, consumed, page.capacity));
  }
  return Output::text(std::move(answer).finish());
}

}  // namespace paddock::services::dynamodb
