#include "events/timeline.hpp"

#include <gtest/gtest.h>

namespace paddock::events {
namespace {

TimelineEvent event(const std::string& kind, const std::string& resource,
                    const std::string& cause = "") {
  TimelineEvent made;
  made.kind = kind;
  made.what = "something";
  made.resource = resource;
  made.request_id = "own-" + resource;
  made.cause.request_id = cause;
  made.account = resource == "theirs" ? "111111111111" : "000000000000";
  return made;
}

std::vector<std::string> resources(const Json& page) {
  std::vector<std::string> found;
  for (const auto& entry : page.at("Events")) found.push_back(entry.at("Resource"));
  return found;
}

using Names = std::vector<std::string>;

TEST(Timeline, KeepsTheNewestAndCountsOn) {
  Timeline timeline;
  const size_t count = Timeline::kCapacity + 10;
  for (size_t i = 1; i <= count; ++i) timeline.record(event("call", std::to_string(i)));
  TimelineFilter filter;
  filter.limit = count;
  const Json page = timeline.read(filter);
  EXPECT_EQ(page.at("Events").size(), Timeline::kCapacity);
  EXPECT_EQ(page.at("Events").front().at("Resource"), "11");
  EXPECT_EQ(page.at("Events").front().at("Number"), 11);
  EXPECT_EQ(page.at("Last"), count);
}

TEST(Timeline, FiltersAndLimitsToTheNewest) {
  Timeline timeline;
  timeline.record(event("call", "mine", "chain"));
  timeline.record(event("function", "theirs", "chain"));
  timeline.record(event("call", "last"));
  TimelineFilter filter;
  filter.kind = "call";
  EXPECT_EQ(resources(timeline.read(filter)), (Names{"mine", "last"}));
  filter = {};
  filter.cause = "chain";
  EXPECT_EQ(resources(timeline.read(filter)), (Names{"mine", "theirs"}));
  filter.cause = "own-last";
  EXPECT_EQ(resources(timeline.read(filter)), Names{"last"});
  filter = {};
  filter.account = "111111111111";
  EXPECT_EQ(resources(timeline.read(filter)), Names{"theirs"});
  filter = {};
  filter.resource = "as";
  EXPECT_EQ(resources(timeline.read(filter)), Names{"last"});
  filter = {};
  filter.limit = 2;
  EXPECT_EQ(resources(timeline.read(filter)), (Names{"theirs", "last"}));
  filter.after = 2;
  EXPECT_EQ(resources(timeline.read(filter)), Names{"last"});
}

TEST(Timeline, ClearingEmptiesItButNumbersGoOn) {
  Timeline timeline;
  timeline.record(event("call", "before"));
  timeline.clear();
  timeline.record(event("call", "after"));
  const Json page = timeline.read({});
  EXPECT_EQ(resources(page), Names{"after"});
  EXPECT_EQ(page.at("Events")[0].at("Number"), 2);
}

TEST(Timeline, TurnedOffItRecordsNothing) {
  Timeline timeline;
  timeline.set_enabled(false);
  timeline.record(event("call", "unseen"));
  EXPECT_EQ(timeline.read({}).at("Events").size(), 0U);
}

}  // namespace
}  // namespace paddock::events
