#include "services/dynamodb/trail_rows.hpp"

#include "storage/keys.hpp"

namespace paddock::services::dynamodb {

namespace trail_rows {

constexpr uint8_t kVersion = 1;
constexpr int64_t kLastSecond = 253'402'300'799;  // of the year 9999

uint64_t take_unsigned(std::string_view& in, size_t bytes) {
  if (in.size() < bytes) throw CorruptData("a trail's row is cut off");
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(bytes);
  return value;
}

void check_version(std::string_view& in) {
  if (take_unsigned(in, 1) != kVersion) throw CorruptData("a trail's row has an unknown version");
}

}  // namespace trail_rows

std::optional<int64_t> expiry_of(ItemView item, std::string_view attribute) {
  const auto value = item.find(attribute);
  if (!value || !value->is(AttributeType::number)) return std::nullopt;
  const Number number = value->number();
  if (number.negative() || number > Number(trail_rows::kLastSecond)) return std::nullopt;
  if (const auto whole = number.to_int64()) return whole;
  const std::string text = number.text();
  return std::stoll(text.substr(0, text.find('.')));
}

ExpirationRow decode_expiration(std::string_view key, std::string_view value) {
  storage::KeyReader reader(key);
  reader.u64();
  reader.u32();
  ExpirationRow row;
  row.second = reader.i64();
  row.item_rest = reader.rest();
  trail_rows::check_version(value);
  row.partition_bytes = static_cast<uint32_t>(trail_rows::take_unsigned(value, 4));
  if (row.partition_bytes > row.item_rest.size()) {
    throw CorruptData("an expiration names no item");
  }
  return row;
}

std::string encode_expiration(uint32_t partition_bytes) {
  std::string value(1, static_cast<char>(trail_rows::kVersion));
  storage::append_u32(value, partition_bytes);
  return value;
}

std::string encode_undo(const UndoStep& step) {
  std::string out;
  out.reserve(16 + step.item_rest.size() + step.before.size());
  out.push_back(static_cast<char>(trail_rows::kVersion));
  storage::append_i64(out, step.written.ms);
  storage::append_u32(out, static_cast<uint32_t>(step.item_rest.size()));
  out.append(step.item_rest);
  out.append(step.before);
  return out;
}

UndoStep decode_undo(std::string_view value) {
  trail_rows::check_version(value);
  UndoStep step;
  step.written.ms =
      static_cast<int64_t>(trail_rows::take_unsigned(value, 8) ^ 0x8000000000000000ULL);
  const uint64_t length = trail_rows::take_unsigned(value, 4);
  if (length > value.size()) throw CorruptData("a step of an undo log is cut off");
  step.item_rest = value.substr(0, length);
  step.before = value.substr(length);
  return step;
}

}  // namespace paddock::services::dynamodb
