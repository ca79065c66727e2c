// Filter policies: their limits, their errors as Subscribe and SetSubscriptionAttributes word them,
// and what they let pass.
#include "services/sns/filter_policy.hpp"

#include "core/error.hpp"
#include "tests/services/sns/sns_fixture.hpp"

namespace paddock::services::sns::testing {
namespace filter_policy_tests {

using Scope = FilterPolicy::Scope;

std::string problem(const std::string& policy, Scope scope = Scope::attributes,
                    bool subscribing = true) {
  try {
    const FilterPolicy read(policy, scope, subscribing);
  } catch (const AwsError& error) {
    return error.message();
  }
  return "";
}

bool by_attributes(const std::string& policy, const Json& attributes) {
  return FilterPolicy(policy, Scope::attributes, false).matches(attributes, "");
}

bool by_body(const std::string& policy, const std::string& body) {
  return FilterPolicy(policy, Scope::body, false).matches(Json::object(), body);
}

Json text(const std::string& value) {
  return {{"Type", "String"}, {"Value", value}};
}

std::string values(size_t count) {
  Json list = Json::array();
  for (size_t i = 0; i < count; ++i) list.push_back("v" + std::to_string(i));
  return list.dump();
}

TEST(FilterPolicies, AreRefusedInTheWordsOfTheCall) {
  EXPECT_EQ(problem(R"({"key":{"suffix":"value"}})"),
            "Invalid parameter: Attributes Reason: FilterPolicy: \"suffix\" must be an object or "
            "an array\n at [Source: (String)\"{\"key\":{\"suffix\":\"value\"}}\"; line: 1, "
            "column: 19]");
  EXPECT_EQ(problem(R"({"key_a":"value_one"})", Scope::attributes, false),
            "Invalid parameter: FilterPolicy: \"key_a\" must be an object or an array\n at "
            "[Source: (String)\"{\"key_a\":\"value_one\"}\"; line: 1, column: 11]");
  EXPECT_EQ(problem("{invalid", Scope::attributes, false),
            "Invalid parameter: FilterPolicy: failed to parse JSON. Unexpected character ('i' "
            "(code 105)): was expecting double-quote to start field name\n at [Source: REDACTED "
            "(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]");
  EXPECT_EQ(problem(R"({"key":[{"anything-but":{"suffix":"test"}}]})"),
            "Invalid parameter: Attributes Reason: FilterPolicy: Unsupported anything-but pattern: "
            "suffix\n at [Source: (String)\"{\"key\":[{\"anything-but\":{\"suffix\":\"test\"}}]}\""
            "; line: 1, column: 36]");
}

TEST(FilterPolicies, HaveAtMostFiveKeysAndAHundredAndFiftyCombinations) {
  EXPECT_EQ(problem(R"({"a":[1],"b":[1],"c":[1],"d":[1],"e":[1]})"), "");
  EXPECT_EQ(problem(R"({"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]})"),
            "Invalid parameter: Attributes Reason: FilterPolicy: Filter policy can not have more "
            "than 5 keys");
  EXPECT_EQ(problem("{\"a\":" + values(150) + "}"), "");
  EXPECT_EQ(problem("{\"a\":" + values(151) + "}"),
            "Invalid parameter: Attributes Reason: FilterPolicy: Filter policy is too complex");
  // 3 levels deep with 4 values, 2 with 3: 3 x 4 x 2 x 3 = 72.
  const auto nested = [](size_t first, size_t second) {
    return "{\"a\":{\"b\":{\"c\":" + values(first) + "}},\"d\":{\"e\":" + values(second) + "}}";
  };
  EXPECT_EQ(problem(nested(4, 3), Scope::body), "");
  EXPECT_EQ(problem(nested(5, 5), Scope::body), "");
  EXPECT_EQ(problem(nested(13, 2), Scope::body),
            "Invalid parameter: Attributes Reason: FilterPolicy: Filter policy is too complex");
}

TEST(FilterPolicies, OfAttributesHaveNoLevels) {
  EXPECT_EQ(problem(R"({"a":{"b":["x"]}})", Scope::attributes, false),
            "Invalid parameter: Filter policy scope MessageAttributes does not support nested "
            "filter policy");
  EXPECT_EQ(problem(R"({"$or":[{"a":["x"]},{"b":["y"]}]})"), "");
  EXPECT_EQ(problem(R"({"a":{"b":["x"]}})", Scope::body), "");
}

