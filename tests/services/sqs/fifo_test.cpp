// FIFO queues over the wire.
#include "services/sqs/support.hpp"

namespace paddock::services::sqs::tests {

class FifoTest : public SqsTest {
 protected:
  void SetUp() override { freeze(); }
};

TEST_F(FifoTest, KeepsTheOrderOfAGroupAndShowsWhatItIs) {
  const std::string url = create_fifo("orders.fifo");
  const Json first = send_fifo(url, "a", "g");
  const Json second = send_fifo(url, "b", "g");
  EXPECT_EQ(first["SequenceNumber"].get<std::string>().size(), 20u);
  EXPECT_LT(first["SequenceNumber"], second["SequenceNumber"]);
  send_fifo(url, "c", "g");
  const Json got = receive_ten(url);
  EXPECT_EQ(bodies(got), (Texts{"a", "b", "c"}));
  const Json& attributes = got[0]["Attributes"];
  EXPECT_EQ(attributes["MessageGroupId"], "g");
  EXPECT_EQ(attributes["MessageDeduplicationId"], "a");
  EXPECT_EQ(attributes["SequenceNumber"], first["SequenceNumber"]);
}

// Row 1: a message in flight holds back its group, whatever is sent; two receives never share one.
TEST_F(FifoTest, AGroupIsLockedWhileItsFirstMessageIsInFlight) {
  const std::string url = create_fifo("locked.fifo", {{"VisibilityTimeout", "30"}});
  send_fifo(url, "a1", "a");
  send_fifo(url, "a2", "a");
  send_fifo(url, "b1", "b");
  const Json first = receive(url);
  EXPECT_EQ(bodies(first), Texts{"a1"});
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"b1"});
  send_fifo(url, "a3", "a");
  EXPECT_TRUE(receive_ten(url).empty());
  EXPECT_EQ(counts(url), (Texts{"2", "2", "0"}));
  EXPECT_TRUE(remove(url, first[0]).ok());
  EXPECT_EQ(bodies(receive_ten(url)), (Texts{"a2", "a3"}));
}

TEST_F(FifoTest, ExtendingAMessageHidesWhatComesAfterIt) {
  for (const size_t extended : {0u, 1u, 2u}) {
    const std::string url =
        create_fifo("extended" + std::to_string(extended) + ".fifo", {{"VisibilityTimeout", "1"}});
    for (const char* body : {"foo", "bar", "baz"}) send_fifo(url, body, "1");
    const Json got = receive_ten(url);
    ASSERT_EQ(got.size(), 3u);
    EXPECT_TRUE(change(url, got[extended], 4).ok());
    advance(seconds(2));
    Texts expected{"foo", "bar", "baz"};
    expected.resize(extended);
    EXPECT_EQ(bodies(receive_ten(url)), expected);
  }
}

// Row 2.
TEST_F(FifoTest, MovingTheFirstMessageToTheDeadLettersReleasesItsGroup) {
  const std::string dead = create_fifo("dead.fifo");
  const std::string url =
      create_fifo("source.fifo", {{"RedrivePolicy", redrive(dead, 1)}, {"VisibilityTimeout", "5"}});
  send_fifo(url, "poison", "g");
  send_fifo(url, "good", "g");
  EXPECT_EQ(bodies(receive(url)), Texts{"poison"});
  advance(seconds(6));
  EXPECT_EQ(bodies(receive(url)), Texts{"good"});
  const Json got = receive(dead);
  ASSERT_EQ(bodies(got), Texts{"poison"});
  EXPECT_EQ(got[0]["Attributes"]["MessageGroupId"], "g");
  EXPECT_EQ(got[0]["Attributes"]["DeadLetterQueueSourceArn"], arn(url));
}

// Row 3.
TEST_F(FifoTest, DeduplicationLastsFiveMinutesAndOutlivesTheMessage) {
  const std::string url = create_fifo("once.fifo");
  const Json first = send_fifo(url, "first", "g", "id");
  EXPECT_TRUE(remove(url, receive(url)[0]).ok());
  const Json again = send_fifo(url, "second", "other", "id");
  EXPECT_EQ(again["MessageId"], first["MessageId"]);
  EXPECT_EQ(again["SequenceNumber"], first["SequenceNumber"]);
  advance(minutes(5) - seconds(1));
  send_fifo(url, "third", "g", "id");
  EXPECT_TRUE(receive_ten(url).empty());
  advance(seconds(1));
  send_fifo(url, "fourth", "g", "id");
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"fourth"});
}

TEST_F(FifoTest, DeduplicationScopeIsThatOfTheCreation) {
  const std::string by_group = create_fifo("group.fifo", {{"DeduplicationScope", "messageGroup"}});
  send_fifo(by_group, "one", "g1", "id");
  send_fifo(by_group, "two", "g2", "id");
  send_fifo(by_group, "three", "g2", "id");
  EXPECT_EQ(bodies(receive_ten(by_group)), (Texts{"one", "two"}));
  const std::string by_queue = create_fifo("queue.fifo");
  ok("SetQueueAttributes",
     {{"QueueUrl", by_queue},
      {"Attributes",
       {{"DeduplicationScope", "messageGroup"}, {"FifoThroughputLimit", "perMessageGroupId"}}}});
  send_fifo(by_queue, "one", "g1", "id");
  send_fifo(by_queue, "two", "g2", "id");
  EXPECT_EQ(bodies(receive_ten(by_queue)), Texts{"one"});
}

