// What subscribers get: functions, HTTP endpoints, retries, dead letters, signatures.
#include "tests/services/sns/sns_fixture.hpp"

namespace paddock::services::sns::testing {
namespace deliveries_tests {

class DeliveriesTest : public SnsTest {
 protected:
  // A confirmed subscription of the local endpoint.
  std::string subscribe_url(const std::string& arn, const Json& more = {}) {
    const std::string id = subscribe(arn, "http", endpoint.url(), more);
    emulator().wait_idle();
    const std::vector<Posted> asked = endpoint.take();
    EXPECT_EQ(asked.size(), 1u);
    if (asked.empty()) return id;
    const Json document = asked.front().json();
    EXPECT_TRUE(call("ConfirmSubscription",
                     {{"TopicArn", arn}, {"Token", document.at("Token").get<std::string>()}})
                    .ok());
    return id;
  }
  std::vector<Posted> posted() {
    emulator().wait_idle();
    return endpoint.take();
  }
  std::string follow(const std::string& url) {
    const std::string base = emulator().url();
    EXPECT_TRUE(url.starts_with(base)) << url;
    return emulator().get(url.substr(base.size())).text;
  }
  // Outcomes of the timeline's deliveries.
  std::vector<std::string> outcomes() {
    std::vector<std::string> found;
    const CallResult timeline = emulator().get("/_paddock/timeline?kind=delivery");
    for (const Json& event : timeline.body.at("Events")) found.push_back(event.at("Outcome"));
    return found;
  }

  LocalEndpoint endpoint;
};

TEST_F(DeliveriesTest, FunctionsGetAnEvent) {
  const std::string arn = topic();
  const std::string id = subscribe(arn, "lambda", function());
  const std::string message =
      publish(arn, "hello",
              with({{"Subject", "greeting"}},
                   attributes({{"n", {"Number", "1"}}, {"b", {"Binary", "AAEC"}}})));
  emulator().wait_idle();
  const std::vector<Json> events = function_events().take();
  ASSERT_EQ(events.size(), 1u);
  const Json record = events[0]["Records"][0];
  EXPECT_EQ(record["EventSource"], "aws:sns");
  EXPECT_EQ(record["EventVersion"], "1.0");
  EXPECT_EQ(record["EventSubscriptionArn"], id);
  const Json& sns = record["Sns"];
  EXPECT_EQ(sns["Type"], "Notification");
  EXPECT_EQ(sns["MessageId"], message);
  EXPECT_EQ(sns["TopicArn"], arn);
  EXPECT_EQ(sns["Subject"], "greeting");
  EXPECT_EQ(sns["Message"], "hello");
  EXPECT_EQ(sns["SignatureVersion"], "1");
  EXPECT_EQ(
      sns["MessageAttributes"],
      Json::parse(R"({"n":{"Type":"Number","Value":"1"},"b":{"Type":"Binary","Value":"AAEC"}})"));
  EXPECT_EQ(sns["UnsubscribeUrl"], emulator().url() + "/?Action=Unsubscribe&SubscriptionArn=" + id);
  Json document = sns;
  document["SigningCertURL"] = sns["SigningCertUrl"];
  EXPECT_TRUE(verifies(document));
  publish(arn, "no subject");
  EXPECT_TRUE(received().at(0)["Subject"].is_null());
}

TEST_F(DeliveriesTest, CausesAreShown) {
  const std::string arn = topic();
  subscribe(arn, "lambda", function());
  const CallResult answer = call("Publish", {{"TopicArn", arn}, {"Message", "m"}});
  emulator().wait_idle();
  const std::string id = element(answer.text, "RequestId");
  const CallResult timeline = emulator().get("/_paddock/timeline?cause=" + id);
  std::vector<std::string> kinds;
  for (const Json& event : timeline.body["Events"]) kinds.push_back(event["Kind"]);
  EXPECT_NE(std::find(kinds.begin(), kinds.end(), "delivery"), kinds.end()) << timeline.text;
  EXPECT_NE(std::find(kinds.begin(), kinds.end(), "function"), kinds.end()) << timeline.text;
}

TEST_F(DeliveriesTest, WhoSubscribesAfterwardsGetsNothing) {
  const std::string arn = topic();
  const std::string to = function();
  publish(arn, "before");
  subscribe(arn, "lambda", to);
  publish(arn, "after");
  EXPECT_EQ(messages(), std::vector<std::string>{"after"});
}

TEST_F(DeliveriesTest, EachProtocolHasItsOwnText) {
  const std::string arn = topic();
  subscribe(arn, "lambda", function());
  subscribe(arn, "sms", "+15551234567");
  publish(arn, R"({"default":"for all","lambda":"for functions","sqs":3})",
          {{"MessageStructure", "json"}});
  EXPECT_EQ(messages(), std::vector<std::string>{"for functions"});
  EXPECT_EQ(mails("?kind=sms").at(0)["Text"], "for all");
}

TEST_F(DeliveriesTest, HttpEndpointsConfirmAndGetSignedMessages) {
  const std::string arn = topic();
  const std::string id = subscribe(arn, "http", endpoint.url());
  std::vector<Posted> asked = posted();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].method, "POST");
  EXPECT_EQ(asked[0].target, "/hook");
  EXPECT_EQ(asked[0].headers.get("x-amz-sns-message-type"), "SubscriptionConfirmation");
  EXPECT_EQ(asked[0].headers.get("x-amz-sns-topic-arn"), arn);
  EXPECT_FALSE(asked[0].headers.has("x-amz-sns-subscription-arn"));
  EXPECT_EQ(asked[0].headers.get("content-type"), "text/plain; charset=UTF-8");
  EXPECT_EQ(asked[0].headers.get("user-agent"), "Amazon Simple Notification Service Agent");
  const Json confirmation = asked[0].json();
  EXPECT_EQ(confirmation["Type"], "SubscriptionConfirmation");
  EXPECT_EQ(confirmation["Message"],
            "You have chosen to subscribe to the topic " + arn +
                ".\nTo confirm the subscription, visit the SubscribeURL included in this message.");
  EXPECT_TRUE(verifies(confirmation));

