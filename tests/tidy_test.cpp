// The rules of the design that a program can check, over the source text of the whole tree.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

struct Source {
  std::string path;  // "emulator/http/server.cpp"
  std::vector<std::string> lines;

  std::string folder() const { return path.substr(0, path.rfind('/')); }
};

bool is_source(const fs::path& path) {
  auto extension = path.extension();
  return extension == ".cpp" || extension == ".hpp" || extension == ".h";
}

std::vector<Source> sources_below(const std::vector<std::string>& roots) {
  std::vector<Source> sources;
  for (const auto& root : roots) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(PADDOCK_SOURCE_DIR) / root)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      Source source;
      source.path = fs::relative(entry.path(), PADDOCK_SOURCE_DIR).string();
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) source.lines.push_back(line);
      sources.push_back(std::move(source));
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const Source& a, const Source& b) { return a.path < b.path; });
  return sources;
}

std::vector<Source> product() {
  return sources_below({"emulator", "services", "lambdas"});
}

std::string without_comment(const std::string& line) {
  size_t comment = line.find("//");
  return comment == std::string::npos ? line : line.substr(0, comment);
}

// The first two parts of a path below emulator/ or services/: "emulator/http", "services/iam".
std::string unit_of(const std::string& path) {
  size_t first = path.find('/');
  size_t second = path.find('/', first + 1);
  return second == std::string::npos ? path.substr(0, first) : path.substr(0, second);
}

// What an #include "…" of ours names, as a path of the tree; "" for others.
std::string included(const std::string& line) {
  static const std::regex kInclude(R"re(^\s*#\s*include\s+"([^"]+)")re");
  std::smatch match;
  if (!std::regex_search(line, match, kInclude)) return "";
  std::string name = match[1];
  if (fs::exists(fs::path(PADDOCK_SOURCE_DIR) / "emulator" / name)) return "emulator/" + name;
  if (fs::exists(fs::path(PADDOCK_SOURCE_DIR) / name)) return name;
  return "";
}

void expect_nowhere(const std::vector<Source>& sources, const std::regex& pattern,
                    const std::string& rule, const std::function<bool(const Source&)>& allowed) {
  for (const auto& source : sources) {
    if (allowed(source)) continue;
    for (size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_FALSE(std::regex_search(without_comment(source.lines[i]), pattern))
          << source.path << ":" << i + 1 << ": " << rule << ": " << source.lines[i];
    }
  }
}

TEST(Tidy, DependenciesPointOneWay) {
  // What each layer of the emulator may include, beside itself.
  const std::map<std::string, std::set<std::string>> kMay{
      {"emulator/core", {}},
      {"emulator/storage", {"emulator/core"}},
      {"emulator/http", {"emulator/core"}},
      {"emulator/wire", {"emulator/core", "emulator/http"}},
      {"emulator/identity", {"emulator/core", "emulator/http"}},
      {"emulator/events", {"emulator/core", "emulator/storage"}},
      {"emulator/lambda", {"emulator/core", "emulator/http", "emulator/events"}},
      {"emulator/gateway",
       {"emulator/core", "emulator/storage", "emulator/http", "emulator/wire", "emulator/identity",
        "emulator/events", "emulator/lambda", "emulator"}},
      {"emulator/control",
       {"emulator/core", "emulator/storage", "emulator/http", "emulator/wire", "emulator/events",
        "emulator/lambda", "emulator/gateway", "emulator"}},
  };
  for (const auto& source : product()) {
    auto may = kMay.find(unit_of(source.path));
    if (may == kMay.end()) continue;
    for (const auto& line : source.lines) {
      std::string target = included(line);
      if (target.empty()) continue;
      std::string unit = unit_of(target);
      // The options are the one header of the root that layers read.
      if (unit == "emulator" || target == "emulator/options.hpp") unit = "emulator";
      EXPECT_TRUE(unit == may->first || may->second.count(unit))
          << source.path << " must not include " << target;
    }
  }
}

TEST(Tidy, OnlyMainLooksUpToTheServices) {
  for (const auto& source : sources_below({"emulator"})) {
    if (source.path == "emulator/main.cpp") continue;
    for (const auto& line : source.lines) {
      EXPECT_FALSE(included(line).starts_with("services/")) << source.path << ": " << line;
    }
  }
}

TEST(Tidy, NoServiceIncludesAnother) {
  for (const auto& source : sources_below({"services"})) {
    if (source.path.starts_with("services/all.")) continue;
    for (const auto& line : source.lines) {
      std::string target = included(line);
      if (!target.starts_with("services/")) continue;
      EXPECT_EQ(unit_of(target), unit_of(source.path)) << source.path << ": " << line;
    }
  }
}

TEST(Tidy, ClocksAreReadInCoreClockOnly) {
  expect_nowhere(product(),
                 std::regex(R"((system_clock|steady_clock|high_resolution_clock)::now|)"
                            R"(\bgettimeofday\b|\bclock_gettime\b|\btime\((nullptr|NULL|0)\))"),
                 "reads a clock", [](const Source& source) {
                   return source.path.starts_with("emulator/core/clock.") ||
                          // Runs outside the emulator as well, where there is no clock of ours.
                          source.path == "lambdas/sdk/bootstrap.cpp" ||
                          source.path == "emulator/lambda/runtime.cpp";
                 });
}

TEST(Tidy, BeastStaysInHttp) {
  expect_nowhere(product(), std::regex(R"(boost/beast|boost::beast|nghttp2)"), "uses Beast",
                 [](const Source& source) { return source.folder() == "emulator/http"; });
}

TEST(Tidy, BeastIsIncludedByNoPublicHeader) {
  for (const auto& source : sources_below({"emulator", "services"})) {
    if (source.folder() == "emulator/http" || !source.path.ends_with(".hpp")) continue;
    for (const auto& line : source.lines) {
      EXPECT_EQ(line.find("boost/beast"), std::string::npos) << source.path << ": " << line;
    }
  }
}

TEST(Tidy, RocksDbStaysInStorage) {
  expect_nowhere(product(), std::regex(R"(rocksdb/|rocksdb::)"), "uses RocksDB",
                 [](const Source& source) { return source.folder() == "emulator/storage"; });
}

TEST(Tidy, CoroutinesKeepTheCompilersRules) {
  // GCC 12 frees aggregate temporaries of a co_await expression twice: name a local first.
  expect_nowhere(product(), std::regex(R"(co_await\s[^;{]*\{[^}]*\})"), "braces inside co_await",
                 [](const Source&) { return false; });
  // A coroutine must take values: a view of a temporary is gone when it resumes.
  expect_nowhere(product(), std::regex(R"(\bTask<[^;=]*>\s+[\w:]+\([^)]*std::string_view)"),
                 "a coroutine takes a string_view", [](const Source&) { return false; });
}

TEST(Tidy, NoGlobalsThatChange) {
  expect_nowhere(
      product(),
      std::regex(R"(^(static\s+)?(inline\s+)?(thread_local\s+)?std::(atomic|map|)"
                 R"(unordered_map|vector|string|mutex|shared_mutex)\b[^()]*\b\w+(;|\{|\s*=))"),
      "a global that changes", [](const Source&) { return false; });
}

TEST(Tidy, KeyKindsHaveOneOwner) {
  const std::regex kKind(R"(constexpr (?:storage::)?Kind (k\w+) = (0x[0-9A-Fa-f]+))");
  std::map<std::string, std::map<int, std::string>> kinds;  // of each folder
  std::map<int, std::string> shared;                        // of the emulator, in every realm
  for (const auto& source : product()) {
    std::string unit = unit_of(source.path);
    for (const auto& line : source.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, kKind)) continue;
      int value = std::stoi(match[2], nullptr, 16);
      if (source.path == "emulator/storage/system_kinds.hpp") continue;  // of the system realm
      auto [former, fresh] = kinds[unit].emplace(value, match[1]);
      EXPECT_TRUE(fresh) << source.path << ": " << match[1] << " and " << former->second
                         << " share " << match[2];
      if (unit.starts_with("emulator")) {
        auto [other, alone] = shared.emplace(value, match[1]);
        EXPECT_TRUE(alone) << source.path << ": " << match[1] << " and " << other->second;
      } else {
        EXPECT_LT(value, 0x80) << source.path << ": " << match[1]
                               << ": kinds from 0x80 on belong to the emulator";
      }
    }
  }
  EXPECT_FALSE(kinds.empty());
  for (const auto& [value, name] : shared) EXPECT_GE(value, 0x80) << name;
}

