// Mails, texts and push notifications in the local mailbox; mobile endpoints; SMS records.
#include "tests/services/sns/sns_fixture.hpp"

namespace paddock::services::sns::testing {
namespace mailbox_tests {

class MailboxTest : public SnsTest {
 protected:
  std::string application(const std::string& platform = "GCM") {
    return text_in(
        call("CreatePlatformApplication", with({{"Name", "app"}, {"Platform", platform}},
                                               map("Attributes", {{"PlatformCredential", "secret"},
                                                                  {"PlatformPrincipal", "me"}}))),
        "PlatformApplicationArn");
  }
  std::string device(const std::string& app, const std::string& token = "token_1",
                     const Json& more = {}) {
    Json input = {{"PlatformApplicationArn", app}, {"Token", token}};
    if (more.is_object()) input.update(more);
    return text_in(call("CreatePlatformEndpoint", input), "EndpointArn");
  }
};

TEST_F(MailboxTest, MailsAreConfirmedByTheirLink) {
  const std::string arn = topic("news", {{"DisplayName", "News"}});
  const std::string id = subscribe(arn, "email", "reader@example.com");
  const Json asked = mails().at(0);
  EXPECT_EQ(asked["Kind"], "email");
  EXPECT_EQ(asked["To"], "reader@example.com");
  EXPECT_EQ(asked["Subject"], "AWS Notification - Subscription Confirmation");
  const std::string link = asked["Details"]["SubscribeURL"];
  EXPECT_NE(asked["Text"].get<std::string>().find(link), std::string::npos);
  emulator().get(link.substr(emulator().url().size()));
  EXPECT_EQ(subscription_attributes(id)["PendingConfirmation"], "false");
  ASSERT_EQ(emulator().request("DELETE", "/_paddock/mailbox", {}).status, 204);
  publish(arn, "hello", {{"Subject", "greeting"}});
  const Json mail = mails().at(0);
  EXPECT_EQ(mail["Subject"], "greeting");
  EXPECT_TRUE(mail["Text"].get<std::string>().starts_with("hello\n"));
  EXPECT_TRUE(mail["From"].get<std::string>().starts_with("News "));
}

TEST_F(MailboxTest, MailsOfJsonAreSigned) {
  const std::string arn = topic();
  subscribe(arn, "email-json", "reader@example.com");
  const std::string link = mails().at(0)["Details"]["SubscribeURL"];
  emulator().get(link.substr(emulator().url().size()));
  publish(arn, "hello");
  const Json mail = mails().at(1);
  const Json document = Json::parse(mail["Text"].get<std::string>());
  EXPECT_EQ(document["Message"], "hello");
  EXPECT_TRUE(verifies(document));
}

TEST_F(MailboxTest, TextsAreShownAsLocalStackShowsThem) {
  publish(topic(), "nobody");
  const CallResult sent = call("Publish", with({{"PhoneNumber", "+15551234567"}, {"Message", "hi"}},
                                               attributes({{"a", {"String", "b"}}})));
  ASSERT_TRUE(sent.ok());
  const std::string arn = topic();
  const std::string id = subscribe(arn, "sms", "+15557654321");
  publish(arn, "to all", {{"Subject", "s"}});
  emulator().wait_idle();
  const Json shown = emulator().get("/_aws/sns/sms-messages").body;
  EXPECT_EQ(shown["region"], "us-east-1");
  const Json one = shown["sms_messages"]["+15551234567"][0];
  EXPECT_EQ(one["Message"], "hi");
  EXPECT_EQ(one["PhoneNumber"], "+15551234567");
  EXPECT_EQ(one["MessageId"], element(sent.text, "MessageId"));
  EXPECT_TRUE(one["TopicArn"].is_null());
  const Json other = shown["sms_messages"]["+15557654321"][0];
  EXPECT_EQ(other["TopicArn"], arn);
  EXPECT_EQ(other["SubscriptionArn"], id);
  EXPECT_EQ(other["Subject"], "s");
  const Json chosen = emulator().get("/_aws/sns/sms-messages?phoneNumber=%2B15557654321").body;
  EXPECT_EQ(chosen["sms_messages"].size(), 1u);
  ASSERT_EQ(
      emulator().request("DELETE", "/_aws/sns/sms-messages?phoneNumber=%2B15551234567", {}).status,
      204);
  EXPECT_EQ(emulator().get("/_aws/sns/sms-messages").body["sms_messages"].size(), 1u);
  EXPECT_EQ(emulator().get("/_aws/sns/nonsense").status, 404);
}

TEST_F(MailboxTest, PushNotificationsAreShownAsLocalStackShowsThem) {
  const std::string target = device(application());
  ASSERT_TRUE(call("Publish", {{"TargetArn", target},
                               {"Message", R"({"GCM":"for this one"})"},
                               {"MessageStructure", "json"}})
                  .ok());
  const std::string arn = topic();
  subscribe(arn, "application", target);
  publish(arn, R"({"default":"d","GCM":"by topic"})", {{"MessageStructure", "json"}});
  emulator().wait_idle();
  const Json shown = emulator().get("/_aws/sns/platform-endpoint-messages").body;
  const Json& list = shown["platform_endpoint_messages"][target];
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0]["Message"], "for this one");
  EXPECT_EQ(list[0]["TargetArn"], target);
  EXPECT_EQ(list[1]["Message"], "by topic");
  EXPECT_EQ(list[1]["TopicArn"], arn);
  ASSERT_TRUE(call("SetEndpointAttributes",
                   with({{"EndpointArn", target}}, map("Attributes", {{"Enabled", "false"}})))
                  .ok());
  EXPECT_EQ(refused("Publish", {{"TargetArn", target}, {"Message", "m"}}),
            "EndpointDisabled: Endpoint is disabled");
}

