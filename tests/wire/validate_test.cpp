#include "wire/validate.hpp"

#include <gtest/gtest.h>

#include "calls.hpp"
#include "models/apigateway.hpp"
#include "models/dynamodb.hpp"
#include "models/iam.hpp"
#include "models/lambda.hpp"
#include "models/logs.hpp"
#include "models/sts.hpp"

namespace paddock::wire {
namespace {

std::string message(const ServiceModel& service, std::string_view operation, const Json& input,
                    ValidateOptions options = {}) {
  const auto violations = validate(*operation_of(service, operation).input, input, options);
  return violations.empty() ? "" : summary(violations);
}

// The tests named Recorded compare with answers of the real services.

TEST(ValidateRecorded, MissingMembers) {
  EXPECT_EQ(message(models::lambda, "UntagResource",
                    {{"Resource", "arn:aws:lambda:us-east-1:000000000000:function:f"}}),
            "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: "
            "Member must not be null");
}

TEST(ValidateRecorded, Enums) {
  EXPECT_EQ(message(models::lambda, "CreateEventSourceMapping",
                    {{"FunctionName", "f"}, {"StartingPosition", "invalid"}}),
            "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy "
            "constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]");
  EXPECT_EQ(message(models::lambda, "CreateFunction",
                    {{"FunctionName", "f"},
                     {"Role", "arn:aws:iam::000000000000:role/r"},
                     {"Code", Json::object()},
                     {"SnapStart", {{"ApplyOn", "invalidOption"}}}}),
            "1 validation error detected: Value 'invalidOption' at 'snapStart.applyOn' failed to "
            "satisfy constraint: Member must satisfy enum value set: [PublishedVersions, None]");
  EXPECT_EQ(message(models::dynamodb, "UpdateKinesisStreamingDestination",
                    {{"TableName", "table"},
                     {"StreamArn", std::string(40, 'a')},
                     {"UpdateKinesisStreamingConfiguration",
                      {{"ApproximateCreationDateTimePrecision", "SECOND"}}}}),
            "1 validation error detected: Value 'SECOND' at "
            "'updateKinesisStreamingConfiguration.approximateCreationDateTimePrecision' failed to "
            "satisfy constraint: Member must satisfy enum value set: [MILLISECOND, MICROSECOND]");
}

TEST(ValidateRecorded, EnumOrderOfLongSets) {
  EXPECT_EQ(message(models::apigateway, "GetGatewayResponse",
                    {{"restApiId", "a"}, {"responseType", "FAKE_RESPONSE_TYPE"}}),
            "1 validation error detected: Value 'FAKE_RESPONSE_TYPE' at 'responseType' failed to "
            "satisfy constraint: Member must satisfy enum value set: [REQUEST_TOO_LARGE, "
            "RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, MISSING_AUTHENTICATION_TOKEN, "
            "BAD_REQUEST_BODY, INVALID_SIGNATURE, INVALID_API_KEY, BAD_REQUEST_PARAMETERS, "
            "AUTHORIZER_FAILURE, UNAUTHORIZED, INTEGRATION_TIMEOUT, ACCESS_DENIED, DEFAULT_4XX, "
            "DEFAULT_5XX, WAF_FILTERED, QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, "
            "UNSUPPORTED_MEDIA_TYPE, INTEGRATION_FAILURE, EXPIRED_TOKEN]");
}

TEST(ValidateRecorded, PatternsAndRanges) {
  EXPECT_EQ(
      message(models::sts, "AssumeRole",
              {{"RoleArn", "arn:aws:iam::000000000000:role/r"}, {"RoleSessionName", "Session1:2"}}),
      "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy "
      "constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*");
  EXPECT_EQ(
      message(models::lambda, "PutProvisionedConcurrencyConfig",
              {{"FunctionName", "f"}, {"Qualifier", "a"}, {"ProvisionedConcurrentExecutions", 0}}),
      "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to "
      "satisfy constraint: Member must have value greater than or equal to 1");
  EXPECT_EQ(message(models::logs, "FilterLogEvents", {{"logGroupName", "g"}, {"limit", 10001}}),
            "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: "
            "Member must have value less than or equal to 10000");
  EXPECT_EQ(
      message(models::lambda, "CreateFunction",
              {{"FunctionName", "invalid:function:name"},
               {"Code", Json::object()},
               {"Role", "arn:aws:iam::000000000000:role/r"}}),
      "1 validation error detected: Value 'invalid:function:name' at 'functionName' failed to "
      "satisfy constraint: Member must satisfy regular expression pattern: "
      "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)"
      "?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?");
}

TEST(ValidateRecorded, ListsOfScalarsAreToldAsAWhole) {
  const auto with = [](const char* member, const Json& value) {
    Json input = {{"FunctionName", "f"},
                  {"Role", "arn:aws:iam::000000000000:role/r"},
                  {"Code", Json::object()}};
    input[member] = value;
    return message(models::lambda, "CreateFunction", input);
  };
  EXPECT_EQ(with("Architectures", {"X86_64"}),
            "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy "
            "constraint: Member must satisfy constraint: [Member must satisfy enum value set: "
            "[x86_64, arm64], Member must not be null]");
  EXPECT_EQ(with("Architectures", {"x86_64", "arm64"}),
            "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to "
            "satisfy constraint: Member must have length less than or equal to 1");
  EXPECT_EQ(with("VpcConfig", {{"SubnetIds", {"bad"}}}),
            "1 validation error detected: Value '[bad]' at 'vpcConfig.subnetIds' failed to satisfy "
            "constraint: Member must satisfy constraint: [Member must have length less than or "
            "equal to 1024, Member must have length greater than or equal to 0, Member must "
            "satisfy regular expression pattern: subnet-[0-9a-z]*]");
}

TEST(ValidateRecorded, MapsOfScalarsAreToldAsAWhole) {
  const auto with = [](const Json& weights) {
    return message(models::lambda, "CreateAlias",
                   {{"FunctionName", "f"},
                    {"Name", "a"},
                    {"FunctionVersion", "1"},
                    {"RoutingConfig", {{"AdditionalVersionWeights", weights}}}});
  };
  EXPECT_EQ(with({{"2", 2.0}}),
            "1 validation error detected: Value '{2=2.0}' at "
            "'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must "
            "satisfy constraint: [Member must have value less than or equal to 1.0, Member must "
            "have value greater than or equal to 0.0, Member must not be null]");
  EXPECT_EQ(with({{"$LATEST", 0.5}}),
            "1 validation error detected: Value '{$LATEST=0.5}' at "
            "'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must "
            "satisfy constraint: [Member must have length less than or equal to 1024, Member must "
            "have length greater than or equal to 1, Member must satisfy regular expression "
            "pattern: [0-9]+]");
}

TEST(ValidateRecorded, ApiGatewaysBodiesAreAMemberOfTheirOwn) {
  ValidateOptions options;
  options.body_under_input = true;
  EXPECT_EQ(message(models::apigateway, "CreateRestApi",
                    {{"name", "n"},
                     {"endpointConfiguration", {{"types", {"wrong"}}, {"ipAddressType", "wrong"}}}},
                    options),
            "2 validation errors detected: Value '[wrong]' at "
            "'createRestApiInput.endpointConfiguration.types' failed to satisfy constraint: Member "
            "must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, "
            "REGIONAL]]; Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' "
            "failed to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]");
  EXPECT_EQ(message(models::apigateway, "UpdateMethodResponse",
                    {{"restApiId", "a"},
                     {"resourceId", "b"},
                     {"httpMethod", "GET"},
                     {"statusCode", "wrong"},
                     {"patchOperations", Json::array({{{"op", "wrong_op"}}})}},
                    options),
            "2 validation errors detected: Value 'wrong_op' at "
            "'updateMethodResponseInput.patchOperations.1.member.op' failed to satisfy constraint: "
            "Member must satisfy enum value set: [add, remove, move, test, replace, copy]; Value "
            "'wrong' at 'statusCode' failed to satisfy constraint: Member must satisfy regular "
            "expression pattern: [1-5]\\d\\d");
}

TEST(Validate, AcceptsWhatIsRight) {
  Patterns patterns;
  ValidateOptions options;
  options.patterns = &patterns;
  EXPECT_EQ(message(models::dynamodb, "PutItem",
                    {{"TableName", "table"},
                     {"Item",
                      {{"a", {{"S", "x"}}},
                       {"b", {{"B", binary("x")}}},
                       {"l", {{"L", Json::array({{{"N", "1"}}})}}}}}},
                    options),
            "");
  EXPECT_EQ(message(models::iam, "GetRole", {{"RoleName", "a+b"}}, options), "");
}

TEST(Validate, CountsLengthInUtf16AtTheEdge) {
  const auto name = [](const std::string& text) {
    return message(models::sts, "GetFederationToken", {{"Name", text}});
  };
  EXPECT_EQ(name(std::string(32, 'a')), "");
  EXPECT_NE(name(std::string(33, 'a')), "");
  EXPECT_EQ(name("ab"), "");
  EXPECT_NE(name("a"), "");
  // Two UTF-16 units each, so sixteen of them are 32 long.
  std::string wide;
  for (int i = 0; i < 16; i++) wide += "\xF0\x9F\x90\xB4";
  EXPECT_EQ(name(wide).find("length"), std::string::npos);
  EXPECT_NE(name(wide + "a").find("length less than or equal to 32"), std::string::npos);
}

TEST(Validate, ListsSeveralInTheModelsOrder) {
  const auto violations = validate(
      *operation_of(models::dynamodb, "CreateTable").input,
      {{"TableName", "table"},
       {"AttributeDefinitions", Json::array({{{"AttributeName", "a"}, {"AttributeType", "X"}}})},
       {"KeySchema", Json::array({{{"KeyType", "HASH"}}, {{"AttributeName", "b"}}})}});
  std::vector<std::string> paths;
  for (const Violation& one : violations) paths.push_back(one.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"attributeDefinitions.1.member.attributeType",
                                             "keySchema.1.member.attributeName",
                                             "keySchema.2.member.keyType"}));
  EXPECT_EQ(violations[0].rule, Violation::Rule::enum_value);
  EXPECT_EQ(violations[0].text,
            "Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [B, N, S]");
  EXPECT_EQ(violations[1].rule, Violation::Rule::required);
}

