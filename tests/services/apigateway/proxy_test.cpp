// The event of a Lambda proxy integration and what becomes of the answer.
#include "services/apigateway/proxy.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "services/apigateway/limits.hpp"

namespace paddock::services::apigateway {
namespace {

http::RequestHead proxy_head(const std::string& target) {
  http::RequestHead head;
  head.method = "GET";
  head.set_target(target);
  head.headers.add("Host", "abc.execute-api.localhost:4566");
  head.headers.add("User-Agent", "tester/1");
  head.remote_address = "10.0.0.7";
  head.local_port = 4566;
  return head;
}

Json proxy_shape(const http::RequestHead& head, std::string_view body = "") {
  ProxyRequest request(head, body);
  request.api = "abc";
  request.account = "000000000000";
  request.stage = "Prod";
  request.deployment = "dep123";
  request.resource_id = "res123";
  request.resource_path = "/tag/{tag}";
  request.path = "/tag/a%2Bb";
  request.parameters = {{"tag", "a%2Bb"}};
  request.request_id = "request-1";
  request.extended_request_id = "extended-1";
  request.time_ms = 1'795'160'160'123;
  return proxy_event(request);
}

TEST(ProxyEvent, HasTheMembersOfFormatOne) {
  http::RequestHead head = proxy_head("/Prod/tag/a%2Bb");
  Json event = proxy_shape(head);
  EXPECT_EQ(event["resource"], "/tag/{tag}");
  EXPECT_EQ(event["path"], "/tag/a%2Bb");
  EXPECT_EQ(event["httpMethod"], "GET");
  EXPECT_EQ(event["pathParameters"], (Json{{"tag", "a%2Bb"}}));
  EXPECT_EQ(event["isBase64Encoded"], false);
  for (const char* member :
       {"queryStringParameters", "multiValueQueryStringParameters", "stageVariables", "body"}) {
    ASSERT_TRUE(event.contains(member)) << member;
    EXPECT_TRUE(event[member].is_null()) << member;
  }
  EXPECT_EQ(event["headers"]["Host"], "abc.execute-api.localhost:4566");
  EXPECT_EQ(event["headers"]["X-Forwarded-For"], "10.0.0.7");
  EXPECT_EQ(event["headers"]["X-Forwarded-Port"], "4566");
  EXPECT_EQ(event["headers"]["X-Forwarded-Proto"], "http");
  EXPECT_EQ(event["multiValueHeaders"]["User-Agent"], Json::array({"tester/1"}));
  EXPECT_EQ(event.size(), 12u);
}

TEST(ProxyEvent, HasItsContext) {
  http::RequestHead head = proxy_head("/Prod/tag/a%2Bb");
  Json context = proxy_shape(head)["requestContext"];
  Json identity = context["identity"];
  context.erase("identity");
  EXPECT_EQ(context, (Json{{"accountId", "000000000000"},
                           {"apiId", "abc"},
                           {"deploymentId", "dep123"},
                           {"domainName", "abc.execute-api.localhost"},
                           {"domainPrefix", "abc"},
                           {"extendedRequestId", "extended-1"},
                           {"httpMethod", "GET"},
                           {"path", "/Prod/tag/a%2Bb"},
                           {"protocol", "HTTP/1.1"},
                           {"requestId", "request-1"},
                           {"requestTime", "20/Nov/2026:07:36:00 +0000"},
                           {"requestTimeEpoch", 1'795'160'160'123},
                           {"resourceId", "res123"},
                           {"resourcePath", "/tag/{tag}"},
                           {"stage", "Prod"}}));
  EXPECT_EQ(identity["sourceIp"], "10.0.0.7");
  EXPECT_EQ(identity["userAgent"], "tester/1");
  for (const char* member : {"accessKey", "accountId", "caller", "cognitoAuthenticationProvider",
                             "cognitoAuthenticationType", "cognitoIdentityId",
                             "cognitoIdentityPoolId", "principalOrgId", "user", "userArn"}) {
    ASSERT_TRUE(identity.contains(member)) << member;
    EXPECT_TRUE(identity[member].is_null()) << member;
  }
  EXPECT_EQ(identity.size(), 12u);
}

TEST(ProxyEvent, QueryParametersAreDecodedAndTheLastOfANameCounts) {
  http::RequestHead head =
      proxy_head("/Prod/tag/x?category=toys&category=books&plus=a+b&email=a%2Bb%40c&flag&none=");
  Json event = proxy_shape(head);
  EXPECT_EQ(
      event["queryStringParameters"],
      (Json{
          {"category", "books"}, {"plus", "a b"}, {"email", "a+b@c"}, {"flag", ""}, {"none", ""}}));
  EXPECT_EQ(event["multiValueQueryStringParameters"]["category"], Json::array({"toys", "books"}));
}

TEST(ProxyEvent, RepeatedHeadersKeepTheirOrderAndFramingStaysBehind) {
  http::RequestHead head = proxy_head("/Prod/tag/x");
  for (int i = 0; i < 40; ++i) head.headers.add("X-Many", std::to_string(i));
  head.headers.add("Content-Length", "0");
  head.headers.add("Connection", "close");
  Json event = proxy_shape(head);
  EXPECT_EQ(event["headers"]["X-Many"], "39");
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(event["multiValueHeaders"]["X-Many"][static_cast<size_t>(i)], std::to_string(i));
  }
  EXPECT_FALSE(event["headers"].contains("Content-Length"));
  EXPECT_FALSE(event["headers"].contains("Connection"));
}

TEST(ProxyEvent, BytesThatAreNoTextTravelAsBase64) {
  http::RequestHead head = proxy_head("/Prod/tag/x");
  EXPECT_EQ(proxy_shape(head, "hello")["body"], "hello");
  Json event = proxy_shape(head, "\xff\xfe");
  EXPECT_EQ(event["isBase64Encoded"], true);
  EXPECT_EQ(event["body"], "//4=");
}

int proxy_status(const Json& result, bool accepts_binary = false) {
  auto response = proxy_response(result.dump(), accepts_binary);
  return response ? response->status : 502;
}

TEST(ProxyAnswer, TheStatusIsANumberOrItsText) {
  EXPECT_EQ(proxy_status({{"statusCode", 201}}), 201);
  EXPECT_EQ(proxy_status({{"statusCode", "201"}}), 201);
  EXPECT_EQ(proxy_status({{"statusCode", 201.0}}), 201);
  EXPECT_EQ(proxy_status({{"statusCode", 100}}), 100);
  EXPECT_EQ(proxy_status({{"statusCode", 599}}), 599);
  EXPECT_EQ(proxy_status(Json::object()), 200);
  EXPECT_EQ(proxy_status({{"headers", {{"a", "b"}}}}), 200);
  for (const Json& status :
       {Json("test"), Json("201x"), Json(""), Json(99), Json(600), Json(int64_t{4294967496}),
        Json(1e300), Json(200.5), Json(true), Json::array()}) {
    EXPECT_EQ(proxy_status({{"statusCode", status}}), 502) << status;
  }
}

TEST(ProxyAnswer, MalformedResultsAreNone) {
  for (const char* text : {"", "null", "\"text\"", "[]", "{oops", "7"}) {
    EXPECT_FALSE(proxy_response(text, false)) << text;
  }
  EXPECT_EQ(proxy_status({{"statusCode", 200}, {"wrongValue", "value"}}), 502);
  EXPECT_EQ(proxy_status({{"statusCode", 200}, {"body", {{"a", 1}}}}), 502);
  EXPECT_EQ(proxy_status({{"statusCode", 200}, {"headers", "text"}}), 502);
  EXPECT_EQ(proxy_status({{"statusCode", 200}, {"headers", {{"a", Json::array({"b"})}}}}), 502);
  EXPECT_EQ(proxy_status({{"statusCode", 200}, {"multiValueHeaders", {{"a", "b"}}}}), 502);
  EXPECT_EQ(proxy_status({{"statusCode", 200}, {"headers", {{"a", "b\r\nc: d"}}}}), 502);
  EXPECT_EQ(proxy_status({{"statusCode", 200}, {"headers", {{"a b", "c"}}}}), 502);
}

TEST(ProxyAnswer, HeadersMayBeBooleansAndSeveral) {
  auto response =
      proxy_response(R"({"statusCode":200,"headers":{"flag":true,"test-multi":"solo","none":null},)"
                     R"("multiValueHeaders":{"tesT-Multi":["one","two"]}})",
                     false);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.get("flag"), "true");
  EXPECT_FALSE(response->headers.has("none"));
  EXPECT_EQ(response->headers.all("test-multi"), (std::vector<std::string_view>{"one", "two"}));
  EXPECT_EQ(response->headers.get("content-type"), "application/json");
  EXPECT_TRUE(proxy_response(R"({"headers":null,"multiValueHeaders":null,"body":null})", false));
}

