// Transactions: checks, locks, one batch for all writes; one snapshot for all reads.
//
// Order of checks: shapes and expressions (the handler), tables, then here: empty keys and items
// too large to put (they refuse the request), two actions on one item (likewise), and under the
// locks everything that cancels the transaction with a reason per action.
#include "services/dynamodb/transaction.hpp"

#include <algorithm>
#include <set>

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using storage::Family;

constexpr double kTransactionFactor = 2;  // of the units of tables; those of indexes stay

namespace transactions {

// An action while it runs.
struct Step {
  ItemKey key;  // empty if the action is flawed
  std::optional<AwsError> flaw;
  storage::Value row;
  std::string_view before;
  std::string after;
  WriteEffect effect;

  bool flawed() const { return flaw.has_value(); }
};

bool is_empty(const AttributeValue* value, AttributeType type) {
  if (!value || value->type() != type) return false;
  if (value->is(AttributeType::string)) return value->as_string().empty();
  return value->is(AttributeType::binary) && value->as_binary().empty();
}

bool is_empty(const std::optional<ValueView>& value, AttributeType type) {
  if (!value || value->type() != type || type == AttributeType::number) return false;
  return value->text().empty();
}

// Throws for an empty value in a key that is right otherwise: unlike other faults of keys it
// refuses the whole request.
void check_empty_key(const Table& table, const TransactWrite& action) {
  const ItemWrite& write = action.write;
  const bool put = write.kind == ItemWrite::Kind::put;
  if (!put && write.subject.size() != (table.keys.range ? 2U : 1U)) return;
  const auto check = [&](const KeyAttribute& attribute) {
    const bool empty = put ? is_empty(ItemView(write.image).find(attribute.name), attribute.type)
                           : is_empty(write.subject.find(attribute.name), attribute.type);
    if (!empty) return;
    throw errors::empty_key(attribute.name, attribute.type == AttributeType::binary);
  };
  check(table.keys.hash);
  if (table.keys.range) check(*table.keys.range);
}

template <class Check>
std::optional<AwsError> flaw_of(Check check) {
  try {
    check();
  } catch (const AwsError& error) {
    if (error.code() != "ValidationException") throw;
    return error;
  }
  return std::nullopt;
}

void check_requests(const std::vector<TransactWrite>& actions) {
  size_t bytes = 0;
  for (const TransactWrite& action : actions) {
    if (action.flaw) continue;
    check_empty_key(*action.table, action);
    const bool put = action.write.kind == ItemWrite::Kind::put;
    const size_t size =
        put ? item_size(ItemView(action.write.image)) : item_size(action.write.subject);
    if (put && size > kMaxItemBytes) throw errors::item_too_large();
    bytes += size;
  }
  if (bytes > kMaxTransactionBytes) throw errors::transaction_too_large();
}

std::vector<Step> steps_of(const std::vector<TransactWrite>& actions) {
  std::vector<Step> steps(actions.size());
  std::set<std::string_view> keys;
  for (size_t i = 0; i < actions.size(); ++i) {
    const TransactWrite& action = actions[i];
    Step& step = steps[i];
    step.flaw = action.flaw;
    if (!step.flaw) step.flaw = flaw_of([&] { action.write.check(*action.table); });
    if (step.flawed()) continue;
    step.key = action.write.key(*action.table);
    if (!keys.insert(step.key.bytes).second) throw errors::item_twice_in_transaction();
  }
  return steps;
}

// Reads, conditions and updates; to be called under the locks. Throws
// TransactionCanceledException.
void apply(const storage::Database& database, const std::vector<TransactWrite>& actions,
           std::vector<Step>& steps) {
  CancellationReasons reasons;
  size_t bytes = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    const ItemWrite& write = actions[i].write;
    Step& step = steps[i];
    if (!step.flawed()) {
      if (database.get(Family::rows, step.key.bytes, step.row)) step.before = step.row.view();
      if (!write.allowed(step.before)) {
        const bool shown = write.item_on_failure && !step.before.empty();
        reasons.refused(actions[i], shown ? to_document(ItemView(step.before).decode()) : Json());
        continue;
      }
      step.flaw = flaw_of([&] { step.after = write.apply(*actions[i].table, step.before); });
    }
    if (step.flawed()) {
      reasons.flawed(*step.flaw);
      continue;
    }
    if (!step.after.empty()) bytes += item_size(ItemView(step.after));
    reasons.none();
  }
  if (reasons.any()) throw reasons.error();
  if (bytes > kMaxTransactionBytes) throw errors::transaction_too_large();
}

