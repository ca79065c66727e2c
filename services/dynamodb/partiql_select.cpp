#include "services/dynamodb/partiql_select.hpp"

#include <algorithm>

#include "services/dynamodb/partiql_errors.hpp"
#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {
namespace statement_selects {

// How ORDER BY sorts.
struct Order {
  bool by_hash = false;
  bool descending = false;  // partition keys
  bool backward = false;    // sort keys
};

Order order_of(const PartiqlStatement& statement, const KeySchema& keys) {
  Order order;
  bool by_range = false;
  for (const PartiqlOrder& term : statement.order) {
    if (!keys.has(term.attribute)) throw errors::order_by_attribute(term.attribute);
    if (term.attribute == keys.hash.name) {
      if (!order.by_hash) order.descending = term.descending;
      order.by_hash = true;
    } else {
      if (!by_range) order.backward = term.descending;
      by_range = true;
    }
  }
  // Without a term of its own the sort key comes back descending.
  if (!statement.order.empty() && !by_range) order.backward = true;
  return order;
}

}  // namespace statement_selects

StatementColumns::StatementColumns(const PartiqlStatement& statement) {
  for (const PartiqlColumn& column : statement.columns) {
    Column& bound = columns_.emplace_back();
    bound.name = column.name;
    for (const PathStep& step : column.path) {
      if (step.kind == PathStep::Kind::index) {
        bound.path.push_back({{}, step.index});
      } else {
        bound.path.push_back({step.name, 0});
      }
    }
  }
}

void StatementColumns::append_json(std::string& out, ItemView item) const {
  if (columns_.empty()) {
    dynamodb::append_json(out, item);
    return;
  }
  Item selected;
  for (const Column& column : columns_) {
    const auto value = find_at(item, column.path);
    if (value) selected.set(column.name, value->decode());
  }
  dynamodb::append_json(out, selected);
}

std::vector<std::string_view> StatementColumns::attributes() const {
  std::vector<std::string_view> names;
  for (const Column& column : columns_) {
    const std::string_view name = column.path.front().name;
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

StatementSelect::StatementSelect(const BoundStatement& bound, const Table& table, bool consistent)
    : bound(bound), table(table), columns(bound.statement()) {
  find_index(consistent);
  if (index) check_projection();
  plan();
}

void StatementSelect::find_index(bool consistent) {
  const auto& name = bound.statement().index;
  if (!name) return;
  index = table.find_index(*name);
  if (!index) throw errors::no_such_statement_index();
  if (index->keys.multi()) throw errors::statement_on_multi_attribute_key(*name);
  if (index->backfilling) throw errors::backfilling_index(*name);
  if (index->global && consistent) throw errors::consistent_statement_on_global_index();
}

void StatementSelect::check_projection() {
  std::vector<std::string_view> missing;
  for (const std::string_view name : columns.attributes()) {
    if (!index->holds(name)) missing.push_back(name);
  }
  if (!missing.empty() && index->global) {
    throw errors::not_projected(index->name, name_list(missing));
  }
  fetch = !missing.empty();
  if (!bound.keys() || !bound.keys()->fixes_partition(index->keys)) return;
  const auto unknown = bound.keys()->not_projected(*index);
  if (!unknown.empty()) {
    throw errors::filter_not_projected(index->name, name_list(unknown));
  }
}

void StatementSelect::plan() {
  const KeySchema& keys = index ? index->keys : table.keys;
  const bool ordered = !bound.statement().order.empty();
  if (ordered && !bound.keys()) throw errors::order_without_where();
  const auto order = statement_selects::order_of(bound.statement(), keys);
  if (ordered && !bound.keys()->fixes_partition(keys)) throw errors::order_without_hash();
  StatementKeys::Reads reads;
  reads.everything = true;
  if (bound.keys()) reads = bound.keys()->reads(table, index, order.descending, order.backward);
  if (ordered && reads.several_partitions && !order.by_hash) throw errors::order_needs_hash();
  if (order.backward) direction = storage::Direction::backward;
  parts = std::move(reads.parts);
  if (reads.everything) parts.push_back(segment_bounds(table, index, 0, 1));
}

void StatementSelect::start_after(const Item& position) {
  const auto names = position_attributes(table, index);
  const auto fits = [&](const KeyAttribute& attribute) {
    const AttributeValue* value = position.find(attribute.name);
    return value && value->type() == attribute.type;
  };
  bool right = position.size() == names.size();
  for (const KeySchema* keys : {&table.keys, index ? &index->keys : &table.keys}) {
    right = right && fits(keys->hash) && (!keys->range || fits(*keys->range));
  }
  if (!right) throw errors::bad_next_token();
  const std::string key = position_key(table, index, position);
  const auto part = std::find_if(parts.begin(), parts.end(), [&](const KeyBounds& bounds) {
    return key >= bounds.begin && key < bounds.end;
  });
  if (part == parts.end()) throw errors::bad_next_token();
  if (direction == storage::Direction::forward) {
    part->begin = key + '\0';
  } else {
    part->end = key;
  }
  parts.erase(parts.begin(), part);
}

Item single_item_key(const BoundStatement& bound, const Table& table, const AwsError& refusal) {
  if (!bound.keys()) throw refusal;
  StatementKeys::Named named = bound.keys()->named(table.keys, true);
  const size_t wanted = table.keys.range ? 2 : 1;
  if (named.only_key && named.twice.empty() && named.key.size() == wanted) {
    return std::move(named.key);
  }
  bound.keys()->reads(table, nullptr, false, false);  // for what it refuses
  throw refusal;
}

}  // namespace paddock::services::dynamodb
