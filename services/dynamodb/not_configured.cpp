// What tools ask about features that a table does not have here: contributor insights, Kinesis
// destinations and global tables. The answers are those of a table without them;
// what would turn them on is refused by name.
#include "core/arn.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/wiring.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;

std::vector<gateway::Operation> DynamoDb::unconfigured_operations() {
  using gateway::Access;
  using gateway::plain;
  const auto none = gateway::Fidelity::partial("cannot be configured; there is none");
  return {
      {"DescribeKinesisStreamingDestination", plain(this, &DynamoDb::describe_kinesis),
       Access::read, none, "dynamodb:DescribeKinesisStreamingDestination", wiring::table,
       m::TableName},
      {"DescribeContributorInsights", plain(this, &DynamoDb::describe_insights), Access::read, none,
       "dynamodb:DescribeContributorInsights", wiring::table, m::TableName},
      {"UpdateContributorInsights", plain(this, &DynamoDb::update_insights), Access::read, none,
       "dynamodb:UpdateContributorInsights", wiring::table, m::TableName},
      {"ListContributorInsights", plain(this, &DynamoDb::list_insights), Access::read, none,
       "dynamodb:ListContributorInsights", wiring::table, m::TableName},
      {"ListGlobalTables", plain(this, &DynamoDb::list_global_tables), Access::read, none,
       "dynamodb:ListGlobalTables", nullptr, ""},
      {"DescribeGlobalTable", plain(this, &DynamoDb::describe_global_table), Access::read, none,
       "dynamodb:DescribeGlobalTable", nullptr, ""},
      {"DescribeGlobalTableSettings", plain(this, &DynamoDb::describe_global_table), Access::read,
       none, "dynamodb:DescribeGlobalTableSettings", nullptr, ""},
  };
}

Output DynamoDb::describe_kinesis(Context& context, Json input) {
  const TablePtr table = control_table(context, input);
  return Json{{m::TableName, table->name}, {m::KinesisDataStreamDestinations, Json::array()}};
}

Output DynamoDb::describe_insights(Context& context, Json input) {
  const TablePtr table = control_table(context, input);
  Json output = {{m::TableName, table->name}, {m::ContributorInsightsStatus, "DISABLED"}};
  if (const std::string_view name = text_member(input, m::IndexName); !name.empty()) {
    const Index* index = table->find_index(name);
    if (!index || !index->global) throw errors::no_such_index_of(name, table->name);
    output[m::IndexName] = name;
  }
  return output;
}

Output DynamoDb::update_insights(Context& context, Json input) {
  if (input.at(m::ContributorInsightsAction) == "ENABLE") {
    throw errors::unsupported("ContributorInsightsAction ENABLE", "UpdateContributorInsights");
  }
  return describe_insights(context, std::move(input));
}

Output DynamoDb::list_insights(Context& context, Json input) {
  if (input.contains(m::TableName)) control_table(context, input);
  return Json{{m::ContributorInsightsSummaries, Json::array()}};
}

Output DynamoDb::list_global_tables(Context&, Json) {
  return Json{{m::GlobalTables, Json::array()}};
}

Output DynamoDb::describe_global_table(Context&, Json input) {
  throw AwsError("GlobalTableNotFoundException",
                 "Global table not found: Global table with name: '" +
                     input.at(m::GlobalTableName).get<std::string>() + "' does not exist.");
}

}  // namespace paddock::services::dynamodb