  publish(arn, "too early");
  EXPECT_TRUE(posted().empty());
  EXPECT_EQ(element(follow(confirmation["SubscribeURL"]), "SubscriptionArn"), id);
  EXPECT_EQ(subscription_attributes(id)["ConfirmationWasAuthenticated"], "false");

  const std::string message = publish(arn, "hello", {{"Subject", "greeting"}});
  const std::vector<Posted> got = posted();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].headers.get("x-amz-sns-message-type"), "Notification");
  EXPECT_EQ(got[0].headers.get("x-amz-sns-message-id"), message);
  EXPECT_EQ(got[0].headers.get("x-amz-sns-subscription-arn"), id);
  const Json notification = got[0].json();
  EXPECT_EQ(notification["Message"], "hello");
  EXPECT_EQ(notification["Subject"], "greeting");
  EXPECT_TRUE(verifies(notification));
  Json altered = notification;
  altered["Message"] = "other";
  EXPECT_FALSE(verifies(altered));

  EXPECT_NE(follow(notification["UnsubscribeURL"]).find("UnsubscribeResponse"), std::string::npos);
  const std::vector<Posted> told = posted();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].json()["Type"], "UnsubscribeConfirmation");
  EXPECT_EQ(refused("GetSubscriptionAttributes", {{"SubscriptionArn", id}}),
            "NotFound: Subscription does not exist");
}

