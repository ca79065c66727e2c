// Event notifications of buckets.
#include <map>
#include <set>

#include "acting_fixture.hpp"
#include "core/digest.hpp"
#include "services/s3/target_policy.hpp"

namespace paddock::testing {
namespace {

class S3NotificationsTest : public ActingS3Test {
 protected:
  static std::string filter(const std::string& name, const std::string& value) {
    return "<FilterRule><Name>" + name + "</Name><Value>" + value + "</Value></FilterRule>";
  }
  static std::string filters(const std::string& rules) {
    return "<Filter><S3Key>" + rules + "</S3Key></Filter>";
  }
};

TEST_F(S3NotificationsTest, ANewQueueIsSentATestEvent) {
  make_bucket("photos");
  const std::string arn = make_queue("photos", "photos");
  EXPECT_EQ(get("/photos?notification").xml("Queue"), "");
  ASSERT_EQ(put("/photos?notification", queue_notification(arn, "s3:ObjectCreated:*")).status, 200);
  const auto sent = messages("photos");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0]["Service"], "Amazon S3");
  EXPECT_EQ(sent[0]["Event"], "s3:TestEvent");
  EXPECT_EQ(sent[0]["Bucket"], "photos");
  EXPECT_TRUE(sent[0].contains("Time") && sent[0].contains("RequestId") &&
              sent[0].contains("HostId"));
  const S3Answer kept = get("/photos?notification");
  EXPECT_EQ(kept.xml("Queue"), arn);
  EXPECT_EQ(kept.xml("Event"), "s3:ObjectCreated:*");
  EXPECT_EQ(kept.xml("Id").size(), 48u);
}

TEST_F(S3NotificationsTest, AnEventHasTheMembersOfVersion21) {
  make_watched_bucket("photos", "s3:ObjectCreated:*");
  ASSERT_EQ(put("/photos/a%40b%20c", "something").status, 200);
  const auto seen = messages("photos");
  ASSERT_EQ(seen.size(), 1u);
  Json record = seen[0].at("Records").at(0);
  EXPECT_EQ(record["eventVersion"], "2.1");
  EXPECT_EQ(record["eventSource"], "aws:s3");
  EXPECT_EQ(record["awsRegion"], "us-east-1");
  EXPECT_EQ(record["eventName"], "ObjectCreated:Put");
  EXPECT_TRUE(parse_iso8601(record["eventTime"].get<std::string>()));
  EXPECT_EQ(record["requestParameters"]["sourceIPAddress"], "127.0.0.1");
  EXPECT_TRUE(record["responseElements"].contains("x-amz-request-id"));
  EXPECT_TRUE(record["responseElements"].contains("x-amz-id-2"));
  EXPECT_TRUE(record["userIdentity"].contains("principalId"));
  Json& s3 = record["s3"];
  EXPECT_EQ(s3["s3SchemaVersion"], "1.0");
  EXPECT_EQ(s3["configurationId"], get("/photos?notification").xml("Id"));
  EXPECT_EQ(s3["bucket"]["name"], "photos");
  EXPECT_EQ(s3["bucket"]["arn"], "arn:aws:s3:::photos");
  EXPECT_TRUE(s3["bucket"]["ownerIdentity"].contains("principalId"));
  EXPECT_EQ(s3["object"].size(), 4u) << s3["object"];
  EXPECT_EQ(s3["object"]["key"], "a%40b+c");
  EXPECT_EQ(s3["object"]["size"], 9);
  EXPECT_EQ(s3["object"]["eTag"], "437b930db84b8079c2dd804a71936b5f");
  EXPECT_EQ(s3["object"]["sequencer"].get<std::string>().find_first_not_of("0123456789ABCDEF"),
            std::string::npos);
}

