// Function URLs: as resources, and answering requests.
#include "core/text.hpp"
#include "services/lambda/url_http.hpp"
#include "support/test_emulator.hpp"
#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

using ::paddock::testing::CallResult;
using ::paddock::testing::TempDir;
using ::paddock::testing::TestEmulator;

constexpr const char* kLocalHost = ".lambda-url.us-east-1.localhost:4566";

class UrlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    script().set({});
    start(TestEmulator::in_memory_options());
  }
  void TearDown() override { emulator_.reset(); }
  void start(const Options& options) {
    emulator_.reset();
    emulator_ = std::make_unique<TestEmulator>(options, kFunctions);
  }
  CallResult call(const std::string& operation, const Json& more = Json::object()) {
    Json input = {{"FunctionName", "f"}};
    input.update(more);
    return emulator_->call("lambda", operation, input);
  }
  void make_function(const Json& more = Json::object()) {
    const std::string zip = std::string("PK\x05\x06", 4) + std::string(18, '\0');
    Json input = {{"FunctionName", "f"},
                  {"Role", "arn:aws:iam::000000000000:role/r"},
                  {"Runtime", "provided.al2023"},
                  {"Handler", "scripted"},
                  {"Code", {{"ZipFile", to_base64(zip)}}}};
    input.update(more);
    const CallResult made = emulator_->call("lambda", "CreateFunction", input);
    ASSERT_EQ(made.status, 201) << made.text;
  }
  // The id of a new URL of "f".
  std::string make_url(const Json& more = {{"AuthType", "NONE"}}) {
    const CallResult made = call("CreateFunctionUrlConfig", more);
    EXPECT_EQ(made.status, 201) << made.text;
    const std::string url = made.body.value("FunctionUrl", "");
    EXPECT_TRUE(url.starts_with("http://")) << url;
    return url.substr(7, url.find('.') - 7);
  }
  CallResult ask(const std::string& id, const std::string& method, const std::string& target,
                 http::Headers headers = {}, const std::string& body = "") {
    headers.set("Host", id + kLocalHost);
    return emulator_->request(method, target, headers, body);
  }
  static void answer_with(const Json& answer) {
    script().set([text = answer.dump()](const invocation_request&) {
      return invocation_response::success(text, "application/json");
    });
  }
  static Json event() { return Json::parse(script().requests().at(0).payload); }

  std::unique_ptr<TestEmulator> emulator_;
};

TEST_F(UrlTest, AUrlIsMadeReadChangedListedAndDeleted) {
  EXPECT_EQ(call("CreateFunctionUrlConfig", {{"AuthType", "NONE"}}).message(),
            "Function does not exist");
  make_function();
  const CallResult made = call("CreateFunctionUrlConfig", {{"AuthType", "NONE"}});
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_FALSE(made.body.contains("InvokeMode"));
  EXPECT_FALSE(made.body.contains("LastModifiedTime"));
  const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
  EXPECT_EQ(made.body["FunctionArn"], arn);
  const CallResult again = call("CreateFunctionUrlConfig", {{"AuthType", "NONE"}});
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.message(), "Failed to create function url config for [functionArn = " + arn +
                                 "]. Error message:  FunctionUrlConfig exists for this Lambda "
                                 "function");
  const CallResult read = call("GetFunctionUrlConfig");
  EXPECT_EQ(read.body["InvokeMode"], "BUFFERED");
  EXPECT_EQ(read.body["FunctionUrl"], made.body["FunctionUrl"]);
  const CallResult changed = call("UpdateFunctionUrlConfig", {{"AuthType", "AWS_IAM"}});
  EXPECT_EQ(changed.body["AuthType"], "AWS_IAM");
  EXPECT_FALSE(changed.body.contains("InvokeMode"));
  EXPECT_EQ(call("ListFunctionUrlConfigs").body["FunctionUrlConfigs"].size(), 1u);
  EXPECT_EQ(call("DeleteFunctionUrlConfig").status, 204);
  EXPECT_EQ(call("GetFunctionUrlConfig").message(), "The resource you requested does not exist.");
  EXPECT_EQ(call("DeleteFunctionUrlConfig").status, 404);
  EXPECT_EQ(call("UpdateFunctionUrlConfig", {{"AuthType", "NONE"}}).message(),
            "The resource you requested does not exist.");
  EXPECT_EQ(call("CreateFunctionUrlConfig", {{"AuthType", "NONE"}, {"Qualifier", "1"}}).message(),
            "1 validation error detected: Value '1' at 'qualifier' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)");
}

