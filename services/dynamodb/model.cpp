// A table's row, version 1 (family meta): a JSON object with "v": 1 and the members written by
// encode_table. A stream's row: the same by encode_stream. Members that a later version adds are
// absent in older rows and have defaults. A key schema is a list of [name, type]; where a key has
// several attributes, of [name, type, "HASH" or "RANGE"].
#include "services/dynamodb/model.hpp"

#include <algorithm>
#include <set>

#include "core/arn.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/limits.hpp"
#include "services/dynamodb/table_rules.hpp"
#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

const Json& member_or_null(const Json& object, const char* name) {
  static const Json kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}

namespace table_rows {

constexpr int kVersion = 1;

Json key_json(const KeyAttribute& key) {
  return Json::array({key.name, std::string(type_name(key.type))});
}

KeyAttribute key_from(const Json& json) {
  return {json.at(0).get<std::string>(),
          type_of_name(json.at(1).get_ref<const std::string&>()).value()};
}

Json schema_json(const KeySchema& keys) {
  Json json = Json::array();
  keys.each([&](const KeyAttribute& attribute, bool hash) {
    json.push_back(key_json(attribute));
    if (keys.multi()) json.back().push_back(hash ? "HASH" : "RANGE");
  });
  return json;
}

KeySchema schema_from(const Json& json) {
  KeySchema keys{key_from(json.at(0)), std::nullopt};
  for (size_t i = 1; i < json.size(); ++i) {
    const Json& entry = json.at(i);
    if (entry.size() > 2 && entry.at(2) == "HASH") {
      keys.more_hash.push_back(key_from(entry));
    } else if (!keys.range) {
      keys.range = key_from(entry);
    } else {
      keys.more_range.push_back(key_from(entry));
    }
  }
  return keys;
}

Json throughput_json(const Throughput& t) {
  return Json::array({t.read, t.write, t.last_increase_ms, t.last_decrease_ms, t.decreases});
}

Throughput throughput_from(const Json& json) {
  return {json.at(0).get<int64_t>(), json.at(1).get<int64_t>(), json.at(2).get<int64_t>(),
          json.at(3).get<int64_t>(), json.size() > 4 ? json.at(4).get<int64_t>() : 0};
}

Json index_json(const Index& index) {
  return {{"id", index.id},
          {"name", index.name},
          {"global", index.global},
          {"keys", schema_json(index.keys)},
          {"projection", static_cast<int>(index.projection)},
          {"attributes", index.non_key_attributes},
          {"throughput", throughput_json(index.throughput)},
          {"warm", index.warm},
          {"on_demand_limits", index.on_demand_limits},
          {"backfilling", index.backfilling}};
}

Index index_from(const Json& json) {
  Index index;
  index.id = json.at("id").get<uint32_t>();
  index.name = json.at("name").get<std::string>();
  index.global = json.at("global").get<bool>();
  index.keys = schema_from(json.at("keys"));
  index.projection = static_cast<Projection>(json.at("projection").get<int>());
  index.non_key_attributes = json.at("attributes").get<std::vector<std::string>>();
  index.throughput = throughput_from(json.at("throughput"));
  index.warm = json.value("warm", Json());
  index.on_demand_limits = json.value("on_demand_limits", Json());
  index.backfilling = json.at("backfilling").get<bool>();
  return index;
}

Json stream_json(const Stream& stream) {
  return {{"v", kVersion},
          {"table", stream.table_name},
          {"label", stream.label},
          {"number", stream.number},
          {"view", stream.view_type},
          {"shard", stream.first_shard_id},
          {"keys", schema_json(stream.keys)},
          {"created", stream.created_ms},
          {"disabled", stream.disabled_ms}};
}

std::shared_ptr<Stream> stream_from(const Json& json) {
  auto stream = std::make_shared<Stream>();
  stream->table_name = json.at("table").get<std::string>();
  stream->label = json.at("label").get<std::string>();
  stream->number = json.at("number").get<uint64_t>();
  stream->view_type = json.at("view").get<std::string>();
  stream->first_shard_id = json.at("shard").get<std::string>();
  stream->keys = schema_from(json.at("keys"));
  stream->created_ms = json.at("created").get<int64_t>();
  stream->disabled_ms = json.at("disabled").get<int64_t>();
  return stream;
}

}  // namespace table_rows