size_t larger_image(const Step& step) {
  return step.effect.larger_size();
}

TransactionUnits units_of(const std::vector<TransactWrite>& actions,
                          const std::vector<Step>& steps) {
  TransactionUnits units;
  for (size_t i = 0; i < steps.size(); ++i) {
    Consumed& consumed = units.of(actions[i].table);
    consumed.table += kTransactionFactor * static_cast<double>(write_units(larger_image(steps[i])));
    for (const auto& charge : steps[i].effect.indexes) {
      consumed.add_index(*charge.index, static_cast<double>(charge.units));
    }
  }
  return units;
}

TransactionUnits replayed_units(const std::vector<TransactWrite>& actions,
                                const DoneTransaction& done) {
  TransactionUnits units;
  units.write = false;
  for (size_t i = 0; i < actions.size(); ++i) {
    units.of(actions[i].table).table += kTransactionFactor * done.read_units.at(i);
  }
  return units;
}

std::vector<uint32_t> read_units_of(const std::vector<Step>& steps) {
  std::vector<uint32_t> units;
  units.reserve(steps.size());
  for (const Step& step : steps) {
    units.push_back(static_cast<uint32_t>(read_units(larger_image(step))));
  }
  return units;
}

}  // namespace transactions

Consumed& TransactionUnits::of(const TablePtr& table) {
  for (auto& [known, consumed] : tables) {
    if (known->incarnation == table->incarnation) return consumed;
  }
  return tables.emplace_back(table, Consumed{}).second;
}

Json TransactionUnits::json(ReturnCapacity mode) const {
  const char* axis = write ? m::WriteCapacityUnits : m::ReadCapacityUnits;
  const auto capacity = [&](double amount) {
    return Json{{m::CapacityUnits, amount}, {axis, amount}};
  };
  Json list = Json::array();
  for (const auto& [table, consumed] : tables) {
    Json entry = capacity(consumed.total());
    entry[m::TableName] = table->name;
    if (mode == ReturnCapacity::indexes) {
      entry[m::Table] = capacity(consumed.table);
      for (const auto& [index, amount] : consumed.indexes) {
        const char* kind = index->global ? m::GlobalSecondaryIndexes : m::LocalSecondaryIndexes;
        entry[kind][index->name] = capacity(amount);
      }
    }
    list.push_back(std::move(entry));
  }
  return list;
}

void CancellationReasons::none() {
  add("None", {}, Json());
}

void CancellationReasons::flawed(const AwsError& error) {
  any_ = true;
  add("ValidationError", error.message(), Json());
}

void CancellationReasons::refused(const TransactWrite& action, const Json& item) {
  any_ = true;
  add(action.refusal_code, action.refusal_message, item);
}

void CancellationReasons::throttled(const AwsError& error) {
  any_ = true;
  add(cancellation_code(error), error.message(), Json());
}

void CancellationReasons::add(std::string_view code, std::string_view message, const Json& item) {
  if (!codes_.empty()) codes_ += ", ";
  codes_ += code;
  Json reason = {{m::Code, code}};
  if (!message.empty()) reason[m::Message] = message;
  if (!item.is_null()) reason[m::Item] = item;
  list_.push_back(std::move(reason));
}

AwsError CancellationReasons::error() const {
  return errors::transaction_cancelled(codes_).with(m::CancellationReasons, list_);
}

