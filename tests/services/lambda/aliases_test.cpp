// Aliases: names of versions, weighted or not.
#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

// A function "f" with versions 1 (echo) and 2 (echo, described).
class AliasesTest : public LambdaTest {
 protected:
  static constexpr const char* kArn = "arn:aws:lambda:us-east-1:000000000000:function:f";

  void SetUp() override {
    LambdaTest::SetUp();
    create("f", "echo");
    call("PublishVersion", {{"FunctionName", "f"}});
    call("UpdateFunctionConfiguration", {{"FunctionName", "f"}, {"Description", "two"}});
    call("PublishVersion", {{"FunctionName", "f"}});
  }
  Answer alias(const std::string& operation, const std::string& name,
               const Json& more = Json::object()) {
    Json input = {{"FunctionName", "f"}, {"Name", name}};
    input.update(more);
    return call(operation, input);
  }
  Answer weighted(const std::string& operation, const std::string& name, const std::string& version,
                  const Json& weights) {
    return alias(
        operation, name,
        {{"FunctionVersion", version}, {"RoutingConfig", {{"AdditionalVersionWeights", weights}}}});
  }
  std::string executed(const std::string& qualifier) {
    const Answer answer = call("Invoke", {{"FunctionName", "f"}, {"Qualifier", qualifier}});
    EXPECT_EQ(answer.error, "") << answer.message;
    return answer.body.value("ExecutedVersion", "");
  }
};

TEST_F(AliasesTest, AnAliasIsMadeReadListedAndDropped) {
  const Answer made = alias("CreateAlias", "live", {{"FunctionVersion", "1"}});
  ASSERT_EQ(made.error, "") << made.message;
  EXPECT_EQ(made.body["AliasArn"], std::string(kArn) + ":live");
  EXPECT_EQ(made.body["Description"], "");
  EXPECT_FALSE(made.body.contains("RoutingConfig"));
  EXPECT_EQ(alias("GetAlias", "live").body, made.body);
  alias("CreateAlias", "beta", {{"FunctionVersion", "2"}});
  alias("CreateAlias", "newest", {{"FunctionVersion", "$LATEST"}});
  const Json first = call("ListAliases", {{"FunctionName", "f"}, {"MaxItems", 2}}).body;
  ASSERT_EQ(first["Aliases"].size(), 2u);
  EXPECT_EQ(first["Aliases"][0]["Name"], "beta");
  const Json rest =
      call("ListAliases", {{"FunctionName", "f"}, {"Marker", first["NextMarker"]}}).body;
  ASSERT_EQ(rest["Aliases"].size(), 1u);
  EXPECT_EQ(rest["Aliases"][0]["Name"], "newest");
  EXPECT_EQ(call("ListAliases", {{"FunctionName", "f"}, {"FunctionVersion", "1"}})
                .body["Aliases"][0]["Name"],
            "live");
  EXPECT_EQ(alias("DeleteAlias", "live").error, "");
  EXPECT_EQ(alias("DeleteAlias", "live").error, "");
  const Answer gone = alias("GetAlias", "live");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.message, "Cannot find alias arn: " + std::string(kArn) + ":live");
}

TEST_F(AliasesTest, AFunctionReadByAnAliasIsItsVersionUnderTheAliasArn) {
  alias("CreateAlias", "live", {{"FunctionVersion", "1"}});
  const Json config = call("GetFunction", {{"FunctionName", "f:live"}}).body["Configuration"];
  EXPECT_EQ(config["FunctionArn"], std::string(kArn) + ":live");
  EXPECT_EQ(config["Version"], "1");
  EXPECT_EQ(executed("live"), "1");
  alias("UpdateAlias", "live", {{"FunctionVersion", "2"}});
  EXPECT_EQ(executed("live"), "2");
  const std::string partial = "000000000000:function:f:live";
  EXPECT_EQ(call("Invoke", {{"FunctionName", partial}}).body["ExecutedVersion"], "2");
  EXPECT_EQ(call("GetFunction", {{"FunctionName", "f:none"}}).message,
            "Function not found: " + std::string(kArn) + ":none");
}

