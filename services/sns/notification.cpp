#include "services/sns/notification.hpp"

#include <stdexcept>

#include "core/text.hpp"

namespace paddock::services::sns {
namespace forms {

using Ordered = nlohmann::ordered_json;

Ordered shown_attributes(const Json& attributes) {
  Ordered out = Ordered::object();
  for (auto attribute = attributes.begin(); attribute != attributes.end(); ++attribute) {
    Ordered one;
    one["Type"] = attribute->at("Type").get<std::string>();
    one["Value"] = attribute->at("Value").get<std::string>();
    out[attribute.key()] = std::move(one);
  }
  return out;
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append("\n").append(value).append("\n");
}

}  // namespace forms

using forms::Ordered;

const std::string& Notification::text_for(const std::string& protocol) const {
  if (!by_protocol.is_object()) return message;
  // A mail of JSON is a mail; mobile platforms have names of their own and fall back.
  const auto own = by_protocol.find(protocol);
  return own == by_protocol.end() ? message : own->get_ref<const std::string&>();
}

Json Notification::encode() const {
  Json row = {{"type", type},
              {"id", message_id},
              {"arn", topic_arn},
              {"message", message},
              {"attributes", attributes},
              {"at", at.ms},
              {"version", signature_version},
              {"base", base_url}};
  if (subject) row["subject"] = *subject;
  if (by_protocol.is_object()) row["by_protocol"] = by_protocol;
  if (!group.empty()) row["group"] = group;
  if (!deduplication.empty()) row["deduplication"] = deduplication;
  if (!sequence.empty()) row["sequence"] = sequence;
  if (!token.empty()) row["token"] = token;
  if (!display_name.empty()) row["display_name"] = display_name;
  return row;
}

Notification Notification::decode(const Json& row) {
  Notification found;
  found.type = row.at("type");
  found.message_id = row.at("id");
  found.topic_arn = row.at("arn");
  found.message = row.at("message");
  found.attributes = row.at("attributes");
  found.at.ms = row.at("at");
  found.signature_version = row.at("version");
  found.base_url = row.at("base");
  if (row.contains("subject")) found.subject = row["subject"].get<std::string>();
  if (row.contains("by_protocol")) found.by_protocol = row["by_protocol"];
  found.group = row.value("group", std::string());
  found.deduplication = row.value("deduplication", std::string());
  found.sequence = row.value("sequence", std::string());
  found.token = row.value("token", std::string());
  found.display_name = row.value("display_name", std::string());
  return found;
}

std::string text_to_sign(const Notification& notification, const std::string& text) {
  std::string out;
  forms::add_line(out, "Message", text);
  forms::add_line(out, "MessageId", notification.message_id);
  if (notification.type == "Notification") {
    if (notification.subject) forms::add_line(out, "Subject", *notification.subject);
  } else {
    forms::add_line(out, "SubscribeURL", subscribe_url(notification));
  }
  forms::add_line(out, "Timestamp", iso8601(notification.at.ms));
  if (notification.type != "Notification") forms::add_line(out, "Token", notification.token);
  forms::add_line(out, "TopicArn", notification.topic_arn);
  forms::add_line(out, "Type", notification.type);
  return out;
}

std::string unsubscribe_url(const Notification& notification, const std::string& subscription_arn) {
  return notification.base_url + "/?Action=Unsubscribe&SubscriptionArn=" + subscription_arn;
}

std::string subscribe_url(const Notification& notification) {
  return notification.base_url + "/?Action=ConfirmSubscription&TopicArn=" + notification.topic_arn +
         "&Token=" + notification.token;
}

std::string envelope(const Notification& notification, const std::string& text, const Seal& seal,
                     const std::string& subscription_arn) {
  const bool confirms = notification.type != "Notification";
  Ordered out;
  out["Type"] = notification.type;
  out["MessageId"] = notification.message_id;
  if (!notification.sequence.empty()) out["SequenceNumber"] = notification.sequence;
  if (confirms) out["Token"] = notification.token;
  out["TopicArn"] = notification.topic_arn;
  if (notification.subject) out["Subject"] = *notification.subject;
  out["Message"] = text;
  if (confirms) out["SubscribeURL"] = subscribe_url(notification);
  out["Timestamp"] = iso8601(notification.at.ms);
  if (!seal.version.empty()) {
    out["SignatureVersion"] = seal.version;
    out["Signature"] = seal.signature;
    out["SigningCertURL"] = seal.certificate_url;
  }
  if (!confirms) out["UnsubscribeURL"] = unsubscribe_url(notification, subscription_arn);
  if (!notification.attributes.empty()) {
    out["MessageAttributes"] = forms::shown_attributes(notification.attributes);
  }
  return out.dump();
}

std::string lambda_event(const Notification& notification, const std::string& text,
                         const Seal& seal, const std::string& subscription_arn) {
  Ordered sns;
  sns["Type"] = notification.type;
  sns["MessageId"] = notification.message_id;
  sns["TopicArn"] = notification.topic_arn;
  sns["Subject"] = notification.subject ? Ordered(*notification.subject) : Ordered(nullptr);
  sns["Message"] = text;
  sns["Timestamp"] = iso8601(notification.at.ms);
  sns["SignatureVersion"] = seal.version;
  sns["Signature"] = seal.signature;
  sns["SigningCertUrl"] = seal.certificate_url;
  sns["UnsubscribeUrl"] = unsubscribe_url(notification, subscription_arn);
  sns["MessageAttributes"] = forms::shown_attributes(notification.attributes);
  Ordered record;
  record["EventSource"] = "aws:sns";
  record["EventVersion"] = "1.0";
  record["EventSubscriptionArn"] = subscription_arn;
  record["Sns"] = std::move(sns);
  Ordered event;
  event["Records"] = Ordered::array({std::move(record)});
  return event.dump();
}

Json queue_attributes(const Json& attributes) {
  Json out = Json::object();
  for (auto attribute = attributes.begin(); attribute != attributes.end(); ++attribute) {
    const std::string type = attribute->at("Type");
    const std::string& value = attribute->at("Value").get_ref<const std::string&>();
    Json one = {{"DataType", type}};
    if (type.starts_with("Binary")) {
      const std::string bytes = from_base64(value).value_or("");
      one["BinaryValue"] = Json::binary({bytes.begin(), bytes.end()});
    } else {
      one["StringValue"] = value;
    }
    out[attribute.key()] = std::move(one);
  }
  return out;
}

std::string Parcel::encode() const {
  Json row = {
      {"v", 1},         {"topic", topic}, {"to", to},     {"notification", notification.encode()},
      {"tried", tried}, {"dead", dead},   {"due", due.ms}};
  if (gone.is_object()) row["gone"] = gone;
  return row.dump();
}

Parcel Parcel::decode(const std::string& text) {
  const Json row = Json::parse(text);
  if (row.at("v") != 1) throw std::runtime_error("a notification has an unknown version");
  Parcel parcel;
  parcel.topic = row.at("topic");
  parcel.to = row.at("to").get<std::vector<std::string>>();
  parcel.notification = Notification::decode(row.at("notification"));
  parcel.tried = row.at("tried");
  parcel.dead = row.at("dead");
  parcel.due.ms = row.at("due");
  if (row.contains("gone")) parcel.gone = row["gone"];
  return parcel;
}

}  // namespace paddock::services::sns
