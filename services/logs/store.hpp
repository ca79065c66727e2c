// Where the rows of CloudWatch Logs are: the only file that knows this service's kinds of keys.
//
// Rows, version 1 (fields as in storage/keys.hpp):
//   meta   kGroupKind   text name                                    u8 version=1, JSON
//   meta   kStreamKind  u64 group, text name                         u8 version=2, u64 id, created,
//                                                                    first, last, ingested, next
//                                                                    sequence, bytes
//   log    kEventKind   u64 stream, i64 timestamp, u64 sequence      u8 version=1, u64 ingested,
//                                                                    raw message
//   index  kByTimeKind  u64 group, i64 timestamp, u64 stream, u64 sequence   (empty)
//   meta   kSubscriptionKind  u64 group, text name                  u8 version=1, JSON
//   meta   kMetricFilterKind  u64 group, text name                  u8 version=1, JSON
//   meta   kPolicyKind        text name                             u8 version=1, JSON
//   meta   kDestinationKind   text name                             u8 version=1, JSON
// `group` and `stream` are incarnation ids. JSON of a group: {"id","created","retention","class",
// "kms","protected","tags","metrics","subscriptions"}, the last two absent in older rows; of the
// others: as the model describes them. Rows of streams of version 1, JSON as well, are still read:
// {"id","created","first","last","ingested","next","bytes"}.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/realm.hpp"
#include "services/logs/filters.hpp"
#include "services/logs/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::logs {

inline constexpr storage::Kind kGroupKind = 0x40;
inline constexpr storage::Kind kStreamKind = 0x41;
inline constexpr storage::Kind kEventKind = 0x42;
inline constexpr storage::Kind kByTimeKind = 0x43;
inline constexpr storage::Kind kSubscriptionKind = 0x44;
inline constexpr storage::Kind kMetricFilterKind = 0x45;
inline constexpr storage::Kind kPolicyKind = 0x46;
inline constexpr storage::Kind kDestinationKind = 0x47;

// Thread-safe. Writes go into the caller's batch; reads throw storage::StorageError.
class Store {
 public:
  explicit Store(storage::Database& database) : database_(database) {}

  // A new incarnation id.
  uint64_t next_id(RealmId realm) { return database_.reserve(realm, "logs-incarnation", 1); }

  std::optional<Group> group(RealmId realm, std::string_view name) const;
  void put_group(RealmId realm, const Group& group, storage::Batch& batch);
  // With its streams, events and filters.
  void erase_group(RealmId realm, const Group& group, storage::Batch& batch);
  // By name, those that start with `prefix` and come after `after`; `visit` returns false to stop.
  void groups(RealmId realm, std::string_view prefix, std::string_view after,
              const std::function<bool(const Group&)>& visit) const;

  std::optional<Stream> stream(RealmId realm, uint64_t group, std::string_view name) const;
  void put_stream(RealmId realm, uint64_t group, const Stream& stream, storage::Batch& batch);
  void erase_stream(RealmId realm, uint64_t group, const Stream& stream, storage::Batch& batch);
  void streams(RealmId realm, uint64_t group, std::string_view prefix, std::string_view after,
               const std::function<bool(const Stream&)>& visit) const;

  void put_event(RealmId realm, uint64_t group, uint64_t stream, const Event& event,
                 storage::Batch& batch);
  // Events of a stream in [begin, end), in the direction; at most `most` and, but for the first,
  // `most_bytes` of messages.
  std::vector<Event> events(RealmId realm, uint64_t stream, Position begin, Position end,
                            storage::Direction direction, size_t most, size_t most_bytes) const;
  std::optional<Event> event(RealmId realm, uint64_t stream, Position at) const;
  // Events of a group by time, from `begin` and before `end_ms`; `visit` returns false to stop.
  void by_time(RealmId realm, uint64_t group, const GroupPosition& begin, int64_t end_ms,
               const std::function<bool(const GroupPosition&)>& visit) const;
  // Drops the events of the group before that moment.
  void trim(RealmId realm, uint64_t group, int64_t before_ms, storage::Batch& batch);

  // Filters of a group; `kind` is kSubscriptionKind or kMetricFilterKind. The group's lock covers
  // them.
  std::optional<Filter> filter(RealmId realm, storage::Kind kind, uint64_t group,
                               std::string_view name) const;
  void put_filter(RealmId realm, storage::Kind kind, uint64_t group, const Filter& filter,
                  storage::Batch& batch);
  void erase_filter(RealmId realm, storage::Kind kind, uint64_t group, std::string_view name,
                    storage::Batch& batch);
  // By name, those that start with `prefix` and come after `after`; `visit` returns false to stop.
  void filters(RealmId realm, storage::Kind kind, uint64_t group, std::string_view prefix,
               std::string_view after, const std::function<bool(const Filter&)>& visit) const;

  // Records of an account that have a name; `kind` is kPolicyKind or kDestinationKind.
  std::optional<Json> record(RealmId realm, storage::Kind kind, std::string_view name) const;
  void put_record(RealmId realm, storage::Kind kind, std::string_view name, const Json& record,
                  storage::Batch& batch);
  void erase_record(RealmId realm, storage::Kind kind, std::string_view name,
                    storage::Batch& batch);
  void records(RealmId realm, storage::Kind kind, std::string_view prefix, std::string_view after,
               const std::function<bool(const std::string&, const Json&)>& visit) const;
  static std::string record_key(RealmId realm, storage::Kind kind, std::string_view name);

  // Lock keys for read-modify-write.
  static std::string group_key(RealmId realm, std::string_view name);
  static std::string stream_key(RealmId realm, uint64_t group, std::string_view name);

 private:
  storage::Database& database_;
};

}  // namespace paddock::services::logs
