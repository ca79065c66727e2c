// The primitives of the item byte format (item.hpp): how single parts are written, and read within
// their bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "services/dynamodb/item.hpp"

namespace paddock::services::dynamodb::item_bytes {

inline constexpr char kVersion = 1;
inline constexpr char kString = 'S';
inline constexpr char kNumber = 'N';
inline constexpr char kBinary = 'B';
inline constexpr char kTrue = 'T';
inline constexpr char kFalse = 'F';
inline constexpr char kNull = '0';
inline constexpr char kMap = 'M';
inline constexpr char kList = 'L';
inline constexpr char kStringSet = 's';
inline constexpr char kNumberSet = 'n';
inline constexpr char kBinarySet = 'b';

inline constexpr size_t kLengthBytes = 4;
inline constexpr size_t kMaxVarint = (size_t{1} << 28) - 1;

// `value` is at most kMaxVarint; throws std::length_error otherwise.
void put_varint(std::string& out, size_t value);
inline void put_bytes(std::string& out, std::string_view bytes) {
  put_varint(out, bytes.size());
  out += bytes;
}

// Leaves room for a container's length; `close` fills it in once the rest is written.
inline size_t open_container(std::string& out, char tag) {
  out += tag;
  out.append(kLengthBytes, '\0');
  return out.size();
}
void close_container(std::string& out, size_t start);

// The readers consume from the front of `in` and throw CorruptData rather than leave it.
inline std::string_view take(std::string_view& in, size_t size) {
  if (size > in.size()) throw CorruptData("item: too short");
  const std::string_view out = in.substr(0, size);
  in.remove_prefix(size);
  return out;
}
size_t take_long_varint(std::string_view& in);
inline size_t take_varint(std::string_view& in) {
  if (in.empty()) throw CorruptData("item: too short");
  const auto first = static_cast<unsigned char>(in.front());
  if (first < 0x80) {
    in.remove_prefix(1);
    return first;
  }
  return take_long_varint(in);
}
inline std::string_view take_bytes(std::string_view& in) {
  return take(in, take_varint(in));
}
// A count of elements that take at least one byte each: checked before memory is taken for them.
inline size_t take_count(std::string_view& in) {
  const size_t count = take_varint(in);
  if (count > in.size()) throw CorruptData("item: count");
  return count;
}
// The rest of a container after its length; `in` begins with the length.
std::string_view take_container(std::string_view& in);

// Bytes of the value that starts at the front of `in`; its inside is not looked at.
std::string_view take_value(std::string_view& in);

AttributeType type_of_tag(char tag);

}  // namespace paddock::services::dynamodb::item_bytes
