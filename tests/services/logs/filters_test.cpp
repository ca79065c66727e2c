// Metric filters and subscription filters through the wire.
#include <map>
#include <mutex>

#include <gtest/gtest.h>
#include <zlib.h>

#include "core/clock.hpp"
#include "core/text.hpp"
#include "events/log_sink.hpp"
#include "events/metrics.hpp"
#include "services/logs/limits.hpp"
#include "support/test_emulator.hpp"

namespace paddock::services::logs {
namespace filters_test {

using ::paddock::testing::CallResult;
using ::paddock::testing::TestEmulator;
using Texts = std::vector<std::string>;

// What the function "receiving" was called with; tests take it out.
struct Received {
  std::mutex mutex;
  std::vector<Json> documents;

  static Received& instance() {
    static Received one;
    return one;
  }
  std::vector<Json> take() {
    const std::lock_guard lock(mutex);
    return std::exchange(documents, {});
  }
};

std::string gunzip(const std::string& packed) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out(4 * 1024 * 1024, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

aws::lambda_runtime::invocation_response receiving(
    const aws::lambda_runtime::invocation_request& request) {
  const Json event = Json::parse(request.payload);
  Received& received = Received::instance();
  const std::lock_guard lock(received.mutex);
  received.documents.push_back(
      Json::parse(gunzip(*from_base64(event.at("awslogs").at("data").get<std::string>()))));
  return aws::lambda_runtime::invocation_response::success("{}", "application/json");
}

constexpr ::paddock::lambda::EntryPoint kFunctions[] = {{"receiving", &receiving}};

class FiltersTest : public ::testing::Test {
 protected:
  FiltersTest() : emulator_(TestEmulator::in_memory_options(), kFunctions) {
    Received::instance().take();
    made("CreateLogGroup", {{"logGroupName", "g"}});
    made("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
  }

  CallResult call(const std::string& operation, const Json& input) {
    return emulator_.call("logs", operation, input);
  }
  Json made(const std::string& operation, const Json& input) {
    const CallResult result = call(operation, input);
    EXPECT_EQ(result.status, 200) << operation << ": " << result.text;
    return result.body.is_object() ? result.body : Json::object();
  }
  std::string refusal(const std::string& operation, const Json& input) {
    const CallResult result = call(operation, input);
    return result.error() + ": " + result.message();
  }
  void make_function() {
    const std::string zip = std::string("PK\x05\x06", 4) + std::string(18, '\0');
    const CallResult created = emulator_.call("lambda", "CreateFunction",
                                              {{"FunctionName", "f"},
                                               {"Role", "arn:aws:iam::000000000000:role/r"},
                                               {"Runtime", "provided.al2023"},
                                               {"Handler", "receiving"},
                                               {"Code", {{"ZipFile", to_base64(zip)}}}});
    ASSERT_EQ(created.status, 201) << created.text;
  }
  static Json subscription(const std::string& name, const std::string& pattern) {
    return {{"logGroupName", "g"},
            {"filterName", name},
            {"filterPattern", pattern},
            {"destinationArn", kFunctionArn}};
  }
  static Json metric(const std::string& name, const std::string& pattern,
                     const Json& transformation) {
    Json whole = {{"metricName", "m"}, {"metricNamespace", "n"}};
    whole.update(transformation);
    return {{"logGroupName", "g"},
            {"filterName", name},
            {"filterPattern", pattern},
            {"metricTransformations", {whole}}};
  }
  void put(const Texts& messages) {
    Json events = Json::array();
    const int64_t now = emulator_.platform().machine.wall_ms();
    for (const std::string& message : messages) {
      events.push_back({{"timestamp", now}, {"message", message}});
    }
    made("PutLogEvents", {{"logGroupName", "g"}, {"logStreamName", "s"}, {"logEvents", events}});
  }
  // Sum and number of samples of each series of namespace "n", by its dimensions.
  std::map<std::string, std::pair<double, uint64_t>> metrics() {
    std::map<std::string, std::pair<double, uint64_t>> found;
    const WorldTime now = emulator_.platform().world.now();
    const Milliseconds day(kDayMs);
    for (const auto& series :
         emulator_.platform().metrics.read("000000000000", "n", now - day, now + day)) {
      std::string name = series.name + " " + series.unit;
      for (const auto& [key, value] : series.dimensions) name += " " + key + "=" + value;
      for (const events::MetricSum& minute : series.minutes) {
        found[name].first += minute.sum;
        found[name].second += minute.samples;
      }
    }
    return found;
  }

  static constexpr const char* kFunctionArn = "arn:aws:lambda:us-east-1:000000000000:function:f";
  TestEmulator emulator_;
};

// -- subscription filters -------------------------------------------------------------------------

TEST_F(FiltersTest, ASubscriptionIsDescribedAsItWasPut) {
  make_function();
  EXPECT_EQ(made("DescribeSubscriptionFilters", {{"logGroupName", "g"}}),
            Json::parse(R"({"subscriptionFilters": []})"));
  EXPECT_EQ(call("PutSubscriptionFilter", subscription("test", "")).text, "");
  Json found = made("DescribeSubscriptionFilters", {{"logGroupName", "g"}});
  ASSERT_EQ(found["subscriptionFilters"].size(), 1u);
  Json& one = found["subscriptionFilters"][0];
  const Json created = one["creationTime"];
  EXPECT_TRUE(created.is_number());
  one.erase("creationTime");
  EXPECT_EQ(one, Json({{"applyOnTransformedLogs", false},
                       {"destinationArn", kFunctionArn},
                       {"distribution", "ByLogStream"},
                       {"filterName", "test"},
                       {"filterPattern", ""},
                       {"logGroupName", "g"}}));
  // Putting it again changes it.
  made("PutSubscriptionFilter", subscription("test", "[]"));
  found = made("DescribeSubscriptionFilters", {{"logGroupName", "g"}});
  ASSERT_EQ(found["subscriptionFilters"].size(), 1u);
  EXPECT_EQ(found["subscriptionFilters"][0]["filterPattern"], "[]");
  EXPECT_EQ(found["subscriptionFilters"][0]["creationTime"], created);
}

TEST_F(FiltersTest, AGroupHasTwoSubscriptionsAtMost) {
  make_function();
  made("PutSubscriptionFilter", subscription("a", ""));
  made("PutSubscriptionFilter", subscription("b", ""));
  EXPECT_EQ(refusal("PutSubscriptionFilter", subscription("c", "")),
            "LimitExceededException: Resource limit exceeded.");
  made("PutSubscriptionFilter", subscription("b", "x"));
  made("DeleteSubscriptionFilter", {{"logGroupName", "g"}, {"filterName", "a"}});
  made("PutSubscriptionFilter", subscription("c", ""));
  const Json page = made("DescribeSubscriptionFilters", {{"logGroupName", "g"}, {"limit", 1}});
  EXPECT_EQ(page["subscriptionFilters"][0]["filterName"], "b");
  const Json rest = made("DescribeSubscriptionFilters",
                         {{"logGroupName", "g"}, {"nextToken", page["nextToken"]}});
  ASSERT_EQ(rest["subscriptionFilters"].size(), 1u);
  EXPECT_EQ(rest["subscriptionFilters"][0]["filterName"], "c");
  EXPECT_FALSE(rest.contains("nextToken"));
  const Json named =
      made("DescribeSubscriptionFilters", {{"logGroupName", "g"}, {"filterNamePrefix", "b"}});
  EXPECT_EQ(named["subscriptionFilters"].size(), 1u);
}

TEST_F(FiltersTest, SubscriptionsThatCannotBeAreRefused) {
  const std::string no_group = "ResourceNotFoundException: The specified log group does not exist.";
  EXPECT_EQ(refusal("DescribeSubscriptionFilters", {{"logGroupName", "none"}}), no_group);
  EXPECT_EQ(refusal("DeleteSubscriptionFilter", {{"logGroupName", "none"}, {"filterName", "x"}}),
            no_group);
  EXPECT_EQ(refusal("DeleteSubscriptionFilter", {{"logGroupName", "g"}, {"filterName", "x"}}),
            "ResourceNotFoundException: The specified subscription filter does not exist.");
  Json foreign = subscription("x", "");
  foreign["destinationArn"] = "arn:aws:lambda:us-east-1:111122223333:function:f";
  const std::string cross_account =
      "AccessDeniedException: Cross-account lambda invocation passing is not allowed. You must use "
      "DestinationPolicies to create cross account lambda triggers.";
  EXPECT_EQ(refusal("PutSubscriptionFilter", foreign), cross_account);
  foreign["logGroupName"] = "none";
  EXPECT_EQ(refusal("PutSubscriptionFilter", foreign), cross_account);
  Json kinesis = subscription("x", "");
  kinesis["destinationArn"] = "arn:aws:kinesis:us-east-1:000000000000:stream/none";
  EXPECT_EQ(refusal("PutSubscriptionFilter", kinesis),
            "InvalidParameterException: destinationArn for vendor kinesis cannot be used without "
            "roleArn");
  kinesis["roleArn"] = "arn:aws:iam::000000000000:role/r";
  const CallResult later = call("PutSubscriptionFilter", kinesis);
  EXPECT_EQ(later.status, 501);
  EXPECT_NE(later.message().find("stream/none"), std::string::npos) << later.message();
  EXPECT_EQ(refusal("PutSubscriptionFilter", subscription("x", "")),
            "InvalidParameterException: Could not execute the lambda function. Make sure you have "
            "given CloudWatch Logs permission to execute your function.");
  make_function();
  EXPECT_EQ(refusal("PutSubscriptionFilter", subscription("x", "{")),
            "InvalidParameterException: Invalid subscription filter pattern");
  EXPECT_EQ(made("DescribeSubscriptionFilters", {{"logGroupName", "g"}})["subscriptionFilters"],
            Json::array());
}

TEST_F(FiltersTest, AFunctionGetsTheEventsThatMatch) {
  make_function();
  made("PutSubscriptionFilter", subscription("errors", "ERROR"));
  put({"ERROR one", "fine", "ERROR two"});
  put({"fine again"});
  emulator_.wait_idle();
  const std::vector<Json> documents = Received::instance().take();
  ASSERT_EQ(documents.size(), 1u);
  Json document = documents[0];
  ASSERT_EQ(document["logEvents"].size(), 2u);
  const Json found =
      made("FilterLogEvents", {{"logGroupName", "g"}, {"filterPattern", "ERROR"}})["events"];
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(document["logEvents"][i], Json({{"id", found[i]["eventId"]},
                                              {"timestamp", found[i]["timestamp"]},
                                              {"message", found[i]["message"]}}));
  }
  document.erase("logEvents");
  EXPECT_EQ(document, Json({{"messageType", "DATA_MESSAGE"},
                            {"owner", "000000000000"},
                            {"logGroup", "g"},
                            {"logStream", "s"},
                            {"subscriptionFilters", {"errors"}}}));
}

TEST_F(FiltersTest, FieldsOfAPatternTravelWithTheEvent) {
  make_function();
  made("PutSubscriptionFilter", subscription("fields", "[level, code > 1, ...]"));
  put({"WARN 1", "WARN 2 more"});
  emulator_.wait_idle();
  const std::vector<Json> documents = Received::instance().take();
  ASSERT_EQ(documents.size(), 1u);
  ASSERT_EQ(documents[0]["logEvents"].size(), 1u);
  EXPECT_EQ(documents[0]["logEvents"][0]["extractedFields"],
            Json({{"level", "WARN"}, {"code", "2"}, {"3", "more"}}));
}

TEST_F(FiltersTest, WhatIsTooLongForOneCallComesInSeveral) {
  make_function();
  made("PutSubscriptionFilter", subscription("all", ""));
  const std::string large(400'000, 'x');
  put({large, large});
  emulator_.wait_idle();
  EXPECT_EQ(Received::instance().take().size(), 2u);
}

TEST_F(FiltersTest, WhatAFunctionPrintsReachesASubscriptionToo) {
  make_function();
  made("CreateLogGroup", {{"logGroupName", "printed"}});
  Json input = subscription("printed", "END");
  input["logGroupName"] = "printed";
  made("PutSubscriptionFilter", input);
  std::vector<events::LogLine> lines(2);
  lines[0].at = lines[1].at = emulator_.platform().world.now();
  lines[0].text = "START\n";
  lines[1].text = "END\n";
  emulator_.platform().log_sink.sink->append("000000000000", "us-east-1", "printed", "s", lines);
  emulator_.wait_idle();
  const std::vector<Json> documents = Received::instance().take();
  ASSERT_EQ(documents.size(), 1u);
  EXPECT_EQ(documents[0]["logEvents"][0]["message"], "END\n");
}

TEST_F(FiltersTest, AFunctionThatIsGoneIsNamedInTheTimeline) {
  make_function();
  made("PutSubscriptionFilter", subscription("all", ""));
  emulator_.call("lambda", "DeleteFunction", {{"FunctionName", "f"}});
  put({"x"});
  emulator_.wait_idle();
  const CallResult timeline = emulator_.get("/_paddock/timeline?kind=not-invoked");
  EXPECT_NE(timeline.text.find("subscription filter all"), std::string::npos) << timeline.text;
}

// -- metric filters -------------------------------------------------------------------------------

TEST_F(FiltersTest, AMetricFilterIsDescribedAsItWasPut) {
  EXPECT_EQ(call("PutMetricFilter", metric("errors", "ERROR", {{"metricValue", "1"}})).text, "");
  made("PutMetricFilter", metric("others", "x", {{"metricValue", "2"}, {"metricName", "o"}}));
  Json found = made("DescribeMetricFilters", {{"metricName", "m"}, {"metricNamespace", "n"}});
  ASSERT_EQ(found["metricFilters"].size(), 1u);
  Json& one = found["metricFilters"][0];
  EXPECT_TRUE(one["creationTime"].is_number());
  one.erase("creationTime");
  const Json transformation = {{"metricName", "m"}, {"metricNamespace", "n"}, {"metricValue", "1"}};
  EXPECT_EQ(one, Json({{"filterName", "errors"},
                       {"filterPattern", "ERROR"},
                       {"metricTransformations", {transformation}},
                       {"logGroupName", "g"},
                       {"applyOnTransformedLogs", false}}));
  EXPECT_EQ(made("DescribeLogGroups", Json::object())["logGroups"][0]["metricFilterCount"], 2);
  made("DeleteMetricFilter", {{"logGroupName", "g"}, {"filterName", "errors"}});
  EXPECT_EQ(made("DescribeLogGroups", Json::object())["logGroups"][0]["metricFilterCount"], 1);
  EXPECT_EQ(refusal("DeleteMetricFilter", {{"logGroupName", "g"}, {"filterName", "errors"}}),
            "ResourceNotFoundException: The specified metric filter does not exist.");
}

TEST_F(FiltersTest, MetricFiltersOfAllGroupsComeInPages) {
  made("CreateLogGroup", {{"logGroupName", "h"}});
  for (const char* group : {"g", "h"}) {
    for (const char* name : {"a", "b"}) {
      Json input = metric(name, "", {{"metricValue", "1"}});
      input["logGroupName"] = group;
      made("PutMetricFilter", input);
    }
  }
  Texts found;
  Json input = {{"limit", 3}};
  do {
    const Json page = made("DescribeMetricFilters", input);
    for (const Json& one : page.at("metricFilters")) {
      found.push_back(one.at("logGroupName").get<std::string>() +
                      one.at("filterName").get<std::string>());
    }
    input["nextToken"] = page.value("nextToken", "");
  } while (input["nextToken"] != "" && found.size() < 10);
  EXPECT_EQ(found, (Texts{"ga", "gb", "ha", "hb"}));
  EXPECT_EQ(made("DescribeMetricFilters", {{"logGroupName", "h"}})["metricFilters"].size(), 2u);
}

TEST_F(FiltersTest, MatchesAreCounted) {
  made("PutMetricFilter", metric("errors", "ERROR", {{"metricValue", "2"}, {"unit", "Count"}}));
  put({"ERROR one", "fine", "ERROR two"});
  EXPECT_EQ(metrics(), (std::map<std::string, std::pair<double, uint64_t>>{{"m Count", {4, 2}}}));
}

TEST_F(FiltersTest, ValuesAndDimensionsComeFromTheEvent) {
  made("PutMetricFilter",
       metric("latency", "{ $.latency = * && $.path = * }",
              {{"metricValue", "$.latency"}, {"dimensions", {{"Path", "$.path"}}}}));
  put({R"({"latency": 5, "path": "/a"})", R"({"latency": 7, "path": "/a"})",
       R"({"latency": 1, "path": "/b"})", R"({"latency": "slow", "path": "/c"})"});
  EXPECT_EQ(metrics(), (std::map<std::string, std::pair<double, uint64_t>>{
                           {"m None Path=/a", {12, 2}}, {"m None Path=/b", {1, 1}}}));
}

TEST_F(FiltersTest, WhatDoesNotMatchCountsAsTheDefault) {
  made("PutMetricFilter",
       metric("size", "[ip, size]", {{"metricValue", "$size"}, {"defaultValue", 0.5}}));
  put({"10.0.0.1 100", "nothing"});
  EXPECT_EQ(metrics(),
            (std::map<std::string, std::pair<double, uint64_t>>{{"m None", {100.5, 2}}}));
}

TEST_F(FiltersTest, MetricFiltersThatCannotBeAreRefused) {
  const Json one = {{"metricValue", "1"}};
  EXPECT_EQ(refusal("PutMetricFilter", metric("x", "My error-text", one)),
            "InvalidParameterException: Invalid metric filter pattern");
  EXPECT_EQ(refusal("PutMetricFilter", metric("x", "a:b", one)),
            "InvalidParameterException: Invalid character(s) in term ':'");
  EXPECT_EQ(refusal("PutMetricFilter",
                    metric("x", "ERROR", {{"metricValue", "1"}, {"dimensions", {{"A", "$.a"}}}})),
            "InvalidParameterException: The specified filter pattern does not support dimensions");
  EXPECT_EQ(
      refusal("PutMetricFilter",
              metric("x", "{ $.a = * }",
                     {{"metricValue", "1"}, {"defaultValue", 0}, {"dimensions", {{"A", "$.a"}}}})),
      "InvalidParameterException: Invalid metric transformation: dimensions and default "
      "value are mutually exclusive properties.");
  EXPECT_TRUE(refusal("PutMetricFilter", metric("x", "", {{"metricValue", "length"}}))
                  .starts_with("InvalidParameterException: Invalid metric transformation: "));
  Json two = metric("x", "", one);
  two["metricTransformations"] = {
      {{"metricName", "metric1"}, {"metricNamespace", "namespace1"}, {"metricValue", "1"}},
      {{"metricName", "metric2"}, {"metricNamespace", "namespace2"}, {"metricValue", "1"}}};
  EXPECT_EQ(refusal("PutMetricFilter", two),
            "InvalidParameterException: 1 validation error detected: Value "
            "'[MetricTransformation(metricName=metric1, metricNamespace=namespace1, metricValue=1, "
            "defaultValue=null, unit=null, dimensions=null), "
            "MetricTransformation(metricName=metric2, metricNamespace=namespace2, metricValue=1, "
            "defaultValue=null, unit=null, dimensions=null)]' at 'metricTransformations' failed to "
            "satisfy constraint: Member must have length less than or equal to 1");
  EXPECT_EQ(made("DescribeMetricFilters", {{"logGroupName", "g"}})["metricFilters"], Json::array());
}

TEST_F(FiltersTest, APatternIsTriedOnMessages) {
  const Json answer =
      made("TestMetricFilter", {{"filterPattern", "[ip, ..., size > 100]"},
                                {"logEventMessages", {"10.0.0.1 - 99", "10.0.0.2 - 101"}}});
  ASSERT_EQ(answer["matches"].size(), 1u);
  const Json& match = answer["matches"][0];
  EXPECT_EQ(match["eventNumber"], 2);
  EXPECT_EQ(match["eventMessage"], "10.0.0.2 - 101");
  EXPECT_EQ(match["extractedValues"], Json({{"$ip", "10.0.0.2"}, {"$2", "-"}, {"$size", "101"}}));
  EXPECT_EQ(refusal("TestMetricFilter", {{"filterPattern", "{"}, {"logEventMessages", {"x"}}}),
            "InvalidParameterException: Invalid metric filter pattern");
}

TEST_F(FiltersTest, AGroupTakesItsFiltersAlong) {
  make_function();
  made("PutMetricFilter", metric("m", "", {{"metricValue", "1"}}));
  made("PutSubscriptionFilter", subscription("s", ""));
  made("DeleteLogGroup", {{"logGroupName", "g"}});
  made("CreateLogGroup", {{"logGroupName", "g"}});
  made("CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
  EXPECT_EQ(made("DescribeMetricFilters", Json::object())["metricFilters"], Json::array());
  put({"x"});
  emulator_.wait_idle();
  EXPECT_TRUE(metrics().empty());
  EXPECT_TRUE(Received::instance().take().empty());
}

TEST_F(FiltersTest, RareGroupsHaveNoFilters) {
  made("CreateLogGroup", {{"logGroupName", "rare"}, {"logGroupClass", "INFREQUENT_ACCESS"}});
  Json input = metric("m", "", {{"metricValue", "1"}});
  input["logGroupName"] = "rare";
  EXPECT_TRUE(refusal("PutMetricFilter", input).starts_with("InvalidOperationException: "));
}

}  // namespace filters_test
}  // namespace paddock::services::logs
