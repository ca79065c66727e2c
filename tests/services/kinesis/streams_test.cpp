// Streams and shards as resources.
#include <map>

#include "services/kinesis/model.hpp"
#include "services/kinesis/support.hpp"

namespace paddock::services::kinesis::tests {

class KinesisStreams : public KinesisTest {};

TEST_F(KinesisStreams, AStreamIsActiveAtOnceAndDescribed) {
  create("s", 2);
  const Json stream = ok("DescribeStream", {{"StreamName", "s"}}).at("StreamDescription");
  EXPECT_EQ(stream["StreamStatus"], "ACTIVE");
  EXPECT_EQ(stream["StreamARN"], arn("s"));
  EXPECT_EQ(stream["RetentionPeriodHours"], 24);
  EXPECT_EQ(stream["EncryptionType"], "NONE");
  EXPECT_EQ(stream["HasMoreShards"], false);
  EXPECT_EQ(ids(stream["Shards"]), (Texts{shard(0), shard(1)}));
  EXPECT_EQ(stream["Shards"][0]["HashKeyRange"]["StartingHashKey"], "0");
  EXPECT_EQ(stream["Shards"][0]["HashKeyRange"]["EndingHashKey"],
            "170141183460469231731687303715884105727");
  EXPECT_EQ(stream["Shards"][1]["HashKeyRange"]["EndingHashKey"], kMostKey);
  const std::string number = stream["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"];
  EXPECT_EQ(number.size(), 56U) << number;
  EXPECT_EQ(number.substr(0, 2), "49") << number;
  const Json summary =
      ok("DescribeStreamSummary", {{"StreamARN", arn("s")}}).at("StreamDescriptionSummary");
  EXPECT_EQ(summary["OpenShardCount"], 2);
  EXPECT_EQ(ok("DescribeStreamSummary", {{"StreamId", summary["StreamId"]}})
                .at("StreamDescriptionSummary")["StreamName"],
            "s");
}

TEST_F(KinesisStreams, WithoutACountThereAreFourShards) {
  ok("CreateStream", {{"StreamName", "s"}});
  EXPECT_EQ(shards("s").size(), 4U);
}

TEST_F(KinesisStreams, NamesThatAreTakenOrUnknownAreRefused) {
  create("s");
  EXPECT_EQ(refused("CreateStream", {{"StreamName", "s"}, {"ShardCount", 1}}),
            "ResourceInUseException: Stream s under account 000000000000 already exists.");
  EXPECT_EQ(refused("DescribeStream", {{"StreamName", "x"}}),
            "ResourceNotFoundException: Stream x under account 000000000000 not found.");
  EXPECT_EQ(refused("DescribeStream", {{"StreamARN", arn("x")}}),
            "ResourceNotFoundException: Stream x under account 000000000000 not found.");
  EXPECT_EQ(refused("CreateStream", {}),
            "ValidationException: 1 validation error detected: Value null at 'streamName' failed "
            "to satisfy constraint: Member must not be null");
}

TEST_F(KinesisStreams, ADeletedStreamTakesItsRecordsAlong) {
  create("s");
  put("s", "old");
  const std::string before = iterator("s");
  ok("DeleteStream", {{"StreamName", "s"}});
  create("s");
  EXPECT_TRUE(all("s").empty());
  EXPECT_EQ(call("GetRecords", {{"ShardIterator", before}}).error(), "ResourceNotFoundException");
}

TEST_F(KinesisStreams, AreListedInPages) {
  for (const char* name : {"a", "b", "c"}) create(name);
  const Json first = ok("ListStreams", {{"Limit", 2}});
  EXPECT_EQ(first["StreamNames"], Json({"a", "b"}));
  EXPECT_EQ(first["HasMoreStreams"], true);
  const Json rest = ok("ListStreams", {{"NextToken", first["NextToken"]}});
  EXPECT_EQ(rest["StreamNames"], Json({"c"}));
  EXPECT_EQ(rest["HasMoreStreams"], false);
  EXPECT_EQ(ok("ListStreams", {{"ExclusiveStartStreamName", "b"}})["StreamNames"], Json({"c"}));
  EXPECT_EQ(ok("ListStreams", {}, As{"111111111111", "us-east-1"})["StreamNames"], Json::array());
}

TEST_F(KinesisStreams, ASplitClosesTheParentAndAddsTwoChildren) {
  create("s");
  put("s", "before");
  ok("SplitShard",
     {{"StreamName", "s"}, {"ShardToSplit", shard(0)}, {"NewStartingHashKey", "1000"}});
  const Json found = shards("s");
  ASSERT_EQ(ids(found), (Texts{shard(0), shard(1), shard(2)}));
  EXPECT_TRUE(found[0]["SequenceNumberRange"].contains("EndingSequenceNumber"));
  EXPECT_EQ(found[1]["ParentShardId"], shard(0));
  EXPECT_EQ(found[1]["HashKeyRange"]["EndingHashKey"], "999");
  EXPECT_EQ(found[2]["HashKeyRange"]["StartingHashKey"], "1000");
  EXPECT_EQ(put("s", "low", "k", {{"ExplicitHashKey", "999"}})["ShardId"], shard(1));
  EXPECT_EQ(put("s", "high", "k", {{"ExplicitHashKey", "1000"}})["ShardId"], shard(2));
  EXPECT_EQ(all("s", 0), Texts{"before"});
  EXPECT_EQ(
      refused("SplitShard",
              {{"StreamName", "s"}, {"ShardToSplit", shard(0)}, {"NewStartingHashKey", "1000"}}),
      "ResourceInUseException: Shard shardId-000000000000 in stream s under account "
      "000000000000 has already been merged or split, and thus is not eligible for merging "
      "or splitting.");
}

TEST_F(KinesisStreams, ASplitOutsideTheShardIsRefused) {
  create("s");
  EXPECT_EQ(
      refused("SplitShard",
              {{"StreamName", "s"}, {"ShardToSplit", "shardId-0"}, {"NewStartingHashKey", "1"}}),
      "InvalidArgumentException: NewStartingHashKey 1 used in SplitShard() on shard "
      "shardId-000000000000 in stream s under account 000000000000 is not both greater than one "
      "plus the shard's StartingHashKey 0 and less than the shard's EndingHashKey " +
          std::string(kMostKey) + ".");
  EXPECT_EQ(
      refused("SplitShard",
              {{"StreamName", "s"}, {"ShardToSplit", "shardId-7"}, {"NewStartingHashKey", "9"}}),
      "ResourceNotFoundException: Could not find shard shardId-000000000007 in stream s under "
      "account 000000000000.");
}

TEST_F(KinesisStreams, AMergeNamesBothParents) {
  create("s", 3);
  EXPECT_EQ(refused("MergeShards", {{"StreamName", "s"},
                                    {"ShardToMerge", shard(0)},
                                    {"AdjacentShardToMerge", shard(2)}}),
            "InvalidArgumentException: Shards shardId-000000000000 and shardId-000000000002 in "
            "stream s under account 000000000000 are not an adjacent pair of shards eligible for "
            "merging");
  ok("MergeShards",
     {{"StreamName", "s"}, {"ShardToMerge", shard(0)}, {"AdjacentShardToMerge", shard(1)}});
  const Json merged = shards("s")[3];
  EXPECT_EQ(merged["ParentShardId"], shard(0));
  EXPECT_EQ(merged["AdjacentParentShardId"], shard(1));
  EXPECT_EQ(merged["HashKeyRange"]["StartingHashKey"], "0");
}

TEST_F(KinesisStreams, AChangedShardCountKeepsAllKeysCoveredOnce) {
  create("s", 2);
  for (const int target : {3, 6, 5, 3, 2}) {
    const Json answer =
        ok("UpdateShardCount",
           {{"StreamName", "s"}, {"TargetShardCount", target}, {"ScalingType", "UNIFORM_SCALING"}});
    EXPECT_EQ(answer["TargetShardCount"], target);
    const Json open = shards("s", {{"ShardFilter", {{"Type", "AT_LATEST"}}}});
    EXPECT_EQ(open.size(), static_cast<size_t>(target));
    std::map<HashKey, HashKey> ranges;
    for (const Json& one : open) {
      const Json& range = one["HashKeyRange"];
      ranges[*parse_hash_key(range["StartingHashKey"].get<std::string>())] =
          *parse_hash_key(range["EndingHashKey"].get<std::string>());
    }
    HashKey next = 0;
    for (const auto& [first, last] : ranges) {
      EXPECT_EQ(hash_key_text(first), hash_key_text(next));
      next = last + 1;
    }
    EXPECT_EQ(hash_key_text(next - 1), kMostKey);
    EXPECT_EQ(ok("DescribeStreamSummary", {{"StreamName", "s"}})
                  .at("StreamDescriptionSummary")["OpenShardCount"],
              target);
  }
  EXPECT_EQ(call("UpdateShardCount",
                 {{"StreamName", "s"}, {"TargetShardCount", 5}, {"ScalingType", "UNIFORM_SCALING"}})
                .error(),
            "InvalidArgumentException");
}

TEST_F(KinesisStreams, ShardsAreListedInPagesAndByFilter) {
  create("s", 3);
  advance(hours(1));
  ok("SplitShard",
     {{"StreamName", "s"}, {"ShardToSplit", shard(0)}, {"NewStartingHashKey", "1000"}});
  const Json first = ok("ListShards", {{"StreamName", "s"}, {"MaxResults", 2}});
  EXPECT_EQ(ids(first["Shards"]), (Texts{shard(0), shard(1)}));
  const Json rest = ok("ListShards", {{"NextToken", first["NextToken"]}});
  EXPECT_EQ(ids(rest["Shards"]), (Texts{shard(2), shard(3), shard(4)}));
  EXPECT_FALSE(rest.contains("NextToken"));
  EXPECT_EQ(refused("ListShards", {{"NextToken", first["NextToken"]}, {"StreamName", "s"}}),
            "InvalidArgumentException: NextToken and StreamName cannot be provided together.");
  const auto filtered = [this](Json filter) {
    return ids(shards("s", {{"ShardFilter", std::move(filter)}}));
  };
  EXPECT_EQ(filtered({{"Type", "AT_LATEST"}}), (Texts{shard(1), shard(2), shard(3), shard(4)}));
  EXPECT_EQ(filtered({{"Type", "AT_TRIM_HORIZON"}}), (Texts{shard(0), shard(1), shard(2)}));
  EXPECT_EQ(filtered({{"Type", "FROM_TRIM_HORIZON"}}).size(), 5U);
  EXPECT_EQ(filtered({{"Type", "AFTER_SHARD_ID"}, {"ShardId", shard(2)}}),
            (Texts{shard(3), shard(4)}));
  EXPECT_EQ(filtered({{"Type", "AT_TIMESTAMP"}, {"Timestamp", now_ms() / 1000 - 60}}),
            (Texts{shard(0), shard(1), shard(2)}));
  advance(minutes(6));
  EXPECT_EQ(call("ListShards", {{"NextToken", first["NextToken"]}}).error(),
            "ExpiredNextTokenException");
}

TEST_F(KinesisStreams, RetentionIsRaisedAndLowered) {
  create("s");
  const auto hours_input = [](int count) {
    return Json{{"StreamName", "s"}, {"RetentionPeriodHours", count}};
  };
  ok("IncreaseStreamRetentionPeriod", hours_input(48));
  EXPECT_EQ(refused("IncreaseStreamRetentionPeriod", hours_input(47)),
            "InvalidArgumentException: Requested retention period (47 hours) for stream s can not "
            "be shorter than existing retention period (48 hours). Use DecreaseRetentionPeriod "
            "API.");
  EXPECT_EQ(refused("DecreaseStreamRetentionPeriod", hours_input(23)),
            "InvalidArgumentException: Minimum allowed retention period is 24 hours. Requested "
            "retention period (23 hours) is too short.");
  ok("DecreaseStreamRetentionPeriod", hours_input(24));
}

TEST_F(KinesisStreams, RecordsAndClosedShardsGoWhenTheirRetentionIsOver) {
  create("s");
  put("s", "old");
  advance(hours(20));
  put("s", "new");
  ok("SplitShard",
     {{"StreamName", "s"}, {"ShardToSplit", shard(0)}, {"NewStartingHashKey", "1000"}});
  advance(hours(5));
  EXPECT_EQ(all("s"), Texts{"new"});
  advance(hours(24));
  EXPECT_EQ(ids(shards("s")), (Texts{shard(1), shard(2)}));
  EXPECT_EQ(
      call("GetShardIterator",
           {{"StreamName", "s"}, {"ShardId", shard(0)}, {"ShardIteratorType", "TRIM_HORIZON"}})
          .error(),
      "ResourceNotFoundException");
}

TEST_F(KinesisStreams, MonitoringEncryptionModeAndSizeAreKept) {
  create("s");
  const Json named = {{"StreamName", "s"}};
  const auto with = [](Json input, const Json& more) {
    input.update(more);
    return input;
  };
  EXPECT_EQ(ok("EnableEnhancedMonitoring",
               with(named, {{"ShardLevelMetrics", {"ALL"}}}))["DesiredShardLevelMetrics"]
                .size(),
            7U);
  EXPECT_EQ(ok("DisableEnhancedMonitoring",
               with(named, {{"ShardLevelMetrics", {"IncomingBytes"}}}))["DesiredShardLevelMetrics"]
                .size(),
            6U);
  ok("StartStreamEncryption",
     with(named, {{"EncryptionType", "KMS"}, {"KeyId", "alias/aws/kinesis"}}));
  EXPECT_EQ(put("s", "x")["EncryptionType"], "KMS");
  EXPECT_EQ(get(iterator("s"))["Records"][0]["EncryptionType"], "KMS");
  ok("StopStreamEncryption",
     with(named, {{"EncryptionType", "KMS"}, {"KeyId", "alias/aws/kinesis"}}));
  EXPECT_FALSE(put("s", "x").contains("EncryptionType"));
  ok("UpdateStreamMode",
     {{"StreamARN", arn("s")}, {"StreamModeDetails", {{"StreamMode", "ON_DEMAND"}}}});
  ok("UpdateMaxRecordSize", {{"StreamARN", arn("s")}, {"MaxRecordSizeInKiB", 2048}});
  EXPECT_EQ(ok("UpdateStreamWarmThroughput",
               with(named, {{"WarmThroughputMiBps", 10}}))["WarmThroughput"]["TargetMiBps"],
            10);
  const Json summary = ok("DescribeStreamSummary", named).at("StreamDescriptionSummary");
  EXPECT_EQ(summary["StreamModeDetails"]["StreamMode"], "ON_DEMAND");
  EXPECT_EQ(summary["MaxRecordSizeInKiB"], 2048);
  EXPECT_EQ(ok("DescribeLimits", {})["OnDemandStreamCount"], 1);
  ok("UpdateAccountSettings", {{"MinimumThroughputBillingCommitment", {{"Status", "ENABLED"}}}});
  EXPECT_EQ(ok("DescribeAccountSettings", {})["MinimumThroughputBillingCommitment"]["Status"],
            "ENABLED");
}

TEST_F(KinesisStreams, TagsAreOneSetForBothApis) {
  create("s");
  ok("AddTagsToStream", {{"StreamName", "s"}, {"Tags", {{"a", "1"}, {"b", "2"}}}});
  ok("TagResource", {{"ResourceARN", arn("s")}, {"Tags", {{"c", "3"}}}});
  const Json page = ok("ListTagsForStream", {{"StreamName", "s"}, {"Limit", 2}});
  EXPECT_EQ(page["HasMoreTags"], true);
  EXPECT_EQ(page["Tags"][1], Json({{"Key", "b"}, {"Value", "2"}}));
  ok("UntagResource", {{"ResourceARN", arn("s")}, {"TagKeys", {"a"}}});
  ok("RemoveTagsFromStream", {{"StreamName", "s"}, {"TagKeys", {"b"}}});
  EXPECT_EQ(ok("ListTagsForResource", {{"ResourceARN", arn("s")}})["Tags"],
            Json::array({{{"Key", "c"}, {"Value", "3"}}}));
  EXPECT_EQ(call("AddTagsToStream", {{"StreamName", "s"}, {"Tags", {{"a;", "1"}}}}).error(),
            "InvalidArgumentException");
}

TEST_F(KinesisStreams, PoliciesAreKeptAsTheyAre) {
  create("s");
  const Json named = {{"ResourceARN", arn("s")}};
  EXPECT_EQ(ok("GetResourcePolicy", named)["Policy"], "{}");
  const std::string policy = R"({"Version":"2012-10-17","Statement":[]})";
  ok("PutResourcePolicy", {{"ResourceARN", arn("s")}, {"Policy", policy}});
  EXPECT_EQ(ok("GetResourcePolicy", named)["Policy"], policy);
  ok("DeleteResourcePolicy", named);
  EXPECT_EQ(ok("GetResourcePolicy", named)["Policy"], "{}");
  EXPECT_EQ(call("PutResourcePolicy", {{"ResourceARN", arn("s")}, {"Policy", "no"}}).error(),
            "InvalidArgumentException");
}

}  // namespace paddock::services::kinesis::tests
