#include "lambda/environment.hpp"

#include <iostream>
#include <thread>

#include <gtest/gtest.h>

#include "fake_caller.hpp"
#include "lambda/stdout_router.hpp"

namespace paddock::lambda {
namespace {

using lambda_test::FakeCaller;

class EnvironmentTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines() {
    std::vector<std::string> texts;
    for (auto& line : environment_.take_lines()) texts.push_back(line.text);
    return texts;
  }

  MachineClock machine_;
  WorldClock world_{machine_};
  FakeCaller caller_{[](const FakeCaller::Call& call) { return call.input; }};
  Environment environment_{{{"TABLE_NAME", "T"}},
                           {"000000000000", "us-east-1", "arn:aws:iam::000000000000:root", {}},
                           caller_,
                           world_};
};

using Lines = std::vector<std::string>;

TEST_F(EnvironmentTest, VariablesAreThoseItWasMadeWith) {
  EXPECT_EQ(environment_.variable("TABLE_NAME"), "T");
  EXPECT_EQ(environment_.variable("HOME"), "");
}

TEST_F(EnvironmentTest, IsCurrentOnItsThreadWithinItsScope) {
  EXPECT_EQ(Environment::current(), nullptr);
  {
    Environment::Scope scope(&environment_);
    EXPECT_EQ(Environment::current(), &environment_);
    std::thread([] { EXPECT_EQ(Environment::current(), nullptr); }).join();
  }
  EXPECT_EQ(Environment::current(), nullptr);
}

TEST_F(EnvironmentTest, LinesAreTakenOnceAndBelongToTheirInvocation) {
  environment_.log("one");
  EXPECT_EQ(lines(), Lines{"one\n"});
  EXPECT_EQ(lines(), Lines{});
  environment_.log("left over");
  environment_.begin({});
  environment_.log("two");
  EXPECT_EQ(lines(), Lines{"two\n"});
}

TEST_F(EnvironmentTest, OutputIsBounded) {
  environment_.log(std::string(Environment::kMostLogBytes - 1, 'x'));
  environment_.log("too much");
  environment_.log("even more");
  const auto taken = lines();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[1], "[further output of this invocation is dropped]\n");
}

TEST_F(EnvironmentTest, CallsCarryTheInvocationsCause) {
  environment_.begin({"request-1", 3});
  EXPECT_EQ(environment_.call("dynamodb", "GetItem", {{"a", 1}}), Json({{"a", 1}}));
  const auto calls = caller_.calls();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_EQ(calls[0].service, "dynamodb");
  EXPECT_EQ(calls[0].operation, "GetItem");
  EXPECT_EQ(calls[0].identity.cause.request_id, "request-1");
  EXPECT_EQ(calls[0].identity.cause.depth, 3U);
}

TEST_F(EnvironmentTest, AbandonedItRefusesCallsAndLines) {
  environment_.abandon();
  EXPECT_THROW(environment_.call("dynamodb", "GetItem", {}), Abandoned);
  EXPECT_THROW(environment_.log("x"), Abandoned);
  EXPECT_TRUE(caller_.calls().empty());
}

TEST_F(EnvironmentTest, StandardOutputBecomesLinesOnItsThreadOnly) {
  StdoutRouter router;
  {
    Environment::Scope scope(&environment_);
    std::cout << "a" << 1 << "\nsecond" << std::endl << "rest";
    std::thread([] { std::cout << "" << std::flush; }).join();
  }
  EXPECT_EQ(lines(), (Lines{"a1\n", "second\n", "rest\n"}));
}

TEST_F(EnvironmentTest, AbandonedOutputDoesNotBreakTheStream) {
  StdoutRouter router;
  environment_.abandon();
  {
    Environment::Scope scope(&environment_);
    std::cout << "unheard" << std::endl;
  }
  EXPECT_TRUE(std::cout.good());
}

}  // namespace
}  // namespace paddock::lambda
