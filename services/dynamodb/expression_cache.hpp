// Parsed expressions by kind and text. Applications send few different expressions many times.
#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "services/dynamodb/expression.hpp"

namespace paddock::services::dynamodb {

// Thread-safe: shards with a lock each, the least recently used entry leaves a full shard. Texts
// that do not parse are not kept.
class ExpressionCache {
 public:
  // `capacity` expressions in all, at least one per shard; bounded memory, since an expression has
  // at most 4 KB of text.
  explicit ExpressionCache(size_t capacity = 4096);
  ExpressionCache(const ExpressionCache&) = delete;
  ExpressionCache& operator=(const ExpressionCache&) = delete;

  // The parsed form, parsing at first use. Throws what parse_expression throws.
  ParsedExpressionPtr get(ExpressionKind kind, std::string_view text);

  size_t size() const;

 private:
  static constexpr size_t kShards = 16;

  struct Entry {
    std::string key;  // kind byte, text
    ParsedExpressionPtr parsed;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> entries;  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> index;
  };

  size_t capacity_per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace paddock::services::dynamodb
