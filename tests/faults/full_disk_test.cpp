// A disk that is full: writes are refused with StorageError, nothing acknowledged is lost, and when
// there is space again the same store goes on.
//
// The child runs out of disk in two ways: `no-space` makes the C library's write() fail with
// ENOSPC, as a full disk does; `file-limit` lets the kernel refuse any file beyond a size (EFBIG).
#include <atomic>
#include <cerrno>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.hpp"
#include "fault_child.hpp"
#include "storage/database.hpp"
#include "tests/storage/store_fixture.hpp"

namespace {

std::atomic<bool> disk_full{false};
std::atomic<uint64_t> writes_refused{0};

bool refused(int fd) {
  struct stat file {};
  if (!disk_full.load() || ::fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
    return false;
  }
  ++writes_refused;
  errno = ENOSPC;
  return true;
}

}  // namespace

// Called by RocksDB in place of the C library's.
extern "C" ssize_t write(int fd, const void* data, size_t bytes) {
  using Write = ssize_t (*)(int, const void*, size_t);
  static const auto real = reinterpret_cast<Write>(::dlsym(RTLD_NEXT, "write"));
  return refused(fd) ? -1 : real(fd, data, bytes);
}

namespace paddock::faults {

namespace {

using storage::Batch;
using storage::Database;
using storage::DatabaseOptions;
using storage::Family;
using storage::Key;
using storage::StorageError;

constexpr RealmId kFullDiskRealm = 1;
constexpr size_t kValueBytes = 50000;
constexpr uint64_t kMostRows = 4000;
constexpr rlim_t kFileLimit = 3 << 20;

std::string row_key(uint64_t number) {
  return Key(kFullDiskRealm, 1).u64(number).bytes();
}

std::unique_ptr<Database> open_at(const std::string& path, Log& log) {
  DatabaseOptions options;
  options.path = path;
  return Database::open(options, log);
}

bool write_row(Database& database, uint64_t number) {
  const std::string value = value_of(0, number, kValueBytes);
  Batch batch;
  batch.put(Family::rows, row_key(number), value);
  batch.put(Family::log, row_key(number), value);
  try {
    database.commit(batch);
    return true;
  } catch (const StorageError&) {
    return false;
  }
}

// Writes until refused, then a few more; true if all those were refused too.
bool fill(Database& database, uint64_t& number) {
  while (write_row(database, number)) {
    send_report({Report::Kind::acknowledged, 0, number});
    if (++number > kMostRows) {
      return false;
    }
  }
  send_report({Report::Kind::refused, 0, number});
  for (int i = 0; i < 3; ++i) {
    if (write_row(database, number)) {
      return false;
    }
  }
  return database.get(Family::rows, row_key(1)).has_value();
}

struct Outcome {
  uint64_t acknowledged = 0;
  uint64_t refused = 0;
  uint64_t recovered = 0;
  bool failed = false;
  bool ended_well = false;
};

Outcome run_child(const std::string& path, const std::string& way) {
  Child child("small-disk", {path, way});
  Outcome outcome;
  Report report;
  while (child.read(report)) {
    switch (report.kind) {
      case Report::Kind::acknowledged:
        outcome.acknowledged = report.number;
        break;
      case Report::Kind::refused:
        outcome.refused = report.number;
        break;
      case Report::Kind::recovered:
        outcome.recovered = report.number;
        break;
      case Report::Kind::failed:
        outcome.failed = true;
        break;
    }
  }
  outcome.ended_well = child.wait();
  return outcome;
}

void expect_whole(const std::string& path, uint64_t acknowledged) {
  Log log(LogLevel::off, STDERR_FILENO);
  const auto database = open_at(path, log);
  for (uint64_t number = 1; number <= kMostRows; ++number) {
    const auto row = database->get(Family::rows, row_key(number));
    const auto entry = database->get(Family::log, row_key(number));
    ASSERT_EQ(row, entry) << "half a batch";
    ASSERT_TRUE(number > acknowledged || row == value_of(0, number, kValueBytes)) << number;
  }
  ASSERT_TRUE(write_row(*database, acknowledged + 1));
}

}  // namespace

int run_on_a_small_disk(const std::vector<std::string>& arguments) {
  const bool no_space = arguments.at(1) == "no-space";
  Log log(LogLevel::off, STDERR_FILENO);
  uint64_t number = 1;
  const auto database = open_at(arguments.at(0), log);
  if (no_space) {
    for (; number < 200; ++number) {
      if (!write_row(*database, number)) {
        return 4;
      }
      send_report({Report::Kind::acknowledged, 0, number});
    }
    disk_full = true;
  } else {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{kFileLimit, kFileLimit};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) {
      return 5;
    }
  }
  if (!fill(*database, number)) {
    send_report({Report::Kind::failed, 0, number});
    return 0;
  }
  if (no_space) {
    disk_full = false;
    if (writes_refused == 0 || !write_row(*database, number)) {
      send_report({Report::Kind::failed, 0, number});
      return 0;
    }
    send_report({Report::Kind::acknowledged, 0, number});
    send_report({Report::Kind::recovered, 0, number});
  }
  // As a crash would end it.
  ::_exit(0);
}

TEST(FullDisk, IsReportedAndLeftBehindOnceThereIsSpace) {
  const storage::TempDirectory directory;
  const Outcome outcome = run_child(directory.path(), "no-space");
  EXPECT_TRUE(outcome.ended_well);
  EXPECT_FALSE(outcome.failed);
  EXPECT_EQ(outcome.refused, 200u);
  EXPECT_EQ(outcome.recovered, 200u);
  expect_whole(directory.path(), outcome.acknowledged);
}

TEST(FullDisk, LosesNothingAcknowledgedWhenAFileCannotGrow) {
  const storage::TempDirectory directory;
  const Outcome outcome = run_child(directory.path(), "file-limit");
  EXPECT_TRUE(outcome.ended_well);
  EXPECT_FALSE(outcome.failed);
  EXPECT_GT(outcome.acknowledged, 10u);
  EXPECT_EQ(outcome.refused, outcome.acknowledged + 1);
  expect_whole(directory.path(), outcome.acknowledged);
}

}  // namespace paddock::faults
