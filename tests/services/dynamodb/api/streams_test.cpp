// DynamoDB Streams through the wire, and as a log source.
#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <tuple>
#include <vector>

#include "events/log_source.hpp"
#include "gateway/platform.hpp"
#include "streams_fixture.hpp"

namespace paddock::testing {

TEST_F(StreamsTest, ATableWithAStreamShowsIt) {
  const Json table = ok("DescribeTable", {{"TableName", "tab1"}})["Table"];
  EXPECT_EQ(table["StreamSpecification"],
            Json({{"StreamEnabled", true}, {"StreamViewType", "NEW_AND_OLD_IMAGES"}}));
  const std::string label = table["LatestStreamLabel"];
  EXPECT_EQ(label.size(), std::string("2026-11-20T07:36:00.123").size());
  EXPECT_EQ(table["LatestStreamArn"],
            "arn:aws:dynamodb:us-east-1:000000000000:table/tab1/stream/" + label);
  const Json stream = describe();
  EXPECT_EQ(stream["StreamStatus"], "ENABLED");
  EXPECT_EQ(stream["StreamLabel"], label);
  EXPECT_EQ(stream["TableName"], "tab1");
  EXPECT_EQ(stream["KeySchema"], table["KeySchema"]);
  ASSERT_EQ(stream["Shards"].size(), 1u);
  EXPECT_GE(shard().size(), 28u);
  const Json range = stream["Shards"][0]["SequenceNumberRange"];
  EXPECT_GE(range["StartingSequenceNumber"].get<std::string>().size(), 21u);
  EXPECT_FALSE(range.contains("EndingSequenceNumber"));
}

TEST_F(StreamsTest, RecordsAreWhatAwsRecorded) {
  put("tab1", {{"pk", s("Fred")}});
  put("tab1", {{"pk", s("Fred")}, {"name", s("Fred")}});
  remove("Fred");
  const Json found = all();
  ASSERT_EQ(found.size(), 3u);
  const Json& insert = found[0];
  EXPECT_EQ(insert["eventName"], "INSERT");
  EXPECT_EQ(insert["eventSource"], "aws:dynamodb");
  EXPECT_EQ(insert["eventVersion"], "1.1");
  EXPECT_EQ(insert["awsRegion"], "us-east-1");
  EXPECT_EQ(insert["eventID"].get<std::string>().size(), 32u);
  EXPECT_FALSE(insert.contains("userIdentity"));
  EXPECT_EQ(insert["dynamodb"]["Keys"], Json({{"pk", s("Fred")}}));
  EXPECT_EQ(insert["dynamodb"]["NewImage"], Json({{"pk", s("Fred")}}));
  EXPECT_FALSE(insert["dynamodb"].contains("OldImage"));
  EXPECT_EQ(insert["dynamodb"]["SizeBytes"], 12);
  EXPECT_EQ(insert["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
  EXPECT_TRUE(insert["dynamodb"]["ApproximateCreationDateTime"].is_number());
  EXPECT_EQ(found[1]["eventName"], "MODIFY");
  EXPECT_EQ(found[1]["dynamodb"]["OldImage"], Json({{"pk", s("Fred")}}));
  EXPECT_EQ(found[1]["dynamodb"]["SizeBytes"], 26);
  EXPECT_EQ(found[2]["eventName"], "REMOVE");
  EXPECT_FALSE(found[2]["dynamodb"].contains("NewImage"));
  EXPECT_LT(found[0]["dynamodb"]["SequenceNumber"], found[1]["dynamodb"]["SequenceNumber"]);
  EXPECT_LT(found[1]["dynamodb"]["SequenceNumber"], found[2]["dynamodb"]["SequenceNumber"]);
  EXPECT_NE(found[0]["eventID"], found[1]["eventID"]);
}

TEST_F(StreamsTest, WhatChangesNothingLeavesNoRecord) {
  put("tab1", {{"pk", s("a")}, {"m", {{"M", {{"x", n("1")}, {"y", n("2")}}}}}});
  put("tab1", {{"m", {{"M", {{"y", n("2.0")}, {"x", n("1")}}}}}, {"pk", s("a")}});
  ok("UpdateItem", {{"TableName", "tab1"},
                    {"Key", {{"pk", s("a")}}},
                    {"UpdateExpression", "SET m.x = :one"},
                    {"ExpressionAttributeValues", {{":one", n("1")}}}});
  remove("none");
  EXPECT_EQ(all().size(), 1u);
}

TEST_F(StreamsTest, AnUpdateThatCreatesIsAnInsert) {
  ok("UpdateItem", {{"TableName", "tab1"},
                    {"Key", {{"pk", s("a")}}},
                    {"UpdateExpression", "ADD hits :one"},
                    {"ExpressionAttributeValues", {{":one", n("1")}}}});
  const Json found = all();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["eventName"], "INSERT");
  EXPECT_EQ(found[0]["dynamodb"]["NewImage"]["hits"], n("1"));
}

TEST_F(StreamsTest, ABatchLeavesOneRecordPerItem) {
  ok("BatchWriteItem",
     {{"RequestItems",
       {{"tab1", Json::array({{{"PutRequest", {{"Item", {{"pk", s("a")}}}}}},
                              {{"PutRequest", {{"Item", {{"pk", s("b")}}}}}}})}}}});
  EXPECT_EQ(all().size(), 2u);
}

TEST_F(StreamsTest, TheViewTypeSaysWhichImagesAreKept) {
  for (const auto& [view, has_new, has_old] :
       {std::tuple{"KEYS_ONLY", false, false}, std::tuple{"NEW_IMAGE", true, false},
        std::tuple{"OLD_IMAGE", false, true}}) {
    const std::string name = std::string("view-") + view;
    arn = create(name, view);
    put(name, {{"pk", s("a")}});
    put(name, {{"pk", s("a")}, {"v", n("1")}});
    const Json modified = all()[1]["dynamodb"];
    EXPECT_EQ(modified["Keys"], Json({{"pk", s("a")}}));
    EXPECT_EQ(modified.contains("NewImage"), has_new) << view;
    EXPECT_EQ(modified.contains("OldImage"), has_old) << view;
  }
}

TEST_F(StreamsTest, BlobsInRecordsAreBase64) {
  put("tab1", {{"pk", s("a")}, {"b", {{"B", "kA=="}}}});
  EXPECT_EQ(all()[0]["dynamodb"]["NewImage"]["b"], Json({{"B", "kA=="}}));
}

TEST_F(StreamsTest, LatestOnAnEmptyStreamSeesWhatComesAfter) {
  const std::string latest = iterator("LATEST");
  const Json nothing = records(latest);
  EXPECT_EQ(nothing["Records"], Json::array());
  put("tab1", {{"pk", s("a")}});
  EXPECT_EQ(records(nothing["NextShardIterator"])["Records"].size(), 1u);
  EXPECT_EQ(records(latest)["Records"].size(), 1u);
  EXPECT_EQ(records(iterator("LATEST"))["Records"].size(), 0u);
}

TEST_F(StreamsTest, IteratorsStartAtOrAfterASequenceNumber) {
  for (const char* pk : {"a", "b", "c"}) put("tab1", {{"pk", s(pk)}});
  const std::string second = all()[1]["dynamodb"]["SequenceNumber"];
  EXPECT_EQ(records(iterator("AT_SEQUENCE_NUMBER", second))["Records"].size(), 2u);
  EXPECT_EQ(records(iterator("AFTER_SEQUENCE_NUMBER", second))["Records"].size(), 1u);
  EXPECT_TRUE(iterator("LATEST").starts_with(arn + "|1|"));
}

TEST_F(StreamsTest, GetRecordsGoesOnAfterItsLimit) {
  for (int i = 0; i < 5; ++i) put("tab1", {{"pk", s(std::to_string(i))}});
  Json page = ok_streams("GetRecords", {{"ShardIterator", iterator("TRIM_HORIZON")}, {"Limit", 2}});
  EXPECT_EQ(page["Records"].size(), 2u);
  page = records(page["NextShardIterator"]);
  EXPECT_EQ(page["Records"].size(), 3u);
  EXPECT_EQ(page["Records"][0]["dynamodb"]["Keys"]["pk"], s("2"));
}

TEST_F(StreamsTest, ADisabledStreamStaysReadableAndItsShardEnds) {
  put("tab1", {{"pk", s("a")}});
  disable();
  put("tab1", {{"pk", s("b")}});
  const Json stream = describe();
  EXPECT_EQ(stream["StreamStatus"], "DISABLED");
  EXPECT_TRUE(stream["Shards"][0]["SequenceNumberRange"].contains("EndingSequenceNumber"));
  const Json page = records(iterator("TRIM_HORIZON"));
  EXPECT_EQ(page["Records"].size(), 1u);
  EXPECT_FALSE(page.contains("NextShardIterator"));
  const Json table = ok("DescribeTable", {{"TableName", "tab1"}})["Table"];
  EXPECT_FALSE(table.contains("StreamSpecification"));
  EXPECT_EQ(table["LatestStreamArn"], arn);
}

TEST_F(StreamsTest, AStreamEnabledAgainIsAnotherStream) {
  put("tab1", {{"pk", s("a")}});
  disable();
  const Json again =
      ok("UpdateTable",
         {{"TableName", "tab1"},
          {"StreamSpecification", {{"StreamEnabled", true}, {"StreamViewType", "KEYS_ONLY"}}}});
  const std::string former = arn;
  arn = again["TableDescription"]["LatestStreamArn"];
  EXPECT_NE(arn, former);
  EXPECT_EQ(all(), Json::array());
  EXPECT_EQ(ok_streams("ListStreams", {{"TableName", "tab1"}})["Streams"].size(), 2u);
}

TEST_F(StreamsTest, TheStreamOfADeletedTableStaysADay) {
  put("tab1", {{"pk", s("a")}});
  ok("DeleteTable", {{"TableName", "tab1"}});
  EXPECT_EQ(all().size(), 1u);
  emulator.advance(std::chrono::hours(25));
  expect_error(streams("DescribeStream", {{"StreamArn", arn}}), "ResourceNotFoundException",
               "Requested resource not found: Stream: " + arn + " not found");
  EXPECT_EQ(ok_streams("ListStreams", Json::object())["Streams"], Json::array());
}

TEST_F(StreamsTest, RecordsAreTrimmedAfterADay) {
  put("tab1", {{"pk", s("old")}});
  const std::string number = all()[0]["dynamodb"]["SequenceNumber"];
  const std::string first = shard();
  emulator.advance(std::chrono::hours(23));
  put("tab1", {{"pk", s("new")}});
  EXPECT_EQ(all().size(), 2u);
  emulator.advance(std::chrono::hours(2));
  const Json left = all();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0]["dynamodb"]["Keys"]["pk"], s("new"));
  expect_error(streams("GetShardIterator", iterator_input(first, "AT_SEQUENCE_NUMBER", number)),
               "TrimmedDataAccessException", "The data you are trying to access has been trimmed");
  const Json rest = records(iterator_of(first, "TRIM_HORIZON"));
  EXPECT_EQ(rest["Records"], Json::array());
  EXPECT_FALSE(rest.contains("NextShardIterator"));
}