TEST(Tidy, LinesAndFilesKeepTheirSize) {
  for (const auto& source : sources_below({"emulator", "services", "lambdas", "tests"})) {
    EXPECT_LE(source.lines.size(), 650u) << source.path << " is more than a sitting";
    for (size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      auto continuation = [](unsigned char c) { return (c & 0xC0) == 0x80; };
      size_t columns = line.size() - std::count_if(line.begin(), line.end(), continuation);
      bool unbreakable =
          line.find("http") != std::string::npos || line.find("R\"") != std::string::npos;
      EXPECT_TRUE(columns <= 100 || unbreakable) << source.path << ":" << i + 1;
    }
  }
}

TEST(Tidy, HeadersAreIncludedOnce) {
  for (const auto& source : sources_below({"emulator", "services", "lambdas", "tests"})) {
    if (source.path.ends_with(".cpp")) continue;
    bool once = std::any_of(source.lines.begin(), source.lines.end(),
                            [](const std::string& line) { return line == "#pragma once"; });
    EXPECT_TRUE(once) << source.path;
  }
}

TEST(Tidy, NothingIsLeftForLater) {
  expect_nowhere(product(), std::regex(R"(\b(TODO|FIXME|XXX|HACK)\b)"), "left for later",
                 [](const Source&) { return false; });
  for (const auto& source : product()) {
    for (const auto& line : source.lines) {
      EXPECT_EQ(line.find("TODO"), std::string::npos) << source.path << ": " << line;
    }
  }
}

TEST(Tidy, EveryKindOfRowHasANumberOfItsOwn) {
  static const std::regex kKind(R"(\bKind (k\w+) = 0x([0-9A-Fa-f]+);)");
  std::map<int, std::string> owners;
  for (const auto& source : product()) {
    for (const auto& line : source.lines) {
      std::smatch match;
      if (!std::regex_search(line, match, kKind)) continue;
      const std::string owner = source.path + " " + match[1].str();
      const auto [place, added] = owners.emplace(std::stoi(match[2], nullptr, 16), owner);
      EXPECT_TRUE(added) << owner << " has the number of " << place->second;
    }
  }
  EXPECT_GT(owners.size(), 50u);
}

TEST(Tidy, EveryServiceLooksAlike) {
  for (const auto& entry : fs::directory_iterator(fs::path(PADDOCK_SOURCE_DIR) / "services")) {
    if (!entry.is_directory()) continue;
    for (const char* file : {"service.hpp", "service.cpp", "model.hpp", "store.hpp", "store.cpp",
                             "errors.hpp", "limits.hpp", "README.md", "CMakeLists.txt"}) {
      EXPECT_TRUE(fs::exists(entry.path() / file)) << entry.path() << " lacks " << file;
    }
  }
}

}  // namespace
