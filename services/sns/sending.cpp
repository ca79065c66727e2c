// One delivery to one endpoint, by its protocol.
#include <utility>

#include "core/arn.hpp"
#include "core/error.hpp"
#include "core/ids.hpp"
#include "services/sns/deliveries.hpp"
#include "services/sns/http_endpoint.hpp"
#include "services/sns/limits.hpp"
#include "services/sns/retry_policy.hpp"

namespace paddock::services::sns {
namespace sending_sns {

constexpr size_t kMostQueueAttributes = 10;
constexpr const char* kAgent = "Amazon Simple Notification Service Agent";

std::string queue_url(const Arn& queue) {
  return "https://sqs." + queue.region + ".amazonaws.com/" + queue.account + "/" + queue.resource;
}

}  // namespace sending_sns

Task<Deliveries::Sent> Deliveries::send(std::shared_ptr<Delivery> delivery) {
  const Subscription& subscription = delivery->subscription();
  if (delivery->dead) {
    const Json policy = Json::parse(subscription.attribute("RedrivePolicy"));
    std::string queue = policy.at("deadLetterTargetArn");
    co_return co_await send_to_queue(delivery, std::move(queue));
  }
  if (subscription.protocol == "sqs") {
    std::string queue = subscription.endpoint;
    co_return co_await send_to_queue(delivery, std::move(queue));
  }
  if (subscription.protocol == "lambda") co_return co_await send_to_function(delivery);
  if (subscription.protocol.starts_with("http")) co_return co_await send_to_url(delivery);
  if (subscription.protocol.starts_with("email")) co_return send_mail(*delivery);
  if (subscription.protocol == "sms") co_return send_text(*delivery);
  co_return send_push(*delivery);
}

// What the service answers decides: its own faults and throttling pass, the client's do not.
Task<Deliveries::Sent> Deliveries::call(std::shared_ptr<Delivery> delivery, std::string arn,
                                        std::string operation, Json input) {
  Sent sent;
  try {
    const std::optional<Arn> target = Arn::parse(arn);
    if (!target) throw AwsError("InvalidParameter", "'" + arn + "' is not an ARN.");
    CallIdentity identity;
    identity.account = target->account;
    identity.region = target->region;
    identity.principal_arn = "sns.amazonaws.com";
    identity.cause = delivery->cause;
    ++identity.cause.depth;
    auto called = platform_.caller.call(std::move(identity), target->service, std::move(operation),
                                        std::move(input));
    co_await std::move(called);
  } catch (const AwsError& error) {
    const bool passes = error.status() >= 500 || error.status() == 429 ||
                        error.code().find("Throttl") != std::string::npos;
    sent.outcome = passes ? Outcome::later : Outcome::never;
    sent.text = "not delivered: " + error.code() + ": " + error.message();
  }
  co_return sent;
}

Task<Deliveries::Sent> Deliveries::send_to_queue(std::shared_ptr<Delivery> delivery,
                                                 std::string queue_arn) {
  const Notification& notification = *delivery->notification;
  const std::optional<Arn> queue = Arn::parse(queue_arn);
  const bool raw = delivery->subscription().raw();
  if (raw && notification.attributes.size() > sending_sns::kMostQueueAttributes) {
    Sent refused;
    refused.outcome = Outcome::never;
    refused.text = "not delivered: a raw message has at most 10 attributes";
    co_return refused;
  }
  Json input = {{"QueueUrl", queue ? sending_sns::queue_url(*queue) : queue_arn},
                {"MessageBody", raw ? delivery->text() : envelope_of(*delivery)}};
  if (raw && !notification.attributes.empty()) {
    input["MessageAttributes"] = queue_attributes(notification.attributes);
  }
  const bool fifo_queue = queue_arn.ends_with(".fifo");
  const bool fifo_topic = !notification.sequence.empty();
  if (!notification.group.empty() && fifo_queue == fifo_topic) {
    input["MessageGroupId"] = notification.group;
  }
  if (fifo_queue && !notification.deduplication.empty()) {
    input["MessageDeduplicationId"] = notification.deduplication;
  }
  co_return co_await call(delivery, std::move(queue_arn), "SendMessage", std::move(input));
}

Task<Deliveries::Sent> Deliveries::send_to_function(std::shared_ptr<Delivery> delivery) {
  const std::string event = lambda_event(*delivery->notification, delivery->text(),
                                         seal(*delivery, true), delivery->arn());
  Json input = {{"FunctionName", delivery->subscription().endpoint},
                {"InvocationType", "Event"},
                {"Payload", Json::binary({event.begin(), event.end()})}};
  std::string function = delivery->subscription().endpoint;
  co_return co_await call(delivery, std::move(function), "Invoke", std::move(input));
}

Task<Deliveries::Sent> Deliveries::send_to_url(std::shared_ptr<Delivery> delivery) {
  const Notification& notification = *delivery->notification;
  const Subscription& subscription = delivery->subscription();
  const bool message = notification.type == "Notification";
  const bool raw = message && subscription.raw();
  auto endpoint = parse_endpoint(subscription.endpoint);
  Sent sent;
  if (!endpoint) {
    sent.outcome = Outcome::never;
    sent.text = "not delivered: the endpoint is no URL";
    co_return sent;
  }
  const Json policy = effective_subscription_policy(
      delivery->topic ? delivery->topic->topic.attribute("DeliveryPolicy") : "",
      subscription.attribute("DeliveryPolicy"));
  std::string content_type = "text/plain; charset=UTF-8";
  if (message) {
    content_type = policy.at("requestPolicy").value("headerContentType", content_type);
  }
  http::Headers headers;
  headers.add("x-amz-sns-message-type", notification.type);
  headers.add("x-amz-sns-message-id", notification.message_id);
  headers.add("x-amz-sns-topic-arn", notification.topic_arn);
  if (notification.type != "SubscriptionConfirmation") {
    headers.add("x-amz-sns-subscription-arn", delivery->arn());
  }
  if (raw) headers.add("x-amz-sns-rawdelivery", "true");
  headers.add("Content-Type", content_type);
  headers.add("User-Agent", sending_sns::kAgent);
  headers.add("Accept-Encoding", "gzip,deflate");
  if (!endpoint->authorization.empty()) headers.add("Authorization", endpoint->authorization);
  const std::string body = raw ? delivery->text() : envelope_of(*delivery);
  auto job = [endpoint = *std::move(endpoint), headers, body] {
    return post(endpoint, headers, body);
  };
  const PostResult result = co_await http_.run(std::move(job));
  if (result.status >= 200 && result.status < 300) co_return sent;
  const bool client_fault = result.status >= 400 && result.status < 500 && result.status != 429;
  sent.outcome = client_fault ? Outcome::never : Outcome::later;
  sent.text = "not delivered: " + (result.status == 0
                                       ? result.problem
                                       : "the endpoint answered " + std::to_string(result.status));
  co_return sent;
}

namespace sending_sns {

std::string mail_subject(const Notification& notification) {
  if (notification.type != "Notification") return "AWS Notification - Subscription Confirmation";
  return notification.subject.value_or("AWS Notification Message");
}

std::string mail_text(const Notification& notification, const std::string& text,
                      const std::string& subscription_arn) {
  if (notification.type != "Notification") {
    return "You have chosen to subscribe to the topic:\n" + notification.topic_arn +
           "\n\nTo confirm this subscription, visit this link:\n" + subscribe_url(notification) +
           "\n";
  }
  return text + "\n\n--\nIf you wish to stop receiving notifications from this topic, visit:\n" +
         unsubscribe_url(notification, subscription_arn) + "\n";
}

std::string random_id(Ids& ids, const Realm& realm) {
  return ids.uuid(realm.id, "sns-mail");
}

}  // namespace sending_sns

Deliveries::Sent Deliveries::send_mail(const Delivery& delivery) const {
  const Notification& notification = *delivery.notification;
  const bool json = delivery.subscription().protocol == "email-json";
  events::Mail mail;
  mail.at = platform_.world.now();
  mail.id = sending_sns::random_id(platform_.ids, *delivery.realm);
  mail.kind = delivery.subscription().protocol;
  mail.to = delivery.subscription().endpoint;
  mail.from =
      (notification.display_name.empty() ? "AWS Notifications" : notification.display_name) +
      " <no-reply@sns.amazonaws.com>";
  mail.subject = sending_sns::mail_subject(notification);
  mail.text = json ? envelope_of(delivery)
                   : sending_sns::mail_text(notification, delivery.text(), delivery.arn());
  mail.details = {{"TopicArn", notification.topic_arn},
                  {"SubscriptionArn", delivery.arn()},
                  {"MessageId", notification.message_id},
                  {"Type", notification.type}};
  if (notification.type == "Notification") {
    mail.details["UnsubscribeURL"] = unsubscribe_url(notification, delivery.arn());
  } else {
    mail.details["Token"] = notification.token;
    mail.details["SubscribeURL"] = subscribe_url(notification);
  }
  storage::Batch batch;
  mailbox_.add(delivery.realm->id, mail, batch);
  platform_.database.commit(batch);
  return {};
}

Deliveries::Sent Deliveries::send_text(const Delivery& delivery) const {
  const std::string& number = delivery.subscription().endpoint;
  if (store_.opted_out(delivery.realm->id, number)) {
    return {Outcome::never, "not delivered: the phone number is opted out"};
  }
  events::Mail mail = text_mail(*delivery.notification, number, delivery.arn(), delivery.text());
  mail.at = platform_.world.now();
  mail.id = sending_sns::random_id(platform_.ids, *delivery.realm);
  storage::Batch batch;
  mailbox_.add(delivery.realm->id, mail, batch);
  platform_.database.commit(batch);
  return {};
}

Deliveries::Sent Deliveries::send_push(const Delivery& delivery) const {
  const std::string& target = delivery.subscription().endpoint;
  const Arn arn = parse_arn(target, "Endpoint");
  const auto parts = split_endpoint(arn.resource);
  const auto endpoint =
      parts ? store_.endpoint(delivery.realm->id, parts->platform, parts->application, parts->id)
            : std::nullopt;
  if (!endpoint) return {Outcome::never, "not delivered: the endpoint does not exist"};
  if (endpoint->attributes.value("Enabled", "") != "true") {
    return {Outcome::never, "not delivered: the endpoint is disabled"};
  }
  const std::string& text = delivery.notification->text_for(endpoint->platform);
  events::Mail mail = push_mail(*delivery.notification, target, text);
  mail.at = platform_.world.now();
  mail.id = sending_sns::random_id(platform_.ids, *delivery.realm);
  storage::Batch batch;
  mailbox_.add(delivery.realm->id, mail, batch);
  platform_.database.commit(batch);
  return {};
}

events::Mail text_mail(const Notification& notification, const std::string& number,
                       const std::string& subscription_arn, const std::string& text) {
  events::Mail mail;
  mail.kind = "sms";
  mail.to = number;
  mail.subject = notification.subject.value_or("");
  mail.text = text;
  const bool of_topic = !notification.topic_arn.empty();
  mail.details = {
      {"PhoneNumber", number},
      {"TopicArn", of_topic ? Json(notification.topic_arn) : Json()},
      {"SubscriptionArn", of_topic ? Json(subscription_arn) : Json()},
      {"MessageId", notification.message_id},
      {"Message", text},
      {"MessageAttributes", queue_attributes(notification.attributes)},
      {"MessageStructure", notification.by_protocol.is_object() ? Json("json") : Json()},
      {"Subject", notification.subject ? Json(*notification.subject) : Json()}};
  return mail;
}

events::Mail push_mail(const Notification& notification, const std::string& target_arn,
                       const std::string& text) {
  events::Mail mail = text_mail(notification, target_arn, "", text);
  mail.kind = "push";
  mail.details.erase("PhoneNumber");
  mail.details.erase("SubscriptionArn");
  mail.details["TargetArn"] = target_arn;
  return mail;
}

}  // namespace paddock::services::sns