TEST_F(StreamsTest, AnIteratorWhoseRecordWasTrimmedSaysSo) {
  put("tab1", {{"pk", s("old")}});
  put("tab1", {{"pk", s("older")}});
  const std::string first = shard();
  const std::string number = all()[0]["dynamodb"]["SequenceNumber"];
  emulator.advance(std::chrono::hours(24) - std::chrono::minutes(5));
  const std::string at = iterator_of(first, "AT_SEQUENCE_NUMBER", number);
  emulator.advance(std::chrono::minutes(10));
  expect_error(streams("GetRecords", {{"ShardIterator", at}}), "TrimmedDataAccessException",
               "The data you are trying to access has been trimmed");
}

TEST_F(StreamsTest, AnIteratorLivesFifteenMinutes) {
  const std::string early = iterator("TRIM_HORIZON");
  emulator.advance(std::chrono::minutes(14));
  EXPECT_TRUE(streams("GetRecords", {{"ShardIterator", early}}).ok());
  emulator.advance(std::chrono::seconds(61));
  EXPECT_EQ(streams("GetRecords", {{"ShardIterator", early}}).error(), "ExpiredIteratorException");
}

TEST_F(StreamsTest, BadArgumentsAreRefused) {
  EXPECT_EQ(streams("GetRecords", {{"ShardIterator", "nonsense"}}).error(), "ValidationException");
  EXPECT_EQ(streams("DescribeStream", {{"StreamArn", arn + "0"}}).error(),
            "ResourceNotFoundException");
  expect_error(streams("GetShardIterator",
                       iterator_input("shardId-00000000000000000000-00000000", "LATEST")),
               "ResourceNotFoundException", "Requested resource not found: Shard does not exist");
  const std::string no_arn(40, 'x');
  expect_invalid(streams("DescribeStream", {{"StreamArn", no_arn}}), "Invalid StreamArn");
  expect_invalid(streams("ListStreams", {{"ExclusiveStartStreamArn", no_arn}}),
                 "Invalid StreamArn");
  expect_invalid(streams("DescribeStream", {{"StreamArn", arn}, {"Limit", 101}}),
                 "1 validation error detected: Value '101' at 'limit' failed to satisfy "
                 "constraint: Member must have value less than or equal to 100");
  EXPECT_EQ(streams("GetShardIterator", {{"StreamArn", arn},
                                         {"ShardId", shard()},
                                         {"ShardIteratorType", "AT_SEQUENCE_NUMBER"}})
                .error(),
            "ValidationException");
}

