// Events of operations as messages, by their models.
#include "wire/typed_events.hpp"

#include <gtest/gtest.h>

#include "models/dynamodb.hpp"
#include "models/lambda.hpp"
#include "models/logs.hpp"
#include "wire/codec.hpp"
#include "wire/event_stream.hpp"

namespace paddock::wire {
namespace typed_events_test {

const OperationModel& tail() {
  return *models::logs.find("StartLiveTail");
}
const OperationModel& invoke() {
  return *models::lambda.find("InvokeWithResponseStream");
}

EventMessage decoded(const std::string& bytes) {
  EventDecoder decoder;
  decoder.add(bytes);
  auto message = decoder.take();
  EXPECT_TRUE(message && decoder.at_boundary());
  return message.value_or(EventMessage());
}

TEST(TypedEvents, AnEventIsADocumentInTheServicesProtocol) {
  const Json document = {{"sessionId", "s1"}, {"logGroupIdentifiers", {"a"}}};
  const EventMessage event =
      decoded(encode_typed_event(models::logs, tail(), "sessionStart", document));
  EXPECT_EQ(event.text(":message-type"), "event");
  EXPECT_EQ(event.text(":event-type"), "sessionStart");
  EXPECT_EQ(event.text(":content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(Json::parse(event.payload), document);
}

TEST(TypedEvents, AMemberMarkedAsPayloadIsThePayload) {
  const Json::binary_t bytes(Json::binary_t::container_type{0, 'a', 255});
  const EventMessage event =
      decoded(encode_typed_event(models::lambda, invoke(), "PayloadChunk", {{"Payload", bytes}}));
  EXPECT_EQ(event.text(":event-type"), "PayloadChunk");
  EXPECT_EQ(event.text(":content-type"), "application/octet-stream");
  EXPECT_EQ(event.payload, std::string("\0a\xff", 3));
  const EventMessage empty =
      decoded(encode_typed_event(models::lambda, invoke(), "PayloadChunk", Json::object()));
  EXPECT_EQ(empty.payload, "");
}

TEST(TypedEvents, RestEventsAreJsonToo) {
  const EventMessage event = decoded(
      encode_typed_event(models::lambda, invoke(), "InvokeComplete", {{"ErrorCode", "Unhandled"}}));
  EXPECT_EQ(event.text(":content-type"), "application/json");
  EXPECT_EQ(event.payload, R"({"ErrorCode":"Unhandled"})");
}

TEST(TypedEvents, OnlyEventsOfTheModelAreSent) {
  const Json none = Json::object();
  EXPECT_THROW(encode_typed_event(models::logs, tail(), "SessionUpdate", none), std::logic_error);
  EXPECT_THROW(encode_typed_event(models::logs, tail(), "SessionTimeoutException", none),
               std::logic_error);
  EXPECT_THROW(encode_typed_event(models::dynamodb, *models::dynamodb.find("GetItem"), "x", none),
               std::logic_error);
}

TEST(TypedEvents, RpcAnswersBeginWithTheirOtherMembers) {
  const http::Response response =
      codec(Protocol::aws_json_1_1)->encode_stream_head(models::logs, tail(), Json(), "REQ1");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("content-type"), kEventStreamType);
  EXPECT_EQ(response.headers.get("x-amzn-requestid"), "REQ1");
  const EventMessage first = decoded(response.body);
  EXPECT_EQ(first.text(":event-type"), "initial-response");
  EXPECT_EQ(first.text(":message-type"), "event");
  EXPECT_EQ(first.payload, "{}");
}

TEST(TypedEvents, RestAnswersBeginWithHeaders) {
  const http::Response response =
      codec(Protocol::rest_json)
          ->encode_stream_head(models::lambda, invoke(),
                               {{"StatusCode", 200}, {"ExecutedVersion", "$LATEST"}}, "REQ1");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.headers.get("x-amz-executed-version"), "$LATEST");
  EXPECT_EQ(response.headers.get("content-type"), kEventStreamType);
}

TEST(TypedEvents, ProtocolsWithoutStreamsSaySo) {
  EXPECT_THROW(codec(Protocol::aws_query)->encode_stream_head(models::logs, tail(), Json(), ""),
               std::logic_error);
}

TEST(TypedEvents, AFailureOfTheModelIsAnException) {
  const AwsError timeout("SessionTimeoutException", "the session is over");
  const EventMessage last = decoded(encode_failure(models::logs, tail(), timeout, {}));
  EXPECT_EQ(last.text(":message-type"), "exception");
  EXPECT_EQ(last.text(":exception-type"), "SessionTimeoutException");
  EXPECT_EQ(Json::parse(last.payload)["message"], "the session is over");
}

TEST(TypedEvents, AnyOtherFailureIsAnError) {
  const AwsError other("InternalFailure", std::string(40'000, 'x'));
  const EventMessage last = decoded(encode_failure(models::logs, tail(), other, {}));
  EXPECT_EQ(last.text(":message-type"), "error");
  EXPECT_EQ(last.text(":error-code"), "InternalFailure");
  EXPECT_EQ(last.text(":error-message"), std::string(kMostEventHeaderValue, 'x'));
  EXPECT_EQ(last.payload, "");
}

}  // namespace typed_events_test
}  // namespace paddock::wire
