// Subscriptions: endpoints, attributes, confirmation, lists.
#include "tests/services/sns/sns_fixture.hpp"

namespace paddock::services::sns::testing {
namespace subscriptions_tests {

constexpr const char* kQueue = "arn:aws:sqs:us-east-1:000000000000:q";

class SubscriptionsTest : public SnsTest {
 protected:
  std::string problem(const std::string& protocol, const std::string& endpoint,
                      const Json& more = {}, const std::string& name = "") {
    Json input = {{"TopicArn", name.empty() ? topic() : name},
                  {"Protocol", protocol},
                  {"Endpoint", endpoint}};
    if (more.is_object()) input.update(map("Attributes", more));
    const CallResult result = call("Subscribe", input);
    return result.ok() ? "" : unescaped(result.message());
  }
  CallResult confirm(const std::string& arn, const std::string& token) {
    return call("ConfirmSubscription", {{"TopicArn", arn}, {"Token", token}});
  }
  std::string token_of(const std::string& subscription) {
    const CallResult view = emulator().get("/_aws/sns/subscription-tokens/" + subscription);
    EXPECT_EQ(view.status, 200) << view.text;
    return view.body.value("subscription_token", "");
  }
};

TEST_F(SubscriptionsTest, QueuesAndFunctionsNeedNoConfirmation) {
  const std::string arn = topic();
  const std::string id = subscribe(arn, "sqs", kQueue, {{"RawMessageDelivery", "true"}});
  EXPECT_TRUE(id.starts_with(arn + ":"));
  const Json shown = subscription_attributes(id);
  EXPECT_EQ(shown["ConfirmationWasAuthenticated"], "true");
  EXPECT_EQ(shown["PendingConfirmation"], "false");
  EXPECT_EQ(shown["RawMessageDelivery"], "true");
  EXPECT_EQ(shown["Owner"], "000000000000");
  EXPECT_EQ(shown["SubscriptionPrincipal"], "arn:aws:iam::000000000000:root");
  EXPECT_EQ(shown["Endpoint"], kQueue);
  EXPECT_FALSE(shown.contains("FilterPolicyScope"));
  EXPECT_FALSE(shown.contains("EffectiveDeliveryPolicy"));
  EXPECT_EQ(topic_attributes(arn)["SubscriptionsConfirmed"], "1");
}

TEST_F(SubscriptionsTest, EndpointsAreThoseOfTheirProtocol) {
  const std::string start = "Invalid parameter: ";
  EXPECT_EQ(problem("test-protocol", "x"),
            start + "Amazon SNS does not support this protocol string: test-protocol");
  EXPECT_EQ(problem("sqs", "http://localhost/000000000000/q"), start + "SQS endpoint ARN");
  EXPECT_EQ(problem("sqs", "arn:aws:sqs:us-east-1:000000000000:q.fifo"),
            start + start +
                "Endpoint Reason: FIFO SQS Queues can not be subscribed to standard "
                "SNS topics");
  EXPECT_EQ(problem("lambda", "f"), start + "Lambda endpoint ARN");
  EXPECT_EQ(problem("email", "nobody"), start + "Email address");
  EXPECT_EQ(problem("http", "https://x/"), start + "Endpoint must match the specified protocol");
  EXPECT_EQ(problem("sms", "+15/55-123.4567"), "");
  for (const char* number :
       {"invalid-number", "+15--551234567", "NAA+15551234567", "+15551234567.", "/+15551234567"}) {
    EXPECT_EQ(problem("sms", number), std::string("Invalid SMS endpoint: ") + number);
  }
  const CallResult firehose = call(
      "Subscribe",
      {{"TopicArn", topic()}, {"Protocol", "firehose"}, {"Endpoint", "arn:aws:firehose:x:y:z"}});
  EXPECT_EQ(firehose.status, 501);
  EXPECT_NE(firehose.text.find("Firehose"), std::string::npos);
}

TEST_F(SubscriptionsTest, AttributesAreChecked) {
  const std::string start = "Invalid parameter: Attributes Reason: ";
  EXPECT_EQ(problem("sqs", kQueue, {{"RawMessageDelivery", "wrongvalue"}}),
            start + "RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.");
  EXPECT_EQ(problem("sqs", kQueue, {{"RedrivePolicy", R"({"deadLetterTargetArn":"fake"})"}}),
            start + "RedrivePolicy: deadLetterTargetArn is an invalid arn");
  const std::string id = subscribe(topic(), "sqs", kQueue);
  const auto set = [&](const std::string& name, const std::string& value) {
    return unescaped(
        call("SetSubscriptionAttributes",
             {{"SubscriptionArn", id}, {"AttributeName", name}, {"AttributeValue", value}})
            .message());
  };
  EXPECT_EQ(set("fake", "x"), "Invalid parameter: AttributeName");
  EXPECT_EQ(set("RawMessageDelivery", "test-ValUe"),
            "Invalid parameter: RawMessageDelivery: Invalid value [test-ValUe]. Must be true or "
            "false.");
  EXPECT_EQ(set("RedrivePolicy", "{invalid"),
            "Invalid parameter: RedrivePolicy: failed to parse JSON. Unexpected character ('i' "
            "(code 105)): was expecting double-quote to start field name\n at [Source: REDACTED "
            "(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]");
  const std::string other = id.substr(0, id.size() - 12) + "000000000000";
  EXPECT_EQ(refused("SetSubscriptionAttributes", {{"SubscriptionArn", other},
                                                  {"AttributeName", "RawMessageDelivery"},
                                                  {"AttributeValue", "true"}}),
            "NotFound: Subscription does not exist");
}

TEST_F(SubscriptionsTest, AreMadeOnce) {
  const std::string arn = topic();
  const std::string id = subscribe(arn, "sqs", kQueue, {{"RawMessageDelivery", "true"}});
  EXPECT_EQ(subscribe(arn, "sqs", kQueue, {{"RawMessageDelivery", "true"}}), id);
  EXPECT_EQ(subscribe(arn, "sqs", kQueue), id);
  EXPECT_EQ(problem("sqs", kQueue, {{"RawMessageDelivery", "false"}}, arn),
            "Invalid parameter: Attributes Reason: Subscription already exists with different "
            "attributes");
}

TEST_F(SubscriptionsTest, TopicsMustExist) {
  EXPECT_EQ(problem("sqs", kQueue, {}, "randomstring"),
            "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1");
  EXPECT_EQ(problem("sqs", kQueue, {}, "arn:aws:sns:us-east-1:none"),
            "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 5");
  EXPECT_EQ(problem("sqs", kQueue, {}, "arn:aws:sns:us-east-1:000000000000:none"),
            "Topic does not exist");
}

TEST_F(SubscriptionsTest, UnsubscribeTakesOnlySubscriptions) {
  const auto problem = [this](const std::string& arn) {
    return unescaped(call("Unsubscribe", {{"SubscriptionArn", arn}}).message());
  };
  const std::string start = "Invalid parameter: SubscriptionArn Reason: ";
  EXPECT_EQ(problem("randomstring"), start + "An ARN must have at least 6 elements, not 1");
  EXPECT_EQ(problem("arn:aws:sns:us-east-1:random"),
            start + "An ARN must have at least 6 elements, not 5");
  EXPECT_EQ(problem("arn:aws:sns:us-east-1:000000000000:t"), "Invalid parameter: SubscriptionId");
  EXPECT_EQ(problem(""), start + "no value for required parameter");
  const std::string arn = topic();
  const std::string id = subscribe(arn, "sqs", kQueue);
  EXPECT_EQ(problem(id), "");
  EXPECT_EQ(problem(id), "");
  EXPECT_EQ(topic_attributes(arn)["SubscriptionsDeleted"], "1");
  EXPECT_EQ(refused("GetSubscriptionAttributes", {{"SubscriptionArn", id}}),
            "NotFound: Subscription does not exist");
}

TEST_F(SubscriptionsTest, AreConfirmedByTheirToken) {
  const std::string arn = topic();
  const CallResult pending =
      call("Subscribe", {{"TopicArn", arn}, {"Protocol", "email"}, {"Endpoint", "a@b.c"}});
  EXPECT_EQ(text_in(pending, "SubscriptionArn"), "pending confirmation");
  const CallResult listed = call("ListSubscriptionsByTopic", {{"TopicArn", arn}});
  EXPECT_EQ(element(listed.text, "SubscriptionArn"), "PendingConfirmation");
  const std::string id = subscribe(arn, "email", "a@b.c");
  const std::string token = token_of(id);
  EXPECT_EQ(token.size(), 288u);
  EXPECT_EQ(topic_attributes(arn)["SubscriptionsPending"], "1");
  EXPECT_EQ(confirm(arn, "randomtoken").message(), "Invalid token");
  EXPECT_EQ(confirm(arn, std::string(288, 'a')).message(), "Invalid parameter: Token");
  EXPECT_EQ(confirm("not-an-arn", token).message(), "Invalid parameter: Topic");
  const CallResult elsewhere =
      call("ConfirmSubscription",
           {{"TopicArn", "arn:aws:sns:eu-west-1:000000000000:news"}, {"Token", token}});
  EXPECT_EQ(elsewhere.message(), "Invalid parameter: Topic");
  EXPECT_EQ(text_in(confirm(arn, token), "SubscriptionArn"), id);
  EXPECT_EQ(text_in(confirm(arn, token), "SubscriptionArn"), id);
  const Json shown = subscription_attributes(id);
  EXPECT_EQ(shown["PendingConfirmation"], "false");
  EXPECT_EQ(shown["ConfirmationWasAuthenticated"], "true");
}

TEST_F(SubscriptionsTest, TokensLiveForTwoDays) {
  const std::string arn = topic();
  const std::string id = subscribe(arn, "email", "a@b.c");
  const std::string token = token_of(id);
  emulator().advance(std::chrono::hours(49));
  EXPECT_EQ(confirm(arn, token).message(), "Invalid parameter: Token");
  // Subscribing again asks again.
  EXPECT_EQ(subscribe(arn, "email", "a@b.c"), id);
  EXPECT_TRUE(confirm(arn, token_of(id)).ok());
}

TEST_F(SubscriptionsTest, ViewsOfTokensNameWhatIsMissing) {
  const CallResult none =
      emulator().get("/_aws/sns/subscription-tokens/arn:aws:sns:us-east-1:000000000000:t:x");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.body["error"], "The provided SubscriptionARN is not found");
  EXPECT_EQ(emulator().get("/_aws/sns/subscription-tokens/x").status, 400);
}

TEST_F(SubscriptionsTest, OfADeletedTopicStayReadableButAreNoneOfTheNext) {
  const std::string arn = topic();
  const std::string id = subscribe(arn, "sqs", kQueue);
  ASSERT_TRUE(call("DeleteTopic", {{"TopicArn", arn}}).ok());
  EXPECT_EQ(subscription_attributes(id)["Endpoint"], kQueue);
  topic();
  EXPECT_EQ(topic_attributes(arn)["SubscriptionsConfirmed"], "0");
}

TEST_F(SubscriptionsTest, ListsComeInPagesOfAHundred) {
  const std::string arn = topic();
  for (int i = 0; i < 101; ++i) subscribe(arn, "sms", "+1555" + std::to_string(1000000 + i));
  const CallResult first = call("ListSubscriptionsByTopic", {{"TopicArn", arn}});
  EXPECT_EQ(elements(first.text, "Endpoint").size(), 100u);
  const CallResult second =
      call("ListSubscriptionsByTopic",
           {{"TopicArn", arn}, {"NextToken", element(first.text, "NextToken")}});
  EXPECT_EQ(elements(second.text, "Endpoint").size(), 1u);
  const CallResult all = call("ListSubscriptions", {});
  EXPECT_EQ(elements(all.text, "Endpoint").size(), 100u);
  const CallResult rest =
      call("ListSubscriptions", {{"NextToken", element(all.text, "NextToken")}});
  EXPECT_EQ(elements(rest.text, "Endpoint").size(), 1u);
}

}  // namespace subscriptions_tests
}  // namespace paddock::services::sns::testing