TEST_F(S3NotificationsTest, EveryWayToWriteAnObjectHasItsEvent) {
  make_watched_bucket("photos", "s3:ObjectCreated:*");
  put("/photos/a", "one");
  ASSERT_EQ(put("/photos/b", "", {{"x-amz-copy-source", "/photos/a"}}).status, 200);
  const std::string id = post("/photos/c?uploads").xml("UploadId");
  const S3Answer part = put("/photos/c?partNumber=1&uploadId=" + id, "part");
  const S3Answer completed =
      post("/photos/c?uploadId=" + id,
           "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + part.header("etag") +
               "</ETag></Part></CompleteMultipartUpload>");
  ASSERT_EQ(completed.status, 200) << completed.body;
  std::map<std::string, std::string> names;
  for (const Json& record : records("photos")) {
    names[record["s3"]["object"]["key"]] = record["eventName"];
  }
  const std::map<std::string, std::string> expected{{"a", "ObjectCreated:Put"},
                                                    {"b", "ObjectCreated:Copy"},
                                                    {"c", "ObjectCreated:CompleteMultipartUpload"}};
  EXPECT_EQ(names, expected);
}

TEST_F(S3NotificationsTest, SequencersOfAKeyRise) {
  make_watched_bucket("photos", "s3:ObjectCreated:* s3:ObjectRemoved:*");
  put("/photos/a", "one");
  drop("/photos/a");
  put("/photos/a", "two");
  std::map<std::string, std::string> order;
  for (const Json& record : records("photos")) {
    const Json& object = record["s3"]["object"];
    order[object["sequencer"]] =
        record["eventName"].get<std::string>() + " " + object.value("eTag", "-");
  }
  std::string all;
  for (const auto& [sequencer, event] : order) all += event + ";";
  EXPECT_EQ(all,
            "ObjectCreated:Put f97c5d29941bfb1b2fdab0874906ab82;ObjectRemoved:Delete -;"
            "ObjectCreated:Put b8a9f715dbb64fd5c56e7783c6820a61;");
}

TEST_F(S3NotificationsTest, RemovalsTellMarkersFromVersions) {
  make_bucket("photos");
  set_versioning("photos", "Enabled");
  const std::string arn = make_queue("photos", "photos");
  put("/photos?notification", queue_notification(arn, "s3:ObjectRemoved:*"));
  messages("photos");
  const std::string version = put("/photos/a", "one").header("x-amz-version-id");
  const std::string marker = drop("/photos/a").header("x-amz-version-id");
  auto seen = records("photos");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0]["eventName"], "ObjectRemoved:DeleteMarkerCreated");
  EXPECT_EQ(seen[0]["s3"]["object"]["versionId"], marker);
  EXPECT_EQ(seen[0]["s3"]["object"]["eTag"], "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_FALSE(seen[0]["s3"]["object"].contains("size"));
  drop("/photos/a?versionId=" + version);
  seen = records("photos");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0]["eventName"], "ObjectRemoved:Delete");
  EXPECT_EQ(seen[0]["s3"]["object"]["versionId"], version);
  EXPECT_FALSE(seen[0]["s3"]["object"].contains("eTag"));
}

TEST_F(S3NotificationsTest, EachKeyOfABatchDeletionHasItsEvent) {
  make_watched_bucket("photos", "s3:ObjectRemoved:Delete");
  for (const char* key : {"a", "b", "c"}) put(std::string("/photos/") + key, "x");
  const std::string body =
      "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object>"
      "<Object><Key>never</Key></Object></Delete>";
  ASSERT_EQ(post("/photos?delete", body, {{"content-md5", to_base64(md5(body))}}).status, 200);
  std::set<std::string> keys;
  for (const Json& record : records("photos")) keys.insert(record["s3"]["object"]["key"]);
  EXPECT_EQ(keys, (std::set<std::string>{"a", "b"}));
}

TEST_F(S3NotificationsTest, TaggingIsToldInVersion23) {
  make_watched_bucket("photos", "s3:ObjectTagging:*");
  put("/photos/a", "one");
  put("/photos/a?tagging",
      "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>");
  auto seen = records("photos");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0]["eventName"], "ObjectTagging:Put");
  EXPECT_EQ(seen[0]["eventVersion"], "2.3");
  EXPECT_EQ(seen[0]["s3"]["object"],
            (Json{{"key", "a"}, {"eTag", "f97c5d29941bfb1b2fdab0874906ab82"}}));
  drop("/photos/a?tagging");
  seen = records("photos");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0]["eventName"], "ObjectTagging:Delete");
}

