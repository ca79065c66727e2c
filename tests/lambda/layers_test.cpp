// Layers over each other in one folder.
#include "lambda/layers.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/zip_maker.hpp"

namespace paddock::lambda {
namespace {

class LayersFolderTest : public ::testing::Test {
 protected:
  using Entries = std::vector<::paddock::testing::ZipEntry>;
  static constexpr uint32_t kLink = 0120777;  // a symbolic link's mode

  static std::shared_ptr<const CodePackage> layer(const std::string& key, const Entries& entries) {
    auto package = std::make_shared<CodePackage>();
    package->key = key;
    package->read = [zip = ::paddock::testing::make_zip(entries)] { return zip; };
    return package;
  }
  void unpack(const std::vector<Entries>& layers) {
    std::vector<std::shared_ptr<const CodePackage>> packages;
    for (const Entries& entries : layers) packages.push_back(layer("k", entries));
    std::filesystem::create_directories(folder());
    unpack_layers(packages, folder(), 1'000'000);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::string folder() const { return directory_ + "/opt"; }
  std::string text(const std::string& name) const {
    std::ifstream file(folder() + "/" + name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  const std::string directory_ =
      ::testing::TempDir() + "paddock-layers-" + std::to_string(getpid());
};

TEST_F(LayersFolderTest, FoldersAreJoinedAndLaterFilesWin) {
  unpack({{{"lib/a", "1"}, {"lib/b", "1"}}, {{"lib/b", "2"}, {"lib/deep/c", "2"}}});
  EXPECT_EQ(text("lib/a"), "1");
  EXPECT_EQ(text("lib/b"), "2");
  EXPECT_EQ(text("lib/deep/c"), "2");
  EXPECT_FALSE(std::filesystem::exists(folder() + ".layer"));
}

TEST_F(LayersFolderTest, AFileTakesTheNameOfAFolderAndTheOtherWayRound) {
  unpack({{{"a/in", "1"}, {"b", "1"}}, {{"a", "2"}, {"b/in", "2"}}});
  EXPECT_EQ(text("a"), "2");
  EXPECT_EQ(text("b/in"), "2");
}

TEST_F(LayersFolderTest, ALinkOfOneLayerIsNotFollowedForTheNext) {
  unpack({{{"real/file", "1"}, {"alias", "real", kLink}}, {{"alias/file", "2"}}});
  EXPECT_EQ(text("real/file"), "1");
  EXPECT_EQ(text("alias/file"), "2");
  EXPECT_FALSE(std::filesystem::is_symlink(folder() + "/alias"));
}

TEST_F(LayersFolderTest, TheOrderIsPartOfTheKey) {
  const auto one = layer("1", {});
  const auto two = layer("2", {});
  EXPECT_EQ(layers_key({one, two}), layers_key({one, two}));
  EXPECT_NE(layers_key({one, two}), layers_key({two, one}));
  EXPECT_NE(layers_key({one}), layers_key({one, one}));
}

}  // namespace
}  // namespace paddock::lambda
