// A process that writes is killed with SIGKILL at any moment: nothing it acknowledged is lost, and
// no batch is there in part.
//
// Three lanes write at once, each number n as one batch:
//   0, 1   a row in each of rows, log, queue and meta; the row in meta also holds a reserved number
//   2      a body of 1 byte to 10 MiB, and the row that names it
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/log.hpp"
#include "fault_child.hpp"
#include "storage/blobs.hpp"
#include "storage/database.hpp"
#include "storage/system_kinds.hpp"
#include "tests/storage/store_fixture.hpp"

namespace paddock::faults {

namespace {

using storage::Batch;
using storage::BlobId;
using storage::Blobs;
using storage::BlobWriter;
using storage::Database;
using storage::DatabaseOptions;
using storage::Durability;
using storage::Family;
using storage::Iterator;
using storage::Key;

constexpr RealmId kRealm = 1;
constexpr uint64_t kBlobLane = 2;
constexpr uint64_t kLanes = 3;
constexpr std::array<Family, 3> kRowFamilies = {Family::rows, Family::log, Family::queue};

std::string lane_key(uint64_t lane, uint64_t number) {
  return Key(kRealm, 1).u64(lane).u64(number).bytes();
}

std::string row_value(uint64_t lane, uint64_t number) {
  return value_of(lane, number, number * 7919 % 20000);
}

std::string body_value(uint64_t number) {
  // Of all three kinds of storage.
  const size_t most = number % 5 == 0 ? 10 << 20 : number % 2 == 0 ? 600000 : 30000;
  return value_of(kBlobLane, number, 1 + number * 104729 % most);
}

void write_rows(Database& database, uint64_t lane, uint64_t number) {
  Batch batch;
  for (Family family : kRowFamilies) {
    batch.put(family, lane_key(lane, number), row_value(lane, number));
  }
  batch.put(Family::meta, lane_key(lane, number),
            std::to_string(database.reserve(kSystemRealm, "faults", 1)));
  database.commit(batch);
}

void write_body(Database& database, Blobs& blobs, uint64_t number) {
  const std::string body = body_value(number);
  BlobWriter writer = blobs.create(kRealm, number % 10 == 0 ? body.size() : 0);
  writer.append(body);
  Batch batch;
  const BlobId id = writer.seal(batch);
  batch.put(Family::rows, lane_key(kBlobLane, number), id.encode());
  if (number > 1) {
    // The one before goes.
    const auto former = database.get(Family::rows, lane_key(kBlobLane, number - 1));
    blobs.erase(BlobId::decode(*former), batch);
    batch.erase(Family::rows, lane_key(kBlobLane, number - 1));
  }
  database.commit(batch);
}

std::unique_ptr<Database> open_store(const std::string& path, Log& log,
                                     Durability durability = Durability::wal) {
  DatabaseOptions options;
  options.path = path;
  options.durability = durability;
  return Database::open(options, log);
}

Durability parse_durability(const std::string& text) {
  return text == "fsync" ? Durability::fsync : Durability::wal;
}

void run_lane(Database& database, Blobs& blobs, uint64_t lane, uint64_t number) {
  for (;; ++number) {
    if (lane == kBlobLane) {
      write_body(database, blobs, number);
    } else {
      write_rows(database, lane, number);
    }
    send_report({Report::Kind::acknowledged, lane, number});
  }
}

// What is in the store of each lane, after checking that every row is right and whole.
class Survey {
 public:
  Survey(Database& database, Blobs& blobs) : database_(database), blobs_(blobs) {
    for (uint64_t lane = 0; lane < kLanes; ++lane) {
      last_[lane] = lane == kBlobLane ? survey_bodies() : survey_rows(lane);
    }
  }
  uint64_t last(uint64_t lane) const { return last_.at(lane); }

