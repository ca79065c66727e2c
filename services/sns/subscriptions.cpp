#include "core/text.hpp"
#include "models/sns.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"
#include "services/sns/requests.hpp"
#include "services/sns/service.hpp"
#include "services/sns/subscription_attributes.hpp"

namespace paddock::services::sns {

namespace m = models::sns_members;

namespace subscribing {

// The filter's scope comes first: the filter is checked by it.
void set_all(Subscription& subscription, bool fifo_topic, const Json& attributes) {
  const auto scope = attributes.find("FilterPolicyScope");
  if (scope != attributes.end()) {
    set_subscription_attribute(subscription, fifo_topic, scope.key(), scope->get<std::string>(),
                               true);
  }
  for (auto attribute = attributes.begin(); attribute != attributes.end(); ++attribute) {
    if (attribute.key() == "FilterPolicyScope") continue;
    set_subscription_attribute(subscription, fifo_topic, attribute.key(),
                               attribute->get<std::string>(), true);
  }
}

// Every attribute that is asked for is as it is.
bool same_attributes(const Subscription& present, const Subscription& asked) {
  for (auto attribute = asked.attributes.begin(); attribute != asked.attributes.end();
       ++attribute) {
    const bool is_default = attribute.key() == "RawMessageDelivery" && *attribute == "false" &&
                            !present.attributes.contains("RawMessageDelivery");
    const auto found = present.attributes.find(attribute.key());
    const bool same = found != present.attributes.end() && *found == *attribute;
    if (!same && !is_default) return false;
  }
  return true;
}

Json shown(const Subscription& subscription, const std::string& arn, const std::string& topic) {
  return {{m::SubscriptionArn, subscription.pending ? "PendingConfirmation" : arn},
          {m::Owner, subscription.owner},
          {m::Protocol, subscription.protocol},
          {m::Endpoint, subscription.endpoint},
          {m::TopicArn, topic}};
}

}  // namespace subscribing

Sns::Operations Sns::subscription_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  constexpr Fidelity kNoFirehose = Fidelity::partial("no Firehose, no replay");
  return {
      {"Subscribe", plain(this, &Sns::subscribe), Access::write, kNoFirehose, "sns:Subscribe",
       topic_resource, ""},
      {"Unsubscribe", plain(this, &Sns::unsubscribe), Access::write, Fidelity::full(),
       "sns:Unsubscribe", arn_resource, ""},
      {"ConfirmSubscription", plain(this, &Sns::confirm_subscription), Access::write,
       Fidelity::full(), "sns:ConfirmSubscription", topic_resource, ""},
      {"ListSubscriptions", plain(this, &Sns::list_subscriptions), Access::read, Fidelity::full(),
       "sns:ListSubscriptions", nullptr, ""},
      {"ListSubscriptionsByTopic", plain(this, &Sns::list_subscriptions_by_topic), Access::read,
       Fidelity::full(), "sns:ListSubscriptionsByTopic", topic_resource, ""},
      {"GetSubscriptionAttributes", plain(this, &Sns::get_subscription_attributes), Access::read,
       Fidelity::full(), "sns:GetSubscriptionAttributes", arn_resource, ""},
      {"SetSubscriptionAttributes", plain(this, &Sns::set_subscription_attributes), Access::write,
       kNoFirehose, "sns:SetSubscriptionAttributes", arn_resource, ""},
  };
}

Sns::Output Sns::subscribe(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::TopicArn), m::TopicArn);
  const RealmId realm = topic.realm->id;
  Subscription subscription;
  subscription.topic = topic.name;
  subscription.protocol = text_of(input, m::Protocol);
  subscription.endpoint = text_of(input, m::Endpoint);
  const bool fifo = topic.name.ends_with(".fifo");
  check_endpoint(subscription.protocol, subscription.endpoint, fifo);
  subscribing::set_all(subscription, fifo, input.value(m::Attributes, Json::object()));

  const auto guard = platform_.locks.lock(Store::topic_lock(realm, topic.name));
  const Topic of = existing(topic);
  std::optional<Subscription> present;
  size_t filters = 0;
  store_.subscriptions(realm, topic.name, {}, [&](Subscription other) {
    if (other.topic_id != of.id) return true;
    if (other.attributes.contains("FilterPolicy")) ++filters;
    const bool same =
        other.protocol == subscription.protocol && other.endpoint == subscription.endpoint;
    if (same) present = std::move(other);
    return !same;
  });
  if (present && !subscribing::same_attributes(*present, subscription)) {
    throw errors::invalid(
        "Attributes Reason: Subscription already exists with different attributes");
  }
  if (!present && subscription.attributes.contains("FilterPolicy") &&
      filters >= limits::kMostFilterPolicies) {
    throw errors::too_many_filters();
  }
  if (present) {
    subscription = *std::move(present);
  } else {
    subscription.topic_id = of.id;
    subscription.id = platform_.ids.uuid(realm, "sns-subscription");
    subscription.owner = context.account;
    subscription.principal = context.principal.arn;
    subscription.created = platform_.world.now();
    subscription.pending = needs_confirmation(subscription.protocol);
    subscription.authenticated = !subscription.pending;
  }
  storage::Batch batch;
  if (subscription.pending) ask_confirmation(context, topic, of, subscription, batch);
  store_.put_subscription(realm, subscription, batch);
  forget_after(realm, topic.name, batch);
  context.commit(batch);
  const bool wants_arn = input.value(m::ReturnSubscriptionArn, false);
  return Json{{m::SubscriptionArn, subscription.pending && !wants_arn
                                       ? "pending confirmation"
                                       : topic.arn + ":" + subscription.id}};
}

