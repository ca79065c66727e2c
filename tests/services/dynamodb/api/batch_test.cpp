// BatchGetItem and BatchWriteItem through the wire.
#include "fixture.hpp"

namespace paddock::testing {

class BatchTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    ok("CreateTable", simple_table("tab1"));
    ok("CreateTable", simple_table("tab2"));
  }
  static Json put_request(const std::string& pk) {
    return {{"PutRequest", {{"Item", {{"pk", s(pk)}}}}}};
  }
  static Json delete_request(const std::string& pk) {
    return {{"DeleteRequest", {{"Key", {{"pk", s(pk)}}}}}};
  }
  CallResult write(const Json& requests) {
    return call("BatchWriteItem", {{"RequestItems", requests}});
  }
  size_t count(const char* table) { return ok("Scan", {{"TableName", table}})["Count"]; }
};

TEST_F(BatchTest, PutsAndDeletesGoToSeveralTables) {
  put("tab1", {{"pk", s("old")}});
  const CallResult result = write({{"tab1", Json::array({put_request("a"), delete_request("old")})},
                                   {"tab2", Json::array({put_request("b")})}});
  ASSERT_TRUE(result.ok()) << result.text;
  EXPECT_EQ(result.body, Json({{"UnprocessedItems", Json::object()}}));
  EXPECT_EQ(ok("Scan", {{"TableName", "tab1"}})["Items"], Json::array({{{"pk", s("a")}}}));
  EXPECT_EQ(count("tab2"), 1u);
}

TEST_F(BatchTest, TwentyFiveWritesAreTheMost) {
  Json requests = Json::array();
  for (int i = 0; i < 25; ++i) requests.push_back(put_request(std::to_string(i)));
  EXPECT_TRUE(write({{"tab1", requests}}).ok());
  EXPECT_EQ(count("tab1"), 25u);
  requests.push_back(put_request("one more"));
  EXPECT_EQ(write({{"tab1", requests}}).error(), "ValidationException");
  requests.erase(25);
  expect_invalid(write({{"tab1", requests}, {"tab2", Json::array({put_request("x")})}}),
                 "Too many items requested for the BatchWriteItem call");
}

TEST_F(BatchTest, EverythingIsCheckedBeforeAnythingIsWritten) {
  expect_invalid(write({{"tab1", Json::array({put_request("a"),
                                              {{"DeleteRequest", {{"Key", {{"x", s("b")}}}}}}})}}),
                 "The provided key element does not match the schema");
  EXPECT_EQ(
      write({{"tab1", Json::array({put_request("a")})}, {"nope", Json::array({put_request("b")})}})
          .error(),
      "ResourceNotFoundException");
  expect_invalid(write({{"tab1", Json::array({put_request("a"), delete_request("a")})}}),
                 "Provided list of item keys contains duplicates");
  EXPECT_EQ(count("tab1"), 0u);
}

TEST_F(BatchTest, WritesReportTheirCapacityByTable) {
  const Json answer =
      ok("BatchWriteItem",
         {{"RequestItems", {{"tab1", Json::array({put_request("a"), put_request("b")})}}},
          {"ReturnConsumedCapacity", "TOTAL"}});
  EXPECT_EQ(answer["ConsumedCapacity"],
            Json::array({{{"TableName", "tab1"}, {"CapacityUnits", 2.0}}}));
}

TEST_F(BatchTest, GetsComeFromSeveralTablesWithoutWhatIsMissing) {
  put("tab1", {{"pk", s("a")}, {"v", n("1")}});
  put("tab2", {{"pk", s("b")}, {"v", n("2")}});
  const Json answer = ok(
      "BatchGetItem",
      {{"RequestItems",
        {{"tab1", {{"Keys", Json::array({{{"pk", s("a")}}, {{"pk", s("none")}}})}}},
         {"tab2", {{"Keys", Json::array({{{"pk", s("b")}}})}, {"ProjectionExpression", "v"}}}}}});
  EXPECT_EQ(answer["Responses"]["tab1"], Json::array({{{"pk", s("a")}, {"v", n("1")}}}));
  EXPECT_EQ(answer["Responses"]["tab2"], Json::array({{{"v", n("2")}}}));
  EXPECT_EQ(answer["UnprocessedKeys"], Json::object());
}

TEST_F(BatchTest, ATableWithoutAnyMatchAnswersAnEmptyList) {
  EXPECT_EQ(ok("BatchGetItem",
               {{"RequestItems", {{"tab1", {{"Keys", Json::array({{{"pk", s("a")}}})}}}}}}),
            Json({{"Responses", {{"tab1", Json::array()}}}, {"UnprocessedKeys", Json::object()}}));
}

TEST_F(BatchTest, DuplicateKeysAreRefusedBeforeTheTableIsLookedUp) {
  const Json keys = Json::array({{{"pk", s("a")}}, {{"pk", s("a")}}});
  expect_invalid(call("BatchGetItem", {{"RequestItems", {{"nope", {{"Keys", keys}}}}}}),
                 "Provided list of item keys contains duplicates");
}

TEST_F(BatchTest, AHundredKeysAreTheMost) {
  Json keys = Json::array();
  for (int i = 0; i < 100; ++i) keys.push_back({{"pk", s(std::to_string(i))}});
  EXPECT_TRUE(call("BatchGetItem", {{"RequestItems", {{"tab1", {{"Keys", keys}}}}}}).ok());
  expect_invalid(
      call("BatchGetItem",
           {{"RequestItems",
             {{"tab1", {{"Keys", keys}}}, {"tab2", {{"Keys", Json::array({{{"pk", s("x")}}})}}}}}}),
      "Too many items requested for the BatchGetItem call");
}

TEST_F(BatchTest, MoreThanSixteenMegabytesStayUnprocessed) {
  Json keys = Json::array();
  for (int i = 0; i < 43; ++i) {
    const Json item_key = {{"pk", s("k" + std::to_string(i))}};
    Json item = item_key;
    item["v"] = s(std::string(400'000, 'v'));
    put("tab1", item);
    keys.push_back(item_key);
  }
  const Json answer = ok("BatchGetItem", {{"RequestItems", {{"tab1", {{"Keys", keys}}}}}});
  EXPECT_EQ(answer["Responses"]["tab1"].size(), 41u);
  EXPECT_EQ(answer["UnprocessedKeys"]["tab1"]["Keys"].size(), 2u);
  EXPECT_EQ(
      ok("BatchGetItem", {{"RequestItems", answer["UnprocessedKeys"]}})["Responses"]["tab1"].size(),
      2u);
}

}  // namespace paddock::testing
