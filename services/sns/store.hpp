// Where SNS's rows are: the only file that knows this service's kinds of keys.
//
// Rows, version 1; documents are storage/document_row.hpp's:
//   meta   kTopicKind         text name              Topic
//   meta   kSubscriptionKind  text topic, text id    Subscription
//   meta   kTokenKind         text token             {"topic","id","expires"}
//   meta   kApplicationKind   text platform, text name               PlatformApplication
//   meta   kEndpointKind      text platform, text application, text id   PlatformEndpoint
//   meta   kSmsKind           text name              a document: "attributes", "sandbox"
//   meta   kOptedOutKind      text phone number      i64 world ms since when
//   rows   kSequenceKind      text topic's id        u64 last number of the topic's sequence
//   rows   kDedupKind         text topic's id, text group (may be ""), text deduplication id
//                                                    i64 expires, u64 number, raw message id
//   queue  kDedupDueKind      i64 expires, raw: key of the kDedupKind row    empty
//   queue  kGroupKind         text subscription, text group, u64 number      Parcel (parcel.hpp)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/realm.hpp"
#include "services/sns/model.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"
#include "storage/queue_index.hpp"

namespace paddock::services::sns {

inline constexpr storage::Kind kTopicKind = 0x10;
inline constexpr storage::Kind kSubscriptionKind = 0x11;
inline constexpr storage::Kind kTokenKind = 0x12;
inline constexpr storage::Kind kApplicationKind = 0x13;
inline constexpr storage::Kind kEndpointKind = 0x14;
inline constexpr storage::Kind kSmsKind = 0x15;
inline constexpr storage::Kind kOptedOutKind = 0x16;
inline constexpr storage::Kind kSequenceKind = 0x17;
inline constexpr storage::Kind kDedupKind = 0x18;
inline constexpr storage::Kind kDedupDueKind = 0x19;
inline constexpr storage::Kind kGroupKind = 0x1A;

// A confirmation that was asked for.
struct PendingToken {
  std::string topic, subscription;
  WorldTime expires;
};

// A message that a FIFO topic took within the last five minutes.
struct Deduplicated {
  WorldTime expires;
  uint64_t number = 0;
  std::string message_id;
};

// Thread-safe. Writes go into the caller's batch; reads throw storage::StorageError. Lists call
// `visit` in key order, from the first one after `after`, until it returns false.
class Store {
 public:
  explicit Store(storage::Database& database)
      : database_(database), queues_(database, storage::Family::queue) {}

  // What a change of a topic or of its subscriptions locks, and what a message to a FIFO topic
  // does.
  static std::string topic_lock(RealmId realm, std::string_view topic);
  static std::string sequence_lock(RealmId realm, std::string_view topic_id);
  // What changes of applications and endpoints lock, and those of everything about SMS.
  static std::string application_lock(RealmId realm, std::string_view platform,
                                      std::string_view name);
  static std::string sms_lock(RealmId realm);

  std::optional<Topic> topic(RealmId realm, std::string_view name) const;
  void put_topic(RealmId realm, const Topic& topic, storage::Batch& batch) const;
  void erase_topic(RealmId realm, const Topic& topic, storage::Batch& batch) const;
  void topics(RealmId realm, std::string_view after, const std::function<bool(Topic)>& visit) const;

  std::optional<Subscription> subscription(RealmId realm, std::string_view topic,
                                           std::string_view id) const;
  void put_subscription(RealmId realm, const Subscription& subscription,
                        storage::Batch& batch) const;
  void erase_subscription(RealmId realm, const Subscription& subscription,
                          storage::Batch& batch) const;
  // Of one topic, all incarnations; of all topics if `topic` is "". `after`: topic and id.
  void subscriptions(RealmId realm, std::string_view topic,
                     const std::pair<std::string, std::string>& after,
                     const std::function<bool(Subscription)>& visit) const;

  std::optional<PendingToken> token(RealmId realm, std::string_view token) const;
  void put_token(RealmId realm, std::string_view token, const PendingToken& pending,
                 storage::Batch& batch) const;
  void erase_token(RealmId realm, std::string_view token, storage::Batch& batch) const;

  std::optional<PlatformApplication> application(RealmId realm, std::string_view platform,
                                                 std::string_view name) const;
  void put_application(RealmId realm, const PlatformApplication& application,
                       storage::Batch& batch) const;
  // With its endpoints.
  void erase_application(RealmId realm, std::string_view platform, std::string_view name,
                         storage::Batch& batch) const;
  void applications(RealmId realm, const std::pair<std::string, std::string>& after,
                    const std::function<bool(PlatformApplication)>& visit) const;

  std::optional<PlatformEndpoint> endpoint(RealmId realm, std::string_view platform,
                                           std::string_view application, std::string_view id) const;
  void put_endpoint(RealmId realm, const PlatformEndpoint& endpoint, storage::Batch& batch) const;
  void erase_endpoint(RealmId realm, std::string_view platform, std::string_view application,
                      std::string_view id, storage::Batch& batch) const;
  void endpoints(RealmId realm, std::string_view platform, std::string_view application,
                 std::string_view after, const std::function<bool(PlatformEndpoint)>& visit) const;

  // Documents about SMS: "attributes" and "sandbox"; an empty object if there is none.
  Json sms(RealmId realm, std::string_view name) const;
  void put_sms(RealmId realm, std::string_view name, const Json& document,
               storage::Batch& batch) const;
  bool opted_out(RealmId realm, std::string_view number) const;
  void put_opted_out(RealmId realm, std::string_view number, WorldTime since,
                     storage::Batch& batch) const;
  void erase_opted_out(RealmId realm, std::string_view number, storage::Batch& batch) const;
  void opted_out_numbers(RealmId realm, std::string_view after,
                         const std::function<bool(const std::string&)>& visit) const;

  // FIFO topics; under sequence_lock.
  uint64_t last_number(RealmId realm, std::string_view topic_id) const;
  void put_last_number(RealmId realm, std::string_view topic_id, uint64_t number,
                       storage::Batch& batch) const;
  std::optional<Deduplicated> deduplicated(RealmId realm, std::string_view topic_id,
                                           std::string_view group, std::string_view id) const;
  void put_deduplicated(RealmId realm, std::string_view topic_id, std::string_view group,
                        std::string_view id, const Deduplicated& what, storage::Batch& batch);
  // Drops a few rows that have expired, so that they do not heap up.
  void drop_expired(RealmId realm, WorldTime now, storage::Batch& batch);

  // What waits for one subscription in one group, in order.
  void put_in_group(RealmId realm, std::string_view subscription, std::string_view group,
                    uint64_t number, std::string_view parcel, storage::Batch& batch);
  std::optional<storage::QueueIndex::Entry> first_in_group(RealmId realm,
                                                           std::string_view subscription,
                                                           std::string_view group);
  void replace_in_group(std::string_view key, std::string_view parcel, storage::Batch& batch) const;
  void take_from_group(RealmId realm, std::string_view subscription, std::string_view group,
                       const std::string& key, storage::Batch& batch);
  // Forgets where the group begins; for one that is empty.
  void forget_group(RealmId realm, std::string_view subscription, std::string_view group);

 private:
  // Visits the rows whose keys start with `prefix`, from the first after the key `after`.
  void each(const storage::Key& prefix, const std::string& after,
            const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

  storage::Database& database_;
  storage::QueueIndex queues_;
};

}  // namespace paddock::services::sns