TEST_F(S3NotificationsTest, FormsAndAclsAreTold) {
  make_watched_bucket("photos", "s3:ObjectCreated:Post s3:ObjectAcl:Put");
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello\r\n"
      "--b--\r\n";
  const S3Answer made =
      post("/photos", form,
           {{"authorization", ""}, {"content-type", "multipart/form-data; boundary=b"}});
  ASSERT_EQ(made.status, 204) << made.body;
  put("/photos?ownershipControls",
      "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>"
      "</OwnershipControls>");
  ASSERT_EQ(put("/photos/a?acl", "", {{"x-amz-acl", "private"}}).status, 200);
  const std::vector<Json> seen = records("photos");
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0]["eventName"], "ObjectCreated:Post");
  EXPECT_EQ(seen[0]["s3"]["object"]["size"], 5);
  EXPECT_EQ(seen[1]["eventName"], "ObjectAcl:Put");
  EXPECT_EQ(seen[1]["eventVersion"], "2.3");
}

TEST_F(S3NotificationsTest, FiltersLookAtTheDecodedKey) {
  make_bucket("photos");
  const std::string arn = make_queue("photos", "photos");
  const std::string rules = filters(filter("PREFIX", "in box/") + filter("suffix", ".txt"));
  const S3Answer set =
      put("/photos?notification", queue_notification(arn, "s3:ObjectCreated:*", rules));
  ASSERT_EQ(set.status, 200) << set.body;
  const S3Answer kept = get("/photos?notification");
  EXPECT_EQ(kept.all("Name"), "Prefix Suffix");
  EXPECT_EQ(kept.all("Value"), "in box/ .txt");
  messages("photos");
  for (const char* key : {"in%20box/a.txt", "in%20box/a.jpg", "out/a.txt"}) {
    put(std::string("/photos/") + key, "x");
  }
  const auto seen = records("photos");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0]["s3"]["object"]["key"], "in+box/a.txt");
}

TEST_F(S3NotificationsTest, AFunctionIsInvokedIfItsPolicyLetsS3In) {
  make_bucket("photos");
  const std::string zip = std::string("PK\x05\x06", 4) + std::string(18, '\0');
  const Json function = {{"FunctionName", "remember"},
                         {"Runtime", "provided.al2023"},
                         {"Handler", "remember_s3"},
                         {"Role", "arn:aws:iam::000000000000:role/r"},
                         {"Code", {{"ZipFile", to_base64(zip)}}}};
  const CallResult made = emulator_->call("lambda", "CreateFunction", function);
  ASSERT_TRUE(made.ok()) << made.text;
  const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:remember";
  const std::string wanted =
      "<NotificationConfiguration><CloudFunctionConfiguration><Id>mine</Id><CloudFunction>" + arn +
      "</CloudFunction><Event>s3:ObjectCreated:Put</Event></CloudFunctionConfiguration>"
      "</NotificationConfiguration>";
  const S3Answer refused = put("/photos?notification", wanted);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.error(), "InvalidArgument");
  EXPECT_EQ(refused.xml("Message"), "Unable to validate the following destination configurations");
  EXPECT_EQ(refused.xml("ArgumentName1"), arn + ", null");
  EXPECT_EQ(refused.xml("ArgumentValue1"), "Not authorized to invoke function [" + arn + "]");
  const CallResult allowed = emulator_->call("lambda", "AddPermission",
                                             {{"FunctionName", "remember"},
                                              {"StatementId", "s3"},
                                              {"Action", "lambda:InvokeFunction"},
                                              {"Principal", "s3.amazonaws.com"},
                                              {"SourceArn", "arn:aws:s3:::photos"},
                                              {"SourceAccount", "000000000000"}});
  ASSERT_TRUE(allowed.ok()) << allowed.text;
  const S3Answer set = put("/photos?notification", wanted);
  ASSERT_EQ(set.status, 200) << set.body;
  put("/photos/a", "one");
  emulator_->wait_idle();
  const auto events = s3_events().take();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["Records"][0]["s3"]["configurationId"], "mine");
  EXPECT_EQ(events[0]["Records"][0]["s3"]["object"]["key"], "a");
}