TEST_F(UrlTest, TheFunctionIsGivenTheRequest) {
  make_function();
  const std::string id = make_url();
  http::Headers headers;
  headers.add("X-Twice", "a");
  headers.add("X-Twice", "b");
  headers.add("Cookie", "one=1; two=2");
  headers.add("Content-Type", "application/json");
  ask(id, "POST", "/my%20path?x=1&x=2&y=%C3%A9", headers, R"({"n":1})");
  const Json given = event();
  EXPECT_EQ(given["version"], "2.0");
  EXPECT_EQ(given["rawPath"], "/my%20path");
  EXPECT_EQ(given["rawQueryString"], "x=1&x=2&y=%C3%A9");
  EXPECT_EQ(given["queryStringParameters"], (Json{{"x", "1,2"}, {"y", "é"}}));
  EXPECT_EQ(given["headers"]["x-twice"], "a,b");
  EXPECT_EQ(given["cookies"], (Json{"one=1", "two=2"}));
  EXPECT_EQ(given["body"], R"({"n":1})");
  EXPECT_EQ(given["isBase64Encoded"], false);
  const Json& context = given["requestContext"];
  EXPECT_EQ(context["accountId"], "anonymous");
  EXPECT_EQ(context["apiId"], id);
  EXPECT_EQ(context["domainPrefix"], id);
  EXPECT_EQ(context["http"]["method"], "POST");
  EXPECT_EQ(context["http"]["path"], "/my path");
  EXPECT_EQ(context["stage"], "$default");
  EXPECT_FALSE(context.contains("authorizer"));
}

TEST_F(UrlTest, BytesThatAreNoTextTravelAsBase64) {
  make_function();
  const std::string id = make_url();
  http::Headers headers;
  headers.add("Content-Type", "application/x-www-form-urlencoded");
  ask(id, "POST", "/", headers, "a=b");
  EXPECT_EQ(event()["isBase64Encoded"], true);
  EXPECT_EQ(event()["body"], to_base64("a=b"));
}

TEST_F(UrlTest, AnAnswerIsInferredFromWhatIsReturned) {
  make_function();
  const std::string id = make_url();
  answer_with({{"message", "hello"}});
  CallResult got = ask(id, "GET", "/");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.text, R"({"message":"hello"})");
  EXPECT_EQ(got.headers.get("content-type"), "application/json");
  answer_with("text");
  EXPECT_EQ(ask(id, "GET", "/").text, "text");
  answer_with({{"statusCode", 201},
               {"headers", {{"Content-Type", "text/html"}, {"X-Number", 5}}},
               {"cookies", {"a=1", "b=2"}},
               {"body", to_base64("<p>")},
               {"isBase64Encoded", true}});
  got = ask(id, "GET", "/");
  EXPECT_EQ(got.status, 201);
  EXPECT_EQ(got.text, "<p>");
  EXPECT_EQ(got.headers.get("content-type"), "text/html");
  EXPECT_EQ(got.headers.get("x-number"), "5");
  EXPECT_EQ(got.headers.all("set-cookie").size(), 2u);
}

TEST_F(UrlTest, AFailureIsABadGateway) {
  make_function();
  const std::string id = make_url();
  script().set(
      [](const invocation_request&) { return invocation_response::failure("no", "Broken"); });
  const CallResult got = ask(id, "GET", "/");
  EXPECT_EQ(got.status, 502);
  EXPECT_EQ(got.text, "Internal Server Error");
  answer_with({{"statusCode", "none"}});
  EXPECT_EQ(ask(id, "GET", "/").status, 502);
}

TEST_F(UrlTest, AnUnknownUrlIsForbidden) {
  const CallResult got = ask("nobody", "GET", "/");
  EXPECT_EQ(got.status, 403);
  EXPECT_EQ(got.body, (Json{{"Message", "Forbidden"}}));
}

TEST_F(UrlTest, AUrlIsReachedByPathAndByAwssHost) {
  make_function();
  const std::string id = make_url();
  answer_with("there");
  EXPECT_EQ(emulator_->get("/_aws/lambda-url/" + id + "/deep/er?x=1").text, "there");
  EXPECT_EQ(event()["rawPath"], "/deep/er");
  http::Headers headers;
  headers.set("Host", id + ".lambda-url.us-east-1.on.aws");
  EXPECT_EQ(emulator_->request("GET", "/", headers).text, "there");
}