TEST_F(DeliveriesTest, LinksAreCheckedAsTheCallsAre) {
  const std::string arn = topic();
  subscribe(arn, "http", endpoint.url());
  const std::string token = posted().at(0).json()["Token"];
  const auto problem = [&](const std::string& topic_arn, const std::string& of) {
    const std::string text =
        emulator().get("/?Action=ConfirmSubscription&TopicArn=" + topic_arn + "&Token=" + of).text;
    return element(text, "Message");
  };
  EXPECT_EQ(problem("not-an-arn", token), "Invalid parameter: Topic");
  EXPECT_EQ(problem("arn:aws:sns:eu-west-1:000000000000:news", token), "Invalid parameter: Topic");
  EXPECT_EQ(problem(arn, token.substr(0, 280) + "00000000"), "Invalid parameter: Token");
}

TEST_F(DeliveriesTest, SignaturesOfVersionTwoAreOfSha256) {
  const std::string arn = topic("news", {{"SignatureVersion", "2"}});
  subscribe_url(arn);
  publish(arn, "hello");
  const Json notification = posted().at(0).json();
  EXPECT_EQ(notification["SignatureVersion"], "2");
  EXPECT_TRUE(verifies(notification));
  EXPECT_EQ(emulator().get("/SimpleNotificationService-0.pem").status, 404);
}

TEST_F(DeliveriesTest, RawMessagesAreTheTextAlone) {
  const std::string arn = topic();
  subscribe_url(arn, {{"RawMessageDelivery", "true"},
                      {"DeliveryPolicy", R"({"requestPolicy":{"headerContentType":"text/csv"}})"}});
  publish(arn, "a,b");
  const std::vector<Posted> got = posted();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].text, "a,b");
  EXPECT_EQ(got[0].headers.get("x-amz-sns-rawdelivery"), "true");
  EXPECT_EQ(got[0].headers.get("content-type"), "text/csv");
}

TEST_F(DeliveriesTest, UrlsMayCarryUserAndPassword) {
  const std::string arn = topic();
  std::string url = endpoint.url("/a?b=c");
  url.insert(7, "user:pass@");
  subscribe(arn, "http", url);
  const std::vector<Posted> asked = posted();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].target, "/a?b=c");
  EXPECT_EQ(asked[0].headers.get("authorization"), "Basic dXNlcjpwYXNz");
}

TEST_F(DeliveriesTest, FailedPostsAreTriedAgainByTheDeliveryPolicy) {
  const std::string arn = topic();
  subscribe_url(arn);
  emulator().platform().world.freeze();
  endpoint.answer_with({500, 503, 200});
  publish(arn, "m");
  EXPECT_EQ(posted().size(), 1u);
  emulator().advance(std::chrono::seconds(19));
  EXPECT_EQ(posted().size(), 0u);
  emulator().advance(std::chrono::seconds(1));
  EXPECT_EQ(posted().size(), 1u);
  emulator().advance(std::chrono::seconds(20));
  EXPECT_EQ(posted().size(), 1u);
  emulator().advance(std::chrono::hours(1));
  EXPECT_EQ(posted().size(), 0u);
}

TEST_F(DeliveriesTest, PostsAreGivenUpAfterTheirRetries) {
  const std::string arn = topic();
  subscribe_url(
      arn, {{"DeliveryPolicy", R"({"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,)"
                               R"("numRetries":2}})"}});
  emulator().platform().world.freeze();
  endpoint.answer_with({500, 500, 500, 500});
  publish(arn, "m");
  emulator().advance(std::chrono::hours(1));
  EXPECT_EQ(posted().size(), 3u);
  EXPECT_EQ(outcomes().back(), "not delivered: the endpoint answered 500");
}

TEST_F(DeliveriesTest, WhatTheEndpointRefusesIsNotTriedAgain) {
  const std::string arn = topic();
  subscribe_url(arn);
  emulator().platform().world.freeze();
  endpoint.answer_with({404});
  publish(arn, "m");
  emulator().advance(std::chrono::hours(1));
  EXPECT_EQ(posted().size(), 1u);
}

