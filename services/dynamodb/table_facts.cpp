// What tools ask about a table beside its definition: tags, limits, time to live, backups.
#include <algorithm>

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

// What is no ARN of a resource at all names nothing that the caller may touch.
void check_arn(const gateway::RequestContext& context, std::string_view operation,
               const std::string& text) {
  const auto arn = Arn::parse(text);
  size_t colon = 0;
  for (int i = 0; i < 5 && colon != std::string::npos; ++i) colon = text.find(':', colon + 1);
  if (colon == std::string::npos || text.find('/', colon) == std::string::npos) {
    throw errors::tags_denied(context.principal.arn, operation, text);
  }
  constexpr std::string_view kTable = "table/";
  if (!arn || arn->service != "dynamodb" || !arn->resource.starts_with(kTable) ||
      arn->resource.find('/', kTable.size()) != std::string::npos ||
      arn->resource.size() < kTable.size() + kMinNameLength) {
    throw errors::invalid_table_arn(text);
  }
}

// Letters, spaces and digits of any script, and _.:/=+-@; bytes beyond ASCII are taken for letters.
void check_characters(std::string_view text, size_t position, std::string_view member) {
  const auto allowed = [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" \t_.:/=+-@").find(c) != std::string_view::npos;
  };
  if (std::all_of(text.begin(), text.end(), allowed)) return;
  throw errors::constraint(
      text, "tags." + std::to_string(position) + ".member." + std::string(member),
      "Member must satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$");
}

void check_tags(const Json& tags) {
  if (tags.empty()) throw errors::validation("Atleast one Tag needs to be provided as Input.");
  for (size_t i = 0; i < tags.size(); ++i) {
    check_characters(tags[i].at(m::Key).get_ref<const std::string&>(), i + 1, "key");
    check_characters(tags[i].at(m::Value).get_ref<const std::string&>(), i + 1, "value");
  }
}

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
  table_tags::check_arn(context, "TagResource", input.at(m::ResourceArn));
  table_tags::check_tags(input.at(m::Tags));
  table_tags::change(catalog_, context, input.at(m::ResourceArn), [&](auto& tags) {
    for (const Json& tag : input.at(m::Tags)) tags[tag.at(m::Key)] = tag.at(m::Value);
  });
  return Output::text({});  // no body at all
}

Output DynamoDb::untag_resource(Context& context, Json input) {
  table_tags::check_arn(context, "UntagResource", input.at(m::ResourceArn));
  if (input.at(m::TagKeys).empty()) {
    throw errors::validation("Atleast one Tag Key needs to be provided as Input.");
  }
  table_tags::change(catalog_, context, input.at(m::ResourceArn), [&](auto& tags) {
    for (const Json& key : input.at(m::TagKeys)) tags.erase(key.get<std::string>());
  });
  return Output::text({});  // no body at all
}

Output DynamoDb::list_tags(Context& context, Json input) {
  const std::string arn = input.at(m::ResourceArn);
  table_tags::check_arn(context, "ListTagsOfResource", arn);
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

Output DynamoDb::describe_continuous_backups(Context& context, Json input) {
  const std::string name = input.at(m::TableName);
  if (!find_table(context, name)) throw errors::table_not_found(parse_table_name(name).name);
  return Json{
      {m::ContinuousBackupsDescription,
       {{m::ContinuousBackupsStatus, "ENABLED"},
        {m::PointInTimeRecoveryDescription, {{m::PointInTimeRecoveryStatus, "DISABLED"}}}}}};
}

}  // namespace paddock::services::dynamodb
