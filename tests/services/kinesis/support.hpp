// What the tests of Kinesis share: an emulator whose world time stands still, and streams made in
// one line.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "gateway/platform.hpp"
#include "support/test_emulator.hpp"

namespace paddock::services::kinesis::tests {

using paddock::testing::As;
using paddock::testing::CallResult;
using paddock::testing::TestEmulator;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Texts = std::vector<std::string>;

class KinesisTest : public ::testing::Test {
 protected:
  void SetUp() override { emulator->platform().world.freeze(); }

  CallResult call(std::string_view operation, const Json& input, const As& as = {}) {
    return emulator->call("kinesis", operation, input, as);
  }
  Json ok(std::string_view operation, const Json& input, const As& as = {}) {
    CallResult result = call(operation, input, as);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.text;
    return result.body;
  }
  // "Code: message" of a call that fails.
  std::string refused(std::string_view operation, const Json& input, const As& as = {}) {
    const CallResult result = call(operation, input, as);
    EXPECT_EQ(result.status, 400) << result.text;
    return result.error() + ": " + result.message();
  }
  void create(const std::string& name, int shards = 1) {
    ok("CreateStream", {{"StreamName", name}, {"ShardCount", shards}});
  }
  static std::string arn(const std::string& name) {
    return "arn:aws:kinesis:us-east-1:000000000000:stream/" + name;
  }
  static std::string shard(int index) {
    const std::string digits = std::to_string(index);
    return "shardId-" + std::string(12 - digits.size(), '0') + digits;
  }
  Json put(const std::string& stream, const std::string& data, const std::string& key = "k",
           Json more = Json::object()) {
    more["StreamName"] = stream;
    more["Data"] = to_base64(data);
    more["PartitionKey"] = key;
    return ok("PutRecord", more);
  }
  std::string iterator(const std::string& stream, const std::string& type = "TRIM_HORIZON",
                       int index = 0, Json more = Json::object()) {
    more["StreamName"] = stream;
    more["ShardId"] = shard(index);
    more["ShardIteratorType"] = type;
    return ok("GetShardIterator", more).value("ShardIterator", std::string());
  }
  Json get(const std::string& iterator, Json more = Json::object()) {
    more["ShardIterator"] = iterator;
    return ok("GetRecords", more);
  }
  static Texts data(const Json& answer) {
    Texts found;
    for (const Json& record : answer.at("Records")) {
      found.push_back(from_base64(record.at("Data").get<std::string>()).value_or("?"));
    }
    return found;
  }
  // All that a shard has, read to its end or its tip.
  Texts all(const std::string& stream, int index = 0) {
    return data(get(iterator(stream, "TRIM_HORIZON", index)));
  }
  Json shards(const std::string& stream, Json more = Json::object()) {
    more["StreamName"] = stream;
    return ok("ListShards", more).at("Shards");
  }
  static Texts ids(const Json& shards) {
    Texts found;
    for (const Json& one : shards) found.push_back(one.at("ShardId"));
    return found;
  }
  void advance(std::chrono::milliseconds by) { emulator->advance(by); }
  int64_t now_ms() { return emulator->platform().world.now().ms; }

  std::unique_ptr<TestEmulator> emulator = std::make_unique<TestEmulator>();
};

inline constexpr const char* kMostKey = "340282366920938463463374607431768211455";

}  // namespace paddock::services::kinesis::tests
