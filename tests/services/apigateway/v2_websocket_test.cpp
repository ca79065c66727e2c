// WebSocket APIs: connections, routes and @connections.
#include <condition_variable>

#include "core/clock.hpp"
#include "services/apigateway/websocket_event.hpp"
#include "tests/services/apigateway/v2_fixture.hpp"
#include "tests/support/websocket_client.hpp"

namespace paddock::services::apigateway::testing {
namespace {

using ::paddock::testing::Frame;
using ::paddock::testing::WebSocketClient;

// The events that the function "recorder" got, in their order.
class Events {
 public:
  void add(Json event) {
    std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }
  void clear() {
    std::lock_guard lock(mutex_);
    events_.clear();
  }
  // The first one of that type, once it is there.
  Json of_type(const std::string& type) {
    std::unique_lock lock(mutex_);
    Json found;
    const auto there = [&] {
      for (const auto& event : events_) {
        if (event["requestContext"]["eventType"] == type) found = event;
      }
      return !found.is_null();
    };
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), there)) << type;
    return found;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Json> events_;
};

Events& recorded() {
  static Events events;
  return events;
}

// Keeps the event and answers with the status that the query's "status" or the message's asks for.
invocation_response recorder(const invocation_request& request) {
  Json event = Json::parse(request.payload);
  Json answer = {{"statusCode", 200},
                 {"body", "route " + event["requestContext"]["routeKey"].get<std::string>()}};
  if (event.contains("queryStringParameters")) {
    const Json query = event["queryStringParameters"];
    if (query.contains("status"))
      answer["statusCode"] = std::stoi(query["status"].get<std::string>());
    if (query.contains("broken")) answer = "broken";
    if (query.contains("protocol")) {
      answer["headers"] = {{"Sec-WebSocket-Protocol", query["protocol"]}};
    }
  }
  recorded().add(std::move(event));
  return invocation_response::success(answer.dump(), "application/json");
}

constexpr ::paddock::lambda::EntryPoint kWebSocketFunctions[] = {
    {"recorder", &recorder},
    {"failing", &failing},
    {"waiting", &waiting},
    {"policy-authorizer", &policy_authorizer}};

class V2WebSocketTest : public V2Test {
 protected:
  void SetUp() override {
    recorded().clear();
    emulator_ =
        std::make_unique<TestEmulator>(TestEmulator::in_memory_options(), kWebSocketFunctions);
  }

  // An API with these routes in front of "recorder", all with answers for the client.
  void create_chat(std::initializer_list<std::string> routes) {
    create_function("recorder");
    create_api(
        {{"ProtocolType", "WEBSOCKET"}, {"RouteSelectionExpression", "$request.body.action"}});
    const std::string integration =
        add_integration({{"IntegrationType", "AWS_PROXY"}, {"IntegrationUri", arn_of("recorder")}});
    for (const auto& key : routes) {
      const bool fixed = key == "$connect" || key == "$disconnect";
      add_answering_route(key, integration, !fixed);
    }
    add_stage("dev", {{"StageVariables", {{"k", "v"}}}});
  }
  std::string add_answering_route(const std::string& key, const std::string& integration,
                                  bool answers) {
    Json more = Json::object();
    if (answers) more["RouteResponseSelectionExpression"] = "$default";
    std::string route = add_route(key, integration, more);
    if (answers) {
      made("CreateRouteResponse", of_api({{"RouteId", route}, {"RouteResponseKey", "$default"}}));
    }
    return route;
  }
  std::string host() { return api_ + ".execute-api.localhost"; }
  std::unique_ptr<WebSocketClient> connect(const std::string& target = "/dev",
                                           const std::string& headers = "") {
    return std::make_unique<WebSocketClient>(emulator_->port(), host(), target, headers);
  }
  std::string connection_id() {
    return recorded().of_type("CONNECT")["requestContext"]["connectionId"].get<std::string>();
  }
  CallResult manage(const std::string& method, const std::string& id,
                    const std::string& body = "") {
    return send(method, "/dev/@connections/" + url_encode(id), {}, body);
  }
};

