// Hot operations are served from the text of a request or through a document. Both ways answer
// alike, byte for byte: one emulator gets each request as it is, the other with a member that no
// operation has, which a document drops and the text's reader leaves to the document.
#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/api/fixture.hpp"

namespace paddock::testing {
namespace {

struct RawRequest {
  std::string_view operation;
  std::string body;
};

class DynamoRawTest : public DynamoDbTest {
 protected:
  void SetUp() override {
    Json table = sorted_table("raw-table");
    table["AttributeDefinitions"].push_back(attribute("g", "N"));
    table["GlobalSecondaryIndexes"] = Json::array({{{"IndexName", "by-g"},
                                                    {"KeySchema", {key("g", "HASH")}},
                                                    {"Projection", {{"ProjectionType", "ALL"}}}}});
    for (TestEmulator* each : {&emulator, &other_}) {
      ASSERT_TRUE(each->call("dynamodb", "CreateTable", table).ok());
    }
  }

  static CallResult send(TestEmulator& to, std::string_view operation, const std::string& body) {
    http::Headers headers;
    headers.add("X-Amz-Target", "DynamoDB_20120810." + std::string(operation));
    headers.add("Content-Type", "application/x-amz-json-1.0");
    return to.request("POST", "/", headers, body);
  }

  // Sends it both ways, expects equal answers and returns one of them.
  CallResult both(std::string_view operation, const std::string& body) {
    std::string slow = body;
    if (const size_t start = slow.find('{'); start != std::string::npos) {
      const bool empty = slow.find_first_not_of(" ", start + 1) == slow.find('}');
      slow.insert(start + 1, empty ? R"("Unheard":0)" : R"("Unheard":0,)");
    }
    const CallResult fast = send(emulator, operation, body);
    const CallResult document = send(other_, operation, slow);
    EXPECT_EQ(fast.status, document.status) << operation << ' ' << body;
    EXPECT_EQ(fast.text, document.text) << operation << ' ' << body;
    EXPECT_EQ(fast.headers.get("x-amz-crc32"), document.headers.get("x-amz-crc32"));
    EXPECT_EQ(fast.headers.get("content-type"), document.headers.get("content-type"));
    return fast;
  }
  void same_tables() {
    both("Scan", R"({"TableName":"raw-table"})");
    both("Scan", R"({"TableName":"raw-table","IndexName":"by-g"})");
  }

