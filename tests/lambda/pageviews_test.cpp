#include <map>

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "fake_caller.hpp"
#include "lambda/entry_points.hpp"
#include "lambda/environment.hpp"
#include "lambdas/entry_points.hpp"
#include "lambdas/sdk/page.hpp"

namespace paddock::lambda {
namespace {

using aws::lambda_runtime::invocation_request;
using aws::lambda_runtime::invocation_response;
using lambda_test::FakeCaller;

class PageViewsTest : public ::testing::Test {
 protected:
  invocation_response run(const std::string& name, const Json& event) {
    const EntryPoint* entry = find_entry_point(lambdas::entry_points(), name);
    if (!entry) throw std::runtime_error("no function " + name);
    Environment::Scope scope(&environment_);
    invocation_request request;
    request.payload = event.dump();
    return entry->handler(request);
  }
  static Json event(const std::string& tag) { return {{"pathParameters", {{"tag", tag}}}}; }
  static Json record(const std::string& name, const std::string& id) {
    return {{"eventName", name}, {"dynamodb", {{"Keys", {{"ID", {{"S", id}}}}}}}};
  }
  Json answer(const FakeCaller::Call& call) {
    if (call.operation == "DescribeTable") return {{"Table", {{"TableName", "T"}}}};
    if (call.operation != "GetItem") return Json::object();
    const auto item = items_.find(call.input.at("Key").at("ID").at("S"));
    return item == items_.end() ? Json::object() : Json{{"Item", item->second}};
  }

  std::map<std::string, Json> items_;
  MachineClock machine_;
  WorldClock world_{machine_};
  FakeCaller caller_{[this](const FakeCaller::Call& call) { return answer(call); }};
  Environment environment_{{{"TABLE_NAME", "T"}},
                           {"000000000000", "us-east-1", "arn:aws:iam::000000000000:root", {}},
                           caller_,
                           world_};
};

TEST_F(PageViewsTest, TheTableHoldsTheFunctions) {
  std::vector<std::string> names;
  for (const auto& entry : lambdas::entry_points()) {
    if (entry.name.starts_with("pageviews-")) names.emplace_back(entry.name);
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"pageviews-hello", "pageviews-record", "pageviews-counts",
                                      "pageviews-processor", "pageviews-views", "pageviews-live",
                                      "pageviews-broadcast"}));
}

TEST_F(PageViewsTest, HelloShowsWhatDynamoDbSaysOfTheTable) {
  const Json response = Json::parse(run("pageviews-hello", Json::object()).get_payload());
  EXPECT_EQ(response.at("statusCode"), 200);
  const Json body = Json::parse(response.at("body").get<std::string>());
  EXPECT_EQ(body.at("table"), (Json{{"Table", {{"TableName", "T"}}}}));
  EXPECT_TRUE(body.at("message").is_string());
  ASSERT_EQ(caller_.calls().size(), 1U);
  EXPECT_EQ(caller_.calls()[0].input, (Json{{"TableName", "T"}}));
}

TEST_F(PageViewsTest, RecordCountsTheTagAndLinksToItsCounts) {
  const Json response = Json::parse(run("pageviews-record", event("home")).get_payload());
  EXPECT_EQ(response.at("statusCode"), 200);
  EXPECT_EQ(response.at("headers"), (Json{{"Content-type", "text/html"}}));
  EXPECT_NE(response.at("body").get<std::string>().find("href=\"/Prod/counts/home\""),
            std::string::npos);
  ASSERT_EQ(caller_.calls().size(), 1U);
  EXPECT_EQ(caller_.calls()[0].service, "dynamodb");
  EXPECT_EQ(caller_.calls()[0].operation, "UpdateItem");
  EXPECT_EQ(caller_.calls()[0].input,
            Json::parse(R"({"TableName": "T", "Key": {"ID": {"S": "home"}},
                "UpdateExpression": "SET #c = if_not_exists(#c, :zero) + :one",
                "ExpressionAttributeNames": {"#c": "Count"},
                "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}}})"));
  EXPECT_EQ(environment_.take_lines().size(), 1U);
}