TEST(FilterPolicies, HostileTextsAreRefusedOrTaken) {
  for (const std::string& bad :
       {std::string("null"), std::string("[]"), std::string("3"), std::string("\"x\""),
        std::string("{\"a\":[1]"), std::string("{\"a\":[1]}}"), std::string("{\"a\":[\"\xff\"]x}"),
        std::string(300, '{'), std::string("{\"a\":") + std::string(5000, '['),
        std::string("{\"a\":[{\"numeric\":[\"=\",1e999]}]}"), std::string(1, '\0')}) {
    EXPECT_NE(problem(bad), "") << bad.substr(0, 40);
  }
  EXPECT_NE(problem("{\"a\":[\"" + std::string(300'000, 'x') + "\"]}"), "");
}

TEST(FilterPolicies, CompareAttributesByTheirType) {
  EXPECT_TRUE(by_attributes(R"({"a":["x"]})", {{"a", text("x")}}));
  EXPECT_FALSE(by_attributes(R"({"a":["x"]})", {{"b", text("x")}}));
  const Json number = {{"a", {{"Type", "Number"}, {"Value", "99.12"}}}};
  EXPECT_TRUE(by_attributes(R"({"a":[{"numeric":[">",0,"<=",100]}]})", number));
  EXPECT_FALSE(by_attributes(R"({"a":["99.12"]})", number));
  EXPECT_TRUE(by_attributes(R"({"a":[99.12]})", number));
  const Json list = {{"a", {{"Type", "String.Array"}, {"Value", R"(["x","y",1,true,null])"}}}};
  EXPECT_TRUE(by_attributes(R"({"a":["y"]})", list));
  EXPECT_TRUE(by_attributes(R"({"a":[true]})", list));
  EXPECT_TRUE(by_attributes(R"({"a":[{"anything-but":["x"]}]})", list));
  EXPECT_FALSE(by_attributes(R"({"a":["z"]})", list));
  const Json bytes = {{"a", {{"Type", "Binary"}, {"Value", "AAEC"}}}};
  EXPECT_FALSE(by_attributes(R"({"a":["AAEC"]})", bytes));
  EXPECT_TRUE(by_attributes(R"({"a":[{"exists":false}]})", bytes));
}

TEST(FilterPolicies, OfBodiesWantAJsonObject) {
  EXPECT_TRUE(by_body(R"({"a":{"b":["x"]}})", R"({"a":{"b":"x"}})"));
  EXPECT_TRUE(by_body(R"({"a":{"b":["x"]}})", R"({"a":[{"b":"y"},{"b":"x"}]})"));
  EXPECT_FALSE(by_body(R"({"a":[{"exists":false}]})", "no json"));
  EXPECT_FALSE(by_body(R"({"a":[{"exists":false}]})", "[]"));
  EXPECT_TRUE(by_body(R"({"a":[{"exists":false}]})", "{}"));
}

class FilterPolicyTest : public SnsTest {};

TEST_F(FilterPolicyTest, DecideWhoGetsAMessage) {
  const std::string arn = topic();
  const std::string to = function();
  subscribe(arn, "lambda", to, {{"FilterPolicy", R"({"kind":["a",{"prefix":"b"}]})"}});
  const auto of_kind = [&](const std::string& kind) {
    publish(arn, kind, attributes({{"kind", {"String", kind}}}));
  };
  of_kind("a");
  of_kind("c");
  of_kind("bee");
  publish(arn, "none");
  std::vector<std::string> got = messages();
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, (std::vector<std::string>{"a", "bee"}));
  const CallResult told = emulator().get("/_paddock/timeline?kind=not-delivered");
  EXPECT_EQ(told.body["Events"].size(), 2u) << told.text;
}

TEST_F(FilterPolicyTest, AreChangedAndTakenAway) {
  const std::string arn = topic();
  const std::string id = subscribe(arn, "lambda", function());
  const auto set = [&](const std::string& name, const std::string& value) {
    return call("SetSubscriptionAttributes",
                {{"SubscriptionArn", id}, {"AttributeName", name}, {"AttributeValue", value}});
  };
  ASSERT_TRUE(set("FilterPolicyScope", "MessageBody").ok());
  ASSERT_TRUE(set("FilterPolicy", R"({"a":{"b":[1]}})").ok());
  EXPECT_EQ(subscription_attributes(id)["FilterPolicyScope"], "MessageBody");
  // The scope cannot change under a policy that it does not allow.
  EXPECT_EQ(set("FilterPolicyScope", "MessageAttributes").error(), "InvalidParameter");
  EXPECT_EQ(set("FilterPolicyScope", "RandomValue").message(),
            "Invalid parameter: FilterPolicyScope: Invalid value [RandomValue]. Please use either "
            "MessageBody or MessageAttributes");
  publish(arn, R"({"a":{"b":1}})");
  publish(arn, R"({"a":{"b":2}})");
  EXPECT_EQ(messages(), std::vector<std::string>{R"({"a":{"b":1}})"});
  ASSERT_TRUE(set("FilterPolicy", "{}").ok());
  EXPECT_FALSE(subscription_attributes(id).contains("FilterPolicy"));
  publish(arn, "all");
  EXPECT_EQ(messages(), std::vector<std::string>{"all"});
}

}  // namespace filter_policy_tests
}  // namespace paddock::services::sns::testing