  TestEmulator other_;
};

std::string put_body(std::string_view item, std::string_view more = "") {
  return R"({"TableName":"raw-table","Item":)" + std::string(item) + std::string(more) + "}";
}
std::string key_body(std::string_view more = "",
                     std::string_view key = R"({"pk":{"S":"a"},"sk":{"S":"1"}})") {
  return R"({"TableName":"raw-table","Key":)" + std::string(key) + std::string(more) + "}";
}

TEST_F(DynamoRawTest, WritesAnswerAlikeBothWays) {
  const std::string plain = R"({"pk":{"S":"a"},"sk":{"S":"1"},"n":{"N":"1.50"},"g":{"N":"7"}})";
  for (const RawRequest& request : std::vector<RawRequest>{
           {"PutItem", put_body(plain)},
           {"PutItem",
            put_body(plain, R"(,"ReturnValues":"ALL_OLD","ReturnConsumedCapacity":"TOTAL")")},
           {"PutItem", put_body(plain, R"(,"ReturnConsumedCapacity":"INDEXES")")},
           {"PutItem", put_body(plain, R"x(,"ConditionExpression":"attribute_not_exists(pk)")x")},
           {"PutItem",
            put_body(plain,
                     R"(,"ConditionExpression":"#n = :n","ExpressionAttributeNames":{"#n":"n"},)"
                     R"("ExpressionAttributeValues":{":n":{"N":"1.5"}})")},
           {"PutItem",
            " { \"TableName\" : \"raw-table\" ,\n\"Item\" : { \"sk\":{\"S\":\"2\"},"
            " \"pk\" : {\"S\":\"gr\\u00fc\\u00df \\ud83d\\ude00 \\\"x\\\"\"} } } "},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"3"},"l":{"L":[{"S":"x"},{"M":{"b":)"
                                R"({"BOOL":true},"a":{"NULL":true}}}]},"ss":{"SS":["b","a"]},)"
                                R"("ns":{"NS":["2","-1"]},"b":{"B":"AAE="}})")},
           {"UpdateItem",
            key_body(R"(,"UpdateExpression":"SET n = n + :one, #new = :t REMOVE g",)"
                     R"("ExpressionAttributeNames":{"#new":"new"},)"
                     R"("ExpressionAttributeValues":{":one":{"N":"1"},":t":{"S":"t"}},)"
                     R"("ReturnValues":"ALL_NEW")")},
           {"UpdateItem",
            key_body(R"(,"UpdateExpression":"SET g = :g ADD hits :one",)"
                     R"("ExpressionAttributeValues":{":one":{"N":"1"},":g":{"N":"8"}},)"
                     R"("ReturnValues":"UPDATED_OLD")")},
           {"UpdateItem", key_body(R"(,"UpdateExpression":"SET l[0].a = :g",)"
                                   R"("ExpressionAttributeValues":{":g":{"N":"8"}})",
                                   R"({"pk":{"S":"a"},"sk":{"S":"3"}})")},
           {"UpdateItem", key_body(R"(,"UpdateExpression":"SET l[1].a = :g, l[7] = :g",)"
                                   R"("ExpressionAttributeValues":{":g":{"N":"8"}},)"
                                   R"("ReturnValues":"UPDATED_NEW")",
                                   R"({"pk":{"S":"a"},"sk":{"S":"3"}})")},
           {"UpdateItem", key_body("", R"({"pk":{"S":"made"},"sk":{"S":"by update"}})")},
           {"UpdateItem", key_body(R"(,"UpdateExpression":"SET g = :g",)"
                                   R"("ExpressionAttributeValues":{":g":{"S":"no number"}})")},
           {"DeleteItem", key_body(R"(,"ReturnValues":"ALL_OLD")")},
           {"DeleteItem", key_body(R"(,"ReturnValues":"ALL_OLD")")},
           {"DeleteItem", key_body(R"x(,"ConditionExpression":"attribute_exists(pk)")x")},
       }) {
    both(request.operation, request.body);
  }
  same_tables();
}

TEST_F(DynamoRawTest, ReadsAnswerAlikeBothWays) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(both("PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":")" + std::to_string(i) +
                                         R"("},"n":{"N":")" + std::to_string(i) + R"("}})"))
                    .ok());
  }
  const std::string query = R"({"TableName":"raw-table","KeyConditionExpression":"pk = :p",)"
                            R"("ExpressionAttributeValues":{":p":{"S":"a"}})";
  for (const RawRequest& request : std::vector<RawRequest>{
           {"GetItem", key_body()},
           {"GetItem", key_body(R"(,"ConsistentRead":true,"ReturnConsumedCapacity":"TOTAL")")},
           {"GetItem", key_body(R"(,"ProjectionExpression":"n, #s",)"
                                R"("ExpressionAttributeNames":{"#s":"sk"})")},
           {"GetItem", key_body("", R"({"pk":{"S":"a"},"sk":{"S":"not there"}})")},
           {"Query", query + "}"},
           {"Query", query + R"(,"Limit":2,"ScanIndexForward":false})"},
           {"Query", query + R"(,"Limit":0})"},
           {"Query", query + R"(,"ConsistentRead":true,"ReturnConsumedCapacity":"INDEXES"})"},
           {"Query", query + R"(,"ProjectionExpression":"n"})"},
           {"Query", query + R"(,"Select":"COUNT"})"},
           {"Query", R"({"TableName":"raw-table","KeyConditionExpression":"pk = :p AND sk > :s",)"
                     R"("ExpressionAttributeValues":{":p":{"S":"a"},":s":{"S":"2"}}})"},
           {"Query", R"({"TableName":"raw-table","KeyConditionExpression":"n = :p",)"
                     R"("ExpressionAttributeValues":{":p":{"S":"a"}}})"},
       }) {
    both(request.operation, request.body);
  }
}

TEST_F(DynamoRawTest, RefusalsAreAlikeBothWays) {
  const std::string key = R"("Key":{"pk":{"S":"a"},"sk":{"S":"1"}})";
  for (const RawRequest& request : std::vector<RawRequest>{
           {"PutItem", "{}"},
           {"PutItem", ""},
           {"PutItem", "[]"},
           {"PutItem", R"({"TableName":"raw-table"})"},
           {"PutItem", R"({"Item":{"pk":{"S":"a"},"sk":{"S":"1"}}})"},
           {"PutItem", put_body(R"({"pk":{"S":"a"}})")},
           {"PutItem", put_body(R"({"pk":{"N":"1"},"sk":{"S":"1"}})")},
           {"PutItem", put_body(R"({"pk":{"S":""},"sk":{"S":"1"}})")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"},"g":{"S":"not a number"}})")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"},"n":{"N":"one"}})")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"},"n":{"SS":["x","x"]}})")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"},"n":{}})")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"},"n":null})")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"pk":{"S":"b"},"sk":{"S":"1"}})")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"\ud83d"}})")},
           {"PutItem", put_body("{\"pk\":{\"S\":\"a\"},\"sk\":{\"S\":\"\xFF\"}}")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"}})") + "x"},
           {"PutItem",
            put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"}})", R"(,"ReturnValues":"ALL_NEW")")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"}})", R"(,"ReturnValues":"SOME")")},
           {"PutItem",
            put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"}})", R"(,"TableName":"raw-table")")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"}})",
                                R"(,"ExpressionAttributeNames":{"#a":"a"})")},
           {"PutItem",
            put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"}})", R"(,"ConditionExpression":"a = = b")")},
           {"PutItem",
            put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"}})",
                     R"(,"ConditionExpression":"a = :v","ExpressionAttributeValues":{})")},
           {"PutItem", put_body(R"({"pk":{"S":"a"},"sk":{"S":"1"},"d":{"S":")" +
                                std::string(410'000, 'x') + R"("}})")},
           {"GetItem", R"({"TableName":"no-such-table",)" + key + "}"},
           {"GetItem", R"({"TableName":"x",)" + key + "}"},
           {"GetItem", R"({"TableName":"bad name!",)" + key + "}"},
           {"GetItem", R"({"TableName":7,)" + key + "}"},
           {"GetItem",
            R"({"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/raw-table",)" + key +
                "}"},
           {"GetItem", key_body("", R"({"pk":{"S":"a"}})")},
           {"GetItem", key_body("", R"({"pk":{"S":"a"},"sk":{"N":"1"}})")},
           {"GetItem", key_body(R"(,"ConsistentRead":"yes")")},
           {"GetItem", key_body(R"(,"ProjectionExpression":"pk.a")")},
           {"GetItem", key_body(R"(,"ProjectionExpression":"a, a")")},
           {"GetItem", key_body(R"(,"ReturnConsumedCapacity":"ALL")")},
           {"UpdateItem", key_body(R"(,"UpdateExpression":"SET pk = :v",)"
                                   R"("ExpressionAttributeValues":{":v":{"S":"1"}})")},
           {"UpdateItem", key_body(R"(,"UpdateExpression":"SET a = :v")")},
           {"UpdateItem", key_body(R"(,"UpdateExpression":"SET a = b + :v",)"
                                   R"("ExpressionAttributeValues":{":v":{"N":"1"}})")},
           {"UpdateItem",
            key_body(R"(,"UpdateExpression":"SET a = :v",)"
                     R"("ExpressionAttributeValues":{":v":{"N":"1"},":w":{"N":"1"}})")},
           {"UpdateItem",
            key_body(R"(,"UpdateExpression":"SET a = :v",)"
                     R"("ExpressionAttributeValues":{":v":{"N":"1"},":v":{"N":"1"}})")},
           {"DeleteItem", key_body(R"x(,"ConditionExpression":"attribute_exists(pk)",)x"
                                   R"("ReturnValuesOnConditionCheckFailure":"ALL_OLD")")},
           {"Query", R"({"TableName":"raw-table"})"},
           {"Query", R"({"TableName":"raw-table","KeyConditionExpression":"pk > :p",)"
                     R"("ExpressionAttributeValues":{":p":{"S":"a"}}})"},
       }) {
    both(request.operation, request.body);
  }
  same_tables();
}

