#include "core/text.hpp"
#include "models/sns.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"
#include "services/sns/requests.hpp"
#include "services/sns/service.hpp"
#include "services/sns/topic_attributes.hpp"
#include "storage/key_locks.hpp"
#include "storage/realms.hpp"

namespace paddock::services::sns {

namespace m = models::sns_members;

namespace topic_detail {

void check_protection(const std::string& text) {
  const Json policy = Json::parse(text, nullptr, false);
  if (text.size() > limits::kMostProtectionPolicyBytes || !policy.is_object() ||
      !policy.contains("Name") || !policy.contains("Statement")) {
    throw errors::invalid("DataProtectionPolicy");
  }
}

// Every attribute that is asked for is as it is.
bool same_attributes(const Topic& present, const Topic& asked) {
  if (!asked.policy.empty() && asked.policy != present.policy) return false;
  for (auto attribute = asked.attributes.begin(); attribute != asked.attributes.end();
       ++attribute) {
    const auto found = present.attributes.find(attribute.key());
    if (found == present.attributes.end() || *found != *attribute) return false;
  }
  return true;
}

}  // namespace topic_detail

Sns::Operations Sns::topic_operations() {
  using gateway::Access;
  using gateway::Fidelity;
  using gateway::plain;
  constexpr Fidelity kRecords =
      Fidelity::partial("encryption, tracing and delivery logs are kept without effect");
  constexpr Fidelity kKept = Fidelity::partial("the policy is kept, messages are not searched");
  return {
      {"CreateTopic", plain(this, &Sns::create_topic), Access::write, kRecords, "sns:CreateTopic",
       new_topic_resource, ""},
      {"DeleteTopic", plain(this, &Sns::delete_topic), Access::write, Fidelity::full(),
       "sns:DeleteTopic", topic_resource, ""},
      {"ListTopics", plain(this, &Sns::list_topics), Access::read, Fidelity::full(),
       "sns:ListTopics", nullptr, ""},
      {"GetTopicAttributes", plain(this, &Sns::get_topic_attributes), Access::read,
       Fidelity::full(), "sns:GetTopicAttributes", topic_resource, ""},
      {"SetTopicAttributes", plain(this, &Sns::set_topic_attributes), Access::write, kRecords,
       "sns:SetTopicAttributes", topic_resource, ""},
      {"GetDataProtectionPolicy", plain(this, &Sns::get_data_protection_policy), Access::read,
       kKept, "sns:GetDataProtectionPolicy", arn_resource, ""},
      {"PutDataProtectionPolicy", plain(this, &Sns::put_data_protection_policy), Access::write,
       kKept, "sns:PutDataProtectionPolicy", arn_resource, ""},
  };
}

Sns::Named Sns::named(const Context& context, const std::string& text,
                      const std::string& parameter) const {
  const Arn arn = parse_arn(text, parameter);
  if (arn.region != context.region || arn.service != "sns") throw errors::invalid(parameter);
  Named topic;
  topic.arn = text;
  topic.name = arn.resource;
  topic.realm = arn.account == context.account
                    ? context.realm
                    : platform_.realms.find("sns", arn.account, arn.region);
  return topic;
}

Topic Sns::existing(const Named& topic) const {
  auto found = store_.topic(topic.realm->id, topic.name);
  if (!found) throw errors::topic_not_found();
  return *std::move(found);
}

void Sns::forget_after(RealmId realm, const std::string& topic, storage::Batch& batch) {
  batch.after_commit([this, realm, topic](uint64_t) { directory_.forget(realm, topic); });
}

void Sns::change(Context& context, const Named& topic,
                 const std::function<void(Topic&, storage::Batch&)>& apply) {
  const RealmId realm = topic.realm->id;
  const auto guard = platform_.locks.lock(Store::topic_lock(realm, topic.name));
  Topic changed = existing(topic);
  storage::Batch batch;
  apply(changed, batch);
  store_.put_topic(realm, changed, batch);
  forget_after(realm, topic.name, batch);
  context.commit(batch);
}

Sns::Output Sns::create_topic(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const Json attributes = input.value(m::Attributes, Json::object());
  Topic topic;
  topic.name = text_of(input, m::Name);
  const std::string fifo = to_lower(attributes.value("FifoTopic", "false"));
  if (fifo != "true" && fifo != "false") {
    throw errors::invalid("Attributes Reason: FifoTopic: Invalid value [" + fifo +
                          "]. Must be true or false.");
  }
  topic.fifo = fifo == "true";
  if (!valid_topic_name(topic.name, topic.fifo)) throw errors::invalid("Topic Name");
  for (auto attribute = attributes.begin(); attribute != attributes.end(); ++attribute) {
    set_topic_attribute(topic, attribute.key(), attribute->get<std::string>(), true);
  }
  topic.tags = tags_of(input);
  topic.data_protection = text_of(input, m::DataProtectionPolicy);
  if (!topic.data_protection.empty()) topic_detail::check_protection(topic.data_protection);

  const Json answer = {{m::TopicArn, context.arn(topic.name)}};
  const auto guard = platform_.locks.lock(Store::topic_lock(realm, topic.name));
  if (const auto present = store_.topic(realm, topic.name)) {
    if (!topic_detail::same_attributes(*present, topic)) {
      throw errors::invalid("Attributes Reason: Topic already exists with different attributes");
    }
    if (input.contains(m::Tags) && topic.tags != present->tags) {
      throw errors::invalid("Tags Reason: Topic already exists with different tags");
    }
    return answer;
  }
  topic.id = platform_.ids.hex(realm, "sns-topic", 16);
  topic.created = platform_.world.now();
  storage::Batch batch;
  // What a former topic of this name left behind.
  store_.subscriptions(realm, topic.name, {}, [&](const Subscription& old) {
    store_.erase_subscription(realm, old, batch);
    return true;
  });
  store_.put_topic(realm, topic, batch);
  forget_after(realm, topic.name, batch);
  context.commit(batch);
  return answer;
}

// Its subscriptions stay readable, as AWS's do for a while.
Sns::Output Sns::delete_topic(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::TopicArn), m::TopicArn);
  const RealmId realm = topic.realm->id;
  const auto guard = platform_.locks.lock(Store::topic_lock(realm, topic.name));
  const auto present = store_.topic(realm, topic.name);
  if (!present) return {};
  storage::Batch batch;
  store_.erase_topic(realm, *present, batch);
  forget_after(realm, topic.name, batch);
  context.commit(batch);
  return {};
}

