// Functions as resources: made, read, listed, changed, dropped.
#include "core/digest.hpp"
#include "core/text.hpp"
#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

TEST_F(LambdaTest, ACreatedFunctionIsPendingInTheAnswerAndActiveAfterIt) {
  const Answer made = create("f", "echo");
  ASSERT_EQ(made.error, "") << made.message;
  EXPECT_EQ(made.body["State"], "Pending");
  EXPECT_EQ(made.body["StateReasonCode"], "Creating");
  EXPECT_FALSE(made.body.contains("LastUpdateStatus"));
  const Answer read = call("GetFunction", {{"FunctionName", "f"}});
  const Json& config = read.body["Configuration"];
  EXPECT_EQ(config["State"], "Active");
  EXPECT_EQ(config["LastUpdateStatus"], "Successful");
  EXPECT_EQ(config["CodeSize"], 22);
  const Json archive = zip();
  const Json::binary_t& bytes = archive.get_binary();
  EXPECT_EQ(config["CodeSha256"], to_base64(sha256(std::string(bytes.begin(), bytes.end()))));
  EXPECT_NE(config["RevisionId"], made.body["RevisionId"]);
  EXPECT_EQ(read.body["Code"]["RepositoryType"], "S3");
}

TEST_F(LambdaTest, ASecondFunctionOfThatNameIsAConflict) {
  create("f", "echo");
  const Answer again = create("f", "echo");
  EXPECT_EQ(again.error, "ResourceConflictException");
  EXPECT_EQ(again.message, "Function already exist: f");
  EXPECT_EQ(again.status, 409);
}

TEST_F(LambdaTest, AHandlerThatIsNotBuiltInIsRefusedWithTheNamesThatAre) {
  const Answer made = create("f", "nothing");
  EXPECT_EQ(made.error, "InvalidParameterValueException");
  EXPECT_EQ(made.message,
            "No function named 'nothing' is built into Paddock; Handler must be one of: echo, "
            "failing, scripted.");
  EXPECT_EQ(call("GetFunction", {{"FunctionName", "f"}}).error, "ResourceNotFoundException");
}

TEST_F(LambdaTest, CodeIsNeededAndMustBeAnArchive) {
  Json input = function("f", "echo");
  input["Code"] = Json::object();
  EXPECT_EQ(call("CreateFunction", input).message, "Please provide a source for function code.");
  input["Code"]["ZipFile"] = payload("no archive");
  EXPECT_EQ(call("CreateFunction", input).message,
            "Could not unzip uploaded file. Please check your file, then try to upload again.");
  input["Code"] = {{"ImageUri", "x"}};
  EXPECT_EQ(call("CreateFunction", input).message,
            "Please don't provide ImageUri when creating a function with packageType Zip.");
}

TEST_F(LambdaTest, ANameOfSixtyFiveCharactersIsTooLong) {
  EXPECT_EQ(create(std::string(64, 'a'), "echo").error, "");
  const Answer made = create(std::string(65, 'a'), "echo");
  EXPECT_EQ(made.error, "InvalidParameterValueException");
  EXPECT_TRUE(made.message.ends_with(
      "at 'functionName' failed to satisfy constraint: Member must have length less than or equal "
      "to 64"));
}

TEST_F(LambdaTest, AMissingFunctionIsNamedByItsArn) {
  const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:none";
  for (const char* operation :
       {"GetFunction", "GetFunctionConfiguration", "DeleteFunction", "GetFunctionConcurrency"}) {
    const Answer answer = call(operation, {{"FunctionName", "none"}});
    EXPECT_EQ(answer.error, "ResourceNotFoundException") << operation;
    EXPECT_EQ(answer.message, "Function not found: " + arn) << operation;
    EXPECT_EQ(answer.status, 404) << operation;
  }
  EXPECT_EQ(call("GetFunction", {{"FunctionName", "none"}, {"Qualifier", "7"}}).message,
            "Function not found: " + arn + ":7");
}

