#include <gtest/gtest.h>

#include "calls.hpp"
#include "models/apigateway.hpp"
#include "models/lambda.hpp"

namespace paddock::wire {
namespace {

constexpr auto kRest = Protocol::rest_json;

Json decode_rest(const Call& call) {
  return decode(kRest, models::sample, "DoRest", call);
}

TEST(RestJsonDecode, ReadsLabels) {
  EXPECT_EQ(decode_rest(Call().label("id", "a/b é").label("count", "7")),
            Json({{"Id", "a/b é"}, {"Count", 7}}));
}

TEST(RestJsonDecode, ReadsTheQuery) {
  EXPECT_EQ(decode_rest(Call().query("when=2023-11-14T22:13:20Z&limit=5&name=b&name=a&x=1&y=&x=2")),
            Json({{"When", 1700000000000},
                  {"Limit", 5},
                  {"Names", {"b", "a"}},
                  {"Rest", {{"x", "1"}, {"y", ""}}}}));
  EXPECT_EQ(decode(kRest, models::sample, "DoQueryMap", Call().query("a=1&b=2&a=3")),
            Json::parse(R"({"Q":{"a":["1","3"],"b":["2"]}})"));
}

TEST(RestJsonDecode, ReadsHeaders) {
  EXPECT_EQ(decode_rest(Call()
                            .header("x-flag", "TRUE")
                            .header("X-Since", "Tue, 14 Nov 2023 22:13:20 GMT")
                            .header("X-Words", R"(a, "b, \"c\"" ,d)")
                            .header("X-Dates",
                                    "Tue, 14 Nov 2023 22:13:20 GMT, Tue, 14 Nov 2023 22:13:21 GMT")
                            .header("X-Meta-One", "1")
                            .header("x-meta-", "none")),
            Json({{"Flag", true},
                  {"Since", 1700000000000},
                  {"Words", {"a", "b, \"c\"", "d"}},
                  {"Dates", {1700000000000, 1700000001000}},
                  {"Meta", {{"One", "1"}, {"", "none"}}}}));
}

TEST(RestJsonDecode, ReadsTheBodyAndOnlyWhatTravelsThere) {
  EXPECT_EQ(decode_rest(Call(R"({"Text":"t","other-name":"r","Id":"from body","Unknown":1})")
                            .label("id", "from path")),
            Json({{"Text", "t"}, {"Renamed", "r"}, {"Id", "from path"}}));
  EXPECT_EQ(decode_rest(Call("null")), Json::object());
  EXPECT_EQ(decode(kRest, models::sample, "DoNothing", Call("garbage")), Json::object());
}

TEST(RestJsonDecode, ReadsPayloads) {
  EXPECT_EQ(decode(kRest, models::sample, "DoBlob", Call("\xff\1").header("Content-Type", "k")),
            Json({{"Body", binary("\xff\1")}, {"Kind", "k"}}));
  EXPECT_EQ(decode(kRest, models::sample, "DoText", Call("é")), Json({{"Body", "é"}}));
  EXPECT_EQ(decode(kRest, models::sample, "DoTree", Call(R"({"Left":{"Label":"x"}})")),
            Json::parse(R"({"Body":{"Left":{"Label":"x"}}})"));
  for (const char* operation : {"DoBlob", "DoText", "DoTree"}) {
    EXPECT_EQ(decode(kRest, models::sample, operation, Call()), Json::object());
  }
}

TEST(RestJsonDecode, ReadsLambdaInvocations) {
  EXPECT_EQ(decode(kRest, models::lambda, "Invoke",
                   Call("{\"a\":1}")
                       .label("FunctionName", "f")
                       .query("Qualifier=3")
                       .header("X-Amz-Invocation-Type", "Event")),
            Json({{"FunctionName", "f"},
                  {"Qualifier", "3"},
                  {"InvocationType", "Event"},
                  {"Payload", binary("{\"a\":1}")}}));
}

struct BadRest {
  const char* what;
  const char* operation;
  Call call;
};

class RestJsonMalformed : public testing::TestWithParam<BadRest> {};

TEST_P(RestJsonMalformed, IsASerializationException) {
  const std::string error =
      error_of([] { decode(kRest, models::sample, GetParam().operation, GetParam().call); });
  EXPECT_EQ(error.substr(0, 24), "SerializationException: ") << GetParam().what << ": " << error;
}

INSTANTIATE_TEST_SUITE_P(
    All, RestJsonMalformed,
    testing::Values(
        BadRest{"cut off", "DoRest", Call("{")}, BadRest{"a list", "DoRest", Call("[]")},
        BadRest{"a text", "DoRest", Call("\"x\"")}, BadRest{"type", "DoRest", Call("{\"Text\":5}")},
        BadRest{"label", "DoRest", Call().label("count", "x")},
        BadRest{"range", "DoRest", Call().label("count", "2147483648")},
        BadRest{"query", "DoRest", Call().query("limit=%")},
        BadRest{"number", "DoRest", Call().query("limit=1.5")},
        BadRest{"time", "DoRest", Call().query("when=soon")},
        BadRest{"boolean", "DoRest", Call().header("X-Flag", "maybe")},
        BadRest{"date", "DoRest", Call().header("X-Since", "then")},
        BadRest{"header text", "DoRest", Call().header("X-Words", "\xff")},
        BadRest{"prefix text", "DoRest", Call().header("X-Meta-A", "\xff")},
        BadRest{"text", "DoText", Call("\xff")}, BadRest{"tree", "DoTree", Call("[1]")}),
    [](const auto& info) {
      std::string name = info.param.what;
      for (char& c : name) c = c == ' ' ? '_' : c;
      return name;
    });

TEST(RestJsonEncode, WritesStatusHeadersAndBody) {
  const auto answer = encode(kRest, models::sample, "DoRest",
                             {{"Flag", false},
                              {"Since", 1700000000000},
                              {"Words", {"a", "b,c", "\"d"}},
                              {"Meta", {{"One", "1"}}},
                              {"Text", "t"}});
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"Text":"t"})");
  EXPECT_EQ(answer.headers.get("content-type"), "application/json");
  EXPECT_EQ(answer.headers.get("x-flag"), "false");
  EXPECT_EQ(answer.headers.get("x-since"), "Tue, 14 Nov 2023 22:13:20 GMT");
  EXPECT_EQ(answer.headers.get("x-words"), R"(a, "b,c", "\"d")");
  EXPECT_EQ(answer.headers.get("x-meta-one"), "1");
  EXPECT_EQ(answer.headers.get("x-amzn-requestid"), "REQ1");
}