TEST_F(AliasesTest, AWeightedAliasRunsBothItsVersions) {
  ASSERT_EQ(weighted("CreateAlias", "live", "1", {{"2", 0.5}}).error, "");
  int first = 0;
  int second = 0;
  for (int i = 0; i < 200; ++i) {
    (executed("live") == "1" ? first : second)++;
  }
  // Half of 200: both bounds are beyond seven standard deviations.
  EXPECT_GT(first, 50);
  EXPECT_GT(second, 50);
  weighted("UpdateAlias", "live", "1", {{"2", 1.0}});
  EXPECT_EQ(executed("live"), "2");
  weighted("UpdateAlias", "live", "1", {{"2", 0.0}});
  EXPECT_EQ(executed("live"), "1");
}

TEST_F(AliasesTest, TheSameSeedDrawsTheSameVersions) {
  std::vector<std::string> runs[2];
  for (auto& run : runs) {
    emulator_.reset();
    Options seeded = options();
    seeded.seed = 7;
    start(seeded);
    create("f", "echo");
    call("PublishVersion", {{"FunctionName", "f"}});
    call("UpdateFunctionConfiguration", {{"FunctionName", "f"}, {"Description", "two"}});
    call("PublishVersion", {{"FunctionName", "f"}});
    weighted("CreateAlias", "live", "1", {{"2", 0.5}});
    for (int i = 0; i < 20; ++i) run.push_back(executed("live"));
  }
  EXPECT_EQ(runs[0], runs[1]);
}

TEST_F(AliasesTest, RoutingThatCannotBeIsRefused) {
  EXPECT_EQ(weighted("CreateAlias", "x", "1", {{"1", 0.1}, {"2", 0.1}}).message,
            "Number of items in AdditionalVersionWeights cannot be greater than 1");
  EXPECT_EQ(weighted("CreateAlias", "x", "1", {{"1", 0.5}}).message,
            "Invalid function version 1. Function version 1 is already included in routing "
            "configuration.");
  EXPECT_EQ(weighted("CreateAlias", "x", "1", {{"10", 0.5}}).message,
            "Function not found: " + std::string(kArn) + ":10");
  EXPECT_EQ(weighted("CreateAlias", "x", "$LATEST", {{"1", 0.5}}).message,
            "$LATEST is not supported for an alias pointing to more than 1 version");
  EXPECT_EQ(weighted("CreateAlias", "x", "1", {{"2", 2.0}}).message,
            "1 validation error detected: Value '{2=2.0}' at "
            "'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must "
            "satisfy constraint: [Member must have value less than or equal to 1.0, Member must "
            "have value greater than or equal to 0.0, Member must not be null]");
  EXPECT_EQ(weighted("CreateAlias", "x", "1", {{"$LATEST", 0.5}}).message,
            "1 validation error detected: Value '{$LATEST=0.5}' at "
            "'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must "
            "satisfy constraint: [Member must have length less than or equal to 1024, Member must "
            "have length greater than or equal to 1, Member must satisfy regular expression "
            "pattern: [0-9]+]");
  EXPECT_EQ(alias("GetAlias", "x").error, "ResourceNotFoundException");
  EXPECT_EQ(weighted("CreateAlias", "empty", "1", Json::object()).body.contains("RoutingConfig"),
            false);
}

TEST_F(AliasesTest, AnAliasNeedsANameAndAVersionThatExist) {
  EXPECT_EQ(alias("CreateAlias", "x", {{"FunctionVersion", "10"}}).message,
            "Function not found: " + std::string(kArn) + ":10");
  EXPECT_EQ(call("CreateAlias", {{"FunctionName", "none"}, {"Name", "x"}, {"FunctionVersion", "1"}})
                .message,
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:1");
  EXPECT_EQ(alias("CreateAlias", "2024", {{"FunctionVersion", "1"}}).message,
            "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)");
  EXPECT_EQ(alias("CreateAlias", "2024-01-02", {{"FunctionVersion", "1"}}).error, "");
  const Answer again = alias("CreateAlias", "2024-01-02", {{"FunctionVersion", "1"}});
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.message, "Alias already exists: " + std::string(kArn) + ":2024-01-02");
}

