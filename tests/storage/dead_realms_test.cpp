#include "storage/dead_realms.hpp"

#include <gtest/gtest.h>

namespace paddock::storage {
namespace {

TEST(DeadRealms, ContainWhatWasAddedAndNothingElse) {
  DeadRealms dead;
  EXPECT_TRUE(dead.empty());
  for (RealmId id : {5u, 9u, 7u}) {
    dead.add(id);
  }
  for (RealmId id = 0; id < 12; ++id) {
    EXPECT_EQ(dead.contains(id), id == 5 || id == 7 || id == 9) << id;
  }
}

TEST(DeadRealms, JoinNeighboursSoThatManyResetsStaySmall) {
  DeadRealms dead;
  for (RealmId id : {1u, 3u, 2u, 2u, 10u, 11u}) {
    dead.add(id);
  }
  EXPECT_EQ(dead.ranges(), 2u);
  for (RealmId id = 4; id < 10; ++id) {
    EXPECT_FALSE(dead.contains(id));
    dead.add(id);
  }
  EXPECT_EQ(dead.ranges(), 1u);
  EXPECT_TRUE(dead.contains(1));
  EXPECT_TRUE(dead.contains(11));
  EXPECT_FALSE(dead.contains(0));
  EXPECT_FALSE(dead.contains(12));
}

}  // namespace
}  // namespace paddock::storage
