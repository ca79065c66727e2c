// Service integrations of HTTP APIs, and AWS_IAM authorization.
#include "core/error.hpp"
#include "services/apigateway/http_api_services.hpp"
#include "tests/services/apigateway/v2_fixture.hpp"
#include "tests/support/websocket_client.hpp"

namespace paddock::services::apigateway::testing {
namespace {

constexpr const char* kRole = "arn:aws:iam::000000000000:role/r";

class V2ServicesTest : public V2Test {
 protected:
  static Json integration(const std::string& subtype, const Json& parameters) {
    return {{"IntegrationType", "AWS_PROXY"},
            {"IntegrationSubtype", subtype},
            {"PayloadFormatVersion", "1.0"},
            {"CredentialsArn", kRole},
            {"RequestParameters", parameters}};
  }
  std::string refusal(const Json& members) {
    CallResult result = call("CreateIntegration", of_api(members));
    EXPECT_EQ(result.status, 400) << result.text;
    EXPECT_EQ(result.error(), "BadRequestException");
    return result.message();
  }
};

TEST_F(V2ServicesTest, SubtypesAreChecked) {
  create_api();
  const Json good = {{"QueueUrl", "q"}, {"MessageBody", "$request.body"}};
  Json made_one = made("CreateIntegration", of_api(integration("SQS-SendMessage", good)));
  EXPECT_EQ(made_one["integrationSubtype"], "SQS-SendMessage");
  EXPECT_EQ(made_one["timeoutInMillis"], 30000);
  EXPECT_EQ(refusal(integration("SQS-SendMessages", good)),
            "Integration subtype SQS-SendMessages is not supported");
  EXPECT_EQ(refusal(integration("SQS-SendMessage", {{"QueueUrl", "q"}})),
            "Missing required parameters for integration subtype SQS-SendMessage: [MessageBody]");
  Json more = good;
  more["Message"] = "x";
  EXPECT_EQ(refusal(integration("SQS-SendMessage", more)),
            "Parameter Message is not supported for integration subtype SQS-SendMessage");
  more = good;
  more["MessageAttributes"] = "{}";
  EXPECT_EQ(refusal(integration("SQS-SendMessage", more)),
            "Invalid selection expression specified: Validation Result: warnings : [], errors : "
            "[Invalid source: {} specified for destination: MessageAttributes]");
  Json bad = integration("SQS-SendMessage", good);
  bad["PayloadFormatVersion"] = "2.0";
  EXPECT_EQ(refusal(bad), "PayloadFormatVersion must be one of [1.0]");
  bad = integration("SQS-SendMessage", good);
  bad["IntegrationType"] = "HTTP_PROXY";
  EXPECT_EQ(refusal(bad), "IntegrationSubtype is only supported for AWS_PROXY integrations");
  for (const char* subtype :
       {"EventBridge-PutEvents", "SQS-ReceiveMessage", "SQS-DeleteMessage", "SQS-PurgeQueue",
        "AppConfig-GetConfiguration", "Kinesis-PutRecord", "StepFunctions-StartExecution",
        "StepFunctions-StartSyncExecution", "StepFunctions-StopExecution"}) {
    EXPECT_TRUE(refusal(integration(subtype, Json::object())).starts_with("Missing required"))
        << subtype;
  }
}

TEST_F(V2ServicesTest, ACallThatCannotBeMadeIsABadRequest) {
  create_api();
  add_route("POST /a", add_integration(integration("AppConfig-GetConfiguration",
                                                   {{"Application", "$request.body.app"},
                                                    {"Environment", "e"},
                                                    {"Configuration", "c"},
                                                    {"ClientId", "i"}})));
  add_stage();
  EXPECT_EQ(send("POST", "/a", {}, "{}").status, 400);
  CallResult failed = send("POST", "/a", {}, R"({"app": "a"})");
  EXPECT_EQ(failed.status, 500);
  EXPECT_EQ(failed.text, R"({"message":"Internal Server Error"})");
}

// What a request makes of the parameters, without a service behind them.
class ServiceCallTest : public ::testing::Test {
 protected:
  v2::ServiceCall call_of(const std::string& subtype, const Json& parameters,
                          const std::string& body) {
    const Json integration = {{"IntegrationSubtype", subtype}, {"RequestParameters", parameters}};
    v2::MappingSource source;
    source.headers = &headers_;
    source.body = body;
    source.parameters = &parameters_;
    source.stage_variables = &nothing_;
    source.context = &nothing_;
    return v2::service_call(integration, source);
  }