TEST_F(UrlTest, ATagNamesTheUrl) {
  make_function({{"Tags", {{"_custom_id_", "mine"}}}});
  EXPECT_EQ(make_url(), "mine");
  answer_with("mine");
  EXPECT_EQ(ask("mine", "GET", "/").text, "mine");
}

TEST_F(UrlTest, AUrlThatAsksForASignatureWantsARightOne) {
  make_function();
  const std::string id = make_url({{"AuthType", "AWS_IAM"}});
  EXPECT_EQ(ask(id, "GET", "/").body, (Json{{"Message", "Forbidden"}}));
  identity::Signature signature;
  signature.access_key = "test";
  const int64_t now = MachineClock().wall_ms();
  std::string stamp;
  for (const char c : iso8601(now, false)) {
    if (c != '-' && c != ':') stamp += c;
  }
  signature.timestamp = stamp;
  signature.date = stamp.substr(0, 8);
  signature.region = "us-east-1";
  signature.service = "lambda";
  signature.signed_headers = "host;x-amz-date";
  http::RequestHead head;
  head.method = "GET";
  head.set_target("/");
  head.headers.set("Host", id + kLocalHost);
  head.headers.set("X-Amz-Date", stamp);
  const auto ask_signed = [&](const std::string& hex) {
    http::Headers headers = head.headers;
    headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=test/" + signature.date +
                                     "/us-east-1/lambda/aws4_request, SignedHeaders=" +
                                     signature.signed_headers + ", Signature=" + hex);
    return emulator_->request("GET", "/", headers);
  };
  EXPECT_EQ(ask_signed(std::string(64, '0')).status, 403);
  EXPECT_TRUE(script().requests().empty());
  constexpr const char* kEmptyHash =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const CallResult got = ask_signed(identity::sign_v4(head, kEmptyHash, signature, "test"));
  EXPECT_EQ(got.status, 200) << got.text;
  EXPECT_EQ(event()["requestContext"]["accountId"], "000000000000");
  EXPECT_EQ(event()["requestContext"]["authorizer"]["iam"]["accessKey"], "test");
}

TEST_F(UrlTest, AnAliasHasAUrlOfItsOwn) {
  make_function();
  call("PublishVersion");
  ASSERT_EQ(call("CreateAlias", {{"Name", "live"}, {"FunctionVersion", "1"}}).status, 201);
  const std::string own = make_url({{"AuthType", "NONE"}, {"Qualifier", "live"}});
  const std::string other = make_url();
  EXPECT_NE(own, other);
  EXPECT_EQ(call("ListFunctionUrlConfigs").body["FunctionUrlConfigs"].size(), 2u);
  ask(own, "GET", "/");
  EXPECT_TRUE(script().requests().at(0).function_arn.ends_with(":function:f:live"));
  call("DeleteAlias", {{"Name", "live"}});
  EXPECT_EQ(ask(own, "GET", "/").status, 403);
  EXPECT_EQ(ask(other, "GET", "/").status, 200);
}

TEST_F(UrlTest, CorsIsAnsweredAsConfigured) {
  make_function();
  const std::string id = make_url({{"AuthType", "NONE"},
                                   {"Cors",
                                    {{"AllowOrigins", {"https://shop.example"}},
                                     {"AllowMethods", {"GET", "POST"}},
                                     {"AllowHeaders", {"x-one"}},
                                     {"ExposeHeaders", {"x-two"}},
                                     {"AllowCredentials", true},
                                     {"MaxAge", 60}}}});
  http::Headers headers;
  headers.add("Origin", "https://shop.example");
  headers.add("Access-Control-Request-Method", "POST");
  const CallResult preflight = ask(id, "OPTIONS", "/", headers);
  EXPECT_EQ(preflight.status, 200);
  EXPECT_EQ(preflight.headers.get("access-control-allow-origin"), "https://shop.example");
  EXPECT_EQ(preflight.headers.get("access-control-allow-methods"), "GET,POST");
  EXPECT_EQ(preflight.headers.get("access-control-allow-headers"), "x-one");
  EXPECT_EQ(preflight.headers.get("access-control-max-age"), "60");
  EXPECT_TRUE(script().requests().empty());
  answer_with({{"statusCode", 200}, {"headers", {{"Access-Control-Allow-Origin", "*"}}}});
  const CallResult got = ask(id, "GET", "/", headers);
  EXPECT_EQ(got.headers.all("access-control-allow-origin").size(), 1u);
  EXPECT_EQ(got.headers.get("access-control-allow-origin"), "https://shop.example");
  EXPECT_EQ(got.headers.get("access-control-allow-credentials"), "true");
  EXPECT_EQ(got.headers.get("access-control-expose-headers"), "x-two");
  headers.set("Origin", "https://other.example");
  EXPECT_FALSE(ask(id, "GET", "/", headers).headers.has("access-control-allow-origin"));
}

