// Queues as subscribers: raw and enveloped messages, FIFO order, dead letters.
#include <set>

#include "tests/services/sns/sns_fixture.hpp"

namespace paddock::services::sns::testing {
namespace queues_tests {

class QueuesTest : public SnsTest {
 protected:
  // The queue's ARN.
  std::string queue(const std::string& name, const Json& queue_attributes = {}) {
    Json input = {{"QueueName", name}};
    if (queue_attributes.is_object()) input["Attributes"] = queue_attributes;
    const CallResult made = emulator().call("sqs", "CreateQueue", input);
    EXPECT_TRUE(made.ok()) << made.text;
    return "arn:aws:sqs:us-east-1:000000000000:" + name;
  }
  std::string url(const std::string& arn) {
    return emulator().url() + "/000000000000/" + arn.substr(arn.rfind(':') + 1);
  }
  // What waits in the queue, taken out of it.
  std::vector<Json> take(const std::string& arn) {
    emulator().wait_idle();
    std::vector<Json> found;
    while (true) {
      const CallResult got = emulator().call("sqs", "ReceiveMessage",
                                             {{"QueueUrl", url(arn)},
                                              {"MaxNumberOfMessages", 10},
                                              {"MessageAttributeNames", Json::array({"All"})},
                                              {"AttributeNames", Json::array({"All"})}});
      EXPECT_TRUE(got.ok()) << got.text;
      const Json messages = got.body.value("Messages", Json::array());
      if (messages.empty()) return found;
      for (const Json& message : messages) {
        found.push_back(message);
        EXPECT_TRUE(emulator()
                        .call("sqs", "DeleteMessage",
                              {{"QueueUrl", url(arn)}, {"ReceiptHandle", message["ReceiptHandle"]}})
                        .ok());
      }
    }
  }
  static Json fifo() { return {{"FifoQueue", "true"}}; }
  static Json redrive(const std::string& arn) {
    return {{"RedrivePolicy", Json{{"deadLetterTargetArn", arn}}.dump()}};
  }
};

TEST_F(QueuesTest, GetSignedEnvelopes) {
  const std::string arn = topic();
  const std::string to = queue("q");
  const std::string id = subscribe(arn, "sqs", to);
  const std::string message = publish(arn, "hello", attributes({{"attr1", {"Number", "99.12"}}}));
  const auto got = take(to);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_FALSE(got[0].contains("MessageAttributes"));
  const Json body = Json::parse(got[0]["Body"].get<std::string>());
  EXPECT_EQ(body["Type"], "Notification");
  EXPECT_EQ(body["MessageId"], message);
  EXPECT_EQ(body["TopicArn"], arn);
  EXPECT_EQ(body["Message"], "hello");
  EXPECT_FALSE(body.contains("Subject"));
  EXPECT_EQ(body["MessageAttributes"],
            Json::parse(R"({"attr1":{"Type":"Number","Value":"99.12"}})"));
  EXPECT_EQ(body["UnsubscribeURL"],
            emulator().url() + "/?Action=Unsubscribe&SubscriptionArn=" + id);
  EXPECT_TRUE(verifies(body));
}

TEST_F(QueuesTest, GetRawMessagesWithTheirAttributes) {
  const std::string arn = topic();
  const std::string to = queue("q");
  subscribe(arn, "sqs", to, {{"RawMessageDelivery", "true"}});
  publish(arn, "hello", attributes({{"store", {"Binary", "AgME"}}, {"n", {"Number", "1"}}}));
  const auto got = take(to);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Body"], "hello");
  EXPECT_EQ(got[0]["MessageAttributes"]["store"]["BinaryValue"], "AgME");
  EXPECT_EQ(got[0]["MessageAttributes"]["n"]["StringValue"], "1");
}

TEST_F(QueuesTest, EveryQueueGetsTheMessagesOfItsFilter) {
  const std::string arn = topic();
  std::vector<std::string> queues;
  for (int i = 0; i < 5; ++i) {
    queues.push_back(queue("q" + std::to_string(i)));
    subscribe(arn, "sqs", queues.back(),
              {{"RawMessageDelivery", "true"},
               {"FilterPolicy", R"({"n":[{"numeric":[">=",)" + std::to_string(i) + "]}]}"}});
  }
  for (int i = 0; i < 5; ++i) {
    publish(arn, std::to_string(i), attributes({{"n", {"Number", std::to_string(i)}}}));
  }
  for (int i = 0; i < 5; ++i) {
    std::set<std::string> bodies;
    for (const Json& message : take(queues[static_cast<size_t>(i)])) bodies.insert(message["Body"]);
    EXPECT_EQ(bodies.size(), static_cast<size_t>(5 - i));
  }
}

TEST_F(QueuesTest, FifoTopicsKeepTheOrderOfEachGroup) {
  const std::string arn =
      topic("t.fifo", {{"FifoTopic", "true"}, {"ContentBasedDeduplication", "true"}});
  const std::string raw = queue("raw.fifo", fifo());
  const std::string wrapped = queue("wrapped.fifo", fifo());
  subscribe(arn, "sqs", raw, {{"RawMessageDelivery", "true"}});
  subscribe(arn, "sqs", wrapped);
  std::vector<std::string> sent;
  for (int i = 0; i < 30; ++i) {
    const std::string text = std::to_string(i);
    publish(arn, text, {{"MessageGroupId", i % 3 == 0 ? "a" : "b"}});
  }
  std::map<std::string, std::vector<int>> by_group;
  for (const Json& message : take(raw)) {
    by_group[message["Attributes"]["MessageGroupId"]].push_back(
        std::stoi(message["Body"].get<std::string>()));
  }
  EXPECT_EQ(by_group["a"].size() + by_group["b"].size(), 30u);
  for (const auto& [group, numbers] : by_group) {
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end())) << group;
  }
  const Json first = take(wrapped).at(0);
  EXPECT_EQ(first["Attributes"]["MessageDeduplicationId"],
            "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9");
  const Json body = Json::parse(first["Body"].get<std::string>());
  EXPECT_EQ(body["SequenceNumber"], "10000000000000000001");
  EXPECT_FALSE(body.contains("Signature"));
}

