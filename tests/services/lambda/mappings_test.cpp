// Event source mappings: as resources, and delivering a stream.
#include <unistd.h>

#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace {

class MappingTest : public LambdaTest {
 protected:
  void SetUp() override {
    LambdaTest::SetUp();
    ASSERT_EQ(create("f", "scripted").error, "");
  }
  static Json mapping(const Json& more = Json::object()) {
    Json input = {{"FunctionName", "f"},
                  {"EventSourceArn", HandStream::kArn},
                  {"StartingPosition", "TRIM_HORIZON"}};
    input.update(more);
    return input;
  }
  std::string join(const Json& more = Json::object()) {
    const Answer made = call("CreateEventSourceMapping", mapping(more));
    EXPECT_EQ(made.error, "") << made.message;
    return made.body.value("UUID", "");
  }
  Json read(const std::string& uuid) {
    return call("GetEventSourceMapping", {{"UUID", uuid}}).body;
  }
  // The ids of all records that reached the function, in order.
  static std::vector<std::string> delivered() {
    std::vector<std::string> ids;
    for (const Json& batch : script().batches()) {
      for (const Json& record : batch) ids.push_back(record.at("id"));
    }
    return ids;
  }
  using Ids = std::vector<std::string>;
};

TEST_F(MappingTest, AMappingIsCreatingThenEnabled) {
  const Answer made = call("CreateEventSourceMapping", mapping());
  ASSERT_EQ(made.error, "") << made.message;
  EXPECT_EQ(made.body["State"], "Creating");
  EXPECT_EQ(made.body["LastProcessingResult"], "No records processed");
  EXPECT_EQ(made.body["BatchSize"], 100);
  EXPECT_EQ(made.body["MaximumRetryAttempts"], -1);
  EXPECT_EQ(made.body["MaximumRecordAgeInSeconds"], -1);
  EXPECT_EQ(made.body["StateTransitionReason"], "User action");
  EXPECT_EQ(made.body["DestinationConfig"]["OnFailure"], Json::object());
  EXPECT_EQ(made.body["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f");
  EXPECT_EQ(read(made.body["UUID"])["State"], "Enabled");
}

TEST_F(MappingTest, WhatCannotBeJoinedIsRefused) {
  const auto message = [this](const Json& more) {
    return call("CreateEventSourceMapping", mapping(more)).message;
  };
  EXPECT_EQ(message({{"FunctionName", "none"}}), "Function does not exist");
  const std::string other = "arn:aws:dynamodb:us-east-1:000000000000:table/x/stream/y";
  EXPECT_EQ(message({{"EventSourceArn", other}}), "Stream not found: " + other);
  EXPECT_EQ(message({{"StartingPosition", "AT_TIMESTAMP"}}),
            std::string("Unsupported starting position for arn type: ") + HandStream::kArn);
  EXPECT_EQ(message({{"DestinationConfig",
                      {{"OnSuccess", {{"Destination", "arn:aws:sqs:us-east-1:000000000000:q"}}}}}}),
            "Unsupported DestinationConfig parameter for given event source mapping type.");
  EXPECT_EQ(message({{"FilterCriteria", {{"Filters", Json::array({{{"Pattern", "x"}}})}}}}),
            "Invalid filter pattern definition.");
  Json input = mapping();
  input.erase("StartingPosition");
  EXPECT_EQ(call("CreateEventSourceMapping", input).message,
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
            "constraint: Member must not be null.");
  input.erase("EventSourceArn");
  EXPECT_EQ(call("CreateEventSourceMapping", input).message, "Unrecognized event source.");
}

TEST_F(MappingTest, APairIsJoinedOnce) {
  const std::string uuid = join();
  const Answer again = call("CreateEventSourceMapping", mapping());
  EXPECT_EQ(again.error, "ResourceConflictException");
  EXPECT_EQ(again.message, std::string("The event source arn (\" ") + HandStream::kArn +
                               " \") and function (\" f \") provided mapping already exists. "
                               "Please update or delete the existing mapping with UUID " +
                               uuid);
}

TEST_F(MappingTest, RecordsReachTheFunctionInOrderWithTheirCause) {
  const std::string uuid = join();
  for (const char* id : {"a", "b", "c"}) stream().put(id);
  wait_quiet();
  EXPECT_EQ(delivered(), (Ids{"a", "b", "c"}));
  EXPECT_EQ(script().batches()[0][0]["eventSourceARN"], HandStream::kArn);
  EXPECT_EQ(read(uuid)["LastProcessingResult"], "OK");
  events::TimelineFilter filter;
  filter.kind = "batch";
  filter.cause = "put-request";
  EXPECT_FALSE(platform().timeline.read(filter)["Events"].empty());
}

TEST_F(MappingTest, BatchesAreNoLargerThanAsked) {
  for (int i = 0; i < 5; ++i) stream().put(std::to_string(i));
  join({{"BatchSize", 2}});
  wait_quiet();
  const std::vector<Json> batches = script().batches();
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[0].size(), 2u);
  EXPECT_EQ(batches[2].size(), 1u);
}

