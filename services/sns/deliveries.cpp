#include "services/sns/deliveries.hpp"

#include <utility>

#include "events/timeline.hpp"
#include "services/sns/retry_policy.hpp"
#include "storage/realms.hpp"

namespace paddock::services::sns {
namespace delivering {

// Runs all of them side by side on this coroutine's executor, which has one thread.
Task<void> run_all(std::shared_ptr<std::vector<Task<void>>> tasks) {
  struct State {
    explicit State(IoExecutor executor) : timer(std::move(executor)) {}
    asio::steady_timer timer;
    size_t left = 0;
    std::exception_ptr failure;
  };
  IoExecutor executor = co_await asio::this_coro::executor;
  auto state = std::make_shared<State>(executor);
  state->left = tasks->size();
  state->timer.expires_at(asio::steady_timer::time_point::max());
  for (Task<void>& task : *tasks) {
    asio::co_spawn(executor, std::move(task), [state](std::exception_ptr failure) {
      if (failure && !state->failure) state->failure = failure;
      if (--state->left == 0) state->timer.cancel();
    });
  }
  boost::system::error_code cancelled;
  if (state->left > 0) {
    co_await state->timer.async_wait(asio::redirect_error(use_task, cancelled));
  }
  if (state->failure) std::rethrow_exception(state->failure);
}

std::shared_ptr<const Subscriber> stranger(const Parcel& parcel) {
  auto subscriber = std::make_shared<Subscriber>();
  subscriber->subscription.topic = parcel.topic;
  subscriber->subscription.id = parcel.gone.at("id");
  subscriber->subscription.protocol = parcel.gone.at("protocol");
  subscriber->subscription.endpoint = parcel.gone.at("endpoint");
  return subscriber;
}

}  // namespace delivering

std::string Deliveries::Delivery::arn() const {
  return subscription_arn(realm->region, realm->account, subscription());
}

const std::string& Deliveries::Delivery::text() const {
  return notification->text_for(subscription().protocol);
}

void Deliveries::add(RealmId realm, const Parcel& parcel, const Cause& cause,
                     storage::Batch& batch) const {
  events::OutboxEntry entry;
  entry.realm = realm;
  entry.target = kDeliverTarget;
  entry.payload = parcel.encode();
  entry.cause = cause;
  entry.enqueued = platform_.world.now();
  platform_.outbox.add(batch, std::move(entry));
}

void Deliveries::add_in_group(RealmId realm, const Parcel& parcel, uint64_t number,
                              const Cause& cause, storage::Batch& batch) const {
  const std::string& subscription = parcel.to.front();
  const std::string& group = parcel.notification.group;
  store_.put_in_group(realm, subscription, group, number, parcel.encode(), batch);
  events::OutboxEntry entry;
  entry.realm = realm;
  entry.target = kGroupTarget;
  entry.payload =
      Json{{"v", 1}, {"topic", parcel.topic}, {"subscription", subscription}, {"group", group}}
          .dump();
  entry.cause = cause;
  entry.enqueued = platform_.world.now();
  platform_.outbox.add(batch, std::move(entry));
}

void Deliveries::add_confirmation(RealmId realm, const Subscription& subscription,
                                  Notification notification, const Cause& cause,
                                  storage::Batch& batch) const {
  Parcel parcel;
  parcel.topic = subscription.topic;
  parcel.to = {subscription.id};
  parcel.gone = {{"protocol", subscription.protocol},
                 {"endpoint", subscription.endpoint},
                 {"id", subscription.id}};
  parcel.notification = std::move(notification);
  add(realm, parcel, cause, batch);
}

std::shared_ptr<Deliveries::Delivery> Deliveries::delivery_of(const events::OutboxEntry& entry,
                                                              const Parcel& parcel,
                                                              const std::string& id) const {
  auto delivery = std::make_shared<Delivery>();
  delivery->realm = platform_.realms.by_id(entry.realm);
  delivery->cause = entry.cause;
  delivery->tried = parcel.tried;
  delivery->dead = parcel.dead;
  if (!delivery->realm) return nullptr;
  delivery->topic = directory_.find(entry.realm, parcel.topic);
  if (parcel.gone.is_object()) {
    delivery->subscriber = delivering::stranger(parcel);
  } else if (delivery->topic) {
    delivery->subscriber = delivery->topic->find(id);
  }
  return delivery->subscriber ? delivery : nullptr;
}

Task<events::Delivered> Deliveries::deliver(events::OutboxEntry entry) {
  Parcel parcel = Parcel::decode(entry.payload);
  if (platform_.world.now() < parcel.due) co_return events::Delivered::retry(parcel.due);
  auto notification = std::make_shared<const Notification>(parcel.notification);
  auto seals = std::make_shared<Seals>();
  std::vector<std::shared_ptr<Delivery>> deliveries;
  auto tasks = std::make_shared<std::vector<Task<void>>>();
  for (const std::string& id : parcel.to) {
    auto delivery = delivery_of(entry, parcel, id);
    if (!delivery) continue;  // unsubscribed meanwhile
    delivery->notification = notification;
    delivery->seals = seals;
    tasks->push_back(attempt(delivery));
    deliveries.push_back(std::move(delivery));
  }
  if (tasks->empty()) co_return events::Delivered::done();
  co_await delivering::run_all(tasks);
  storage::Batch batch;
  for (const auto& delivery : deliveries) {
    if (delivery->done) continue;
    parcel.to = {delivery->subscription().id};
    parcel.tried = delivery->tried;
    parcel.dead = delivery->dead;
    parcel.due = delivery->due;
    if (deliveries.size() == 1) co_return events::Delivered::retry(parcel.due, parcel.encode());
    add(entry.realm, parcel, entry.cause, batch);
  }
  if (!batch.empty()) platform_.database.commit(batch);
  co_return events::Delivered::done();
}

Task<events::Delivered> Deliveries::deliver_group(events::OutboxEntry entry) {
  const Json what = Json::parse(entry.payload);
  const std::string subscription = what.at("subscription");
  const std::string group = what.at("group");
  // Who empties the group takes what came in meanwhile too: between its last look and its end it
  // does not wait. Its own entry stays until then, so nothing is lost.
  const auto [place, alone] = busy_.emplace(entry.realm, subscription, group);
  if (!alone) co_return events::Delivered::done();
  const std::shared_ptr<void> leave(nullptr, [this, name = *place](void*) { busy_.erase(name); });
  while (auto first = store_.first_in_group(entry.realm, subscription, group)) {
    Parcel parcel = Parcel::decode(first->value);
    if (platform_.world.now() < parcel.due) co_return events::Delivered::retry(parcel.due);
    auto delivery = delivery_of(entry, parcel, subscription);
    if (delivery) {
      delivery->notification = std::make_shared<const Notification>(parcel.notification);
      delivery->seals = std::make_shared<Seals>();
      co_await attempt(delivery);
    }
    storage::Batch batch;
    if (!delivery || delivery->done) {
      store_.take_from_group(entry.realm, subscription, group, first->key, batch);
      platform_.database.commit(batch);
      continue;
    }
    parcel.tried = delivery->tried;
    parcel.dead = delivery->dead;
    parcel.due = delivery->due;
    store_.replace_in_group(first->key, parcel.encode(), batch);
    platform_.database.commit(batch);
    co_return events::Delivered::retry(parcel.due);
  }
  store_.forget_group(entry.realm, subscription, group);
  co_return events::Delivered::done();
}

// One attempt; a message that is given up goes to the dead-letter queue at once.
Task<void> Deliveries::attempt(std::shared_ptr<Delivery> delivery) {
  const bool was_dead = delivery->dead;
  Sent sent = co_await send(delivery);
  record(*delivery, sent);
  judge(*delivery, sent);
  if (delivery->dead && !was_dead) {
    Sent buried = co_await send(delivery);
    record(*delivery, buried);
    judge(*delivery, buried);
  }
}

void Deliveries::judge(Delivery& delivery, const Sent& sent) const {
  delivery.done = sent.outcome == Outcome::delivered;
  if (delivery.done) return;
  if (sent.outcome == Outcome::later) {
    ++delivery.tried;
    if (const auto delay = delay_of(delivery)) {
      delivery.due = platform_.world.now() + *delay;
      return;
    }
  }
  const bool has_queue = !delivery.subscription().attribute("RedrivePolicy").empty();
  if (delivery.dead || !has_queue) {
    delivery.done = true;
    return;
  }
  delivery.dead = true;
  delivery.tried = 0;
}

std::optional<Milliseconds> Deliveries::delay_of(const Delivery& delivery) const {
  const std::string& protocol = delivery.subscription().protocol;
  if (delivery.dead || !protocol.starts_with("http")) return managed_delay(delivery.tried);
  const Json policy = effective_subscription_policy(
      delivery.topic ? delivery.topic->topic.attribute("DeliveryPolicy") : "",
      delivery.subscription().attribute("DeliveryPolicy"));
  return http_delay(policy.at("healthyRetryPolicy"), delivery.tried);
}

void Deliveries::record(const Delivery& delivery, const Sent& sent) const {
  events::TimelineEvent event;
  event.at = platform_.world.now();
  event.kind = "delivery";
  event.what = delivery.dead ? "sns dead letter of " + delivery.subscription().endpoint
                             : "sns to " + delivery.subscription().endpoint;
  event.resource = delivery.arn();
  event.outcome = sent.text;
  event.request_id = delivery.notification->message_id;
  event.cause = delivery.cause;
  event.account = delivery.realm->account;
  event.region = delivery.realm->region;
  platform_.timeline.record(std::move(event));
}

Seal Deliveries::seal(const Delivery& delivery, bool function) const {
  // FIFO topics do not sign; functions always get version 1.
  if (!delivery.notification->sequence.empty() && !function) return {};
  const std::string version = function ? "1" : delivery.notification->signature_version;
  const std::string& text = delivery.text();
  const auto [place, fresh] = delivery.seals->try_emplace({text, version});
  if (fresh) place->second = signer_.seal(*delivery.notification, text, version);
  return place->second;
}

std::string Deliveries::envelope_of(const Delivery& delivery) const {
  return envelope(*delivery.notification, delivery.text(), seal(delivery, false), delivery.arn());
}

}  // namespace paddock::services::sns
