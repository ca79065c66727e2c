#include "services/lambda/destinations.hpp"

#include <stdexcept>
#include <utility>

#include "core/arn.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "events/timeline.hpp"
#include "services/lambda/errors.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda {
namespace sending {

Json bytes_of(const std::string& text) {
  return Json::binary({text.begin(), text.end()});
}

// {"RequestID": "x"} as attributes of a message; only an error's code is a number.
Json attributes_of(const Json& attributes) {
  Json found = Json::object();
  for (const auto& [name, value] : attributes.items()) {
    found[name] = {{"DataType", name == "ErrorCode" ? "Number" : "String"}, {"StringValue", value}};
  }
  return found;
}

Json queue_message(const Arn& queue, const DestinationMessage& message) {
  Json input = {{"QueueUrl", "https://sqs." + queue.region + ".amazonaws.com/" + queue.account +
                                 "/" + queue.resource},
                {"MessageBody", message.body}};
  if (!message.attributes.empty()) {
    input["MessageAttributes"] = attributes_of(message.attributes);
  }
  return input;
}

Json topic_message(const DestinationMessage& message) {
  Json input = {{"TopicArn", message.target}, {"Message", message.body}};
  if (!message.attributes.empty()) {
    input["MessageAttributes"] = attributes_of(message.attributes);
  }
  return input;
}

Json bus_event(const DestinationMessage& message) {
  const Json entry = {{"Source", "lambda"},
                      {"DetailType", message.detail_type},
                      {"Resources", Json::array({message.target, message.source})},
                      {"Detail", message.body},
                      {"EventBusName", message.target}};
  return {{"Entries", Json::array({entry})}};
}

}  // namespace sending

std::string DestinationMessage::encode() const {
  return Json{{"v", 1},
              {"target", target},
              {"principal", principal},
              {"source", source},
              {"body", body},
              {"detail_type", detail_type},
              {"object_key", object_key},
              {"attributes", attributes}}
      .dump();
}

DestinationMessage DestinationMessage::decode(const std::string& text) {
  const Json row = Json::parse(text);
  if (row.at("v") != 1) {
    throw std::runtime_error("a message to a destination has an unknown version");
  }
  DestinationMessage message;
  message.target = row.at("target");
  message.principal = row.at("principal");
  message.source = row.at("source");
  message.body = row.at("body");
  message.detail_type = row.at("detail_type");
  message.object_key = row.at("object_key");
  message.attributes = row.at("attributes");
  return message;
}

DestinationCall call_of(const DestinationMessage& message) {
  const std::optional<Arn> arn = Arn::parse(message.target);
  if (!arn) {
    throw errors::invalid_parameter("'" + message.target + "' is not an ARN.");
  }
  DestinationCall call;
  call.service = arn->service;
  call.region = arn->region;
  if (arn->service == "lambda") {
    call.operation = "Invoke";
    call.input = {{"FunctionName", message.target},
                  {"InvocationType", "Event"},
                  {"Payload", sending::bytes_of(message.body)}};
  } else if (arn->service == "sqs") {
    call.operation = "SendMessage";
    call.input = sending::queue_message(*arn, message);
  } else if (arn->service == "sns") {
    call.operation = "Publish";
    call.input = sending::topic_message(message);
  } else if (arn->service == "events") {
    call.operation = "PutEvents";
    call.input = sending::bus_event(message);
  } else if (arn->service == "s3") {
    call.operation = "PutObject";
    call.input = {{"Bucket", arn->resource},
                  {"Key", message.object_key},
                  {"ContentType", "application/json"},
                  {"Body", sending::bytes_of(message.body)}};
  } else {
    throw errors::not_emulated("A destination in " + arn->service);
  }
  return call;
}

Task<bool> Destinations::send(std::shared_ptr<const Realm> realm, DestinationMessage message,
                              Cause cause) {
  std::string problem;
  try {
    DestinationCall call = call_of(message);
    CallIdentity identity;
    identity.account = realm->account;
    identity.region = call.region.empty() ? realm->region : call.region;
    identity.principal_arn = message.principal;
    identity.cause = cause;
    ++identity.cause.depth;
    auto sent = platform_.caller.call(std::move(identity), std::move(call.service),
                                      std::move(call.operation), std::move(call.input));
    const Json answer = co_await std::move(sent);
    if (answer.value("FailedEntryCount", 0) > 0) {
      problem = "the bus refused the event";
    }
  } catch (const AwsError& error) {
    problem = error.code() + ": " + error.message();
  }
  record(*realm, message, problem.empty() ? "delivered" : "not delivered: " + problem, cause);
  co_return problem.empty();
}

events::OutboxEntry Destinations::entry(const Realm& realm, const DestinationMessage& message,
                                        const Cause& cause) const {
  events::OutboxEntry entry;
  entry.realm = realm.id;
  entry.target = kDestinationTarget;
  entry.payload = message.encode();
  entry.cause = cause;
  entry.enqueued = platform_.world.now();
  return entry;
}

Task<events::Delivered> Destinations::deliver(events::OutboxEntry entry) {
  std::shared_ptr<const Realm> realm = platform_.realms.by_id(entry.realm);
  if (realm) {
    auto sent = send(realm, DestinationMessage::decode(entry.payload), entry.cause);
    co_await std::move(sent);
  }
  co_return events::Delivered::done();
}

void Destinations::record(const Realm& realm, const DestinationMessage& message,
                          const std::string& outcome, const Cause& cause) {
  events::TimelineEvent event;
  event.at = platform_.world.now();
  event.kind = "delivery";
  event.what = "result to " + message.target;
  event.resource = message.source;
  event.outcome = outcome;
  event.cause = cause;
  event.account = realm.account;
  event.region = realm.region;
  platform_.timeline.record(std::move(event));
}

}  // namespace paddock::services::lambda
