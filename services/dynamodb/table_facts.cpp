// What tools ask about a table beside its definition: tags, limits, time to live, backups.
#include "core/arn.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace table_tags {

using Tags = std::vector<std::pair<std::string, std::string>>;

// Publishes a version of the table with other tags.
void change(Catalog& catalog, gateway::RequestContext& context, const std::string& arn,
            const std::function<void(std::map<std::string, std::string>&)>& edit) {
  std::lock_guard lock(catalog.change_mutex());
  const auto parsed = Arn::parse(arn);
  const TablePtr table =
      parsed && parsed->account == context.account && parsed->region == context.region
          ? catalog.find(context.realm->id, parse_table_name(arn).name)
          : nullptr;
  if (!table) throw errors::no_such_arn(arn);
  std::map<std::string, std::string> tags(table->tags.begin(), table->tags.end());
  edit(tags);
  if (tags.size() > kMaxTags) {
    throw errors::validation("Too many tags: at most 50 are allowed per resource");
  }
  auto next = std::make_shared<Table>(*table);
  next->tags.assign(tags.begin(), tags.end());
  storage::Batch batch;
  batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
  context.commit(batch);
  catalog.publish(std::move(next));
}

}  // namespace table_tags

Output DynamoDb::tag_resource(Context& context, Json input) {
  table_tags::change(catalog_, context, input.at(m::ResourceArn), [&](auto& tags) {
    for (const Json& tag : input.at(m::Tags)) tags[tag.at(m::Key)] = tag.at(m::Value);
  });
  return Output();
}

Output DynamoDb::untag_resource(Context& context, Json input) {
  table_tags::change(catalog_, context, input.at(m::ResourceArn), [&](auto& tags) {
    for (const Json& key : input.at(m::TagKeys)) tags.erase(key.get<std::string>());
  });
  return Output();
}

Output DynamoDb::list_tags(Context& context, Json input) {
  const std::string arn = input.at(m::ResourceArn);
  if (!arn.starts_with("arn:")) throw errors::invalid_table_arn(arn);
  const TablePtr table = find_table(context, arn);
  if (!table) throw errors::no_such_arn(arn);
  Json tags = Json::array();
  for (const auto& [key, value] : table->tags) tags.push_back({{m::Key, key}, {m::Value, value}});
  return Json{{m::Tags, std::move(tags)}};
}

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
