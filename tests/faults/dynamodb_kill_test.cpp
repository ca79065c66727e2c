// A whole emulator is killed with SIGKILL under a load of transactions, index writes and stream
// reads. Afterwards every transaction is there as a whole or not at all, none that was acknowledged
// is lost, indexes hold what their tables hold, and the streams tell how the tables came to be:
// also to a reader that had read on before.
//
// Lanes 0 to 2 send one transaction after the other, number n of lane l being
//   Put left (l, n) with a tag, Put right (l, n) with a rank; what is older than a few numbers goes
//   Update left ("count", l) and right ("count", l): one more; right ("total", 0): one more
// The last lane moves five items of left about in their index by single updates. Readers follow
// both streams.
#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "fault_child.hpp"
#include "http/client.hpp"
#include "support/test_emulator.hpp"

namespace paddock::faults {

namespace dynamo {

constexpr uint64_t kLanes = 3;
constexpr uint64_t kSoloItems = 5;
constexpr uint64_t kLeftKept = 3;    // numbers of a lane whose items are still in left
constexpr uint64_t kRightKept = 40;  // … and in right

Json s(const std::string& text) {
  return {{"S", text}};
}
Json n(uint64_t number) {
  return {{"N", std::to_string(number)}};
}
Json key(const Json& pk, uint64_t sk) {
  return {{"pk", pk}, {"sk", n(sk)}};
}
Json lane_pk(uint64_t lane) {
  return s("lane" + std::to_string(lane));
}

// A connection to the child. Requests throw http::ClientError once it is dead.
class Client {
 public:
  explicit Client(uint16_t port) : connection_(options(port)) {}

  Json call(const std::string& target, const Json& input) {
    http::Headers headers;
    headers.add("Content-Type", "application/x-amz-json-1.0");
    headers.add("X-Amz-Target", target);
    const http::Response response = connection_.request("POST", "/", headers, input.dump());
    EXPECT_EQ(response.status, 200) << target << ": " << response.body;
    return Json::parse(response.body);
  }
  Json db(const std::string& operation, const Json& input) {
    return call("DynamoDB_20120810." + operation, input);
  }
  Json streams(const std::string& operation, const Json& input) {
    return call("DynamoDBStreams_20120810." + operation, input);
  }

