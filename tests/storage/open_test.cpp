#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/directory_lock.hpp"
#include "storage/system_kinds.hpp"
#include "store_fixture.hpp"

namespace paddock::storage {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

using OpenTest = StoreTest;

std::string format_row(uint32_t version) {
  std::string row;
  append_u32(row, version);
  return row;
}

const std::string kFormatKey = Key(kSystemRealm, kFormatKind).bytes();

TEST_F(OpenTest, MakesTheDirectoryWithItsParents) {
  const std::string path = directory_.path("a/b/c");
  put(*open(path), Family::rows, test_key(1), "x");
  EXPECT_EQ(open(path)->get(Family::rows, test_key(1)), "x");
}

TEST_F(OpenTest, WritesTheFormatVersion) {
  EXPECT_EQ(open()->get(Family::meta, kFormatKey), format_row(1));
}

TEST_F(OpenTest, NamesTheProcessThatHoldsTheDirectory) {
  const auto database = open();
  EXPECT_THAT([this] { open(); },
              ThrowsMessage<OpenError>(AllOf(HasSubstr(directory_.path()), HasSubstr("in use by"),
                                             HasSubstr(std::to_string(::getpid())))));
}

TEST_F(OpenTest, IsFreeAgainAfterAClose) {
  open();
  EXPECT_NO_THROW(open());
  EXPECT_EQ(std::filesystem::file_size(directory_.path() + "/" + kPidFile), 0u);
}

TEST_F(OpenTest, RefusesTheDirectoryOfANewerVersion) {
  put(*open(), Family::meta, kFormatKey, format_row(2));
  EXPECT_THAT([this] { open(); },
              ThrowsMessage<OpenError>(AllOf(HasSubstr("newer version"), HasSubstr("format 2"))));
}

TEST_F(OpenTest, RefusesAnUnreadableFormatVersion) {
  put(*open(), Family::meta, kFormatKey, "?");
  EXPECT_THAT([this] { open(); }, ThrowsMessage<OpenError>(HasSubstr("format version")));
}

TEST_F(OpenTest, RefusesADirectoryOfOtherFilesAndLeavesItAlone) {
  std::filesystem::create_directory(directory_.path());
  std::ofstream(directory_.path() + "/thesis.txt") << "chapter 1";
  EXPECT_THAT([this] { open(); },
              ThrowsMessage<OpenError>(HasSubstr("is not a Paddock data directory")));
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry :
       std::filesystem::directory_iterator(directory_.path())) {
    ++files;
  }
  EXPECT_EQ(files, 1u);
}

TEST_F(OpenTest, RefusesAStoreWithoutAFormatVersion) {
  {
    const auto database = open();
    Batch batch;
    batch.erase(Family::meta, kFormatKey);
    database->commit(batch);
  }
  EXPECT_THAT([this] { open(); },
              ThrowsMessage<OpenError>(HasSubstr("is not a Paddock data directory")));
}

TEST_F(OpenTest, GoesOnWhereTheFirstOpenWasKilled) {
  // Nothing but the lock file is there yet.
  std::filesystem::create_directory(directory_.path());
  std::ofstream(directory_.path() + "/" + kPidFile) << "1\n";
  EXPECT_NO_THROW(open());
}

// Another program's store, with these families beside the default one.
void make_rocksdb(const std::string& path, const std::vector<std::string>& families, bool filled) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, path, &opened).ok());
  const std::unique_ptr<rocksdb::DB> db(opened);
  for (const std::string& family : families) {
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE(db->CreateColumnFamily({}, family, &handle).ok());
    ASSERT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  ASSERT_TRUE(!filled || db->Put({}, "key", "value").ok());
}

TEST_F(OpenTest, GoesOnWhereTheFirstOpenWasKilledAmongTheFamilies) {
  make_rocksdb(directory_.path(), {"rows", "index"}, false);
  put(*open(), Family::stats, test_key(1), "x");
  EXPECT_EQ(open()->get(Family::stats, test_key(1)), "x");
}

TEST_F(OpenTest, RefusesAnotherProgramsStore) {
  for (const std::vector<std::string>& families :
       {std::vector<std::string>{}, std::vector<std::string>{"theirs"}}) {
    const std::string path = directory_.path("theirs" + std::to_string(families.size()));
    make_rocksdb(path, families, true);
    EXPECT_THAT([&] { open(path); },
                ThrowsMessage<OpenError>(HasSubstr("is not a Paddock data directory")));
  }
}

TEST_F(OpenTest, RefusesAFileInPlaceOfTheDirectory) {
  std::ofstream(directory_.path()) << "a file";
  EXPECT_THROW(open(), OpenError);
  EXPECT_THAT([this] { open(directory_.path("data/below")); },
              ThrowsMessage<OpenError>(HasSubstr("choose another --data-dir")));
}

TEST_F(OpenTest, RefusesADirectoryWithoutPermission) {
  const bool root = ::geteuid() == 0;
  std::filesystem::create_directory(directory_.path());
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0555), 0);
  constexpr uid_t kNobody = 65534;
  ASSERT_TRUE(!root || ::chmod(directory_.path("").c_str(), 0755) == 0);
  ASSERT_TRUE(!root || ::seteuid(kNobody) == 0);
  EXPECT_THAT([this] { open(); }, ThrowsMessage<OpenError>(AllOf(HasSubstr("the right to write"),
                                                                 HasSubstr(directory_.path()))));
  ASSERT_TRUE(!root || ::seteuid(0) == 0);
}

TEST_F(OpenTest, ReportsADamagedStore) {
  put(*open(), Family::rows, test_key(1), "x");
  std::ofstream(directory_.path() + "/CURRENT") << "nonsense\n";
  EXPECT_THROW(open(), OpenError);
}

}  // namespace
}  // namespace paddock::storage