std::string batch_body(std::string_view writes, std::string_view more = "") {
  return R"({"RequestItems":{"raw-table":)" + std::string(writes) + "}" + std::string(more) + "}";
}
std::string transact_body(std::string_view actions, std::string_view more = "") {
  return R"({"TransactItems":)" + std::string(actions) + std::string(more) + "}";
}
std::string put_request(std::string_view sort_key, std::string_view more = "") {
  return R"({"PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"S":")" + std::string(sort_key) + "\"}" +
         std::string(more) + "}}}";
}
std::string action(std::string_view kind, std::string_view sort_key, std::string_view more = "") {
  return R"({")" + std::string(kind) + R"(":{"TableName":"raw-table",")" +
         (kind == "Put" ? "Item" : "Key") + R"(":{"pk":{"S":"a"},"sk":{"S":")" +
         std::string(sort_key) + R"("}})" + std::string(more) + "}}";
}

TEST_F(DynamoRawTest, BatchesOfWritesAnswerAlikeBothWays) {
  const Json second = sorted_table("raw-other");
  for (TestEmulator* each : {&emulator, &other_}) {
    ASSERT_TRUE(each->call("dynamodb", "CreateTable", second).ok());
  }
  const std::string one = put_request("1", R"(,"g":{"N":"1.0"},"b":{"B":"AAE="})");
  const std::string gone = R"({"DeleteRequest":{"Key":{"pk":{"S":"a"},"sk":{"S":"1"}}}})";
  std::string many = "[";
  for (int i = 0; i < 25; ++i) many += (i ? "," : "") + put_request(std::to_string(100 + i));
  for (const std::string& body : std::vector<std::string>{
           batch_body("[" + one + "," + put_request("2", R"(,"g":{"N":"2"})") + "]"),
           batch_body("[" + gone + "," + put_request("2") + "]",
                      R"(,"ReturnConsumedCapacity":"INDEXES")"),
           batch_body("[" + gone + "]", R"(,"ReturnConsumedCapacity":"TOTAL")"),
           batch_body("[" + one + "]", R"(,"ReturnItemCollectionMetrics":"SIZE")"),
           R"({"ReturnConsumedCapacity":"TOTAL","RequestItems":{"raw-other":[)" + one +
               R"(],"raw-table":[)" + one + "]}}",
           R"({"RequestItems":{"raw-table":[)" + one + R"(],"raw-other":[)" + gone + "]}}",
           R"({"RequestItems":{"raw-table":[)" + one + R"(],"raw-table":[)" + gone + "]}}",
           R"({"RequestItems":{"raw-table":[)" + one + R"(],"no-such-table":[)" + one + "]}}",
           R"({"RequestItems":{"raw-table":[)" + one + R"(],"x":[)" + one + "]}}",
           R"({"RequestItems":{}})",
           R"({"RequestItems":{"raw-table":[)" + one + R"(]},"RequestItems":{}})",
           R"({"RequestItems":null})",
           R"({"ReturnConsumedCapacity":"TOTAL"})",
           batch_body("[" + one + "]", R"(,"ReturnConsumedCapacity":"ALL")"),
           batch_body("[]"),
           batch_body("[{}]"),
           batch_body("[" + one + "," + one + "]"),
           batch_body("[" + one + "," + gone + "]"),
           batch_body(R"([{"PutRequest":{"Item":{"pk":{"S":"a"}}}}])"),
           batch_body(R"([{"PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"S":""}}}}])"),
           batch_body(R"([{"PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"S":"1"},"n":{"N":"x"}}}}])"),
           batch_body(R"([{"PutRequest":{}}])"),
           batch_body(R"([{"PutRequest":{"Item":{"pk":{"S":"a"}},"Key":{"pk":{"S":"a"}}}}])"),
           batch_body(R"([{"DeleteRequest":{"Key":{"pk":{"S":"a"},"sk":{"N":"1"}}}}])"),
           batch_body(R"([{"DeleteRequest":{"Key":{"pk":{"S":"a"},"sk":{"S":"1"}}},)"
                      R"("PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"S":"1"}}}}])"),
           batch_body(many + "]"),
           batch_body(many + "," + one + "]"),
           batch_body("[" + put_request("9", R"(,"d":{"S":")" + std::string(410'000, 'x') + "\"}") +
                      "]"),
       }) {
    both("BatchWriteItem", body);
  }
  same_tables();
  both("Scan", R"({"TableName":"raw-other"})");
}

