// Published versions: numbered, immutable, invoked by their number.
#include "core/text.hpp"
#include "tests/services/lambda/user_code_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

class VersionsTest : public UserCodeTest {
 protected:
  static constexpr const char* kArn = "arn:aws:lambda:us-east-1:000000000000:function:f";

  Answer publish(const Json& more = Json::object()) {
    Json input = {{"FunctionName", "f"}};
    input.update(more);
    return call("PublishVersion", input);
  }
  Answer configure(const Json& more) {
    Json input = {{"FunctionName", "f"}};
    input.update(more);
    return call("UpdateFunctionConfiguration", input);
  }
  Json config(const std::string& qualifier) {
    return call("GetFunctionConfiguration", {{"FunctionName", "f"}, {"Qualifier", qualifier}}).body;
  }
  Answer invoke(const std::string& qualifier) {
    return call("Invoke",
                {{"FunctionName", "f"}, {"Qualifier", qualifier}, {"Payload", payload("{}")}});
  }
  std::vector<std::string> versions(const Json& more = Json::object()) {
    Json input = {{"FunctionName", "f"}};
    input.update(more);
    std::vector<std::string> found;
    const Json body = call("ListVersionsByFunction", input).body;
    for (const Json& version : body["Versions"]) found.push_back(version["Version"]);
    return found;
  }
};

TEST_F(VersionsTest, APublishedVersionIsActiveAndNamesItselfInItsArn) {
  create("f", "echo");
  const std::string before = config("$LATEST")["RevisionId"];
  const Answer made = publish({{"Description", "first"}});
  ASSERT_EQ(made.error, "") << made.message;
  EXPECT_EQ(made.body["Version"], "1");
  EXPECT_EQ(made.body["FunctionArn"], std::string(kArn) + ":1");
  EXPECT_EQ(made.body["State"], "Active");
  EXPECT_EQ(made.body["LastUpdateStatus"], "Successful");
  EXPECT_EQ(made.body["Description"], "first");
  EXPECT_EQ(config("1"), made.body);
  EXPECT_EQ(config("$LATEST")["Description"], "");
  EXPECT_NE(config("$LATEST")["RevisionId"], before);
  EXPECT_NE(config("$LATEST")["RevisionId"], made.body["RevisionId"]);
}

TEST_F(VersionsTest, NothingIsPublishedWhenNothingChanged) {
  create("f", "echo");
  const Json first = publish().body;
  const std::string latest = config("$LATEST")["RevisionId"];
  EXPECT_EQ(publish({{"Description", "again"}}).body, first);
  EXPECT_EQ(config("$LATEST")["RevisionId"], latest);
  configure({{"Description", "changed"}});
  EXPECT_EQ(publish().body["Version"], "2");
  EXPECT_EQ(versions(), (std::vector<std::string>{"$LATEST", "1", "2"}));
}

TEST_F(VersionsTest, AVersionKeepsItsConfigurationAndItsCode) {
  python("def handler(event, context):\n  return ['one', context.function_version]\n");
  publish();
  const Json entries = package({{"main.py",
                                 "def handler(e, c):\n  return ['two', c.function_version,"
                                 " c.invoked_function_arn, c.log_stream_name]\n"}});
  call("UpdateFunctionCode", {{"FunctionName", "f"}, {"ZipFile", entries}});
  configure({{"Timeout", 9}});
  EXPECT_EQ(config("1")["Timeout"], 20);
  EXPECT_NE(config("1")["CodeSha256"], config("$LATEST")["CodeSha256"]);
  EXPECT_EQ(run("{}", "f:1").body, (Json{"one", "1"}));
  publish();
  const Json two = run("{}", "f:2").body;
  EXPECT_EQ(two[1], "2");
  EXPECT_EQ(two[2], std::string(kArn) + ":2");
  EXPECT_NE(two[3].get<std::string>().find("/[2]"), std::string::npos) << two;
  EXPECT_EQ(run("{}", "f").body[1], "$LATEST");
  // Version 2's code is $LATEST's: it goes with the last of the two.
  call("DeleteFunction", {{"FunctionName", "f"}, {"Qualifier", "2"}});
  EXPECT_EQ(run("{}", "f").body[0], "two");
  EXPECT_EQ(run("{}", "f:1").body[0], "one");
}

