// A table "tab1" with a stream, and its records.
#pragma once

#include <string>
#include <vector>

#include "fixture.hpp"

namespace paddock::testing {

class StreamsTest : public DynamoDbTest {
 protected:
  void SetUp() override { arn = create("tab1", "NEW_AND_OLD_IMAGES"); }

  std::string create(const std::string& name, const char* view) {
    return ok("CreateTable",
              with_stream(simple_table(name), view))["TableDescription"]["LatestStreamArn"];
  }
  Json describe(const Json& more = Json::object()) {
    Json input = {{"StreamArn", arn}};
    input.update(more);
    return ok_streams("DescribeStream", input)["StreamDescription"];
  }
  Json shards() { return describe()["Shards"]; }
  // The newest one.
  std::string shard() { return shards().back()["ShardId"]; }
  Json iterator_input(const std::string& id, const char* type, const std::string& number = "") {
    Json input = {{"StreamArn", arn}, {"ShardId", id}, {"ShardIteratorType", type}};
    if (!number.empty()) input["SequenceNumber"] = number;
    return input;
  }
  std::string iterator_of(const std::string& id, const char* type, const std::string& number = "") {
    return ok_streams("GetShardIterator", iterator_input(id, type, number))["ShardIterator"];
  }
  std::string iterator(const char* type, const std::string& number = "") {
    return iterator_of(shard(), type, number);
  }
  Json records(const std::string& from) {
    return ok_streams("GetRecords", {{"ShardIterator", from}});
  }
  // Of all shards, the oldest first.
  Json all() {
    Json found = Json::array();
    for (const Json& one : shards()) {
      const Json page = records(iterator_of(one["ShardId"], "TRIM_HORIZON"));
      for (const Json& record : page["Records"]) found.push_back(record);
    }
    return found;
  }
  void remove(const std::string& pk) {
    ok("DeleteItem", {{"TableName", "tab1"}, {"Key", {{"pk", s(pk)}}}});
  }
  void disable() {
    ok("UpdateTable", {{"TableName", "tab1"}, {"StreamSpecification", {{"StreamEnabled", false}}}});
  }
  std::string arn;
};

}  // namespace paddock::testing
