#include "services/dynamodb/partiql_bound.hpp"

#include "core/random.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/partiql_errors.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

namespace bound_statements {

// Binds tokens to statements, no secret.
constexpr Seed kFingerprintKey{0x7061727469716c5fULL, 0x6e6578745f746f6bULL};

// When a write goes through, beside its WHERE.
enum class Presence : uint8_t {
  absent,   // INSERT
  present,  // UPDATE, EXISTS
  any       // DELETE: of an item that is not there nothing is asked
};

class StatementCondition final : public ItemCondition {
 public:
  StatementCondition(Presence presence, const ConditionExpression* where)
      : presence_(presence), where_(where) {}

  bool matches(ItemView item) const override {
    if (item.empty()) return presence_ != Presence::present;
    return presence_ != Presence::absent && (!where_ || where_->matches(item));
  }
  std::vector<PathHead> heads() const override {
    return where_ ? where_->heads() : std::vector<PathHead>();
  }

 private:
  Presence presence_;
  const ConditionExpression* where_;
};

std::vector<AttributeValue> parameters_of(const Json& request) {
  std::vector<AttributeValue> values;
  const Json& list = member_or_null(request, m::Parameters);
  for (const Json& parameter : list) values.push_back(value_from_document(parameter));
  return values;
}

uint64_t fingerprint(std::string_view text, const std::vector<AttributeValue>& parameters) {
  std::string bytes(text);
  for (const AttributeValue& parameter : parameters) bytes += '\0' + encode(parameter);
  return siphash(kFingerprintKey, bytes);
}

bool is_set(const AttributeValue& value) {
  return value.is(AttributeType::string_set) || value.is(AttributeType::number_set) ||
         value.is(AttributeType::binary_set);
}

std::string text_of(const Item& item) {
  std::string text;
  if (!item.empty()) append_json(text, item);
  return text;
}

}  // namespace bound_statements

void check_parameters(const Json& request) {
  bound_statements::parameters_of(request);
}

BoundStatement::BoundStatement(const Json& request)
    : parameters_(bound_statements::parameters_of(request)),
      statement_(parse_partiql(text_member(request, m::Statement))) {
  if (statement_.parameters > parameters_.size()) throw errors::too_few_parameters();
  for (size_t i = 0; i < statement_.values.size(); ++i) {
    attributes_.add_value(":" + std::to_string(i), resolve(statement_.values[i]));
  }
  for (const PartiqlSetOperand& operand : statement_.set_operands) {
    if (bound_statements::is_set(resolve(statement_.values[operand.value]))) continue;
    fail_validation("The second argument to " + operand.function +
                    " must be a value with type SET at " + operand.position);
  }
  // Bound here for its checks; each write has one of its own.
  if (statement_.update) UpdateExpression(statement_.update, attributes_);
  if (statement_.where) {
    where_.emplace(statement_.where, attributes_);
    keys_.emplace(statement_.where, attributes_);
  }
  fingerprint_ = bound_statements::fingerprint(text_member(request, m::Statement), parameters_);
}

const AttributeValue& BoundStatement::resolve(const PartiqlValue& value) const {
  return value.parameter ? parameters_[*value.parameter] : value.literal;
}

Item BoundStatement::item() const {
  Item out;
  for (const auto& [name, value] : statement_.item) out.set(name, resolve(value));
  return out;
}

std::string BoundStatement::returned(const ItemWrite& write, std::string_view before,
                                     std::string_view after) const {
  switch (statement_.returning) {
    case PartiqlReturning::none:
      break;
    case PartiqlReturning::all_old:
      return write.returned(ReturnValues::all_old, before, after);
    case PartiqlReturning::all_new:
      return write.returned(ReturnValues::all_new, before, after);
    case PartiqlReturning::modified_old:
      return write.returned(ReturnValues::updated_old, before, after);
    case PartiqlReturning::modified_new:
      // What is at all updated paths now, those of REMOVE among them: elements of a list move up.
      return bound_statements::text_of(write.update->updated_old(ItemView(after).decode()));
  }
  return {};
}

ItemWrite statement_write(const std::shared_ptr<BoundStatement>& bound, const Table& table) {
  using bound_statements::Presence;
  using bound_statements::StatementCondition;
  const PartiqlStatement& statement = bound->statement();
  ItemWrite write;
  write.source = bound;
  auto presence = Presence::absent;
  switch (statement.kind) {
    case PartiqlStatement::Kind::insert:
      write.kind = ItemWrite::Kind::put;
      write.image = encode(bound->item());
      break;
    case PartiqlStatement::Kind::update:
      write.kind = ItemWrite::Kind::update;
      presence = Presence::present;
      break;
    case PartiqlStatement::Kind::remove:
      write.kind = ItemWrite::Kind::remove;
      presence = Presence::any;
      break;
    default:
      write.kind = ItemWrite::Kind::check;
      presence = Presence::present;
  }
  if (statement.update) {
    write.update = std::make_unique<UpdateExpression>(statement.update, bound->attributes_);
  }
  write.condition = std::make_unique<StatementCondition>(presence, bound->where());
  if (statement.kind != PartiqlStatement::Kind::insert && bound->keys()) {
    auto named = bound->keys()->named(table.keys, false);
    if (!named.twice.empty() && statement.kind != PartiqlStatement::Kind::exists) {
      throw errors::two_keys_in_statement(named.twice);
    }
    write.subject = std::move(named.key);
  }
  return write;
}

void check_statement_key(const PartiqlStatement& statement, const Table& table,
                         const ItemWrite& write) {
  const bool insert = statement.kind == PartiqlStatement::Kind::insert;
  const auto check = [&](const KeyAttribute& attribute) {
    std::optional<AttributeType> type;
    if (insert) {
      if (const auto value = ItemView(write.image).find(attribute.name)) type = value->type();
    } else if (const AttributeValue* value = write.subject.find(attribute.name)) {
      type = value->type();
    }
    if (!type) {
      throw insert ? errors::statement_key_absent(attribute.name) : errors::no_key_equality();
    }
    if (*type != attribute.type) throw errors::statement_key_type(attribute.name);
  };
  check(table.keys.hash);
  if (table.keys.range) check(*table.keys.range);
}

}  // namespace paddock::services::dynamodb
