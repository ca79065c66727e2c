// Publish and PublishBatch: a message's checks, its recipients, and what the outbox is given.
#include <map>
#include <utility>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "events/metrics.hpp"
#include "events/timeline.hpp"
#include "models/sns.hpp"
#include "options.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"
#include "services/sns/message_rules.hpp"
#include "services/sns/requests.hpp"
#include "services/sns/service.hpp"

namespace paddock::services::sns {

namespace m = models::sns_members;

Sns::Operations Sns::publish_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  return {
      {"Publish", plain(this, &Sns::publish), Access::write, Fidelity::full(), "sns:Publish",
       topic_resource, ""},
      {"PublishBatch", plain(this, &Sns::publish_batch), Access::write, Fidelity::full(),
       "sns:Publish", topic_resource, ""},
  };
}

std::string Sns::base_url(const Context& context) const {
  if (!context.authority.empty()) return context.scheme + "://" + context.authority;
  return "http://localhost:" + std::to_string(platform_.options.port);
}

Notification Sns::notification_of(const Context& context, const Json& input,
                                  Json attributes) const {
  Notification what;
  what.message_id = platform_.ids.uuid(context.realm->id, "sns-message");
  if (input.contains(m::Subject)) what.subject = text_of(input, m::Subject);
  what.message = text_of(input, m::Message);
  what.attributes = std::move(attributes);
  what.at = platform_.world.now();
  what.group = text_of(input, m::MessageGroupId);
  what.deduplication = text_of(input, m::MessageDeduplicationId);
  what.base_url = base_url(context);
  return what;
}

namespace publishing {

void take_texts(Notification& what, const Json& input, bool needs_default) {
  if (text_of(input, m::MessageStructure) != "json") return;
  what.by_protocol = texts_by_protocol(what.message, needs_default);
  what.message = what.by_protocol.value("default", std::string());
}

}  // namespace publishing

Sns::Output Sns::publish(Context& context, Json input) {
  check_message(input);
  const std::string phone = text_of(input, m::PhoneNumber);
  if (input.contains(m::PhoneNumber) && !valid_phone_number(phone)) {
    throw errors::invalid("PhoneNumber Reason: " + phone + " is not valid to publish to");
  }
  Json attributes = message_attributes(input);
  if (message_size(input) > limits::kMostMessageBytes) throw errors::invalid("Message too long");
  const size_t targets =
      input.contains(m::TopicArn) + input.contains(m::TargetArn) + input.contains(m::PhoneNumber);
  if (targets == 0) throw errors::missing("TopicArn or TargetArn");
  if (targets > 1) {
    throw errors::invalid("Only one of TopicArn, TargetArn and PhoneNumber can be given");
  }
  const char* parameter = input.contains(m::TopicArn) ? m::TopicArn : m::TargetArn;
  const std::string target = text_of(input, parameter);
  const bool fifo = target.find(".fifo") != std::string::npos;
  if (fifo && text_of(input, m::MessageGroupId).empty()) check_fifo(input, true, true);
  if (!fifo) check_fifo(input, false, false);
  if (input.contains(m::PhoneNumber)) {
    return publish_to_phone(context, input, std::move(attributes));
  }
  if (parameter == m::TargetArn && target.find(":endpoint/") != std::string::npos) {
    return publish_to_endpoint(context, input, target, std::move(attributes));
  }
  const Named topic = named(context, target, parameter);
  const auto view = directory_.find(topic.realm->id, topic.name);
  if (!view) throw errors::topic_not_found();
  if (fifo) check_fifo(input, true, view->topic.attribute("ContentBasedDeduplication") == "true");
  std::vector<Notification> messages{notification_of(context, input, std::move(attributes))};
  publishing::take_texts(messages.front(), input, true);
  return publish_to_topic(context, topic, *view, std::move(messages)).front();
}

Sns::Output Sns::publish_batch(Context& context, Json input) {
  const Json& entries = input.at(m::PublishBatchRequestEntries);
  const Named topic = named(context, text_of(input, m::TopicArn), m::TopicArn);
  const auto view = directory_.find(topic.realm->id, topic.name);
  if (!view) throw errors::topic_not_found();
  check_batch(entries);
  const bool by_content = view->topic.attribute("ContentBasedDeduplication") == "true";
  std::vector<Notification> messages;
  for (const Json& entry : entries) {
    check_message(entry);
    check_fifo(entry, view->topic.fifo, by_content);
    messages.push_back(notification_of(context, entry, message_attributes(entry)));
    publishing::take_texts(messages.back(), entry, true);
  }
  Json successful = publish_to_topic(context, topic, *view, std::move(messages));
  for (size_t i = 0; i < entries.size(); ++i) successful[i][m::Id] = entries[i][m::Id];
  return Json{{m::Successful, std::move(successful)}, {m::Failed, Json::array()}};
}

