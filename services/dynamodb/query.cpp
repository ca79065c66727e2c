// Query and Scan: one page of a table or index, in key order.
#include <algorithm>

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/request_layer.hpp"
#include "services/dynamodb/row_read.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/text_request.hpp"
#include "services/dynamodb/validation.hpp"

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
  bool fetch = false;          // from the table, what the local index does not hold
  bool one_partition = false;  // which `bounds.begin` lies in
  std::optional<Item> start_key{};
  size_t limit = SIZE_MAX;
  bool consistent = false;
  ReturnCapacity capacity = ReturnCapacity::none;

  void bind_legacy(RequestExpressions& expressions, const char* filter_member);
  void bind_expressions(RequestExpressions& expressions);
  // Limit, ConsistentRead and ReturnConsumedCapacity.
  void take_options();
  void check_select(std::string_view operation) const;
  void find_index();
  void check_projection() const;
  void check_filter() const;
  void choose_attributes();
  // Takes ExclusiveStartKey; its values are checked as such.
  void take_start();
  // It as a position in table or index, "" if there is none. Throws unless it has the key's form.
  std::string start_position(std::string_view operation) const;
  // Throws unless the position is one that a Query of `range` can be at.
  void check_start(const KeyRange& range, const std::string& position) const;
  void start_after(const std::string& position);
};

