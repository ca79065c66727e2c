#include "storage/realms.hpp"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "store_fixture.hpp"

namespace paddock::storage {
namespace {

using RealmsTest = StoreTest;

constexpr const char* kAccount = "000000000000";
constexpr const char* kRegion = "eu-central-1";

std::string key_in(const std::shared_ptr<const Realm>& realm, uint64_t number) {
  return Key(realm->id, kTestKind).u64(number).bytes();
}

TEST_F(RealmsTest, AreMadeOnceAndFoundAgain) {
  auto database = open();
  RealmId id = kNoRealm;
  {
    Realms realms(*database);
    EXPECT_EQ(realms.find("dynamodb", kAccount, kRegion)->id, kNoRealm);
    EXPECT_EQ(realms.find("dynamodb", kAccount, kRegion)->region, kRegion);
    const auto realm = realms.get("dynamodb", kAccount, kRegion);
    id = realm->id;
    EXPECT_NE(id, kNoRealm);
    EXPECT_NE(id, kSystemRealm);
    EXPECT_EQ(realms.get("dynamodb", kAccount, kRegion)->id, id);
    EXPECT_EQ(realms.find("dynamodb", kAccount, kRegion)->id, id);
    EXPECT_NE(realms.get("sqs", kAccount, kRegion)->id, id);
    EXPECT_NE(realms.get("dynamodb", kAccount, kGlobalRegion)->id, id);
    EXPECT_EQ(realms.all().size(), 3u);
  }
  reopen(database);
  Realms realms(*database);
  const auto again = realms.by_id(id);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->service, "dynamodb");
  EXPECT_EQ(again->account, kAccount);
  EXPECT_EQ(again->region, kRegion);
  EXPECT_EQ(realms.all().size(), 3u);
}

TEST_F(RealmsTest, HaveOneIdForThreadsThatRace) {
  const auto database = open(Durability::none);
  Realms realms(*database);
  std::vector<RealmId> ids(4);
  std::vector<std::thread> threads;
  for (RealmId& id : ids) {
    threads.emplace_back([&] { id = realms.get("dynamodb", kAccount, kRegion)->id; });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(std::set<RealmId>(ids.begin(), ids.end()).size(), 1u);
}

TEST_F(RealmsTest, ResetDropsTheRowsOfWhatItNamesAndOfNothingElse) {
  const auto database = open();
  Realms realms(*database);
  const auto dead = realms.get("dynamodb", kAccount, kRegion);
  const auto other_service = realms.get("sqs", kAccount, kRegion);
  const auto other_account = realms.get("dynamodb", "111111111111", kRegion);
  // Few rows and many take different ways.
  constexpr uint64_t kMany = 1000;
  for (const auto& realm : {dead, other_service, other_account}) {
    for (size_t family = 0; family < kFamilies; ++family) {
      put(*database, static_cast<Family>(family), key_in(realm, 1), "x");
    }
    for (uint64_t number = 0; number < kMany; ++number) {
      put(*database, Family::rows, key_in(realm, number), "x");
    }
    database->reserve(realm->id, "counter", 5);
  }
  std::vector<RealmId> heard;
  realms.on_reset([&](const std::vector<RealmId>& ids) { heard = ids; });

  EXPECT_EQ(realms.reset("dynamodb", kAccount), 1u);
  EXPECT_EQ(heard, std::vector<RealmId>{dead->id});
  EXPECT_FALSE(realms.alive(dead->id));
  EXPECT_TRUE(realms.alive(other_service->id));
  for (size_t family = 0; family < kFamilies; ++family) {
    const Key prefix(dead->id, kTestKind);
    EXPECT_FALSE(database->iterate_prefix(static_cast<Family>(family), prefix).valid());
    for (const auto& realm : {other_service, other_account}) {
      EXPECT_EQ(database->get(static_cast<Family>(family), key_in(realm, 1)), "x");
    }
  }
  EXPECT_EQ(database->get(Family::rows, key_in(other_account, kMany - 1)), "x");
  EXPECT_EQ(database->reserve(other_service->id, "counter", 1), 5u);
}

TEST_F(RealmsTest, RefuseCommitsUnderADeadId) {
  const auto database = open();
  Realms realms(*database);
  const auto dead = realms.get("dynamodb", kAccount, kRegion);
  const auto live = realms.get("sqs", kAccount, kRegion);
  put(*database, Family::rows, key_in(dead, 1), "x");
  realms.reset("dynamodb", "");

  Batch batch;
  bool acted = false;
  batch.put(Family::rows, key_in(live, 1), "x");
  batch.put(Family::rows, key_in(dead, 2), "x");
  batch.after_commit([&](uint64_t) { acted = true; });
  EXPECT_THROW(database->commit(batch), DeadRealm);
  EXPECT_FALSE(acted);
  EXPECT_EQ(database->get(Family::rows, key_in(live, 1)), std::nullopt);
  EXPECT_THROW(database->reserve(dead->id, "counter", 1), DeadRealm);
  const auto again = realms.get("dynamodb", kAccount, kRegion);
  EXPECT_GT(again->id, dead->id);
  put(*database, Family::rows, key_in(again, 2), "y");
  EXPECT_EQ(database->get(Family::rows, key_in(again, 1)), std::nullopt);
}

TEST_F(RealmsTest, NeverUseAnIdTwice) {
  auto database = open();
  std::set<RealmId> seen;
  for (int round = 0; round < 5; ++round) {
    Realms realms(*database);
    for (const char* service : {"dynamodb", "sqs"}) {
      EXPECT_TRUE(seen.insert(realms.get(service, kAccount, kRegion)->id).second);
    }
    EXPECT_EQ(realms.reset("", ""), 2u);
    EXPECT_TRUE(realms.all().empty());
    EXPECT_EQ(realms.reset("", ""), 0u);
    reopen(database);
  }
}

TEST_F(RealmsTest, LeaveNoRowsBehindThatLaterResetsMustPass) {
  const auto database = open(Durability::none);
  Realms realms(*database);
  for (int round = 0; round < 3; ++round) {
    const auto realm = realms.get("dynamodb", kAccount, kRegion);
    database->reserve(realm->id, "counter", 1);
    put(*database, Family::rows, key_in(realm, 1), "x");
    realms.reset("", "");
  }
  // What is left: the format version and the counter of realm ids.
  size_t rows = 0;
  for (Iterator row = database->iterate(Family::meta, {}, {}); row.valid(); row.next()) {
    ++rows;
  }
  EXPECT_EQ(rows, 2u);
}

TEST_F(RealmsTest, CommitsThatRaceAResetEitherCountOrAreRefused) {
  const auto database = open(Durability::none);
  Realms realms(*database);
  for (int round = 0; round < 20; ++round) {
    const auto realm = realms.get("dynamodb", kAccount, kRegion);
    std::vector<std::thread> writers;
    for (int i = 0; i < 2; ++i) {
      writers.emplace_back([&, i] {
        try {
          for (uint64_t number = 0; number < 1000000; ++number) {
            put(*database, Family::rows, key_in(realm, number * 2 + i), "x");
          }
          ADD_FAILURE() << "the reset refused nobody";
        } catch (const DeadRealm&) {
        }
      });
    }
    realms.reset("", "");
    for (std::thread& writer : writers) {
      writer.join();
    }
    EXPECT_FALSE(database->iterate_prefix(Family::rows, Key(realm->id, kTestKind)).valid());
  }
}

}  // namespace
}  // namespace paddock::storage