 private:
  static http::ClientOptions options(uint16_t port) {
    http::ClientOptions options;
    options.port = port;
    return options;
  }
  http::ClientConnection connection_;
};

using Items = std::map<std::string, Json>;  // by the text of their key

std::string key_of(const Json& item) {
  return Json({{"pk", item.at("pk")}, {"sk", item.at("sk")}}).dump();
}

Json attribute(const char* name, const char* type) {
  return {{"AttributeName", name}, {"AttributeType", type}};
}
Json key_part(const char* name, const char* type) {
  return {{"AttributeName", name}, {"KeyType", type}};
}

// left has a global index by tag, right a local one by rank.
Json table(const std::string& name) {
  const bool left = name == "left";
  const Json index = {
      {"IndexName", "index"},
      {"KeySchema", Json::array({left ? key_part("tag", "HASH") : key_part("pk", "HASH"),
                                 left ? key_part("sk", "RANGE") : key_part("rank", "RANGE")})},
      {"Projection", {{"ProjectionType", "ALL"}}}};
  return {
      {"TableName", name},
      {"BillingMode", "PAY_PER_REQUEST"},
      {"AttributeDefinitions",
       Json::array({attribute("pk", "S"), attribute("sk", "N"),
                    left ? attribute("tag", "S") : attribute("rank", "N")})},
      {"KeySchema", Json::array({key_part("pk", "HASH"), key_part("sk", "RANGE")})},
      {left ? "GlobalSecondaryIndexes" : "LocalSecondaryIndexes", Json::array({index})},
      {"StreamSpecification", {{"StreamEnabled", true}, {"StreamViewType", "NEW_AND_OLD_IMAGES"}}}};
}

Json left_item(uint64_t lane, uint64_t number) {
  Json item = key(lane_pk(lane), number);
  item["tag"] = s("t" + std::to_string(number % 3));
  item["text"] = s(std::string(number * 7919 % 3000, 'x'));
  return item;
}
Json right_item(uint64_t lane, uint64_t number) {
  Json item = key(lane_pk(lane), number);
  item["rank"] = n(number * 31 % 17);
  return item;
}

Json add_one(const char* table, const Json& item_key, const std::string& more = "") {
  return {{"TableName", table},
          {"Key", item_key},
          {"UpdateExpression", "ADD hits :one" + more},
          {"ExpressionAttributeValues", {{":one", n(1)}}}};
}

Json transaction(uint64_t lane, uint64_t number) {
  Json actions = Json::array();
  const auto add = [&](const char* kind, const Json& members) {
    actions.push_back({{kind, members}});
  };
  add("Put", {{"TableName", "left"}, {"Item", left_item(lane, number)}});
  add("Put", {{"TableName", "right"}, {"Item", right_item(lane, number)}});
  if (number > kLeftKept) {
    add("Delete", {{"TableName", "left"}, {"Key", key(lane_pk(lane), number - kLeftKept)}});
  }
  if (number > kRightKept) {
    add("Delete", {{"TableName", "right"}, {"Key", key(lane_pk(lane), number - kRightKept)}});
  }
  add("Update", add_one("left", key(s("count"), lane)));
  add("Update", add_one("right", key(s("count"), lane)));
  add("Update", add_one("right", key(s("total"), 0)));
  return {{"TransactItems", actions},
          {"ClientRequestToken", std::to_string(lane) + "-" + std::to_string(number)}};
}

Json solo_update(uint64_t number) {
  Json update = add_one("left", key(s("solo"), number % kSoloItems), " SET tag = :tag");
  update["ExpressionAttributeValues"][":tag"] = s("s" + std::to_string(number % 4));
  return update;
}

Items scan(Client& client, const char* table, const char* index = nullptr) {
  Items items;
  Json input = {{"TableName", table}};
  if (index) {
    input["IndexName"] = index;
  } else {
    input["ConsistentRead"] = true;
  }
  for (;;) {
    const Json page = client.db("Scan", input);
    for (const Json& item : page.at("Items")) {
      EXPECT_TRUE(items.emplace(key_of(item), item).second) << "twice: " << item;
    }
    if (!page.contains("LastEvaluatedKey")) return items;
    input["ExclusiveStartKey"] = page.at("LastEvaluatedKey");
  }
}

// A reader of a table's stream that keeps, over all kills, the table as the records tell of it.
class Replay {
 public:
  explicit Replay(std::string table) : table_(std::move(table)) {}

  // Reads all shards to their present end.
  void read(Client& client) {
    if (arn_.empty()) {
      arn_ = client.db("DescribeTable", {{"TableName", table_}})
                 .at("Table")
                 .at("LatestStreamArn")
                 .get<std::string>();
    }
    Json input = {{"StreamArn", arn_}};
    for (;;) {
      const Json stream = client.streams("DescribeStream", input).at("StreamDescription");
      for (const Json& shard : stream.at("Shards")) read_shard(client, shard.at("ShardId"));
      if (!stream.contains("LastEvaluatedShardId")) return;
      input["ExclusiveStartShardId"] = stream.at("LastEvaluatedShardId");
    }
  }
  const Items& items() const { return items_; }

