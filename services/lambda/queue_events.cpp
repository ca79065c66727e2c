#include "services/lambda/queue_events.hpp"

#include <algorithm>
#include <utility>

#include "core/text.hpp"

namespace paddock::services::lambda {
namespace queue_events {

Json attribute(const Json& attribute) {
  Json shown = Json::object();
  if (const auto text = attribute.find("StringValue"); text != attribute.end()) {
    shown["stringValue"] = *text;
  }
  if (const auto value = attribute.find("BinaryValue"); value != attribute.end()) {
    const Json::binary_t& bytes = value->get_binary();
    shown["binaryValue"] = to_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  shown["stringListValues"] = Json::array();
  shown["binaryListValues"] = Json::array();
  shown["dataType"] = attribute.at("DataType");
  return shown;
}

}  // namespace queue_events

Json queue_record(const Json& message, const std::string& queue_arn, const std::string& region,
                  bool names_no_digest) {
  Json record = {{"messageId", message.at("MessageId")},
                 {"receiptHandle", message.at("ReceiptHandle")},
                 {"body", message.at("Body")},
                 {"attributes", message.value("Attributes", Json::object())},
                 {"messageAttributes", Json::object()},
                 {"md5OfBody", message.at("MD5OfBody")},
                 {"eventSource", "aws:sqs"},
                 {"eventSourceARN", queue_arn},
                 {"awsRegion", region}};
  const auto attributes = message.find("MessageAttributes");
  if (attributes == message.end()) {
    if (names_no_digest) {
      record["md5OfMessageAttributes"] = nullptr;
    }
    return record;
  }
  record["md5OfMessageAttributes"] = message.at("MD5OfMessageAttributes");
  for (auto it = attributes->begin(); it != attributes->end(); ++it) {
    record["messageAttributes"][it.key()] = queue_events::attribute(*it);
  }
  return record;
}

bool queue_record_passes(const Json& record, const Filter& filter) {
  if (filter.empty()) {
    return true;
  }
  Json body = Json::parse(record.at("body").get_ref<const std::string&>(), nullptr, false);
  if (!body.is_object()) {
    return filter.matches(record);
  }
  Json parsed = record;
  parsed["body"] = std::move(body);
  return filter.matches(parsed);
}

std::string queue_event(const std::vector<QueuedMessage>& messages) {
  std::string text = R"({"Records":[)";
  for (const QueuedMessage& message : messages) {
    if (text.back() != '[') {
      text += ',';
    }
    text += message.record;
  }
  return text += "]}";
}

std::vector<bool> succeeded_messages(const std::string& answer,
                                     const std::vector<QueuedMessage>& messages) {
  std::vector<bool> done(messages.size(), true);
  const std::vector<bool> none(messages.size(), false);
  const Json document = Json::parse(answer.empty() ? "null" : answer, nullptr, false);
  if (document.is_null()) {
    return done;
  }
  if (!document.is_object()) {
    return document.is_array() && document.empty() ? done : none;
  }
  const auto failures = document.find("batchItemFailures");
  if (failures == document.end() || failures->is_null()) {
    return done;
  }
  if (!failures->is_array()) {
    return none;
  }
  for (const Json& failure : *failures) {
    const auto name = failure.is_object() ? failure.find("itemIdentifier") : failure.end();
    if (!failure.is_object() || name == failure.end() || !name->is_string()) {
      return none;
    }
    const auto message =
        std::find_if(messages.begin(), messages.end(), [&name](const QueuedMessage& one) {
          return one.id == name->get_ref<const std::string&>();
        });
    if (message == messages.end()) {
      return none;
    }
    done[static_cast<size_t>(message - messages.begin())] = false;
  }
  return done;
}

}  // namespace paddock::services::lambda