TEST_F(MailboxTest, ApplicationsAreChecked) {
  const auto problem = [this](const std::string& name, const std::string& platform,
                              const Json& more) {
    return unescaped(call("CreatePlatformApplication",
                          with({{"Name", name}, {"Platform", platform}}, map("Attributes", more)))
                         .message());
  };
  const Json both = {{"PlatformCredential", "c"}, {"PlatformPrincipal", "p"}};
  EXPECT_EQ(problem("app", "AAA", both),
            "Invalid parameter: Platform Reason: AAA is not supported");
  EXPECT_EQ(problem("", "GCM", both), "Invalid parameter:  Reason: cannot be empty");
  EXPECT_EQ(problem("@name", "GCM", both),
            "Invalid parameter: @name Reason: must contain only characters 'a'-'z', 'A'-'Z', "
            "'0'-'9', '_', '-', and '.'");
  EXPECT_EQ(problem("app", "GCM", {{"PlatformCredential", "c"}}),
            "Invalid parameter: Attributes Reason: PlatformCredential attribute provided without "
            "PlatformPrincipal");
  EXPECT_EQ(refused("CreatePlatformApplication", {{"Name", "app"}, {"Platform", "GCM"}}),
            "ValidationError: 1 validation error detected: Value null at 'attributes' failed to "
            "satisfy constraint: Member must not be null");
  EXPECT_EQ(refused("GetPlatformApplicationAttributes", {{"PlatformApplicationArn", "x"}}),
            "InvalidParameter: Invalid parameter: PlatformApplicationArn Reason: An ARN must have "
            "at least 6 elements, not 1");
  EXPECT_EQ(
      refused("GetPlatformApplicationAttributes",
              {{"PlatformApplicationArn", "arn:aws:sns:us-east-1:000000000000:app/GCM/none"}}),
      "NotFound: PlatformApplication does not exist");
  const std::string arn = application();
  EXPECT_EQ(
      attributes_in(call("GetPlatformApplicationAttributes", {{"PlatformApplicationArn", arn}})),
      Json({{"Enabled", "true"}}));
}

TEST_F(MailboxTest, DevicesAreMadeOncePerToken) {
  const std::string app = application("ADM");
  const std::string arn = device(app);
  EXPECT_EQ(device(app), arn);
  EXPECT_EQ(
      refused("CreatePlatformEndpoint",
              {{"PlatformApplicationArn", app}, {"Token", "token_1"}, {"CustomUserData", "other"}}),
      "InvalidParameter: Invalid parameter: Token Reason: Endpoint " + arn +
          " already exists with the same Token, but different attributes.");
  EXPECT_EQ(attributes_in(call("GetEndpointAttributes", {{"EndpointArn", arn}})),
            Json({{"Enabled", "true"}, {"Token", "token_1"}}));
  EXPECT_EQ(refused("SetEndpointAttributes",
                    with({{"EndpointArn", arn}}, map("Attributes", {{"InvalidKey", "x"}}))),
            "InvalidParameter: Invalid parameter: Attributes Reason: Invalid attribute name: "
            "InvalidKey");
  EXPECT_EQ(refused("SetEndpointAttributes",
                    with({{"EndpointArn", "arn:aws:sns:us-east-1:000000000000:endpoint/x"}},
                         map("Attributes", {{"Enabled", "true"}}))),
            "InvalidParameter: Invalid parameter: EndpointArn Reason: Wrong number of slashes in "
            "relative portion of the ARN.");
  ASSERT_TRUE(call("DeleteEndpoint", {{"EndpointArn", arn}}).ok());
  EXPECT_EQ(refused("GetEndpointAttributes", {{"EndpointArn", arn}}),
            "NotFound: Endpoint does not exist");
  const std::string second = device(app, "token_2");
  ASSERT_TRUE(call("DeletePlatformApplication", {{"PlatformApplicationArn", app}}).ok());
  EXPECT_EQ(call("GetEndpointAttributes", {{"EndpointArn", second}}).error(), "NotFound");
}

