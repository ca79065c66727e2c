// The rows of the PartiQL operations, and what they need leave for.
#include "services/dynamodb/partiql_access.hpp"

#include "models/dynamodb.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/partiql_ast.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Access;
using gateway::Fidelity;
using gateway::Operation;

namespace statement_accesses {

std::string_view action_of(PartiqlStatement::Kind kind) {
  switch (kind) {
    case PartiqlStatement::Kind::insert:
      return "dynamodb:PartiQLInsert";
    case PartiqlStatement::Kind::update:
      return "dynamodb:PartiQLUpdate";
    case PartiqlStatement::Kind::remove:
      return "dynamodb:PartiQLDelete";
    default:
      return "dynamodb:PartiQLSelect";
  }
}

void add(const Json& request, std::vector<StatementAccess>& out) {
  try {
    const PartiqlStatement statement = parse_partiql(text_member(request, m::Statement));
    const bool arn = statement.table.starts_with("arn:");
    std::string resource = (arn ? "" : "table/") + statement.table;
    if (statement.index) resource += "/index/" + *statement.index;
    out.push_back({std::string(action_of(statement.kind)), std::move(resource)});
  } catch (const AwsError&) {
    // It is refused when it runs.
  }
}

std::vector<std::string> arns(const gateway::RequestContext& context, const Json& input) {
  std::vector<std::string> out;
  for (const StatementAccess& access : statement_access(input)) {
    const bool arn = access.resource.starts_with("arn:");
    out.push_back(arn ? access.resource : context.arn(access.resource));
  }
  return out;
}

}  // namespace statement_accesses

std::vector<StatementAccess> statement_access(const Json& input) {
  std::vector<StatementAccess> out;
  for (const char* member : {m::Statements, m::TransactStatements}) {
    const Json& list = member_or_null(input, member);
    for (const Json& request : list) statement_accesses::add(request, out);
  }
  if (!member_or_null(input, m::Statement).is_null()) statement_accesses::add(input, out);
  return out;
}

std::vector<Operation> DynamoDb::statement_operations() {
  return {
      {"ExecuteStatement",
       gateway::slow(this, &DynamoDb::execute_statement),
       Access::write,
       Fidelity::full(),
       "dynamodb:PartiQLSelect",
       statement_accesses::arns,
       {}},
      {"BatchExecuteStatement",
       gateway::slow(this,
                     &DynamoDb::batch_execute_statement),  // many commits: it may not start over
       Access::write,
       Fidelity::full(),
       "dynamodb:PartiQLSelect",
       statement_accesses::arns,
       {}},
      {"ExecuteTransaction",
       gateway::plain(this, &DynamoDb::execute_transaction),
       Access::write,
       Fidelity::full(),
       "dynamodb:PartiQLSelect",
       statement_accesses::arns,
       {}},
  };
}

}  // namespace paddock::services::dynamodb