TEST_F(QueuesTest, StandardQueuesOfFifoTopicsKnowNoGroups) {
  const std::string arn =
      topic("t.fifo", {{"FifoTopic", "true"}, {"ContentBasedDeduplication", "true"}});
  const std::string to = queue("q");
  subscribe(arn, "sqs", to);
  publish(arn, "m", {{"MessageGroupId", "g"}});
  const auto got = take(to);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_FALSE(got[0]["Attributes"].contains("MessageGroupId"));
}

TEST_F(QueuesTest, GroupsOfStandardTopicsArePassedOn) {
  const std::string arn = topic();
  const std::string to = queue("q");
  subscribe(arn, "sqs", to);
  publish(arn, "m", {{"MessageGroupId", "my-group-id-1"}});
  EXPECT_EQ(take(to).at(0)["Attributes"]["MessageGroupId"], "my-group-id-1");
}

TEST_F(QueuesTest, WhatCannotBeDeliveredGoesToTheDeadLetters) {
  const std::string arn = topic();
  const std::string dead = queue("dead");
  subscribe(arn, "sqs", "arn:aws:sqs:us-east-1:000000000000:none", redrive(dead));
  subscribe(arn, "lambda", "arn:aws:lambda:us-east-1:000000000000:function:none", redrive(dead));
  publish(arn, "m", attributes({{"a", {"String", "b"}}}));
  const auto got = take(dead);
  ASSERT_EQ(got.size(), 2u);
  for (const Json& message : got) {
    const Json body = Json::parse(message["Body"].get<std::string>());
    EXPECT_EQ(body["Message"], "m");
    EXPECT_EQ(body["MessageAttributes"]["a"]["Value"], "b");
  }
}

TEST_F(QueuesTest, DeadLettersOfRawMessagesAreRaw) {
  const std::string arn = topic();
  const std::string dead = queue("dead");
  Json asked = redrive(dead);
  asked["RawMessageDelivery"] = "true";
  subscribe(arn, "sqs", "arn:aws:sqs:us-east-1:000000000000:none", asked);
  publish(arn, "m", attributes({{"a", {"String", "b"}}}));
  const auto got = take(dead);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Body"], "m");
  EXPECT_EQ(got[0]["MessageAttributes"]["a"]["StringValue"], "b");
}

TEST_F(QueuesTest, FailedPostsEndInTheDeadLettersAfterTheirRetries) {
  LocalEndpoint endpoint;
  const std::string arn = topic();
  const std::string dead = queue("dead");
  Json asked = redrive(dead);
  asked["DeliveryPolicy"] =
      R"({"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":1}})";
  subscribe(arn, "http", endpoint.url(), asked);
  emulator().wait_idle();
  const std::string token = endpoint.take().at(0).json()["Token"];
  ASSERT_TRUE(call("ConfirmSubscription", {{"TopicArn", arn}, {"Token", token}}).ok());
  emulator().platform().world.freeze();
  endpoint.answer_with({500, 500});
  publish(arn, "m");
  EXPECT_TRUE(take(dead).empty());
  emulator().advance(std::chrono::seconds(1));
  const auto got = take(dead);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(Json::parse(got[0]["Body"].get<std::string>())["Message"], "m");
}

TEST_F(QueuesTest, DeadLettersOfFifoSubscriptionsAreFifo) {
  const std::string arn = topic("t.fifo", {{"FifoTopic", "true"}});
  const std::string to = queue("q.fifo", fifo());
  const std::string id = subscribe(arn, "sqs", to);
  EXPECT_EQ(refused("SetSubscriptionAttributes",
                    {{"SubscriptionArn", id},
                     {"AttributeName", "RedrivePolicy"},
                     {"AttributeValue", redrive(queue("dead"))["RedrivePolicy"]}}),
            "InvalidParameter: Invalid parameter: RedrivePolicy: must use a FIFO queue as DLQ for "
            "a FIFO Subscription to a FIFO Topic.");
  const std::string dead = queue("dead.fifo", fifo());
  ASSERT_TRUE(
      call("SetSubscriptionAttributes", {{"SubscriptionArn", id},
                                         {"AttributeName", "RedrivePolicy"},
                                         {"AttributeValue", redrive(dead)["RedrivePolicy"]}})
          .ok());
  ASSERT_TRUE(emulator().call("sqs", "DeleteQueue", {{"QueueUrl", url(to)}}).ok());
  publish(arn, "m", {{"MessageGroupId", "g"}, {"MessageDeduplicationId", "d"}});
  const auto got = take(dead);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Attributes"]["MessageGroupId"], "g");
  EXPECT_EQ(got[0]["Attributes"]["MessageDeduplicationId"], "d");
}

}  // namespace queues_tests
}  // namespace paddock::services::sns::testing