TEST_F(PageViewsTest, TagsAreEscapedInThePage) {
  const Json response =
      Json::parse(run("pageviews-record", event("<b onload='x'>&\"/")).get_payload());
  const std::string body = response.at("body");
  EXPECT_NE(body.find("&lt;b onload=&#39;x&#39;&gt;&amp;&quot;/"), std::string::npos);
  EXPECT_NE(body.find("/Prod/counts/%3Cb%20onload%3D%27x%27%3E%26%22%2F\""), std::string::npos);
}

TEST_F(PageViewsTest, CountsShowTheTagsVisitsAndTheTotal) {
  items_["home"] = {{"ID", {{"S", "home"}}}, {"Count", {{"N", "5"}}}};
  items_["COUNTER"] = {{"ID", {{"S", "COUNTER"}}}, {"TotalViews", {{"N", "8"}}}};
  const Json response = Json::parse(run("pageviews-counts", event("home")).get_payload());
  EXPECT_EQ(response.at("statusCode"), 200);
  const std::string body = response.at("body");
  EXPECT_NE(body.find("<b>home</b>: 5<"), std::string::npos);
  EXPECT_NE(body.find("all tags: 8<"), std::string::npos);
}

TEST_F(PageViewsTest, AnUnknownTagHasNoVisits) {
  const Json response = Json::parse(run("pageviews-counts", event("nowhere")).get_payload());
  EXPECT_EQ(response.at("statusCode"), 200);
  EXPECT_NE(response.at("body").get<std::string>().find("<b>nowhere</b>: 0<"), std::string::npos);
}

TEST_F(PageViewsTest, WithoutATagThePageSaysSo) {
  for (const char* name : {"pageviews-record", "pageviews-counts"}) {
    const Json response = Json::parse(run(name, {{"pathParameters", nullptr}}).get_payload());
    EXPECT_EQ(response.at("statusCode"), 400);
  }
  EXPECT_TRUE(caller_.calls().empty());
}

TEST_F(PageViewsTest, TheProcessorCountsInsertedAndModifiedTags) {
  const Json records{record("INSERT", "home"), record("MODIFY", "home"),
                     record("MODIFY", "COUNTER"), record("REMOVE", "away")};
  EXPECT_TRUE(run("pageviews-processor", {{"Records", records}}).is_success());
  ASSERT_EQ(caller_.calls().size(), 1U);
  EXPECT_EQ(caller_.calls()[0].input,
            Json::parse(R"({"TableName": "T", "Key": {"ID": {"S": "COUNTER"}},
                "UpdateExpression": "SET #t = if_not_exists(#t, :zero) + :visits",
                "ExpressionAttributeNames": {"#t": "TotalViews"},
                "ExpressionAttributeValues": {":zero": {"N": "0"}, ":visits": {"N": "2"}}})"));
}

TEST_F(PageViewsTest, TheProcessorAddsNothingForItsOwnWrite) {
  run("pageviews-processor", {{"Records", Json::array({record("MODIFY", "COUNTER")})}});
  ASSERT_EQ(caller_.calls().size(), 1U);
  EXPECT_EQ(caller_.calls()[0].input.at("ExpressionAttributeValues").at(":visits").at("N"), "0");
}

TEST_F(PageViewsTest, AnEventThatIsNoneOfAStreamIsAnError) {
  EXPECT_THROW(run("pageviews-processor", {{"Records", {{{"eventName", "INSERT"}}}}}), sdk::Error);
  EXPECT_THROW(run("pageviews-record", "text"), sdk::Error);
  EXPECT_TRUE(caller_.calls().empty());
}

TEST_F(PageViewsTest, WithoutTheTablesNameFunctionsFailByName) {
  Environment bare({}, {}, caller_, world_);
  Environment::Scope scope(&bare);
  const EntryPoint* entry = find_entry_point(lambdas::entry_points(), "pageviews-hello");
  try {
    entry->handler({});
    FAIL();
  } catch (const sdk::Error& error) {
    EXPECT_EQ(error.code(), "ConfigurationError");
    EXPECT_EQ(error.message(), "The environment variable TABLE_NAME is not set");
  }
}

}  // namespace
}  // namespace paddock::lambda
