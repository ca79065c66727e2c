// Records in and out.
#include <map>

#include "services/kinesis/model.hpp"
#include "services/kinesis/store.hpp"
#include "services/kinesis/support.hpp"
#include "storage/keys.hpp"

namespace paddock::services::kinesis::tests {

class KinesisRecords : public KinesisTest {};

TEST_F(KinesisRecords, ComeBackInOrderAsTheyWere) {
  create("s");
  const std::string bytes("\0\xff\n", 3);
  const Json first = put("s", "one", "key");
  put("s", bytes, "schl\xc3\xbcssel");
  EXPECT_EQ(first["ShardId"], shard(0));
  EXPECT_FALSE(first.contains("EncryptionType"));
  const Json answer = get(iterator("s"));
  EXPECT_EQ(data(answer), (Texts{"one", bytes}));
  EXPECT_EQ(answer["Records"][0]["SequenceNumber"], first["SequenceNumber"]);
  EXPECT_EQ(answer["Records"][1]["PartitionKey"], "schl\xc3\xbcssel");
  EXPECT_EQ(answer["MillisBehindLatest"], 0);
  EXPECT_LT(answer["Records"][0]["SequenceNumber"].get<std::string>(),
            answer["Records"][1]["SequenceNumber"].get<std::string>());
  EXPECT_TRUE(data(get(answer["NextShardIterator"])).empty());
}

TEST_F(KinesisRecords, GoToTheShardOfTheirHashKey) {
  create("s", 2);
  // MD5 of "a" begins with 0c, that of "b" with 92.
  EXPECT_EQ(put("s", "x", "a")["ShardId"], shard(0));
  EXPECT_EQ(put("s", "x", "b")["ShardId"], shard(1));
  EXPECT_EQ(put("s", "x", "a", {{"ExplicitHashKey", kMostKey}})["ShardId"], shard(1));
  EXPECT_EQ(refused("PutRecord", {{"StreamName", "s"},
                                  {"Data", ""},
                                  {"PartitionKey", "a"},
                                  {"ExplicitHashKey", "340282366920938463463374607431768211456"}}),
            "InvalidArgumentException: Invalid ExplicitHashKey. ExplicitHashKey must be in the "
            "range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456");
}

TEST_F(KinesisRecords, ABatchIsPutInOneCall) {
  create("s", 2);
  Json records = Json::array();
  for (const char* key : {"a", "b", "a"}) {
    records.push_back({{"Data", to_base64(key)}, {"PartitionKey", key}});
  }
  const Json answer = ok("PutRecords", {{"StreamARN", arn("s")}, {"Records", records}});
  EXPECT_EQ(answer["FailedRecordCount"], 0);
  EXPECT_EQ(ids(answer["Records"]), (Texts{shard(0), shard(1), shard(0)}));
  EXPECT_EQ(all("s", 0), (Texts{"a", "a"}));
  EXPECT_EQ(all("s", 1), Texts{"b"});
  records[1]["ExplicitHashKey"] = "999999999999999999999999999999999999999";
  EXPECT_EQ(call("PutRecords", {{"StreamName", "s"}, {"Records", records}}).error(),
            "InvalidArgumentException");
  EXPECT_EQ(all("s", 0).size(), 2U);
}

TEST_F(KinesisRecords, TooLargeOnesAreRefused) {
  create("s");
  EXPECT_EQ(refused("PutRecord", {{"StreamName", "s"},
                                  {"Data", to_base64(std::string(1024 * 1024 + 1, 'x'))},
                                  {"PartitionKey", "a"}}),
            "ValidationException: 1 validation error detected: Value at 'data' failed to satisfy "
            "constraint: Member must have length less than or equal to 1048576");
  EXPECT_EQ(
      call("PutRecord", {{"StreamName", "s"}, {"Data", "=x="}, {"PartitionKey", "a"}}).error(),
      "SerializationException");
}

TEST_F(KinesisRecords, IteratorsOfAllKindsBeginWhereTheySay) {
  create("s");
  put("s", "one");
  advance(minutes(1));
  const std::string two = put("s", "two")["SequenceNumber"];
  const int64_t at_two = now_ms();
  advance(minutes(1));
  put("s", "three");
  const std::string latest = iterator("s", "LATEST");
  EXPECT_EQ(data(get(iterator("s"))), (Texts{"one", "two", "three"}));
  EXPECT_EQ(data(get(iterator("s", "AT_SEQUENCE_NUMBER", 0, {{"StartingSequenceNumber", two}}))),
            (Texts{"two", "three"}));
  EXPECT_EQ(data(get(iterator("s", "AFTER_SEQUENCE_NUMBER", 0, {{"StartingSequenceNumber", two}}))),
            Texts{"three"});
  const std::string start = shards("s")[0]["SequenceNumberRange"]["StartingSequenceNumber"];
  EXPECT_EQ(
      data(get(iterator("s", "AFTER_SEQUENCE_NUMBER", 0, {{"StartingSequenceNumber", start}})))
          .size(),
      3U);
  EXPECT_EQ(data(get(iterator("s", "AT_TIMESTAMP", 0,
                              {{"Timestamp", static_cast<double>(at_two) / 1000}}))),
            (Texts{"two", "three"}));
  EXPECT_TRUE(data(get(latest)).empty());
  put("s", "four");
  EXPECT_EQ(data(get(latest)), Texts{"four"});
}

TEST_F(KinesisRecords, IteratorsThatCannotBeAreRefused) {
  create("s", 2);
  create("t");
  const std::string number = put("s", "x", "a")["SequenceNumber"];
  const auto asked = [this](const std::string& type, int index, Json more,
                            const std::string& stream = "s") {
    more.update({{"StreamName", stream}, {"ShardId", shard(index)}, {"ShardIteratorType", type}});
    return refused("GetShardIterator", more);
  };
  EXPECT_EQ(asked("LATEST", 0, {{"StartingSequenceNumber", number}}),
            "InvalidArgumentException: Must either specify (1) AT_SEQUENCE_NUMBER or "
            "AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no "
            "StartingSequenceNumber. Request specified LATEST and also a StartingSequenceNumber.");
  EXPECT_EQ(asked("AT_SEQUENCE_NUMBER", 1, {{"StartingSequenceNumber", number}}),
            "InvalidArgumentException: Invalid StartingSequenceNumber. It encodes "
            "shardId-000000000000, while it was used in a call to a shard with "
            "shardId-000000000001");
  EXPECT_EQ(asked("AT_SEQUENCE_NUMBER", 0, {{"StartingSequenceNumber", "5"}}),
            "InvalidArgumentException: StartingSequenceNumber 5 used in GetShardIterator on shard "
            "shardId-000000000000 in stream s under account 000000000000 is invalid.");
  EXPECT_EQ(asked("AT_TIMESTAMP", 0, Json::object()),
            "InvalidArgumentException: Must specify timestampInMillis parameter for iterator of "
            "type AT_TIMESTAMP. Current request has no timestamp parameter.");
  EXPECT_EQ(asked("LATEST", 5, Json::object()),
            "ResourceNotFoundException: Shard shardId-000000000005 in stream s under account "
            "000000000000 does not exist");
  const std::string good = iterator("s");
  std::string altered = good;
  altered[20] = altered[20] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {altered, std::string("x"), good.substr(4)}) {
    EXPECT_EQ(refused("GetRecords", {{"ShardIterator", bad}}),
              "InvalidArgumentException: Invalid ShardIterator.");
  }
  EXPECT_EQ(refused("GetRecords", {{"ShardIterator", good}}, As{"111111111111", "us-east-1"}),
            "InvalidArgumentException: Invalid ShardIterator.");
  advance(minutes(5) + seconds(1));
  EXPECT_EQ(call("GetRecords", {{"ShardIterator", good}}).error(), "ExpiredIteratorException");
}