TEST_F(MailboxTest, OptedOutNumbersGetNothing) {
  ASSERT_EQ(emulator().request("POST", "/_aws/sns/opt-out?phoneNumber=%2B15551234567", {}).status,
            204);
  EXPECT_EQ(element(call("CheckIfPhoneNumberIsOptedOut", {{"phoneNumber", "+15551234567"}}).text,
                    "isOptedOut"),
            "true");
  ASSERT_TRUE(call("Publish", {{"PhoneNumber", "+15551234567"}, {"Message", "m"}}).ok());
  EXPECT_EQ(mails().size(), 0u);
  EXPECT_NE(call("ListPhoneNumbersOptedOut", {}).text.find("+15551234567"), std::string::npos);
  ASSERT_TRUE(call("OptInPhoneNumber", {{"phoneNumber", "+15551234567"}}).ok());
  ASSERT_TRUE(call("Publish", {{"PhoneNumber", "+15551234567"}, {"Message", "m"}}).ok());
  EXPECT_EQ(mails().size(), 1u);
  EXPECT_EQ(refused("OptInPhoneNumber", {{"phoneNumber", "no"}}),
            "InvalidParameter: Invalid parameter: PhoneNumber Reason: input incorrectly formatted");
}

TEST_F(MailboxTest, SmsAttributesAreChecked) {
  const auto set = [this](const std::string& name, const std::string& value) {
    return call("SetSMSAttributes", map("attributes", {{name, value}})).message();
  };
  EXPECT_EQ(attributes_in(call("GetSMSAttributes", {})), Json({{"MonthlySpendLimit", "1"}}));
  EXPECT_EQ(set("DefaultSMSType", "Promotional"), "");
  EXPECT_EQ(set("DefaultSenderID", "LSTest"), "");
  EXPECT_EQ(set("InvalidAttribute", "x"), "InvalidAttribute is not a valid attribute");
  EXPECT_EQ(set("DefaultSenderID", "123456789012"), "DefaultSendID is not a valid attribute");
  EXPECT_EQ(set("DefaultSenderID", "123"), "DefaultSendID is not a valid attribute");
  EXPECT_EQ(set("DefaultSMSType", "Nonsense"), "DefaultSMSType is invalid");
  EXPECT_EQ(attributes_in(call("GetSMSAttributes", {{"attributes.member.1", "DefaultSenderID"}})),
            Json({{"DefaultSenderID", "LSTest"}}));
}

TEST_F(MailboxTest, SandboxNumbersAreVerifiedByTheCodeTheyGet) {
  const Json number = {{"PhoneNumber", "+15551234567"}};
  ASSERT_TRUE(call("CreateSMSSandboxPhoneNumber", number).ok());
  const std::string text = mails("?kind=sms").at(0)["Text"];
  const std::string code = text.substr(text.rfind(' ') + 1);
  EXPECT_EQ(
      call("VerifySMSSandboxPhoneNumber", with(number, {{"OneTimePassword", "00000000"}})).error(),
      "VerificationException");
  EXPECT_NE(call("ListSMSSandboxPhoneNumbers", {}).text.find("Pending"), std::string::npos);
  ASSERT_TRUE(call("VerifySMSSandboxPhoneNumber", with(number, {{"OneTimePassword", code}})).ok());
  EXPECT_NE(call("ListSMSSandboxPhoneNumbers", {}).text.find("Verified"), std::string::npos);
  ASSERT_TRUE(call("DeleteSMSSandboxPhoneNumber", number).ok());
  EXPECT_EQ(call("DeleteSMSSandboxPhoneNumber", number).error(), "ResourceNotFound");
  EXPECT_TRUE(call("GetSMSSandboxAccountStatus", {}).ok());
  EXPECT_TRUE(call("ListOriginationNumbers", {}).ok());
}

}  // namespace mailbox_tests
}  // namespace paddock::services::sns::testing
