// Application Auto Scaling through the wire, against a whole emulator.
#include <string>

#include <gtest/gtest.h>

#include "support/test_emulator.hpp"

namespace paddock::testing {

class AutoScalingTest : public ::testing::Test {
 protected:
  CallResult call(const char* operation, const Json& input) {
    return emulator.call("application-autoscaling", operation, input);
  }
  Json ok(const char* operation, const Json& input) {
    const CallResult result = call(operation, input);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.text;
    return result.body;
  }
  void expect_error(const CallResult& result, std::string_view code, std::string_view message) {
    EXPECT_EQ(result.status, 400);
    EXPECT_EQ(result.error(), code) << result.text;
    EXPECT_EQ(result.message(), message);
  }
  static Json named(const std::string& table = "Tracks", const std::string& units = "Read") {
    return {{"ServiceNamespace", "dynamodb"},
            {"ResourceId", "table/" + table},
            {"ScalableDimension", "dynamodb:table:" + units + "CapacityUnits"}};
  }
  static Json with(Json input, const Json& more) {
    input.update(more);
    return input;
  }
  Json add_target(const std::string& table = "Tracks", const std::string& units = "Read") {
    return ok("RegisterScalableTarget",
              with(named(table, units), {{"MinCapacity", 5}, {"MaxCapacity", 1000}}));
  }
  static Json tracking(double target = 70.0,
                       const char* metric = "DynamoDBReadCapacityUtilization") {
    return {{"PolicyType", "TargetTrackingScaling"},
            {"TargetTrackingScalingPolicyConfiguration",
             {{"TargetValue", target},
              {"PredefinedMetricSpecification", {{"PredefinedMetricType", metric}}}}}};
  }
  Json targets(const Json& more = Json::object()) {
    return ok("DescribeScalableTargets", with({{"ServiceNamespace", "dynamodb"}}, more));
  }

  TestEmulator emulator;
};

TEST_F(AutoScalingTest, ATargetIsRegisteredAndDescribed) {
  const std::string arn = add_target()["ScalableTargetARN"];
  const std::string stem =
      "arn:aws:application-autoscaling:us-east-1:000000000000:scalable-target/";
  EXPECT_TRUE(arn.starts_with(stem)) << arn;
  EXPECT_EQ(arn.size(), stem.size() + 34);
  const Json found = targets()["ScalableTargets"];
  ASSERT_EQ(found.size(), 1u);
  Json target = found[0];
  EXPECT_TRUE(target["CreationTime"].is_number());
  target.erase("CreationTime");
  EXPECT_EQ(target, with(named(), {{"MinCapacity", 5},
                                   {"MaxCapacity", 1000},
                                   {"RoleARN",
                                    "arn:aws:iam::000000000000:role/aws-service-role/"
                                    "dynamodb.application-autoscaling.amazonaws.com/"
                                    "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"},
                                   {"SuspendedState",
                                    {{"DynamicScalingInSuspended", false},
                                     {"DynamicScalingOutSuspended", false},
                                     {"ScheduledScalingSuspended", false}}},
                                   {"ScalableTargetARN", arn}}));
}

TEST_F(AutoScalingTest, ASecondRegistrationChangesWhatItNames) {
  const Json first = add_target();
  const Json second =
      ok("RegisterScalableTarget",
         with(named(),
              {{"MaxCapacity", 50}, {"SuspendedState", {{"ScheduledScalingSuspended", true}}}}));
  EXPECT_EQ(first, second);
  const Json found = targets()["ScalableTargets"];
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["MinCapacity"], 5);
  EXPECT_EQ(found[0]["MaxCapacity"], 50);
  EXPECT_EQ(found[0]["SuspendedState"]["ScheduledScalingSuspended"], true);
  EXPECT_EQ(found[0]["SuspendedState"]["DynamicScalingInSuspended"], false);
}