 private:
  void read_shard(Client& client, const std::string& shard) {
    std::string& last = last_[shard];
    Json from = {{"StreamArn", arn_}, {"ShardId", shard}, {"ShardIteratorType", "TRIM_HORIZON"}};
    if (!last.empty()) {
      from["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER";
      from["SequenceNumber"] = last;
    }
    Json iterator = client.streams("GetShardIterator", from).at("ShardIterator");
    while (!iterator.is_null()) {
      const Json page = client.streams("GetRecords", {{"ShardIterator", iterator}});
      for (const Json& record : page.at("Records")) {
        apply(record);
        last = record.at("dynamodb").at("SequenceNumber").get<std::string>();
      }
      if (page.at("Records").empty()) return;
      iterator = page.value("NextShardIterator", Json());
    }
  }

  // Each record goes on from what the one before left.
  void apply(const Json& record) {
    const Json& change = record.at("dynamodb");
    const std::string item_key = key_of(change.at("Keys"));
    const auto known = items_.find(item_key);
    const Json before = known == items_.end() ? Json() : known->second;
    EXPECT_EQ(change.value("OldImage", Json()), before) << table_ << ": " << record;
    const Json after = change.value("NewImage", Json());
    EXPECT_NE(after, before) << "nothing changed: " << record;
    const char* event = before.is_null() ? "INSERT" : after.is_null() ? "REMOVE" : "MODIFY";
    EXPECT_EQ(record.at("eventName"), event);
    if (after.is_null()) {
      items_.erase(item_key);
    } else {
      items_[item_key] = after;
    }
  }

  const std::string table_;
  std::string arn_;
  std::map<std::string, std::string> last_;  // sequence number, by shard
  Items items_;
};

class KillRun {
 public:
  // Starts the emulator, checks what is there, and sends again what was in doubt.
  void start(const std::string& directory) {
    child_ = std::make_unique<Child>("dynamodb", std::vector<std::string>{directory});
    Report report;
    ASSERT_TRUE(child_->read(report)) << "the emulator did not start";
    port_ = static_cast<uint16_t>(report.number);
  }
  void create_tables() {
    Client client(port_);
    for (const char* name : {"left", "right"}) client.db("CreateTable", table(name));
  }

  // Runs the load until so many requests were acknowledged, then kills.
  void load_and_kill(uint64_t requests) {
    acknowledgements_ = 0;
    ended_ = false;
    std::vector<std::thread> threads;
    for (uint64_t lane = 0; lane < kLanes; ++lane) {
      threads.emplace_back([this, lane] {
        until_killed([&](Client& client) {
          client.db("TransactWriteItems", transaction(lane, acknowledged_[lane] + 1));
          ++acknowledged_[lane];
          count_acknowledgement();
        });
      });
    }
    threads.emplace_back([this] {
      until_killed([&](Client& client) {
        client.db("UpdateItem", solo_update(solo_acknowledged_ + 1));
        ++solo_acknowledged_;
        count_acknowledgement();
      });
    });
    for (Replay* replay : {&left_, &right_}) {
      threads.emplace_back(
          [this, replay] { until_killed([&](Client& client) { replay->read(client); }); });
    }
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return ended_ || acknowledgements_ >= requests; });
      EXPECT_FALSE(ended_) << "the emulator ended before it was killed";
    }
    child_->kill();
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(child_->wait());
  }

  void check() {
    Client client(port_);
    const Items left = scan(client, "left");
    const Items right = scan(client, "right");
    check_lanes(left, right);
    check_solo(left);
    check_index(left, scan(client, "left", "index"), "tag");
    check_index(right, scan(client, "right", "index"), "rank");
    left_.read(client);
    EXPECT_EQ(left_.items(), left) << "the stream tells of another table";
    right_.read(client);
    EXPECT_EQ(right_.items(), right) << "the stream tells of another table";
  }

  // A transaction whose acknowledgement never came is done once, whether it was done or not.
  void send_again() {
    Client client(port_);
    for (uint64_t lane = 0; lane < kLanes; ++lane) {
      client.db("TransactWriteItems", transaction(lane, acknowledged_[lane] + 1));
      ++acknowledged_[lane];
      const Json item =
          client.db("GetItem", {{"TableName", "left"}, {"Key", key(s("count"), lane)}});
      EXPECT_EQ(item.at("Item").at("hits"), n(acknowledged_[lane])) << "lane " << lane;
    }
  }

  uint64_t least_acknowledged() const {
    return *std::min_element(acknowledged_.begin(), acknowledged_.end());
  }

