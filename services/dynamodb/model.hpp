// Tables, indexes and streams as DynamoDB knows them, and the pure rules about them. No I/O.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/realm.hpp"
#include "events/metrics.hpp"
#include "services/dynamodb/key_condition.hpp"
#include "services/dynamodb/table_settings.hpp"

namespace paddock::services::dynamodb {

// KeySchema, the key attributes of a table or index, comes with the key conditions.
struct Throughput {
  int64_t read = 0;
  int64_t write = 0;
  int64_t last_increase_ms = 0;  // 0: never
  int64_t last_decrease_ms = 0;
  int64_t decreases = 0;  // on the day (UTC) of the last one
};

// How many items a table or an index holds, and their size in DynamoDB's terms. Derived; shared by
// all versions of a table's definition.
struct Counts {
  std::atomic<int64_t> items{0};
  std::atomic<int64_t> bytes{0};
  std::atomic<bool> exact{true};  // false while they are counted again after a crash
};

enum class Projection { all, keys_only, include };

struct Index {
  uint32_t id = 0;  // within the table's incarnation; never used twice
  std::string name;
  bool global = true;
  KeySchema keys;
  Projection projection = Projection::all;
  std::vector<std::string> non_key_attributes;
  Throughput throughput;
  Json warm;                           // WarmThroughput, null unless asked for
  Json on_demand_limits;               // OnDemandThroughput, null unless asked for
  bool backfilling = false;            // being filled: written, not yet readable
  std::vector<std::string> projected;  // attributes of an entry unless it holds all; derived
  std::shared_ptr<Counts> counts = std::make_shared<Counts>();

  bool holds(std::string_view attribute) const;  // whether its entries have it
};

struct ShardList;

// One stream of a table: the time between enabling and disabling. Outlives both by a day.
struct Stream {
  std::string table_name;
  std::string label;      // "2026-11-20T07:36:00.123"; unique within the table's name
  uint64_t number = 0;    // incarnation, in the keys of its records
  std::string view_type;  // NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY
  std::string first_shard_id;
  KeySchema keys;
  int64_t created_ms = 0;
  int64_t disabled_ms = 0;            // 0: enabled
  std::shared_ptr<ShardList> shards;  // shared by all versions; null until Shards attached it

  bool enabled() const { return disabled_ms == 0; }
  bool wants_new_image() const { return view_type.starts_with("NEW"); }
  bool wants_old_image() const { return view_type.find("OLD") != std::string::npos; }
};

// A version of a table's definition: immutable but for `retired`. A change publishes a new version.
struct Table {
  RealmId realm = kNoRealm;
  std::string name;
  std::string arn;
  std::string account;  // those of the ARN; derived
  std::string region;
  uint64_t incarnation = 0;  // in the keys of its items
  std::string id;            // TableId, a UUID
  int64_t created_ms = 0;
  std::vector<KeyAttribute> attributes;  // AttributeDefinitions, in the caller's order
  KeySchema keys;
  bool on_demand = false;
  bool billing_was_named = false;  // BillingModeSummary is shown only then
  int64_t last_on_demand_ms = 0;
  Throughput throughput;
  std::vector<Index> indexes;
  uint32_t next_index_id = 1;
  std::shared_ptr<const Stream> stream;               // the enabled one, if any
  std::pair<std::string, std::string> latest_stream;  // ARN and label, kept after disabling
  bool deletion_protection = false;
  std::string table_class;  // "" unless named
  Json sse;                 // SSEDescription, null unless asked for
  Json warm;                // WarmThroughput, null unless asked for
  Json on_demand_limits;    // OnDemandThroughput, null unless asked for
  std::vector<std::pair<std::string, std::string>> tags;  // sorted by key
  TableSettings settings;

  std::shared_ptr<Counts> counts = std::make_shared<Counts>();
  events::Dimensions dimensions;  // {TableName, name}, for metrics
  // Set once a newer version was published or the table is gone: who holds a lock on one of its
  // partitions must look the table up again.
  mutable std::atomic<bool> retired{false};

  Table() = default;
  Table(const Table& other);  // a new version, not retired
  Table& operator=(const Table&) = delete;

  const Index* find_index(std::string_view index_name) const;
  bool has_local_indexes() const;
  std::string index_arn(const Index& index) const { return arn + "/index/" + index.name; }
};

using TablePtr = std::shared_ptr<const Table>;

// A member of an object, or a null value if it is absent (or `object` is null itself).
const Json& member_or_null(const Json& object, const char* name);

// What a table's row holds; format in model.cpp. `decode_table` throws std::exception if malformed.
std::string encode_table(const Table& table);
std::shared_ptr<Table> decode_table(RealmId realm, std::string_view text);
std::string encode_stream(const Stream& stream);
std::shared_ptr<Stream> decode_stream(std::string_view text);

// The table as CreateTable was asked for it, all its rules checked; ids, time and ARN are the
// caller's to fill. Throws AwsError.
std::shared_ptr<Table> table_from_input(const Json& input);
// A global index as CreateTable or UpdateTable asks for it. `definitions` are those of the table.
Index index_from_input(const Json& input, bool global, const std::vector<KeyAttribute>& definitions,
                       bool on_demand);
std::vector<KeyAttribute> definitions_from_input(const Json& input);
Throughput throughput_from_input(const Json& input);
// Throws AwsError if the indexes break a limit or share a name.
void check_indexes(const Table& table);
// Drops definitions that no key uses any more.
void prune_definitions(Table& table);
// Fills what is derived from the rest; before a table is published.
void derive(Table& table);
// A table's KeySchema as documents show it.
Json key_schema_json(const KeySchema& keys);

// TableDescription. `status` as AWS would show it at this moment: CREATING, ACTIVE …
Json describe(const Table& table, std::string_view status, WorldTime now);
// WarmThroughput as DescribeTable shows it, of a table or a global index: what was asked for in the
// place of what the billing mode brings.
Json warm_throughput(bool on_demand, const Throughput& throughput, const Json& asked);

// "name" of a table name or a table ARN. Throws AwsError for a malformed one.
struct TableName {
  std::string name;
  std::string account;  // "" unless an ARN named it
  std::string region;
};
TableName parse_table_name(std::string_view text);
// Whether it is a table's name by its length and characters, or an ARN.
bool table_name_fits(std::string_view text);

}  // namespace paddock::services::dynamodb