TEST_F(AutoScalingTest, TargetsThatCannotBeAreRefused) {
  const Json capacity = {{"MinCapacity", 5}, {"MaxCapacity", 10}};
  const char* unsupported = "Unsupported service namespace, resource type or scalable dimension";
  Json wrong = with(named(), capacity);
  wrong["ResourceId"] = "Tracks";
  expect_error(call("RegisterScalableTarget", wrong), "ValidationException", unsupported);
  wrong = with(named(), capacity);
  wrong["ScalableDimension"] = "ecs:service:DesiredCount";
  expect_error(call("RegisterScalableTarget", wrong), "ValidationException", unsupported);
  wrong["ScalableDimension"] = "dynamodb:index:ReadCapacityUnits";
  expect_error(call("RegisterScalableTarget", wrong), "ValidationException", unsupported);
  wrong["ResourceId"] = "table/Tracks/index/by-device";
  ok("RegisterScalableTarget", wrong);
  expect_error(
      call("RegisterScalableTarget", with(named(), {{"MinCapacity", 11}, {"MaxCapacity", 10}})),
      "ValidationException", "Maximum capacity cannot be less than minimum capacity");
  EXPECT_EQ(call("RegisterScalableTarget", with(named(), {{"MinCapacity", 1}})).error(),
            "ValidationException");
  wrong = with(named(), capacity);
  wrong["ServiceNamespace"] = "dynamo";
  const CallResult result = call("RegisterScalableTarget", wrong);
  EXPECT_EQ(result.error(), "ValidationException");
  EXPECT_TRUE(result.message().starts_with(
      "1 validation error detected: Value 'dynamo' at 'serviceNamespace' failed to satisfy "
      "constraint: Member must satisfy enum value set: ["))
      << result.message();
}

TEST_F(AutoScalingTest, ListsAreFilteredAndPaged) {
  for (const char* table : {"a", "b", "c"}) {
    add_target(table, "Read");
    add_target(table, "Write");
  }
  EXPECT_EQ(
      targets({{"ResourceIds", Json::array({"table/a", "table/c"})}})["ScalableTargets"].size(),
      4u);
  EXPECT_EQ(targets({{"ResourceIds", Json::array({"table/a"})},
                     {"ScalableDimension", "dynamodb:table:WriteCapacityUnits"}})["ScalableTargets"]
                .size(),
            1u);
  EXPECT_EQ(ok("DescribeScalableTargets", {{"ServiceNamespace", "ecs"}})["ScalableTargets"],
            Json::array());
  size_t seen = 0;
  Json more = {{"MaxResults", 4}};
  for (int page = 0; page < 2; ++page) {
    const Json found = targets(more);
    seen += found["ScalableTargets"].size();
    EXPECT_EQ(found.contains("NextToken"), page == 0);
    if (found.contains("NextToken")) more["NextToken"] = found["NextToken"];
  }
  EXPECT_EQ(seen, 6u);
  EXPECT_EQ(
      call("DescribeScalableTargets", {{"ServiceNamespace", "dynamodb"}, {"NextToken", "no token"}})
          .error(),
      "InvalidNextTokenException");
}

TEST_F(AutoScalingTest, ATrackingPolicyAnswersItsAlarms) {
  add_target();
  const Json input = with(named(), with(tracking(), {{"PolicyName", "half"}}));
  const Json put = ok("PutScalingPolicy", input);
  const std::string arn = put["PolicyARN"];
  EXPECT_TRUE(arn.starts_with("arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:")) << arn;
  EXPECT_TRUE(arn.ends_with(":resource/dynamodb/table/Tracks:policyName/half")) << arn;
  ASSERT_EQ(put["Alarms"].size(), 4u);
  const char* kinds[] = {"AlarmHigh", "AlarmLow", "ProvisionedCapacityHigh",
                         "ProvisionedCapacityLow"};
  for (size_t i = 0; i < 4; ++i) {
    const std::string name = put["Alarms"][i]["AlarmName"];
    const std::string stem = std::string("TargetTracking-table/Tracks-") + kinds[i] + "-";
    EXPECT_TRUE(name.starts_with(stem)) << name;
    EXPECT_EQ(name.size(), stem.size() + 36);
    EXPECT_EQ(put["Alarms"][i]["AlarmARN"],
              "arn:aws:cloudwatch:us-east-1:000000000000:alarm:" + name);
  }
  EXPECT_EQ(ok("PutScalingPolicy", input), put);
  const Json found =
      ok("DescribeScalingPolicies", {{"ServiceNamespace", "dynamodb"}})["ScalingPolicies"];
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["PolicyARN"], arn);
  EXPECT_EQ(found[0]["PolicyType"], "TargetTrackingScaling");
  EXPECT_EQ(found[0]["Alarms"], put["Alarms"]);
  EXPECT_EQ(found[0]["TargetTrackingScalingPolicyConfiguration"],
            tracking()["TargetTrackingScalingPolicyConfiguration"]);
}