 private:
  template <class Step>
  void until_killed(Step step) {
    try {
      Client client(port_);
      for (;;) step(client);
    } catch (const http::ClientError&) {
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  void count_acknowledgement() {
    const std::lock_guard lock(mutex_);
    ++acknowledgements_;
    changed_.notify_all();
  }

  static uint64_t hits(const Items& items, const Json& item_key) {
    const auto found = items.find(key_of(item_key));
    if (found == items.end()) return 0;
    return std::stoull(found->second.at("hits").at("N").get<std::string>());
  }

  void check_lanes(const Items& left, const Items& right) {
    uint64_t total = 0;
    Items expected_left;
    Items expected_right;
    for (uint64_t lane = 0; lane < kLanes; ++lane) {
      const uint64_t done = hits(left, key(s("count"), lane));
      EXPECT_EQ(hits(right, key(s("count"), lane)), done) << "half a transaction of " << lane;
      EXPECT_GE(done, acknowledged_[lane]) << "lost in lane " << lane;
      EXPECT_LE(done, acknowledged_[lane] + 1);
      total += done;
      for (uint64_t number = 1; number <= done; ++number) {
        if (number + kLeftKept > done) add_item(expected_left, left_item(lane, number));
        if (number + kRightKept > done) add_item(expected_right, right_item(lane, number));
      }
    }
    EXPECT_EQ(hits(right, key(s("total"), 0)), total);
    EXPECT_EQ(of_lanes(left), expected_left);
    EXPECT_EQ(of_lanes(right), expected_right);
  }
  static void add_item(Items& items, const Json& item) { items.emplace(key_of(item), item); }
  static Items of_lanes(const Items& items) {
    Items lanes;
    for (const auto& [item_key, item] : items) {
      if (item.at("pk").at("S").get<std::string>().starts_with("lane")) lanes[item_key] = item;
    }
    return lanes;
  }

  void check_solo(const Items& left) {
    uint64_t done = 0;
    for (uint64_t i = 0; i < kSoloItems; ++i) done += hits(left, key(s("solo"), i));
    EXPECT_GE(done, solo_acknowledged_);
    EXPECT_LE(done, solo_acknowledged_ + 1);
    solo_acknowledged_ = done;
  }

  static void check_index(const Items& items, const Items& entries, const char* attribute_name) {
    Items expected;
    for (const auto& [item_key, item] : items) {
      if (item.contains(attribute_name)) expected[item_key] = item;
    }
    EXPECT_EQ(entries, expected) << "the index by " << attribute_name;
  }

  std::unique_ptr<Child> child_;
  uint16_t port_ = 0;
  std::vector<uint64_t> acknowledged_ = std::vector<uint64_t>(kLanes);
  uint64_t solo_acknowledged_ = 0;
  Replay left_{"left"};
  Replay right_{"right"};
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t acknowledgements_ = 0;
  bool ended_ = false;
};

// PADDOCK_TEST_KILLS asks for more than the few of every day.
int kills() {
  const char* text = std::getenv("PADDOCK_TEST_KILLS");
  return text ? std::max(1, std::atoi(text)) : 4;
}

}  // namespace dynamo

int run_dynamodb(const std::vector<std::string>& arguments) {
  testing::TestEmulator emulator(testing::TestEmulator::durable_options(arguments.at(0)));
  Report report;
  report.kind = Report::Kind::recovered;
  report.number = emulator.port();
  send_report(report);
  for (;;) ::pause();
}

TEST(DynamoDbKill, LeavesWholeTransactionsRightIndexesAndTrueStreams) {
  const testing::TempDir directory;
  std::mt19937_64 random(3);
  dynamo::KillRun run;
  ASSERT_NO_FATAL_FAILURE(run.start(directory.path()));
  run.create_tables();
  for (int kill = 0; kill < dynamo::kills(); ++kill) {
    // Small numbers too: they hit the open and what it has to replay.
    run.load_and_kill(random() % 4 == 0 ? random() % 4 : random() % 500);
    ASSERT_NO_FATAL_FAILURE(run.start(directory.path()));
    run.check();
    run.send_again();
    ASSERT_FALSE(::testing::Test::HasFailure()) << "after kill " << kill + 1;
  }
  run.check();
  EXPECT_GT(run.least_acknowledged(), 20u) << "the load hardly ran";
}

}  // namespace paddock::faults
