// What the tests of SQS share: an emulator, calls in both protocols, and queues made in one line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "gateway/platform.hpp"
#include "support/test_emulator.hpp"

namespace paddock::services::sqs::tests {

using paddock::testing::As;
using paddock::testing::CallResult;
using paddock::testing::TestEmulator;
using std::chrono::minutes;
using std::chrono::seconds;

class SqsTest : public ::testing::Test {
 protected:
  CallResult sqs(std::string_view operation, const Json& input, const As& as = {}) {
    return emulator->call("sqs", operation, input, as);
  }
  Json ok(std::string_view operation, const Json& input, const As& as = {}) {
    CallResult result = sqs(operation, input, as);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.text;
    return result.body;
  }
  // A call by the query protocol: an encoded form without Action and Version.
  CallResult query(const std::string& operation, const std::string& form,
                   const std::string& target = "/") {
    http::Headers headers;
    headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
    headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/sqs/aws4_request, "
                "SignedHeaders=host;x-amz-date, Signature=" +
                    std::string(64, '0'));
    headers.add("X-Amz-Date", "20261120T000000Z");
    return emulator->request("POST", target, headers,
                             "Action=" + operation + "&Version=2012-11-05&" + form);
  }
  std::string create(const std::string& name, const Json& attributes = Json::object()) {
    return ok("CreateQueue", {{"QueueName", name}, {"Attributes", attributes}})
        .value("QueueUrl", std::string());
  }
  std::string create_fifo(const std::string& name, Json attributes = Json::object()) {
    attributes["FifoQueue"] = "true";
    return create(name, attributes);
  }
  Json send(const std::string& url, const std::string& body, Json more = Json::object()) {
    more["QueueUrl"] = url;
    more["MessageBody"] = body;
    return ok("SendMessage", more);
  }
  Json send_fifo(const std::string& url, const std::string& body, const std::string& group,
                 const std::string& id = "") {
    return send(url, body,
                {{"MessageGroupId", group}, {"MessageDeduplicationId", id.empty() ? body : id}});
  }
  Json receive(const std::string& url, Json more = Json::object()) {
    more["QueueUrl"] = url;
    if (!more.contains("AttributeNames")) more["AttributeNames"] = {"All"};
    const Json answer = ok("ReceiveMessage", more);
    return answer.contains("Messages") ? answer["Messages"] : Json::array();
  }
  Json receive_ten(const std::string& url, Json more = Json::object()) {
    more["MaxNumberOfMessages"] = 10;
    return receive(url, more);
  }
  static std::vector<std::string> bodies(const Json& messages) {
    std::vector<std::string> out;
    for (const Json& message : messages) out.push_back(message.at("Body"));
    return out;
  }
  CallResult remove(const std::string& url, const Json& message) {
    return sqs("DeleteMessage",
               {{"QueueUrl", url}, {"ReceiptHandle", message.at("ReceiptHandle")}});
  }
  CallResult change(const std::string& url, const Json& message, int seconds) {
    return sqs("ChangeMessageVisibility", {{"QueueUrl", url},
                                           {"ReceiptHandle", message.at("ReceiptHandle")},
                                           {"VisibilityTimeout", seconds}});
  }
  std::string attribute(const std::string& url, const std::string& name) {
    const Json answer = ok("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {name}}});
    return answer.contains("Attributes") ? answer["Attributes"].value(name, std::string()) : "";
  }
  std::string arn(const std::string& url) { return attribute(url, "QueueArn"); }
  // Visible, in flight, delayed.
  std::vector<std::string> counts(const std::string& url) {
    return {attribute(url, "ApproximateNumberOfMessages"),
            attribute(url, "ApproximateNumberOfMessagesNotVisible"),
            attribute(url, "ApproximateNumberOfMessagesDelayed")};
  }
  std::string redrive(const std::string& dead_letters, int receives) {
    return Json{{"deadLetterTargetArn", arn(dead_letters)}, {"maxReceiveCount", receives}}.dump();
  }
  // World time stands still but for `advance`, so that nothing depends on the machine's speed.
  void freeze() { emulator->platform().world.freeze(); }
  void advance(std::chrono::milliseconds by) { emulator->advance(by); }

  std::unique_ptr<TestEmulator> emulator = std::make_unique<TestEmulator>();
};

using Texts = std::vector<std::string>;

}  // namespace paddock::services::sqs::tests