TEST_F(AutoScalingTest, PoliciesThatDoNotFitAreRefused) {
  const char* nobody =
      "No scalable target registered for service namespace: dynamodb, resource ID: table/Tracks, "
      "scalable dimension: dynamodb:table:ReadCapacityUnits";
  expect_error(call("PutScalingPolicy", with(named(), with(tracking(), {{"PolicyName", "p"}}))),
               "ObjectNotFoundException", nobody);
  add_target();
  ok("PutScalingPolicy", with(named(), with(tracking(), {{"PolicyName", "p"}})));
  expect_error(
      call("PutScalingPolicy", with(named(), with(tracking(50), {{"PolicyName", "q"}}))),
      "ValidationException",
      "Only one TargetTrackingScaling policy for a given metric specification is allowed.");
  expect_error(call("PutScalingPolicy", with(named(), with(tracking(90.1), {{"PolicyName", "p"}}))),
               "ValidationException",
               "For predefined metric type DynamoDBReadCapacityUtilization, target value must be "
               "between '10.0' and '90.0', but was '90.1'.");
  expect_error(call("PutScalingPolicy", with(named(), with(tracking(0), {{"PolicyName", "p"}}))),
               "ValidationException",
               "For target tracking scaling, target value must be between '8.51592E-109' and "
               "'1.174271E108', but was '0.0'.");
  Json steps = {{"PolicyName", "s"},
                {"PolicyType", "StepScaling"},
                {"StepScalingPolicyConfiguration",
                 {{"AdjustmentType", "ChangeInCapacity"},
                  {"StepAdjustments", Json::array({{{"ScalingAdjustment", 1}}})}}}};
  EXPECT_EQ(call("PutScalingPolicy", with(named(), steps)).error(), "ValidationException");
  const Json service = {{"ServiceNamespace", "ecs"},
                        {"ResourceId", "service/default/web"},
                        {"ScalableDimension", "ecs:service:DesiredCount"}};
  ok("RegisterScalableTarget", with(service, {{"MinCapacity", 1}, {"MaxCapacity", 9}}));
  EXPECT_EQ(ok("PutScalingPolicy", with(service, steps))["Alarms"], Json::array());
  steps["PolicyType"] = "PredictiveScaling";
  EXPECT_EQ(call("PutScalingPolicy", with(service, steps)).status, 501);
}

TEST_F(AutoScalingTest, APolicyIsDeleted) {
  add_target();
  ok("PutScalingPolicy", with(named(), with(tracking(), {{"PolicyName", "p"}})));
  ok("DeleteScalingPolicy", with(named(), {{"PolicyName", "p"}}));
  expect_error(
      call("DeleteScalingPolicy", with(named(), {{"PolicyName", "p"}})), "ObjectNotFoundException",
      "No scaling policy found for service namespace: dynamodb, resource ID: "
      "table/Tracks, scalable dimension: dynamodb:table:ReadCapacityUnits, policy name: p");
}

TEST_F(AutoScalingTest, ScheduledActionsAreKept) {
  add_target();
  const Json action = with(named(), {{"ScheduledActionName", "morning"},
                                     {"Schedule", "cron(0 8 * * ? *)"},
                                     {"ScalableTargetAction", {{"MinCapacity", 20}}}});
  ok("PutScheduledAction", action);
  ok("PutScheduledAction",
     with(named(), {{"ScheduledActionName", "morning"}, {"Timezone", "Europe/Zurich"}}));
  const Json found = ok("DescribeScheduledActions",
                        {{"ServiceNamespace", "dynamodb"},
                         {"ScheduledActionNames", Json::array({"morning"})}})["ScheduledActions"];
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["Schedule"], "cron(0 8 * * ? *)");
  EXPECT_EQ(found[0]["Timezone"], "Europe/Zurich");
  EXPECT_EQ(found[0]["ScalableTargetAction"], Json({{"MinCapacity", 20}}));
  const std::string arn = found[0]["ScheduledActionARN"];
  EXPECT_TRUE(arn.ends_with(":resource/dynamodb/table/Tracks:scheduledActionName/morning")) << arn;
  EXPECT_EQ(call("PutScheduledAction",
                 with(named(), {{"ScheduledActionName", "x"}, {"Schedule", "every day"}}))
                .error(),
            "ValidationException");
  ok("DeleteScheduledAction", with(named(), {{"ScheduledActionName", "morning"}}));
  expect_error(call("DeleteScheduledAction", with(named(), {{"ScheduledActionName", "morning"}})),
               "ObjectNotFoundException",
               "No scheduled action found for service namespace: dynamodb, resource ID: "
               "table/Tracks, scalable dimension: dynamodb:table:ReadCapacityUnits, scheduled "
               "action name: morning");
}