TEST_F(VersionsTest, InvokeSaysWhichVersionRan) {
  create("f", "echo");
  publish();
  EXPECT_EQ(invoke("1").body["ExecutedVersion"], "1");
  EXPECT_EQ(invoke("$LATEST").body["ExecutedVersion"], "$LATEST");
  const Answer missing = invoke("7");
  EXPECT_EQ(missing.error, "ResourceNotFoundException");
  EXPECT_EQ(missing.message, "Function not found: " + std::string(kArn) + ":7");
  EXPECT_EQ(invoke("$latest").message, "Function not found: " + std::string(kArn) + ":$latest");
  EXPECT_EQ(call("Invoke", {{"FunctionName", "none"}}).message,
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none:$LATEST");
}

TEST_F(VersionsTest, AnEventInvocationRunsTheVersionItNames) {
  create("f", "scripted");
  publish();
  configure({{"Handler", "failing"}});
  call("Invoke", {{"FunctionName", "f:1"}, {"InvocationType", "Event"}});
  wait_quiet();
  ASSERT_EQ(script().requests().size(), 1u);
  EXPECT_EQ(script().requests()[0].function_arn, std::string(kArn) + ":1");
}

TEST_F(VersionsTest, ConditionsOfPublishingAreChecked) {
  create("f", "echo");
  const Answer stale = publish({{"RevisionId", "other"}});
  EXPECT_EQ(stale.error, "PreconditionFailedException");
  EXPECT_EQ(stale.message,
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id");
  const std::string sha = config("$LATEST")["CodeSha256"];
  EXPECT_EQ(publish({{"CodeSha256", "some"}}).message,
            "CodeSHA256 (some) is different from current CodeSHA256 in $LATEST (" + sha +
                "). Please try again with the CodeSHA256 in $LATEST.");
  EXPECT_EQ(versions(), std::vector<std::string>{"$LATEST"});
  const Json right = {{"CodeSha256", sha}, {"RevisionId", config("$LATEST")["RevisionId"]}};
  EXPECT_EQ(publish(right).body["Version"], "1");
  EXPECT_EQ(call("PublishVersion", {{"FunctionName", "none"}}).message,
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none");
}

TEST_F(VersionsTest, CreatingAndUpdatingCodeMayPublish) {
  Json input = function("f", "echo");
  input["Publish"] = true;
  const Json made = call("CreateFunction", input).body;
  EXPECT_EQ(made["Version"], "1");
  EXPECT_EQ(made["FunctionArn"], kArn);
  EXPECT_EQ(made["State"], "Pending");
  EXPECT_EQ(config("1")["State"], "Active");
  const Json updated =
      call("UpdateFunctionCode",
           {{"FunctionName", "f"}, {"ZipFile", package({{"new", "file"}})}, {"Publish", true}})
          .body;
  EXPECT_EQ(updated["Version"], "2");
  EXPECT_EQ(updated["FunctionArn"], std::string(kArn) + ":2");
  EXPECT_EQ(updated["State"], "Pending");
  EXPECT_FALSE(updated.contains("LastUpdateStatus"));
  EXPECT_EQ(config("2")["CodeSha256"], config("$LATEST")["CodeSha256"]);
  const Json same =
      call("UpdateFunctionCode",
           {{"FunctionName", "f"}, {"ZipFile", package({{"new", "file"}})}, {"Publish", true}})
          .body;
  EXPECT_EQ(same["Version"], "2");
  EXPECT_EQ(same["State"], "Active");
}

TEST_F(VersionsTest, NumbersAreNotUsedTwice) {
  create("f", "echo");
  publish();
  EXPECT_EQ(call("DeleteFunction", {{"FunctionName", "f"}, {"Qualifier", "1"}}).error, "");
  EXPECT_EQ(config("1").size(), 0u);
  EXPECT_EQ(publish().body["Version"], "2");
  call("DeleteFunction", {{"FunctionName", "f"}});
  create("f", "echo");
  EXPECT_EQ(versions(), std::vector<std::string>{"$LATEST"});
  EXPECT_EQ(publish().body["Version"], "3");
}

TEST_F(VersionsTest, DeletingAVersionIsRefusedWhileAnAliasPointsToIt) {
  create("f", "echo");
  publish();
  call("CreateAlias", {{"FunctionName", "f"}, {"Name", "live"}, {"FunctionVersion", "1"}});
  const Answer refused = call("DeleteFunction", {{"FunctionName", "f"}, {"Qualifier", "1"}});
  EXPECT_EQ(refused.error, "ResourceConflictException");
  EXPECT_EQ(refused.message,
            "Unable to delete version because the following aliases reference it: [live]");
  EXPECT_EQ(call("DeleteFunction", {{"FunctionName", "f"}, {"Qualifier", "live"}}).message,
            "Deletion of aliases is not currently supported.");
  EXPECT_EQ(call("DeleteFunction", {{"FunctionName", "f"}, {"Qualifier", "$LATEST"}}).message,
            "$LATEST version cannot be deleted without deleting the function.");
  EXPECT_EQ(call("DeleteFunction", {{"FunctionName", "f"}, {"Qualifier", "99"}}).error, "");
  EXPECT_EQ(versions(), (std::vector<std::string>{"$LATEST", "1"}));
}

TEST_F(VersionsTest, ListsOfVersionsArePaged) {
  for (const char* name : {"e", "f", "g"}) create(name, "echo");
  for (int i = 1; i <= 11; ++i) {
    configure({{"Timeout", i}});
    publish();
  }
  const Json first = call("ListVersionsByFunction", {{"FunctionName", "f"}, {"MaxItems", 10}}).body;
  EXPECT_EQ(first["Versions"].back()["Version"], "9");
  EXPECT_FALSE(first["Versions"][0].contains("State"));
  EXPECT_EQ(versions({{"Marker", first["NextMarker"]}}), (std::vector<std::string>{"10", "11"}));

  std::vector<std::string> arns;
  Json input = {{"FunctionVersion", "ALL"}, {"MaxItems", 3}};
  for (;;) {
    const Json page = call("ListFunctions", input).body;
    for (const Json& entry : page["Functions"]) {
      arns.push_back(entry["FunctionArn"].get<std::string>().substr(47));
    }
    if (!page.contains("NextMarker")) break;
    ASSERT_EQ(page["Functions"].size(), 3u);
    input["Marker"] = page["NextMarker"];
  }
  EXPECT_EQ(arns,
            (std::vector<std::string>{"e:$LATEST", "f:$LATEST", "f:1", "f:2", "f:3", "f:4", "f:5",
                                      "f:6", "f:7", "f:8", "f:9", "f:10", "f:11", "g:$LATEST"}));
}

TEST_F(VersionsTest, AVersionHasAPolicyOfItsOwn) {
  create("f", "echo");
  Json input = {{"FunctionName", "f"},
                {"StatementId", "s3"},
                {"Action", "lambda:InvokeFunction"},
                {"Principal", "s3.amazonaws.com"}};
  call("AddPermission", input);
  const std::string revision = publish().body["RevisionId"];
  EXPECT_EQ(call("GetPolicy", {{"FunctionName", "f"}, {"Qualifier", "1"}}).message,
            "The resource you requested does not exist.");
  input["Qualifier"] = "1";
  const Json added = Json::parse(call("AddPermission", input).body["Statement"].get<std::string>());
  EXPECT_EQ(added["Resource"], std::string(kArn) + ":1");
  EXPECT_NE(config("1")["RevisionId"], revision);
  EXPECT_EQ(call("GetPolicy", {{"FunctionName", "f:1"}}).body["RevisionId"],
            config("1")["RevisionId"]);
  EXPECT_EQ(
      call("RemovePermission", {{"FunctionName", "f"}, {"Qualifier", "1"}, {"StatementId", "s3"}})
          .error,
      "");
  EXPECT_EQ(call("GetPolicy", {{"FunctionName", "f:1"}}).error, "ResourceNotFoundException");
  EXPECT_EQ(call("GetPolicy", {{"FunctionName", "f"}}).error, "");
}

TEST_F(VersionsTest, VersionsSurviveARestart) {
  Options kept = options();
  const auto folder = std::filesystem::path(::testing::TempDir()) /
                      ("paddock-versions-" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  kept.data_dir = folder.string();
  kept.durability = storage::Durability::wal;
  emulator_.reset();
  start(kept);
  create("f", "echo");
  publish();
  call("CreateAlias", {{"FunctionName", "f"}, {"Name", "live"}, {"FunctionVersion", "1"}});
  emulator_.reset();
  start(kept);
  EXPECT_EQ(versions(), (std::vector<std::string>{"$LATEST", "1"}));
  EXPECT_EQ(invoke("live").body["ExecutedVersion"], "1");
  emulator_.reset();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
