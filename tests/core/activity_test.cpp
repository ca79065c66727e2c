#include "core/activity.hpp"

#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace paddock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Activities, AreQuietWhenNoTokenIsHeld) {
  Activities activities;
  EXPECT_TRUE(activities.quiet());
  {
    const Activity token = activities.begin("request");
    EXPECT_FALSE(activities.quiet());
    EXPECT_TRUE(static_cast<bool>(token));
  }
  EXPECT_TRUE(activities.quiet());
}

TEST(Activities, NameWhatIsActive) {
  Activities activities;
  const auto request = activities.label("request");
  const Activity a = activities.begin(request), b = activities.begin(request);
  const Activity c = activities.begin("function f");
  EXPECT_THAT(activities.active(), ElementsAre("function f", "2 x request"));
  EXPECT_EQ(activities.total(), 3);
}

TEST(Activities, MoveWithTheirToken) {
  Activities activities;
  Activity a = activities.begin("a");
  Activity b = std::move(a);
  EXPECT_EQ(activities.total(), 1);
  b = activities.begin("b");  // releases what it held
  EXPECT_THAT(activities.active(), ElementsAre("b"));
  b.release();
  b.release();
  EXPECT_THAT(activities.active(), IsEmpty());
}

TEST(Activities, BeyondTheLimitOfNamesShareOne) {
  Activities activities;
  for (int i = 0; i < 1023; ++i) activities.label("kind " + std::to_string(i));
  const Activity named = activities.begin("kind 1022");
  const Activity x = activities.begin("one too many"), y = activities.begin("two too many");
  EXPECT_THAT(activities.active(), ElementsAre("kind 1022", "2 x other"));
}

TEST(Activities, WaitEndsWhenTheLastTokenIsReleased) {
  Activities activities;
  std::optional<Activity> token = activities.begin("request");
  std::thread other([&] { token.reset(); });
  EXPECT_TRUE(activities.wait_quiet(std::chrono::seconds(30)));
  other.join();
}

TEST(Activities, WaitEndsAtItsBound) {
  Activities activities;
  const Activity token = activities.begin("request");
  EXPECT_FALSE(activities.wait_quiet(std::chrono::milliseconds(1)));
}

}  // namespace
}  // namespace paddock
