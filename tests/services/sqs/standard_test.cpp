// Standard queues over the wire.
#include <future>
#include <set>

#include "core/digest.hpp"
#include "services/sqs/support.hpp"

namespace paddock::services::sqs::tests {

class StandardTest : public SqsTest {};

TEST_F(StandardTest, DeliversWhatWasSentWithItsDigestsAndAttributes) {
  const std::string url = create("basic");
  const Json sent = send(
      url, "hello",
      {{"MessageAttributes", {{"Kind", {{"DataType", "String"}, {"StringValue", "greeting"}}}}}});
  EXPECT_EQ(sent["MD5OfMessageBody"], "5d41402abc4b2a76b9719d911017c592");
  const Json got = receive(url, {{"MessageAttributeNames", {"All"}}});
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["MessageId"], sent["MessageId"]);
  EXPECT_EQ(got[0]["Body"], "hello");
  EXPECT_EQ(got[0]["MD5OfBody"], sent["MD5OfMessageBody"]);
  EXPECT_EQ(got[0]["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
  EXPECT_EQ(got[0]["MessageAttributes"]["Kind"]["StringValue"], "greeting");
  const Json& attributes = got[0]["Attributes"];
  EXPECT_EQ(attributes["ApproximateReceiveCount"], "1");
  EXPECT_EQ(attributes["SenderId"], "000000000000");
  EXPECT_TRUE(attributes.contains("SentTimestamp"));
  EXPECT_TRUE(attributes.contains("ApproximateFirstReceiveTimestamp"));
  EXPECT_TRUE(receive(url).empty()) << "in flight";
  EXPECT_TRUE(remove(url, got[0]).ok());
  EXPECT_EQ(counts(url), (Texts{"0", "0", "0"}));
}

// Row 8: the digest is over names in the order of their bytes, binary values too, and absent when
// there are no attributes.
TEST_F(StandardTest, DigestsOfAttributesAreAsSdksCheckThem) {
  const std::string url = create("digests");
  const Json sent =
      send(url, "test",
           {{"MessageAttributes",
             {{"attr1",
               {{"DataType", "Binary"},
                {"BinaryValue",
                 to_base64("traceparent\x1e"
                           "00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01")}}}}}});
  EXPECT_EQ(sent["MD5OfMessageAttributes"], "8cbe4db156db8a94db8b801b7addb984");
  const Json several =
      send(url, "test",
           {{"MessageAttributes",
             {{"timestamp", {{"DataType", "Number"}, {"StringValue", "1493147359900"}}}}}});
  EXPECT_EQ(several["MD5OfMessageAttributes"], "235c5c510d26fb653d073faed50ae77c");
  EXPECT_FALSE(send(url, "plain").contains("MD5OfMessageAttributes"));
  const Json trace = send(url, "traced",
                          {{"MessageSystemAttributes",
                            {{"AWSTraceHeader", {{"DataType", "String"}, {"StringValue", "x"}}}}}});
  EXPECT_EQ(trace["MD5OfMessageSystemAttributes"].get<std::string>().size(), 32u);
}

TEST_F(StandardTest, AttributesComeAsAskedFor) {
  const std::string url = create("names", {{"VisibilityTimeout", "0"}});
  const auto text = [](const char* value) {
    return Json{{"DataType", "String"}, {"StringValue", value}};
  };
  send(url, "msg",
       {{"MessageAttributes",
         {{"Help.Me", text("Me")}, {"Hello", text("There")}, {"General", text("Kenobi")}}}});
  const auto names = [&](const Json& asked) {
    const Json got = receive(url, {{"MessageAttributeNames", asked}});
    std::set<std::string> out;
    if (got[0].contains("MessageAttributes")) {
      for (const auto& [name, value] : got[0]["MessageAttributes"].items()) out.insert(name);
    }
    return out;
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(names({"All"}), (Names{"General", "Hello", "Help.Me"}));
  EXPECT_EQ(names({".*"}), (Names{"General", "Hello", "Help.Me"}));
  EXPECT_EQ(names({"Hel.*"}), (Names{"Hello", "Help.Me"}));
  EXPECT_EQ(names({"General", "Nothing"}), (Names{"General"}));
  const Json one = receive(url, {{"AttributeNames", {"SenderId"}}});
  EXPECT_EQ(one[0]["Attributes"].size(), 1u);
  const Json newer = receive(
      url, {{"AttributeNames", Json::array()}, {"MessageSystemAttributeNames", {"SentTimestamp"}}});
  EXPECT_TRUE(newer[0]["Attributes"].contains("SentTimestamp"));
}

TEST_F(StandardTest, VisibilityEndsWithItsTimeAndCounts) {
  freeze();
  const std::string url = create("visibility", {{"VisibilityTimeout", "10"}});
  send(url, "a");
  const Json first = receive(url);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(counts(url), (Texts{"0", "1", "0"}));
  advance(seconds(9));
  EXPECT_TRUE(receive(url).empty());
  advance(seconds(1));
  EXPECT_EQ(counts(url), (Texts{"1", "0", "0"}));
  const Json again = receive(url, {{"VisibilityTimeout", 60}});
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0]["Attributes"]["ApproximateReceiveCount"], "2");
  EXPECT_NE(again[0]["ReceiptHandle"], first[0]["ReceiptHandle"]);
  EXPECT_TRUE(change(url, again[0], 100).ok());
  advance(seconds(61));
  EXPECT_TRUE(receive(url).empty());
  EXPECT_TRUE(change(url, again[0], 0).ok());
  EXPECT_EQ(receive(url).size(), 1u);
}

// Row 4, the half that concerns standard queues.
TEST_F(StandardTest, AnExpiredHandleStillDeletes) {
  freeze();
  const std::string url = create("late", {{"VisibilityTimeout", "1"}});
  send(url, "a");
  const Json got = receive(url);
  advance(seconds(2));
  EXPECT_TRUE(change(url, got[0], 5).ok()) << "too late, and no error";
  EXPECT_TRUE(remove(url, got[0]).ok());
  EXPECT_TRUE(receive(url).empty());
  EXPECT_TRUE(remove(url, got[0]).ok()) << "a second time";
  EXPECT_EQ(change(url, got[0], 5).error(), "InvalidParameterValueException");
}

TEST_F(StandardTest, DelaysOfQueueAndMessage) {
  freeze();
  const std::string url = create("delays", {{"DelaySeconds", "10"}});
  send(url, "queue's");
  send(url, "own", {{"DelaySeconds", 2}});
  send(url, "none", {{"DelaySeconds", 0}});
  EXPECT_EQ(counts(url), (Texts{"1", "0", "2"}));
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"none"});
  advance(seconds(2));
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"own"});
  advance(seconds(8));
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"queue's"});
  const CallResult result =
      sqs("SendMessage", {{"QueueUrl", url}, {"MessageBody", "a"}, {"DelaySeconds", 901}});
  EXPECT_EQ(result.error(), "InvalidParameterValueException");
}

