#include "lambda/zip_package.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "support/zip_maker.hpp"

namespace paddock::lambda::zip_package_test {

namespace fs = std::filesystem;
using paddock::testing::make_zip;
using paddock::testing::ZipEntry;

constexpr uint64_t kLimit = 1'000'000;

class ZipPackageTest : public ::testing::Test {
 protected:
  ZipPackageTest() {
    std::string pattern = (fs::temp_directory_path() / "paddock-zip-XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("no folder");
    base_ = pattern;
    folder_ = base_ / "inside";
    fs::create_directory(folder_);
  }
  ~ZipPackageTest() override { fs::remove_all(base_); }

  // Refused both when checked and when unpacked, and nothing lies outside.
  void expect_refused(const std::vector<ZipEntry>& entries) {
    const std::string zip = make_zip(entries);
    EXPECT_THROW(check_package(zip, kLimit), BadPackage);
    EXPECT_THROW(unpack_package(zip, folder_.string(), kLimit), BadPackage);
    EXPECT_EQ(std::distance(fs::directory_iterator(base_), fs::directory_iterator()), 1);
  }
  std::string text_of(const std::string& name) {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path base_, folder_;
};

constexpr uint32_t kLink = 0120777;

TEST_F(ZipPackageTest, FilesFoldersAndLinksWithinComeOut) {
  const std::string zip = make_zip({{"bootstrap", "run", 0100755},
                                    {"src/", "", 040755},
                                    {"src/deep/main.js", std::string(5000, 'x'), 0100600, true},
                                    {"bin/tool", "../src/deep/main.js", kLink}});
  const PackageFacts facts = check_package(zip, kLimit);
  EXPECT_TRUE(facts.has_bootstrap);
  EXPECT_EQ(facts.bytes, 3 + 5000 + 19u);
  unpack_package(zip, folder_.string(), kLimit);
  EXPECT_EQ(text_of("bootstrap"), "run");
  EXPECT_EQ(text_of("bin/tool"), std::string(5000, 'x'));
  EXPECT_EQ(fs::status(folder_ / "bootstrap").permissions(), fs::perms(0755));
}

TEST_F(ZipPackageTest, ABootstrapCountsAtTheTopOnly) {
  EXPECT_FALSE(check_package(make_zip({{"bin/bootstrap", ""}}), kLimit).has_bootstrap);
  EXPECT_FALSE(check_package(make_zip({}), kLimit).has_bootstrap);
}

TEST_F(ZipPackageTest, NamesThatLeaveTheFolderAreRefused) {
  for (const char* name : {"../x", "a/../../x", "/etc/x", "a/..", ".."}) {
    SCOPED_TRACE(name);
    expect_refused({{name, "evil"}});
  }
}

TEST_F(ZipPackageTest, LinksThatLeaveTheFolderAreRefused) {
  for (const char* target : {"..", "../x", "/etc/passwd", "a/../../x", "a/..", "./../x", ""}) {
    SCOPED_TRACE(target);
    expect_refused({{"link", target, kLink}});
  }
  expect_refused({{"a/link", "../../x", kLink}});
}

TEST_F(ZipPackageTest, NothingIsWrittenThroughALink) {
  expect_refused({{"a", "b", kLink}, {"a/x", "evil"}});
  expect_refused({{"a/x", "evil"}, {"a", "b", kLink}});
  expect_refused({{"a", "b", kLink}, {"a", "evil"}});
}

TEST_F(ZipPackageTest, DevicesAndEncryptedOdditiesAreRefused) {
  expect_refused({{"fifo", "", 0010644}});
  expect_refused({{"disk", "", 0060644}});
  expect_refused({{"", "no name"}});
}

TEST_F(ZipPackageTest, WhatUnpacksToTooMuchIsRefusedWhateverItSays) {
  const std::string large(kLimit + 1, '\0');
  EXPECT_THROW(check_package(make_zip({{"x", large, 0100644, true}}), kLimit), PackageTooLarge);
  // An archive that lies about the size is cut off or found out; it never writes beyond the limit.
  const std::string liar = make_zip({{"x", large, 0100644, true, 10}});
  EXPECT_ANY_THROW(check_package(liar, kLimit));
  EXPECT_ANY_THROW(unpack_package(liar, folder_.string(), kLimit));
  // Many small ones add up.
  const std::string half(kLimit / 2 + 1, '\0');
  EXPECT_THROW(
      check_package(make_zip({{"a", half, 0100644, true}, {"b", half, 0100644, true}}), kLimit),
      PackageTooLarge);
}

TEST_F(ZipPackageTest, ABrokenArchiveIsRefusedWhereverItBreaks) {
  const std::string zip = make_zip({{"a/b.js", "some text", 0100644, true}, {"c", "more"}});
  for (size_t size = 0; size < zip.size(); ++size) {
    EXPECT_THROW(check_package(zip.substr(0, size), kLimit), BadPackage) << size;
  }
  std::string wrong = zip;
  wrong[wrong.find("more")] = 'M';
  EXPECT_THROW(check_package(wrong, kLimit), BadPackage);
}

}  // namespace paddock::lambda::zip_package_test
