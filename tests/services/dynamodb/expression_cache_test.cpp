#include "services/dynamodb/expression_cache.hpp"

#include <thread>
#include <vector>

#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb {
namespace {

TEST(DynamoExpressionCache, ParsesATextOncePerKind) {
  ExpressionCache cache;
  const auto first = cache.get(ExpressionKind::condition, "a = :v");
  EXPECT_EQ(cache.get(ExpressionKind::condition, "a = :v"), first);
  const auto filter = cache.get(ExpressionKind::filter, "a = :v");
  EXPECT_NE(filter, first);
  EXPECT_EQ(filter->kind, ExpressionKind::filter);
  EXPECT_EQ(cache.size(), 2U);
}

TEST(DynamoExpressionCache, StaysWithinItsCapacity) {
  ExpressionCache cache(64);
  for (int i = 0; i < 1000; ++i)
    cache.get(ExpressionKind::condition, "a" + std::to_string(i) + " = :v");
  EXPECT_LE(cache.size(), 64U);
  EXPECT_GE(cache.size(), 16U);
}

TEST(DynamoExpressionCache, KeepsWhatIsUsed) {
  ExpressionCache cache(32);
  const auto hot = cache.get(ExpressionKind::condition, "hot = :v");
  for (int i = 0; i < 1000; ++i) {
    cache.get(ExpressionKind::condition, "a" + std::to_string(i) + " = :v");
    ASSERT_EQ(cache.get(ExpressionKind::condition, "hot = :v"), hot);
  }
}

TEST(DynamoExpressionCache, DoesNotKeepWhatDoesNotParse) {
  ExpressionCache cache;
  EXPECT_THROW(cache.get(ExpressionKind::condition, "a ="), AwsError);
  EXPECT_THROW(cache.get(ExpressionKind::condition, std::string(5000, 'a')), AwsError);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(DynamoExpressionCache, ServesThreadsAtOnce) {
  ExpressionCache cache(32);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&cache] {
      for (int i = 0; i < 2000; ++i) {
        const std::string name = "a" + std::to_string(i % 100);
        EXPECT_EQ(cache.get(ExpressionKind::condition, name + " = :v")->paths[0][0].name, name);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.size(), 32U);
}

}  // namespace
}  // namespace paddock::services::dynamodb