TEST_F(StreamsTest, APageOfRecordsIsAtMostAMegabyte) {
  for (const char* pk : {"a", "b", "c", "d"}) {
    put("tab1", {{"pk", s(pk)}, {"fill", s(std::string(300'000, 'x'))}});
  }
  const Json first = records(iterator("TRIM_HORIZON"));
  EXPECT_EQ(first["Records"].size(), 3u);
  EXPECT_EQ(records(first["NextShardIterator"])["Records"].size(), 1u);
}

TEST_F(StreamsTest, AnotherAccountDoesNotSeeTheStream) {
  const As other{"111111111111", "us-east-1"};
  EXPECT_EQ(emulator.call("dynamodbstreams", "DescribeStream", {{"StreamArn", arn}}, other).error(),
            "ResourceNotFoundException");
}

TEST_F(StreamsTest, ListStreamsPages) {
  create("tab2", "KEYS_ONLY");
  create("tab3", "KEYS_ONLY");
  const Json first = ok_streams("ListStreams", {{"Limit", 2}});
  ASSERT_EQ(first["Streams"].size(), 2u);
  EXPECT_EQ(first["LastEvaluatedStreamArn"], first["Streams"][1]["StreamArn"]);
  const Json second =
      ok_streams("ListStreams", {{"ExclusiveStartStreamArn", first["LastEvaluatedStreamArn"]}});
  ASSERT_EQ(second["Streams"].size(), 1u);
  EXPECT_EQ(second["Streams"][0]["TableName"], "tab3");
  EXPECT_FALSE(second.contains("LastEvaluatedStreamArn"));
}

TEST_F(StreamsTest, AsALogSourceItGivesLambdasEventsAndWakesItsReaders) {
  events::LogSource* source = emulator.platform().log_sources.find("dynamodb");
  ASSERT_NE(source, nullptr);
  std::atomic<int> woken{0};
  const auto subscription = source->subscribe(arn, [&] { ++woken; });
  const auto shards = source->shards(arn);
  ASSERT_EQ(shards.size(), 1u);
  EXPECT_FALSE(shards[0].closed);
  const uint64_t start =
      source->start_position(arn, shards[0].id, events::StartAt::trim_horizon, {});
  put("tab1", {{"pk", s("a")}, {"b", {{"B", "kA=="}}}});
  EXPECT_GE(woken, 1);
  events::LogPage page = source->read(arn, shards[0].id, start, 10, 1'000'000);
  ASSERT_EQ(page.records.size(), 1u);
  EXPECT_EQ(page.records[0].event["eventSourceARN"], arn);
  EXPECT_EQ(page.records[0].event["dynamodb"]["NewImage"]["b"]["B"], "kA==");
  EXPECT_EQ(page.records[0].event["dynamodb"]["SequenceNumber"], page.records[0].sequence_number);
  EXPECT_FALSE(page.records[0].cause.request_id.empty());
  EXPECT_FALSE(page.end_of_shard);
  EXPECT_EQ(source->start_position(arn, shards[0].id, events::StartAt::latest, {}),
            page.next_position);
  const int before = woken;
  disable();
  EXPECT_GT(woken, before);
  page = source->read(arn, shards[0].id, page.next_position, 10, 1'000'000);
  EXPECT_TRUE(page.records.empty());
  EXPECT_TRUE(page.end_of_shard);
  EXPECT_THROW(source->shards("arn:aws:dynamodb:us-east-1:000000000000:table/no/stream/x"),
               AwsError);
}

TEST_F(StreamsTest, ManyWritersLoseNoRecord) {
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < 50; ++i) put("tab1", {{"pk", s(std::to_string(w * 100 + i))}});
    });
  }
  std::set<std::string> seen;
  std::string next = iterator("TRIM_HORIZON");
  while (seen.size() < 200 && !HasFailure()) {
    const Json page = records(next);
    for (const Json& record : page["Records"]) {
      EXPECT_TRUE(seen.insert(record["dynamodb"]["Keys"]["pk"]["S"]).second);
    }
    next = page["NextShardIterator"];
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(seen.size(), 200u);
}

}  // namespace paddock::testing