// Row 7: a long poll wakes for all that can make a message visible.
TEST_F(StandardTest, ALongPollWakesOnSendDelayTimeOutAndChange) {
  freeze();
  const std::string url = create("polled", {{"VisibilityTimeout", "30"}});
  const auto poll = [&] {
    return std::async(std::launch::async, [&] { return receive(url, {{"WaitTimeSeconds", 20}}); });
  };
  const auto arrived = [](std::future<Json>& future) {
    const Json got = future.get();
    return got.size() == 1 ? got[0] : Json();
  };
  auto on_send = poll();
  send(url, "a");
  Json message = arrived(on_send);
  ASSERT_FALSE(message.is_null());
  auto on_change = poll();
  EXPECT_TRUE(change(url, message, 0).ok());
  ASSERT_FALSE(arrived(on_change).is_null());
  auto on_time_out = poll();
  advance(seconds(31));
  message = arrived(on_time_out);
  // The poll may have begun after the time passed; either way it has the message.
  ASSERT_FALSE(message.is_null());
  EXPECT_TRUE(remove(url, message).ok());
  send(url, "later", {{"DelaySeconds", 5}});
  auto on_delay = poll();
  advance(seconds(6));
  ASSERT_FALSE(arrived(on_delay).is_null());
}

TEST_F(StandardTest, ALongPollEndsEmptyWhenTheWorldSaysSo) {
  freeze();
  const std::string url = create("empty", {{"ReceiveMessageWaitTimeSeconds", "20"}});
  auto poll = std::async(std::launch::async, [&] { return receive(url); });
  // The clock goes on until the poll has ended, whenever it began.
  while (poll.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    advance(seconds(21));
  }
  EXPECT_TRUE(poll.get().empty());
}