TEST(Validate, NamesMapKeysInPaths) {
  const auto violations = validate(*operation_of(models::dynamodb, "BatchGetItem").input,
                                   {{"RequestItems", {{"table", {{"AttributesToGet", {"a"}}}}}}});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].text,
            "Value null at 'requestItems.table.member.keys' failed to satisfy constraint: Member "
            "must not be null");
}

TEST(Validate, PrintsValuesAsJavaDoes) {
  const Json transformations =
      Json::array({{{"metricName", "m"}, {"metricNamespace", "n"}, {"metricValue", "1"}},
                   {{"metricName", "o"},
                    {"metricNamespace", "n"},
                    {"metricValue", "1"},
                    {"dimensions", {{"k", "v"}}}}});
  const auto violations = validate(*operation_of(models::logs, "PutMetricFilter").input,
                                   {{"logGroupName", "g"},
                                    {"filterName", "f"},
                                    {"filterPattern", ""},
                                    {"metricTransformations", transformations}});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].rule, Violation::Rule::length);
  EXPECT_EQ(violations[0].text.substr(0, violations[0].text.find("' at '")),
            "Value '[MetricTransformation(metricName=m, metricNamespace=n, metricValue=1, "
            "defaultValue=null, unit=null, dimensions=null), MetricTransformation(metricName=o, "
            "metricNamespace=n, metricValue=1, defaultValue=null, unit=null, dimensions={k=v})]");
}

