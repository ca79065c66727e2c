// One emulator and the usual tables.
#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "support/test_emulator.hpp"

namespace paddock::testing {

class DynamoDbTest : public ::testing::Test {
 protected:
  CallResult call(std::string_view operation, const Json& input) {
    return emulator.call("dynamodb", operation, input);
  }
  CallResult streams(std::string_view operation, const Json& input) {
    return emulator.call("dynamodbstreams", operation, input);
  }
  // Fails the test unless the call succeeds.
  Json ok(std::string_view operation, const Json& input) {
    const CallResult result = call(operation, input);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.text;
    return result.body;
  }
  Json ok_streams(std::string_view operation, const Json& input) {
    const CallResult result = streams(operation, input);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.text;
    return result.body;
  }
  void expect_error(const CallResult& result, std::string_view code, std::string_view message) {
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.error(), code) << result.text;
    EXPECT_EQ(result.message(), message);
  }
  void expect_invalid(const CallResult& result, std::string_view message) {
    expect_error(result, "ValidationException", message);
  }

  static Json attribute(const char* name, const char* type) {
    return {{"AttributeName", name}, {"AttributeType", type}};
  }
  static Json key(const char* name, const char* type) {
    return {{"AttributeName", name}, {"KeyType", type}};
  }
  // Partition key "pk" of type S.
  static Json simple_table(const std::string& name) {
    return {{"TableName", name},
            {"AttributeDefinitions", {attribute("pk", "S")}},
            {"KeySchema", {key("pk", "HASH")}},
            {"BillingMode", "PAY_PER_REQUEST"}};
  }
  // "pk" S and "sk" of the given type.
  static Json sorted_table(const std::string& name, const char* sort_type = "S") {
    return {{"TableName", name},
            {"AttributeDefinitions", {attribute("pk", "S"), attribute("sk", sort_type)}},
            {"KeySchema", {key("pk", "HASH"), key("sk", "RANGE")}},
            {"BillingMode", "PAY_PER_REQUEST"}};
  }
  static Json with_stream(Json table, const char* view) {
    table["StreamSpecification"] = {{"StreamEnabled", true}, {"StreamViewType", view}};
    return table;
  }
  static Json s(const std::string& text) { return {{"S", text}}; }
  static Json n(const std::string& text) { return {{"N", text}}; }

  Json put(const std::string& table, const Json& item) {
    return ok("PutItem", {{"TableName", table}, {"Item", item}});
  }
  Json get(const std::string& table, const Json& item_key) {
    return ok("GetItem", {{"TableName", table}, {"Key", item_key}});
  }

  TestEmulator emulator;
};

}  // namespace paddock::testing
