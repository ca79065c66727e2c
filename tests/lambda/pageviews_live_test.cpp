// The functions of the live counter: an HTTP API's, a WebSocket API's, a stream's.
#include <set>

#include <gtest/gtest.h>

#include "core/json.hpp"
#include "core/text.hpp"
#include "fake_caller.hpp"
#include "lambda/entry_points.hpp"
#include "lambda/environment.hpp"
#include "lambdas/entry_points.hpp"
#include "lambdas/sdk/page.hpp"

namespace paddock::lambda {
namespace {

using lambda_test::FakeCaller;

class PageViewsLiveTest : public ::testing::Test {
 protected:
  // What the function answers, as JSON.
  Json run(const std::string& name, const Json& event) {
    const EntryPoint* entry = find_entry_point(lambdas::entry_points(), name);
    if (!entry) throw std::runtime_error("no function " + name);
    Environment::Scope scope(&environment_);
    aws::lambda_runtime::invocation_request request;
    request.payload = event.dump();
    return Json::parse(entry->handler(request).get_payload());
  }
  static Json message(const std::string& route) {
    return {{"requestContext", {{"routeKey", route}, {"connectionId", "one"}}}};
  }
  static Json visit(const std::string& body, bool encoded = false) {
    return {{"requestContext", {{"routeKey", "POST /views"}}},
            {"body", encoded ? to_base64(body) : body},
            {"isBase64Encoded", encoded}};
  }
  static Json image(const std::string& tag, const std::string& count) {
    return {{"dynamodb", {{"NewImage", {{"ID", {{"S", tag}}}, {"Count", {{"N", count}}}}}}}};
  }
  // The operations that were called, with the connection they were about.
  std::vector<std::string> said() const {
    std::vector<std::string> lines;
    for (const auto& call : caller_.calls()) {
      std::string line = call.operation;
      for (const char* holder : {"Key", "Item"}) {
        if (call.input.contains(holder) && call.input[holder].contains("ConnectionId")) {
          line += " " + call.input[holder]["ConnectionId"]["S"].get<std::string>();
        }
      }
      if (call.operation == "PostToConnection") {
        const auto& bytes = call.input["Data"].get_binary();
        line += " " + call.input["ConnectionId"].get<std::string>() + " " +
                std::string(bytes.begin(), bytes.end());
      }
      lines.push_back(line);
    }
    return lines;
  }

 private:
  // The table of connections has two pages.
  Json answer(const FakeCaller::Call& call) {
    if (call.operation == "UpdateItem") {
      return {{"Attributes", {{"ID", call.input["Key"]["ID"]}, {"Count", {{"N", "6"}}}}}};
    }
    if (call.operation == "PostToConnection" && gone_.count(call.input["ConnectionId"]) != 0) {
      throw AwsError("GoneException", "", 410);
    }
    if (call.operation == "PostToConnection" && full_.count(call.input["ConnectionId"]) != 0) {
      throw AwsError("LimitExceededException", "The client's buffer is full.", 429);
    }
    if (call.operation != "Scan") return Json::object();
    if (call.input["TableName"] == "T") {
      return Json::parse(R"({"Items": [{"ID": {"S": "home"}, "Count": {"N": "5"}},
                                       {"ID": {"S": "COUNTER"}, "TotalViews": {"N": "8"}}]})");
    }
    if (call.input.contains("ExclusiveStartKey")) {
      return Json::parse(R"({"Items": [{"ConnectionId": {"S": "two"}}]})");
    }
    return Json::parse(R"({"Items": [{"ConnectionId": {"S": "one"}}],
                           "LastEvaluatedKey": {"ConnectionId": {"S": "one"}}})");
  }

 protected:
  std::set<std::string> gone_, full_;
  MachineClock machine_;
  WorldClock world_{machine_};
  FakeCaller caller_{[this](const FakeCaller::Call& call) { return answer(call); }};
  Environment environment_{{{"TABLE_NAME", "T"}, {"CONNECTIONS_TABLE", "C"}},
                           {"000000000000", "us-east-1", "arn:aws:iam::000000000000:root", {}},
                           caller_,
                           world_};
};

