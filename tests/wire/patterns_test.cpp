#include "wire/patterns.hpp"

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/json.hpp"

namespace paddock::wire {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  return Pattern(pattern).matches(text);
}

TEST(Patterns, OfAllModelsAreSupported) {
  size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(MODELS)) {
    if (file.path().extension() != ".json") continue;
    std::ifstream stream(file.path());
    const Json model = Json::parse(stream);
    for (const auto& [name, shape] : model.at("shapes").items()) {
      if (!shape.contains("pattern")) continue;
      seen++;
      EXPECT_TRUE(Pattern(shape.at("pattern").get<std::string>()).supported())
          << file.path() << " " << name;
    }
  }
  EXPECT_GT(seen, 100u);
}

TEST(Patterns, MatchTheWholeText) {
  EXPECT_TRUE(matches("[a-zA-Z0-9_.-]+", "a-b_c.9"));
  EXPECT_FALSE(matches("[a-zA-Z0-9_.-]+", "a/b"));
  EXPECT_FALSE(matches("[a-z]", "ab"));
  EXPECT_FALSE(matches("a|b", "ab"));
  EXPECT_FALSE(matches("[a-z]+", ""));
}

TEST(Patterns, TakeADashThatCannotBeARangeAsItself) {
  EXPECT_TRUE(matches("[a-zA-Z0-9-_]+", "a-b_c"));
  EXPECT_TRUE(matches("[\\w-]+", "a-b"));
  EXPECT_TRUE(matches("[-a-z]+", "-a"));
  EXPECT_FALSE(matches("[a-z-_]+", "`"));
}

TEST(Patterns, ReadJavasEscapes) {
  EXPECT_TRUE(matches("[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", "\té\n"));
  EXPECT_FALSE(matches("[\\u0020-\\u007E]+", "é"));
  EXPECT_FALSE(matches("[\\u0020-\\u007E]+", "\t"));
  EXPECT_TRUE(matches("\\u002Fa", "/a"));
  EXPECT_TRUE(matches("[\\x21-\\x7E]+", "!~"));
}

TEST(Patterns, ReadProperties) {
  EXPECT_TRUE(matches("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+", "Ünïcode 9 値"));
  EXPECT_FALSE(matches("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+", "a#"));
  EXPECT_TRUE(matches("\\p{ASCII}*", "abc"));
  EXPECT_FALSE(matches("\\p{ASCII}*", "é"));
  EXPECT_TRUE(matches("[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+", "a$1!]"));
  EXPECT_FALSE(matches("[\\p{P}]+", "$"));
}

TEST(Patterns, CountCharactersAndNotBytes) {
  EXPECT_TRUE(matches(".{3}", "é値\xF0\x9F\x90\xB4"));
  EXPECT_FALSE(matches(".{4}", "é値\xF0\x9F\x90\xB4"));
}

TEST(Patterns, LookAround) {
  EXPECT_FALSE(matches("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "2024"));
  EXPECT_TRUE(matches("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "2024a"));
  EXPECT_FALSE(matches("[0-9A-Za-z\\.\\-_]*(?<!\\.)", "a."));
}

TEST(Patterns, SurviveHostileTexts) {
  EXPECT_FALSE(matches("(a+)+b", std::string(5000, 'a')));
  EXPECT_TRUE(matches("[a-z]*", std::string(Pattern::kMaxText + 1, '1')));
  EXPECT_FALSE(matches("[a-z]*", std::string(Pattern::kMaxText, '1')));
}

TEST(Patterns, ThatBoostLacksAcceptEverything) {
  const Pattern pattern("\\p{Sparkle}");
  EXPECT_FALSE(pattern.supported());
  EXPECT_TRUE(pattern.matches("x"));
}

TEST(Patterns, AreSharedByThreads) {
  Patterns patterns;
  std::vector<std::thread> threads;
  std::vector<const Pattern*> seen(8);
  for (size_t i = 0; i < seen.size(); i++) {
    threads.emplace_back([&, i] { seen[i] = &patterns.get("[a-z]+"); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Pattern* pattern : seen) EXPECT_EQ(pattern, seen[0]);
  EXPECT_TRUE(seen[0]->matches("abc"));
}

}  // namespace
}  // namespace paddock::wire
