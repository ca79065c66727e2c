#include <gtest/gtest.h>

#include "calls.hpp"
#include "models/iam.hpp"
#include "models/sts.hpp"

namespace paddock::wire {
namespace {

constexpr auto kQuery = Protocol::aws_query;

Json decode_query(const std::string& form) {
  return decode(kQuery, models::sample, "DoAll", Call("Action=DoAll&Version=2020-01-02&" + form));
}

TEST(AwsQueryDecode, ReadsScalars) {
  EXPECT_EQ(decode_query("String=a+b%26&Boolean=true&Byte=-1&Integer=42&Long=-9223372036854775808&"
                         "Double=2.5&Blob=AQI%3D&Float=NaN")["Blob"],
            binary("\1\2"));
  EXPECT_EQ(decode_query("String=a+b%26&Boolean=false&Integer=42&Double=2"),
            Json({{"String", "a b&"}, {"Boolean", false}, {"Integer", 42}, {"Double", 2.0}}));
  EXPECT_EQ(decode_query("String="), Json({{"String", ""}}));
}

TEST(AwsQueryDecode, ReadsTimestampsInEveryForm) {
  EXPECT_EQ(decode_query("Timestamp=2023-11-14T22%3A13%3A20Z")["Timestamp"], 1700000000000);
  EXPECT_EQ(decode_query("Timestamp=1700000000.5")["Timestamp"], 1700000000500);
  EXPECT_EQ(decode_query("HttpTime=Tue,+14+Nov+2023+22:13:20+GMT")["HttpTime"], 1700000000000);
}

TEST(AwsQueryDecode, ReadsLists) {
  EXPECT_EQ(decode_query("Strings.member.2=b&Strings.member.1=a")["Strings"], Json({"a", "b"}));
  EXPECT_EQ(decode_query("Strings.member.10=b&Strings.member.9=a")["Strings"], Json({"a", "b"}));
  EXPECT_EQ(decode_query("Strings=")["Strings"], Json::array());
  EXPECT_EQ(decode_query("Named.item.1=x")["Named"], Json({"x"}));
  EXPECT_EQ(decode_query("Named.member.1=x")["Named"], Json({"x"}));
  EXPECT_EQ(decode_query("Flat.1=x&Flat.2=y")["Flat"], Json({"x", "y"}));
  EXPECT_EQ(decode_query("entry.1=x")["FlatNamed"], Json({"x"}));
  EXPECT_EQ(decode_query("Lists.member.1.member.1=a&Lists.member.2.member.1=b")["Lists"],
            Json::parse(R"([["a"],["b"]])"));
}

TEST(AwsQueryDecode, ReadsMaps) {
  EXPECT_EQ(decode_query("StringMap.entry.1.key=k&StringMap.entry.1.value=v&"
                         "StringMap.entry.2.key=l&StringMap.entry.2.value=")["StringMap"],
            Json({{"k", "v"}, {"l", ""}}));
  EXPECT_EQ(decode_query("FlatMap.1.key=k&FlatMap.1.value=3")["FlatMap"], Json({{"k", 3}}));
  EXPECT_EQ(decode_query("TreeMap.entry.1.K=t&TreeMap.entry.1.V.Label=x")["TreeMap"],
            Json::parse(R"({"t":{"Label":"x"}})"));
  EXPECT_EQ(decode_query("StringMap=")["StringMap"], Json::object());
}

TEST(AwsQueryDecode, ReadsStructuresOfAnyDepth) {
  EXPECT_EQ(decode_query("Tree.Left.Left.Label=x&Tree.Children.member.1.Label=y&Unknown.a.b=1"),
            Json::parse(R"({"Tree":{"Left":{"Left":{"Label":"x"}},"Children":[{"Label":"y"}]}})"));
}

TEST(AwsQueryDecode, ReadsTheQueryStringOfGetRequests) {
  EXPECT_EQ(decode(kQuery, models::iam, "GetRole",
                   Call().query("Action=GetRole&RoleName=r&Version=2010-05-08")),
            Json({{"RoleName", "r"}}));
}

TEST(AwsQueryDecode, ReadsRealTags) {
  EXPECT_EQ(decode(kQuery, models::iam, "CreateRole",
                   Call("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=%7B%7D&"
                        "Tags.member.1.Key=k&Tags.member.1.Value=v&MaxSessionDuration=3600")),
            Json({{"RoleName", "r"},
                  {"AssumeRolePolicyDocument", "{}"},
                  {"MaxSessionDuration", 3600},
                  {"Tags", Json::array({{{"Key", "k"}, {"Value", "v"}}})}}));
}

class AwsQueryMalformed : public testing::TestWithParam<const char*> {};

TEST_P(AwsQueryMalformed, IsMalformedInput) {
  const std::string error = error_of([] { decode_query(GetParam()); });
  EXPECT_EQ(error.substr(0, 16), "MalformedInput: ") << error;
}

INSTANTIATE_TEST_SUITE_P(
    All, AwsQueryMalformed,
    testing::Values("String=%", "String=%ff", "String=a&String=b", "String.x=1", "Integer=abc",
                    "Integer=", "Integer=1.5", "Integer=2147483648", "Long=9223372036854775808",
                    "Boolean=maybe", "Double=1x", "Double=1e999", "Timestamp=yesterday", "Blob=a",
                    "Strings=a", "Strings.x.1=a", "Strings.member.a=x", "Strings.member.-1=x",
                    "Strings.member=x", "Strings.member.99999999999=x", "StringMap=x",
                    "StringMap.entry.1.value=v", "StringMap.entry.x.key=v",
                    "StringMap.entry.1.key=k&StringMap.entry.1.value=1&StringMap.entry.2.key=k&"
                    "StringMap.entry.2.value=2",
                    "Tree=x", "Tree.Children.member.1=x", "StringMap.x=1"));

TEST(AwsQueryDecode, TakesTheDeepestStructureAndRefusesOneMore) {
  const auto nested = [](size_t depth) {
    std::string name = "Tree";
    for (size_t i = 0; i + 2 < depth; i++) name += ".Left";
    return name + ".Label=x";
  };
  EXPECT_NO_THROW(decode_query(nested(kMaxDepth)));
  EXPECT_EQ(error_of([&] { decode_query(nested(kMaxDepth + 1)); }),
            "MalformedInput: The input is nested too deeply");
  EXPECT_NE(error_of([&] { decode_query(nested(100'000)); }), "no error");
}

TEST(AwsQueryEncode, WrapsTheResultAndTellsTheRequestId) {
  const auto answer = encode(kQuery, models::sts, "GetCallerIdentity",
                             {{"Arn", "arn:aws:iam::000000000000:root"},
                              {"Account", "000000000000"},
                              {"UserId", "<&>\"\r\1"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.get("content-type"), "text/xml");
  EXPECT_EQ(answer.headers.get("x-amzn-requestid"), "REQ1");
  EXPECT_EQ(answer.body,
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
            "<GetCallerIdentityResult><UserId>&lt;&amp;&gt;&quot;&#xD;&#x1;</UserId>"
            "<Account>000000000000</Account><Arn>arn:aws:iam::000000000000:root</Arn>"
            "</GetCallerIdentityResult><ResponseMetadata><RequestId>REQ1</RequestId>"
            "</ResponseMetadata></GetCallerIdentityResponse>");
}

std::string result_of(const Json& output) {
  const std::string body = encode(kQuery, models::sample, "DoAll", output).body;
  const size_t start = body.find("<DoAllResult>") + 13;
  return body.substr(start, body.find("</DoAllResult>") - start);
}

TEST(AwsQueryEncode, WritesEveryType) {
  EXPECT_EQ(result_of({{"Boolean", true},
                       {"Integer", -1},
                       {"Double", 1.0},
                       {"Blob", binary("\1")},
                       {"Timestamp", 1700000000000},
                       {"Renamed", "r"}}),
            "<Boolean>true</Boolean><Integer>-1</Integer><Double>1.0</Double>"
            "<Timestamp>2023-11-14T22:13:20Z</Timestamp><Blob>AQ==</Blob>"
            "<other-name>r</other-name>");
  EXPECT_EQ(result_of({{"Timestamp", 1700000000123}}),
            "<Timestamp>2023-11-14T22:13:20.123Z</Timestamp>");
  EXPECT_EQ(result_of({{"String", nullptr}}), "");
}

TEST(AwsQueryEncode, WritesLists) {
  EXPECT_EQ(result_of({{"Strings", {"a", "b"}}}),
            "<Strings><member>a</member><member>b</member></Strings>");
  EXPECT_EQ(result_of({{"Strings", Json::array()}}), "<Strings></Strings>");
  EXPECT_EQ(result_of({{"Named", {"a"}}}), "<Named><item>a</item></Named>");
  EXPECT_EQ(result_of({{"Flat", {"a", "b"}}}), "<Flat>a</Flat><Flat>b</Flat>");
  EXPECT_EQ(result_of({{"FlatNamed", {"a"}}}), "<entry>a</entry>");
  EXPECT_EQ(result_of({{"Lists", Json::parse(R"([["a"],[]])")}}),
            "<Lists><member><member>a</member></member><member></member></Lists>");
}

TEST(AwsQueryEncode, WritesMapsAndStructures) {
  EXPECT_EQ(result_of({{"StringMap", {{"k", "v"}}}}),
            "<StringMap><entry><key>k</key><value>v</value></entry></StringMap>");
  EXPECT_EQ(result_of({{"FlatMap", {{"k", 1}}}}),
            "<FlatMap><key>k</key><value>1</value></FlatMap>");
  EXPECT_EQ(result_of({{"TreeMap", {{"k", {{"Label", "x"}}}}}}),
            "<TreeMap><entry><K>k</K><V><Label>x</Label></V></entry></TreeMap>");
}

TEST(AwsQueryEncode, AnswersMetadataAloneWithoutAnOutput) {
  EXPECT_EQ(encode(kQuery, models::iam, "PutRolePolicy", Json()).body,
            "<PutRolePolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
            "<ResponseMetadata><RequestId>REQ1</RequestId></ResponseMetadata>"
            "</PutRolePolicyResponse>");
}

TEST(AwsQueryError, HasTheCodeOnTheWireAndTheSide) {
  const auto answer = codec(kQuery)->encode_error(
      models::iam, AwsError("NoSuchEntityException", "The role <x> cannot be found.", 404), {},
      "R");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.headers.get("content-type"), "text/xml");
  EXPECT_EQ(answer.body,
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>"
            "<Type>Sender</Type><Code>NoSuchEntity</Code>"
            "<Message>The role &lt;x&gt; cannot be found.</Message></Error>"
            "<RequestId>R</RequestId></ErrorResponse>");
  EXPECT_NE(codec(kQuery)
                ->encode_error(models::iam, AwsError("Unheard", "m", 500), {}, "R")
                .body.find("<Type>Receiver</Type><Code>Unheard</Code>"),
            std::string::npos);
}

}  // namespace
}  // namespace paddock::wire
