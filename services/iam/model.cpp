#include "services/iam/model.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/iam/errors.hpp"

namespace paddock::services::iam {

namespace ids_of_iam {

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kKeyPrefix = "AKIA";

// An access key's 80 bits, in two halves of 8 characters each: 1 that is always set, 40 of the
// account's number (the last one in the low half), 39 that look random.
constexpr unsigned kHalfBits = 40;
constexpr uint64_t kMarker = uint64_t{1} << (kHalfBits - 1);
constexpr unsigned kRestBits = kHalfBits - 1;

uint64_t word_of(const IdBytes& bytes) {
  uint64_t word = 0;
  for (size_t i = 0; i < 8; ++i) word = word << 8 | bytes[i];
  return word;
}

}  // namespace ids_of_iam

std::string role_arn(std::string_view account, std::string_view path, std::string_view name) {
  return make_arn("iam", "", account, "role" + std::string(path) + std::string(name));
}

std::string user_arn(std::string_view account, std::string_view path, std::string_view name) {
  return make_arn("iam", "", account, "user" + std::string(path) + std::string(name));
}

std::string unique_id(std::string_view prefix, const IdBytes& bytes) {
  std::string out(prefix);
  for (size_t i = 0; i < 17; ++i) out += ids_of_iam::kBase32[bytes[i] % 32];
  return out;
}

std::string access_key_id(std::string_view account, const IdBytes& bytes) {
  using ids_of_iam::kBase32, ids_of_iam::kKeyPrefix, ids_of_iam::kMarker, ids_of_iam::kRestBits;
  uint64_t number = 0;
  std::from_chars(account.data(), account.data() + account.size(), number);
  const uint64_t rest = ids_of_iam::word_of(bytes) & ((uint64_t{1} << kRestBits) - 1);
  const uint64_t high = kMarker | number >> 1;
  const uint64_t low = (number & 1) << kRestBits | rest;
  std::string out(kKeyPrefix);
  for (const uint64_t half : {high, low}) {
    for (int shift = 35; shift >= 0; shift -= 5) out += kBase32[half >> shift & 31];
  }
  return out;
}

std::optional<std::string> account_of_access_key(std::string_view access_key) {
  using ids_of_iam::kBase32, ids_of_iam::kKeyPrefix, ids_of_iam::kMarker, ids_of_iam::kRestBits;
  constexpr size_t kKeyCharacters = 16;
  if (access_key.size() != kKeyPrefix.size() + kKeyCharacters ||
      access_key.substr(0, kKeyPrefix.size()) != kKeyPrefix) {
    return std::nullopt;
  }
  uint64_t halves[2] = {0, 0};
  for (size_t i = 0; i < kKeyCharacters; ++i) {
    const size_t digit = kBase32.find(access_key[kKeyPrefix.size() + i]);
    if (digit == std::string_view::npos) return std::nullopt;
    halves[i / 8] = halves[i / 8] << 5 | digit;
  }
  if ((halves[0] & kMarker) == 0) return std::nullopt;
  const uint64_t number = (halves[0] & (kMarker - 1)) << 1 | halves[1] >> kRestBits;
  if (number > 999'999'999'999) return std::nullopt;
  const std::string digits = std::to_string(number);
  return std::string(12 - digits.size(), '0') + digits;
}

std::string secret_access_key(const IdBytes& bytes) {
  return to_base64(std::string_view(reinterpret_cast<const char*>(bytes.data()), 30));
}

void check_tags(const std::vector<Tag>& tags) {
  std::set<std::string> keys;
  for (const Tag& tag : tags) {
    if (!keys.insert(to_lower(tag.key)).second) throw errors::duplicate_tags();
  }
}

size_t policy_size(std::string_view document) {
  return static_cast<size_t>(std::count_if(document.begin(), document.end(), [](char c) {
    return c != ' ' && c != '\t' && c != '\n' && c != '\r';
  }));
}

}  // namespace paddock::services::iam
