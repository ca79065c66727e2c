// Streams and shards: what they are, hash keys, sequence numbers, iterators. Pure rules.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "core/realm.hpp"

namespace paddock::services::kinesis {

// A hash key: 128 bits, as MD5 gives them.
__extension__ typedef unsigned __int128 HashKey;
inline constexpr HashKey kMostHashKey = ~HashKey{0};

// nullopt for what is no number below 2^128.
std::optional<HashKey> parse_hash_key(std::string_view decimal);
std::string hash_key_text(HashKey key);
// https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html#partition-key
HashKey hash_of(std::string_view partition_key);

// The records at positions [1, end) of a shard's log, of the hash keys [first, last].
struct Shard {
  uint32_t index = 0;
  HashKey first = 0;
  HashKey last = kMostHashKey;
  std::optional<uint32_t> parent;
  std::optional<uint32_t> adjacent_parent;
  int64_t opened_ms = 0;
  int64_t closed_ms = 0;  // 0 while it is open
  uint64_t end = 0;       // 0 while it is open

  bool open() const { return closed_ms == 0; }
  // One past the last position that a reader finds.
  uint64_t bound() const { return open() ? UINT64_MAX : end; }
};

// "shardId-000000000007"
std::string shard_id(uint32_t index);
// Takes what AWS takes: "shardId-7", "7".
std::optional<uint32_t> shard_index(std::string_view id);

// A sequence number is a decimal of 56 digits; in hex it is
//   2, 9 digits seconds when the shard was opened, the last digit of the shard's index, 16 digits
//   position, 00, 9 digits seconds when the record came, 8 digits shard's index, 2
// (found in AWS's own numbers by kinesalite), so that it rises with the position in its shard.
struct SequenceNumber {
  int64_t opened_s = 0;
  uint64_t position = 0;
  int64_t arrived_s = 0;
  uint32_t shard = 0;

  std::string text() const;
  // nullopt for a number that is none.
  static std::optional<SequenceNumber> parse(std::string_view decimal);
};

std::string sequence_number(const Shard& shard, uint64_t position, int64_t arrived_ms);
std::string starting_number(const Shard& shard);
std::string ending_number(const Shard& shard);  // of a closed one

// Everything about a stream but its records and consumers. A value: changes make a new one.
struct StreamInfo {
  RealmId realm = kNoRealm;
  std::string account;
  std::string region;
  std::string name;
  uint64_t number = 0;  // its incarnation, in the keys of its rows
  std::string id;       // StreamId
  int64_t created_ms = 0;
  int64_t retention_hours = 24;
  bool on_demand = false;
  std::string key_id;  // "" if it is not encrypted
  std::set<std::string> metrics;
  std::map<std::string, std::string> tags;
  std::string policy;
  uint64_t max_record_kib = 0;
  uint64_t warm_mibps = 0;
  int64_t mode_changed_ms = 0;
  std::vector<Shard> shards;  // by index, oldest first; those that expired are gone
  uint32_t next_shard = 0;

  std::string arn() const;
  const Shard* find(uint32_t index) const;
  // The open shard of a hash key; never none.
  const Shard& shard_of(HashKey key) const;
  size_t open_shards() const;
  Milliseconds retention() const { return Milliseconds(retention_hours * 3'600'000); }
  std::vector<const Shard*> children_of(uint32_t index) const;
  // Adds an open shard; returns its index.
  uint32_t add_shard(HashKey first, HashKey last, int64_t now_ms);
  Shard& at(uint32_t index);
};

// Splits all hash keys evenly, as CreateStream does.
void add_even_shards(StreamInfo& stream, uint64_t count, int64_t now_ms);

// The document that the stream's row holds, and back. Throws Json::exception if malformed.
Json stream_document(const StreamInfo& stream);
StreamInfo stream_of_document(const Json& document);

// A shard iterator: base64 of u64 1, then the fields below (integers big endian), the stream's
// name, and u64 a keyed hash of all before it. It names a position, so what is trimmed meanwhile
// does not concern it.
struct ShardIterator {
  RealmId realm = kNoRealm;
  uint64_t stream = 0;
  uint32_t shard = 0;
  uint64_t position = 0;
  int64_t issued_ms = 0;
  bool after_empty = false;  // it came with an answer without records
  std::string name;

  std::string text(const Seed& seed) const;
  // nullopt for text that this emulator did not make.
  static std::optional<ShardIterator> parse(std::string_view text, const Seed& seed);
};

// Where a list goes on: base64 of a document with a keyed hash before it.
std::string token_text(const Json& document, const Seed& seed);
std::optional<Json> parse_token(std::string_view text, const Seed& seed);

}  // namespace paddock::services::kinesis