// Gives the subscription a new token and sends it to its endpoint.
void Sns::ask_confirmation(Context& context, const Named& topic, const Topic& of,
                           Subscription& subscription, storage::Batch& batch) {
  const RealmId realm = topic.realm->id;
  if (!subscription.token.empty()) store_.erase_token(realm, subscription.token, batch);
  std::vector<std::string> digits;
  for (int i = 0; i < 4; ++i) digits.push_back(platform_.ids.hex(realm, "sns-token", 64));
  subscription.token = make_token(context.region, digits);
  PendingToken pending;
  pending.topic = topic.name;
  pending.subscription = subscription.id;
  pending.expires = platform_.world.now() + limits::kTokenLife;
  store_.put_token(realm, subscription.token, pending, batch);
  Notification asked = confirmation(context, of, topic.arn, subscription);
  asked.type = "SubscriptionConfirmation";
  asked.message = "You have chosen to subscribe to the topic " + topic.arn +
                  ".\nTo confirm the subscription, visit the SubscribeURL included in this "
                  "message.";
  deliveries_.add_confirmation(realm, subscription, std::move(asked), context.cause, batch);
}

Notification Sns::confirmation(const Context& context, const Topic& topic, const std::string& arn,
                               const Subscription& subscription) const {
  Notification asked;
  asked.message_id = platform_.ids.uuid(context.realm->id, "sns-message");
  asked.topic_arn = arn;
  asked.at = platform_.world.now();
  asked.token = subscription.token;
  asked.signature_version = topic.attribute("SignatureVersion", "1");
  asked.base_url = base_url(context);
  asked.display_name = topic.attribute("DisplayName");
  return asked;
}

Sns::Output Sns::confirm_subscription(Context& context, Json input) {
  const std::string text = text_of(input, m::TopicArn);
  const auto arn = Arn::parse(text);
  if (!arn || arn->service != "sns") throw errors::invalid("Topic");
  const std::string token = text_of(input, m::Token);
  const auto region = region_of_token(token);
  if (!region) throw errors::invalid_sentence("Invalid token");
  const auto realm = platform_.realms.find("sns", arn->account, context.region);
  const auto pending = store_.token(realm->id, token);
  if (arn->region != context.region || (pending && *region != arn->region)) {
    throw errors::invalid("Topic");
  }
  if (!pending) throw errors::invalid("Token");
  const auto guard = platform_.locks.lock(Store::topic_lock(realm->id, pending->topic));
  auto subscription = store_.subscription(realm->id, pending->topic, pending->subscription);
  if (!subscription) throw errors::invalid("Token");
  const Json answer = {
      {m::SubscriptionArn, subscription_arn(realm->region, realm->account, *subscription)}};
  if (!subscription->pending) return answer;
  if (platform_.world.now() >= pending->expires) throw errors::invalid("Token");
  subscription->pending = false;
  subscription->authenticated = !context.principal.access_key.empty();
  storage::Batch batch;
  store_.put_subscription(realm->id, *subscription, batch);
  forget_after(realm->id, pending->topic, batch);
  context.commit(batch);
  return answer;
}

std::optional<Subscription> Sns::find_subscription(const Context& context, const std::string& arn,
                                                   Named& topic) const {
  topic = named(context, arn, m::SubscriptionArn);
  const size_t colon = topic.name.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::string id = topic.name.substr(colon + 1);
  topic.name.resize(colon);
  topic.arn = topic_arn(topic.realm->region, topic.realm->account, topic.name);
  return store_.subscription(topic.realm->id, topic.name, id);
}

