// Event source mappings on streams.
#include <mutex>

#include <aws/lambda-runtime/runtime.h>

#include "services/kinesis/support.hpp"

namespace paddock::services::kinesis::tests {

namespace stream_functions {

using aws::lambda_runtime::invocation_request;
using aws::lambda_runtime::invocation_response;

// What the function was given, for one test at a time.
struct Seen {
  std::mutex mutex;
  std::vector<Json> events;
};

Seen& seen() {
  static Seen all;
  return all;
}

invocation_response takes(const invocation_request& request) {
  const std::lock_guard lock(seen().mutex);
  seen().events.push_back(Json::parse(request.payload));
  return invocation_response::success("{}", "application/json");
}

constexpr lambda::EntryPoint kFunctions[] = {{"takes", &takes}};

}  // namespace stream_functions

class KinesisMappings : public KinesisTest {
 protected:
  void SetUp() override {
    emulator = std::make_unique<TestEmulator>(TestEmulator::in_memory_options(),
                                              stream_functions::kFunctions);
    emulator->platform().world.freeze();
    stream_functions::seen().events.clear();
    create("s");
    lambda("CreateFunction",
           {{"FunctionName", "f"},
            {"Runtime", "provided.al2023"},
            {"Handler", "takes"},
            {"Role", "arn:aws:iam::000000000000:role/lambda"},
            {"Code", {{"ZipFile", to_base64("PK\x05\x06" + std::string(18, '\0'))}}}});
  }
  void TearDown() override { emulator.reset(); }
  void lambda(const std::string& operation, const Json& input) {
    const CallResult made = emulator->call("lambda", operation, input);
    ASSERT_TRUE(made.ok()) << made.text;
  }
  void map(Json more = Json::object()) {
    more.update({{"FunctionName", "f"}, {"EventSourceArn", arn("s")}});
    if (!more.contains("StartingPosition")) more["StartingPosition"] = "TRIM_HORIZON";
    lambda("CreateEventSourceMapping", more);
  }
  std::vector<Json> events() {
    emulator->wait_idle();
    const std::lock_guard lock(stream_functions::seen().mutex);
    return stream_functions::seen().events;
  }
  Texts delivered() {
    Texts found;
    for (const Json& event : events()) {
      for (const Json& record : event.at("Records")) {
        found.push_back(
            from_base64(record.at("kinesis").at("data").get<std::string>()).value_or("?"));
      }
    }
    return found;
  }
};

TEST_F(KinesisMappings, ABatchHasTheRecordsAsAwsShowsThem) {
  const std::string number = put("s", "one", "key")["SequenceNumber"];
  put("s", "two");
  map();
  const std::vector<Json> all = events();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["Records"].size(), 2U);
  EXPECT_EQ(all[0]["Records"][0],
            (Json{{"kinesis",
                   {{"kinesisSchemaVersion", "1.0"},
                    {"partitionKey", "key"},
                    {"sequenceNumber", number},
                    {"data", to_base64("one")},
                    {"approximateArrivalTimestamp", static_cast<double>(now_ms()) / 1000}}},
                  {"eventSource", "aws:kinesis"},
                  {"eventVersion", "1.0"},
                  {"eventID", shard(0) + ":" + number},
                  {"eventName", "aws:kinesis:record"},
                  {"invokeIdentityArn", "arn:aws:iam::000000000000:role/lambda"},
                  {"awsRegion", "us-east-1"},
                  {"eventSourceARN", arn("s")}}));
}

TEST_F(KinesisMappings, AFilterSeesTheDataAsJson) {
  map({{"FilterCriteria", {{"Filters", {{{"Pattern", R"({"data":{"city":["Oslo"]}})"}}}}}}});
  put("s", R"({"city":"Oslo"})");
  put("s", R"({"city":"Rome"})");
  put("s", "no JSON");
  EXPECT_EQ(delivered(), Texts{R"({"city":"Oslo"})"});
}

TEST_F(KinesisMappings, BeginWhereTheyAreTold) {
  put("s", "old");
  advance(minutes(1));
  const int64_t from = now_ms() / 1000;
  advance(minutes(1));
  put("s", "new");
  map({{"StartingPosition", "AT_TIMESTAMP"}, {"StartingPositionTimestamp", from}});
  EXPECT_EQ(delivered(), Texts{"new"});
}

TEST_F(KinesisMappings, ChildrenAreReadAfterBothParents) {
  map();
  put("s", "1", "a", {{"ExplicitHashKey", "5"}});
  ok("SplitShard",
     {{"StreamName", "s"}, {"ShardToSplit", shard(0)}, {"NewStartingHashKey", "1000"}});
  put("s", "2", "a", {{"ExplicitHashKey", "5"}});
  ok("MergeShards",
     {{"StreamName", "s"}, {"ShardToMerge", shard(1)}, {"AdjacentShardToMerge", shard(2)}});
  put("s", "3", "a", {{"ExplicitHashKey", "5"}});
  EXPECT_EQ(delivered(), (Texts{"1", "2", "3"}));
}

}  // namespace paddock::services::kinesis::tests
