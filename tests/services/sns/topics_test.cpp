// Topics: names, attributes, policies, tags.
#include "tests/services/sns/sns_fixture.hpp"

namespace paddock::services::sns::testing {
namespace topics_tests {

constexpr const char* kNews = "arn:aws:sns:us-east-1:000000000000:news";

class TopicsTest : public SnsTest {};

TEST_F(TopicsTest, IsCreatedOnceAndShowsItsDefaults) {
  EXPECT_EQ(topic(), kNews);
  EXPECT_EQ(topic(), kNews);
  const Json shown = topic_attributes(kNews);
  EXPECT_EQ(shown["TopicArn"], kNews);
  EXPECT_EQ(shown["Owner"], "000000000000");
  EXPECT_EQ(shown["DisplayName"], "");
  EXPECT_EQ(shown["SubscriptionsConfirmed"], "0");
  EXPECT_FALSE(shown.contains("FifoTopic"));
  EXPECT_EQ(Json::parse(shown["EffectiveDeliveryPolicy"].get<std::string>()),
            Json::parse(R"({"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,
              "maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,
              "numMinDelayRetries":0,"backoffFunction":"linear"},
              "disableSubscriptionOverrides":false,
              "defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}})"));
  const Json policy = Json::parse(shown["Policy"].get<std::string>());
  EXPECT_EQ(policy["Id"], "__default_policy_ID");
  EXPECT_EQ(policy["Statement"][0]["Condition"]["StringEquals"]["AWS:SourceOwner"], "000000000000");
}

TEST_F(TopicsTest, OtherAttributesOrTagsOfAnExistingTopicAreRefused) {
  topic("news", {{"DisplayName", "Value1"}});
  EXPECT_EQ(topic("news", {{"DisplayName", "Value1"}}), kNews);
  EXPECT_EQ(topic(), kNews);
  const char* kOther =
      "InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with "
      "different attributes";
  EXPECT_EQ(refused("CreateTopic",
                    with({{"Name", "news"}}, map("Attributes", {{"DisplayName", "Value2"}}))),
            kOther);
  EXPECT_EQ(refused("CreateTopic",
                    with({{"Name", "news"}}, map("Attributes", {{"SignatureVersion", "2"}}))),
            kOther);
  EXPECT_EQ(refused("CreateTopic",
                    {{"Name", "news"}, {"Tags.member.1.Key", "k"}, {"Tags.member.1.Value", "v"}}),
            "InvalidParameter: Invalid parameter: Tags Reason: Topic already exists with "
            "different tags");
}

TEST_F(TopicsTest, NamesAreBounded) {
  EXPECT_NE(topic(std::string(256, 'a')), "");
  const char* kBad = "InvalidParameter: Invalid parameter: Topic Name";
  for (const std::string& name : {std::string(), std::string(257, 'a'), std::string("a.fifo"),
                                  std::string("a b"), std::string("a!"), std::string("ä")}) {
    EXPECT_EQ(refused("CreateTopic", {{"Name", name}}), kBad) << name;
  }
  EXPECT_EQ(
      refused("CreateTopic", with({{"Name", "a"}}, map("Attributes", {{"FifoTopic", "true"}}))),
      kBad);
}

TEST_F(TopicsTest, FifoTopicsShowThatTheyAre) {
  const std::string arn = topic("news.fifo", {{"FifoTopic", "true"}});
  const Json shown = topic_attributes(arn);
  EXPECT_EQ(shown["FifoTopic"], "true");
  EXPECT_EQ(shown["ContentBasedDeduplication"], "false");
  EXPECT_EQ(
      refused("SetTopicAttributes",
              {{"TopicArn", arn}, {"AttributeName", "FifoTopic"}, {"AttributeValue", "false"}}),
      "InvalidParameter: Invalid parameter: AttributeName");
}

TEST_F(TopicsTest, ArnsAreChecked) {
  EXPECT_EQ(refused("GetTopicAttributes", {{"TopicArn", "randomtopic"}}),
            "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 "
            "elements, not 1");
  EXPECT_EQ(refused("GetTopicAttributes", {{"TopicArn", kNews}}), "NotFound: Topic does not exist");
  EXPECT_EQ(refused("GetTopicAttributes", {{"TopicArn", kNews}}, {"test", "eu-central-1"}),
            "InvalidParameter: Invalid parameter: TopicArn");
  EXPECT_EQ(call("DeleteTopic", {{"TopicArn", kNews}}).status, 200);
}

TEST_F(TopicsTest, AttributesAreCheckedAndKept) {
  topic();
  const auto set = [this](const std::string& name, const std::string& value) {
    const CallResult result =
        call("SetTopicAttributes",
             {{"TopicArn", kNews}, {"AttributeName", name}, {"AttributeValue", value}});
    return result.ok() ? std::string() : result.message();
  };
  EXPECT_EQ(set("DisplayName", "News"), "");
  EXPECT_EQ(set("SignatureVersion", "2"), "");
  EXPECT_EQ(set("SQSSuccessFeedbackSampleRate", "50"), "");
  EXPECT_EQ(set("Nonsense", "x"), "Invalid parameter: AttributeName");
  EXPECT_EQ(set("SignatureVersion", "3"),
            "Invalid parameter: SignatureVersion: Invalid value [3].");
  EXPECT_EQ(set("SQSSuccessFeedbackSampleRate", "101"),
            "Invalid parameter: SQSSuccessFeedbackSampleRate: Invalid value [101].");
  EXPECT_EQ(set("ContentBasedDeduplication", "true"), "Invalid parameter: AttributeName");
  EXPECT_EQ(
      call("SetTopicAttributes",
           {{"TopicArn", kNews}, {"AttributeName", "ArchivePolicy"}, {"AttributeValue", "{}"}})
          .status,
      501);
  const Json shown = topic_attributes(kNews);
  EXPECT_EQ(shown["DisplayName"], "News");
  EXPECT_EQ(shown["SignatureVersion"], "2");
}

TEST_F(TopicsTest, DeliveryPoliciesAreShownAsTheyHold) {
  topic();
  const auto set = [this](const std::string& value) {
    return call(
        "SetTopicAttributes",
        {{"TopicArn", kNews}, {"AttributeName", "DeliveryPolicy"}, {"AttributeValue", value}});
  };
  ASSERT_TRUE(set(R"({"http":{"defaultHealthyRetryPolicy":
    {"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1}}})")
                  .ok());
  Json shown = topic_attributes(kNews);
  EXPECT_EQ(shown["DeliveryPolicy"],
            R"({"http":{"defaultHealthyRetryPolicy":{"maxDelayTarget":6,"minDelayTarget":5,)"
            R"("numRetries":1},"disableSubscriptionOverrides":false}})");
  const Json effective = Json::parse(shown["EffectiveDeliveryPolicy"].get<std::string>());
  EXPECT_EQ(effective["http"]["defaultHealthyRetryPolicy"]["numRetries"], 1);
  ASSERT_TRUE(set(R"({"http":{"defaultHealthyRetryPolicy":null}})").ok());
  EXPECT_EQ(topic_attributes(kNews)["DeliveryPolicy"],
            R"({"http":{"disableSubscriptionOverrides":false}})");
  ASSERT_TRUE(set("").ok());
  EXPECT_FALSE(topic_attributes(kNews).contains("DeliveryPolicy"));
  for (const char* bad : {"{", "[]", R"({"http":3})", R"({"https":{}})",
                          R"({"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}})",
                          R"({"http":{"defaultHealthyRetryPolicy":{"numRetries":"3"}}})",
                          R"({"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":30}}})",
                          R"({"http":{"defaultRequestPolicy":{"headerContentType":"a\nb"}}})"}) {
    EXPECT_EQ(set(bad).error(), "InvalidParameter") << bad;
  }
}

