#include <limits>

#include <gtest/gtest.h>

#include "calls.hpp"
#include "core/digest.hpp"
#include "models/dynamodb.hpp"
#include "models/logs.hpp"

namespace paddock::wire {
namespace {

constexpr auto k10 = Protocol::aws_json_1_0;
constexpr auto k11 = Protocol::aws_json_1_1;

Json decode_all(const std::string& body) {
  return decode(k10, models::sample, "DoAll", Call(body));
}

// One member of the sample's structure of all types.
Json decode_member(const std::string& name, const std::string& json) {
  return decode_all("{\"" + name + "\":" + json + "}")[name];
}

Json encode_member(const std::string& name, const Json& value) {
  return encode(k10, models::sample, "DoAll", {{name, value}}).body;
}

TEST(AwsJsonDecode, ReadsScalars) {
  EXPECT_EQ(decode_member("String", R"("é\u0000x")"), std::string("é\0x", 4));
  EXPECT_EQ(decode_member("Boolean", "true"), true);
  EXPECT_EQ(decode_member("Boolean", "\"False\""), false);
  EXPECT_EQ(decode_member("Byte", "-128"), -128);
  EXPECT_EQ(decode_member("Short", "32767"), 32767);
  EXPECT_EQ(decode_member("Integer", "-2147483648"), INT32_MIN);
  EXPECT_EQ(decode_member("Long", "9223372036854775807"), INT64_MAX);
  EXPECT_EQ(decode_member("Integer", "34.99"), 34);
  EXPECT_EQ(decode_member("Integer", "-34.99"), -34);
  EXPECT_EQ(decode_member("Double", "1.25e3"), 1250.0);
  EXPECT_TRUE(decode_member("Double", "7").is_number_float());
  EXPECT_EQ(decode_member("Float", "\"-Infinity\""), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(decode_member("Double", "\"NaN\"").get<double>()));
  EXPECT_EQ(decode_member("Blob", "\"AAEC/w==\""), binary(std::string("\0\1\2\xff", 4)));
  EXPECT_EQ(decode_member("Blob", "\"\""), binary(""));
}

TEST(AwsJsonDecode, ReadsTimestampsInEveryForm) {
  EXPECT_EQ(decode_member("Timestamp", "1700000000"), 1700000000000);
  EXPECT_EQ(decode_member("Timestamp", "1700000000.123"), 1700000000123);
  EXPECT_EQ(decode_member("Timestamp", "1.7E9"), 1700000000000);
  EXPECT_EQ(decode_member("Timestamp", "-1.5"), -1500);
  EXPECT_EQ(decode_member("IsoTime", "\"2023-11-14T22:13:20Z\""), 1700000000000);
  EXPECT_EQ(decode_member("IsoTime", "\"2023-11-14T23:13:20.5+01:00\""), 1700000000500);
  EXPECT_EQ(decode_member("HttpTime", "\"Tue, 14 Nov 2023 22:13:20 GMT\""), 1700000000000);
}

TEST(AwsJsonDecode, ReadsCollectionsDeepDown) {
  EXPECT_EQ(decode_all(R"({"Strings":["a",""],"Lists":[["x"],[]],"StringMap":{"k":"v","":""},
      "ListMap":{"l":["1"]},"TreeMap":{"t":{"Label":"in map"}},"Integers":[],
      "Tree":{"Label":"top","Left":{"Left":{"Label":"deep"}},"Children":[{"Label":"c"},{}]}})"),
            Json::parse(R"({"Strings":["a",""],"Lists":[["x"],[]],"StringMap":{"k":"v","":""},
      "ListMap":{"l":["1"]},"TreeMap":{"t":{"Label":"in map"}},"Integers":[],
      "Tree":{"Label":"top","Left":{"Left":{"Label":"deep"}},"Children":[{"Label":"c"},{}]}})"));
}

TEST(AwsJsonDecode, RenamesDropsNullsAndUnknownsAndKeepsNullElements) {
  EXPECT_EQ(
      decode_all(R"({"other-name":"r","String":null,"Nobody":{"a":[1]},"Renamed":"no",
      "Strings":["a",null],"StringMap":{"k":null},"Tree":{"Nobody":1,"Left":null}})"),
      Json::parse(R"({"Renamed":"r","Strings":["a",null],"StringMap":{"k":null},"Tree":{}})"));
}