TEST_F(UrlTest, WithoutCorsTheFunctionAnswersOptionsItself) {
  make_function();
  const std::string id = make_url();
  answer_with({{"statusCode", 204}, {"headers", {{"Access-Control-Allow-Origin", "me"}}}});
  http::Headers headers;
  headers.add("Origin", "https://shop.example");
  headers.add("Access-Control-Request-Method", "POST");
  const CallResult got = ask(id, "OPTIONS", "/", headers);
  EXPECT_EQ(got.status, 204);
  EXPECT_EQ(got.headers.get("access-control-allow-origin"), "me");
}

TEST_F(UrlTest, AUrlOutlivesARestartAndGoesWithItsFunction) {
  const TempDir directory;
  start(TestEmulator::durable_options(directory.path()));
  make_function();
  const std::string id = make_url();
  start(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(ask(id, "GET", "/").status, 200);
  call("DeleteFunction");
  EXPECT_EQ(ask(id, "GET", "/").status, 403);
  emulator_.reset();
}

TEST(UrlAddress, IsOfAHostOrAPath) {
  const auto host = url_address("abc.lambda-url.eu-west-1.localhost", "/x");
  ASSERT_TRUE(host);
  EXPECT_EQ(host->id, "abc");
  EXPECT_EQ(host->path, "/x");
  EXPECT_EQ(url_address("localhost", "/_aws/lambda-url/abc")->path, "/");
  EXPECT_FALSE(url_address("a.b.lambda-url.eu-west-1.localhost", "/"));
  EXPECT_FALSE(url_address(".lambda-url.eu-west-1.localhost", "/"));
  EXPECT_FALSE(url_address("localhost", "/_aws/lambda-url/"));
}

TEST(UrlOf, IsWhatTheCallerCanReach) {
  EXPECT_EQ(url_of("a", "us-east-1", "http", "127.0.0.1:4566"),
            "http://a.lambda-url.us-east-1.localhost:4566/");
  EXPECT_EQ(url_of("a", "us-east-1", "https", "localhost.localstack.cloud:4566"),
            "https://a.lambda-url.us-east-1.localhost.localstack.cloud:4566/");
  EXPECT_EQ(url_of("a", "us-east-1", "http", "[::1]:4566"),
            "http://a.lambda-url.us-east-1.localhost:4566/");
  EXPECT_EQ(url_of("a", "us-east-1", "https", "lambda.us-east-1.amazonaws.com"),
            "https://a.lambda-url.us-east-1.on.aws/");
}

TEST(UrlResponse, RefusesWhatCannotBeSent) {
  EXPECT_FALSE(url_response(R"({"statusCode":99})"));
  EXPECT_FALSE(url_response(R"({"statusCode":200,"headers":{"a b":"c"}})"));
  EXPECT_FALSE(url_response(R"({"statusCode":200,"headers":{"a":"c\r\nd: e"}})"));
  EXPECT_FALSE(url_response(R"({"statusCode":200,"headers":{"a":{}}})"));
  EXPECT_FALSE(url_response(R"({"statusCode":200,"headers":[]})"));
  EXPECT_FALSE(url_response(R"({"statusCode":200,"cookies":[5]})"));
  EXPECT_FALSE(url_response(R"({"statusCode":200,"body":"?","isBase64Encoded":true})"));
  EXPECT_EQ(url_response("not JSON")->body, "not JSON");
  EXPECT_FALSE(url_prelude("[]"));
  EXPECT_FALSE(url_prelude("oops"));
  EXPECT_EQ(url_prelude(R"({"statusCode":418})")->status, 418);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