TEST_F(MappingTest, LatestBeginsAtTheCreation) {
  stream().put("old");
  join({{"StartingPosition", "LATEST"}});
  stream().put("new");
  wait_quiet();
  EXPECT_EQ(delivered(), Ids{"new"});
}

TEST_F(MappingTest, AFailingBatchIsRepeatedUntilItSucceedsAndHoldsTheRestBack) {
  std::atomic<int> runs{0};
  script().set([&runs](const invocation_request&) {
    return ++runs < 3 ? invocation_response::failure("no", "Broken")
                      : invocation_response::success("{}", "application/json");
  });
  const std::string uuid = join({{"BatchSize", 1}});
  stream().put("a");
  stream().put("b");
  wait_quiet();
  EXPECT_EQ(delivered(), (Ids{"a", "a", "a", "b"}));
  EXPECT_EQ(read(uuid)["LastProcessingResult"], "OK");
}

TEST_F(MappingTest, ABatchIsDroppedWhenItsRetriesAreUsedUp) {
  script().set([](const invocation_request& request) {
    return request.payload.find("poison") != std::string::npos
               ? invocation_response::failure("no", "Broken")
               : invocation_response::success("{}", "application/json");
  });
  join({{"BatchSize", 1}, {"MaximumRetryAttempts", 2}});
  stream().put("poison");
  stream().put("good");
  wait_quiet();
  EXPECT_EQ(delivered(), (Ids{"poison", "poison", "poison", "good"}));
  EXPECT_EQ(reasons(), std::vector<std::string>{"retry attempts exhausted: the batch was dropped"});
}

TEST_F(MappingTest, ABisectedBatchLosesOnlyThePoison) {
  script().set([](const invocation_request& request) {
    return request.payload.find("poison") != std::string::npos
               ? invocation_response::failure("no", "Broken")
               : invocation_response::success("{}", "application/json");
  });
  for (const char* id : {"a", "b", "poison", "c"}) stream().put(id);
  join({{"MaximumRetryAttempts", 0}, {"BisectBatchOnFunctionError", true}});
  wait_quiet();
  std::vector<size_t> sizes;
  for (const Json& batch : script().batches()) sizes.push_back(batch.size());
  EXPECT_EQ(sizes, (std::vector<size_t>{4, 2, 2, 1, 1}));
  EXPECT_EQ(delivered().back(), "c");
}

TEST_F(MappingTest, ReportedItemsAreRepeatedFromTheFirstFailure) {
  std::atomic<bool> failed{false};
  script().set([&failed](const invocation_request&) {
    if (failed.exchange(true)) return invocation_response::success("{}", "application/json");
    return invocation_response::success(R"({"batchItemFailures":[{"itemIdentifier":"1002"}]})",
                                        "application/json");
  });
  for (const char* id : {"a", "b", "c"}) stream().put(id);
  join({{"FunctionResponseTypes", Json::array({"ReportBatchItemFailures"})}});
  wait_quiet();
  EXPECT_EQ(delivered(), (Ids{"a", "b", "c", "b", "c"}));
}

TEST_F(MappingTest, FilteredRecordsAreSkippedAndSaidSo) {
  const Json criteria = {{"Filters", Json::array({{{"Pattern", R"({"id":["yes"]})"}}})}};
  join({{"FilterCriteria", criteria}});
  stream().put("no");
  wait_quiet();
  EXPECT_EQ(reasons(), std::vector<std::string>{"the filter did not match"});
  stream().put("yes");
  wait_quiet();
  EXPECT_EQ(delivered(), Ids{"yes"});
}

TEST_F(MappingTest, AWindowGathersRecordsUntilItEnds) {
  platform().world.freeze();
  join({{"MaximumBatchingWindowInSeconds", 5}});
  stream().put("a");
  wait_quiet();
  advance(std::chrono::seconds(3));
  stream().put("b");
  wait_quiet();
  EXPECT_EQ(delivered(), Ids{});
  EXPECT_EQ(reasons(), std::vector<std::string>{"the batching window is open"});
  advance(std::chrono::seconds(2));
  ASSERT_EQ(script().batches().size(), 1u);
  EXPECT_EQ(delivered(), (Ids{"a", "b"}));
}

