// What a stage serves, built at its first request after a change; and what it remembers until the
// next one: answers of authorizers, and cached answers of methods.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/realm.hpp"
#include "http/message.hpp"
#include "services/apigateway/compiled.hpp"
#include "services/apigateway/usage.hpp"

namespace paddock::services::apigateway {

// What the stage's settings say of one method.
struct MethodPolicy {
  Throttle throttle;
  bool caching = false;
  std::chrono::seconds cache_ttl{300};
  bool invalidation_needs_authorization = true;
  std::string unauthorized_invalidation;  // unauthorizedCacheControlHeaderStrategy
};

// Values that expire by world time, of bounded number and size: what does not fit drops the rest.
// Thread-safe.
template <class T>
class Remembered {
 public:
  explicit Remembered(size_t most_bytes) : most_bytes_(most_bytes) {}

  std::optional<T> find(const std::string& key, WorldTime now) {
    std::lock_guard lock(mutex_);
    auto found = entries_.find(key);
    if (found == entries_.end() || found->second.until <= now) return std::nullopt;
    return found->second.value;
  }
  void put(const std::string& key, T value, size_t bytes, WorldTime until) {
    std::lock_guard lock(mutex_);
    bytes += key.size() + 256;
    if (bytes > most_bytes_ / 4) return;
    if (bytes_ + bytes > most_bytes_) {
      entries_.clear();
      bytes_ = 0;
    }
    entries_.insert_or_assign(key, Entry{std::move(value), until});
    bytes_ += bytes;
  }
  void clear() {
    std::lock_guard lock(mutex_);
    entries_.clear();
    bytes_ = 0;
  }

 private:
  struct Entry {
    T value;
    WorldTime until;
  };
  const size_t most_bytes_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  size_t bytes_ = 0;  // an upper bound: replaced entries count twice
};

// What an authorizer's function said.
struct Grant {
  std::string principal;
  Json policy;
  Json context;     // values as texts
  std::string key;  // usageIdentifierKey
};

// Immutable but for its memories.
struct ServedStage {
  // `api`: the members of the model's RestApi; `canary`: nullptr if there is none.
  ServedStage(std::shared_ptr<const Realm> realm, Json api, Json stage,
              std::shared_ptr<const CompiledDeployment> main,
              std::shared_ptr<const CompiledDeployment> canary);

  const MethodPolicy& policy_of(const CompiledMethod& method) const;

  std::shared_ptr<const Realm> realm;
  Json api;
  Json stage;
  std::string api_id;
  std::string stage_name;
  std::shared_ptr<const CompiledDeployment> main;
  std::shared_ptr<const CompiledDeployment> canary;
  double canary_percent = 0;
  Json variables;  // an object
  Json canary_variables;
  Json binary_types;  // an array, or null
  Json policy;        // the resource policy, or null
  bool key_by_authorizer = false;
  bool cache_enabled = false;

  mutable Remembered<std::shared_ptr<const Grant>> grants{4 * 1024 * 1024};
  mutable Remembered<std::shared_ptr<const http::Response>> answers{64 * 1024 * 1024};

 private:
  std::unordered_map<std::string, MethodPolicy> policies_;  // by "/path METHOD"
};

}  // namespace paddock::services::apigateway