TEST_F(KinesisRecords, AReaderThatIsBehindIsTold) {
  create("s");
  put("s", "one");
  advance(seconds(10));
  put("s", "two");
  const Json answer = get(iterator("s"), {{"Limit", 1}});
  EXPECT_EQ(data(answer), Texts{"one"});
  EXPECT_EQ(answer["MillisBehindLatest"], 10'000);
  EXPECT_EQ(get(answer["NextShardIterator"])["MillisBehindLatest"], 0);
}

TEST_F(KinesisRecords, AClosedShardEndsWithItsChildren) {
  create("s");
  put("s", "one");
  put("s", "two");
  const std::string before = iterator("s", "LATEST");
  ok("SplitShard",
     {{"StreamName", "s"}, {"ShardToSplit", shard(0)}, {"NewStartingHashKey", "1000"}});
  const Json first = get(iterator("s"), {{"Limit", 1}});
  ASSERT_TRUE(first.contains("NextShardIterator"));
  const Json last = get(first["NextShardIterator"]);
  EXPECT_EQ(data(last), Texts{"two"});
  EXPECT_FALSE(last.contains("NextShardIterator"));
  ASSERT_EQ(ids(last["ChildShards"]), (Texts{shard(1), shard(2)}));
  EXPECT_EQ(last["ChildShards"][0]["ParentShards"], Json({shard(0)}));
  EXPECT_FALSE(get(before).contains("NextShardIterator"));
  EXPECT_TRUE(data(get(iterator("s", "LATEST"))).empty());
}

TEST_F(KinesisRecords, APageHasTenMegabytesAtMost) {
  create("s");
  const std::string large(1024 * 1024, 'x');
  for (int i = 0; i < 11; ++i) put("s", large);
  const Json first = get(iterator("s"));
  EXPECT_EQ(first["Records"].size(), 9U);  // with their keys ten are a little more
  EXPECT_EQ(get(first["NextShardIterator"])["Records"].size(), 2U);
}

TEST_F(KinesisRecords, AHotLoopOnAnEmptyShardIsWokenByARecord) {
  create("s");
  const Json empty = get(iterator("s"));
  // This answer waits for a record: the world's clock stands still, the machine's ends it.
  const Json again = get(empty["NextShardIterator"]);
  EXPECT_TRUE(again["Records"].empty());
  put("s", "one");
  EXPECT_EQ(data(get(again["NextShardIterator"])), Texts{"one"});
}

TEST_F(KinesisRecords, SurviveARestart) {
  testing::TempDir directory;
  emulator = std::make_unique<TestEmulator>(TestEmulator::durable_options(directory.path()));
  create("s");
  const std::string first = put("s", "one")["SequenceNumber"];
  const std::string kept = iterator("s", "LATEST");
  emulator.reset();
  emulator = std::make_unique<TestEmulator>(TestEmulator::durable_options(directory.path()));
  const std::string second = put("s", "two")["SequenceNumber"];
  EXPECT_LT(first, second);
  EXPECT_EQ(all("s"), (Texts{"one", "two"}));
  EXPECT_EQ(data(get(kept)), Texts{"two"});
  emulator.reset();  // before its directory
}

TEST_F(KinesisRecords, LimitsOfAShardCanBeTaught) {
  create("s");
  EXPECT_TRUE(emulator->post("/_paddock/settings/kinesis", {{"limits", "enforce"}}).ok());
  Json records = Json::array();
  for (int i = 0; i < 500; ++i) {
    records.push_back({{"Data", to_base64("x")}, {"PartitionKey", "a"}});
  }
  const Json batch = {{"StreamName", "s"}, {"Records", records}};
  EXPECT_EQ(ok("PutRecords", batch)["FailedRecordCount"], 0);
  EXPECT_EQ(ok("PutRecords", batch)["FailedRecordCount"], 0);
  const Json refused_all = ok("PutRecords", batch);
  EXPECT_EQ(refused_all["FailedRecordCount"], 500);
  EXPECT_EQ(refused_all["Records"][0]["ErrorCode"], "ProvisionedThroughputExceededException");
  EXPECT_EQ(
      call("PutRecord", {{"StreamName", "s"}, {"Data", "eA=="}, {"PartitionKey", "a"}}).error(),
      "ProvisionedThroughputExceededException");
  const std::string from = iterator("s");
  for (int i = 0; i < 5; ++i) get(from);
  EXPECT_EQ(call("GetRecords", {{"ShardIterator", from}}).error(),
            "ProvisionedThroughputExceededException");
  advance(seconds(1));
  EXPECT_EQ(get(from)["Records"].size(), 1000U);
}

TEST(KinesisRules, SequenceNumbersAreAwsOnes) {
  // A number that AWS gave (awslabs/amazon-kinesis-client, issue 391's like): it comes apart and
  // together again.
  const std::string text = "49545115243490985018280067714973144582180062593244200961";
  const auto other_version = SequenceNumber::parse(text);
  EXPECT_FALSE(other_version.has_value());  // version 1
  Shard shard;
  shard.index = 17;
  shard.opened_ms = 1'700'000'000'000;
  const std::string made = sequence_number(shard, 12'345, 1'700'000'060'999);
  EXPECT_EQ(made.size(), 56U);
  const auto parsed = SequenceNumber::parse(made);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->opened_s, 1'700'000'000);
  EXPECT_EQ(parsed->position, 12'345U);
  EXPECT_EQ(parsed->arrived_s, 1'700'000'060);
  EXPECT_EQ(parsed->shard, 17U);
  EXPECT_LT(made, sequence_number(shard, 12'346, 1'700'000'060'999));
  for (const char* bad : {"", "x", "-1", "0", "1e55"}) EXPECT_FALSE(SequenceNumber::parse(bad));
  EXPECT_FALSE(SequenceNumber::parse(std::string(200, '9')));
}

TEST(KinesisRules, ARecordsBytesAreFixed) {
  Record record;
  record.arrived = WorldTime{1};
  record.cause.request_id = "r";
  record.cause.depth = 2;
  record.partition_key = "k";
  record.data = "data";
  const std::string bytes = encode_record(record);
  EXPECT_EQ(to_hex(bytes),
            "01"
            "8000000000000001"
            "720001"
            "00000002"
            "6b0001"
            "0001"
            "64617461");
  EXPECT_EQ(decode_record(bytes).data, "data");
  EXPECT_EQ(decode_record(bytes).partition_key, "k");
  for (size_t length = 0; length < bytes.size() - 4; ++length) {
    EXPECT_THROW(decode_record(std::string_view(bytes).substr(0, length)), storage::CorruptKey);
  }
}

}  // namespace paddock::services::kinesis::tests