Table::Table(const Table& other)
    : realm(other.realm),
      name(other.name),
      arn(other.arn),
      account(other.account),
      region(other.region),
      incarnation(other.incarnation),
      id(other.id),
      created_ms(other.created_ms),
      attributes(other.attributes),
      keys(other.keys),
      on_demand(other.on_demand),
      billing_was_named(other.billing_was_named),
      last_on_demand_ms(other.last_on_demand_ms),
      throughput(other.throughput),
      indexes(other.indexes),
      next_index_id(other.next_index_id),
      stream(other.stream),
      latest_stream(other.latest_stream),
      deletion_protection(other.deletion_protection),
      table_class(other.table_class),
      sse(other.sse),
      warm(other.warm),
      on_demand_limits(other.on_demand_limits),
      tags(other.tags),
      settings(other.settings),
      counts(other.counts),
      dimensions(other.dimensions) {}

const Index* Table::find_index(std::string_view index_name) const {
  for (const Index& index : indexes) {
    if (index.name == index_name) return &index;
  }
  return nullptr;
}

bool Table::has_local_indexes() const {
  return std::any_of(indexes.begin(), indexes.end(), [](const Index& i) { return !i.global; });
}

std::string encode_table(const Table& table) {
  Json json = {{"v", table_rows::kVersion},
               {"name", table.name},
               {"arn", table.arn},
               {"incarnation", table.incarnation},
               {"id", table.id},
               {"created", table.created_ms},
               {"keys", table_rows::schema_json(table.keys)},
               {"on_demand", table.on_demand},
               {"billing_was_named", table.billing_was_named},
               {"last_on_demand", table.last_on_demand_ms},
               {"throughput", table_rows::throughput_json(table.throughput)},
               {"next_index_id", table.next_index_id},
               {"latest_stream", table.latest_stream},
               {"protected", table.deletion_protection},
               {"class", table.table_class},
               {"sse", table.sse},
               {"warm", table.warm},
               {"on_demand_limits", table.on_demand_limits},
               {"tags", table.tags},
               {"settings", settings_json(table.settings)}};
  Json& attributes = json["attributes"] = Json::array();
  for (const KeyAttribute& attribute : table.attributes)
    attributes.push_back(table_rows::key_json(attribute));
  Json& indexes = json["indexes"] = Json::array();
  for (const Index& index : table.indexes) indexes.push_back(table_rows::index_json(index));
  if (table.stream) json["stream"] = table_rows::stream_json(*table.stream);
  return json.dump();
}

std::shared_ptr<Table> decode_table(RealmId realm, std::string_view text) {
  const Json json = Json::parse(text);
  auto table = std::make_shared<Table>();
  table->realm = realm;
  table->name = json.at("name").get<std::string>();
  table->arn = json.at("arn").get<std::string>();
  table->incarnation = json.at("incarnation").get<uint64_t>();
  table->id = json.at("id").get<std::string>();
  table->created_ms = json.at("created").get<int64_t>();
  for (const Json& attribute : json.at("attributes")) {
    table->attributes.push_back(table_rows::key_from(attribute));
  }
  table->keys = table_rows::schema_from(json.at("keys"));
  table->on_demand = json.at("on_demand").get<bool>();
  table->billing_was_named = json.at("billing_was_named").get<bool>();
  table->last_on_demand_ms = json.at("last_on_demand").get<int64_t>();
  table->throughput = table_rows::throughput_from(json.at("throughput"));
  for (const Json& index : json.at("indexes"))
    table->indexes.push_back(table_rows::index_from(index));
  table->next_index_id = json.at("next_index_id").get<uint32_t>();
  if (json.contains("stream")) table->stream = table_rows::stream_from(json.at("stream"));
  json.at("latest_stream").get_to(table->latest_stream);
  table->deletion_protection = json.at("protected").get<bool>();
  table->table_class = json.at("class").get<std::string>();
  table->sse = json.at("sse");
  table->warm = json.at("warm");
  table->on_demand_limits = json.at("on_demand_limits");
  json.at("tags").get_to(table->tags);
  if (json.contains("settings")) table->settings = settings_from(json.at("settings"));
  derive(*table);
  return table;
}

