// TagResource, UntagResource, ListTagsOfResource, and the rules of tags.
#include <algorithm>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/request.hpp"
#include "services/dynamodb/service.hpp"
#include "services/dynamodb/table_parts.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using gateway::Output;
using storage::Family;

namespace table_tags {

void check_key(const Json& key) {
  const std::string text = key.is_string() ? key.get<std::string>() : "null";
  const size_t length = key.is_string() ? utf16_length(text) : 0;
  if (length < 1 || length > kMaxTagKeyLength) throw errors::invalid_tag_key(text);
  if (to_lower(text).starts_with("aws:")) throw errors::reserved_tag_key(text);
}

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

// Publishes a version of the table with other tags.
void change(Catalog& catalog, gateway::RequestContext& context, const std::string& arn,
            const std::function<void(std::map<std::string, std::string>&)>& edit) {
  std::lock_guard lock(catalog.change_mutex());
  const TableName name = parse_table_name(arn);
  const TablePtr table = name.account == context.account && name.region == context.region
                             ? catalog.find(context.realm->id, name.name)
                             : nullptr;
  if (!table || table->settings.restore.under_way()) throw errors::no_such_arn(arn);
  std::map<std::string, std::string> tags(table->tags.begin(), table->tags.end());
  edit(tags);
  if (tags.size() > kMaxTags) throw errors::too_many_tags();
  auto next = std::make_shared<Table>(*table);
  next->tags.assign(tags.begin(), tags.end());
  storage::Batch batch;
  batch.put(Family::meta, table_key(next->realm, next->name), encode_table(*next));
  context.commit(batch);
  catalog.publish(std::move(next));
}

}  // namespace table_tags

std::vector<std::pair<std::string, std::string>> checked_tags(const Json& list) {
  std::map<std::string, std::string> sorted;
  if (list.is_null()) return {};
  size_t position = 0;
  for (const Json& tag : list) {
    const Json& key = member_or_null(tag, m::Key);
    table_tags::check_key(key);
    ++position;
    const Json& value = member_or_null(tag, m::Value);
    const std::string text = value.is_string() ? value.get<std::string>() : "null";
    if (!value.is_string() || utf16_length(text) > kMaxTagValueLength) {
      throw errors::invalid_tag_value(text);
    }
    table_tags::check_characters(key.get_ref<const std::string&>(), position, "key");
    table_tags::check_characters(text, position, "value");
    if (!sorted.emplace(key.get<std::string>(), text).second) {
      throw errors::duplicate_tag_key(key.get<std::string>());
    }
  }
  if (sorted.size() > kMaxTags) throw errors::too_many_tags();
  return {sorted.begin(), sorted.end()};
}

Output DynamoDb::tag_resource(Context& context, Json input) {
  const std::string arn = input.at(m::ResourceArn);
  table_tags::check_arn(context, "TagResource", arn);
  if (input.at(m::Tags).empty()) throw errors::no_tags();
  const auto added = checked_tags(input.at(m::Tags));
  table_tags::change(catalog_, context, arn, [&](auto& tags) {
    for (const auto& [key, value] : added) tags[key] = value;
  });
  return Output::text({});  // no body at all
}

Output DynamoDb::untag_resource(Context& context, Json input) {
  const std::string arn = input.at(m::ResourceArn);
  table_tags::check_arn(context, "UntagResource", arn);
  const Json& keys = input.at(m::TagKeys);
  if (keys.empty()) throw errors::no_tag_keys();
  if (keys.size() > kMaxTags) throw errors::too_many_tags();
  for (const Json& key : keys) table_tags::check_key(key);
  table_tags::change(catalog_, context, arn, [&](auto& tags) {
    for (const Json& key : keys) tags.erase(key.get<std::string>());
  });
  return Output::text({});  // no body at all
}

Output DynamoDb::list_tags(Context& context, Json input) {
  const std::string arn = input.at(m::ResourceArn);
  table_tags::check_arn(context, "ListTagsOfResource", arn);
  const TablePtr table = find_table(context, arn);
  if (!table) throw errors::no_such_arn(arn);
  // All tags a table can have are one page.
  if (!text_member(input, m::NextToken).empty()) throw errors::validation("Invalid NextToken");
  Json tags = Json::array();
  for (const auto& [key, value] : table->tags) tags.push_back({{m::Key, key}, {m::Value, value}});
  return Json{{m::Tags, std::move(tags)}};
}

}  // namespace paddock::services::dynamodb
