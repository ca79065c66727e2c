#include "services/sns/store.hpp"

#include "core/json.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::sns {

namespace sns_rows {

using storage::Family;
using storage::Key;

std::string of(const Topic& topic) {
  return storage::document_row({{"name", topic.name},
                                {"id", topic.id},
                                {"fifo", topic.fifo},
                                {"attributes", topic.attributes},
                                {"tags", topic.tags},
                                {"policy", topic.policy},
                                {"protection", topic.data_protection},
                                {"deleted", topic.deleted},
                                {"created", topic.created.ms}});
}

Topic to_topic(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  Topic topic;
  topic.name = row.at("name");
  topic.id = row.at("id");
  topic.fifo = row.at("fifo");
  topic.attributes = row.at("attributes");
  topic.tags = row.at("tags");
  topic.policy = row.at("policy");
  topic.data_protection = row.at("protection");
  topic.deleted = row.at("deleted");
  topic.created.ms = row.at("created");
  return topic;
}

std::string of(const Subscription& subscription) {
  return storage::document_row({{"topic", subscription.topic},
                                {"topic_id", subscription.topic_id},
                                {"id", subscription.id},
                                {"protocol", subscription.protocol},
                                {"endpoint", subscription.endpoint},
                                {"owner", subscription.owner},
                                {"principal", subscription.principal},
                                {"attributes", subscription.attributes},
                                {"pending", subscription.pending},
                                {"authenticated", subscription.authenticated},
                                {"token", subscription.token},
                                {"created", subscription.created.ms}});
}

Subscription to_subscription(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  Subscription subscription;
  subscription.topic = row.at("topic");
  subscription.topic_id = row.at("topic_id");
  subscription.id = row.at("id");
  subscription.protocol = row.at("protocol");
  subscription.endpoint = row.at("endpoint");
  subscription.owner = row.at("owner");
  subscription.principal = row.at("principal");
  subscription.attributes = row.at("attributes");
  subscription.pending = row.at("pending");
  subscription.authenticated = row.at("authenticated");
  subscription.token = row.at("token");
  subscription.created.ms = row.at("created");
  return subscription;
}

PlatformApplication to_application(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  PlatformApplication application;
  application.platform = row.at("platform");
  application.name = row.at("name");
  application.attributes = row.at("attributes");
  application.created.ms = row.at("created");
  return application;
}

PlatformEndpoint to_endpoint(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  PlatformEndpoint endpoint;
  endpoint.platform = row.at("platform");
  endpoint.application = row.at("application");
  endpoint.id = row.at("id");
  endpoint.attributes = row.at("attributes");
  return endpoint;
}

Key topic(RealmId realm, std::string_view name) {
  return Key(realm, kTopicKind).text(name);
}
Key subscription(RealmId realm, std::string_view topic_name, std::string_view id) {
  return Key(realm, kSubscriptionKind).text(topic_name).text(id);
}
Key application(RealmId realm, std::string_view platform, std::string_view name) {
  return Key(realm, kApplicationKind).text(platform).text(name);
}
Key endpoint(RealmId realm, std::string_view platform, std::string_view app) {
  return Key(realm, kEndpointKind).text(platform).text(app);
}
Key deduplication(RealmId realm, std::string_view topic_id, std::string_view group,
                  std::string_view id) {
  return Key(realm, kDedupKind).text(topic_id).text(group).text(id);
}
Key group(RealmId realm, std::string_view subscription_id, std::string_view group_id) {
  return Key(realm, kGroupKind).text(subscription_id).text(group_id);
}

std::string number(uint64_t value) {
  std::string bytes;
  storage::append_u64(bytes, value);
  return bytes;
}

uint64_t to_number(std::string_view bytes) {
  uint64_t value = 0;
  if (bytes.size() != sizeof(value)) throw storage::StorageError("a number's row is malformed");
  for (char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace sns_rows

using storage::Batch;
using storage::Family;
using storage::Key;

void Store::each(const Key& prefix, const std::string& after,
                 const std::function<bool(std::string_view, std::string_view)>& visit) const {
  std::string begin = after.empty() ? prefix.bytes() : after + '\0';
  auto row = database_.iterate(Family::meta, begin, storage::prefix_end(prefix.bytes()));
  for (; row.valid(); row.next()) {
    if (!visit(row.key(), row.value())) return;
  }
}

std::string Store::topic_lock(RealmId realm, std::string_view topic) {
  return sns_rows::topic(realm, topic).bytes();
}
std::string Store::sequence_lock(RealmId realm, std::string_view topic_id) {
  return Key(realm, kSequenceKind).text(topic_id).bytes();
}
std::string Store::application_lock(RealmId realm, std::string_view platform,
                                    std::string_view name) {
  return sns_rows::application(realm, platform, name).bytes();
}
std::string Store::sms_lock(RealmId realm) {
  return Key(realm, kSmsKind).bytes();
}

std::optional<Topic> Store::topic(RealmId realm, std::string_view name) const {
  const auto row = database_.get(Family::meta, sns_rows::topic(realm, name));
  if (!row) return std::nullopt;
  return sns_rows::to_topic(*row);
}

void Store::put_topic(RealmId realm, const Topic& topic, Batch& batch) const {
  batch.put(Family::meta, sns_rows::topic(realm, topic.name), sns_rows::of(topic));
}

// What its sequence and its deduplication remember goes along; subscriptions do not.
void Store::erase_topic(RealmId realm, const Topic& topic, Batch& batch) const {
  batch.erase(Family::meta, sns_rows::topic(realm, topic.name));
  if (!topic.fifo) return;
  batch.erase(Family::rows, sequence_lock(realm, topic.id));
  const std::string known = Key(realm, kDedupKind).text(topic.id).bytes();
  batch.erase_range(Family::rows, known, storage::prefix_end(known));
}

void Store::topics(RealmId realm, std::string_view after,
                   const std::function<bool(Topic)>& visit) const {
  each(Key(realm, kTopicKind), after.empty() ? "" : sns_rows::topic(realm, after).bytes(),
       [&](std::string_view, std::string_view value) { return visit(sns_rows::to_topic(value)); });
}

std::optional<Subscription> Store::subscription(RealmId realm, std::string_view topic,
                                                std::string_view id) const {
  const auto row = database_.get(Family::meta, sns_rows::subscription(realm, topic, id));
  if (!row) return std::nullopt;
  return sns_rows::to_subscription(*row);
}

void Store::put_subscription(RealmId realm, const Subscription& subscription, Batch& batch) const {
  batch.put(Family::meta, sns_rows::subscription(realm, subscription.topic, subscription.id),
            sns_rows::of(subscription));
}

void Store::erase_subscription(RealmId realm, const Subscription& subscription,
                               Batch& batch) const {
  batch.erase(Family::meta, sns_rows::subscription(realm, subscription.topic, subscription.id));
  if (!subscription.token.empty()) erase_token(realm, subscription.token, batch);
}

void Store::subscriptions(RealmId realm, std::string_view topic,
                          const std::pair<std::string, std::string>& after,
                          const std::function<bool(Subscription)>& visit) const {
  Key prefix(realm, kSubscriptionKind);
  if (!topic.empty()) prefix.text(topic);
  const std::string from =
      after.second.empty() ? "" : sns_rows::subscription(realm, after.first, after.second).bytes();
  each(prefix, from, [&](std::string_view, std::string_view value) {
    return visit(sns_rows::to_subscription(value));
  });
}

std::optional<PendingToken> Store::token(RealmId realm, std::string_view token) const {
  const auto bytes = database_.get(Family::meta, Key(realm, kTokenKind).text(token));
  if (!bytes) return std::nullopt;
  const Json row = storage::document_of_row(*bytes);
  PendingToken pending;
  pending.topic = row.at("topic");
  pending.subscription = row.at("id");
  pending.expires.ms = row.at("expires");
  return pending;
}

void Store::put_token(RealmId realm, std::string_view token, const PendingToken& pending,
                      Batch& batch) const {
  batch.put(Family::meta, Key(realm, kTokenKind).text(token),
            storage::document_row({{"topic", pending.topic},
                                   {"id", pending.subscription},
                                   {"expires", pending.expires.ms}}));
}

void Store::erase_token(RealmId realm, std::string_view token, Batch& batch) const {
  batch.erase(Family::meta, Key(realm, kTokenKind).text(token));
}

std::optional<PlatformApplication> Store::application(RealmId realm, std::string_view platform,
                                                      std::string_view name) const {
  const auto row = database_.get(Family::meta, sns_rows::application(realm, platform, name));
  if (!row) return std::nullopt;
  return sns_rows::to_application(*row);
}

void Store::put_application(RealmId realm, const PlatformApplication& application,
                            Batch& batch) const {
  batch.put(Family::meta, sns_rows::application(realm, application.platform, application.name),
            storage::document_row({{"platform", application.platform},
                                   {"name", application.name},
                                   {"attributes", application.attributes},
                                   {"created", application.created.ms}}));
}

void Store::erase_application(RealmId realm, std::string_view platform, std::string_view name,
                              Batch& batch) const {
  batch.erase(Family::meta, sns_rows::application(realm, platform, name));
  const std::string endpoints_of_it = sns_rows::endpoint(realm, platform, name).bytes();
  batch.erase_range(Family::meta, endpoints_of_it, storage::prefix_end(endpoints_of_it));
}

void Store::applications(RealmId realm, const std::pair<std::string, std::string>& after,
                         const std::function<bool(PlatformApplication)>& visit) const {
  const std::string from =
      after.second.empty() ? "" : sns_rows::application(realm, after.first, after.second).bytes();
  each(Key(realm, kApplicationKind), from, [&](std::string_view, std::string_view value) {
    return visit(sns_rows::to_application(value));
  });
}

std::optional<PlatformEndpoint> Store::endpoint(RealmId realm, std::string_view platform,
                                                std::string_view application,
                                                std::string_view id) const {
  const auto row =
      database_.get(Family::meta, sns_rows::endpoint(realm, platform, application).text(id));
  if (!row) return std::nullopt;
  return sns_rows::to_endpoint(*row);
}

void Store::put_endpoint(RealmId realm, const PlatformEndpoint& endpoint, Batch& batch) const {
  batch.put(Family::meta,
            sns_rows::endpoint(realm, endpoint.platform, endpoint.application).text(endpoint.id),
            storage::document_row({{"platform", endpoint.platform},
                                   {"application", endpoint.application},
                                   {"id", endpoint.id},
                                   {"attributes", endpoint.attributes}}));
}

void Store::erase_endpoint(RealmId realm, std::string_view platform, std::string_view application,
                           std::string_view id, Batch& batch) const {
  batch.erase(Family::meta, sns_rows::endpoint(realm, platform, application).text(id));
}

void Store::endpoints(RealmId realm, std::string_view platform, std::string_view application,
                      std::string_view after,
                      const std::function<bool(PlatformEndpoint)>& visit) const {
  const Key prefix = sns_rows::endpoint(realm, platform, application);
  const std::string from =
      after.empty() ? "" : sns_rows::endpoint(realm, platform, application).text(after).bytes();
  each(prefix, from, [&](std::string_view, std::string_view value) {
    return visit(sns_rows::to_endpoint(value));
  });
}

Json Store::sms(RealmId realm, std::string_view name) const {
  const auto row = database_.get(Family::meta, Key(realm, kSmsKind).text(name));
  return row ? storage::document_of_row(*row) : Json::object();
}

void Store::put_sms(RealmId realm, std::string_view name, const Json& document,
                    Batch& batch) const {
  batch.put(Family::meta, Key(realm, kSmsKind).text(name), storage::document_row(document));
}

bool Store::opted_out(RealmId realm, std::string_view number) const {
  return database_.get(Family::meta, Key(realm, kOptedOutKind).text(number)).has_value();
}

void Store::put_opted_out(RealmId realm, std::string_view number, WorldTime since,
                          Batch& batch) const {
  std::string bytes;
  storage::append_i64(bytes, since.ms);
  batch.put(Family::meta, Key(realm, kOptedOutKind).text(number), bytes);
}

void Store::erase_opted_out(RealmId realm, std::string_view number, Batch& batch) const {
  batch.erase(Family::meta, Key(realm, kOptedOutKind).text(number));
}

void Store::opted_out_numbers(RealmId realm, std::string_view after,
                              const std::function<bool(const std::string&)>& visit) const {
  const std::string from = after.empty() ? "" : Key(realm, kOptedOutKind).text(after).bytes();
  each(Key(realm, kOptedOutKind), from, [&](std::string_view key, std::string_view) {
    storage::KeyReader reader(key);
    return visit(reader.text());
  });
}

uint64_t Store::last_number(RealmId realm, std::string_view topic_id) const {
  const auto row = database_.get(Family::rows, sequence_lock(realm, topic_id));
  return row ? sns_rows::to_number(*row) : 0;
}

void Store::put_last_number(RealmId realm, std::string_view topic_id, uint64_t number,
                            Batch& batch) const {
  batch.put(Family::rows, sequence_lock(realm, topic_id), sns_rows::number(number));
}

std::optional<Deduplicated> Store::deduplicated(RealmId realm, std::string_view topic_id,
                                                std::string_view group, std::string_view id) const {
  const auto row = database_.get(Family::rows, sns_rows::deduplication(realm, topic_id, group, id));
  if (!row) return std::nullopt;
  // A value in the form of a key, behind a realm and a kind that say its version.
  storage::KeyReader reader(*row);
  Deduplicated what;
  what.expires.ms = reader.i64();
  what.number = reader.u64();
  what.message_id = reader.rest();
  return what;
}

void Store::put_deduplicated(RealmId realm, std::string_view topic_id, std::string_view group,
                             std::string_view id, const Deduplicated& what, Batch& batch) {
  const std::string key = sns_rows::deduplication(realm, topic_id, group, id).bytes();
  batch.put(Family::rows, key,
            Key(realm, kDedupKind).i64(what.expires.ms).u64(what.number).raw(what.message_id));
  const std::string queue = Key(realm, kDedupDueKind).bytes();
  const std::string due = Key(realm, kDedupDueKind).i64(what.expires.ms).raw(key).bytes();
  batch.put(Family::queue, due, "");
  batch.after_commit([this, queue, due](uint64_t) { queues_.inserted(queue, due); });
}

void Store::drop_expired(RealmId realm, WorldTime now, Batch& batch) {
  constexpr size_t kAtATime = 8;
  const std::string queue = Key(realm, kDedupDueKind).bytes();
  const std::string end = Key(realm, kDedupDueKind).i64(now.ms).bytes();
  const auto expired = queues_.front(queue, kAtATime, end);
  for (const auto& entry : expired) {
    batch.erase(Family::queue, entry.key);
    storage::KeyReader reader(entry.key);
    reader.i64();
    const std::string key(reader.rest());
    // It may have been replaced by a later one of the same id.
    const auto row = database_.get(Family::rows, key);
    if (!row) continue;
    storage::KeyReader value(*row);
    if (value.i64() < now.ms) batch.erase(Family::rows, key);
  }
  if (expired.empty()) return;
  batch.after_commit([this, queue, next = expired.back().key + '\0'](uint64_t) {
    try {
      queues_.consumed(queue, next);
    } catch (const storage::StorageError&) {
      queues_.forget(queue);  // found again at the next look
    }
  });
}

void Store::put_in_group(RealmId realm, std::string_view subscription, std::string_view group,
                         uint64_t number, std::string_view parcel, Batch& batch) {
  const std::string queue = sns_rows::group(realm, subscription, group).bytes();
  const std::string key = sns_rows::group(realm, subscription, group).u64(number).bytes();
  batch.put(Family::queue, key, parcel);
  batch.after_commit([this, queue, key](uint64_t) { queues_.inserted(queue, key); });
}

std::optional<storage::QueueIndex::Entry> Store::first_in_group(RealmId realm,
                                                                std::string_view subscription,
                                                                std::string_view group) {
  return queues_.front(sns_rows::group(realm, subscription, group).bytes());
}

void Store::replace_in_group(std::string_view key, std::string_view parcel, Batch& batch) const {
  batch.put(Family::queue, key, parcel);
}

void Store::take_from_group(RealmId realm, std::string_view subscription, std::string_view group,
                            const std::string& key, Batch& batch) {
  batch.erase(Family::queue, key);
  const std::string queue = sns_rows::group(realm, subscription, group).bytes();
  batch.after_commit([this, queue, next = key + '\0'](uint64_t) {
    try {
      queues_.consumed(queue, next);
    } catch (const storage::StorageError&) {
      queues_.forget(queue);
    }
  });
}

void Store::forget_group(RealmId realm, std::string_view subscription, std::string_view group) {
  queues_.forget(sns_rows::group(realm, subscription, group).bytes());
}

}  // namespace paddock::services::sns