TEST_F(S3NotificationsTest, ATopicPassesTheEventOn) {
  make_bucket("photos");
  const std::string topic = "arn:aws:sns:us-east-1:000000000000:news";
  ASSERT_TRUE(emulator_->call("sns", "CreateTopic", {{"Name", "news"}}).ok());
  const std::string wanted = "<NotificationConfiguration><TopicConfiguration><Topic>" + topic +
                             "</Topic><Event>s3:ObjectCreated:*</Event></TopicConfiguration>"
                             "</NotificationConfiguration>";
  const S3Answer refused = put("/photos?notification", wanted);
  EXPECT_EQ(refused.xml("ArgumentValue1"),
            "Permissions on the destination topic do not allow S3 to publish notifications from "
            "this bucket");
  const Json policy = {{"TopicArn", topic},
                       {"AttributeName", "Policy"},
                       {"AttributeValue", policy_for("SNS:Publish", topic, "photos")}};
  ASSERT_TRUE(emulator_->call("sns", "SetTopicAttributes", policy).ok());
  const std::string queue = make_queue("copies", "other");
  ASSERT_TRUE(emulator_
                  ->call("sns", "Subscribe",
                         {{"TopicArn", topic}, {"Protocol", "sqs"}, {"Endpoint", queue}})
                  .ok());
  ASSERT_EQ(put("/photos?notification", wanted).status, 200);
  auto sent = messages("copies");
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0]["Subject"], "Amazon S3 Notification");
  EXPECT_EQ(Json::parse(sent[0]["Message"].get<std::string>())["Event"], "s3:TestEvent");
  put("/photos/a", "one");
  sent = messages("copies");
  ASSERT_EQ(sent.size(), 1u);
  const Json event = Json::parse(sent[0]["Message"].get<std::string>());
  EXPECT_EQ(event["Records"][0]["eventName"], "ObjectCreated:Put");
}

TEST_F(S3NotificationsTest, DestinationsAreChecked) {
  make_bucket("photos");
  const auto refused = [&](const std::string& arn, const Fields& fields = {}) {
    return put("/photos?notification", queue_notification(arn, "s3:ObjectCreated:*"), fields);
  };
  const S3Answer malformed =
      refused("invalid-queue", {{"x-amz-skip-destination-validation", "true"}});
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(malformed.error(), "InvalidArgument");
  EXPECT_EQ(malformed.xml("Message"), "The ARN could not be parsed");
  EXPECT_EQ(malformed.xml("ArgumentName"), "Queue");
  EXPECT_EQ(malformed.xml("ArgumentValue"), "invalid-queue");
  const std::string nowhere = "arn:aws:sqs:us-east-1:000000000000:nowhere";
  const S3Answer missing = refused(nowhere);
  EXPECT_EQ(missing.xml("Message"), "Unable to validate the following destination configurations");
  EXPECT_EQ(missing.xml("ArgumentName1"), nowhere);
  EXPECT_EQ(missing.xml("ArgumentValue1"), "The destination queue does not exist");
  EXPECT_EQ(refused(make_queue("strict", "another-bucket")).xml("ArgumentValue1"),
            "Permissions on the destination queue do not allow S3 to publish notifications from "
            "this bucket");
  EXPECT_EQ(get("/photos?notification").xml("Queue"), "");
  EXPECT_EQ(refused(nowhere, {{"x-amz-skip-destination-validation", "true"}}).status, 200);
  EXPECT_EQ(get("/photos?notification").xml("Queue"), nowhere);
  // What nobody can take is dropped.
  put("/photos/a", "one");
  emulator_->wait_idle();
  ASSERT_EQ(put("/photos?notification", "<NotificationConfiguration/>").status, 200);
  EXPECT_EQ(get("/photos?notification").xml("Queue"), "");
}