TEST_F(FifoTest, ContentBasedDeduplicationGoesByTheBody) {
  const std::string url = create_fifo("content.fifo", {{"ContentBasedDeduplication", "true"}});
  send(url, "same", {{"MessageGroupId", "g"}});
  send(url, "same", {{"MessageGroupId", "g"}});
  send(url, "same", {{"MessageGroupId", "g"}, {"MessageDeduplicationId", "own"}});
  send(url, "other", {{"MessageGroupId", "g"}});
  EXPECT_EQ(bodies(receive_ten(url)), (Texts{"same", "same", "other"}));
}

// Row 4.
TEST_F(FifoTest, AnExpiredHandleDeletesNothing) {
  const std::string url = create_fifo("late.fifo", {{"VisibilityTimeout", "1"}});
  send_fifo(url, "a", "g");
  const Json got = receive(url);
  advance(seconds(2));
  const CallResult result = remove(url, got[0]);
  EXPECT_EQ(result.status, 400);
  EXPECT_EQ(result.error(), "InvalidParameterValueException");
  EXPECT_EQ(result.headers.get("x-amzn-query-error"), "InvalidParameterValue;Sender");
  EXPECT_EQ(result.message(), "Value " + got[0]["ReceiptHandle"].get<std::string>() +
                                  " for parameter ReceiptHandle is invalid. Reason: The receipt "
                                  "handle has expired.");
  const Json again = receive(url);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_TRUE(change(url, again[0], 100).ok());
  advance(seconds(50));
  EXPECT_TRUE(remove(url, again[0]).ok());
  EXPECT_EQ(counts(url), (Texts{"0", "0", "0"}));
}

TEST_F(FifoTest, TheSameAttemptGetsTheSameMessages) {
  const std::string url = create_fifo("attempts.fifo", {{"VisibilityTimeout", "30"}});
  send_fifo(url, "a", "g");
  send_fifo(url, "b", "h");
  const Json first = receive(url, {{"ReceiveRequestAttemptId", "try"}});
  advance(seconds(20));
  const Json again = receive(url, {{"ReceiveRequestAttemptId", "try"}});
  ASSERT_EQ(bodies(first), Texts{"a"});
  EXPECT_EQ(again[0]["ReceiptHandle"], first[0]["ReceiptHandle"]);
  advance(seconds(20));
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"b"}) << "the time of the first began anew";
  EXPECT_TRUE(remove(url, first[0]).ok());
  EXPECT_TRUE(receive(url, {{"ReceiveRequestAttemptId", "try"}}).empty());
}

TEST_F(FifoTest, WhatASendMayNotLeaveOutOrSay) {
  const std::string url = create_fifo("rules.fifo");
  const auto error = [&](Json input) {
    input["QueueUrl"] = url;
    input["MessageBody"] = "a";
    const CallResult result = sqs("SendMessage", input);
    return result.error() + ": " + result.message();
  };
  EXPECT_EQ(error({{"MessageDeduplicationId", "a"}}),
            "MissingRequiredParameterException: The request must contain the parameter "
            "MessageGroupId.");
  EXPECT_EQ(error({{"MessageGroupId", "g"}}),
            "InvalidParameterValueException: The queue should either have "
            "ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
  EXPECT_EQ(error({{"MessageGroupId", "g"}, {"MessageDeduplicationId", "a"}, {"DelaySeconds", 2}}),
            "InvalidParameterValueException: Value 2 for parameter DelaySeconds is invalid. "
            "Reason: The request include parameter that is not valid for this queue type.");
  EXPECT_EQ(error({{"MessageGroupId", "g"}, {"MessageDeduplicationId", ""}}),
            "InvalidParameterValueException: Value  for parameter MessageDeduplicationId is "
            "invalid. Reason: MessageDeduplicationId can only include alphanumeric and punctuation "
            "characters. 1 to 128 in length.");
}

TEST_F(FifoTest, TheQueuesDelayHoldsForItsMessages) {
  const std::string url = create_fifo("slow.fifo", {{"DelaySeconds", "5"}});
  send(url, "a", {{"MessageGroupId", "g"}, {"MessageDeduplicationId", "a"}, {"DelaySeconds", 0}});
  EXPECT_TRUE(receive(url).empty());
  EXPECT_EQ(counts(url), (Texts{"0", "0", "1"}));
  advance(seconds(5));
  EXPECT_EQ(bodies(receive(url)), Texts{"a"});
}

TEST_F(FifoTest, RetentionAndPurgeLeaveNoGroupBehind) {
  const std::string url = create_fifo("emptied.fifo", {{"MessageRetentionPeriod", "60"}});
  send_fifo(url, "old", "g");
  advance(seconds(61));
  EXPECT_EQ(counts(url), (Texts{"0", "0", "0"}));
  send_fifo(url, "new", "g");
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"new"});
  ok("PurgeQueue", {{"QueueUrl", url}});
  send_fifo(url, "newer", "g");
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"newer"});
}

}  // namespace paddock::services::sqs::tests