TEST_F(V2WebSocketTest, AFunctionGetsTheEventsOfAConnection) {
  create_chat({"$connect", "$disconnect", "$default", "join"});
  auto client = connect("/dev?room=1");
  ASSERT_EQ(client->status(), 101);
  Json connected = recorded().of_type("CONNECT");
  Json context = connected["requestContext"];
  std::string id = context["connectionId"];
  EXPECT_TRUE(v2::is_websocket_id(id)) << id;
  EXPECT_EQ(context["routeKey"], "$connect");
  EXPECT_EQ(context["stage"], "dev");
  EXPECT_EQ(context["apiId"], api_);
  EXPECT_EQ(context["domainName"], host());
  EXPECT_EQ(context["messageDirection"], "IN");
  EXPECT_EQ(context["identity"]["sourceIp"], "127.0.0.1");
  EXPECT_TRUE(context["connectedAt"].is_number_integer());
  EXPECT_FALSE(context.contains("messageId"));
  EXPECT_EQ(connected["queryStringParameters"], (Json{{"room", "1"}}));
  EXPECT_EQ(connected["multiValueQueryStringParameters"], (Json{{"room", {"1"}}}));
  EXPECT_EQ(connected["headers"]["Host"], host());
  EXPECT_EQ(connected["stageVariables"], (Json{{"k", "v"}}));
  EXPECT_FALSE(connected.contains("body"));

  client->send(R"({"action":"join","who":"me"})");
  EXPECT_EQ(client->message(), "route join");
  Json message = recorded().of_type("MESSAGE");
  EXPECT_EQ(message["body"], R"({"action":"join","who":"me"})");
  EXPECT_EQ(message["isBase64Encoded"], false);
  EXPECT_EQ(message["requestContext"]["routeKey"], "join");
  EXPECT_EQ(message["requestContext"]["connectionId"], id);
  EXPECT_EQ(message["requestContext"]["connectedAt"], context["connectedAt"]);
  EXPECT_TRUE(message["requestContext"]["messageId"].is_string());
  EXPECT_FALSE(message.contains("headers"));

  EXPECT_EQ(client->close(1000), 1000);
  Json gone = recorded().of_type("DISCONNECT");
  EXPECT_EQ(gone["requestContext"]["connectionId"], id);
  EXPECT_EQ(gone["requestContext"]["routeKey"], "$disconnect");
  EXPECT_EQ(gone["requestContext"]["disconnectStatusCode"], 1000);
}

TEST_F(V2WebSocketTest, TheSelectionExpressionChoosesTheRoute) {
  create_chat({"$default", "join", "$connect"});
  auto client = connect();
  const auto route = [&client](const std::string& text) {
    client->send(text);
    return client->message();
  };
  EXPECT_EQ(route(R"({"action":"join"})"), "route join");
  EXPECT_EQ(route(R"({"action":"leave"})"), "route $default");
  EXPECT_EQ(route(R"({"no":"action"})"), "route $default");
  EXPECT_EQ(route("no JSON"), "route $default");
  EXPECT_EQ(route(R"({"action":"$connect"})"), "route $default");
  EXPECT_EQ(route(R"({"action":{"a":1}})"), "route $default");
  EXPECT_EQ(route(""), "route $default");
}

TEST_F(V2WebSocketTest, WithoutARouteAMessageIsForbidden) {
  create_chat({"join", "$connect"});
  auto client = connect();
  client->send("{}");
  Json told = Json::parse(client->message());
  EXPECT_EQ(told["message"], "Forbidden");
  EXPECT_EQ(told["connectionId"], connection_id());
  EXPECT_TRUE(told["requestId"].is_string());
}

TEST_F(V2WebSocketTest, AFailingFunctionIsToldAsAnError) {
  create_chat({"$connect"});
  create_function("failing");
  std::string integration =
      add_integration({{"IntegrationType", "AWS_PROXY"}, {"IntegrationUri", arn_of("failing")}});
  add_answering_route("$default", integration, false);
  auto client = connect();
  client->send("x");
  Json told = Json::parse(client->message());
  EXPECT_EQ(told["message"], "Internal server error");
  EXPECT_EQ(told["connectionId"], connection_id());
}

TEST_F(V2WebSocketTest, WithoutARouteResponseNothingComesBack) {
  create_chat({"$connect", "loud"});
  std::string integration = made("GetIntegrations", of_api())["items"][0]["integrationId"];
  add_answering_route("quiet", integration, false);
  auto client = connect();
  client->send(R"({"action":"quiet"})");
  EXPECT_EQ(recorded().of_type("MESSAGE")["requestContext"]["routeKey"], "quiet");
  emulator_->wait_idle();
  client->send(R"({"action":"loud"})");
  EXPECT_EQ(client->message(), "route loud");
}

TEST_F(V2WebSocketTest, AConnectRouteMayRefuseTheHandshake) {
  create_chat({"$connect", "$disconnect"});
  auto refused = connect("/dev?status=401");
  EXPECT_EQ(refused->status(), 401);
  Json told = Json::parse(refused->rest());
  EXPECT_EQ(told["message"], "Unauthorized");
  EXPECT_TRUE(told["connectionId"].is_string());
  EXPECT_EQ(connect("/dev?status=403")->status(), 403);
  EXPECT_EQ(connect("/dev?status=500")->status(), 500);
  EXPECT_EQ(connect("/dev?broken=1")->status(), 502);
  EXPECT_EQ(connect("/dev?status=204")->status(), 101);
}

