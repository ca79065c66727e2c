// Consumers with enhanced fan-out, through the wire.
#include "services/kinesis/support.hpp"
#include "support/event_stream_client.hpp"

namespace paddock::services::kinesis::tests {

using paddock::testing::EventStreamClient;

class KinesisConsumers : public KinesisTest {
 protected:
  std::string register_one(const std::string& name = "c") {
    return ok("RegisterStreamConsumer", {{"StreamARN", arn("s")}, {"ConsumerName", name}})
        .at("Consumer")
        .at("ConsumerARN");
  }
  Json input(const std::string& consumer, const std::string& type = "TRIM_HORIZON",
             Json position = Json::object()) {
    position["Type"] = type;
    return {{"ConsumerARN", consumer}, {"ShardId", shard(0)}, {"StartingPosition", position}};
  }
  std::unique_ptr<EventStreamClient> subscribe(const Json& input) {
    auto client = std::make_unique<EventStreamClient>(emulator->port(), "kinesis",
                                                      "Kinesis_20131202.SubscribeToShard", input);
    EXPECT_EQ(client->status(), 200) << client->head();
    EXPECT_EQ(client->next()->text(":event-type"), "initial-response");
    return client;
  }
  static Json event(EventStreamClient& client) {
    const auto message = client.next();
    if (!message) return nullptr;
    EXPECT_EQ(message->text(":event-type"), "SubscribeToShardEvent");
    return Json::parse(message->payload);
  }
};

TEST_F(KinesisConsumers, AreRegisteredDescribedListedAndDropped) {
  create("s");
  const std::string consumer = register_one();
  EXPECT_EQ(consumer, arn("s") + "/consumer/c:" + std::to_string(now_ms() / 1000));
  register_one("d");
  EXPECT_EQ(
      call("RegisterStreamConsumer", {{"StreamARN", arn("s")}, {"ConsumerName", "c"}}).error(),
      "ResourceInUseException");
  const Json described = ok("DescribeStreamConsumer", {{"ConsumerARN", consumer}});
  EXPECT_EQ(described["ConsumerDescription"]["ConsumerStatus"], "ACTIVE");
  EXPECT_EQ(described["ConsumerDescription"]["StreamARN"], arn("s"));
  const Json first = ok("ListStreamConsumers", {{"StreamARN", arn("s")}, {"MaxResults", 1}});
  EXPECT_EQ(first["Consumers"][0]["ConsumerName"], "c");
  EXPECT_EQ(ok("ListStreamConsumers",
               {{"StreamARN", arn("s")},
                {"NextToken", first["NextToken"]}})["Consumers"][0]["ConsumerName"],
            "d");
  EXPECT_EQ(call("DeleteStream", {{"StreamName", "s"}}).error(), "ResourceInUseException");
  ok("DeregisterStreamConsumer", {{"StreamARN", arn("s")}, {"ConsumerName", "d"}});
  EXPECT_EQ(
      call("DescribeStreamConsumer", {{"StreamARN", arn("s")}, {"ConsumerName", "d"}}).error(),
      "ResourceNotFoundException");
  ok("TagResource", {{"ResourceARN", consumer}, {"Tags", {{"a", "1"}}}});
  EXPECT_EQ(ok("ListTagsForResource", {{"ResourceARN", consumer}})["Tags"][0]["Key"], "a");
  ok("DeleteStream", {{"StreamName", "s"}, {"EnforceConsumerDeletion", true}});
}

TEST_F(KinesisConsumers, ASubscriberGetsWhatIsThereAndWhatComes) {
  create("s");
  const std::string consumer = register_one();
  put("s", "one");
  const auto client = subscribe(input(consumer));
  const Json first = event(*client);
  EXPECT_EQ(data(first), Texts{"one"});
  EXPECT_EQ(first["MillisBehindLatest"], 0);
  put("s", "two");
  EXPECT_EQ(data(event(*client)), Texts{"two"});
  client->close();
  // The continuation goes on behind what was sent.
  advance(seconds(6));
  const auto more = subscribe(input(consumer, "AFTER_SEQUENCE_NUMBER",
                                    {{"SequenceNumber", first["ContinuationSequenceNumber"]}}));
  EXPECT_EQ(data(event(*more)), Texts{"two"});
}

TEST_F(KinesisConsumers, ASubscriberOfAnEmptyShardGetsEmptyEvents) {
  create("s");
  const auto client = subscribe(input(register_one(), "LATEST"));
  const Json empty = event(*client);
  EXPECT_TRUE(empty["Records"].empty());
  EXPECT_TRUE(empty["ContinuationSequenceNumber"].is_string());
}

TEST_F(KinesisConsumers, ASubscriptionEndsAfterFiveMinutes) {
  create("s");
  const auto client = subscribe(input(register_one(), "LATEST"));
  event(*client);
  emulator->platform().world.advance_to(emulator->platform().world.now() + minutes(6));
  put("s", "late");
  while (!event(*client).is_null()) {
  }
}

TEST_F(KinesisConsumers, ASecondSubscriptionIsRefusedForFiveSeconds) {
  create("s");
  const std::string consumer = register_one();
  const auto first = subscribe(input(consumer, "LATEST"));
  event(*first);
  EXPECT_EQ(refused("SubscribeToShard", input(consumer, "LATEST")),
            "ResourceInUseException: Another active subscription exists for this consumer: "
            "000000000000:s:shardId-000000000000:c");
  emulator->platform().world.advance_to(emulator->platform().world.now() + seconds(6));
  const auto second = subscribe(input(consumer, "LATEST"));
  event(*second);
  while (!event(*first).is_null()) {
  }
  put("s", "one");
  EXPECT_EQ(data(event(*second)), Texts{"one"});
}

TEST_F(KinesisConsumers, TheEndOfAClosedShardEndsTheSubscription) {
  create("s");
  const auto client = subscribe(input(register_one()));
  event(*client);
  ok("SplitShard",
     {{"StreamName", "s"}, {"ShardToSplit", shard(0)}, {"NewStartingHashKey", "1000"}});
  const Json last = event(*client);
  EXPECT_FALSE(last.contains("ContinuationSequenceNumber"));
  EXPECT_EQ(ids(last["ChildShards"]), (Texts{shard(1), shard(2)}));
  EXPECT_FALSE(client->next().has_value());
}

}  // namespace paddock::services::kinesis::tests