TEST_F(DynamoRawTest, TransactionsOfWritesAnswerAlikeBothWays) {
  const std::string counted = R"(,"UpdateExpression":"SET n = if_not_exists(n, :z) + :o",)"
                              R"("ExpressionAttributeValues":{":z":{"N":"0"},":o":{"N":"1"}})";
  const std::string there = R"x(,"ConditionExpression":"attribute_exists(pk)")x";
  const std::string shown = R"(,"ReturnValuesOnConditionCheckFailure":"ALL_OLD")";
  const std::string missing = R"x(,"ConditionExpression":"attribute_not_exists(pk)")x";
  const std::string named = R"x(,"ConditionExpression":"attribute_not_exists(#p)",)x"
                            R"("ExpressionAttributeNames":{"#p":"pk"})";
  std::string many = "[";
  for (int i = 0; i < 100; ++i) many += (i ? "," : "") + action("Put", std::to_string(100 + i));
  for (const std::string& body : std::vector<std::string>{
           transact_body("[" + action("Put", "1") + "," + action("Update", "2", counted) + "]",
                         R"(,"ReturnConsumedCapacity":"INDEXES")"),
           transact_body("[" + action("ConditionCheck", "1", there) + "," +
                         action("Update", "2", counted + shown) + "," + action("Delete", "3") +
                         "]"),
           transact_body("[" + action("Put", "4") + "," + action("Put", "1", missing + shown) +
                         "]"),
           transact_body("[" + action("Put", "4", named) + "," + action("Delete", "1", missing) +
                         "]"),
           transact_body("[" + action("Put", "1") + "," + action("Delete", "1") + "]"),
           transact_body("[" + action("ConditionCheck", "1") + "]"),
           transact_body("[" + action("Update", "1") + "]"),
           transact_body("[" + action("Put", "1", R"(,"ReturnValues":"NONE")") + "]"),
           transact_body("[" + action("Put", "") + "]"),
           transact_body("[" + action("Put", "1", R"(,"ConditionExpression":"a = = b")") + "]"),
           transact_body("[" + action("Put", "1", R"(,"ConditionExpression":"a = :v")") + "]"),
           transact_body("[" + action("Update", "2", counted + R"(,"Key":{"pk":{"S":"a"}})") + "]"),
           transact_body(R"([{"Put":{"TableName":"raw-table","Item":{"pk":{"S":"a"}}}}])"),
           transact_body(R"([{"Put":{"TableName":"no-such-table","Item":{"pk":{"S":"a"}}}}])"),
           transact_body(R"([{"Put":{"TableName":"x","Item":{"pk":{"S":"a"}}}}])"),
           transact_body(R"([{"Get":{"TableName":"raw-table","Key":{"pk":{"S":"a"}}}}])"),
           transact_body("[{}]"),
           transact_body("[]"),
           "{}",
           transact_body("[" + action("Put", "1") + "]", R"(,"TransactItems":[])"),
           transact_body("[" + action("Put", "1") + "]", R"(,"ClientRequestToken":"")"),
           transact_body("[" + action("Put", "1") + "]",
                         R"(,"ClientRequestToken":")" + std::string(37, 't') + "\""),
           transact_body("[" + action("Put", "1") + "]", R"(,"ReturnConsumedCapacity":"SOME")"),
           transact_body("[" + action("Put", "1") + "]",
                         R"(,"ReturnItemCollectionMetrics":"SIZE")"),
           transact_body(many + "]"),
           transact_body(many + "," + action("Put", "1") + "]"),
       }) {
    both("TransactWriteItems", body);
  }
  same_tables();
}

