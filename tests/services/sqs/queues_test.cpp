// Queues as resources, over the wire: names, URLs, attributes, tags, permissions.
#include "services/sqs/support.hpp"

namespace paddock::services::sqs::tests {

class QueuesTest : public SqsTest {
 protected:
  std::string port() { return std::to_string(emulator->port()); }
  CallResult with_host(const std::string& host, std::string_view operation, const Json& input) {
    http::Headers headers;
    headers.add("Host", host);
    headers.add("Content-Type", "application/x-amz-json-1.0");
    headers.add("X-Amz-Target", "AmazonSQS." + std::string(operation));
    return emulator->request("POST", "/", headers, input.dump());
  }
};

// Row 10: the caller's Host comes back, and any host goes in.
TEST_F(QueuesTest, UrlsEchoTheHostAndLookupsIgnoreIt) {
  EXPECT_EQ(create("jobs"), "http://127.0.0.1:" + port() + "/000000000000/jobs");
  const auto url = [&](const std::string& host) {
    return with_host(host, "GetQueueUrl", {{"QueueName", "jobs"}}).body["QueueUrl"];
  };
  EXPECT_EQ(url("localhost:4566"), "http://localhost:4566/000000000000/jobs");
  EXPECT_EQ(url("sqs.us-east-1.localhost:4566"),
            "http://sqs.us-east-1.localhost:4566/000000000000/jobs");
  EXPECT_EQ(url("queue.localhost:4566"), "http://queue.localhost:4566/000000000000/jobs");
  for (const char* form : {"http://elsewhere:1234/000000000000/jobs",
                           "http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/jobs",
                           "http://queue.localhost.localstack.cloud:4566/000000000000/jobs",
                           "http://us-east-1.queue.localhost:4566/000000000000/jobs",
                           "http://localhost:4566/queue/us-east-1/000000000000/jobs",
                           "https://sqs.us-east-1.amazonaws.com/000000000000/jobs", "jobs"}) {
    EXPECT_EQ(arn(form), "arn:aws:sqs:us-east-1:000000000000:jobs") << form;
  }
}

TEST_F(QueuesTest, TheRegionOfAUrlIsWhereTheQueueIs) {
  ok("CreateQueue", {{"QueueName", "far"}}, {"test", "eu-west-1"});
  EXPECT_EQ(arn("http://localhost:4566/queue/eu-west-1/000000000000/far"),
            "arn:aws:sqs:eu-west-1:000000000000:far");
  EXPECT_EQ(arn("http://sqs.eu-west-1.localhost:4566/000000000000/far"),
            "arn:aws:sqs:eu-west-1:000000000000:far");
  const CallResult here =
      sqs("GetQueueAttributes", {{"QueueUrl", "http://localhost:4566/000000000000/far"}});
  EXPECT_EQ(here.error(), "QueueDoesNotExist");
  EXPECT_EQ(ok("GetQueueUrl", {{"QueueName", "far"}}, {"test", "eu-west-1"})["QueueUrl"],
            "http://127.0.0.1:" + port() + "/000000000000/far");
}

TEST_F(QueuesTest, BadNamesAreRefused) {
  const auto error = [&](const std::string& name, const Json& attributes = Json::object()) {
    const CallResult result = sqs("CreateQueue", {{"QueueName", name}, {"Attributes", attributes}});
    EXPECT_EQ(result.error(), "InvalidParameterValueException") << name;
    return result.message();
  };
  const std::string standard =
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
  EXPECT_EQ(error("a/b"), standard);
  EXPECT_EQ(error(std::string(81, 'a')), standard);
  EXPECT_EQ(error(""), standard);
  EXPECT_EQ(error("a.fifo"), standard);
  EXPECT_NE(error("plain", {{"FifoQueue", "true"}}).find("must end with .fifo suffix"),
            std::string::npos);
}

TEST_F(QueuesTest, AttributesHaveTheirDefaults) {
  const std::string url = create("plain");
  const Json all =
      ok("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"All"}}})["Attributes"];
  EXPECT_EQ(all["VisibilityTimeout"], "30");
  EXPECT_EQ(all["MaximumMessageSize"], "1048576");
  EXPECT_EQ(all["MessageRetentionPeriod"], "345600");
  EXPECT_EQ(all["DelaySeconds"], "0");
  EXPECT_EQ(all["ReceiveMessageWaitTimeSeconds"], "0");
  EXPECT_EQ(all["SqsManagedSseEnabled"], "true");
  EXPECT_EQ(all.size(), 12u) << all;
  EXPECT_FALSE(ok("GetQueueAttributes", {{"QueueUrl", url}}).contains("Attributes"));
  EXPECT_EQ(
      sqs("GetQueueAttributes", {{"QueueUrl", url}, {"AttributeNames", {"Colour"}}}).message(),
      "Unknown Attribute Colour.");
  const std::string fifo = create_fifo("plain.fifo", {{"FifoQueue", "True"}});
  EXPECT_EQ(attribute(fifo, "DeduplicationScope"), "queue");
  EXPECT_EQ(attribute(fifo, "FifoThroughputLimit"), "perQueue");
  EXPECT_EQ(attribute(fifo, "ContentBasedDeduplication"), "false");
}

TEST_F(QueuesTest, CreatingAgainComparesAttributes) {
  const std::string url = create("twice", {{"DelaySeconds", "5"}});
  EXPECT_EQ(create("twice"), url);
  EXPECT_EQ(create("twice", {{"DelaySeconds", "5"}}), url);
  const CallResult other =
      sqs("CreateQueue", {{"QueueName", "twice"}, {"Attributes", {{"DelaySeconds", "6"}}}});
  EXPECT_EQ(other.error(), "QueueNameExists");
  EXPECT_EQ(other.headers.get("x-amzn-query-error"), "QueueAlreadyExists;Sender");
  EXPECT_EQ(other.message(),
            "A queue already exists with the same name and a different value for attribute "
            "DelaySeconds");
}

TEST_F(QueuesTest, BadAttributesAreRefusedAndChangeNothing) {
  const std::string url = create("settings");
  const auto error = [&](const Json& attributes) {
    const CallResult result =
        sqs("SetQueueAttributes", {{"QueueUrl", url}, {"Attributes", attributes}});
    return result.error() + ": " + result.message();
  };
  EXPECT_EQ(error({{"DelaySeconds", "901"}}),
            "InvalidAttributeValue: Invalid value for the parameter DelaySeconds.");
  EXPECT_EQ(error({{"VisibilityTimeout", "x"}}),
            "InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.");
  EXPECT_EQ(error({{"FifoQueue", "true"}}), "InvalidAttributeName: Unknown Attribute FifoQueue.");
  EXPECT_EQ(error({{"DeduplicationScope", "queue"}}),
            "InvalidAttributeName: You can specify the DeduplicationScope only when FifoQueue is "
            "set to true.");
  EXPECT_EQ(error({{"QueueArn", "x"}}), "InvalidAttributeName: Unknown Attribute QueueArn.");
  EXPECT_EQ(error({{"KmsMasterKeyId", "key"}, {"SqsManagedSseEnabled", "true"}}),
            "InvalidAttributeName: You can use one type of server-side encryption (SSE) at one "
            "time. You can either enable KMS SSE or SQS SSE.");
  EXPECT_EQ(error({{"RedrivePolicy", "{\"maxReceiveCount\":5}"}}),
            "InvalidParameterValueException: Value {\"maxReceiveCount\":5} for parameter "
            "RedrivePolicy is invalid. Reason: Redrive policy does not contain mandatory "
            "attribute: deadLetterTargetArn.");
  const std::string nowhere =
      "{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:no\",\"maxReceiveCount\":5}";
  EXPECT_EQ(error({{"RedrivePolicy", nowhere}, {"DelaySeconds", "7"}}),
            "InvalidParameterValueException: Value " + nowhere +
                " for parameter RedrivePolicy is invalid. Reason: Dead letter target does not "
                "exist.");
  EXPECT_EQ(attribute(url, "DelaySeconds"), "0");
  EXPECT_EQ(attribute(url, "RedrivePolicy"), "");
}

TEST_F(QueuesTest, RedriveIsAllowedOrNot) {
  const std::string dead =
      create("dead", {{"RedriveAllowPolicy", "{\"redrivePermission\":\"denyAll\"}"}});
  const std::string policy = redrive(dead, 3);
  EXPECT_EQ(
      sqs("CreateQueue", {{"QueueName", "source"}, {"Attributes", {{"RedrivePolicy", policy}}}})
          .error(),
      "InvalidParameterValueException");
  ok("SetQueueAttributes", {{"QueueUrl", dead},
                            {"Attributes",
                             {{"RedriveAllowPolicy",
                               "{\"redrivePermission\":\"byQueue\",\"sourceQueueArns\":"
                               "[\"arn:aws:sqs:us-east-1:000000000000:source\"]}"}}}});
  const std::string source = create("source", {{"RedrivePolicy", policy}});
  EXPECT_EQ(attribute(source, "RedrivePolicy"), policy);
  ok("SetQueueAttributes", {{"QueueUrl", source}, {"Attributes", {{"RedrivePolicy", ""}}}});
  EXPECT_EQ(attribute(source, "RedrivePolicy"), "");
}

TEST_F(QueuesTest, EncryptionAttributesAreKept) {
  const std::string url = create("secret");
  ok("SetQueueAttributes",
     {{"QueueUrl", url},
      {"Attributes", {{"KmsMasterKeyId", "key"}, {"KmsDataKeyReusePeriodSeconds", "6000"}}}});
  EXPECT_EQ(attribute(url, "KmsMasterKeyId"), "key");
  EXPECT_EQ(attribute(url, "KmsDataKeyReusePeriodSeconds"), "6000");
  EXPECT_EQ(attribute(url, "SqsManagedSseEnabled"), "false");
  ok("SetQueueAttributes", {{"QueueUrl", url}, {"Attributes", {{"SqsManagedSseEnabled", "true"}}}});
  EXPECT_EQ(attribute(url, "KmsMasterKeyId"), "");
}

TEST_F(QueuesTest, ListsByPrefixAndPage) {
  for (const char* name : {"b1", "a1", "a2", "a3"}) create(name);
  EXPECT_EQ(ok("ListQueues", Json::object())["QueueUrls"].size(), 4u);
  const Json page = ok("ListQueues", {{"QueueNamePrefix", "a"}, {"MaxResults", 2}});
  EXPECT_EQ(page["QueueUrls"].size(), 2u);
  const Json rest =
      ok("ListQueues",
         {{"QueueNamePrefix", "a"}, {"MaxResults", 2}, {"NextToken", page["NextToken"]}});
  ASSERT_EQ(rest["QueueUrls"].size(), 1u);
  EXPECT_TRUE(rest["QueueUrls"][0].get<std::string>().ends_with("/a3"));
  EXPECT_FALSE(rest.contains("NextToken"));
  EXPECT_FALSE(ok("ListQueues", {{"QueueNamePrefix", "z"}}).contains("QueueUrls"));
}

TEST_F(QueuesTest, ADeletedQueueIsGoneAndItsNameFreeUnlessSwitched) {
  freeze();
  const std::string url = create("brief");
  send(url, "a");
  ok("DeleteQueue", {{"QueueUrl", url}});
  EXPECT_EQ(sqs("SendMessage", {{"QueueUrl", url}, {"MessageBody", "b"}}).error(),
            "QueueDoesNotExist");
  create("brief");
  EXPECT_EQ(counts(url), (Texts{"0", "0", "0"}));
  ok("DeleteQueue", {{"QueueUrl", url}});
  emulator->post("/_paddock/settings/sqs", {{"name_wait", true}});
  EXPECT_EQ(sqs("CreateQueue", {{"QueueName", "brief"}}).error(), "QueueDeletedRecently");
  advance(seconds(60));
  create("brief");
}

TEST_F(QueuesTest, TagsComeAndGo) {
  const std::string url =
      ok("CreateQueue", {{"QueueName", "tagged"}, {"tags", {{"tag1", "value1"}}}})["QueueUrl"];
  ok("TagQueue", {{"QueueUrl", url}, {"Tags", {{"tag2", "value2"}, {"tag3", ""}}}});
  EXPECT_EQ(ok("ListQueueTags", {{"QueueUrl", url}})["Tags"],
            (Json{{"tag1", "value1"}, {"tag2", "value2"}, {"tag3", ""}}));
  ok("UntagQueue", {{"QueueUrl", url}, {"TagKeys", {"tag1", "tag2", "tag3"}}});
  EXPECT_FALSE(ok("ListQueueTags", {{"QueueUrl", url}}).contains("Tags"));
}

TEST_F(QueuesTest, PermissionsArePolicyStatements) {
  const std::string url = create("shared");
  const Json grant = {{"QueueUrl", url},
                      {"Label", "cross"},
                      {"AWSAccountIds", {"111111111111", "222222222222"}},
                      {"Actions", {"ReceiveMessage"}}};
  ok("AddPermission", grant);
  const Json policy = Json::parse(attribute(url, "Policy"));
  EXPECT_EQ(policy["Id"], "arn:aws:sqs:us-east-1:000000000000:shared/SQSDefaultPolicy");
  const Json& statement = policy["Statement"][0];
  EXPECT_EQ(statement["Sid"], "cross");
  EXPECT_EQ(statement["Action"], "SQS:ReceiveMessage");
  EXPECT_EQ(statement["Principal"]["AWS"],
            Json::array({"arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"}));
  EXPECT_EQ(sqs("AddPermission", grant).message(),
            "Value cross for parameter Label is invalid. Reason: Already exists.");
  ok("RemovePermission", {{"QueueUrl", url}, {"Label", "cross"}});
  EXPECT_EQ(attribute(url, "Policy"), "");
  EXPECT_EQ(sqs("RemovePermission", {{"QueueUrl", url}, {"Label", "cross"}}).message(),
            "Value cross for parameter Label is invalid. Reason: can't find label.");
}

TEST_F(QueuesTest, BatchesAnswerEntryByEntry) {
  const std::string url = create("batches", {{"MaximumMessageSize", "1024"}});
  const Json sent =
      ok("SendMessageBatch", {{"QueueUrl", url},
                              {"Entries",
                               {{{"Id", "big"}, {"MessageBody", std::string(1025, 'a')}},
                                {{"Id", "bad"}, {"MessageBody", "\x01"}},
                                {{"Id", "good"}, {"MessageBody", "a"}}}}});
  ASSERT_EQ(sent["Failed"].size(), 2u);
  EXPECT_EQ(sent["Failed"][0]["Code"], "InvalidParameterValue");
  EXPECT_EQ(sent["Failed"][0]["SenderFault"], true);
  EXPECT_EQ(sent["Failed"][1]["Code"], "InvalidMessageContents");
  ASSERT_EQ(sent["Successful"].size(), 1u);
  EXPECT_EQ(sent["Successful"][0]["Id"], "good");
  const Json got = receive_ten(url);
  const Json changed =
      ok("ChangeMessageVisibilityBatch",
         {{"QueueUrl", url},
          {"Entries",
           {{{"Id", "1"}, {"ReceiptHandle", got[0]["ReceiptHandle"]}, {"VisibilityTimeout", 60}},
            {{"Id", "2"}, {"ReceiptHandle", "INVALID"}, {"VisibilityTimeout", 60}}}}});
  EXPECT_EQ(changed["Successful"][0]["Id"], "1");
  EXPECT_EQ(changed["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
  const Json deleted =
      ok("DeleteMessageBatch", {{"QueueUrl", url},
                                {"Entries",
                                 {{{"Id", "1"}, {"ReceiptHandle", got[0]["ReceiptHandle"]}},
                                  {{"Id", "2"}, {"ReceiptHandle", got[0]["ReceiptHandle"]}}}}});
  EXPECT_EQ(deleted["Successful"].size(), 2u);
  EXPECT_EQ(counts(url), (Texts{"0", "0", "0"}));
}

TEST_F(QueuesTest, BadBatchesAreRefusedWhole) {
  const std::string url = create("refused");
  const auto error = [&](const Json& entries) {
    const CallResult result = sqs("SendMessageBatch", {{"QueueUrl", url}, {"Entries", entries}});
    return result.error() + ": " + result.message();
  };
  const auto entry = [](const std::string& id, const std::string& body = "a") {
    return Json{{"Id", id}, {"MessageBody", body}};
  };
  Json many = Json::array();
  for (int i = 0; i < 20; ++i) many.push_back(entry(std::to_string(i)));
  EXPECT_EQ(error(many),
            "TooManyEntriesInBatchRequest: Maximum number of entries per request are 10. You have "
            "sent 20.");
  EXPECT_EQ(error(Json::array()).substr(0, 18), "EmptyBatchRequest:");
  EXPECT_EQ(error({entry("a"), entry("a")}), "BatchEntryIdsNotDistinct: Id a repeated.");
  EXPECT_EQ(error(Json::array({entry("a:b")})),
            "InvalidBatchEntryId: A batch entry id can only contain alphanumeric characters, "
            "hyphens and underscores. It can be at most 80 letters long.");
  EXPECT_EQ(error({entry("1", std::string(1024 * 1024, 'a')), entry("2")}),
            "BatchRequestTooLong: Batch requests cannot be longer than 1048576 bytes. You have "
            "sent 1048577 bytes.");
  EXPECT_EQ(counts(url), (Texts{"0", "0", "0"}));
}

}  // namespace paddock::services::sqs::tests
