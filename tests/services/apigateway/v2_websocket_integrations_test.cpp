// Integrations of WebSocket APIs beside function proxies: functions, services and endpoints behind
// templates and mappings, their responses, and the models of routes.
#include "tests/services/apigateway/v2_fixture.hpp"
#include "tests/support/websocket_client.hpp"

namespace paddock::services::apigateway::testing {
namespace {

using ::paddock::testing::Frame;
using ::paddock::testing::WebSocketClient;

constexpr const char* kMockTemplate = "{\"statusCode\": 200}";

class V2WebSocketIntegrationTest : public V2Test {
 protected:
  void SetUp() override {
    V2Test::SetUp();
    create_api(
        {{"ProtocolType", "WEBSOCKET"}, {"RouteSelectionExpression", "$request.body.action"}});
  }
  // A route that answers, with the responses of its integration.
  std::string add_answering(const std::string& key, const Json& integration, const Json& responses,
                            const Json& route = Json::object()) {
    const std::string id = add_integration(integration);
    for (const auto& response : responses) {
      Json input = of_api({{"IntegrationId", id}});
      input.update(response);
      made("CreateIntegrationResponse", input);
    }
    Json more = {{"RouteResponseSelectionExpression", "$default"}};
    more.update(route);
    const std::string made_route = add_route(key, id, more);
    made("CreateRouteResponse",
         of_api({{"RouteId", made_route}, {"RouteResponseKey", "$default"}}));
    return id;
  }
  static Json response(const std::string& key, const std::string& text) {
    return {{"IntegrationResponseKey", key}, {"ResponseTemplates", {{"$default", text}}}};
  }
  static Json plain_response(const std::string& key) { return {{"IntegrationResponseKey", key}}; }
  static Json mock(const std::string& text) {
    return {{"IntegrationType", "MOCK"}, {"RequestTemplates", {{"$default", text}}}};
  }
  std::unique_ptr<WebSocketClient> connect(const std::string& target = "/dev",
                                           const std::string& headers = "") {
    return std::make_unique<WebSocketClient>(emulator_->port(), api_ + ".execute-api.localhost",
                                             target, headers);
  }
  // What one connection gets back for these messages.
  std::vector<std::string> answers(const std::vector<std::string>& messages) {
    auto client = connect();
    EXPECT_EQ(client->status(), 101);
    std::vector<std::string> all;
    for (const auto& message : messages) {
      client->send(message);
      all.push_back(client->message());
    }
    return all;
  }
  std::string answer(const std::string& message) { return answers({message}).front(); }
};

TEST_F(V2WebSocketIntegrationTest, AFunctionGetsWhatTheTemplateMakes) {
  create_function("echo");
  add_answering("$default",
                {{"IntegrationType", "AWS"},
                 {"IntegrationUri", uri_of("echo")},
                 {"RequestTemplates",
                  {{"$default",
                    "{\"n\": $input.json('$.n'), \"route\": \"$context.routeKey\", "
                    "\"v\": \"$stageVariables.v\"}"}}}},
                Json::array({response("$default", "got $input.path('$.n') $input.json('$.v')")}));
  add_stage("dev", {{"StageVariables", {{"v", "w"}}}});
  EXPECT_EQ(answer(R"({"n": 7})"), "got 7 \"w\"");
}

TEST_F(V2WebSocketIntegrationTest, TheTemplateIsChosenByItsSelectionExpression) {
  create_function("echo");
  add_answering("$default",
                {{"IntegrationType", "AWS"},
                 {"IntegrationUri", uri_of("echo")},
                 {"PassthroughBehavior", "NEVER"},
                 {"TemplateSelectionExpression", "${request.body.kind}-one"},
                 {"RequestTemplates", {{"a-one", "\"template a\""}, {"b-one", "\"template b\""}}}},
                Json::array({plain_response("$default")}));
  add_stage("dev");
  const std::vector<std::string> told =
      answers({R"({"kind": "a"})", R"({"kind": "b"})", R"({"kind": "c"})"});
  EXPECT_EQ(told[0], "\"template a\"");
  EXPECT_EQ(told[1], "\"template b\"");
  EXPECT_EQ(Json::parse(told[2])["message"], "Unsupported Media Type");
}

TEST_F(V2WebSocketIntegrationTest, AFunctionsErrorMessageSelectsTheResponse) {
  create_function("failing");
  add_answering("$default", {{"IntegrationType", "AWS"}, {"IntegrationUri", uri_of("failing")}},
                Json::array({response("/it br.*/", "broken: $input.path('$.errorMessage')"),
                             response("$default", "fine")}));
  add_stage("dev");
  EXPECT_EQ(answer("{}"), "broken: it broke");
}

TEST_F(V2WebSocketIntegrationTest, AResponseThatNothingSelectsIsAnError) {
  add_answering("$default", mock("{\"statusCode\": 404}"),
                Json::array({response("/2\\d\\d/", "fine")}));
  add_answering("good", mock("{\"statusCode\": 201}"),
                Json::array({response("/2\\d\\d/", "fine $context.connectionId.length()")}));
  add_answering("text", mock("no status"), Json::array({plain_response("$default")}));
  add_answering("bad", mock("#if("), Json::array({plain_response("$default")}));
  add_stage("dev");
  const std::vector<std::string> told =
      answers({"{}", R"({"action": "good"})", R"({"action": "text"})", R"({"action": "bad"})"});
  EXPECT_EQ(Json::parse(told[0])["message"], "Internal server error");
  EXPECT_EQ(told[1], "fine 16");
  EXPECT_EQ(Json::parse(told[2])["message"], "Internal server error");
  EXPECT_EQ(Json::parse(told[3])["message"], "Internal server error");
}

TEST_F(V2WebSocketIntegrationTest, AServiceIsCalledByAction) {
  emulator_->call("dynamodb", "CreateTable",
                  {{"TableName", "Connections"},
                   {"BillingMode", "PAY_PER_REQUEST"},
                   {"AttributeDefinitions", {{{"AttributeName", "id"}, {"AttributeType", "S"}}}},
                   {"KeySchema", {{{"AttributeName", "id"}, {"KeyType", "HASH"}}}}});
  const auto service = [](const std::string& action, const std::string& text) -> Json {
    return {{"IntegrationType", "AWS"},
            {"IntegrationUri", "arn:aws:apigateway:us-east-1:dynamodb:action/" + action},
            {"CredentialsArn", "arn:aws:iam::000000000000:role/r"},
            {"RequestTemplates", {{"$default", text}}}};
  };
  // A connection is kept by its handshake alone.
  add_route("$connect",
            add_integration(service("PutItem",
                                    "{\"TableName\": \"Connections\", \"Item\": {\"id\": {\"S\": "
                                    "\"$context.connectionId\"}, \"who\": {\"S\": "
                                    "\"$input.params('who')\"}}}")));
  add_answering("$default",
                service("GetItem",
                        "{\"TableName\": \"Connections\", \"Key\": {\"id\": {\"S\": "
                        "\"$context.connectionId\"}}}"),
                Json::array({response("$default", "$input.path('$.Item.who.S')")}));
  add_answering("none", service("GetItem", "{\"TableName\": \"None\"}"),
                Json::array({response("$default", "refused $input.path('$.__type')")}));
  add_answering("unknown",
                {{"IntegrationType", "AWS"},
                 {"IntegrationUri", "arn:aws:apigateway:us-east-1:robomaker:action/CreateRobot"}},
                Json::array({plain_response("$default")}));
  add_stage("dev");
  auto client = connect("/dev?who=donkey");
  ASSERT_EQ(client->status(), 101);
  client->send("{}");
  EXPECT_EQ(client->message(), "donkey");
  client->send(R"({"action": "none"})");
  EXPECT_TRUE(client->message().starts_with("refused "));
  client->send(R"({"action": "unknown"})");
  EXPECT_NE(client->message().find("robomaker"), std::string::npos);
}

// The emulator itself is the endpoint: an HTTP API whose function shows its event.
class V2WebSocketEndpointTest : public V2WebSocketIntegrationTest {
 protected:
  void SetUp() override {
    V2Test::SetUp();
    create_showing_api({"POST /e/{x}"});
    endpoint_ = emulator_->url() + "/_aws/execute-api/" + api_ + "/e/";
    create_api(
        {{"ProtocolType", "WEBSOCKET"}, {"RouteSelectionExpression", "$request.body.action"}});
  }
  std::string endpoint_;
};

TEST_F(V2WebSocketEndpointTest, AnHttpIntegrationSendsWhatIsMapped) {
  add_answering("$default",
                {{"IntegrationType", "HTTP"},
                 {"IntegrationMethod", "POST"},
                 {"IntegrationUri", endpoint_ + "{place}"},
                 {"RequestParameters",
                  {{"integration.request.path.place", "route.request.body.to"},
                   {"integration.request.querystring.q", "'fixed'"},
                   {"integration.request.header.X-Connection", "context.connectionId"},
                   {"integration.request.header.X-None", "route.request.body.none"},
                   {"integration.request.header.X-Stage", "stageVariables.v"}}},
                 {"RequestTemplates", {{"$default", "<$input.path('$.text')>"}}}},
                Json::array({response("/200/", "$input.json('$')")}));
  add_stage("dev", {{"StageVariables", {{"v", "w"}}}});
  Json event = Json::parse(answer(R"({"to": "there", "text": "hello"})"));
  EXPECT_EQ(event["rawPath"], "/e/there");
  EXPECT_EQ(event["queryStringParameters"], (Json{{"q", "fixed"}}));
  EXPECT_EQ(event["headers"]["x-stage"], "w");
  EXPECT_EQ(event["headers"]["x-connection"].get<std::string>().size(), 16u);
  EXPECT_EQ(event["headers"]["user-agent"], "AmazonAPIGateway_" + api_);
  EXPECT_FALSE(event["headers"].contains("x-none"));
  EXPECT_EQ(event["body"], "<hello>");
}

TEST_F(V2WebSocketEndpointTest, AnHttpProxyPassesMessagesAndAnswers) {
  add_answering("$default",
                {{"IntegrationType", "HTTP_PROXY"},
                 {"IntegrationMethod", "POST"},
                 {"IntegrationUri", endpoint_ + "x"}},
                Json::array());
  add_answering("nobody",
                {{"IntegrationType", "HTTP_PROXY"},
                 {"IntegrationMethod", "POST"},
                 {"IntegrationUri", "http://127.0.0.1:1/"}},
                Json::array());
  add_answering("link",
                {{"IntegrationType", "HTTP_PROXY"},
                 {"IntegrationUri", endpoint_ + "x"},
                 {"ConnectionType", "VPC_LINK"},
                 {"ConnectionId", "abc"}},
                Json::array());
  add_stage("dev");
  const std::vector<std::string> told =
      answers({R"({"as": "sent"})", R"({"action": "nobody"})", R"({"action": "link"})"});
  EXPECT_EQ(Json::parse(told[0])["body"], R"({"as": "sent"})");
  EXPECT_EQ(Json::parse(told[1])["message"], "Network error communicating with endpoint");
  EXPECT_NE(told[2].find("VPC link"), std::string::npos);
}

TEST_F(V2WebSocketIntegrationTest, BinaryMessagesAreHandledAsAsked) {
  create_function("as-told");
  Json bytes = plain_response("$default");
  bytes["ContentHandlingStrategy"] = "CONVERT_TO_BINARY";
  const Json function = {{"IntegrationType", "AWS"},
                         {"IntegrationUri", uri_of("as-told")},
                         {"ContentHandlingStrategy", "CONVERT_TO_TEXT"},
                         {"RequestTemplates", {{"$default", "{\"body\": \"$input.path('$')\"}"}}}};
  add_answering("$default", function, Json::array({bytes}));
  add_stage("dev");
  auto client = connect();
  const std::string message("\0\xFF\x01", 3);
  client->send_frame(2, message);
  Frame frame = *client->receive();
  EXPECT_EQ(frame.opcode, 2);
  EXPECT_EQ(frame.payload, message);
  // What is no base64 cannot become bytes.
  client->send("???");
  EXPECT_EQ(Json::parse(client->message())["message"], "Internal server error");
}

TEST_F(V2WebSocketIntegrationTest, MessagesAreHeldAgainstTheModelsOfTheirRoute) {
  for (const auto& [name, type] : {std::pair{"Number", "number"}, std::pair{"Text", "string"}}) {
    const Json schema = {
        {"type", "object"}, {"required", {"value"}}, {"properties", {{"value", {{"type", type}}}}}};
    made("CreateModel", of_api({{"Name", name}, {"Schema", schema.dump()}}));
  }
  const Json route = {{"ModelSelectionExpression", "$request.body.kind"},
                      {"RequestModels", {{"number", "Number"}, {"text", "Text"}}}};
  Json unknown = of_api({{"RouteKey", "x"}, {"RequestModels", {{"$default", "None"}}}});
  EXPECT_EQ(call("CreateRoute", unknown).message(), "Invalid model identifier specified: None");
  add_answering("$default", mock(kMockTemplate), Json::array({response("$default", "fine")}),
                route);
  add_stage("dev");
  const std::vector<std::string> told =
      answers({R"({"kind": "number", "value": 1})", R"({"kind": "text", "value": "x"})",
               R"({"kind": "number", "value": "x"})", R"({"kind": "other", "value": 1})"});
  EXPECT_EQ(told[0], "fine");
  EXPECT_EQ(told[1], "fine");
  EXPECT_EQ(Json::parse(told[2])["message"], "Bad request body");
  EXPECT_EQ(Json::parse(told[3])["message"], "Bad request body");
}

TEST_F(V2WebSocketIntegrationTest, AHandshakeLacksNothingThatItsRouteRequires) {
  add_route("$connect", add_integration(mock(kMockTemplate)),
            {{"RequestParameters", {{"route.request.querystring.room", {{"required", true}}}}}});
  add_stage("dev");
  EXPECT_EQ(connect("/dev")->status(), 400);
  EXPECT_EQ(connect("/dev?room=1")->status(), 101);
}

TEST_F(V2WebSocketIntegrationTest, AHandshakeIsAnsweredByItsIntegration) {
  const std::string id = add_integration(mock("{\"statusCode\": 401}"));
  made("CreateIntegrationResponse",
       of_api({{"IntegrationId", id}, {"IntegrationResponseKey", "$default"}}));
  add_route("$connect", id);
  add_stage("dev");
  EXPECT_EQ(connect("/dev")->status(), 401);
}

TEST_F(V2WebSocketIntegrationTest, EndpointsAreChecked) {
  const auto message = [this](const Json& members) {
    return call("CreateIntegration", of_api(members)).message();
  };
  EXPECT_EQ(message({{"IntegrationType", "AWS"}, {"IntegrationUri", "http://h/"}}),
            "Invalid ARN specified in the request");
  EXPECT_EQ(message({{"IntegrationType", "HTTP"}, {"IntegrationUri", "h"}}),
            "Invalid HTTP endpoint specified for URI");
  EXPECT_EQ(message({{"IntegrationType", "HTTP"},
                     {"IntegrationUri", "http://h/"},
                     {"ConnectionType", "VPC_LINK"}}),
            "ConnectionId is a required parameter for VPC_LINK connections");
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
