// The material of one id: four SipHashes under the seed of
//   u8 lane 0…3, u32 realm, u64 counter (both little endian), kind (its SHA-256 if over 64 bytes)
#include "core/ids.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/digest.hpp"
#include "core/text.hpp"

namespace paddock {

namespace ids_detail {

constexpr std::string_view kRequestKind = "request";
constexpr unsigned kTakenBits = 12;
constexpr uint64_t kTakenMask = (uint64_t{1} << kTakenBits) - 1;

// What one id is made from, laid out once and hashed once per lane.
class Material {
 public:
  Material(uint32_t realm, std::string_view kind, uint64_t counter) {
    // Long kinds (an ARN) count in full, through their digest.
    const std::string digest = kind.size() > kMaxKind ? sha256(kind) : std::string();
    if (!digest.empty()) kind = digest;
    size_ = kKindAt + kind.size();
    for (size_t i = 0; i < 4; ++i) bytes_[1 + i] = static_cast<char>(realm >> (8 * i));
    for (size_t i = 0; i < 8; ++i) bytes_[5 + i] = static_cast<char>(counter >> (8 * i));
    std::memcpy(bytes_ + kKindAt, kind.data(), size_ - kKindAt);
  }
  uint64_t lane(const Seed& seed, char number) {
    bytes_[0] = number;
    return siphash(seed, std::string_view(bytes_, size_));
  }

 private:
  static constexpr size_t kKindAt = 13;
  static constexpr size_t kMaxKind = 64;
  char bytes_[kKindAt + kMaxKind];
  size_t size_;
};

uint64_t lane_of(const IdBytes& bytes, size_t number) {
  uint64_t lane;
  std::memcpy(&lane, bytes.data() + 8 * number, 8);
  return lane;
}

// Eight characters from each 64-bit lane: the bias of the remainder is below 2^-20.
std::string base36_of(const IdBytes& bytes, size_t length, const char* alphabet) {
  assert(length <= 32);
  std::string out;
  out.reserve(length);
  uint64_t lane = 0;
  for (size_t i = 0; i < std::min<size_t>(length, 32); ++i) {
    if (i % 8 == 0) lane = lane_of(bytes, i / 8);
    out += alphabet[lane % 36];
    lane /= 36;
  }
  return out;
}

// Version 4 (RFC 9562) from 128 bits.
std::string uuid_of(uint64_t high, uint64_t low) {
  high = (high & ~uint64_t{0xf000}) | 0x4000;
  low = (low & ~(uint64_t{3} << 62)) | uint64_t{2} << 62;
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out(36, '-');
  size_t at = 0;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) ++at;
    const uint64_t word = i < 16 ? high : low;
    out[at++] = kDigits[(word >> (60 - 4 * (i % 16))) & 15];
  }
  return out;
}

}  // namespace ids_detail

uint64_t MemoryCounters::reserve(uint32_t realm, std::string_view kind, uint64_t count) {
  std::lock_guard lock(mutex_);
  uint64_t& counter = counters_[{realm, std::string(kind)}];
  const uint64_t former = counter;
  counter += count;
  return former;
}

Ids::Ids(Seed seed, CounterStore& counters) : seed_(seed), counters_(counters) {}

uint64_t Ids::next_counter(uint32_t realm, std::string_view kind) {
  std::lock_guard lock(mutex_);
  Block& block = blocks_[{realm, std::string(kind)}];
  if (block.next == block.end) {
    block.next = counters_.reserve(realm, kind, kBlock);
    block.end = block.next + kBlock;
  }
  return block.next++;
}

// The store counts blocks here, not ids, so that a block's number alone tells its range.
uint64_t Ids::next_request() {
  using ids_detail::kTakenBits;
  using ids_detail::kTakenMask;
  static_assert(kBlock < kTakenMask / 2, "threads that find a block empty must not overflow it");
  for (;;) {
    const uint64_t taken = request_.fetch_add(1, std::memory_order_relaxed);
    if ((taken & kTakenMask) < kBlock) {
      return (taken >> kTakenBits) * kBlock + (taken & kTakenMask);
    }
    std::lock_guard lock(mutex_);
    if ((request_.load(std::memory_order_relaxed) & kTakenMask) < kBlock) continue;
    const uint64_t block = counters_.reserve(0, ids_detail::kRequestKind, 1);
    request_.store(block << kTakenBits, std::memory_order_relaxed);
  }
}

IdBytes Ids::next(uint32_t realm, std::string_view kind) {
  ids_detail::Material material(realm, kind, next_counter(realm, kind));
  IdBytes out;
  for (char number = 0; number < 4; ++number) {
    const uint64_t lane = material.lane(seed_, number);
    std::memcpy(out.data() + 8 * number, &lane, 8);
  }
  return out;
}

std::string Ids::uuid(uint32_t realm, std::string_view kind) {
  const IdBytes bytes = next(realm, kind);
  return ids_detail::uuid_of(ids_detail::lane_of(bytes, 0), ids_detail::lane_of(bytes, 1));
}

std::string Ids::hex(uint32_t realm, std::string_view kind, size_t digits) {
  assert(digits <= 64);
  const IdBytes bytes = next(realm, kind);
  std::string out =
      to_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  out.resize(std::min(digits, out.size()));
  return out;
}

std::string Ids::base36(uint32_t realm, std::string_view kind, size_t length) {
  return ids_detail::base36_of(next(realm, kind), length, "abcdefghijklmnopqrstuvwxyz0123456789");
}

std::string Ids::upper36(uint32_t realm, std::string_view kind, size_t length) {
  return ids_detail::base36_of(next(realm, kind), length, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

std::string Ids::request_id52() {
  constexpr const char* kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
  ids_detail::Material material(0, ids_detail::kRequestKind, next_request());
  std::string out = "00000000000000000000000000VV4KQNSO5AEMVJF66Q9ASUAAJG";
  for (char number = 0; number < 2; ++number) {
    uint64_t lane = material.lane(seed_, number);
    for (size_t i = 0; i < 13; ++i) {
      out[13 * static_cast<size_t>(number) + i] = kAlphabet[lane % 32];
      lane /= 32;
    }
  }
  return out;
}

std::string Ids::request_uuid() {
  ids_detail::Material material(0, ids_detail::kRequestKind, next_request());
  const uint64_t high = material.lane(seed_, 0);
  return ids_detail::uuid_of(high, material.lane(seed_, 1));
}

}  // namespace paddock