TEST_F(MappingTest, AFullBatchDoesNotWaitForItsWindow) {
  platform().world.freeze();
  join({{"MaximumBatchingWindowInSeconds", 5}, {"BatchSize", 2}});
  stream().put("a");
  stream().put("b");
  wait_quiet();
  EXPECT_EQ(delivered(), (Ids{"a", "b"}));
}

TEST_F(MappingTest, RecordsOlderThanTheirAgeAreDropped) {
  platform().world.freeze();
  const std::string uuid = join({{"Enabled", false}, {"MaximumRecordAgeInSeconds", 60}});
  stream().put("old");
  wait_quiet();
  advance(std::chrono::seconds(61));
  stream().put("new");
  call("UpdateEventSourceMapping", {{"UUID", uuid}, {"Enabled", true}});
  wait_quiet();
  EXPECT_EQ(delivered(), Ids{"new"});
}

TEST_F(MappingTest, ADisabledMappingWaitsAndGoesOnWhereItWas) {
  const std::string uuid = join();
  stream().put("a");
  wait_quiet();
  const Answer off = call("UpdateEventSourceMapping", {{"UUID", uuid}, {"Enabled", false}});
  EXPECT_EQ(off.body["State"], "Disabling");
  EXPECT_EQ(read(uuid)["State"], "Disabled");
  stream().put("b");
  wait_quiet();
  EXPECT_EQ(delivered(), Ids{"a"});
  EXPECT_EQ(reasons(), std::vector<std::string>{"the mapping is disabled"});
  EXPECT_EQ(call("UpdateEventSourceMapping", {{"UUID", uuid}, {"Enabled", true}}).body["State"],
            "Enabling");
  wait_quiet();
  EXPECT_EQ(delivered(), (Ids{"a", "b"}));
}

TEST_F(MappingTest, ADeletedMappingStops) {
  const std::string uuid = join();
  EXPECT_EQ(call("DeleteEventSourceMapping", {{"UUID", uuid}}).body["State"], "Deleting");
  stream().put("a");
  wait_quiet();
  EXPECT_EQ(delivered(), Ids{});
  EXPECT_EQ(call("GetEventSourceMapping", {{"UUID", uuid}}).message,
            "The resource you requested does not exist.");
  EXPECT_TRUE(call("ListEventSourceMappings", Json::object()).body["EventSourceMappings"].empty());
}

TEST_F(MappingTest, AMappingOutlivesItsFunctionAndGoesOnWithTheNextOne) {
  join();
  call("DeleteFunction", {{"FunctionName", "f"}});
  stream().put("a");
  wait_quiet();
  ASSERT_FALSE(reasons().empty());
  EXPECT_EQ(reasons()[0], "the function does not exist");
  create("f", "scripted");
  wait_quiet();
  EXPECT_EQ(delivered(), Ids{"a"});
}

TEST_F(MappingTest, ChildShardsFollowTheirParent) {
  join();
  stream().put("a");
  stream().split("shardId-1", "shardId-2");
  stream().put("b", "shardId-2");
  wait_quiet();
  EXPECT_EQ(delivered(), (Ids{"a", "b"}));
}

TEST_F(MappingTest, AResetStopsTheMappingsOfItsRealm) {
  join();
  platform().realms.reset("lambda", "");
  stream().put("a");
  wait_quiet();
  EXPECT_EQ(delivered(), Ids{});
}

TEST_F(MappingTest, ARestartGoesOnWhereItWas) {
  emulator_.reset();
  const std::filesystem::path directory =
      std::filesystem::path(::testing::TempDir()) / ("paddock-mapping-" + std::to_string(getpid()));
  Options durable = options();
  durable.durability = storage::Durability::wal;
  durable.data_dir = directory.string();
  start(durable);
  create("f", "scripted");
  join();
  stream().put("a");
  wait_quiet();
  emulator_.reset();
  start(durable);
  stream().put("seen before the restart");  // at the position of "a"
  stream().put("b");
  wait_quiet();
  EXPECT_EQ(delivered(), (Ids{"a", "b"}));
  emulator_.reset();
  std::filesystem::remove_all(directory);
}

TEST_F(MappingTest, MappingsAreListedByFunctionAndSource) {
  create("g", "echo");
  join();
  join({{"FunctionName", "g"}});
  const auto count = [this](const Json& input) {
    return call("ListEventSourceMappings", input).body["EventSourceMappings"].size();
  };
  EXPECT_EQ(count(Json::object()), 2u);
  EXPECT_EQ(count({{"FunctionName", "g"}}), 1u);
  EXPECT_EQ(count({{"EventSourceArn", HandStream::kArn}}), 2u);
  EXPECT_EQ(count({{"MaxItems", 1}}), 1u);
}

}  // namespace
}  // namespace paddock::services::lambda::testing
