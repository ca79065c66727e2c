#include "services/kinesis/model.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/arn.hpp"
#include "core/digest.hpp"
#include "core/text.hpp"
#include "storage/keys.hpp"

namespace paddock::services::kinesis {

namespace numbers {

constexpr std::string_view kHex = "0123456789abcdef";

// Numbers of up to 256 bits, least part first: enough for 47 hex digits.
using Wide = std::array<uint32_t, 8>;

// value * by + add; false if that is too large.
bool multiply_add(Wide& value, uint32_t by, uint32_t add) {
  uint64_t carry = add;
  for (uint32_t& part : value) {
    carry += uint64_t{part} * by;
    part = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  return carry == 0;
}

uint32_t divide(Wide& value, uint32_t by) {
  uint64_t rest = 0;
  for (size_t i = value.size(); i-- > 0;) {
    rest = rest << 32 | value[i];
    value[i] = static_cast<uint32_t>(rest / by);
    rest %= by;
  }
  return static_cast<uint32_t>(rest);
}

bool is_zero(const Wide& value) {
  return std::all_of(value.begin(), value.end(), [](uint32_t part) { return part == 0; });
}

std::string decimal(Wide value) {
  std::string text;
  while (!is_zero(value)) {
    uint32_t part = divide(value, 1'000'000'000);
    for (int i = 0; i < 9; ++i, part /= 10) text += static_cast<char>('0' + part % 10);
  }
  while (text.size() > 1 && text.back() == '0') text.pop_back();
  if (text.empty()) text = "0";
  std::reverse(text.begin(), text.end());
  return text;
}

std::optional<Wide> from_decimal(std::string_view text) {
  if (text.empty() || text.size() > 70) return std::nullopt;
  Wide value{};
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    if (!multiply_add(value, 10, static_cast<uint32_t>(c - '0'))) return std::nullopt;
  }
  return value;
}

void append_hex(std::string& out, uint64_t value, size_t digits) {
  for (size_t i = digits; i-- > 0;) out += kHex[value >> (4 * i) & 15];
}

uint64_t hex_value(std::string_view hex) {
  uint64_t value = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
  return value;
}

uint64_t big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

constexpr size_t kHexDigits = 47;
constexpr uint64_t kLastPosition = 0x7fffffffffffffffULL;  // AWS's, in numbers of shards' ends
constexpr int64_t kMostSeconds = 16'025'175'000;

}  // namespace numbers

std::optional<HashKey> parse_hash_key(std::string_view decimal) {
  if (decimal.empty() || decimal.size() > 39) return std::nullopt;
  HashKey key = 0;
  for (const char c : decimal) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<unsigned>(c - '0');
    if (key > (kMostHashKey - digit) / 10) return std::nullopt;
    key = key * 10 + digit;
  }
  return key;
}

std::string hash_key_text(HashKey key) {
  std::string text;
  do {
    text += static_cast<char>('0' + static_cast<int>(key % 10));
    key /= 10;
  } while (key != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

HashKey hash_of(std::string_view partition_key) {
  HashKey key = 0;
  for (const char c : md5(partition_key)) key = key << 8 | static_cast<unsigned char>(c);
  return key;
}

std::string shard_id(uint32_t index) {
  const std::string digits = std::to_string(index);
  return "shardId-" + std::string(12 - digits.size(), '0') + digits;
}

std::optional<uint32_t> shard_index(std::string_view id) {
  const size_t dash = id.find('-');
  if (dash != std::string_view::npos) id = id.substr(dash + 1, id.find('-', dash + 1) - dash - 1);
  uint32_t index = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), index);
  if (error != std::errc() || end != id.data() + id.size() || index > 0x7fffffff) {
    return std::nullopt;
  }
  return index;
}

std::string SequenceNumber::text() const {
  std::string hex = "2";
  numbers::append_hex(hex, static_cast<uint64_t>(opened_s), 9);
  numbers::append_hex(hex, shard, 1);
  numbers::append_hex(hex, position, 16);
  hex += "00";
  numbers::append_hex(hex, static_cast<uint64_t>(arrived_s), 9);
  numbers::append_hex(hex, shard, 8);
  hex += '2';
  numbers::Wide value{};
  for (const char c : hex) {
    numbers::multiply_add(value, 16, static_cast<uint32_t>(numbers::kHex.find(c)));
  }
  return numbers::decimal(value);
}

std::optional<SequenceNumber> SequenceNumber::parse(std::string_view decimal) {
  std::optional<numbers::Wide> value = numbers::from_decimal(decimal);
  if (!value) return std::nullopt;
  std::string reversed;
  for (size_t i = 0; i < numbers::kHexDigits; ++i) {
    reversed += numbers::kHex[numbers::divide(*value, 16)];
  }
  const std::string hex(reversed.rbegin(), reversed.rend());
  if (!numbers::is_zero(*value) || hex.front() != '2' || hex.back() != '2') return std::nullopt;
  const std::string_view digits = hex;
  SequenceNumber number;
  number.opened_s = static_cast<int64_t>(numbers::hex_value(digits.substr(1, 9)));
  number.position = numbers::hex_value(digits.substr(11, 16));
  number.arrived_s = static_cast<int64_t>(numbers::hex_value(digits.substr(29, 9)));
  const uint64_t shard = numbers::hex_value(digits.substr(38, 8));
  if (number.opened_s >= numbers::kMostSeconds || number.position > numbers::kLastPosition ||
      shard > 0x7fffffff) {
    return std::nullopt;
  }
  number.shard = static_cast<uint32_t>(shard);
  return number;
}

std::string sequence_number(const Shard& shard, uint64_t position, int64_t arrived_ms) {
  SequenceNumber number;
  number.opened_s = shard.opened_ms / 1000;
  number.position = position;
  number.arrived_s = arrived_ms / 1000;
  number.shard = shard.index;
  return number.text();
}

std::string starting_number(const Shard& shard) {
  return sequence_number(shard, 0, shard.opened_ms);
}

std::string ending_number(const Shard& shard) {
  return sequence_number(shard, numbers::kLastPosition, shard.closed_ms);
}

std::string StreamInfo::arn() const {
  return make_arn("kinesis", region, account, "stream/" + name);
}

const Shard* StreamInfo::find(uint32_t index) const {
  const auto found =
      std::lower_bound(shards.begin(), shards.end(), index,
                       [](const Shard& shard, uint32_t wanted) { return shard.index < wanted; });
  return found == shards.end() || found->index != index ? nullptr : &*found;
}

Shard& StreamInfo::at(uint32_t index) {
  return const_cast<Shard&>(*find(index));
}

const Shard& StreamInfo::shard_of(HashKey key) const {
  const auto found = std::find_if(shards.begin(), shards.end(), [key](const Shard& shard) {
    return shard.open() && shard.first <= key && key <= shard.last;
  });
  return *found;
}

size_t StreamInfo::open_shards() const {
  return static_cast<size_t>(
      std::count_if(shards.begin(), shards.end(), [](const Shard& s) { return s.open(); }));
}

std::vector<const Shard*> StreamInfo::children_of(uint32_t index) const {
  std::vector<const Shard*> children;
  for (const Shard& shard : shards) {
    if (shard.parent == index || shard.adjacent_parent == index) children.push_back(&shard);
  }
  return children;
}

uint32_t StreamInfo::add_shard(HashKey first, HashKey last, int64_t now_ms) {
  Shard shard;
  shard.index = next_shard++;
  shard.first = first;
  shard.last = last;
  shard.opened_ms = now_ms;
  shards.push_back(shard);
  return shard.index;
}

void add_even_shards(StreamInfo& stream, uint64_t count, int64_t now_ms) {
  // 2^128 / count, which does not fit if count is 1.
  const HashKey span = count == 1 ? 0 : kMostHashKey / count + (kMostHashKey % count == count - 1);
  for (uint64_t i = 0; i < count; ++i) {
    stream.add_shard(span * i, i + 1 == count ? kMostHashKey : span * (i + 1) - 1, now_ms);
  }
}

Json stream_document(const StreamInfo& stream) {
  Json shards = Json::array();
  for (const Shard& shard : stream.shards) {
    Json parents = Json::array();
    if (shard.parent) parents.push_back(*shard.parent);
    if (shard.adjacent_parent) parents.push_back(*shard.adjacent_parent);
    shards.push_back(
        Json::array({shard.index, hash_key_text(shard.first), hash_key_text(shard.last),
                     std::move(parents), shard.opened_ms, shard.closed_ms, shard.end}));
  }
  return {{"account", stream.account},
          {"region", stream.region},
          {"name", stream.name},
          {"number", stream.number},
          {"id", stream.id},
          {"created", stream.created_ms},
          {"retention", stream.retention_hours},
          {"on_demand", stream.on_demand},
          {"key", stream.key_id},
          {"metrics", stream.metrics},
          {"tags", stream.tags},
          {"policy", stream.policy},
          {"max_record", stream.max_record_kib},
          {"warm", stream.warm_mibps},
          {"mode_changed", stream.mode_changed_ms},
          {"next_shard", stream.next_shard},
          {"shards", std::move(shards)}};
}

StreamInfo stream_of_document(const Json& document) {
  StreamInfo stream;
  document.at("account").get_to(stream.account);
  document.at("region").get_to(stream.region);
  document.at("name").get_to(stream.name);
  document.at("number").get_to(stream.number);
  document.at("id").get_to(stream.id);
  document.at("created").get_to(stream.created_ms);
  document.at("retention").get_to(stream.retention_hours);
  document.at("on_demand").get_to(stream.on_demand);
  document.at("key").get_to(stream.key_id);
  document.at("metrics").get_to(stream.metrics);
  document.at("tags").get_to(stream.tags);
  document.at("policy").get_to(stream.policy);
  document.at("max_record").get_to(stream.max_record_kib);
  document.at("warm").get_to(stream.warm_mibps);
  document.at("mode_changed").get_to(stream.mode_changed_ms);
  document.at("next_shard").get_to(stream.next_shard);
  for (const Json& row : document.at("shards")) {
    Shard shard;
    row.at(0).get_to(shard.index);
    shard.first = parse_hash_key(row.at(1).get_ref<const std::string&>()).value();
    shard.last = parse_hash_key(row.at(2).get_ref<const std::string&>()).value();
    const Json& parents = row.at(3);
    if (!parents.empty()) shard.parent = parents[0].get<uint32_t>();
    if (parents.size() > 1) shard.adjacent_parent = parents[1].get<uint32_t>();
    row.at(4).get_to(shard.opened_ms);
    row.at(5).get_to(shard.closed_ms);
    row.at(6).get_to(shard.end);
    stream.shards.push_back(shard);
  }
  return stream;
}

std::string ShardIterator::text(const Seed& seed) const {
  std::string bytes;
  storage::append_u64(bytes, 1);
  storage::append_u32(bytes, realm);
  storage::append_u64(bytes, stream);
  storage::append_u32(bytes, shard);
  storage::append_u64(bytes, position);
  storage::append_u64(bytes, static_cast<uint64_t>(issued_ms));
  bytes += after_empty ? '\1' : '\0';
  bytes += name;
  storage::append_u64(bytes, siphash(seed, bytes));
  return to_base64(bytes);
}

std::optional<ShardIterator> ShardIterator::parse(std::string_view text, const Seed& seed) {
  constexpr size_t kFixed = 8 + 4 + 8 + 4 + 8 + 8 + 1;
  const std::optional<std::string> decoded = from_base64(text);
  if (!decoded || decoded->size() <= kFixed + 8) return std::nullopt;
  const std::string_view bytes = *decoded;
  const std::string_view signed_part = bytes.substr(0, bytes.size() - 8);
  if (numbers::big_endian(bytes.substr(0, 8)) != 1 ||
      numbers::big_endian(bytes.substr(bytes.size() - 8)) != siphash(seed, signed_part)) {
    return std::nullopt;
  }
  ShardIterator iterator;
  iterator.realm = static_cast<RealmId>(numbers::big_endian(bytes.substr(8, 4)));
  iterator.stream = numbers::big_endian(bytes.substr(12, 8));
  iterator.shard = static_cast<uint32_t>(numbers::big_endian(bytes.substr(20, 4)));
  iterator.position = numbers::big_endian(bytes.substr(24, 8));
  iterator.issued_ms = static_cast<int64_t>(numbers::big_endian(bytes.substr(32, 8)));
  iterator.after_empty = bytes[40] != '\0';
  iterator.name = signed_part.substr(kFixed);
  return iterator;
}

std::string token_text(const Json& document, const Seed& seed) {
  const std::string text = document.dump();
  std::string bytes;
  storage::append_u64(bytes, siphash(seed, text));
  return to_base64(bytes + text);
}

std::optional<Json> parse_token(std::string_view text, const Seed& seed) {
  const std::optional<std::string> bytes = from_base64(text);
  if (!bytes || bytes->size() <= 8) return std::nullopt;
  const std::string_view document = std::string_view(*bytes).substr(8);
  if (numbers::big_endian(std::string_view(*bytes).substr(0, 8)) != siphash(seed, document)) {
    return std::nullopt;
  }
  return Json::parse(document);
}

}  // namespace paddock::services::kinesis
