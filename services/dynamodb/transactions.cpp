// TransactWriteItems and TransactGetItems: what the requests say, and the answers.
#include <array>
#include <set>

#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/projection.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/transaction.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;

namespace transact_requests {

struct ActionKind {
  const char* member;
  ItemWrite::Kind kind;
};
constexpr std::array<ActionKind, 4> kActionKinds = {{{m::ConditionCheck, ItemWrite::Kind::check},
                                                     {m::Put, ItemWrite::Kind::put},
                                                     {m::Delete, ItemWrite::Kind::remove},
                                                     {m::Update, ItemWrite::Kind::update}}};

// The one kind that the action has.
const ActionKind& kind_of(const Json& action) {
  const ActionKind* found = nullptr;
  for (const ActionKind& candidate : kActionKinds) {
    if (member_or_null(action, candidate.member).is_null()) continue;
    if (found) throw errors::several_kinds_in_action();
    found = &candidate;
  }
  if (!found) throw errors::empty_action();
  return *found;
}

// Values that are nested too deeply are found only while an action runs, so they cancel the
// transaction; every other fault of an expression refuses the request.
bool found_while_running(const AwsError& error) {
  return error.message().starts_with("Nesting Levels");
}

void bind(ExpressionCache& cache, const Json& members, TransactWrite& action) {
  std::shared_ptr<RequestExpressions> expressions;
  try {
    if (action.write.kind == ItemWrite::Kind::update) {
      expressions = std::make_shared<RequestExpressions>(
          cache, members,
          std::initializer_list<const char*>{m::UpdateExpression, m::ConditionExpression});
    } else {
      expressions = std::make_shared<RequestExpressions>(
          cache, members, std::initializer_list<const char*>{m::ConditionExpression});
    }
    action.write.bind(*expressions);
    expressions->finish();
  } catch (const AwsError& error) {
    if (!found_while_running(error)) throw;
    action.flaw = error;
  }
  action.write.source = std::move(expressions);
  action.write.item_on_failure =
      text_member(members, m::ReturnValuesOnConditionCheckFailure) == "ALL_OLD";
}

// The item collections that a committed transaction changed, by table.
Json collection_metrics_of(const std::vector<TransactWrite>& actions) {
  Json metrics = Json::object();
  std::set<std::string> seen;
  for (const TransactWrite& action : actions) {
    const Table& table = *action.table;
    if (action.write.kind == ItemWrite::Kind::check || !table.has_local_indexes()) continue;
    if (!seen.emplace(action.write.key(table).partition()).second) continue;
    metrics[table.name].push_back(
        collection_metrics(table, action.write.key_value(table.keys.hash.name)));
  }
  return metrics;
}

// {"Item":…}; {} if there is no item, or nothing of it that was asked for.
void append_response(std::string& out, const TransactRead& read,
                     const ProjectionExpression* projection) {
  std::string item;
  if (read.row) {
    const ItemView view(read.row->view());
    if (projection) {
      projection->append_json(item, view);
      if (item == "{}") item.clear();
    } else {
      append_json(item, view);
    }
  }
  out += item.empty() ? "{" : "{\"Item\":" + item;
  out += '}';
}

}  // namespace transact_requests

Output DynamoDb::transact_write_items(Context& context, Json input) {
  namespace detail = transact_requests;
  const Json& requests = input.at(m::TransactItems);
  std::vector<std::pair<const detail::ActionKind*, const Json*>> parts;
  for (const Json& request : requests) {
    const detail::ActionKind& kind = detail::kind_of(request);
    parts.emplace_back(&kind, &request.at(kind.member));
  }
  std::vector<TransactWrite> actions(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    actions[i].write.kind = parts[i].first->kind;
    detail::bind(expressions_, *parts[i].second, actions[i]);
  }
  for (size_t i = 0; i < parts.size(); ++i)
    actions[i].table = data_table(context, *parts[i].second);

  const std::string_view text = text_member(input, m::ClientRequestToken);
  TransactionFingerprint fingerprint;
  for (size_t i = 0; i < parts.size(); ++i) {
    TransactWrite& action = actions[i];
    try {
      action.write.take_subject(*parts[i].second);
    } catch (const AwsError& error) {
      if (error.code() != "ValidationException") throw;
      if (!action.flaw) action.flaw = error;
    }
    if (text.empty()) continue;
    fingerprint.add(parts[i].first->member, *parts[i].second, action.write);
  }
  std::optional<TransactionToken> token;
  if (!text.empty()) {
    token.emplace(
        TransactionToken{TokenScope::write_items, std::string(text), fingerprint.digest()});
  }
  const TransactionUnits units = commit_transaction(context, actions, token);

  AnswerText answer;
  const ReturnCapacity mode = return_capacity(input);
  if (mode != ReturnCapacity::none) answer.member(m::ConsumedCapacity, units.json(mode));
  if (text_member(input, m::ReturnItemCollectionMetrics) == "SIZE") {
    const Json metrics = detail::collection_metrics_of(actions);
    if (!metrics.empty()) answer.member(m::ItemCollectionMetrics, metrics);
  }
  return Output::text(std::move(answer).finish());
}

Output DynamoDb::transact_get_items(Context& context, Json input) {
  const Json& requests = input.at(m::TransactItems);
  std::vector<std::unique_ptr<RequestExpressions>> expressions;
  std::vector<std::unique_ptr<ProjectionExpression>> projections;
  for (const Json& request : requests) {
    auto& bound = expressions.emplace_back(std::make_unique<RequestExpressions>(
        expressions_, request.at(m::Get),
        std::initializer_list<const char*>{m::ProjectionExpression}));
    projections.push_back(
        bound->make<ProjectionExpression>(m::ProjectionExpression, ExpressionKind::projection));
    bound->finish();
  }
  std::vector<TransactRead> actions(requests.size());
  for (size_t i = 0; i < actions.size(); ++i) {
    actions[i].table = data_table(context, requests[i].at(m::Get));
  }
  for (size_t i = 0; i < actions.size(); ++i) {
    try {
      if (projections[i]) check_key_paths(*actions[i].table, projections[i]->heads());
      actions[i].key = item_from_document(requests[i].at(m::Get).at(m::Key));
    } catch (const AwsError& error) {
      if (error.code() != "ValidationException") throw;
      actions[i].flaw = error;
    }
  }
  const TransactionUnits units = read_transaction(context, actions);

  AnswerText answer;
  std::string& responses = answer.member(m::Responses);
  responses += '[';
  for (size_t i = 0; i < actions.size(); ++i) {
    if (i) responses += ',';
    transact_requests::append_response(responses, actions[i], projections[i].get());
  }
  responses += ']';
  const ReturnCapacity mode = return_capacity(input);
  if (mode != ReturnCapacity::none) answer.member(m::ConsumedCapacity, units.json(mode));
  return Output::text(std::move(answer).finish());
}

}  // namespace paddock::services::dynamodb
