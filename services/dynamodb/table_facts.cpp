// What tools ask beside tables: limits and endpoints.
#include "models/dynamodb.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;

Output DynamoDb::describe_limits(Context&, Json) {
  return Json{{m::AccountMaxReadCapacityUnits, kAccountMaxCapacityUnits},
              {m::AccountMaxWriteCapacityUnits, kAccountMaxCapacityUnits},
              {m::TableMaxReadCapacityUnits, kTableMaxCapacityUnits},
              {m::TableMaxWriteCapacityUnits, kTableMaxCapacityUnits}};
}

Output DynamoDb::describe_endpoints(Context& context, Json) {
  return Json{{m::Endpoints,
               Json::array({{{m::Address, context.authority}, {m::CachePeriodInMinutes, 1440}}})}};
}

}  // namespace paddock::services::dynamodb