TEST_F(TopicsTest, PermissionsAreStatementsOfThePolicy) {
  topic();
  const Json asked = {{"TopicArn", kNews},
                      {"Label", "test"},
                      {"AWSAccountId.member.1", "111111111111"},
                      {"ActionName.member.1", "Publish"}};
  ASSERT_TRUE(call("AddPermission", asked).ok());
  Json policy = Json::parse(topic_attributes(kNews)["Policy"].get<std::string>());
  ASSERT_EQ(policy["Statement"].size(), 2u);
  EXPECT_EQ(policy["Statement"][1],
            Json({{"Sid", "test"},
                  {"Effect", "Allow"},
                  {"Principal", {{"AWS", "arn:aws:iam::111111111111:root"}}},
                  {"Action", "SNS:Publish"},
                  {"Resource", kNews}}));
  EXPECT_EQ(refused("AddPermission", asked),
            "InvalidParameter: Invalid parameter: Statement already exists");
  EXPECT_EQ(refused("AddPermission", with(asked, {{"Label", "b"}, {"ActionName.member.1", "Fly"}})),
            "InvalidParameter: Invalid parameter: Policy statement action out of service scope!");
  EXPECT_EQ(refused("RemovePermission", {{"TopicArn", std::string(kNews) + "x"}, {"Label", "a"}}),
            "NotFound: Topic does not exist");
  ASSERT_TRUE(call("RemovePermission", {{"TopicArn", kNews}, {"Label", "test"}}).ok());
  policy = Json::parse(topic_attributes(kNews)["Policy"].get<std::string>());
  EXPECT_EQ(policy["Statement"].size(), 1u);
}