TEST_F(AliasesTest, AnUpdateChangesWhatItNamesAndTheRevision) {
  const Json made = weighted("CreateAlias", "live", "1", {{"2", 0.5}}).body;
  EXPECT_EQ(alias("UpdateAlias", "live", {{"RevisionId", "other"}}).error,
            "PreconditionFailedException");
  EXPECT_EQ(alias("UpdateAlias", "none").message,
            "Alias not found: " + std::string(kArn) + ":none");
  EXPECT_EQ(alias("UpdateAlias", "live", {{"FunctionVersion", "2"}}).message,
            "Invalid function version 2. Function version 2 is already included in routing "
            "configuration.");
  const Json changed =
      alias("UpdateAlias", "live", {{"Description", "d"}, {"RevisionId", made["RevisionId"]}}).body;
  EXPECT_EQ(changed["Description"], "d");
  EXPECT_EQ(changed["RoutingConfig"], made["RoutingConfig"]);
  EXPECT_NE(changed["RevisionId"], made["RevisionId"]);
  const Json plain = alias("UpdateAlias", "live", {{"RoutingConfig", Json::object()}}).body;
  EXPECT_FALSE(plain.contains("RoutingConfig"));
}

TEST_F(AliasesTest, AnAliasHasAPolicyOfItsOwn) {
  const std::string revision =
      alias("CreateAlias", "live", {{"FunctionVersion", "1"}}).body["RevisionId"];
  const Json input = {{"FunctionName", "f"}, {"StatementId", "s"},  {"Action", "lambda:*"},
                      {"Principal", "*"},    {"Qualifier", "live"}, {"RevisionId", revision}};
  const Answer added = call("AddPermission", input);
  ASSERT_EQ(added.error, "") << added.message;
  EXPECT_EQ(Json::parse(added.body["Statement"].get<std::string>())["Resource"],
            std::string(kArn) + ":live");
  EXPECT_EQ(call("AddPermission", input).error, "PreconditionFailedException");
  const Json policy = call("GetPolicy", {{"FunctionName", "f"}, {"Qualifier", "live"}}).body;
  EXPECT_EQ(policy["RevisionId"], alias("GetAlias", "live").body["RevisionId"]);
  EXPECT_NE(policy["RevisionId"], revision);
  EXPECT_EQ(call("GetPolicy", {{"FunctionName", "f"}}).error, "ResourceNotFoundException");
  Json missing = input;
  missing["Qualifier"] = "none";
  EXPECT_EQ(call("AddPermission", missing).message,
            "Cannot find alias arn: " + std::string(kArn) + ":none");
}

TEST_F(AliasesTest, AMappingFollowsItsAlias) {
  call("UpdateFunctionConfiguration", {{"FunctionName", "f"}, {"Handler", "scripted"}});
  call("PublishVersion", {{"FunctionName", "f"}});
  alias("CreateAlias", "live", {{"FunctionVersion", "3"}});
  const Answer made = call("CreateEventSourceMapping", {{"FunctionName", "f:live"},
                                                        {"EventSourceArn", HandStream::kArn},
                                                        {"StartingPosition", "LATEST"}});
  ASSERT_EQ(made.error, "") << made.message;
  EXPECT_EQ(made.body["FunctionArn"], std::string(kArn) + ":live");
  call("UpdateFunctionConfiguration", {{"FunctionName", "f"}, {"Handler", "failing"}});
  stream().put("a");
  wait_quiet();
  ASSERT_EQ(script().requests().size(), 1u);
  EXPECT_EQ(script().requests()[0].function_arn, std::string(kArn) + ":live");
  EXPECT_EQ(call("CreateEventSourceMapping", {{"FunctionName", "f:none"},
                                              {"EventSourceArn", HandStream::kArn},
                                              {"StartingPosition", "LATEST"}})
                .message,
            "Function does not exist");
}

}  // namespace
}  // namespace paddock::services::lambda::testing
