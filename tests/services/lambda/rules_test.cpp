// The rules of Lambda that need no store.
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "core/text.hpp"
#include "services/lambda/batch.hpp"
#include "services/lambda/filter.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/model.hpp"
#include "support/zip_maker.hpp"

namespace paddock::services::lambda {
namespace {

std::string code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const AwsError& error) {
    return error.code();
  }
  return "";
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const AwsError& error) {
    return error.message();
  }
  return "";
}

TEST(FunctionNames, EveryFormNamesTheFunction) {
  for (const char* text : {"f", "function:f", "123456789012:function:f", "123456789012:f",
                           "arn:aws:lambda:eu-west-1:123456789012:function:f"}) {
    const FunctionName name = parse_function_name(text);
    EXPECT_EQ(name.name, "f") << text;
    EXPECT_EQ(name.qualifier, "") << text;
  }
  const FunctionName full =
      parse_function_name("arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST");
  EXPECT_EQ(full.name, "f");
  EXPECT_EQ(full.qualifier, "$LATEST");
  EXPECT_EQ(full.region, "eu-west-1");
  EXPECT_EQ(full.account, "123456789012");
  EXPECT_EQ(parse_function_name("f:7").qualifier, "7");
  EXPECT_EQ(parse_function_name("function").name, "function");
}

Json create_input() {
  return {{"FunctionName", "f"},
          {"Role", "arn:aws:iam::000000000000:role/r"},
          {"Runtime", "provided.al2023"},
          {"Handler", "echo"},
          {"Code", Json::object()}};
}

Json configure(const Json& input) {
  return new_configuration(input, "f", "us-east-1", "000000000000");
}

