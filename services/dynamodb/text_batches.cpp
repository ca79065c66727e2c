// BatchWriteItem and TransactWriteItems from the text of a request. What is not served here goes
// through a document to the handlers of batch.cpp and transactions.cpp.
#include <algorithm>
#include <deque>

#include "models/dynamodb.hpp"
#include "services/dynamodb/batch_writes.hpp"
#include "services/dynamodb/item_text.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/text_request.hpp"
#include "services/dynamodb/transaction.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;

namespace text_batches {

using wire::JsonScan;

constexpr size_t kMaxActions = 100;
constexpr size_t kMaxTokenBytes = 36;

// The one member of an object, whose value `read` takes.
template <class Read>
bool read_only_member(JsonScan& in, std::string_view expected, Read read) {
  std::string_view name;
  if (!in.open_object() || !in.next_member(name) || name != expected) return in.fail();
  if (!read()) return in.fail();
  return !in.next_member(name) ? !in.failed() : in.fail();
}

// {"PutRequest":{"Item":…}} or {"DeleteRequest":{"Key":…}}
bool read_write(JsonScan& in, batches::AskedWrite& write) {
  std::string_view name;
  if (!in.open_object() || !in.next_member(name)) return in.fail();
  write.put = name == m::PutRequest;
  if (!write.put && name != m::DeleteRequest) return in.fail();
  const bool read = read_only_member(in, write.put ? m::Item : m::Key, [&] {
    return write.put ? read_image(in, write.image) : read_item(in, write.key);
  });
  if (!read) return false;
  return !in.next_member(name) ? !in.failed() : in.fail();
}

// A request of BatchWriteItem. Its writes come table by table, in the order of the tables' names,
// as a document has them.
struct BatchRequest {
  std::vector<batches::AskedWrite> writes;
  ReturnCapacity capacity = ReturnCapacity::none;

  bool read(JsonScan& in);
  bool read_tables(JsonScan& in);
};

bool BatchRequest::read_tables(JsonScan& in) {
  if (!in.open_object()) return false;
  std::string_view previous;
  for (std::string_view table; in.next_member(table);) {
    // Names in another order, or twice, are rare.
    if (!is_plain_table_name(table) || table <= previous || !in.open_array()) return in.fail();
    previous = table;
    const size_t before = writes.size();
    while (in.next_element()) {
      if (writes.size() == kMaxBatchWrites) return in.fail();
      batches::AskedWrite& write = writes.emplace_back();
      write.table = table;
      if (!read_write(in, write)) return false;
    }
    if (in.failed() || writes.size() == before) return in.fail();
  }
  return !in.failed();
}

bool BatchRequest::read(JsonScan& in) {
  if (!in.open_object()) return false;
  bool capacity_seen = false;
  for (std::string_view name; in.next_member(name);) {
    if (name == m::RequestItems && writes.empty()) {
      if (!read_tables(in)) return false;
    } else if (name == m::ReturnConsumedCapacity && !capacity_seen) {
      capacity_seen = true;
      if (!read_capacity(in, capacity)) return false;
    } else {
      return in.fail();
    }
  }
  return in.finish() && !writes.empty();
}

// An action of a transaction.
struct Action {
  explicit Action(JsonScan& in) : request(in) {}

  const char* member = nullptr;
  ItemWrite::Kind kind = ItemWrite::Kind::put;
  TextRequest request;