bool Index::holds(std::string_view attribute) const {
  return projection == Projection::all ||
         std::binary_search(projected.begin(), projected.end(), attribute);
}

std::string encode_stream(const Stream& stream) {
  return table_rows::stream_json(stream).dump();
}

std::shared_ptr<Stream> decode_stream(std::string_view text) {
  return table_rows::stream_from(Json::parse(text));
}

namespace table_input {

// As AWS prints a schema that is too long.
std::string schema_text(const Json& input) {
  std::vector<std::string> elements;
  for (const Json& element : input) {
    elements.push_back(
        "KeySchemaElement(attributeName=" + element.at(m::AttributeName).get<std::string>() +
        ", keyType=" + element.at(m::KeyType).get<std::string>() + ")");
  }
  return name_list(elements);
}

std::vector<KeyAttribute> key_attributes(const Json& input,
                                         const std::vector<KeyAttribute>& definitions) {
  std::vector<std::string> names;
  for (const Json& element : input) names.push_back(element.at(m::AttributeName));
  std::vector<std::string> defined;
  for (const KeyAttribute& definition : definitions) defined.push_back(definition.name);
  if (names.size() > defined.size()) {
    throw errors::validation("Invalid KeySchema: Some index key attribute have no definition");
  }
  std::vector<KeyAttribute> keys;
  for (const std::string& name : names) {
    const auto found = std::find_if(definitions.begin(), definitions.end(),
                                    [&](const KeyAttribute& d) { return d.name == name; });
    if (found == definitions.end()) {
      throw errors::invalid_parameter(
          "Some index key attributes are not defined in AttributeDefinitions. Keys: " +
          name_list(names) + ", AttributeDefinitions: " + name_list(defined));
    }
    keys.push_back(*found);
  }
  return keys;
}

// A global index may have up to four attributes of each kind.
KeySchema multi_key_schema(const Json& input, const std::vector<KeyAttribute>& definitions) {
  KeySchema schema;
  std::set<std::string_view> seen;
  size_t hashes = 0;
  size_t ranges = 0;
  const std::vector<KeyAttribute> keys = key_attributes(input, definitions);
  for (size_t i = 0; i < keys.size(); ++i) {
    const bool hash = input.at(i).at(m::KeyType) == "HASH";
    if (!seen.insert(keys[i].name).second) throw errors::repeated_key_attribute(keys[i].name);
    if (hash && ranges > 0) throw errors::hash_after_range(keys[i].name);
    if (++(hash ? hashes : ranges) > kMaxKeyAttributes) throw errors::too_many_key_attributes();
    if (hash && hashes == 1) {
      schema.hash = keys[i];
    } else if (hash) {
      schema.more_hash.push_back(keys[i]);
    } else if (ranges == 1) {
      schema.range = keys[i];
    } else {
      schema.more_range.push_back(keys[i]);
    }
  }
  if (hashes == 0) throw errors::first_key_not_hash();
  return schema;
}

bool several_of_a_kind(const Json& input) {
  return input.size() > 2 || (input.size() == 2 && input.at(0).at(m::KeyType) == "HASH" &&
                              input.at(1).at(m::KeyType) == "HASH" &&
                              input.at(0).at(m::AttributeName) != input.at(1).at(m::AttributeName));
}

KeySchema key_schema(const Json& input, const std::vector<KeyAttribute>& definitions) {
  if (input.size() > 2) {
    throw errors::constraint(schema_text(input), "keySchema",
                             "Member must have length less than or equal to 2");
  }
  const std::vector<KeyAttribute> keys = key_attributes(input, definitions);
  if (keys.size() == 2 && keys[0].name == keys[1].name) {
    throw errors::validation(
        "Both the Hash Key and the Range Key element in the KeySchema have the same name");
  }
  if (input.at(0).at(m::KeyType) != "HASH") throw errors::first_key_not_hash();
  if (keys.size() == 2 && input.at(1).at(m::KeyType) != "RANGE") {
    throw errors::validation(
        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
  KeySchema schema{keys[0], std::nullopt};
  if (keys.size() == 2) schema.range = keys[1];
  return schema;
}

void read_projection(const Json& input, Index& index) {
  const Json& type = member_or_null(input, m::ProjectionType);
  if (type.is_null()) throw errors::invalid_parameter("Unknown ProjectionType: null");
  index.projection = type == "ALL"         ? Projection::all
                     : type == "KEYS_ONLY" ? Projection::keys_only
                                           : Projection::include;
  const Json& attributes = member_or_null(input, m::NonKeyAttributes);
  if (index.projection == Projection::include) {
    if (attributes.is_null()) {
      throw errors::invalid_parameter(
          "ProjectionType is INCLUDE, but NonKeyAttributes is not "
          "specified");
    }
    index.non_key_attributes = attributes.get<std::vector<std::string>>();
    std::set<std::string_view> seen;
    for (const std::string& name : index.non_key_attributes) {
      if (!seen.insert(name).second) throw errors::duplicate_attribute(name);
    }
  } else if (!attributes.is_null()) {
    throw errors::invalid_parameter("ProjectionType is " + type.get<std::string>() +
                                    ", but NonKeyAttributes is specified");
  }
}

void read_billing(const Json& input, Table& table) {
  const Json& mode = member_or_null(input, m::BillingMode);
  const Json& throughput = member_or_null(input, m::ProvisionedThroughput);
  table.billing_was_named = mode == "PAY_PER_REQUEST";
  table.on_demand = mode == "PAY_PER_REQUEST";
  if (table.on_demand) {
    if (!throughput.is_null()) {
      throw errors::invalid_parameter(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
          "PAY_PER_REQUEST");
    }
    return;
  }
  if (throughput.is_null()) {
    throw errors::invalid_parameter(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
        "PROVISIONED");
  }
  table.throughput = throughput_from_input(throughput);
}

void read_indexes(const Json& input, Table& table) {
  const Json& local = member_or_null(input, m::LocalSecondaryIndexes);
  if (!local.is_null()) {
    if (local.empty()) throw errors::invalid_parameter("List of LocalSecondaryIndexes is empty");
    if (!table.keys.range) {
      throw errors::invalid_parameter(
          "Table KeySchema does not have a range key, which is required when specifying a "
          "LocalSecondaryIndex");
    }
    for (const Json& entry : local) {
      Index index = index_from_input(entry, false, table.attributes, table.on_demand);
      if (index.keys.hash.name != table.keys.hash.name) {
        throw errors::invalid_parameter(
            "Index KeySchema does not have the same leading hash key as table KeySchema for "
            "index: " +
            index.name + ". index hash key: " + index.keys.hash.name +
            ", table hash key: " + table.keys.hash.name);
      }
      table.indexes.push_back(std::move(index));
    }
  }
  const Json& global = member_or_null(input, m::GlobalSecondaryIndexes);
  if (!global.is_null()) {
    if (global.empty()) throw errors::invalid_parameter("List of GlobalSecondaryIndexes is empty");
    for (const Json& entry : global) {
      table.indexes.push_back(index_from_input(entry, true, table.attributes, table.on_demand));
    }
  }
  // Global ones first: that is the order in which AWS checks an item against them.
  std::stable_partition(table.indexes.begin(), table.indexes.end(),
                        [](const Index& index) { return index.global; });
  for (Index& index : table.indexes) index.id = table.next_index_id++;
  check_indexes(table);
}

}  // namespace table_input

std::vector<KeyAttribute> definitions_from_input(const Json& input) {
  std::vector<KeyAttribute> definitions;
  if (input.is_null()) return definitions;
  for (const Json& entry : input) {
    const std::string name = entry.at(m::AttributeName);
    const AttributeType type =
        type_of_name(entry.at(m::AttributeType).get_ref<const std::string&>()).value();
    for (const KeyAttribute& known : definitions) {
      if (known.name == name) {
        throw errors::validation("Attribute Name is duplicated: " + name);
      }
    }
    definitions.push_back({name, type});
  }
  return definitions;
}

Throughput throughput_from_input(const Json& input) {
  Throughput throughput{input.at(m::ReadCapacityUnits).get<int64_t>(),
                        input.at(m::WriteCapacityUnits).get<int64_t>()};
  if (throughput.read > kMaxThroughput) {
    throw errors::out_of_bounds(std::to_string(throughput.read), m::ReadCapacityUnits);
  }
  if (throughput.write > kMaxThroughput) {
    throw errors::out_of_bounds(std::to_string(throughput.write), m::WriteCapacityUnits);
  }
  return throughput;
}

Index index_from_input(const Json& input, bool global, const std::vector<KeyAttribute>& definitions,
                       bool on_demand) {
  Index index;
  index.name = input.at(m::IndexName);
  index.global = global;
  const Json& schema = input.at(m::KeySchema);
  index.keys = global && table_input::several_of_a_kind(schema)
                   ? table_input::multi_key_schema(schema, definitions)
                   : table_input::key_schema(schema, definitions);
  if (!global && !index.keys.range) {
    throw errors::invalid_parameter("Index KeySchema does not have a range key for index: " +
                                    index.name);
  }
  table_input::read_projection(input.at(m::Projection), index);
  if (!global) return index;
  const Json& throughput = member_or_null(input, m::ProvisionedThroughput);
  if (on_demand && !throughput.is_null()) {
    throw errors::invalid_parameter("ProvisionedThroughput should not be specified for index: " +
                                    index.name + " when BillingMode is PAY_PER_REQUEST");
  }
  if (!on_demand) {
    if (throughput.is_null()) {
      throw errors::invalid_parameter("ProvisionedThroughput is not specified for index: " +
                                      index.name);
    }
    index.throughput = throughput_from_input(throughput);
  }
  const std::string what = "index " + index.name;
  index.on_demand_limits =
      changed_limits(nullptr, member_or_null(input, m::OnDemandThroughput), on_demand, what, true);
  index.warm = member_or_null(input, m::WarmThroughput);
  check_warm(warm_throughput(on_demand, index.throughput, nullptr), index.warm, on_demand, what,
             true);
  return index;
}

void check_indexes(const Table& table) {
  std::set<std::string_view> names;
  size_t local = 0;
  size_t global = 0;
  size_t projected = 0;
  for (const Index& index : table.indexes) {
    if (!names.insert(index.name).second) {
      throw errors::invalid_parameter("Duplicate index name: " + index.name);
    }
    ++(index.global ? global : local);
    projected += index.non_key_attributes.size();
  }
  if (local > kMaxLocalIndexes) {
    throw errors::invalid_parameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
  }
  if (global > kMaxGlobalIndexes) {
    throw errors::invalid_parameter("GlobalSecondaryIndex count exceeds the per-table limit of 20");
  }
  if (projected > kMaxProjectedAttributes) {
    throw errors::invalid_parameter(
        "Number of NonKeyAttributes across all indexes exceeds limit of 100");
  }
}

void prune_definitions(Table& table) {
  std::erase_if(table.attributes, [&](const KeyAttribute& definition) {
    if (table.keys.has(definition.name)) return false;
    return std::none_of(table.indexes.begin(), table.indexes.end(),
                        [&](const Index& index) { return index.keys.has(definition.name); });
  });
}

std::shared_ptr<Table> table_from_input(const Json& input) {
  auto table = std::make_shared<Table>();
  table->name = parse_table_name(input.at(m::TableName).get_ref<const std::string&>()).name;
  table_input::read_billing(input, *table);
  const Json& definitions = member_or_null(input, m::AttributeDefinitions);
  const Json& schema = member_or_null(input, m::KeySchema);
  if (definitions.is_null()) {
    throw errors::constraint("null", "attributeDefinitions", "Member must not be null");
  }
  if (schema.is_null()) throw errors::constraint("null", "keySchema", "Member must not be null");
  table->attributes = definitions_from_input(definitions);
  table->keys = table_input::key_schema(schema, table->attributes);
  table_input::read_indexes(input, *table);
  const size_t defined = table->attributes.size();
  prune_definitions(*table);
  if (table->attributes.size() != defined) {
    throw errors::invalid_parameter(
        table->indexes.empty()
            ? "Number of attributes in KeySchema does not exactly match number of attributes "
              "defined in AttributeDefinitions"
            : "Some AttributeDefinitions are not used. AttributeDefinitions must only name key "
              "attributes of the table and its indexes");
  }
  const Json& protection = member_or_null(input, m::DeletionProtectionEnabled);
  table->deletion_protection = protection.is_boolean() && protection.get<bool>();
  const Json& table_class = member_or_null(input, m::TableClass);
  if (table_class.is_string()) table->table_class = table_class.get<std::string>();
  table->warm = member_or_null(input, m::WarmThroughput);
  table->on_demand_limits = member_or_null(input, m::OnDemandThroughput);
  derive(*table);
  return table;
}

void derive(Table& table) {
  table.dimensions = {{"TableName", table.name}};
  if (const auto parts = Arn::parse(table.arn)) {
    table.account = parts->account;
    table.region = parts->region;
  }
  for (Index& index : table.indexes) {
    std::set<std::string> names(index.non_key_attributes.begin(), index.non_key_attributes.end());
    for (const KeySchema* keys : {&table.keys, &index.keys}) {
      keys->each([&](const KeyAttribute& attribute, bool) { names.insert(attribute.name); });
    }
    index.projected.assign(names.begin(), names.end());
  }
}

namespace table_input {

bool in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

}  // namespace table_input

bool table_name_fits(std::string_view text) {
  if (text.starts_with("arn:")) return true;
  return text.size() >= kMinNameLength && text.size() <= kMaxNameLength &&
         std::all_of(text.begin(), text.end(), table_input::in_name);
}

TableName parse_table_name(std::string_view text) {
  TableName result;
  if (text.starts_with("arn:")) {
    const auto arn = Arn::parse(text);
    constexpr std::string_view kPrefix = "table/";
    if (!arn || arn->service != "dynamodb" || !arn->resource.starts_with(kPrefix)) {
      throw errors::invalid_table_arn(text);
    }
    result.name = arn->resource.substr(kPrefix.size());
    result.account = arn->account;
    result.region = arn->region;
  } else {
    result.name = std::string(text);
  }
  if (result.name.empty()) {
    throw errors::constraint(result.name, "tableName",
                             "Member must have length greater than or equal to 1");
  }
  if (!std::all_of(result.name.begin(), result.name.end(), table_input::in_name)) {
    throw errors::constraint(result.name, "tableName",
                             "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
  }
  if (result.name.size() < kMinNameLength) {
    throw errors::constraint(result.name, "tableName",
                             "Member must have length greater than or equal to 3");
  }
  if (result.name.size() > kMaxNameLength) {
    throw errors::constraint(result.name, "tableName",
                             "Member must have length less than or equal to 255");
  }
  return result;
}

}  // namespace paddock::services::dynamodb
