#include <aws/lambda-runtime/runtime.h>
#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "core/json.hpp"

namespace aws::lambda_runtime {
namespace {

TEST(InvocationResponse, SuccessCarriesPayloadAndContentType) {
  const auto response = invocation_response::success("[1]", "application/json");
  EXPECT_TRUE(response.is_success());
  EXPECT_EQ(response.get_payload(), "[1]");
  EXPECT_EQ(response.get_content_type(), "application/json");
}

TEST(InvocationResponse, FailureMakesTheErrorDocument) {
  const auto response = invocation_response::failure("it \"broke\"", "BadThing");
  EXPECT_FALSE(response.is_success());
  const auto error = paddock::Json::parse(response.get_payload());
  EXPECT_EQ(error, (paddock::Json{{"errorMessage", "it \"broke\""},
                                  {"errorType", "BadThing"},
                                  {"stackTrace", paddock::Json::array()}}));
}

TEST(InvocationResponse, FailureTakesAnyBytes) {
  const auto response = invocation_response::failure("\xFF", "BadThing");
  EXPECT_TRUE(paddock::Json::accept(response.get_payload()));
}

TEST(InvocationRequest, TimeRemainingIsNeverNegative) {
  const std::chrono::milliseconds now(paddock::MachineClock().wall_ms());
  invocation_request request;
  request.deadline = std::chrono::system_clock::time_point(now + std::chrono::hours(1));
  EXPECT_GT(request.get_time_remaining(), std::chrono::minutes(59));
  EXPECT_LE(request.get_time_remaining(), std::chrono::hours(1));
  request.deadline = std::chrono::system_clock::time_point(now - std::chrono::hours(1));
  EXPECT_EQ(request.get_time_remaining(), std::chrono::milliseconds(0));
}

}  // namespace
}  // namespace aws::lambda_runtime
