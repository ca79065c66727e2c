// Keys are order-preserving tuples: realm id (4 bytes, big endian), kind (1 byte), then fields.
// Byte format, version 1 (test vectors in tests/storage/keys_test.cpp):
//
//   u8, u32, u64   big endian, fixed width
//   i64            big endian with the sign bit flipped
//   text           bytes with 00 written as 00 FF, ended by 00 01: "a" < "a\0" < "ab"
//   raw            bytes as they are; only as the last field, or of a fixed width
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/realm.hpp"

namespace paddock::storage {

// What a row is, within a column family. Services declare theirs in store.hpp; a test proves that
// no two declarations of one family share a value.
using Kind = uint8_t;

class Key {
 public:
  Key(RealmId realm, Kind kind);

  Key& u8(uint8_t value) &;
  Key& u32(uint32_t value) &;
  Key& u64(uint64_t value) &;
  Key& i64(int64_t value) &;
  Key& text(std::string_view value) &;
  Key& raw(std::string_view value) &;
  Key&& u8(uint8_t value) && { return std::move(u8(value)); }
  Key&& u32(uint32_t value) && { return std::move(u32(value)); }
  Key&& u64(uint64_t value) && { return std::move(u64(value)); }
  Key&& i64(int64_t value) && { return std::move(i64(value)); }
  Key&& text(std::string_view value) && { return std::move(text(value)); }
  Key&& raw(std::string_view value) && { return std::move(raw(value)); }

  const std::string& bytes() const& { return bytes_; }
  std::string bytes() && { return std::move(bytes_); }
  operator std::string_view() const { return bytes_; }

 private:
  std::string bytes_;
};

// Appends one field to a buffer, in the format above; what Key is made of.
void append_u32(std::string& out, uint32_t value);
void append_u64(std::string& out, uint64_t value);
void append_i64(std::string& out, int64_t value);
void append_text(std::string& out, std::string_view value);

// Reads the fields of a key back, in order. Throws CorruptKey if a field is cut off or malformed.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key);  // reads realm and kind

  RealmId realm() const { return realm_; }
  Kind kind() const { return kind_; }
  uint8_t u8();
  uint32_t u32();
  uint64_t u64();
  int64_t i64();
  std::string text();
  std::string_view rest();  // what is left
  bool done() const { return left_.empty(); }

 private:
  std::string_view take(size_t bytes);
  std::string_view left_;
  RealmId realm_ = kNoRealm;
  Kind kind_ = 0;
};

class CorruptKey : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The first key after every key that starts with `prefix`; empty means "no end".
std::string prefix_end(std::string_view prefix);

}  // namespace paddock::storage