TEST(ProxyAnswer, WhatTheGatewaySetsComesOutUnderAnotherName) {
  auto response = proxy_response(
      R"({"headers":{"Date":"d","content-length":"99","Transfer-Encoding":"chunked"}})", false);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.get("x-amzn-Remapped-Date"), "d");
  EXPECT_EQ(response->headers.get("x-amzn-Remapped-content-length"), "99");
  EXPECT_FALSE(response->headers.has("transfer-encoding"));
  EXPECT_FALSE(response->headers.has("content-length"));
}

TEST(ProxyAnswer, Base64IsDecodedForThoseWhoAcceptBinary) {
  const std::string text = R"({"statusCode":200,"isBase64Encoded":true,"body":"/wA="})";
  EXPECT_EQ(proxy_response(text, true)->body, std::string("\xff\0", 2));
  EXPECT_EQ(proxy_response(text, false)->body, "/wA=");
  EXPECT_FALSE(proxy_response(R"({"isBase64Encoded":true,"body":"!"})", true));
  EXPECT_EQ(proxy_response(R"({"isBase64Encoded":false,"body":"/wA="})", true)->body, "/wA=");
}

TEST(ProxyAnswer, BodiesEndAtTheLimit) {
  EXPECT_EQ(proxy_status({{"body", std::string(kMaxPayload, 'x')}}), 200);
  EXPECT_EQ(proxy_status({{"body", std::string(kMaxPayload + 1, 'x')}}), 502);
}

TEST(BinaryTypes, MatchWithWildcards) {
  const Json types = {"image/png", "audio/*"};
  EXPECT_TRUE(matches_binary_type("image/png", types));
  EXPECT_TRUE(matches_binary_type("text/html, Image/PNG;q=0.8", types));
  EXPECT_TRUE(matches_binary_type("audio/ogg", types));
  EXPECT_FALSE(matches_binary_type("image/gif", types));
  EXPECT_FALSE(matches_binary_type("", types));
  EXPECT_FALSE(matches_binary_type("image/png", Json()));
  EXPECT_TRUE(matches_binary_type("anything/else", Json::array({"*/*"})));
}

}  // namespace
}  // namespace paddock::services::apigateway