TEST_F(TopicsTest, TagsAreKeptByKey) {
  topic();
  const Json pair = {{"ResourceArn", kNews},
                     {"Tags.member.1.Key", "k1"},
                     {"Tags.member.1.Value", "v1"},
                     {"Tags.member.2.Key", "k2"},
                     {"Tags.member.2.Value", "v2"}};
  ASSERT_TRUE(call("TagResource", pair).ok());
  EXPECT_EQ(refused("TagResource", with(pair, {{"Tags.member.2.Key", "k1"}})),
            "InvalidParameter: Invalid parameter: Duplicated keys are not allowed.");
  ASSERT_TRUE(call("UntagResource", {{"ResourceArn", kNews}, {"TagKeys.member.1", "k1"}}).ok());
  const CallResult left = call("ListTagsForResource", {{"ResourceArn", kNews}});
  EXPECT_EQ(elements(left.text, "Key"), std::vector<std::string>{"k2"});
  EXPECT_EQ(refused("ListTagsForResource", {{"ResourceArn", std::string(kNews) + "x"}}),
            "ResourceNotFound: Resource does not exist");
}

TEST_F(TopicsTest, ListsComeInPagesOfAHundred) {
  for (int i = 0; i < 105; ++i) topic("t" + std::to_string(1000 + i));
  const CallResult first = call("ListTopics", {});
  EXPECT_EQ(elements(first.text, "TopicArn").size(), 100u);
  const CallResult second = call("ListTopics", {{"NextToken", element(first.text, "NextToken")}});
  EXPECT_EQ(elements(second.text, "TopicArn").size(), 5u);
  EXPECT_EQ(element(second.text, "NextToken"), "");
  EXPECT_EQ(call("ListTopics", {{"NextToken", "?"}}).error(), "InvalidParameter");
}

TEST_F(TopicsTest, RegionsAndAccountsAreApart) {
  topic();
  EXPECT_EQ(elements(call("ListTopics", {}, {"test", "eu-west-1"}).text, "TopicArn").size(), 0u);
  EXPECT_EQ(elements(call("ListTopics", {}, {"111111111111"}).text, "TopicArn").size(), 0u);
}

TEST_F(TopicsTest, DataProtectionPolicyIsARecord) {
  topic();
  const std::string policy = R"({"Name":"p","Version":"2021-06-01","Statement":[]})";
  ASSERT_TRUE(
      call("PutDataProtectionPolicy", {{"ResourceArn", kNews}, {"DataProtectionPolicy", policy}})
          .ok());
  EXPECT_EQ(
      text_in(call("GetDataProtectionPolicy", {{"ResourceArn", kNews}}), "DataProtectionPolicy"),
      policy);
  EXPECT_EQ(
      call("PutDataProtectionPolicy", {{"ResourceArn", kNews}, {"DataProtectionPolicy", "[]"}})
          .error(),
      "InvalidParameter");
}

}  // namespace topics_tests
}  // namespace paddock::services::sns::testing