TEST_F(StandardTest, LimitsOfReceiveAreTold) {
  const std::string url = create("limits");
  const auto message = [&](const Json& more) {
    Json input = more;
    input["QueueUrl"] = url;
    return sqs("ReceiveMessage", input).message();
  };
  EXPECT_EQ(message({{"MaxNumberOfMessages", 11}}),
            "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and "
            "10, if provided.");
  EXPECT_EQ(message({{"WaitTimeSeconds", 21}}),
            "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if "
            "provided.");
  EXPECT_EQ(message({{"WaitTimeSeconds", -1}}),
            "Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if "
            "provided.");
}

// Row 5: N receives, and the move comes with the receive after them.
TEST_F(StandardTest, MaxReceiveCountMeansExactlySoManyDeliveries) {
  freeze();
  const std::string dead = create("dead");
  const std::string url =
      create("source", {{"RedrivePolicy", redrive(dead, 2)}, {"VisibilityTimeout", "5"}});
  const Json sent = send(url, "poison");
  for (int i = 1; i <= 2; ++i) {
    const Json got = receive(url);
    ASSERT_EQ(got.size(), 1u) << i;
    advance(seconds(6));
    EXPECT_EQ(attribute(dead, "ApproximateNumberOfMessages"), "0") << "moved before its time";
  }
  EXPECT_TRUE(receive(url).empty());
  EXPECT_EQ(counts(url), (Texts{"0", "0", "0"}));
  const Json got = receive(dead);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["MessageId"], sent["MessageId"]);
  EXPECT_EQ(got[0]["Attributes"]["DeadLetterQueueSourceArn"], arn(url));
  EXPECT_EQ(got[0]["Attributes"]["ApproximateReceiveCount"], "3");
  EXPECT_EQ(ok("ListDeadLetterSourceQueues", {{"QueueUrl", dead}})["queueUrls"],
            Json::array({url}));
}

TEST_F(StandardTest, RetentionEndsMessages) {
  freeze();
  const std::string url = create("kept", {{"MessageRetentionPeriod", "60"}});
  send(url, "old");
  advance(seconds(30));
  send(url, "young");
  advance(seconds(31));
  EXPECT_EQ(attribute(url, "ApproximateNumberOfMessages"), "1");
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"young"});
  advance(seconds(40));
  EXPECT_EQ(counts(url), (Texts{"0", "0", "0"}));
}

TEST_F(StandardTest, APurgeEmptiesAndIsAllowedOnceAMinute) {
  freeze();
  const std::string url = create("purged");
  send(url, "a");
  send(url, "b");
  const Json held = receive(url);
  ok("PurgeQueue", {{"QueueUrl", url}});
  EXPECT_EQ(counts(url), (Texts{"0", "0", "0"}));
  EXPECT_TRUE(remove(url, held[0]).ok());
  const CallResult again = sqs("PurgeQueue", {{"QueueUrl", url}});
  EXPECT_EQ(again.status, 403);
  EXPECT_EQ(again.message(),
            "Only one PurgeQueue operation on purged is allowed every 60 seconds.");
  send(url, "c");
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"c"});
  advance(seconds(60));
  ok("PurgeQueue", {{"QueueUrl", url}});
}

TEST_F(StandardTest, LargeMessagesArePassedWholeAndBounded) {
  const std::string url = create("large");
  const std::string body(1024 * 1024, 'x');
  EXPECT_EQ(send(url, body)["MD5OfMessageBody"], to_hex(md5(body)));
  const Json got = receive(url);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0]["Body"], body);
  EXPECT_TRUE(remove(url, got[0]).ok());
  EXPECT_EQ(sqs("SendMessage", {{"QueueUrl", url}, {"MessageBody", body + "x"}}).message(),
            "One or more parameters are invalid. Reason: Message must be shorter than 1048576 "
            "bytes.");
}