// Whichever way a transaction and its repetition come, they are the same.
TEST_F(DynamoRawTest, ATokenMeansTheSameBothWays) {
  const std::string counted = R"(,"UpdateExpression":"SET n = if_not_exists(n, :z) + :o",)"
                              R"("ExpressionAttributeValues":{":z":{"N":"0"},":o":{"N":"1"}})";
  const std::string conditional = R"x(,"ConditionExpression":"attribute_not_exists(pk)",)x"
                                  R"("ReturnValuesOnConditionCheckFailure":"NONE")";
  const std::string capacity = R"(,"ReturnConsumedCapacity":"TOTAL")";
  int number = 0;
  for (const std::string& actions : std::vector<std::string>{
           action("Put", "1", conditional) + "," + action("Delete", "2"),
           action("Update", "3", R"(,"UpdateExpression":"REMOVE x")"),
           action("Update", "4", counted),
       }) {
    const std::string token = R"(,"ClientRequestToken":"token-)" + std::to_string(++number) + "\"";
    const std::string body = transact_body("[" + actions + "]", token + capacity);
    EXPECT_TRUE(both("TransactWriteItems", body).ok());
    const std::string slow = R"({"Unheard":0,)" + body.substr(1);
    const CallResult fast_after_slow = send(other_, "TransactWriteItems", body);
    const CallResult slow_after_fast = send(emulator, "TransactWriteItems", slow);
    EXPECT_TRUE(fast_after_slow.ok()) << fast_after_slow.text;
    EXPECT_EQ(fast_after_slow.text, slow_after_fast.text);
    EXPECT_NE(slow_after_fast.text.find("ReadCapacityUnits"), std::string::npos);
    const CallResult another = both(
        "TransactWriteItems", transact_body("[" + actions + "," + action("Put", "5") + "]", token));
    EXPECT_NE(another.text.find("IdempotentParameterMismatchException"), std::string::npos);
  }
  same_tables();
}

TEST_F(DynamoRawTest, EveryCutOfARequestIsAnsweredAlikeBothWays) {
  const std::string whole = key_body(
      R"(,"UpdateExpression":"SET #n = if_not_exists(#n, :zero) + :one",)"
      R"("ExpressionAttributeNames":{"#n":"n"},)"
      R"("ExpressionAttributeValues":{":zero":{"N":"0"},":one":{"N":"1"}},"ReturnValues":"NONE")");
  for (size_t size = 1; size < whole.size(); size += 7) both("UpdateItem", whole.substr(0, size));
  EXPECT_TRUE(both("UpdateItem", whole).ok());
  const std::string batch = batch_body("[" + put_request("1") + "]");
  for (size_t size = 1; size < batch.size(); size += 7) {
    both("BatchWriteItem", batch.substr(0, size));
  }
  const std::string transaction =
      transact_body("[" + action("Put", "1") + "]", R"(,"ClientRequestToken":"t")");
  for (size_t size = 1; size < transaction.size(); size += 7) {
    both("TransactWriteItems", transaction.substr(0, size));
  }
  same_tables();
}

}  // namespace
}  // namespace paddock::testing