  bool read(JsonScan& in);
  // Its members but for the subject, as a document has them.
  Json document() const;
};

struct ActionKind {
  const char* member;
  ItemWrite::Kind kind;
  TextRequest::Operation operation;
};
constexpr ActionKind kActionKinds[] = {
    {m::Put, ItemWrite::Kind::put, TextRequest::Operation::action_put},
    {m::Update, ItemWrite::Kind::update, TextRequest::Operation::action_update},
    {m::Delete, ItemWrite::Kind::remove, TextRequest::Operation::action_remove},
    {m::ConditionCheck, ItemWrite::Kind::check, TextRequest::Operation::action_check},
};

bool Action::read(JsonScan& in) {
  std::string_view name;
  if (!in.open_object() || !in.next_member(name)) return in.fail();
  const auto* found =
      std::find_if(std::begin(kActionKinds), std::end(kActionKinds),
                   [&](const ActionKind& candidate) { return name == candidate.member; });
  if (found == std::end(kActionKinds)) return in.fail();
  member = found->member;
  kind = found->kind;
  if (!request.read_part(found->operation)) return in.fail();
  // The model requires them.
  if (kind == ItemWrite::Kind::update && !request.update.data()) return in.fail();
  if (kind == ItemWrite::Kind::check && !request.condition.data()) return in.fail();
  return !in.next_member(name) ? !in.failed() : in.fail();
}

Json Action::document() const {
  Json members = {{m::TableName, request.table}};
  const auto add = [&](const char* name, std::string_view text) {
    if (text.data()) members[name] = text;
  };
  add(m::UpdateExpression, request.update);
  add(m::ConditionExpression, request.condition);
  add(m::ReturnValuesOnConditionCheckFailure, request.failure_values);
  return members;
}

struct TransactionRequest {
  std::deque<Action> actions;  // which stay in place
  std::string_view token{};
  ReturnCapacity capacity = ReturnCapacity::none;

  bool read(JsonScan& in);
  bool read_actions(JsonScan& in);
};

bool TransactionRequest::read_actions(JsonScan& in) {
  if (!in.open_array()) return false;
  while (in.next_element()) {
    if (actions.size() == kMaxActions || !actions.emplace_back(in).read(in)) return in.fail();
  }
  return !in.failed();
}

bool TransactionRequest::read(JsonScan& in) {
  if (!in.open_object()) return false;
  bool capacity_seen = false;
  for (std::string_view name; in.next_member(name);) {
    if (name == m::TransactItems && actions.empty()) {
      if (!read_actions(in)) return false;
    } else if (name == m::ClientRequestToken && !token.data()) {
      if (!in.string(token) || token.empty() || token.size() > kMaxTokenBytes) return in.fail();
    } else if (name == m::ReturnConsumedCapacity && !capacity_seen) {
      capacity_seen = true;
      if (!read_capacity(in, capacity)) return false;
    } else {
      return in.fail();
    }
  }
  if (!in.finish() || actions.empty()) return false;
  // The fingerprint of a request with a token has names and values as a document shows them.
  return !token.data() || std::all_of(actions.begin(), actions.end(), [](const Action& action) {
    return action.request.attributes.empty();
  });
}

}  // namespace text_batches

std::optional<Output> DynamoDb::batch_write_item_text(Context& context, std::string_view text) {
  wire::JsonScan in(text);
  text_batches::BatchRequest request;
  if (!request.read(in)) return std::nullopt;
  return commit_batch(context, request.writes, request.capacity, false);
}

std::optional<Output> DynamoDb::transact_write_items_text(Context& context, std::string_view text) {
  wire::JsonScan in(text);
  text_batches::TransactionRequest request;
  if (!request.read(in)) return std::nullopt;
  std::vector<TransactWrite> actions(request.actions.size());
  TransactionFingerprint fingerprint;
  try {
    for (size_t i = 0; i < actions.size(); ++i) {
      text_batches::Action& part = request.actions[i];
      TransactWrite& action = actions[i];
      action.write.kind = part.kind;
      action.write.item_on_failure = part.request.item_on_failure;
      bind_text(action.write, part.request);
      action.table = data_table_named(context, part.request.table);
      action.write.subject = std::move(part.request.subject);
      action.write.image = std::move(part.request.image);
      if (request.token.data()) fingerprint.add(part.member, part.document(), action.write);
    }
  } catch (const AwsError&) {
    return std::nullopt;
  }
  std::optional<TransactionToken> token;
  if (request.token.data()) {
    token.emplace(TransactionToken{TokenScope::write_items, std::string(request.token),
                                   fingerprint.digest()});
  }
  const TransactionUnits units = commit_transaction(context, actions, token);
  AnswerText answer;
  if (request.capacity != ReturnCapacity::none) {
    answer.member(m::ConsumedCapacity, units.json(request.capacity));
  }
  return Output::text(std::move(answer).finish());
}

}  // namespace paddock::services::dynamodb