TEST(Configuration, HasTheDefaultsOfAws) {
  const Json config = configure(create_input());
  EXPECT_EQ(config["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f");
  EXPECT_EQ(config["Timeout"], 3);
  EXPECT_EQ(config["MemorySize"], 128);
  EXPECT_EQ(config["Version"], "$LATEST");
  EXPECT_EQ(config["PackageType"], "Zip");
  EXPECT_EQ(config["Architectures"], Json::array({"x86_64"}));
  EXPECT_EQ(config["EphemeralStorage"]["Size"], 512);
  EXPECT_EQ(config["TracingConfig"]["Mode"], "PassThrough");
  EXPECT_EQ(config["SnapStart"]["ApplyOn"], "None");
  EXPECT_EQ(config["SnapStart"]["OptimizationStatus"], "Off");
  EXPECT_EQ(config["LoggingConfig"]["LogFormat"], "Text");
  EXPECT_EQ(config["LoggingConfig"]["LogGroup"], "/aws/lambda/f");
  EXPECT_EQ(config["State"], "Active");
  EXPECT_TRUE(config["RuntimeVersionConfig"]["RuntimeVersionArn"].get<std::string>().starts_with(
      "arn:aws:lambda:us-east-1::runtime:"));
  EXPECT_FALSE(config.contains("Environment"));
}

TEST(Configuration, NeedsRuntimeAndHandlerForPackages) {
  Json input = create_input();
  input.erase("Runtime");
  EXPECT_EQ(message_of([&] { configure(input); }),
            "Runtime and Handler are mandatory parameters for functions created with deployment "
            "packages.");
}

TEST(Configuration, TimeoutAndMemoryEndAtTheirLimits) {
  Json input = create_input();
  input["Timeout"] = 900;
  input["MemorySize"] = 10240;
  EXPECT_EQ(configure(input)["Timeout"], 900);
  input["Timeout"] = 901;
  EXPECT_EQ(message_of([&] { configure(input); }),
            "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: "
            "Member must have value less than or equal to 900");
  input["Timeout"] = 1;
  input["MemorySize"] = 10241;
  EXPECT_EQ(message_of([&] { configure(input); }),
            "'MemorySize' value failed to satisfy constraint: Member must have value less than or "
            "equal to 10240");
}

TEST(Configuration, EnvironmentEndsAtFourKilobytes) {
  Json input = create_input();
  const size_t braces = std::string(R"({"V":""})").size();
  input["Environment"]["Variables"]["V"] = std::string(4096 - braces, 'x');
  EXPECT_EQ(code_of([&] { configure(input); }), "");
  input["Environment"]["Variables"]["V"] = std::string(4097 - braces, 'x');
  const std::string message = message_of([&] { configure(input); });
  EXPECT_TRUE(message.starts_with(
      "Lambda was unable to configure your environment variables because the environment variables "
      "you have provided exceeded the 4KB limit. String measured: {\"V\":\"xxx"))
      << message;
}

TEST(Configuration, ReservedVariablesAreRefusedByName) {
  Json input = create_input();
  input["Environment"]["Variables"] = {{"AWS_REGION", "x"}, {"OK", "y"}};
  EXPECT_TRUE(message_of([&] {
                configure(input);
              }).ends_with("Reserved keys used in this request: AWS_REGION"));
}

TEST(Configuration, WhatIsNotBuiltIsRefusedByName) {
  Json input = create_input();
  input["DurableConfig"] = {{"ExecutionTimeout", 10}};
  EXPECT_EQ(message_of([&] { configure(input); }), "DurableConfig is not emulated yet.");
  input.erase("DurableConfig");
  input["PublishTo"] = "LATEST_PUBLISHED";
  EXPECT_EQ(code_of([&] { configure(input); }), "InvalidParameterValueException");
}

TEST(Configuration, CodeAndLayersUnpackToAQuarterOfAGigabyteAtMost) {
  Function function;
  function.code = {{"Unzipped", 62'144'000}, {"Layers", {{"bytes", 200'000'000}}}};
  EXPECT_NO_THROW(check_unpacked(function));
  function.code["Unzipped"] = 62'144'001;
  EXPECT_EQ(message_of([&] { check_unpacked(function); }),
            "Function code combined with layers exceeds the maximum allowed size of 262144000 "
            "bytes. The actual size is 262144001 bytes.");
}

TEST(Payloads, JsonOfEveryKindPasses) {
  for (const char* text : {"", "{}", "null", "[1,2]", "\"x\"", "12", " {\"a\":{}} "}) {
    EXPECT_NO_THROW(check_payload(text)) << text;
  }
}

TEST(Payloads, OthersAreNamedAsTheServiceDoes) {
  EXPECT_EQ(code_of([] { check_payload("{"); }), "InvalidRequestContentException");
  EXPECT_TRUE(message_of([] { check_payload("hello"); })
                  .starts_with("Could not parse request body into json: Could not parse payload "
                               "into json: Unrecognized token 'hello': was expecting (JSON "
                               "String, Number, Array, Object or token 'null', 'true' or "
                               "'false')\n at [Source: REDACTED"));
  EXPECT_TRUE(message_of([] { check_payload("\x99"); }).find("Invalid UTF-8 start byte 0x99") !=
              std::string::npos);
}

// An archive of one empty directory listing: an end record alone.
std::string empty_zip() {
  return std::string("PK\x05\x06", 4) + std::string(18, '\0');
}

TEST(Packages, AreArchivesWithinTheLimits) {
  using paddock::testing::make_zip;
  EXPECT_NO_THROW(check_zip(empty_zip()));
  EXPECT_TRUE(check_zip(make_zip({{"bootstrap", "x"}})).has_bootstrap);
  EXPECT_EQ(message_of([] {
              check_zip(make_zip({{"x", "", 0100644, false, 262'144'001}}));
            }),
            "Unzipped size must be smaller than 262144000 bytes");
  for (const std::string& bad : {std::string("this is not a zip file, is it?"),
                                 make_zip({{"../x", ""}}), make_zip({{"x", "/etc", 0120777}})}) {
    EXPECT_EQ(message_of([&] { check_zip(bad); }),
              "Could not unzip uploaded file. Please check your file, then try to upload again.");
  }
  EXPECT_EQ(code_of([] { check_zip(std::string(kMostZippedBytes + 1, 'x')); }),
            "RequestEntityTooLargeException");
}

TEST(Policies, PrincipalsAreWrittenAsAwsWritesThem) {
  const auto principal = [](const char* text) {
    return policy_statement(
        {{"StatementId", "s"}, {"Action", "lambda:InvokeFunction"}, {"Principal", text}},
        "arn:f")["Principal"];
  };
  EXPECT_EQ(principal("*"), "*");
  EXPECT_EQ(principal("s3.amazonaws.com"), Json::object({{"Service", "s3.amazonaws.com"}}));
  EXPECT_EQ(principal("111111111111"), Json::object({{"AWS", "arn:aws:iam::111111111111:root"}}));
  EXPECT_EQ(principal("arn:aws:iam::111111111111:user/u"),
            Json::object({{"AWS", "arn:aws:iam::111111111111:user/u"}}));
  EXPECT_EQ(message_of([&] { principal("nobody.example.com"); }),
            "The provided principal was invalid. Please check the principal and try again.");
}

Filter filter(const std::string& pattern) {
  return Filter(Json{{"Filters", Json::array({{{"Pattern", pattern}}})}});
}

TEST(Filters, MatchAsEventBridgeDoes) {
  const Json insert = {
      {"eventName", "INSERT"},
      {"dynamodb", {{"NewImage", {{"id", {{"S", "us-1-x"}}}, {"n", {{"N", "42"}}}}}, {"Size", 7}}}};
  EXPECT_TRUE(filter(R"({"eventName":["INSERT","MODIFY"]})").matches(insert));
  EXPECT_FALSE(filter(R"({"eventName":["REMOVE"]})").matches(insert));
  EXPECT_TRUE(
      filter(R"({"dynamodb":{"NewImage":{"id":{"S":[{"prefix":"us-1"}]}}}})").matches(insert));
  EXPECT_TRUE(
      filter(R"({"dynamodb":{"NewImage":{"id":{"S":[{"suffix":"-x"}]}}}})").matches(insert));
  EXPECT_TRUE(filter(R"({"dynamodb":{"Size":[{"numeric":[">",6,"<=",7]}]}})").matches(insert));
  EXPECT_FALSE(filter(R"({"dynamodb":{"Size":[{"numeric":[">",7]}]}})").matches(insert));
  // A number in a string is a string.
  EXPECT_FALSE(
      filter(R"({"dynamodb":{"NewImage":{"n":{"N":[{"numeric":[">",1]}]}}}})").matches(insert));
  EXPECT_TRUE(
      filter(R"({"dynamodb":{"NewImage":{"n":{"N":[{"anything-but":"101"}]}}}})").matches(insert));
  EXPECT_FALSE(
      filter(R"({"dynamodb":{"NewImage":{"n":{"N":[{"anything-but":["42"]}]}}}})").matches(insert));
  EXPECT_TRUE(filter(R"({"$or":[{"eventName":["X"]},{"dynamodb":{"Size":[7]}}]})").matches(insert));
}

TEST(Filters, ExistsLooksAtLeavesOnly) {
  const Json record = {{"a", {{"S", "x"}}}};
  EXPECT_TRUE(filter(R"({"a":{"S":[{"exists":true}]}})").matches(record));
  EXPECT_FALSE(filter(R"({"a":{"S":[{"exists":false}]}})").matches(record));
  EXPECT_TRUE(filter(R"({"b":[{"exists":false}]})").matches(record));
  EXPECT_TRUE(filter(R"({"a":[{"exists":false}]})").matches(record));
}

TEST(Filters, MalformedPatternsAreRefused) {
  for (const char* pattern :
       {"single-string", R"({"eventName": ["INSERT"=123]})", "[]", R"({"a":[]})", R"({"a":"b"})",
        R"({"a":[{"unknown":1}]})", R"({"a":[{"numeric":["~",1]}]})"}) {
    EXPECT_EQ(message_of([&] { filter(pattern); }), "Invalid filter pattern definition.")
        << pattern;
  }
}

events::LogPage page_of(std::initializer_list<const char*> sequences) {
  events::LogPage page;
  for (const char* sequence : sequences) {
    events::LogRecord record;
    record.sequence_number = sequence;
    record.position = page.records.size() + 1;
    page.records.push_back(record);
  }
  page.next_position = page.records.size() + 1;
  return page;
}

TEST(ItemFailures, AreReadAsDocumented) {
  const events::LogPage page = page_of({"10", "11", "12"});
  for (const char* good :
       {"", "null", "[]", "{}", R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})"}) {
    EXPECT_EQ(first_failure(good, page), 3u) << good;
  }
  EXPECT_EQ(first_failure(
                R"({"batchItemFailures":[{"itemIdentifier":"12"},{"itemIdentifier":"11"}]})", page),
            1u);
  for (const char* whole : {R"({"batchItemFailures":[{"itemIdentifier":""}]})",
                            R"({"batchItemFailures":[{"itemIdentifier":null}]})",
                            R"({"batchItemFailures":[{"foo":"11"}]})",
                            R"({"batchItemFailures":[{"itemIdentifier":"99"}]})",
                            R"({"batchItemFailures":"x"})", "12", "not json"}) {
    EXPECT_EQ(first_failure(whole, page), 0u) << whole;
  }
}

TEST(Batches, CarryTheSourceOfEachRecord) {
  events::LogPage page = page_of({"10"});
  page.records[0].event = {{"eventName", "INSERT"}};
  const Json event = Json::parse(event_of(select(page, Filter()), "arn:s", "eu-west-1"));
  EXPECT_EQ(event["Records"][0]["eventSourceARN"], "arn:s");
  EXPECT_EQ(event["Records"][0]["awsRegion"], "eu-west-1");
  EXPECT_EQ(position_after(page, 0), 1u);
  EXPECT_EQ(position_after(page, 1), 2u);
}

}  // namespace
}  // namespace paddock::services::lambda