namespace pages {

// Of messages about a value in a start key: those that do not say that they are about it.
bool stands_alone(std::string_view message) {
  for (const std::string_view part : {"contains duplicates", "number set", "numeric value",
                                      "significant digits", "number with magnitude"}) {
    if (message.find(part) != std::string_view::npos) return true;
  }
  return false;
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

void DynamoDb::Page::check_select(std::string_view operation) const {
  const std::string_view select = text_member(input, m::Select);
  if (select.empty()) return;
  const bool projected = projection.has_value();
  if (select == "SPECIFIC_ATTRIBUTES") {
    if (!projected) {
      const AwsError error = errors::select_needs_projection();
      throw operation == "Query" ? errors::enveloped(error.message()) : error;
    }
  } else if (projected) {
    throw errors::enveloped(
        errors::select_forbids_projection(select, projection->legacy()).message());
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

void DynamoDb::Page::check_projection() const {
  if (projection) check_key_paths(*table, projection->heads());
}

void DynamoDb::Page::check_filter() const {
  if (filter) check_key_paths(*table, filter->heads());
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
    if (!index->holds(head.name)) missing.push_back(head.name);
  }
  if (missing.empty()) return;
  if (index->global) throw errors::not_projected(index->name, name_list(missing));
  fetch = true;
}

void DynamoDb::Page::take_start() {
  const Json& json = member_or_null(input, m::ExclusiveStartKey);
  if (json.is_null()) return;
  try {
    start_key = item_from_document(json);
  } catch (const AwsError& error) {
    if (error.code() != "ValidationException" || pages::stands_alone(error.message())) throw;
    throw errors::bad_start_key(error.message());
  }
}

std::string DynamoDb::Page::start_position(std::string_view operation) const {
  if (!start_key) return {};
  const auto wrong = [&] {
    return index || operation == "Query" ? errors::bad_start_key()
                                         : errors::bad_start_key(errors::key_mismatch().message());
  };
  if (start_key->size() != position_attributes(*table, index).size()) throw wrong();
  const auto check = [&](const KeyAttribute& attribute, const AwsError& wrong_type) {
    const AttributeValue* value = start_key->find(attribute.name);
    if (!value) throw wrong();
    if (value->type() != attribute.type) throw wrong_type;
  };
  if (index) {
    index->keys.each(
        [&](const KeyAttribute& attribute, bool) { check(attribute, errors::key_mismatch()); });
  }
  const AwsError of_table =
      index ? errors::bad_start_key(errors::key_mismatch().message()) : wrong();
  check(table->keys.hash, of_table);
  if (table->keys.range) check(*table->keys.range, of_table);
  return position_key(*table, index, *start_key);
}

void DynamoDb::Page::check_start(const KeyRange& range, const std::string& position) const {
  if (position.empty()) return;
  const KeySchema& keys = index ? index->keys : table->keys;
  KeyRange own = range;  // the same part of the start key's partition
  own.hash = *start_key->find(keys.hash.name);
  own.more_hash.clear();
  for (const auto& attribute : keys.more_hash) {
    own.more_hash.push_back(*start_key->find(attribute.name));
  }
  const KeyBounds within = dynamodb::bounds(*table, index, own);
  if (position < within.begin || position >= within.end) throw errors::start_key_not_in_range();
  if (own.hash == range.hash && own.more_hash == range.more_hash) return;
  throw range.op == RangeOperator::none ? errors::start_key_outside() : errors::cannot_restart();
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
  const KeyCondition condition = check_in(Layer::current, [&] {
    page.bind_legacy(expressions, m::QueryFilter);
    page.take_start();
    const auto expression = expressions.bind<KeyConditionExpression>(m::KeyConditionExpression,
                                                                     ExpressionKind::key_condition);
    if (!expression && member_or_null(input, m::KeyConditions).is_null()) {
      throw errors::no_key_condition();
    }
    page.bind_expressions(expressions);
    expressions.finish();
    return expression ? expression->condition() : *expressions.key_conditions();
  });
  page.check_select("Query");

  page.table = data_table(context, input);
  page.find_index();
  const KeySchema& keys = page.index ? page.index->keys : page.table->keys;
  const std::string start = page.start_position("Query");
  const KeyRange range = condition.resolve(keys);
  page.check_start(range, start);
  page.bounds = bounds(*page.table, page.index, range);
  page.check_projection();
  page.one_partition = true;
  if (page.filter) {
    for (const auto& head : page.filter->heads()) {
      if (keys.has(head.name)) throw errors::filter_on_key(head.name, page.filter->legacy());
    }
  }
  page.choose_attributes();
  page.check_filter();
  if (!flag_member(input, m::ScanIndexForward, true)) {
    page.direction = storage::Direction::backward;
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
    page.bounds = bounds(*page.table, nullptr, condition.condition().resolve(keys));
    page.one_partition = true;
    page.check_projection();
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
  page.take_start();
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
  page.check_select("Scan");

  page.table = data_table(context, input);
  page.find_index();
  const std::string start = page.start_position("Scan");
  page.choose_attributes();
  page.bounds = segment_bounds(*page.table, page.index, number, count);
  if (!start.empty() && (start < page.bounds.begin || start >= page.bounds.end)) {
    throw errors::start_key_wrong_segment(std::to_string(count), std::to_string(number));
  }
  page.check_projection();
  page.check_filter();
  page.start_after(start);
  return read_page(context, page);
}

void DynamoDb::read_rows(const Page& page, Progress& progress) const {
  RowRead read;
  read.table = page.table.get();
  read.index = page.index;
  read.bounds = page.bounds;
  read.direction = page.direction;
  read.consistent = page.consistent;
  if (page.filter) read.filter = &*page.filter;
  read.fetch = page.fetch;
  read.limit = page.limit;
  constexpr size_t kUsualPageBytes = 4096;
  progress.items.reserve(kUsualPageBytes);
  read_rows(platform_.database.snapshot(), read, progress,
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
  const double factor = page.consistent ? 1.0 : 0.5;
  const double units = static_cast<double>(read_units(progress.bytes)) * factor;
  Consumed consumed;
  consumed.table = static_cast<double>(progress.fetch_units) * factor;
  if (page.index) {
    consumed.add_index(*page.index, units);
  } else {
    consumed.table = units;
  }
  const std::string_view partition =
      page.one_partition ? std::string_view(page.bounds.begin) : std::string_view();
  if (auto refused = refuse_read(context, table, page.index, partition, consumed.total())) {
    throw std::move(*refused);
  }
  report_read(context, table, consumed.total());
  if (page.capacity != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, consumed_json(table, consumed, page.capacity));
  }
  return Output::text(std::move(answer).finish());
}

}  // namespace paddock::services::dynamodb
