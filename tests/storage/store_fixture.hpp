// A directory that goes with the test, and stores in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/log.hpp"
#include "storage/database.hpp"

namespace paddock::storage {

class TempDirectory {
 public:
  TempDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "paddock-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("no temporary directory");
    }
    path_ = name;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  std::string path(const std::string& name = "data") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

class StoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Database> open(const std::string& path, Durability durability = Durability::wal) {
    DatabaseOptions options;
    options.path = path;
    options.durability = durability;
    return Database::open(options, log_);
  }
  std::unique_ptr<Database> open(Durability durability = Durability::wal) {
    return open(directory_.path(), durability);
  }
  // Closes the store, then opens it again.
  void reopen(std::unique_ptr<Database>& database) {
    database.reset();
    database = open();
  }
  static void put(Database& database, Family family, std::string_view key, std::string_view value) {
    Batch batch;
    batch.put(family, key, value);
    database.commit(batch);
  }

  TempDirectory directory_;
  Log log_{LogLevel::off, STDERR_FILENO};
};

inline constexpr RealmId kTestRealm = 7;
inline constexpr Kind kTestKind = 1;

inline std::string test_key(uint64_t number) {
  return Key(kTestRealm, kTestKind).u64(number).bytes();
}

}  // namespace paddock::storage