TEST(RestJsonEncode, TakesTheStatusFromItsMember) {
  EXPECT_EQ(encode(kRest, models::sample, "DoRest", {{"Status", 202}}).status, 202);
}

TEST(RestJsonEncode, KeepsHeadersOnOneLine) {
  const auto answer = encode(kRest, models::sample, "DoRest",
                             {{"Words", {"a\r\nSet-Cookie: x"}}, {"Meta", {{"k", "v\nw"}}}});
  EXPECT_EQ(answer.headers.get("x-words"), "a  Set-Cookie: x");
  EXPECT_EQ(answer.headers.get("x-meta-k"), "v w");
}

TEST(RestJsonEncode, WritesPayloads) {
  const auto blob = encode(kRest, models::sample, "DoBlob", {{"Body", binary("\xff")}});
  EXPECT_EQ(blob.body, "\xff");
  EXPECT_EQ(blob.headers.get("content-type"), "application/octet-stream");
  EXPECT_EQ(encode(kRest, models::sample, "DoBlob", {{"Body", binary("x")}, {"Kind", "text/x"}})
                .headers.all("content-type"),
            std::vector<std::string_view>{"text/x"});
  EXPECT_EQ(
      encode(kRest, models::sample, "DoPhoto", {{"Body", binary("x")}}).headers.get("content-type"),
      "image/png");
  EXPECT_EQ(encode(kRest, models::sample, "DoText", {{"Body", "é"}}).body, "é");
  const auto tree =
      encode(kRest, models::sample, "DoTree", {{"Body", {{"Label", "x"}}}, {"Note", "n"}});
  EXPECT_EQ(tree.body, R"({"Label":"x"})");
  EXPECT_EQ(tree.headers.get("content-type"), "application/json");
  EXPECT_EQ(tree.headers.get("x-note"), "n");
  EXPECT_EQ(encode(kRest, models::sample, "DoTree", Json::object()).body, "");
}

TEST(RestJsonEncode, AnswersNothingWhereNothingIsDue) {
  EXPECT_EQ(encode(kRest, models::sample, "DoNothing", Json()).body, "");
  const auto empty = encode(kRest, models::sample, "DoEmpty", Json());
  EXPECT_EQ(empty.status, 204);
  EXPECT_EQ(empty.body, "");
  EXPECT_EQ(encode(kRest, models::sample, "DoRest", Json()).body, "{}");
}

TEST(RestJsonEncode, UsesTheNamesOnTheWireOfApiGateway) {
  EXPECT_EQ(encode(kRest, models::apigateway, "GetRestApis",
                   {{"items", Json::array({{{"id", "a"}, {"createdDate", 1700000000000}}})}})
                .body,
            R"({"item":[{"createdDate":1700000000,"id":"a"}]})");
}

TEST(RestJsonEncode, AnswersInvocationsAsLambdaDoes) {
  const auto answer = encode(kRest, models::lambda, "Invoke",
                             {{"StatusCode", 200},
                              {"Payload", binary("{}")},
                              {"ExecutedVersion", "$LATEST"},
                              {"FunctionError", "Unhandled"}});
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(answer.headers.get("content-type"), "application/json");
  EXPECT_EQ(answer.headers.get("x-amz-executed-version"), "$LATEST");
  EXPECT_EQ(answer.headers.get("x-amz-function-error"), "Unhandled");
}

TEST(RestJsonEncode, TakesNoEventStreamForADocument) {
  EXPECT_THROW(
      encode(kRest, models::lambda, "InvokeWithResponseStream", {{"EventStream", Json::object()}}),
      std::logic_error);
}

TEST(RestJsonError, HasItsTypeInAHeaderAndNotInTheBody) {
  const auto answer = codec(kRest)->encode_error(
      models::sample, AwsError("GoneException", "m", 410).with("RetryAfter", 3).with("Where", "x"),
      {}, "R");
  EXPECT_EQ(answer.status, 410);
  EXPECT_EQ(answer.headers.get("x-amzn-errortype"), "GoneException");
  EXPECT_EQ(answer.headers.get("retry-after"), "3");
  EXPECT_EQ(answer.body, R"({"message":"m","Where":"x"})");
  EXPECT_EQ(answer.headers.get("content-type"), "application/json");
}

TEST(RestJsonError, WritesLambdasMembers) {
  const auto answer = codec(kRest)->encode_error(
      models::lambda, AwsError("ResourceNotFoundException", "m", 404).with("Type", "User"), {},
      "R");
  EXPECT_EQ(Json::parse(answer.body), Json({{"Message", "m"}, {"Type", "User"}}));
}

}  // namespace
}  // namespace paddock::wire