 private:
  uint64_t survey_rows(uint64_t lane) {
    uint64_t number = 0;
    for (bool there = true; there;) {
      ++number;
      const auto reserved = database_.get(Family::meta, lane_key(lane, number));
      there = reserved.has_value();
      for (Family family : kRowFamilies) {
        const auto row = database_.get(family, lane_key(lane, number));
        EXPECT_EQ(row.has_value(), there) << "half a batch: lane " << lane << " number " << number;
        EXPECT_TRUE(!there || row == row_value(lane, number));
      }
      if (there) {
        EXPECT_TRUE(reserved_.insert(*reserved).second) << *reserved << " was reserved twice";
      }
    }
    // Nothing lies behind the first gap.
    EXPECT_FALSE(
        database_.iterate(Family::meta, lane_key(lane, number), lane_key(lane, ~uint64_t{0}))
            .valid());
    return number - 1;
  }

  uint64_t survey_bodies() {
    uint64_t last = 0;
    for (Iterator row = database_.iterate_prefix(Family::rows, Key(kRealm, 1).u64(kBlobLane));
         row.valid(); row.next()) {
      EXPECT_EQ(last, 0u) << "the body before is still there";
      storage::KeyReader key(row.key());
      key.u64();
      last = key.u64();
      const BlobId id = BlobId::decode(row.value());
      EXPECT_TRUE(blobs_.read(id, 0, id.size) == body_value(last)) << "body " << last;
      size_t pieces = 0;
      for (Iterator piece = database_.iterate(Family::blobs, {}, {}); piece.valid(); piece.next()) {
        ++pieces;
      }
      EXPECT_EQ(pieces, id.number == 0 ? 0 : (id.size + Blobs::kPiece - 1) / Blobs::kPiece)
          << "orphans are left";
    }
    return last;
  }

  Database& database_;
  Blobs& blobs_;
  std::array<uint64_t, kLanes> last_{};
  std::set<std::string> reserved_;
};

void kill_and_survey(const std::string& durability, int rounds, uint64_t seed) {
  const storage::TempDirectory directory;
  Log log(LogLevel::off, STDERR_FILENO);
  std::mt19937_64 random(seed);
  std::array<uint64_t, kLanes> next = {1, 1, 1};
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::string> arguments = {directory.path(), durability};
    for (uint64_t number : next) {
      arguments.push_back(std::to_string(number));
    }
    std::array<uint64_t, kLanes> acknowledged = next;
    for (uint64_t& number : acknowledged) {
      --number;
    }
    Child child("writer", arguments);
    Report report;
    // Small numbers too: they hit the open and what it has to replay.
    const uint64_t reports = random() % 4 == 0 ? random() % 4 : random() % 600;
    for (uint64_t i = 0; i < reports && child.read(report); ++i) {
      acknowledged[report.lane] = report.number;
    }
    child.kill();
    while (child.read(report)) {
      acknowledged[report.lane] = report.number;
    }
    EXPECT_FALSE(child.wait());

    const auto database = open_store(directory.path(), log);
    Blobs blobs(*database);
    const Survey survey(*database, blobs);
    for (uint64_t lane = 0; lane < kLanes; ++lane) {
      ASSERT_GE(survey.last(lane), acknowledged[lane]) << "lost in round " << round;
      ASSERT_LE(survey.last(lane), acknowledged[lane] + 1);
      next[lane] = survey.last(lane) + 1;
    }
    ASSERT_FALSE(::testing::Test::HasFailure()) << "in round " << round;
  }
  EXPECT_GT(*std::min_element(next.begin(), next.end()), 20u) << "the writer hardly ran";
}

}  // namespace

int run_writer(const std::vector<std::string>& arguments) {
  Log log(LogLevel::error, STDERR_FILENO);
  const auto database = open_store(arguments.at(0), log, parse_durability(arguments.at(1)));
  Blobs blobs(*database);
  std::vector<std::thread> lanes;
  for (uint64_t lane = 0; lane < kLanes; ++lane) {
    lanes.emplace_back(
        [&, lane] { run_lane(*database, blobs, lane, std::stoull(arguments.at(2 + lane))); });
  }
  for (std::thread& lane : lanes) {
    lane.join();
  }
  return 0;
}

TEST(Kill, LosesNothingAcknowledged) {
  kill_and_survey("wal", 20, 1);
}

TEST(Kill, LosesNothingAcknowledgedWhileSyncing) {
  kill_and_survey("fsync", 4, 2);
}

}  // namespace paddock::faults
