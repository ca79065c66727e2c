// Publish and PublishBatch: what they refuse.
#include "tests/services/sns/sns_fixture.hpp"

namespace paddock::services::sns::testing {
namespace publish_tests {

constexpr const char* kNone = "arn:aws:sns:us-east-1:000000000000:none";

class PublishTest : public SnsTest {
 protected:
  std::string problem(const Json& input) {
    const CallResult result = call("Publish", input);
    return result.ok() ? "" : result.error() + ": " + unescaped(result.message());
  }
  std::string problem(const std::string& message, const Json& more) {
    return problem(with({{"TopicArn", topic()}, {"Message", message}}, more));
  }
  std::string batch_problem(const std::string& arn, const std::vector<Json>& entries) {
    Json input = {{"TopicArn", arn}};
    size_t number = 1;
    for (const Json& entry : entries) {
      const std::string start =
          "PublishBatchRequestEntries.member." + std::to_string(number++) + ".";
      for (const auto& [name, value] : entry.items()) input[start + name] = value;
    }
    const CallResult result = call("PublishBatch", input);
    return result.ok() ? "" : result.error() + ": " + unescaped(result.message());
  }
  static std::string bad(const std::string& what) {
    return "InvalidParameter: Invalid parameter: " + what;
  }
};

TEST_F(PublishTest, TargetsAreChecked) {
  EXPECT_EQ(problem({{"TopicArn", "randomtopic"}, {"Message", "m"}}),
            bad("TopicArn Reason: An ARN must have at least 6 elements, not 1"));
  EXPECT_EQ(problem({{"TopicArn", "randomtopic:1"}, {"Message", "m"}}),
            bad("TopicArn Reason: An ARN must have at least 6 elements, not 2"));
  EXPECT_EQ(problem({{"TopicArn", ""}, {"Message", "m"}}),
            bad("TopicArn Reason: An ARN must have at least 6 elements, not 1"));
  EXPECT_EQ(problem({{"TopicArn", kNone}, {"Message", "m"}}), "NotFound: Topic does not exist");
  EXPECT_EQ(problem({{"TopicArn", "arn:aws:sns:eu-west-1:000000000000:t"}, {"Message", "m"}}),
            bad("TopicArn"));
  EXPECT_EQ(problem({{"Message", "m"}}),
            bad("TopicArn or TargetArn Reason: no value for required parameter"));
  EXPECT_EQ(problem({{"TargetArn", std::string(kNone).replace(35, 4, "endpoint/GCM/app/x")},
                     {"Message", "m"}}),
            bad("TargetArn Reason: No endpoint found for the target arn specified"));
  EXPECT_EQ(problem({{"PhoneNumber", "+1a234"}, {"Message", "m"}}),
            bad("PhoneNumber Reason: +1a234 is not valid to publish to"));
  EXPECT_EQ(problem({{"PhoneNumber", "NAA+15551234567"}, {"Message", "m"}}),
            bad("PhoneNumber Reason: NAA+15551234567 is not valid to publish to"));
}

TEST_F(PublishTest, TextsAndSubjectsAreChecked) {
  EXPECT_EQ(problem("", Json::object()), bad("Empty message"));
  EXPECT_EQ(problem("m", {{"Subject", ""}}), bad("Subject"));
  EXPECT_EQ(problem("m", {{"Subject", std::string(101, 's')}}), bad("Subject"));
  EXPECT_EQ(problem("m", {{"Subject", "two\nlines"}}), bad("Subject"));
  EXPECT_EQ(problem("m", {{"Subject", std::string(100, 's')}}), "");
  EXPECT_EQ(problem(std::string(256 * 1024 + 1, 'm'), Json::object()), bad("Message too long"));
  EXPECT_EQ(problem(std::string(256 * 1024, 'm'), Json::object()), "");
  EXPECT_EQ(problem(std::string(256 * 1024 - 10, 'm'), attributes({{"a", {"String", "12345"}}})),
            bad("Message too long"));
}

TEST_F(PublishTest, StructuredMessagesHaveADefault) {
  const Json json = {{"MessageStructure", "json"}};
  EXPECT_EQ(problem(R"({"sqs":"x"})", json),
            bad("Message Structure - No default entry in JSON message body"));
  EXPECT_EQ(problem(R"({"default":{"a":1}})", json),
            bad("Message Structure - No default entry in JSON message body"));
  EXPECT_EQ(problem("{not json", json),
            bad("Message Structure - JSON message body failed to parse"));
  EXPECT_EQ(problem(R"({"default":"a","default":"b"})", json), "");
}

TEST_F(PublishTest, AttributesAreChecked) {
  const auto one = [this](const std::string& name, const Json& value) {
    Json input = {{"MessageAttributes.entry.1.Name", name}};
    for (const auto& [member, text] : value.items()) {
      input["MessageAttributes.entry.1.Value." + member] = text;
    }
    return problem("m", input);
  };
  const std::string start = "ParameterValueInvalid: ";
  const std::string attr1 = start + "The message attribute 'attr1' ";
  EXPECT_EQ(one("attr1", {{"DataType", "String"}, {"StringValue", ""}}),
            attr1 +
                "must contain non-empty message attribute value for message attribute type "
                "'String'.");
  EXPECT_EQ(one("attr1", {{"DataType", "String"}}),
            attr1 +
                "must contain non-empty message attribute value for message attribute type "
                "'String'.");
  EXPECT_EQ(one("attr1", {{"StringValue", "x"}}),
            "ValidationError: 1 validation error detected: Value null at "
            "'messageAttributes.attr1.member.dataType' failed to satisfy constraint: Member must "
            "not be null");
  EXPECT_EQ(one("attr1", {{"DataType", "String"}, {"BinaryValue", "AAEC"}}),
            attr1 + "with type 'String' must use field 'String'.");
  EXPECT_EQ(one("attr1", {{"DataType", "Number"}, {"BinaryValue", "AAEC"}}),
            attr1 + "with type 'Number' must use field 'String'.");
  EXPECT_EQ(one("attr1", {{"DataType", "Binary"}, {"StringValue", "x"}}),
            attr1 + "with type 'Binary' must use field 'Binary'.");
  EXPECT_EQ(one("attr1", {{"DataType", "Stringprefixed"}, {"StringValue", "x"}}),
            attr1 +
                "has an invalid message attribute type, the set of supported type prefixes is "
                "Binary, Number, and String.");
  EXPECT_EQ(one("attr1", {{"DataType", "String.prefixed"}, {"StringValue", "x"}}), "");
  EXPECT_EQ(one("attr1", {{"DataType", "Number"}, {"StringValue", "many"}}),
            start + "Could not cast message attribute 'attr1' value to number.");
  const Json text = {{"DataType", "String"}, {"StringValue", "x"}};
  EXPECT_EQ(one("attr1.", text),
            start + "Invalid message attribute name ending with character '.' was found.");
  EXPECT_EQ(one(".attr1", text),
            start + "Invalid message attribute name starting with character '.' was found.");
  EXPECT_EQ(one("at..tr1", text),
            start + "Message attribute name can not have successive '.' character.");
  EXPECT_EQ(one("attr^1", text),
            start +
                "Invalid non-alphanumeric character '#x5E' was found in the message attribute "
                "name. Can only include alphanumeric characters, hyphens, underscores, or "
                "dots.");
  EXPECT_EQ(one(std::string(257, 'a'), text),
            start + "Length of message attribute name must be less than 256 bytes.");
}

TEST_F(PublishTest, FifoTopicsAskForGroupAndDeduplication) {
  const std::string fifo = topic("news.fifo", {{"FifoTopic", "true"}});
  EXPECT_EQ(problem({{"TopicArn", fifo}, {"Message", "m"}}),
            bad("The MessageGroupId parameter is required for FIFO topics"));
  EXPECT_EQ(problem({{"TopicArn", fifo}, {"Message", "m"}, {"MessageGroupId", "g"}}),
            bad("The topic should either have ContentBasedDeduplication enabled or "
                "MessageDeduplicationId provided explicitly"));
  EXPECT_EQ(problem("m", {{"MessageDeduplicationId", "d"}}),
            bad("MessageDeduplicationId Reason: The request includes MessageDeduplicationId "
                "parameter that is not valid for this topic type"));
  EXPECT_EQ(problem("m", {{"MessageGroupId", "g"}}), "");
}

TEST_F(PublishTest, FifoTopicsNumberAndDeduplicateForFiveMinutes) {
  const std::string fifo =
      topic("news.fifo", {{"FifoTopic", "true"}, {"ContentBasedDeduplication", "true"}});
  const auto send = [&](const std::string& message) {
    const CallResult result =
        call("Publish", {{"TopicArn", fifo}, {"Message", message}, {"MessageGroupId", "g"}});
    EXPECT_TRUE(result.ok()) << result.text;
    return std::make_pair(element(result.text, "MessageId"),
                          element(result.text, "SequenceNumber"));
  };
  const auto first = send("a");
  EXPECT_EQ(first.second, "10000000000000000001");
  EXPECT_EQ(send("a"), first);
  EXPECT_EQ(send("b").second, "10000000000000000002");
  emulator().advance(std::chrono::minutes(4));
  EXPECT_EQ(send("a"), first);
  emulator().advance(std::chrono::minutes(2));
  const auto again = send("a");
  EXPECT_NE(again.first, first.first);
  EXPECT_EQ(again.second, "10000000000000000003");
}

TEST_F(PublishTest, DeduplicationCanBePerGroup) {
  const std::string fifo =
      topic("news.fifo", {{"FifoTopic", "true"}, {"FifoThroughputScope", "MessageGroup"}});
  const auto send = [&](const std::string& group) {
    return text_in(call("Publish", {{"TopicArn", fifo},
                                    {"Message", "m"},
                                    {"MessageGroupId", group},
                                    {"MessageDeduplicationId", "d"}}),
                   "MessageId");
  };
  const std::string first = send("g1");
  EXPECT_EQ(send("g1"), first);
  EXPECT_NE(send("g2"), first);
}

TEST_F(PublishTest, BatchesAreChecked) {
  const std::string arn = topic();
  const auto entry = [](const std::string& id, const std::string& message = "m") {
    return Json{{"Id", id}, {"Message", message}};
  };
  EXPECT_EQ(batch_problem(kNone, {entry("1")}), "NotFound: Topic does not exist");
  std::vector<Json> eleven;
  for (int i = 0; i < 11; ++i) eleven.push_back(entry(std::to_string(i)));
  EXPECT_EQ(batch_problem(arn, eleven),
            "TooManyEntriesInBatchRequest: The batch request contains more entries than "
            "permissible.");
  EXPECT_EQ(batch_problem(arn, {entry("1"), entry("1")}),
            "BatchEntryIdsNotDistinct: Two or more batch entries in the request have the same "
            "Id.");
  EXPECT_EQ(batch_problem(arn, {entry("message.id")}),
            "InvalidBatchEntryId: The Id of a batch entry in the batch request contains an "
            "impermissible character: message.id");
  const std::string long_id(81, 'a');
  EXPECT_EQ(
      batch_problem(arn, {entry(long_id)}),
      "InvalidBatchEntryId: The Id of a batch entry in the batch request is too long: " + long_id);
  EXPECT_EQ(batch_problem(arn, {entry("1", std::string(200'000, 'm')),
                                entry("2", std::string(100'000, 'm'))}),
            "BatchRequestTooLong: The length of all the messages put together is more than the "
            "limit.");
  EXPECT_EQ(batch_problem(
                arn, {with(entry("1"), {{"MessageAttributes.entry.1.Name", "attr1"},
                                        {"MessageAttributes.entry.1.Value.StringValue", "x"}})}),
            "ValidationError: 1 validation error detected: Value null at "
            "'publishBatchRequestEntries.1.member.messageAttributes.attr1.member.dataType' failed "
            "to satisfy constraint: Member must not be null");
  EXPECT_EQ(batch_problem(arn, {entry("valid-message_123"), entry(std::string(80, 'a'))}), "");
}

TEST_F(PublishTest, QueryParametersInThePathAreTaken) {
  const std::string arn = topic();
  http::Headers headers;
  const CallResult result = emulator().request(
      "POST", "/?Action=Publish&Version=2010-03-31&TopicArn=" + arn + "&Message=hello", headers);
  EXPECT_EQ(result.status, 200) << result.text;
  EXPECT_NE(element(result.text, "MessageId"), "");
}

}  // namespace publish_tests
}  // namespace paddock::services::sns::testing