TEST_F(StandardTest, BadBodiesAreRefused) {
  const std::string url = create("bodies");
  const CallResult empty = sqs("SendMessage", {{"QueueUrl", url}, {"MessageBody", ""}});
  EXPECT_EQ(empty.error(), "MissingRequiredParameterException");
  EXPECT_EQ(empty.message(), "The request must contain the parameter MessageBody.");
  EXPECT_EQ(empty.headers.get("x-amzn-query-error"), "MissingParameter;Sender");
  EXPECT_EQ(sqs("SendMessage", {{"QueueUrl", url}, {"MessageBody", "a\x01"}}).error(),
            "InvalidMessageContents");
  EXPECT_EQ(
      sqs("SendMessage", {{"QueueUrl", url},
                          {"MessageBody", "a"},
                          {"MessageAttributes",
                           {{"ErrorDetails", {{"DataType", "String"}, {"StringValue", ""}}}}}})
          .message(),
      "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type "
      "'String'.");
  EXPECT_EQ(
      sqs("SendMessage", {{"QueueUrl", url}, {"MessageBody", "a"}, {"MessageGroupId", "group 123"}})
          .message(),
      "Value group 123 for parameter MessageGroupId is invalid. Reason: MessageGroupId can "
      "only include alphanumeric and punctuation characters. 1 to 128 in length.");
  send(url, "fair", {{"MessageGroupId", "tenant"}});
  EXPECT_EQ(receive(url)[0]["Attributes"]["MessageGroupId"], "tenant");
}

TEST_F(StandardTest, ForeignAndAlteredHandlesAreRefusedAndChangeNothing) {
  const std::string url = create("mine");
  const std::string other = create("other");
  send(other, "a");
  const Json foreign = receive(other);
  EXPECT_EQ(remove(url, foreign[0]).error(), "ReceiptHandleIsInvalid");
  std::string altered = foreign[0]["ReceiptHandle"];
  altered[10] = altered[10] == 'A' ? 'B' : 'A';
  const CallResult result = sqs("DeleteMessage", {{"QueueUrl", other}, {"ReceiptHandle", altered}});
  EXPECT_EQ(result.error(), "ReceiptHandleIsInvalid");
  EXPECT_EQ(result.message(),
            "The input receipt handle \"" + altered + "\" is not a valid receipt handle.");
  EXPECT_EQ(change(url, Json{{"ReceiptHandle", "INVALID"}}, 60).error(), "ReceiptHandleIsInvalid");
  EXPECT_EQ(counts(other), (Texts{"0", "1", "0"}));
}

TEST_F(StandardTest, SwitchesMakeDuplicatesAndOtherOrders) {
  const std::string url = create("unruly", {{"VisibilityTimeout", "600"}});
  EXPECT_EQ(emulator->post("/_paddock/settings/sqs", {{"duplicates", 2}}).status, 400);
  EXPECT_EQ(emulator->post("/_paddock/settings/sqs", {{"duplicates", 1.0}}).status, 200);
  send(url, "twice");
  EXPECT_EQ(bodies(receive(url)), Texts{"twice"});
  EXPECT_EQ(bodies(receive(url)), Texts{"twice"});
  EXPECT_EQ(
      emulator->post("/_paddock/settings/sqs", {{"duplicates", 0.0}, {"reorder", 100}}).status,
      200);
  ok("PurgeQueue", {{"QueueUrl", url}});
  Texts sent;
  for (int i = 0; i < 30; ++i) {
    sent.push_back(std::to_string(i));
    send(url, sent.back());
  }
  Texts got;
  for (int i = 0; i < 3; ++i) {
    for (std::string& body : bodies(receive_ten(url))) got.push_back(std::move(body));
  }
  EXPECT_EQ(got.size(), 30u);
  EXPECT_NE(got, sent);
  EXPECT_EQ(std::set<std::string>(got.begin(), got.end()).size(), 30u);
}

}  // namespace paddock::services::sqs::tests