TEST_F(AutoScalingTest, DeregisteringTakesPoliciesAndActionsAlong) {
  add_target();
  add_target("Tracks", "Write");
  ok("PutScalingPolicy", with(named(), with(tracking(), {{"PolicyName", "p"}})));
  ok("PutScalingPolicy",
     with(named("Tracks", "Write"),
          with(tracking(70, "DynamoDBWriteCapacityUtilization"), {{"PolicyName", "p"}})));
  ok("PutScheduledAction",
     with(named(), {{"ScheduledActionName", "x"}, {"Schedule", "rate(1 day)"}}));
  ok("DeregisterScalableTarget", named());
  EXPECT_EQ(targets()["ScalableTargets"].size(), 1u);
  EXPECT_EQ(
      ok("DescribeScalingPolicies", {{"ServiceNamespace", "dynamodb"}})["ScalingPolicies"].size(),
      1u);
  EXPECT_EQ(
      ok("DescribeScheduledActions", {{"ServiceNamespace", "dynamodb"}})["ScheduledActions"].size(),
      0u);
  expect_error(call("DeregisterScalableTarget", named()), "ObjectNotFoundException",
               "No scalable target registered for service namespace: dynamodb, resource ID: "
               "table/Tracks, scalable dimension: dynamodb:table:ReadCapacityUnits");
  EXPECT_EQ(ok("DescribeScalingActivities", {{"ServiceNamespace", "dynamodb"}}),
            Json({{"ScalingActivities", Json::array()}}));
}

TEST_F(AutoScalingTest, TargetsAreTagged) {
  const std::string arn = ok("RegisterScalableTarget",
                             with(named(), {{"MinCapacity", 1},
                                            {"MaxCapacity", 2},
                                            {"Tags", {{"team", "blue"}}}}))["ScalableTargetARN"];
  ok("TagResource", {{"ResourceARN", arn}, {"Tags", {{"stage", "dev"}}}});
  ok("UntagResource", {{"ResourceARN", arn}, {"TagKeys", Json::array({"team"})}});
  EXPECT_EQ(ok("ListTagsForResource", {{"ResourceARN", arn}})["Tags"], Json({{"stage", "dev"}}));
  Json many = Json::object();
  for (int i = 0; i < 50; ++i) many["k" + std::to_string(i)] = "v";
  EXPECT_EQ(call("TagResource", {{"ResourceARN", arn}, {"Tags", many}}).error(),
            "TooManyTagsException");
  ok("DeregisterScalableTarget", named());
  EXPECT_EQ(call("ListTagsForResource", {{"ResourceARN", arn}}).error(),
            "ResourceNotFoundException");
}

TEST(DurableAutoScaling, TargetsAndPoliciesSurviveARestart) {
  TempDir directory;
  const Json named = {{"ServiceNamespace", "dynamodb"},
                      {"ResourceId", "table/Tracks"},
                      {"ScalableDimension", "dynamodb:table:ReadCapacityUnits"}};
  Json before;
  {
    TestEmulator emulator(TestEmulator::durable_options(directory.path()));
    Json input = named;
    input.update({{"MinCapacity", 1}, {"MaxCapacity", 2}});
    ASSERT_TRUE(emulator.call("application-autoscaling", "RegisterScalableTarget", input).ok());
    before = emulator
                 .call("application-autoscaling", "DescribeScalableTargets",
                       {{"ServiceNamespace", "dynamodb"}})
                 .body;
  }
  TestEmulator emulator(TestEmulator::durable_options(directory.path()));
  EXPECT_EQ(emulator
                .call("application-autoscaling", "DescribeScalableTargets",
                      {{"ServiceNamespace", "dynamodb"}})
                .body,
            before);
}

}  // namespace paddock::testing