using Calls = std::vector<std::string>;

TEST_F(PageViewsLiveTest, ViewsAreListedWithoutAStatus) {
  EXPECT_EQ(run("pageviews-views", {{"requestContext", {{"routeKey", "GET /views"}}}}),
            Json::parse(R"({"views": {"home": 5}, "total": 8})"));
}

TEST_F(PageViewsLiveTest, AVisitIsCountedWhateverTypeItsBodyHas) {
  for (bool encoded : {false, true}) {
    EXPECT_EQ(run("pageviews-views", visit(R"({"tag": "away"})", encoded)),
              Json::parse(R"({"views": {"away": 6}})"));
  }
  ASSERT_EQ(caller_.calls().size(), 2U);
  EXPECT_EQ(caller_.calls()[1].input.at("Key").at("ID").at("S"), "away");
}

TEST_F(PageViewsLiveTest, AVisitWithoutATagIsRefused) {
  for (const char* body : {"{}", R"({"tag": ""})", R"({"tag": 1})", "[]", "no JSON", ""}) {
    EXPECT_EQ(run("pageviews-views", visit(body)).at("statusCode"), 400) << body;
  }
  EXPECT_EQ(run("pageviews-views", {{"body", "!"}, {"isBase64Encoded", true}}).at("statusCode"),
            400);
  EXPECT_TRUE(caller_.calls().empty());
}

TEST_F(PageViewsLiveTest, ConnectionsAreKeptWhileTheyAreOpen) {
  EXPECT_EQ(run("pageviews-live", message("$connect")).at("statusCode"), 200);
  EXPECT_EQ(run("pageviews-live", message("$disconnect")).at("statusCode"), 200);
  EXPECT_EQ(said(), (Calls{"PutItem one", "DeleteItem one"}));
}

TEST_F(PageViewsLiveTest, AMessageMakesTheConnectionKnownAndIsAnsweredWithAllCounts) {
  EXPECT_EQ(run("pageviews-live", message("$default")).at("statusCode"), 200);
  EXPECT_EQ(said(), (Calls{"PutItem one", "Scan",
                           R"(PostToConnection one {"total":8,"views":{"home":5}})"}));
}

TEST_F(PageViewsLiveTest, NewCountsGoToAllConnections) {
  Json total = {
      {"dynamodb", {{"NewImage", {{"ID", {{"S", "COUNTER"}}}, {"TotalViews", {{"N", "9"}}}}}}}};
  Json removed = {{"dynamodb", {{"Keys", {{"ID", {{"S", "old"}}}}}}}};
  run("pageviews-broadcast",
      {{"Records", {image("home", "5"), image("home", "6"), std::move(total), removed}}});
  EXPECT_EQ(said(), (Calls{"Scan", R"(PostToConnection one {"total":9,"views":{"home":6}})", "Scan",
                           R"(PostToConnection two {"total":9,"views":{"home":6}})"}));
}

TEST_F(PageViewsLiveTest, AConnectionThatHasGoneIsForgottenAndAFullOneIsNot) {
  gone_ = {"one"};
  full_ = {"two"};
  run("pageviews-broadcast", {{"Records", Json::array({image("home", "6")})}});
  EXPECT_EQ(said(), (Calls{"Scan", R"(PostToConnection one {"views":{"home":6}})", "DeleteItem one",
                           "Scan", R"(PostToConnection two {"views":{"home":6}})"}));
  EXPECT_EQ(environment_.take_lines().size(), 2U);
}

TEST_F(PageViewsLiveTest, NothingNewIsNotSent) {
  run("pageviews-broadcast", {{"Records", Json::array()}});
  EXPECT_TRUE(caller_.calls().empty());
}

TEST_F(PageViewsLiveTest, EventsOfAnotherKindAreErrors) {
  EXPECT_THROW(run("pageviews-broadcast", {{"Records", {{{"eventName", "INSERT"}}}}}), sdk::Error);
  EXPECT_THROW(run("pageviews-live", Json::object()), sdk::Error);
  EXPECT_TRUE(caller_.calls().empty());
}

}  // namespace
}  // namespace paddock::lambda