Sns::Output Sns::unsubscribe(Context& context, Json input) {
  const std::string arn = text_of(input, m::SubscriptionArn);
  if (arn.empty()) throw errors::missing(m::SubscriptionArn);
  if (parse_arn(arn, m::SubscriptionArn).resource.find(':') == std::string::npos) {
    throw errors::invalid("SubscriptionId");
  }
  Named topic;
  auto subscription = find_subscription(context, arn, topic);
  if (!subscription) return {};
  const RealmId realm = topic.realm->id;
  const auto guard = platform_.locks.lock(Store::topic_lock(realm, topic.name));
  subscription = store_.subscription(realm, topic.name, subscription->id);
  if (!subscription) return {};
  storage::Batch batch;
  store_.erase_subscription(realm, *subscription, batch);
  auto of = store_.topic(realm, topic.name);
  if (of && of->id == subscription->topic_id) {
    ++of->deleted;
    store_.put_topic(realm, *of, batch);
    // By the link in a message anybody may have done it, so the endpoint is told.
    if (context.principal.access_key.empty() && subscription->protocol.starts_with("http") &&
        !subscription->pending) {
      Notification told = confirmation(context, *of, topic.arn, *subscription);
      told.type = "UnsubscribeConfirmation";
      told.message = "You have chosen to deactivate subscription " + arn +
                     ".\nTo cancel this operation and restore the subscription, visit the "
                     "SubscribeURL included in this message.";
      deliveries_.add_confirmation(realm, *subscription, std::move(told), context.cause, batch);
    }
  }
  forget_after(realm, topic.name, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::list_subscriptions(Context& context, Json input) {
  const auto after = read_page_token(text_of(input, m::NextToken), m::NextToken);
  Json found = Json::array();
  Json output = Json::object();
  std::string topic;
  std::string id;
  store_.subscriptions(context.realm->id, "", after, [&](const Subscription& subscription) {
    if (found.size() == limits::kPage) {
      output[m::NextToken] = page_token(topic, id);
      return false;
    }
    topic = subscription.topic;
    id = subscription.id;
    found.push_back(subscribing::shown(
        subscription, subscription_arn(context.region, context.account, subscription),
        topic_arn(context.region, context.account, topic)));
    return true;
  });
  output[m::Subscriptions] = std::move(found);
  return output;
}

Sns::Output Sns::list_subscriptions_by_topic(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::TopicArn), m::TopicArn);
  const Topic of = existing(topic);
  const auto after = read_page_token(text_of(input, m::NextToken), m::NextToken);
  Json found = Json::array();
  Json output = Json::object();
  std::string id;
  store_.subscriptions(topic.realm->id, topic.name, after, [&](const Subscription& subscription) {
    if (subscription.topic_id != of.id) return true;
    if (found.size() == limits::kPage) {
      output[m::NextToken] = page_token(topic.name, id);
      return false;
    }
    id = subscription.id;
    found.push_back(subscribing::shown(subscription, topic.arn + ":" + id, topic.arn));
    return true;
  });
  output[m::Subscriptions] = std::move(found);
  return output;
}

Sns::Output Sns::get_subscription_attributes(Context& context, Json input) {
  Named topic;
  const std::string arn = text_of(input, m::SubscriptionArn);
  const auto found = find_subscription(context, arn, topic);
  if (!found) throw errors::subscription_not_found();
  const auto of = store_.topic(topic.realm->id, topic.name);
  return Json{
      {m::Attributes, shown_subscription_attributes(*found, arn, topic.arn,
                                                    of ? of->attribute("DeliveryPolicy") : "")}};
}

Sns::Output Sns::set_subscription_attributes(Context& context, Json input) {
  Named topic;
  const std::string arn = text_of(input, m::SubscriptionArn);
  auto found = find_subscription(context, arn, topic);
  if (!found) throw errors::subscription_not_found();
  const RealmId realm = topic.realm->id;
  const auto guard = platform_.locks.lock(Store::topic_lock(realm, topic.name));
  found = store_.subscription(realm, topic.name, found->id);
  if (!found) throw errors::subscription_not_found();
  set_subscription_attribute(*found, topic.name.ends_with(".fifo"),
                             text_of(input, m::AttributeName), text_of(input, m::AttributeValue),
                             false);
  storage::Batch batch;
  store_.put_subscription(realm, *found, batch);
  forget_after(realm, topic.name, batch);
  context.commit(batch);
  return {};
}

}  // namespace paddock::services::sns