  http::Headers headers_;
  std::map<std::string, std::string> parameters_;
  Json nothing_ = Json::object();
};

TEST_F(ServiceCallTest, ParametersBecomeTheInput) {
  headers_.add("x-group", "g");
  v2::ServiceCall call =
      call_of("SQS-SendMessage",
              {{"QueueUrl", "http://q"},
               {"MessageBody", "$request.body"},
               {"DelaySeconds", "$request.body.delay"},
               {"MessageGroupId", "${request.header.x-group}-1"},
               {"MessageAttributes", "$request.body.attributes"},
               {"Region", "eu-west-1"}},
              R"({"delay":5,"attributes":{"a":{"DataType":"Binary","BinaryValue":"aGk="}}})");
  EXPECT_EQ(call.unresolved, "");
  EXPECT_EQ(call.service, "sqs");
  EXPECT_EQ(call.operation, "SendMessage");
  EXPECT_EQ(call.region, "eu-west-1");
  EXPECT_EQ(call.input["DelaySeconds"], 5);
  EXPECT_EQ(call.input["MessageGroupId"], "g-1");
  EXPECT_EQ(call.input["MessageAttributes"]["a"]["BinaryValue"], Json::binary({'h', 'i'}));
  EXPECT_TRUE(call.input["MessageBody"].get<std::string>().starts_with("{\"delay\""));
}

TEST_F(ServiceCallTest, EveryServiceHasItsShape) {
  v2::ServiceCall events = call_of("EventBridge-PutEvents",
                                   {{"Detail", "$request.body"},
                                    {"DetailType", "t"},
                                    {"Source", "s"},
                                    {"Time", "2026-11-20T07:36:00Z"},
                                    {"Resources", "arn"}},
                                   "{}");
  EXPECT_EQ(events.service, "events");
  EXPECT_EQ(events.input["Entries"][0]["Resources"], Json::array({"arn"}));
  EXPECT_TRUE(events.input["Entries"][0]["Time"].is_number_integer());
  v2::ServiceCall record =
      call_of("Kinesis-PutRecord",
              {{"StreamName", "s"}, {"Data", "$request.body"}, {"PartitionKey", "$request.body.k"}},
              R"({"k":"v"})");
  EXPECT_TRUE(record.input["Data"].is_binary());
  EXPECT_EQ(record.input["PartitionKey"], "v");
  v2::ServiceCall run = call_of("StepFunctions-StartExecution",
                                {{"StateMachineArn", "arn"}, {"Input", "$request.body"}}, "{}");
  EXPECT_EQ(run.input, (Json{{"stateMachineArn", "arn"}, {"input", "{}"}}));
  http::Response answer =
      v2::service_answer(run, {{"executionArn", "e"}, {"startDate", 1'500}}, "id");
  EXPECT_EQ(Json::parse(answer.body), (Json{{"executionArn", "e"}, {"startDate", 1.5}}));
}

TEST_F(ServiceCallTest, WhatLeadsNowhereIsNamed) {
  for (const char* source : {"$request.body.none", "$request.header.none"}) {
    v2::ServiceCall call = call_of("SQS-PurgeQueue", {{"QueueUrl", source}}, "{}");
    EXPECT_TRUE(call.unresolved.starts_with("Unable to resolve property QueueUrl from source " +
                                            std::string(source)))
        << call.unresolved;
  }
  EXPECT_NE(call_of("SQS-SendMessage",
                    {{"QueueUrl", "q"}, {"MessageBody", "b"}, {"DelaySeconds", "soon"}}, "")
                .unresolved,
            "");
}

TEST_F(ServiceCallTest, QueuesAnswerInXml) {
  v2::ServiceCall call = call_of("SQS-ReceiveMessage", {{"QueueUrl", "q"}}, "");
  const Json message = {
      {"MessageId", "m"},
      {"Body", "<b>"},
      {"Attributes", {{"SentTimestamp", "1"}}},
      {"MessageAttributes", {{"a", {{"DataType", "String"}, {"StringValue", "x"}}}}}};
  http::Response answer =
      v2::service_answer(call, {{"Messages", Json::array({message})}}, "request");
  EXPECT_EQ(answer.headers.get("content-type"), "text/xml");
  EXPECT_EQ(answer.body,
            "<?xml version=\"1.0\"?><ReceiveMessageResponse "
            "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult><Message>"
            "<Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute><Body>&lt;b&gt;"
            "</Body><MessageAttribute><Name>a</Name><Value><DataType>String</DataType>"
            "<StringValue>x</StringValue></Value></MessageAttribute><MessageId>m</MessageId>"
            "</Message></ReceiveMessageResult><ResponseMetadata><RequestId>request</RequestId>"
            "</ResponseMetadata></ReceiveMessageResponse>");
  http::Response failed = v2::service_error(
      call, AwsError("AWS.SimpleQueueService.NonExistentQueue", "gone", 400), "request");
  EXPECT_EQ(failed.status, 400);
  EXPECT_NE(failed.body.find("<Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue"),
            std::string::npos);
}

// -- AWS_IAM --------------------------------------------------------------------------------------

class V2IamTest : public V2Test {
 protected:
  static http::Headers signed_headers() {
    return headers_of({{"Authorization",
                        "AWS4-HMAC-SHA256 Credential=111111111111/20261120/us-east-1/execute-api/"
                        "aws4_request, SignedHeaders=host, Signature=00"},
                       {"X-Amz-Date", "20261120T073600Z"}});
  }
  void create_signed_api(const std::string& version) {
    create_function("show-event");
    create_api();
    add_route("GET /a", add_function_integration("show-event", version),
              {{"AuthorizationType", "AWS_IAM"}});
    add_stage();
  }
};

TEST_F(V2IamTest, ASignatureIsAskedForAndTold) {
  create_signed_api("2.0");
  CallResult refused = send("GET", "/a");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.text, R"({"message":"Forbidden"})");
  Json iam = event_of("GET", "/a", signed_headers())["requestContext"]["authorizer"]["iam"];
  EXPECT_EQ(iam["accessKey"], "111111111111");
  EXPECT_EQ(iam["accountId"], "111111111111");
  EXPECT_EQ(iam["userArn"], "arn:aws:iam::111111111111:root");
  EXPECT_TRUE(iam["cognitoIdentity"].is_null());
}

TEST_F(V2IamTest, AnEventOfFormatOneTellsTheSignerAsIdentity) {
  create_signed_api("1.0");
  Json identity = event_of("GET", "/a", signed_headers())["requestContext"]["identity"];
  EXPECT_EQ(identity["accountId"], "111111111111");
  EXPECT_EQ(identity["userArn"], "arn:aws:iam::111111111111:root");
}

TEST_F(V2IamTest, AMalformedSignatureIsRefused) {
  create_signed_api("2.0");
  const http::Headers headers = headers_of({{"Authorization", "AWS4-HMAC-SHA256 Credential=x"}});
  EXPECT_EQ(send("GET", "/a", headers).status, 403);
}

TEST_F(V2IamTest, AHandshakeMustBeSigned) {
  create_api({{"ProtocolType", "WEBSOCKET"}, {"RouteSelectionExpression", "$request.body.action"}});
  const std::string integration = add_integration(
      {{"IntegrationType", "MOCK"}, {"RequestTemplates", {{"$default", "{\"statusCode\":200}"}}}});
  Json elsewhere = of_api({{"RouteKey", "other"}, {"AuthorizationType", "AWS_IAM"}});
  EXPECT_EQ(call("CreateRoute", elsewhere).message(),
            "Currently, authorization is restricted to the $connect route only");
  add_route("$connect", integration, {{"AuthorizationType", "AWS_IAM"}});
  add_stage("dev");
  const std::string host = api_ + ".execute-api.localhost";
  ::paddock::testing::WebSocketClient unsigned_one(emulator_->port(), host, "/dev");
  EXPECT_EQ(unsigned_one.status(), 403);
  EXPECT_EQ(Json::parse(unsigned_one.rest())["message"], "Missing Authentication Token");
  std::string headers;
  const http::Headers all = signed_headers();
  for (const auto& [name, value] : all) headers += name + ": " + value + "\r\n";
  ::paddock::testing::WebSocketClient signed_one(emulator_->port(), host, "/dev", headers);
  EXPECT_EQ(signed_one.status(), 101);
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