TEST_F(DeliveriesTest, OneFailureHoldsUpNobodyElse) {
  const std::string arn = topic();
  subscribe_url(arn);
  subscribe(arn, "lambda", function());
  emulator().platform().world.freeze();
  endpoint.answer_with({500});
  publish(arn, "m");
  EXPECT_EQ(messages(), std::vector<std::string>{"m"});
  EXPECT_EQ(posted().size(), 1u);
  emulator().advance(std::chrono::seconds(20));
  EXPECT_EQ(posted().size(), 1u);
  EXPECT_TRUE(messages().empty());
}

TEST_F(DeliveriesTest, MissingFunctionsAreGivenUpAtOnce) {
  const std::string arn = topic();
  subscribe(arn, "lambda", "arn:aws:lambda:us-east-1:000000000000:function:none");
  publish(arn, "m");
  emulator().wait_idle();
  ASSERT_EQ(outcomes().size(), 1u);
  EXPECT_TRUE(outcomes()[0].starts_with("not delivered: ResourceNotFoundException"))
      << outcomes()[0];
}

TEST_F(DeliveriesTest, DeadLettersOfFunctionsGoToTopics) {
  const std::string arn = topic();
  subscribe(arn, "sms", "+15551234567");
  function("broken");
  ASSERT_TRUE(emulator()
                  .call("lambda", "UpdateFunctionConfiguration",
                        {{"FunctionName", "broken"}, {"DeadLetterConfig", {{"TargetArn", arn}}}})
                  .ok());
  ASSERT_TRUE(emulator()
                  .call("lambda", "PutFunctionEventInvokeConfig",
                        {{"FunctionName", "broken"}, {"MaximumRetryAttempts", 0}})
                  .ok());
  http::Headers headers;
  headers.add("X-Amz-Invocation-Type", "Event");
  ASSERT_EQ(emulator()
                .request("POST", "/2015-03-31/functions/broken/invocations", headers,
                         R"({"raise_error":1})")
                .status,
            202);
  emulator().wait_idle();
  const Json mail = mails("?kind=sms").at(0);
  EXPECT_EQ(mail["Text"], R"({"raise_error":1})");
  EXPECT_EQ(mail["Details"]["MessageAttributes"]["ErrorMessage"]["StringValue"], "it broke");
  EXPECT_EQ(mail["Details"]["MessageAttributes"]["ErrorCode"]["DataType"], "Number");
}

TEST_F(DeliveriesTest, WhatWasAcknowledgedSurvivesARestart) {
  const TempDir directory;
  start(TestEmulator::durable_options(directory.path()));
  const std::string arn = topic("news", {{"DisplayName", "News"}});
  const std::string id = subscribe_url(arn);
  publish(arn, "signed by the first");
  const Json before = posted().at(0).json();
  emulator().platform().world.freeze();
  endpoint.answer_with({500});
  publish(arn, "again");
  EXPECT_EQ(posted().size(), 1u);
  emulator().stop();

  start(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(topic_attributes(arn)["DisplayName"], "News");
  EXPECT_EQ(subscription_attributes(id)["PendingConfirmation"], "false");
  emulator().advance(std::chrono::seconds(20));
  const std::vector<Posted> got = posted();
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].json()["Message"], "again");
  // The key is kept: what was signed before still verifies.
  const std::string url = before["SigningCertURL"];
  Json moved = before;
  moved["SigningCertURL"] = emulator().url() + url.substr(url.rfind('/'));
  EXPECT_TRUE(verifies(moved));
}

TEST_F(DeliveriesTest, ResetForgetsEverything) {
  const std::string arn = topic();
  subscribe(arn, "lambda", function());
  publish(arn, "m");
  emulator().wait_idle();
  ASSERT_EQ(emulator().post("/_paddock/reset").status, 200);
  EXPECT_EQ(refused("Publish", {{"TopicArn", arn}, {"Message", "m"}}),
            "NotFound: Topic does not exist");
}

}  // namespace deliveries_tests
}  // namespace paddock::services::sns::testing