TEST_F(V2WebSocketTest, ASubprotocolIsWhatTheFunctionSays) {
  create_chat({"$connect"});
  auto client = connect("/dev?protocol=chat", "Sec-WebSocket-Protocol: chat, other\r\n");
  EXPECT_EQ(client->status(), 101);
  EXPECT_NE(client->head.find("Sec-WebSocket-Protocol: chat\r\n"), std::string::npos)
      << client->head;
}

TEST_F(V2WebSocketTest, OtherStagesAndPlainRequestsAreRefused) {
  create_chat({"$connect", "$default"});
  EXPECT_EQ(connect("/none")->status(), 403);
  EXPECT_EQ(connect("/dev/more")->status(), 403);
  EXPECT_EQ(connect("/dev/")->status(), 101);
  EXPECT_EQ(send("GET", "/dev").status, 426);
  WebSocketClient by_path(emulator_->port(), "localhost", "/_aws/execute-api/" + api_ + "/dev");
  EXPECT_EQ(by_path.status(), 101);
}

TEST_F(V2WebSocketTest, WithoutAConnectRouteEveryoneMayConnect) {
  create_chat({"$default"});
  auto client = connect();
  EXPECT_EQ(client->status(), 101);
  client->send("x");
  EXPECT_EQ(client->message(), "route $default");
}

TEST_F(V2WebSocketTest, AnAuthorizerDecidesOnTheHandshakeAndGoesIntoEveryEvent) {
  create_chat({"$default"});
  create_function("policy-authorizer");
  Json authorizer = made(
      "CreateAuthorizer",
      of_api({{"Name", "a"},
              {"AuthorizerType", "REQUEST"},
              {"AuthorizerUri", "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" +
                                    arn_of("policy-authorizer") + "/invocations"},
              {"IdentitySource", {"route.request.header.Authorization"}}}));
  std::string integration = made("GetIntegrations", of_api())["items"][0]["integrationId"];
  const Json custom = {{"AuthorizationType", "CUSTOM"},
                       {"AuthorizerId", authorizer["authorizerId"]}};
  Json elsewhere = of_api(custom);
  elsewhere["RouteKey"] = "other";
  expect_error(call("CreateRoute", elsewhere), 400, "BadRequestException",
               "Currently, authorization is restricted to the $connect route only");
  add_route("$connect", integration, custom);
  EXPECT_EQ(connect("/dev")->status(), 401);
  EXPECT_EQ(connect("/dev", "Authorization: Bearer bad\r\n")->status(), 403);
  auto client = connect("/dev", "Authorization: Bearer good\r\n");
  ASSERT_EQ(client->status(), 101);
  client->send("x");
  client->message();
  Json context = recorded().of_type("MESSAGE")["requestContext"];
  EXPECT_EQ(context["authorizer"], (Json{{"principalId", "user"}, {"who", "policy"}}));
}

TEST_F(V2WebSocketTest, MessagesAreSentToConnections) {
  create_chat({"$connect", "$disconnect"});
  auto client = connect("/dev", "User-Agent: test\r\n");
  std::string id = connection_id();
  CallResult sent = manage("POST", id, "from outside");
  EXPECT_EQ(sent.status, 200) << sent.text;
  EXPECT_EQ(client->message(), "from outside");
  CallResult known = manage("GET", id);
  EXPECT_EQ(known.status, 200);
  EXPECT_EQ(known.body["identity"], (Json{{"sourceIp", "127.0.0.1"}, {"userAgent", "test"}}));
  EXPECT_TRUE(known.body["connectedAt"].is_string());
  EXPECT_TRUE(known.body["lastActiveAt"].is_string());
  CallResult direct = emulator_->call("apigatewaymanagementapi", "PostToConnection",
                                      {{"ConnectionId", id}, {"Data", "direct"}});
  EXPECT_EQ(direct.status, 200) << direct.text;
  EXPECT_EQ(client->message(), "direct");
  EXPECT_EQ(manage("DELETE", id).status, 204);
  Frame close = *client->receive();
  EXPECT_EQ(close.opcode, 8);
  client->send_close(close.close_code());
  EXPECT_FALSE(client->receive());
  recorded().of_type("DISCONNECT");
  emulator_->wait_idle();
  for (const char* method : {"POST", "GET", "DELETE"}) {
    CallResult gone = manage(method, id, "x");
    EXPECT_EQ(gone.status, 410) << method;
    EXPECT_EQ(gone.error(), "GoneException");
  }
}