Sns::Output Sns::list_topics(Context& context, Json input) {
  const auto after = read_page_token(text_of(input, m::NextToken), m::NextToken);
  Json topics = Json::array();
  std::string last;
  Json output = Json::object();
  store_.topics(context.realm->id, after.first, [&](const Topic& topic) {
    if (topics.size() == limits::kPage) {
      output[m::NextToken] = page_token(last, "");
      return false;
    }
    last = topic.name;
    topics.push_back({{m::TopicArn, context.arn(topic.name)}});
    return true;
  });
  output[m::Topics] = std::move(topics);
  return output;
}

Sns::Output Sns::get_topic_attributes(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::TopicArn), m::TopicArn);
  const Topic found = existing(topic);
  SubscriptionCounts counts;
  store_.subscriptions(topic.realm->id, topic.name, {}, [&](const Subscription& subscription) {
    if (subscription.topic_id == found.id) {
      ++(subscription.pending ? counts.pending : counts.confirmed);
    }
    return true;
  });
  return Json{
      {m::Attributes, shown_topic_attributes(found, topic.arn, topic.realm->account, counts)}};
}

Sns::Output Sns::set_topic_attributes(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::TopicArn), m::TopicArn);
  const std::string name = text_of(input, m::AttributeName);
  const std::string value = text_of(input, m::AttributeValue);
  change(context, topic, [&](Topic& changed, storage::Batch&) {
    set_topic_attribute(changed, name, value, false);
  });
  return {};
}

Sns::Output Sns::get_data_protection_policy(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::ResourceArn), m::ResourceArn);
  Json output = Json::object();
  const Topic found = existing(topic);
  if (!found.data_protection.empty()) output[m::DataProtectionPolicy] = found.data_protection;
  return output;
}

Sns::Output Sns::put_data_protection_policy(Context& context, Json input) {
  const Named topic = named(context, text_of(input, m::ResourceArn), m::ResourceArn);
  const std::string policy = text_of(input, m::DataProtectionPolicy);
  if (!policy.empty()) topic_detail::check_protection(policy);
  change(context, topic,
         [&](Topic& changed, storage::Batch&) { changed.data_protection = policy; });
  return {};
}

}  // namespace paddock::services::sns
