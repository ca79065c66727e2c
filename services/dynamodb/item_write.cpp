#include "services/dynamodb/item_write.hpp"

#include <algorithm>

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

namespace item_writes {

// What exists of an item before an update that creates it: its key.
Item previous_item(const Item& key, std::string_view before) {
  return before.empty() ? key : ItemView(before).decode();
}

// Decodes only what the update and the table's indexes name; the rest is copied as it is.
std::string updated(const Table& table, const ItemUpdate& update, const Item& key,
                    std::string_view before) {
  if (before.empty()) {
    const Item next = update.apply(key);
    if (item_size(next) > kMaxItemBytes) throw errors::updated_item_too_large();
    check_index_attributes(table, next, &key);
    return encode(next);
  }
  std::vector<std::string_view> names;
  for (const PathHead& head : update.heads()) names.push_back(head.name);
  for (const Index& index : table.indexes) {
    index.keys.each([&](const KeyAttribute& attribute, bool) { names.push_back(attribute.name); });
  }
  std::sort(names.begin(), names.end());
  const ItemView stored(before);
  const Item previous = decode_attributes(stored, names);
  const Item next = update.apply(previous);
  std::string after = with_attributes(stored, names, next);
  if (item_size(ItemView(after)) > kMaxItemBytes) throw errors::updated_item_too_large();
  check_index_attributes(table, next, &previous);
  return after;
}

std::string item_text(std::string_view bytes) {
  std::string text;
  if (!bytes.empty()) append_json(text, ItemView(bytes));
  return text;
}

std::string part_text(const Item& part) {
  std::string text;
  if (!part.empty()) append_json(text, part);
  return text;
}

}  // namespace item_writes

ReturnValues return_values(std::string_view text) {
  if (text == "ALL_OLD") return ReturnValues::all_old;
  if (text == "UPDATED_OLD") return ReturnValues::updated_old;
  if (text == "ALL_NEW") return ReturnValues::all_new;
  if (text == "UPDATED_NEW") return ReturnValues::updated_new;
  return ReturnValues::none;
}

void ItemWrite::bind(RequestExpressions& expressions) {
  if (kind == Kind::update) update = expressions.update();
  condition = expressions.condition();
}

void ItemWrite::take_subject(const Json& members) {
  if (kind == Kind::put) {
    image = encode(item_from_document(members.at(m::Item)));
  } else {
    subject = item_from_document(members.at(m::Key));
  }
}

void ItemWrite::check(const Table& table) const {
  if (kind == Kind::put) {
    const ItemView item(image);
    if (item_size(item) > kMaxItemBytes) throw errors::item_too_large();
    check_item(table, item);
  } else {
    if (update) {
      for (const PathHead& target : update->targets()) {
        if (table.keys.has(target.name)) throw errors::cannot_update_key(target.name);
      }
      check_key_paths(table, update->heads());
    }
    check_key(table, subject);
  }
  if (condition) check_key_paths(table, condition->heads());
}

std::string ItemWrite::apply(const Table& table, std::string_view before) const {
  switch (kind) {
    case Kind::put:
      return image;
    case Kind::remove:
      return {};
    case Kind::check:
      return std::string(before);
    case Kind::update:
      break;
  }
  if (!update) return before.empty() ? encode(subject) : std::string(before);
  if (before.empty() && !update->creates_item()) return {};
  return item_writes::updated(table, *update, subject, before);
}

std::string ItemWrite::returned(ReturnValues values, std::string_view before,
                                std::string_view after) const {
  switch (values) {
    case ReturnValues::none:
      break;
    case ReturnValues::all_old:
      return item_writes::item_text(before);
    case ReturnValues::all_new:
      return item_writes::item_text(after);
    case ReturnValues::updated_old:
      if (!update || before.empty()) break;
      return item_writes::part_text(
          update->updated_old(item_writes::previous_item(subject, before)));
    case ReturnValues::updated_new:
      if (!update || after.empty()) break;
      return item_writes::part_text(update->updated_new(ItemView(after).decode()));
  }
  return {};
}

Consumed consumed_by(const WriteEffect& effect) {
  Consumed consumed;
  consumed.table = static_cast<double>(write_units(effect.larger_size()));
  for (const auto& charge : effect.indexes) {
    consumed.add_index(*charge.index, static_cast<double>(charge.units));
  }
  return consumed;
}

AnswerText write_answer(const WriteOutcome& outcome, const ItemWrite& write, ReturnValues values,
                        ReturnCapacity capacity) {
  AnswerText answer;
  const std::string shown = write.returned(values, outcome.before, outcome.after);
  if (!shown.empty()) answer.member(m::Attributes) += shown;
  if (capacity != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, consumed_json(*outcome.table, outcome.consumed, capacity));
  }
  return answer;
}

AwsError condition_failure(const ItemWrite& write, std::string_view before) {
  AwsError error = errors::condition_failed();
  if (write.item_on_failure && !before.empty()) {
    error.with(m::Item, to_document(ItemView(before).decode()));
  }
  return error;
}

Json collection_metrics(const Table& table, const AttributeValue& partition_key) {
  std::string key;
  append_json(key, partition_key);
  return {{m::ItemCollectionKey, {{table.keys.hash.name, Json::parse(key)}}},
          {m::SizeEstimateRangeGB, Json::array({0.0, 1.0})}};
}

}  // namespace paddock::services::dynamodb