TEST(Validate, RefusesNullElements) {
  EXPECT_EQ(message(models::dynamodb, "BatchGetItem", {{"RequestItems", {{"table", nullptr}}}}),
            "1 validation error detected: Value '{table=null}' at 'requestItems' failed to satisfy "
            "constraint: Map value must satisfy constraint: [Member must not be null]");
  EXPECT_EQ(
      message(models::lambda, "UntagResource",
              {{"Resource", "arn:aws:lambda:us-east-1:000000000000:function:f"},
               {"TagKeys", {nullptr}}}),
      "1 validation error detected: Value '[null]' at 'tagKeys' failed to satisfy constraint: "
      "Member must satisfy constraint: [Member must not be null]");
}

TEST(Validate, RefusesOtherTypesThanTheModels) {
  const auto rule = [](const Json& input) {
    const auto violations = validate(*operation_of(models::sample, "DoAll").input, input);
    return violations.size() == 1 && violations[0].rule == Violation::Rule::type;
  };
  for (const char* member : {"String", "Boolean", "Integer", "Double", "Timestamp", "Blob",
                             "Strings", "StringMap", "Tree"}) {
    // No member takes a text and a flag at once.
    const Json wrong = std::string(member) == "String" ? Json(true) : Json("text");
    EXPECT_TRUE(rule({{member, wrong}})) << member;
  }
  EXPECT_TRUE(rule({{"Strings", {1}}}));
  EXPECT_TRUE(rule(Json::array()));
  EXPECT_TRUE(rule("text"));
}

TEST(Validate, StopsAtTheMost) {
  ValidateOptions options;
  options.most = 3;
  Json keys = Json::array();
  for (int i = 0; i < 10; i++) keys.push_back(Json::object());
  EXPECT_EQ(
      validate(*operation_of(models::dynamodb, "CreateTable").input, {{"KeySchema", keys}}, options)
          .size(),
      3u);
}

TEST(Validate, BoundsDepthAndTheTextOfValues) {
  Json tree = {{"Label", "x"}};
  for (int i = 0; i < 5000; i++) {
    Json above;
    above["Left"] = std::move(tree);
    tree = std::move(above);
  }
  EXPECT_FALSE(validate(*operation_of(models::sample, "DoAll").input, {{"Tree", tree}}).empty());
  const auto violations = validate(*operation_of(models::iam, "GetRole").input,
                                   {{"RoleName", std::string(1'000'000, 'x') + "é"}});
  ASSERT_FALSE(violations.empty());
  EXPECT_LT(violations[0].text.size(), 66'000u);
}

TEST(Validate, KeepsTheCaseOfNamesWhenAsked) {
  ValidateOptions options;
  options.lower_first = false;
  EXPECT_EQ(validate(*operation_of(models::iam, "GetRole").input, Json::object(), options)[0].path,
            "RoleName");
}

}  // namespace
}  // namespace paddock::wire