// The subscriptions whose filters let it pass. They are settled here: who subscribes later does not
// get it.
std::vector<std::string> Sns::recipients(const Context& context, const Named& topic,
                                         const TopicView& view, const Notification& what) const {
  std::vector<std::string> ids;
  std::optional<Json> attributes;
  std::optional<Json> body;
  for (const auto& subscriber : view.subscribers) {
    if (subscriber->filter) {
      const bool by_body = subscriber->filter->scope() == FilterPolicy::Scope::body;
      std::optional<Json>& event = by_body ? body : attributes;
      if (!event) event = by_body ? body_event(what.message) : attributes_event(what.attributes);
      if (!subscriber->filter->matches(*event)) {
        if (!platform_.timeline.enabled()) continue;
        events::TimelineEvent told;
        told.at = what.at;
        told.kind = "not-delivered";
        told.what = "sns to " + subscriber->subscription.endpoint;
        told.resource = topic.arn + ":" + subscriber->subscription.id;
        told.outcome = "filter did not match";
        told.request_id = what.message_id;
        told.cause = context.cause;
        told.account = topic.realm->account;
        told.region = topic.realm->region;
        platform_.timeline.record(std::move(told));
        continue;
      }
    }
    ids.push_back(subscriber->subscription.id);
  }
  return ids;
}

// All in one batch; the answers in the messages' order.
Json Sns::publish_to_topic(Context& context, const Named& topic, const TopicView& view,
                           std::vector<Notification> messages) {
  for (Notification& what : messages) {
    what.topic_arn = topic.arn;
    what.signature_version = view.topic.attribute("SignatureVersion", "1");
    what.display_name = view.topic.attribute("DisplayName");
  }
  platform_.metrics.add(context.account, context.region, "AWS/SNS", "NumberOfMessagesPublished",
                        {{"TopicName", topic.name}}, "Count", static_cast<double>(messages.size()));
  if (view.topic.fifo) return publish_in_order(context, topic, view, std::move(messages));
  Json answers = Json::array();
  storage::Batch batch;
  for (Notification& what : messages) {
    answers.push_back({{m::MessageId, what.message_id}});
    Parcel parcel;
    parcel.to = recipients(context, topic, view, what);
    if (parcel.to.empty()) continue;
    parcel.topic = topic.name;
    parcel.notification = std::move(what);
    deliveries_.add(topic.realm->id, parcel, context.cause, batch);
  }
  if (!batch.empty()) context.commit(batch);
  return answers;
}

// https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html
Json Sns::publish_in_order(Context& context, const Named& topic, const TopicView& view,
                           std::vector<Notification> messages) {
  const RealmId realm = topic.realm->id;
  const std::string& topic_id = view.topic.id;
  const bool per_group = view.topic.attribute("FifoThroughputScope") == "MessageGroup";
  const auto guard = platform_.locks.lock(Store::sequence_lock(realm, topic_id));
  const uint64_t before = store_.last_number(realm, topic_id);
  uint64_t number = before;
  // What this request itself adds.
  std::map<std::pair<std::string, std::string>, Deduplicated> added;
  Json answers = Json::array();
  storage::Batch batch;
  store_.drop_expired(realm, platform_.world.now(), batch);
  for (Notification& what : messages) {
    if (what.deduplication.empty()) what.deduplication = sha256_hex(what.message);
    const std::string scope = per_group ? what.group : std::string();
    const auto mine = added.find({scope, what.deduplication});
    auto known = mine != added.end()
                     ? std::optional(mine->second)
                     : store_.deduplicated(realm, topic_id, scope, what.deduplication);
    if (!known || what.at >= known->expires) {
      known = Deduplicated{what.at + limits::kDeduplication, ++number, what.message_id};
      store_.put_deduplicated(realm, topic_id, scope, what.deduplication, *known, batch);
      added[{scope, what.deduplication}] = *known;
      what.sequence = sequence_text(number);
      Parcel parcel;
      parcel.topic = topic.name;
      const auto ids = recipients(context, topic, view, what);
      parcel.notification = std::move(what);
      for (const std::string& id : ids) {
        parcel.to = {id};
        deliveries_.add_in_group(realm, parcel, number, context.cause, batch);
      }
    }
    answers.push_back(
        {{m::MessageId, known->message_id}, {m::SequenceNumber, sequence_text(known->number)}});
  }
  if (number != before) store_.put_last_number(realm, topic_id, number, batch);
  if (!batch.empty()) context.commit(batch);
  return answers;
}

Json Sns::publish_to_phone(Context& context, const Json& input, Json attributes) {
  const std::string number = text_of(input, m::PhoneNumber);
  Notification what = notification_of(context, input, std::move(attributes));
  publishing::take_texts(what, input, true);
  const Json answer = {{m::MessageId, what.message_id}};
  if (store_.opted_out(context.realm->id, number)) return answer;
  events::Mail mail = text_mail(what, number, "", what.text_for("sms"));
  mail.at = what.at;
  mail.id = what.message_id;
  storage::Batch batch;
  mailbox_.add(context.realm->id, mail, batch);
  context.commit(batch);
  return answer;
}

Json Sns::publish_to_endpoint(Context& context, const Json& input, const std::string& arn,
                              Json attributes) {
  const auto name = split_endpoint(parse_arn(arn, m::TargetArn).resource);
  const auto endpoint =
      name ? store_.endpoint(context.realm->id, name->platform, name->application, name->id)
           : std::nullopt;
  if (!endpoint) {
    throw errors::invalid("TargetArn Reason: No endpoint found for the target arn specified");
  }
  if (endpoint->attributes.value("Enabled", "") != "true") throw errors::endpoint_disabled();
  Notification what = notification_of(context, input, std::move(attributes));
  publishing::take_texts(what, input, false);
  events::Mail mail = push_mail(what, arn, what.text_for(endpoint->platform));
  mail.at = what.at;
  mail.id = what.message_id;
  storage::Batch batch;
  mailbox_.add(context.realm->id, mail, batch);
  context.commit(batch);
  return {{m::MessageId, what.message_id}};
}

}  // namespace paddock::services::sns
