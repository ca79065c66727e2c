// One source of ids (DESIGN 4.3): an id is a keyed function of (seed, realm, kind, counter). The
// counter is durable in reserved blocks, so that neither a restart nor another realm's traffic
// repeats or changes an id.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "core/random.hpp"

namespace paddock {

// Reserves counters durably. Implemented by storage.
class CounterStore {
 public:
  virtual ~CounterStore() = default;
  // Moves the durable counter of (realm, kind) forward by `count`; returns its former value. What
  // it returned is never returned again, also after kill -9.
  virtual uint64_t reserve(uint32_t realm, std::string_view kind, uint64_t count) = 0;
};

// Counters for tests and tools: in memory only. Thread-safe.
class MemoryCounters : public CounterStore {
 public:
  uint64_t reserve(uint32_t realm, std::string_view kind, uint64_t count) override;

 private:
  std::mutex mutex_;
  std::map<std::pair<uint32_t, std::string>, uint64_t> counters_;
};

// 32 bytes that look random: the raw material of one id.
using IdBytes = std::array<unsigned char, 32>;

// Thread-safe. May write a reservation row (once in 1,024 ids of a kind).
class Ids {
 public:
  Ids(Seed seed, CounterStore& counters);

  // The next id of `kind` ("request", "lambda-version" …) in `realm` (0: the emulator's own).
  IdBytes next(uint32_t realm, std::string_view kind);

  // Forms of `next`, as AWS writes them.
  std::string uuid(uint32_t realm, std::string_view kind);                // 8-4-4-4-12, version 4
  std::string hex(uint32_t realm, std::string_view kind, size_t digits);  // at most 64
  std::string base36(uint32_t realm, std::string_view kind, size_t length);   // a-z0-9, at most 32
  std::string upper36(uint32_t realm, std::string_view kind, size_t length);  // A-Z0-9, at most 32

  // x-amzn-requestid in DynamoDB's form: 52 characters of base 32 (0-9A-V), of which the last 26
  // are the same in every id, as AWS's are. Restarts do not repeat it. No lock but once in 1,024.
  std::string request_id52();
  // x-amzn-requestid of most services: a UUID. As cheap.
  std::string request_uuid();

  const Seed& seed() const { return seed_; }

 private:
  struct Block {
    uint64_t next = 0;
    uint64_t end = 0;
  };
  uint64_t next_counter(uint32_t realm, std::string_view kind);
  uint64_t next_request();

  static constexpr uint64_t kBlock = 1024;  // counters reserved at a time

  const Seed seed_;
  CounterStore& counters_;
  // Number of the request block in force (high 52 bits) and how many of its counters are taken (low
  // 12): one word, so that a counter can never be taken from a block that was just replaced.
  std::atomic<uint64_t> request_{kBlock};
  std::mutex mutex_;
  std::map<std::pair<uint32_t, std::string>, Block, std::less<>> blocks_;
};

}  // namespace paddock
