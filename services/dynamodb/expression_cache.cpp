#include "services/dynamodb/expression_cache.hpp"

#include <algorithm>

namespace paddock::services::dynamodb {

ExpressionCache::ExpressionCache(size_t capacity)
    : capacity_per_shard_(std::max<size_t>(1, capacity / kShards)) {}

ParsedExpressionPtr ExpressionCache::get(ExpressionKind kind, std::string_view text) {
  if (text.size() > kMaxExpressionBytes) return parse_expression(kind, text);  // throws
  std::string key;
  key.reserve(text.size() + 1);
  key += static_cast<char>(kind);
  key += text;
  Shard& shard = shards_[std::hash<std::string_view>()(key) % kShards];
  {
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.index.find(key);
    if (found != shard.index.end()) {
      shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
      return found->second->parsed;
    }
  }
  ParsedExpressionPtr parsed = parse_expression(kind, text);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.index.find(key);
  if (found != shard.index.end()) return found->second->parsed;  // another thread was faster
  if (shard.entries.size() >= capacity_per_shard_) {
    shard.index.erase(shard.entries.back().key);
    shard.entries.pop_back();
  }
  shard.entries.push_front({std::move(key), parsed});
  shard.index.emplace(shard.entries.front().key, shard.entries.begin());
  return parsed;
}

size_t ExpressionCache::size() const {
  size_t sum = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.entries.size();
  }
  return sum;
}

}  // namespace paddock::services::dynamodb