TEST_F(LambdaTest, NamesRegionsAndQualifiersMustAgree) {
  create("f", "echo");
  EXPECT_EQ(call("GetFunction", {{"FunctionName", "f:$LATEST"}, {"Qualifier", "1"}}).message,
            "The derived qualifier from the function name does not match the specified qualifier.");
  EXPECT_EQ(
      call("GetFunction", {{"FunctionName", "arn:aws:lambda:eu-west-1:000000000000:function:f"}})
          .message,
      "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
  EXPECT_EQ(call("GetFunction", {{"FunctionName", "111111111111:f"}}).error,
            "AccessDeniedException");
  const Answer latest = call("GetFunctionConfiguration", {{"FunctionName", "f:$LATEST"}});
  EXPECT_EQ(latest.body["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST");
}

TEST_F(LambdaTest, ListsArePagedInTheOrderOfNames) {
  for (const char* name : {"c", "a", "b"}) create(name, "echo");
  const Answer first = call("ListFunctions", {{"MaxItems", 2}});
  ASSERT_EQ(first.body["Functions"].size(), 2u);
  EXPECT_EQ(first.body["Functions"][0]["FunctionName"], "a");
  EXPECT_FALSE(first.body["Functions"][0].contains("State"));
  const Answer second =
      call("ListFunctions", {{"MaxItems", 2}, {"Marker", first.body["NextMarker"]}});
  ASSERT_EQ(second.body["Functions"].size(), 1u);
  EXPECT_EQ(second.body["Functions"][0]["FunctionName"], "c");
  EXPECT_FALSE(second.body.contains("NextMarker"));
  EXPECT_EQ(call("ListVersionsByFunction", {{"FunctionName", "a"}}).body["Versions"][0]["Version"],
            "$LATEST");
}

TEST_F(LambdaTest, UpdatesKeepWhatTheyDoNotName) {
  create("f", "echo");
  const Answer updated = call(
      "UpdateFunctionConfiguration",
      {{"FunctionName", "f"}, {"Timeout", 9}, {"Environment", {{"Variables", {{"AA", "1"}}}}}});
  ASSERT_EQ(updated.error, "") << updated.message;
  EXPECT_EQ(updated.body["LastUpdateStatus"], "InProgress");
  const Json config = call("GetFunctionConfiguration", {{"FunctionName", "f"}}).body;
  EXPECT_EQ(config["Timeout"], 9);
  EXPECT_EQ(config["Handler"], "echo");
  EXPECT_EQ(config["Environment"]["Variables"]["AA"], "1");
  EXPECT_EQ(config["LastUpdateStatus"], "Successful");
}

TEST_F(LambdaTest, AnUpdateOfAnotherRevisionIsRefused) {
  create("f", "echo");
  const Answer updated = call("UpdateFunctionConfiguration",
                              {{"FunctionName", "f"}, {"RevisionId", "old"}, {"Timeout", 9}});
  EXPECT_EQ(updated.error, "PreconditionFailedException");
  EXPECT_EQ(updated.status, 412);
  EXPECT_EQ(updated.message,
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id");
}

TEST_F(LambdaTest, ADryRunOfNewCodeChangesNothing) {
  create("f", "echo");
  const Json before = call("GetFunctionConfiguration", {{"FunctionName", "f"}}).body;
  const Answer tried =
      call("UpdateFunctionCode", {{"FunctionName", "f"}, {"ZipFile", zip()}, {"DryRun", true}});
  EXPECT_EQ(tried.error, "") << tried.message;
  EXPECT_EQ(call("GetFunctionConfiguration", {{"FunctionName", "f"}}).body, before);
  call("UpdateFunctionCode", {{"FunctionName", "f"}, {"ZipFile", zip()}});
  EXPECT_NE(call("GetFunctionConfiguration", {{"FunctionName", "f"}}).body["RevisionId"],
            before["RevisionId"]);
}

TEST_F(LambdaTest, ADeletedFunctionIsGone) {
  create("f", "echo");
  EXPECT_EQ(call("DeleteFunction", {{"FunctionName", "f"}, {"Qualifier", "$LATEST"}}).message,
            "$LATEST version cannot be deleted without deleting the function.");
  EXPECT_EQ(call("DeleteFunction", {{"FunctionName", "f"}}).error, "");
  EXPECT_EQ(call("Invoke", {{"FunctionName", "f"}}).error, "ResourceNotFoundException");
}

TEST_F(LambdaTest, PermissionsMakeAPolicy) {
  create("f", "echo");
  const Json input = {{"FunctionName", "f"},
                      {"StatementId", "s1"},
                      {"Action", "lambda:InvokeFunction"},
                      {"Principal", "apigateway.amazonaws.com"},
                      {"SourceArn", "arn:aws:execute-api:us-east-1:000000000000:api/*"}};
  EXPECT_EQ(call("GetPolicy", {{"FunctionName", "f"}}).message,
            "The resource you requested does not exist.");
  EXPECT_EQ(call("RemovePermission", {{"FunctionName", "f"}, {"StatementId", "s1"}}).message,
            "No policy is associated with the given resource.");
  const Answer added = call("AddPermission", input);
  ASSERT_EQ(added.error, "") << added.message;
  const Json statement = Json::parse(added.body["Statement"].get<std::string>());
  EXPECT_EQ(statement["Principal"]["Service"], "apigateway.amazonaws.com");
  EXPECT_EQ(statement["Condition"]["ArnLike"]["AWS:SourceArn"], input["SourceArn"]);
  EXPECT_EQ(call("AddPermission", input).message,
            "The statement id (s1) provided already exists. Please provide a new statement id, or "
            "remove the existing statement.");
  const Json policy =
      Json::parse(call("GetPolicy", {{"FunctionName", "f"}}).body["Policy"].get<std::string>());
  EXPECT_EQ(policy["Statement"], Json::array({statement}));
  EXPECT_EQ(call("RemovePermission", {{"FunctionName", "f"}, {"StatementId", "s2"}}).message,
            "Statement s2 is not found in resource policy.");
  EXPECT_EQ(call("RemovePermission", {{"FunctionName", "f"}, {"StatementId", "s1"}}).error, "");
  EXPECT_EQ(call("GetPolicy", {{"FunctionName", "f"}}).error, "ResourceNotFoundException");
}

TEST_F(LambdaTest, ReservedConcurrencyLeavesAHundred) {
  create("f", "echo");
  EXPECT_EQ(
      call("PutFunctionConcurrency", {{"FunctionName", "f"}, {"ReservedConcurrentExecutions", 900}})
          .body["ReservedConcurrentExecutions"],
      900);
  EXPECT_EQ(
      call("PutFunctionConcurrency", {{"FunctionName", "f"}, {"ReservedConcurrentExecutions", 901}})
          .message,
      "Specified ReservedConcurrentExecutions for function decreases account's "
      "UnreservedConcurrentExecution below its minimum value of [100].");
  const Json settings = call("GetAccountSettings", Json::object()).body;
  EXPECT_EQ(settings["AccountLimit"]["UnreservedConcurrentExecutions"], 100);
  EXPECT_EQ(settings["AccountUsage"]["FunctionCount"], 1);
  call("DeleteFunctionConcurrency", {{"FunctionName", "f"}});
  EXPECT_EQ(call("GetFunctionConcurrency", {{"FunctionName", "f"}}).body, Json::object());
}

TEST_F(LambdaTest, TagsAreMergedAndCounted) {
  create("f", "echo");
  const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
  EXPECT_EQ(call("TagResource", {{"Resource", arn}, {"Tags", {{"a", "1"}, {"b", "2"}}}}).error, "");
  call("TagResource", {{"Resource", arn}, {"Tags", {{"b", "3"}}}});
  call("UntagResource", {{"Resource", arn}, {"TagKeys", {"a", "none"}}});
  EXPECT_EQ(call("ListTags", {{"Resource", arn}}).body["Tags"], Json::object({{"b", "3"}}));
  Json many = Json::object();
  for (int i = 0; i < 50; ++i) many["t" + std::to_string(i)] = "x";
  EXPECT_EQ(call("TagResource", {{"Resource", arn}, {"Tags", many}}).message,
            "Number of tags exceeds resource tag limit.");
  EXPECT_EQ(call("ListTags", {{"Resource", arn + ":$LATEST"}}).message,
            "Tags on function aliases and versions are not supported. Please specify a function "
            "ARN.");
}

}  // namespace
}  // namespace paddock::services::lambda::testing
