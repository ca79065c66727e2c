// A message on its way, and the forms in which subscribers get it.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"

namespace paddock::services::sns {

struct Notification {
  // "Notification", "SubscriptionConfirmation" or "UnsubscribeConfirmation".
  std::string type = "Notification";
  std::string message_id;
  std::string topic_arn;
  std::optional<std::string> subject;
  std::string message;
  Json by_protocol;                  // with MessageStructure json: protocol -> text; else null
  Json attributes = Json::object();  // name -> {"Type", "Value"}; of a Binary one base64 text
  WorldTime at;
  std::string group, deduplication;  // "" if none was given
  std::string sequence;              // of FIFO topics
  std::string signature_version = "1";
  std::string base_url;      // "http://localhost:4566": where the publisher found us
  std::string token;         // of a confirmation
  std::string display_name;  // the topic's, for mails

  // The text for a protocol: with MessageStructure json its own, else the common one.
  const std::string& text_for(const std::string& protocol) const;

  Json encode() const;
  static Notification decode(const Json& row);  // throws on other documents
};

// What is signed, of a notification whose text is `text`.
// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
std::string text_to_sign(const Notification& notification, const std::string& text);

// A signature and where it can be checked.
struct Seal {
  std::string version;  // "1" or "2"; "" for none
  std::string signature;
  std::string certificate_url;
};

std::string unsubscribe_url(const Notification& notification, const std::string& subscription_arn);
std::string subscribe_url(const Notification& notification);

// The JSON document that queues, HTTP endpoints and email-json get.
std::string envelope(const Notification& notification, const std::string& text, const Seal& seal,
                     const std::string& subscription_arn);
// The event of a function.
std::string lambda_event(const Notification& notification, const std::string& text,
                         const Seal& seal, const std::string& subscription_arn);
// MessageAttributes of SQS's SendMessage.
Json queue_attributes(const Json& attributes);

// What is left to do for one subscription. Byte format, version 1, JSON text: {"v":1, "topic",
// "to":[subscription ids], "notification", "tried", "dead", "due", "gone"}. In the outbox
// under kDeliverTarget, and in the rows of kGroupKind.
struct Parcel {
  std::string topic;            // its name
  std::vector<std::string> to;  // ids of its subscriptions
  Notification notification;
  uint32_t tried = 0;   // deliveries that failed
  bool dead = false;    // goes to the dead-letter queue
  WorldTime due;        // not before
  Json gone = nullptr;  // {"protocol","endpoint","id"}: of a subscription that is no more

  std::string encode() const;
  static Parcel decode(const std::string& text);  // throws on other bytes
};

}  // namespace paddock::services::sns