TEST_F(S3NotificationsTest, ConfigurationsAreChecked) {
  make_bucket("photos");
  const std::string arn = make_queue("photos", "photos");
  const S3Answer unknown = put("/photos?notification", queue_notification(arn, "s3:ObjectEaten"));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.error(), "InvalidArgument");
  EXPECT_EQ(unknown.xml("Message"), "The event is not supported for notifications");
  const S3Answer rule =
      put("/photos?notification",
          queue_notification(arn, "s3:ObjectCreated:*", filters(filter("infix", "x"))));
  EXPECT_EQ(rule.xml("Message"), "filter rule name must be either prefix or suffix");
  const auto two = [&](const std::string& one, const std::string& other) {
    const auto configuration = [&](const std::string& more) {
      return "<QueueConfiguration><Queue>" + arn + "</Queue>" + more + "</QueueConfiguration>";
    };
    return put("/photos?notification", "<NotificationConfiguration>" + configuration(one) +
                                           configuration(other) + "</NotificationConfiguration>");
  };
  const std::string put_event = "<Event>s3:ObjectCreated:Put</Event>";
  const std::string any_event = "<Event>s3:ObjectCreated:*</Event>";
  const S3Answer overlap =
      two(put_event + filters(filter("prefix", "a")), any_event + filters(filter("prefix", "ab")));
  EXPECT_EQ(overlap.error(), "InvalidArgument");
  EXPECT_EQ(overlap.xml("Message"),
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules "
            "if the prefixes are overlapping for the same event type.");
  EXPECT_EQ(
      two("<Id>same</Id>" + put_event, "<Id>same</Id><Event>s3:ObjectRemoved:*</Event>").status,
      400);
  EXPECT_EQ(two(put_event + filters(filter("prefix", "a") + filter("suffix", ".jpg")),
                any_event + filters(filter("prefix", "ab") + filter("suffix", ".png")))
                .status,
            200);
}

TEST_F(S3NotificationsTest, WhatWasAcknowledgedIsToldAfterARestart) {
  const TempDir directory;
  open(TestEmulator::durable_options(directory.path()));
  make_watched_bucket("photos", "s3:ObjectCreated:*");
  for (int i = 0; i < 20; i++) put("/photos/" + std::to_string(i), "x");
  open(TestEmulator::durable_options(directory.path()));
  std::set<std::string> keys;
  for (const Json& record : records("photos")) keys.insert(record["s3"]["object"]["key"]);
  EXPECT_EQ(keys.size(), 20u);
  emulator_.reset();
}

TEST(S3TargetPolicyTest, AStatementMustAllowS3AndNoneDenyIt) {
  using services::s3::lets_s3_in;
  const services::s3::Wish wish{"sqs:SendMessage", "arn:aws:sqs:us-east-1:1:q", "arn:aws:s3:::b",
                                "000000000001"};
  const auto policy = [](const std::string& statements) {
    return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}";
  };
  const std::string all = R"({"Effect":"Allow","Principal":"*","Action":"SQS:*","Resource":"*"})";
  EXPECT_TRUE(lets_s3_in(policy(all), wish));
  EXPECT_FALSE(lets_s3_in("", wish));
  EXPECT_FALSE(lets_s3_in("[]", wish));
  EXPECT_FALSE(lets_s3_in(policy(""), wish));
  EXPECT_FALSE(
      lets_s3_in(policy(all + R"(,{"Effect":"Deny","Principal":{"Service":["s3.amazonaws.com"]},)"
                              R"("Action":"sqs:Send*"})"),
                 wish));
  const auto with = [&](const std::string& condition) {
    return policy(R"({"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},)"
                  R"("Action":["sqs:SendMessage"],"Resource":"arn:aws:sqs:*:1:q","Condition":)" +
                  condition + "}");
  };
  EXPECT_TRUE(lets_s3_in(with(R"({"StringEquals":{"aws:SourceAccount":"000000000001"},)"
                              R"("ArnLike":{"aws:SourceArn":"arn:*:s3:*:*:?"}})"),
                         wish));
  EXPECT_FALSE(lets_s3_in(with(R"({"StringEquals":{"aws:SourceAccount":"000000000002"}})"), wish));
  EXPECT_FALSE(lets_s3_in(with(R"({"StringEquals":{"aws:PrincipalOrgID":"o-1"}})"), wish));
  EXPECT_TRUE(lets_s3_in(with(R"({"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}})"), wish));
  EXPECT_FALSE(lets_s3_in(with(R"({"NumericEquals":{"aws:SourceAccount":"1"}})"), wish));
}

}  // namespace
}  // namespace paddock::testing
