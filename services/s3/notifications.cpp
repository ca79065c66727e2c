// Event notifications: written to the outbox with what they tell of, delivered at least once.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
//
// An outbox entry, target "s3:notify", version 1: JSON {"v", "arn", "text", "event", "bucket"}.
#include <algorithm>

#include "core/arn.hpp"
#include "events/outbox.hpp"
#include "events/timeline.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/event_record.hpp"
#include "services/s3/notification_rules.hpp"
#include "services/s3/requests.hpp"
#include "services/s3/service.hpp"
#include "services/s3/target_policy.hpp"
#include "storage/realms.hpp"

namespace paddock::services::s3 {
namespace notifying {

constexpr const char* kTarget = "s3:notify";
constexpr const char* kRecord = "notification";
constexpr int64_t kFirstDelayMs = 1000;
constexpr int64_t kMostDelayMs = 5 * 60 * 1000;
constexpr int64_t kGiveUpMs = int64_t{24} * 60 * 60 * 1000;
constexpr size_t kIdDigits = 48;

std::string queue_url(const Arn& queue) {
  return "https://sqs." + queue.region + ".amazonaws.com/" + queue.account + "/" + queue.resource;
}

CallIdentity owner_of(const Arn& arn, const Cause& cause) {
  CallIdentity identity;
  identity.account = arn.account;
  identity.region = arn.region;
  identity.principal_arn = "s3.amazonaws.com";
  identity.cause = cause;
  return identity;
}

struct Sending {
  std::string operation;
  Json input;
};

Sending sending_of(const Arn& arn, const std::string& text, const std::string& message) {
  if (arn.service == "sqs") {
    return {"SendMessage", {{"QueueUrl", queue_url(arn)}, {"MessageBody", message}}};
  }
  if (arn.service == "sns") {
    return {"Publish",
            {{"TopicArn", text}, {"Message", message}, {"Subject", "Amazon S3 Notification"}}};
  }
  return {"Invoke",
          {{"FunctionName", text},
           {"InvocationType", "Event"},
           {"Payload", Json::binary({message.begin(), message.end()})}}};
}

bool passes(const AwsError& error) {
  return (error.status() >= 500 && error.status() != 501) || error.status() == 429 ||
         error.code().find("Throttl") != std::string::npos;
}

// The policy of a destination, and what is said if it is not there or does not let S3 in.
struct Question {
  std::string operation;
  Json input;
  std::string action;
  std::string absent, refused;
};

Question question_of(const Arn& arn, const std::string& text) {
  if (arn.service == "sqs") {
    return {"GetQueueAttributes",
            {{"QueueUrl", queue_url(arn)}, {"AttributeNames", {"Policy"}}},
            "sqs:SendMessage",
            "The destination queue does not exist",
            "Permissions on the destination queue do not allow S3 to publish notifications from "
            "this bucket"};
  }
  if (arn.service == "sns") {
    return {"GetTopicAttributes",
            {{"TopicArn", text}},
            "sns:Publish",
            "The destination topic does not exist",
            "Permissions on the destination topic do not allow S3 to publish notifications from "
            "this bucket"};
  }
  const std::string refused = "Not authorized to invoke function [" + text + "]";
  return {"GetPolicy", {{"FunctionName", text}}, "lambda:InvokeFunction", refused, refused};
}

std::string policy_text(const Json& answer) {
  if (answer.contains("Attributes")) return text_of(answer["Attributes"], "Policy");
  return text_of(answer, "Policy");
}

}  // namespace notifying

void S3::add_notification_operations(Operations& operations) {
  const auto fidelity = gateway::Fidelity::partial("EventBridge is kept and sent nothing yet");
  operations.push_back({"GetBucketNotificationConfiguration",
                        gateway::plain(this, &S3::get_notifications), gateway::Access::read,
                        fidelity, "s3:GetBucketNotification", &bucket_resource, members::Bucket,
                        nullptr});
  operations.push_back({"PutBucketNotificationConfiguration",
                        gateway::waiting(this, &S3::put_notifications), gateway::Access::write,
                        fidelity, "s3:PutBucketNotification", &bucket_resource, members::Bucket,
                        nullptr});
  platform_.outbox.add_target(notifying::kTarget, [this](events::OutboxEntry entry) {
    return deliver_notification(std::move(entry));
  });
}

gateway::Output S3::get_notifications(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  return bucket->records.value(notifying::kRecord, Json::object());
}

// What is wrong with one destination; "" if nothing.
Task<std::string> S3::destination_fault(std::string arn_text, std::string bucket,
                                        std::string account, Cause cause) {
  const Arn arn = *Arn::parse(arn_text);
  if (arn.resource.ends_with(".fifo")) {
    co_return arn.service == "sqs" ? "FIFO SQS queues are not supported."
                                   : "FIFO SNS topics are not supported.";
  }
  notifying::Question question = notifying::question_of(arn, arn_text);
  Json answer;
  try {
    CallIdentity identity = notifying::owner_of(arn, cause);
    auto called = platform_.caller.call(std::move(identity), arn.service, question.operation,
                                        std::move(question.input));
    answer = co_await std::move(called);
  } catch (const AwsError&) {
    co_return question.absent;
  }
  const Wish wish{question.action, arn_text, "arn:aws:s3:::" + bucket, account};
  co_return lets_s3_in(notifying::policy_text(answer), wish) ? std::string() : question.refused;
}

Task<gateway::Output> S3::put_notifications(Context& context, Json input) {
  const BucketPtr bucket = open_bucket(context, input);
  check_document_digest(context, false);
  Json configuration = input[members::NotificationConfiguration];
  check_notifications(configuration, bucket->region, [this, &bucket] {
    return platform_.ids.hex(bucket->realm, "s3-notification", notifying::kIdDigits);
  });
  const std::vector<Notification> all = notifications_of(configuration);
  const bool checks = !input.value(members::SkipDestinationValidation, false);
  if (checks) {
    std::vector<std::pair<std::string, std::string>> faults;
    for (const Notification& one : all) {
      auto asked = destination_fault(one.arn, bucket->name, bucket->account, context.cause);
      const std::string fault = co_await std::move(asked);
      if (fault.empty()) continue;
      faults.emplace_back(one.argument == "CloudFunction" ? one.arn + ", null" : one.arn, fault);
    }
    if (!faults.empty()) throw errors::bad_destinations(faults);
  }
  context.commit_mode = storage::CommitMode::may_wait;
  auto work = [&] {
    change_bucket(
        context, bucket,
        [&configuration](Bucket& changed) {
          if (configuration.empty()) {
            changed.records.erase(notifying::kRecord);
          } else {
            changed.records[notifying::kRecord] = configuration;
          }
        },
        [&](storage::Batch& batch) {
          if (!checks) return;
          const Origin origin = origin_of(context);
          for (const Notification& one : all) {
            if (one.service() == "lambda") continue;
            add_notice(*bucket, one.arn, "TestEvent", origin.cause,
                       test_event_text(*bucket, context.request_id, platform_.world.now()), batch);
          }
        });
  };
  co_await platform_.work.run(std::move(work));
  co_return Output();
}

void S3::add_notice(const Bucket& bucket, const std::string& arn, std::string_view event,
                    const Cause& cause, std::string text, storage::Batch& batch) {
  events::OutboxEntry entry;
  entry.realm = bucket.realm;
  entry.target = notifying::kTarget;
  entry.payload = Json{
      {"v", 1},
      {"arn", arn},
      {"text", std::move(text)},
      {"event", event},
      {"bucket",
       bucket.name}}.dump();
  entry.cause = cause;
  entry.enqueued = platform_.world.now();
  platform_.outbox.add(batch, std::move(entry));
}

void S3::announce(const Origin& origin, const Bucket& bucket, const Happening& happening,
                  storage::Batch& batch) {
  const auto configured = bucket.records.find(notifying::kRecord);
  if (configured == bucket.records.end()) return;
  for (const Notification& one : notifications_of(*configured)) {
    if (!one.wants(happening.name, happening.key)) continue;
    add_notice(bucket, one.arn, happening.name, origin.cause,
               event_text(bucket, one.id, origin, happening), batch);
  }
}

void S3::announce(const Context& context, const Bucket& bucket, std::string_view event,
                  std::string_view key, const Object& object, storage::Batch& batch) {
  if (!bucket.records.contains(notifying::kRecord)) return;
  const bool created =
      event.starts_with("ObjectCreated:") || event.ends_with(":DeleteMarkerCreated");
  const uint64_t sequence = created ? object.order : next_order(bucket.realm);
  announce(origin_of(context), bucket, {event, key, object, sequence, platform_.world.now(), {}},
           batch);
}

Task<events::Delivered> S3::deliver_notification(events::OutboxEntry entry) {
  const Json notice = Json::parse(entry.payload);
  const std::string text = notice.at("arn");
  const Arn arn = *Arn::parse(text);
  events::TimelineEvent seen;
  seen.kind = "delivery";
  seen.what = "s3 " + notice.at("event").get<std::string>() + " to " + text;
  seen.resource = "arn:aws:s3:::" + notice.at("bucket").get<std::string>();
  seen.cause = entry.cause;
  seen.account = arn.account;
  seen.region = arn.region;
  events::Delivered outcome = events::Delivered::done();
  try {
    notifying::Sending sending = notifying::sending_of(arn, text, notice.at("text"));
    CallIdentity identity = notifying::owner_of(arn, entry.cause);
    auto called = platform_.caller.call(std::move(identity), arn.service,
                                        std::move(sending.operation), std::move(sending.input));
    co_await std::move(called);
    seen.outcome = "delivered";
  } catch (const AwsError& error) {
    seen.outcome = "not delivered: " + error.code() + ": " + error.message();
    const WorldTime now = platform_.world.now();
    if (notifying::passes(error) && now.ms - entry.enqueued.ms < notifying::kGiveUpMs) {
      const uint32_t doublings = std::min<uint32_t>(entry.attempt, 16);
      const int64_t delay =
          std::min(notifying::kFirstDelayMs << doublings, notifying::kMostDelayMs);
      outcome = events::Delivered::retry(WorldTime{now.ms + delay});
    }
  }
  seen.at = platform_.world.now();
  platform_.timeline.record(std::move(seen));
  co_return outcome;
}

}  // namespace paddock::services::s3