TEST(AwsJsonDecode, LeavesFreeDocumentsAlone) {
  EXPECT_EQ(decode_member("Free", R"({"any":[1,{"x":null}]})"),
            Json::parse(R"({"any":[1,{"x":null}]})"));
  EXPECT_EQ(decode_member("Free", "5"), 5);
}

TEST(AwsJsonDecode, ReadsUnions) {
  EXPECT_EQ(decode_member("Choice", R"({"Number":3,"Text":null,"__type":"x"})"),
            Json({{"Number", 3}}));
}

TEST(AwsJsonDecode, TakesAnEmptyBodyOnlyWhereNothingCanBeSaid) {
  EXPECT_EQ(decode(k10, models::sample, "DoNothing", Call()), Json::object());
  EXPECT_EQ(decode(k10, models::sample, "DoEmpty", Call()), Json::object());
  EXPECT_EQ(decode(k10, models::sample, "DoNothing", Call("{\"a\":1}")), Json::object());
  EXPECT_EQ(error_of([] { decode_all(""); }), "SerializationException: ");
}

struct WrongType {
  const char* member;
  const char* json;
  const char* token;  // DynamoDB's words
  const char* java;   // the older ones
};

class AwsJsonWrongType : public testing::TestWithParam<WrongType> {};

TEST_P(AwsJsonWrongType, IsNamedInTheServicesWords) {
  const Call call("{\"" + std::string(GetParam().member) + "\":" + GetParam().json + "}");
  EXPECT_EQ(error_of([&] {
              // The same shapes in a service of awsJson 1.0.
              ServiceModel service = models::sample;
              service.protocol = Protocol::aws_json_1_0;
              decode(k10, service, "DoAll", call);
            }),
            std::string("SerializationException: ") + GetParam().token);
  EXPECT_EQ(error_of([&] { decode(k11, models::sample, "DoAll", call); }),
            std::string("SerializationException: ") + GetParam().java);
}

constexpr const char* kCast =
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
    "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
    "java.lang.Class are in module java.base of loader 'bootstrap')";
#define NUMBER_CLASS "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"

INSTANTIATE_TEST_SUITE_P(
    All, AwsJsonWrongType,
    testing::Values(
        WrongType{"String", "true", "TRUE_VALUE cannot be converted to String",
                  "class java.lang.Boolean can not be converted to an String"},
        WrongType{"String", "false", "FALSE_VALUE cannot be converted to String",
                  "class java.lang.Boolean can not be converted to an String"},
        WrongType{"String", "23", "NUMBER_VALUE cannot be converted to String",
                  NUMBER_CLASS " can not be converted to an String"},
        WrongType{"String", "34.56", "DECIMAL_VALUE cannot be converted to String",
                  NUMBER_CLASS " can not be converted to an String"},
        WrongType{"String", "[]", "Unrecognized collection type class java.lang.String",
                  "Start of list found where not expected"},
        WrongType{"String", "{}", "Start of structure or map found where not expected",
                  "Start of structure or map found where not expected."},
        WrongType{"Boolean", "\"23\"", "Unexpected token received from parser",
                  "'23' can not be converted to an Boolean"},
        WrongType{"Boolean", "23", "NUMBER_VALUE cannot be converted to Boolean",
                  NUMBER_CLASS " can not be converted to an Boolean"},
        WrongType{"Boolean", "[]", "Unrecognized collection type class java.lang.Boolean",
                  "Start of list found where not expected"},
        WrongType{"Integer", "\"23\"", "STRING_VALUE cannot be converted to Integer",
                  "class java.lang.String can not be converted to an Integer"},
        WrongType{"Long", "true", "TRUE_VALUE cannot be converted to Long",
                  "class java.lang.Boolean can not be converted to an Long"},
        WrongType{"Long", "[]", "Unrecognized collection type class java.lang.Long",
                  "Start of list found where not expected"},
        WrongType{"Double", "\"x\"", "STRING_VALUE cannot be converted to Double",
                  "class java.lang.String can not be converted to an Double"},
        WrongType{"Timestamp", "\"2023-11-14T22:13:20Z\"",
                  "STRING_VALUE can not be converted to milliseconds since epoch",
                  "class java.lang.String can not be converted to milliseconds since epoch"},
        WrongType{"Blob", "true", "only base-64-encoded strings are convertible to bytes",
                  "class java.lang.Boolean can not be converted to a Blob"},
        WrongType{"Blob", "[]", "Unrecognized collection type class java.nio.ByteBuffer",
                  "Start of list found where not expected"},
        WrongType{"Blob", "\"23456\"",
                  "Base64 encoded length is expected a multiple of 4 bytes but found: 5",
                  "'23456' can not be converted to a Blob: Base64 encoded length is expected a "
                  "multiple of 4 bytes but found: 5"},
        WrongType{"Blob", "\"=+/=\"", "Invalid last non-pad Base64 character dectected",
                  "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='"},
        WrongType{"Blob", "\"ab*d\"", "Invalid Base64 character: '*'",
                  "'ab*d' can not be converted to a Blob: Invalid Base64 character: '*'"},
        WrongType{"Strings", "\"a\"", "Unexpected field type", "Expected list or null"},
        WrongType{"Strings", "{}", "Start of structure or map found where not expected",
                  "Start of structure or map found where not expected."},
        WrongType{"Lists", "[1]", kCast, "Expected list or null"},
        WrongType{"StringMap", "5", "Unexpected field type", "Expected map or null"},
        WrongType{"StringMap", "[]",
                  "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>",
                  "Start of list found where not expected"},
        WrongType{"Tree", "true", "Unexpected field type", "Expected null"},
        WrongType{"Tree", "[]",
                  "Unrecognized collection type class com.amazonaws.sample.v20200102.Tree",
                  "Start of list found where not expected"},
        WrongType{"TreeMap", "{\"a\":\"x\"}", "Unexpected value type in payload", "Expected null"},
        WrongType{"Tree", R"({"Children":[{"Label":1}]})",
                  "NUMBER_VALUE cannot be converted to String",
                  NUMBER_CLASS " can not be converted to an String"}));