TEST_F(V2WebSocketTest, BadCallsOfConnectionsAreRefused) {
  create_chat({"$connect"});
  auto client = connect();
  std::string id = connection_id();
  for (const char* bad : {"x", "L0SM9cOFvHcCIhw", "L0SM9cOFvHcCIhw=test", "L0SM9cOFvHc$Ihw="}) {
    CallResult result = manage("POST", bad, "x");
    EXPECT_EQ(result.status, 400) << bad;
    EXPECT_EQ(result.error(), "BadRequestException");
    EXPECT_EQ(result.message(), std::string("Invalid connectionId: ") + bad);
  }
  CallResult long_one = manage("POST", id, std::string(128 * 1024 + 1, 'x'));
  EXPECT_EQ(long_one.status, 413);
  EXPECT_EQ(long_one.error(), "PayloadTooLargeException");
  EXPECT_EQ(manage("POST", id, std::string(128 * 1024, 'y')).status, 200);
  EXPECT_EQ(client->message().size(), 128u * 1024);
  CallResult stranger = emulator_->call("apigatewaymanagementapi", "GetConnection",
                                        {{"ConnectionId", id}}, {"111111111111"});
  EXPECT_EQ(stranger.status, 403);
}

TEST_F(V2WebSocketTest, AnIdleConnectionEndsAfterTenMinutes) {
  create_chat({"$connect", "$disconnect", "$default"});
  emulator_->platform().world.freeze();
  auto client = connect();
  emulator_->advance(std::chrono::minutes(9));
  client->send("x");
  EXPECT_EQ(client->message(), "route $default");
  emulator_->advance(std::chrono::minutes(9));
  client->send("x");
  EXPECT_EQ(client->message(), "route $default");
  std::thread moving([this] {
    emulator_->platform().world.advance_to(emulator_->platform().world.now() +
                                           std::chrono::minutes(11));
  });
  Frame close = *client->receive();
  EXPECT_EQ(close.opcode, 8);
  EXPECT_EQ(close.close_code(), 1001);
  client->send_close(1001);
  EXPECT_FALSE(client->receive());
  moving.join();
  EXPECT_EQ(recorded().of_type("DISCONNECT")["requestContext"]["disconnectStatusCode"], 1001);
}

TEST_F(V2WebSocketTest, AMockRouteAnswersItsTemplate) {
  create_api({{"ProtocolType", "WEBSOCKET"}, {"RouteSelectionExpression", "$request.body.action"}});
  std::string integration =
      add_integration({{"IntegrationType", "MOCK"},
                       {"TemplateSelectionExpression", "\\$default"},
                       {"RequestTemplates", {{"$default", R"({"statusCode":200})"}}}});
  made("CreateIntegrationResponse", of_api({{"IntegrationId", integration},
                                            {"IntegrationResponseKey", "/200/"},
                                            {"ResponseTemplates", {{"$default", "pong"}}}}));
  add_answering_route("$default", integration, true);
  add_stage("dev");
  auto client = connect();
  client->send("ping");
  EXPECT_EQ(client->message(), "pong");
}

TEST_F(V2WebSocketTest, ABinaryMessageGoesToDefaultAsBase64) {
  create_chat({"$default", "$connect"});
  auto client = connect();
  client->send_frame(2, std::string("\0\xFF", 2));
  EXPECT_EQ(client->message(), "route $default");
  Json message = recorded().of_type("MESSAGE");
  EXPECT_EQ(message["isBase64Encoded"], true);
  EXPECT_EQ(message["body"], to_base64(std::string("\0\xFF", 2)));
}

TEST(WebSocketSelection, ExpressionsAreTakenApart) {
  const auto selected = [](const std::string& expression, const std::string& text) {
    return v2::selected_route(expression, http::WebSocketMessage(text, false)).value_or("-");
  };
  const std::string nested = R"({"a":{"b":["x",{"c":"y"}]},"n":7,"e":""})";
  EXPECT_EQ(selected("$request.body.a.b[0]", nested), "x");
  EXPECT_EQ(selected("$request.body.a.b[1].c", nested), "y");
  EXPECT_EQ(selected("${request.body.n}", nested), "7");
  EXPECT_EQ(selected("${request.body.n}-${request.body.a.b[0]}", nested), "7-x");
  EXPECT_EQ(selected("$request.body.e", nested), "-");
  for (const char* hostile : {"$request.body.a.b[9]", "$request.body.a.b[", "$request.body.a.b[x]",
                              "$request.body.a.b[99999999999999999999]", "$request.body..",
                              "$request.body.n.x", "$", "$request", "$request.bodyx"}) {
    EXPECT_EQ(selected(hostile, nested), "-") << hostile;
  }
  EXPECT_EQ(selected("${", nested), "${");
}

TEST(WebSocketIds, HaveSixteenCharacters) {
  std::string id = v2::websocket_id("\xFF\xFE\xFD 12345678");
  EXPECT_EQ(id.size(), 16u);
  EXPECT_EQ(id.find_first_of("+/"), std::string::npos);
  EXPECT_TRUE(v2::is_websocket_id(id));
  EXPECT_FALSE(v2::is_websocket_id("L0SM9cOFvHcCIh=="));
}

}  // namespace
}  // namespace paddock::services::apigateway::testing