TransactionUnits DynamoDb::commit_transaction(Context& context, std::vector<TransactWrite>& actions,
                                              const std::optional<TransactionToken>& token) {
  const RealmId realm = context.realm->id;
  std::optional<TransactionTokens::Claim> claim;
  for (;;) {
    transactions::check_requests(actions);
    std::vector<transactions::Step> steps = transactions::steps_of(actions);
    if (token) {
      if (!claim) claim.emplace(tokens_, realm, *token);
      if (const auto done = tokens_.find(realm, *token)) {
        TransactionUnits units = transactions::replayed_units(actions, *done);
        for (const auto& [table, consumed] : units.tables) {
          report_read(context, *table, consumed.total());
        }
        return units;
      }
    }
    std::vector<std::string> partitions;
    partitions.reserve(steps.size());
    for (const auto& step : steps) {
      if (!step.flawed()) partitions.emplace_back(step.key.partition());
    }
    auto guards = platform_.locks.lock_all(partitions);
    const bool changed = std::any_of(actions.begin(), actions.end(), [](const auto& action) {
      return action.table->retired.load(std::memory_order_acquire);
    });
    if (changed) {
      guards.clear();
      for (TransactWrite& action : actions) {
        action.table = catalog_.find(action.table->realm, action.table->name);
        if (!action.table) throw errors::no_such_resource();
      }
      continue;
    }
    transactions::apply(platform_.database, actions, steps);
    CancellationReasons reasons;
    for (size_t i = 0; throttle_.on() && i < steps.size(); ++i) {
      const ItemChange change{steps[i].before, steps[i].after};
      const auto refused =
          refuse_write(context, *actions[i].table, steps[i].key, change, kTransactionFactor);
      refused ? reasons.throttled(*refused) : reasons.none();
    }
    if (reasons.any()) throw reasons.error();
    storage::Batch batch;
    for (size_t i = 0; i < steps.size(); ++i) {
      auto& step = steps[i];
      if (actions[i].write.kind == ItemWrite::Kind::check) {
        const size_t size = step.before.empty() ? 0 : item_size(ItemView(step.before));
        step.effect.size_before = step.effect.size_after = size;
        continue;
      }
      step.effect = writer_.write(batch, *actions[i].table, step.key, {step.before, step.after},
                                  context.cause);
    }
    if (token) tokens_.done(batch, realm, *token, transactions::read_units_of(steps));
    if (!batch.empty()) context.commit(batch);
    guards.clear();
    for (size_t i = 0; i < steps.size(); ++i) count(*actions[i].table, steps[i].effect);
    TransactionUnits units = transactions::units_of(actions, steps);
    for (const auto& [table, consumed] : units.tables) {
      report_write(context, *table, consumed.total());
    }
    return units;
  }
}

TransactionUnits DynamoDb::read_transaction(Context& context, std::vector<TransactRead>& actions) {
  CancellationReasons reasons;
  std::vector<std::string> keys;
  std::set<std::string_view> seen;
  keys.reserve(actions.size());
  bool twice = false;
  for (TransactRead& action : actions) {
    if (!action.flaw) {
      action.flaw = transactions::flaw_of([&] { check_key(*action.table, action.key); });
    }
    if (action.flaw) {
      reasons.flawed(*action.flaw);
      continue;
    }
    reasons.none();
    keys.push_back(item_key(*action.table, action.key).bytes);
    twice |= !seen.insert(keys.back()).second;
  }
  if (reasons.any()) throw reasons.error();
  if (twice) throw errors::item_twice_in_transaction();

  require_strong_reads();
  TransactionUnits units;
  units.write = false;
  size_t bytes = 0;
  CancellationReasons throttled;
  const storage::Snapshot snapshot = platform_.database.snapshot();
  for (size_t i = 0; i < actions.size(); ++i) {
    storage::Value row;
    size_t size = 0;
    if (platform_.database.get(Family::rows, keys[i], row, &snapshot)) {
      size = item_size(ItemView(row.view()));
      actions[i].row = std::move(row);
    }
    bytes += size;
    const double taken = kTransactionFactor * static_cast<double>(read_units(size));
    units.of(actions[i].table).table += taken;
    if (throttle_.on()) {
      const auto refused = refuse_read(context, *actions[i].table, nullptr, keys[i], taken);
      refused ? throttled.throttled(*refused) : throttled.none();
    }
  }
  if (throttled.any()) throw throttled.error();
  if (bytes > kMaxTransactionBytes) throw errors::transaction_too_large();
  for (const auto& [table, consumed] : units.tables) {
    report_read(context, *table, consumed.total());
  }
  return units;
}

}  // namespace paddock::services::dynamodb