TEST(AwsJsonDecode, RefusesNumbersOutOfRange) {
  const auto error = [](const char* member, const char* json) {
    return error_of([&] { decode_member(member, json); });
  };
  EXPECT_EQ(error("Integer", "2147483648"),
            "SerializationException: Numeric value (2147483648) out of range of int (-2147483648 - "
            "2147483647)");
  EXPECT_NE(error("Byte", "128"), "no error");
  EXPECT_NE(error("Short", "-32769"), "no error");
  EXPECT_NE(error("Long", "9223372036854775808"), "no error");
  EXPECT_NE(error("Long", "1e300"), "no error");
  EXPECT_NE(error("Timestamp", "18446744073709551615"), "no error");
  EXPECT_NE(error("Timestamp", "1e300"), "no error");
}

TEST(AwsJsonDecode, AnswersMalformedBodiesWithASerializationException) {
  for (const char* body : {"", "{", "[]", "\"x\"", "null", "1", "{\"a\":1,\"a\":1}", "{} {}",
                           "{\"a\":\"\xff\"}", "<xml/>"}) {
    EXPECT_EQ(error_of([&] { decode_all(body); }), "SerializationException: ") << body;
  }
}

TEST(AwsJsonDecode, ReadsDynamoDbItemsByTheModel) {
  const Json input =
      decode(k10, models::dynamodb, "PutItem",
             Call(R"({"TableName":"T","Item":{"a":{"S":"x"},"b":{"B":"AQI="},"n":{"N":"1.50"},
                 "bs":{"BS":["AA==","AQ=="]},"l":{"L":[{"B":"/w=="},{"M":{"d":{"B":""}}}]},
                 "f":{"BOOL":false},"z":{"NULL":true},"s":{"SS":["p","q"]}}})"));
  const Json& item = input["Item"];
  EXPECT_EQ(item["b"]["B"], binary("\1\2"));
  EXPECT_EQ(item["bs"]["BS"][1], binary("\1"));
  EXPECT_EQ(item["l"]["L"][0]["B"], binary("\xff"));
  EXPECT_EQ(item["l"]["L"][1]["M"]["d"]["B"], binary(""));
  EXPECT_EQ(item["n"]["N"], "1.50");
  EXPECT_EQ(item["s"]["SS"], Json({"p", "q"}));
  EXPECT_EQ(item["f"]["BOOL"], false);
}

