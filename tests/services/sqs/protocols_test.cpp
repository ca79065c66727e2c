// Both protocols, looking without receiving, moving messages back, and what outlives a restart.
#include <future>

#include "services/sqs/support.hpp"

namespace paddock::services::sqs::tests {

class ProtocolsTest : public SqsTest {
 protected:
  static std::string element(const std::string& xml, const std::string& name) {
    const std::string open = "<" + name + ">";
    const size_t start = xml.find(open);
    if (start == std::string::npos) return "";
    return xml.substr(start + open.size(),
                      xml.find("</" + name + ">", start) - start - open.size());
  }
};

// Row 9.
TEST_F(ProtocolsTest, ErrorsAreRightInBothProtocols) {
  const std::string url = "http://localhost/000000000000/none";
  const CallResult json = sqs("SendMessage", {{"QueueUrl", url}, {"MessageBody", "a"}});
  EXPECT_EQ(json.status, 400);
  EXPECT_EQ(json.body["__type"], "com.amazonaws.sqs#QueueDoesNotExist");
  EXPECT_EQ(json.message(), "The specified queue does not exist.");
  EXPECT_EQ(json.headers.get("x-amzn-query-error"),
            "AWS.SimpleQueueService.NonExistentQueue;Sender");
  const CallResult xml = query("SendMessage", "MessageBody=a&QueueUrl=" + url_encode(url));
  EXPECT_EQ(xml.status, 400);
  EXPECT_EQ(element(xml.text, "Code"), "AWS.SimpleQueueService.NonExistentQueue");
  EXPECT_EQ(element(xml.text, "Message"),
            "The specified queue does not exist for this wsdl version.");
  EXPECT_EQ(element(xml.text, "Type"), "Sender");
  EXPECT_NE(xml.text.find("<Detail/>"), std::string::npos);
  EXPECT_FALSE(xml.headers.has("x-amzn-query-error"));
}

TEST_F(ProtocolsTest, TheQueryProtocolDoesItAll) {
  const CallResult made = query("CreateQueue",
                                "QueueName=old&Attribute.1.Name=VisibilityTimeout&"
                                "Attribute.1.Value=40&Tag.1.Key=k&Tag.1.Value=v");
  const std::string url = element(made.text, "QueueUrl");
  EXPECT_NE(made.text.find("<CreateQueueResponse "
                           "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"
                           "<CreateQueueResult>"),
            std::string::npos)
      << made.text;
  EXPECT_EQ(attribute(url, "VisibilityTimeout"), "40");
  EXPECT_EQ(ok("ListQueueTags", {{"QueueUrl", url}})["Tags"]["k"], "v");
  // The queue by the path alone.
  const std::string path = url.substr(url.find("/0000"));
  const CallResult sent = query("SendMessage",
                                "MessageBody=hello&MessageAttribute.1.Name=timestamp&"
                                "MessageAttribute.1.Value.DataType=Number&"
                                "MessageAttribute.1.Value.StringValue=1493147359900",
                                path);
  EXPECT_EQ(element(sent.text, "MD5OfMessageBody"), "5d41402abc4b2a76b9719d911017c592");
  EXPECT_EQ(element(sent.text, "MD5OfMessageAttributes"), "235c5c510d26fb653d073faed50ae77c");
  const CallResult got =
      query("ReceiveMessage",
            "AttributeName.1=All&MessageAttributeName.1=All&QueueUrl=" + url_encode(url));
  EXPECT_EQ(element(got.text, "Body"), "hello");
  EXPECT_NE(got.text.find("<Attribute><Name>SenderId</Name><Value>000000000000</Value>"),
            std::string::npos);
  EXPECT_NE(got.text.find("<MessageAttribute><Name>timestamp</Name><Value>"), std::string::npos);
  const CallResult batch =
      query("SendMessageBatch",
            "SendMessageBatchRequestEntry.1.Id=x&SendMessageBatchRequestEntry.1.MessageBody=b&"
            "SendMessageBatchRequestEntry.2.Id=y&SendMessageBatchRequestEntry.2.MessageBody=%01",
            path);
  EXPECT_NE(batch.text.find("<SendMessageBatchResultEntry><Id>x</Id>"), std::string::npos);
  EXPECT_NE(batch.text.find("<BatchResultErrorEntry><Id>y</Id>"), std::string::npos);
  const CallResult deleted = query(
      "DeleteMessage", "ReceiptHandle=" + url_encode(element(got.text, "ReceiptHandle")), path);
  EXPECT_NE(deleted.text.find("<DeleteMessageResponse"), std::string::npos);
  EXPECT_EQ(counts(url), (Texts{"1", "0", "0"}));
  EXPECT_EQ(element(query("SendMessage", "MessageBody=a").text, "Message"),
            "The request must contain the parameter QueueUrl.");
}

TEST_F(ProtocolsTest, MessagesCanBeSeenWithoutReceivingThem) {
  freeze();
  const std::string url = create("seen");
  send(url, "flying");
  ASSERT_EQ(receive(url).size(), 1u);
  send(url, "waiting");
  send(url, "delayed", {{"DelaySeconds", 60}});
  http::Headers headers;
  headers.add("Accept", "application/json");
  const auto look = [&](const std::string& more) {
    const CallResult result =
        emulator->request("GET", "/_aws/sqs/messages?QueueUrl=" + url_encode(url) + more, headers);
    return result.body.contains("Messages") ? result.body["Messages"] : Json::array();
  };
  EXPECT_EQ(bodies(look("")), Texts{"waiting"});
  EXPECT_EQ(look("")[0]["ReceiptHandle"], "SQS/BACKDOOR/ACCESS");
  EXPECT_EQ(bodies(look("&ShowInvisible=true")), (Texts{"flying", "waiting"}));
  EXPECT_EQ(bodies(look("&ShowDelayed=true")), (Texts{"waiting", "delayed"}));
  const Json by_path =
      emulator->request("GET", "/_aws/sqs/messages/us-east-1/000000000000/seen", headers)
          .body["Messages"];
  EXPECT_EQ(bodies(by_path), Texts{"waiting"});
  EXPECT_EQ(by_path[0]["Attributes"]["ApproximateReceiveCount"], "0");
  const CallResult xml = emulator->get("/_aws/sqs/messages?QueueUrl=" + url_encode(url));
  EXPECT_NE(xml.text.find("<Body>waiting</Body>"), std::string::npos);
  EXPECT_NE(emulator->get("/_aws/sqs/messages?QueueUrl=none").text.find("NonExistentQueue"),
            std::string::npos);
  EXPECT_EQ(bodies(receive_ten(url)), Texts{"waiting"}) << "looking took it";
}

// Row 6.
TEST_F(ProtocolsTest, MovingBackGoesToEachSourceAndBeginsAnew) {
  freeze();
  const std::string dead = create("dead");
  std::vector<std::string> sources;
  for (const char* name : {"first", "second"}) {
    sources.push_back(
        create(name, {{"RedrivePolicy", redrive(dead, 1)}, {"VisibilityTimeout", "1"}}));
    send(sources.back(), name);
    ASSERT_EQ(receive(sources.back()).size(), 1u);
    advance(seconds(2));
    ASSERT_TRUE(receive(sources.back()).empty());
  }
  EXPECT_EQ(sqs("StartMessageMoveTask", {{"SourceArn", arn(sources[0])}}).message(),
            "Source queue must be configured as a Dead Letter Queue.");
  ok("StartMessageMoveTask", {{"SourceArn", arn(dead)}});
  emulator->wait_idle();
  const Json task = ok("ListMessageMoveTasks", {{"SourceArn", arn(dead)}})["Results"][0];
  EXPECT_EQ(task["Status"], "COMPLETED");
  EXPECT_EQ(task["ApproximateNumberOfMessagesMoved"], 2);
  EXPECT_EQ(task["ApproximateNumberOfMessagesToMove"], 2);
  EXPECT_FALSE(task.contains("TaskHandle"));
  EXPECT_EQ(counts(dead), (Texts{"0", "0", "0"}));
  for (const std::string& source : sources) {
    const Json got = receive(source);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_TRUE(source.ends_with(got[0]["Body"].get<std::string>()));
    EXPECT_EQ(got[0]["Attributes"]["ApproximateReceiveCount"], "1");
  }
}

TEST_F(ProtocolsTest, AMoveTaskHasARateAndCanBeCancelled) {
  freeze();
  const std::string dead = create("dead");
  const std::string target = create("target");
  create("source", {{"RedrivePolicy", redrive(dead, 1)}});
  for (int i = 0; i < 5; ++i) send(dead, std::to_string(i));
  const Json request = {{"SourceArn", arn(dead)},
                        {"DestinationArn", arn(target)},
                        {"MaxNumberOfMessagesPerSecond", 1}};
  const Json started = ok("StartMessageMoveTask", request);
  emulator->wait_idle();
  EXPECT_EQ(sqs("StartMessageMoveTask", request).message(),
            "There is already a task running. Only one active task is allowed for a source queue "
            "arn at a given time.");
  advance(seconds(1));
  EXPECT_EQ(counts(target)[0], "2");
  EXPECT_EQ(ok("CancelMessageMoveTask",
               {{"TaskHandle", started["TaskHandle"]}})["ApproximateNumberOfMessagesMoved"],
            2);
  advance(seconds(5));
  EXPECT_EQ(counts(target)[0], "2");
  EXPECT_EQ(counts(dead)[0], "3");
  EXPECT_EQ(ok("ListMessageMoveTasks", {{"SourceArn", arn(dead)}})["Results"][0]["Status"],
            "CANCELLED");
  EXPECT_EQ(sqs("CancelMessageMoveTask", {{"TaskHandle", "foobared"}}).message(),
            "Value for parameter TaskHandle is invalid.");
}

// A message in flight is visible again when its time-out says so, with its receive count; groups
// stay locked, and what was sent once stays known.
TEST_F(ProtocolsTest, EverythingOutlivesARestart) {
  const testing::TempDir directory;
  const auto options = [&] { return TestEmulator::durable_options(directory.path()); };
  emulator = std::make_unique<TestEmulator>(options());
  freeze();
  create("kept", {{"VisibilityTimeout", "30"}});
  create_fifo("kept.fifo", {{"VisibilityTimeout", "30"}});
  const std::string url = "http://localhost/000000000000/kept";
  const std::string fifo = "http://localhost/000000000000/kept.fifo";
  send(url, "flying");
  send(url, std::string(100'000, 'b'));
  const Json held = receive(url);
  ASSERT_EQ(bodies(held), Texts{"flying"});
  send(url, "delayed", {{"DelaySeconds", 60}});
  const Json once = send_fifo(fifo, "1", "g");
  send_fifo(fifo, "2", "g");
  ASSERT_EQ(bodies(receive(fifo)), Texts{"1"});
  emulator.reset();
  emulator = std::make_unique<TestEmulator>(options());
  EXPECT_EQ(counts(url), (Texts{"1", "1", "1"}));
  EXPECT_EQ(bodies(receive_ten(url)), Texts{std::string(100'000, 'b')});
  EXPECT_TRUE(receive_ten(fifo).empty());
  EXPECT_EQ(send_fifo(fifo, "1", "g")["MessageId"], once["MessageId"]);
  EXPECT_EQ(counts(fifo), (Texts{"1", "1", "0"}));
  EXPECT_TRUE(change(url, held[0], 20).ok()) << "a handle of before";
  advance(seconds(30));
  const Json again = receive_ten(url);
  EXPECT_EQ(again.size(), 2u);
  EXPECT_EQ(bodies(receive_ten(fifo)), (Texts{"1", "2"}));
  advance(seconds(30));
  EXPECT_EQ(counts(fifo), (Texts{"2", "0", "0"}));
  bool counted = false;
  for (const Json& message : again) {
    if (message["Body"] != "flying") continue;
    counted = message["Attributes"]["ApproximateReceiveCount"] == "2";
  }
  EXPECT_TRUE(counted);
  emulator.reset();  // before its directory
}

TEST_F(ProtocolsTest, AResetForgetsQueues) {
  const std::string url = create("brief");
  send(url, "a");
  EXPECT_EQ(emulator->post("/_paddock/reset").status, 200);
  EXPECT_EQ(sqs("ReceiveMessage", {{"QueueUrl", url}}).error(), "QueueDoesNotExist");
  create("brief");
  EXPECT_TRUE(receive(url).empty());
}

}  // namespace paddock::services::sqs::tests