TEST(AwsJsonDecode, NamesDynamoDbsClassesForWrongTypes) {
  EXPECT_EQ(
      error_of([] { decode(k10, models::dynamodb, "PutItem", Call(R"({"Item":{"a":[]}})")); }),
      "SerializationException: Unrecognized collection type class "
      "com.amazonaws.dynamodb.v20120810.AttributeValue");
  EXPECT_EQ(error_of([] { decode(k10, models::dynamodb, "PutItem", Call(R"({"Item":[]})")); }),
            "SerializationException: Unrecognized collection type java.util.Map<java.lang.String, "
            "com.amazonaws.dynamodb.v20120810.AttributeValue>");
  EXPECT_EQ(error_of([] {
              decode(k10, models::dynamodb, "BatchWriteItem", Call(R"({"RequestItems":[]})"));
            }),
            "SerializationException: Unrecognized collection type java.util.Map<java.lang.String, "
            "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>");
}

TEST(AwsJsonEncode, WritesScalars) {
  EXPECT_EQ(encode_member("String", "a\"\n é"), R"({"String":"a\"\n é"})");
  EXPECT_EQ(encode_member("Boolean", false), R"({"Boolean":false})");
  EXPECT_EQ(encode_member("Long", INT64_MIN), R"({"Long":-9223372036854775808})");
  EXPECT_EQ(encode_member("Integer", 7u), R"({"Integer":7})");
  EXPECT_EQ(encode_member("Double", 1.0), R"({"Double":1.0})");
  EXPECT_EQ(encode_member("Double", 3), R"({"Double":3.0})");
  EXPECT_EQ(encode_member("Double", 0.1), R"({"Double":0.1})");
  EXPECT_EQ(encode_member("Double", 1e300), R"({"Double":1e+300})");
  EXPECT_EQ(encode_member("Float", std::numeric_limits<double>::infinity()),
            R"({"Float":"Infinity"})");
  EXPECT_EQ(encode_member("Double", std::numeric_limits<double>::quiet_NaN()),
            R"({"Double":"NaN"})");
  EXPECT_EQ(encode_member("Blob", binary("\1\2")), R"({"Blob":"AQI="})");
  EXPECT_EQ(encode_member("Renamed", "r"), R"({"other-name":"r"})");
}

TEST(AwsJsonEncode, WritesTimestamps) {
  EXPECT_EQ(encode_member("Timestamp", 1700000000000), R"({"Timestamp":1700000000})");
  EXPECT_EQ(encode_member("Timestamp", 1700000000123), R"({"Timestamp":1700000000.123})");
  EXPECT_EQ(encode_member("Timestamp", 1700000000120), R"({"Timestamp":1700000000.12})");
  EXPECT_EQ(encode_member("Timestamp", 1700000000005), R"({"Timestamp":1700000000.005})");
  EXPECT_EQ(encode_member("Timestamp", -1500), R"({"Timestamp":-1.5})");
  EXPECT_EQ(encode_member("IsoTime", 1700000000000), R"({"IsoTime":"2023-11-14T22:13:20Z"})");
  EXPECT_EQ(encode_member("HttpTime", 1700000000000),
            R"({"HttpTime":"Tue, 14 Nov 2023 22:13:20 GMT"})");
}

TEST(AwsJsonEncode, WritesCollectionsAndLeavesNullMembersOut) {
  const Json output = Json::parse(R"({"Strings":[],"StringMap":{},"Lists":[["a"],[]],
      "Tree":{"Label":null,"Children":[{"Label":"c"}]},"Free":{"x":[1,null]},"String":null})");
  EXPECT_EQ(Json::parse(encode(k10, models::sample, "DoAll", output).body),
            Json::parse(R"({"Strings":[],"StringMap":{},"Lists":[["a"],[]],
      "Tree":{"Children":[{"Label":"c"}]},"Free":{"x":[1,null]}})"));
}

TEST(AwsJsonEncode, WhatItWritesItReads) {
  const Json document = {{"Blob", binary("\0x")},
                         {"Timestamp", 1700000000123},
                         {"Double", 0.25},
                         {"Renamed", "r"},
                         {"TreeMap", {{"a", {{"Label", "x"}}}}}};
  const auto answer = encode(k10, models::sample, "DoAll", document);
  EXPECT_EQ(decode_all(answer.body), document);
}

TEST(AwsJsonEncode, SetsStatusTypeAndRequestId) {
  const auto answer = encode(k10, models::dynamodb, "ListTables", {{"TableNames", {"T"}}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"TableNames":["T"]})");
  EXPECT_EQ(answer.headers.get("content-type"), "application/x-amz-json-1.0");
  EXPECT_EQ(answer.headers.get("x-amzn-requestid"), "REQ1");
  EXPECT_EQ(encode(k11, models::logs, "DescribeLogGroups", Json()).headers.get("content-type"),
            "application/x-amz-json-1.1");
}

TEST(AwsJsonEncode, WritesAnEmptyObjectForNull) {
  EXPECT_EQ(encode(k10, models::dynamodb, "PutItem", Json()).body, "{}");
  EXPECT_EQ(encode(k11, models::logs, "DescribeLogGroups", Json()).body, "{}");
}

TEST(AwsJsonEncode, PassesEncodedTextThrough) {
  const auto answer = codec(k10)->encode_text(
      models::dynamodb, operation_of(models::dynamodb, "GetItem"), R"({"Item":{}})", "R");
  EXPECT_EQ(answer.body, R"({"Item":{}})");
  EXPECT_EQ(answer.headers.get("content-type"), "application/x-amz-json-1.0");
}

std::string_view sample_namespace(std::string_view code) {
  return code == "GoneException" ? "com.sample#" : "com.amazon.coral.service#";
}
std::string_view capital_message(std::string_view) {
  return "Message";
}

TEST(AwsJsonError, CarriesTypeMessageAndExtraMembersByTheShape) {
  ErrorStyle style;
  style.code_namespace = sample_namespace;
  const auto error = AwsError("GoneException", "it \"is\" gone", 410)
                         .with("Image", binary("\1"))
                         .with("Where", "x");
  const auto answer = codec(k10)->encode_error(models::sample, error, style, "R");
  EXPECT_EQ(answer.status, 410);
  EXPECT_EQ(answer.headers.get("x-amzn-requestid"), "R");
  EXPECT_EQ(answer.body, R"({"__type":"com.sample#GoneException","message":"it \"is\" gone",)"
                         R"("Image":"AQ==","Where":"x"})");
}

TEST(AwsJsonError, NamesTheMessageAsTheStyleOrTheShapeDoes) {
  const ErrorStyle plain;
  ErrorStyle capital;
  capital.message_member = capital_message;
  const auto body = [](const AwsError& error, const ErrorStyle& style) {
    return codec(k11)->encode_error(models::sample, error, style, "").body;
  };
  EXPECT_EQ(body(AwsError("LoudException", "m"), plain),
            R"({"__type":"LoudException","Message":"m"})");
  EXPECT_EQ(body(AwsError("Unheard", "m"), plain), R"({"__type":"Unheard","message":"m"})");
  EXPECT_EQ(body(AwsError("Unheard", "m"), capital), R"({"__type":"Unheard","Message":"m"})");
  EXPECT_EQ(body(AwsError("SerializationException", ""), plain),
            R"({"__type":"SerializationException"})");
}

TEST(Finish, AddsTheChecksumWhereTheStyleAsksForIt) {
  ErrorStyle style;
  http::Response answer = encode(k10, models::dynamodb, "PutItem", Json());
  finish(answer, style);
  EXPECT_FALSE(answer.headers.has("x-amz-crc32"));
  style.crc32 = true;
  finish(answer, style);
  finish(answer, style);
  EXPECT_EQ(answer.headers.all("x-amz-crc32").size(), 1u);
  EXPECT_EQ(answer.headers.get("x-amz-crc32"), std::to_string(crc32("{}")));
}

TEST(Codecs, AreThereForTheProtocolsThatAreBuilt) {
  for (const auto protocol : {k10, k11, Protocol::aws_query, Protocol::rest_json}) {
    EXPECT_NE(codec(protocol), nullptr);
  }
  EXPECT_NE(codec(Protocol::rest_xml), nullptr);
  EXPECT_EQ(codec(Protocol::cbor), nullptr);
}

}  // namespace
}  // namespace paddock::wire
