// Encoding and decoding of the stored form.
#include <stdexcept>

#include "services/dynamodb/item.hpp"
#include "services/dynamodb/item_bytes.hpp"

namespace paddock::services::dynamodb {
namespace item_bytes {

void put_varint(std::string& out, size_t value) {
  if (value > kMaxVarint) throw std::length_error("item: part too long");
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
}

void close_container(std::string& out, size_t start) {
  const size_t length = out.size() - start;
  if (length > kMaxVarint) throw std::length_error("item: part too long");
  for (size_t i = 0; i < kLengthBytes; ++i)
    out[start - kLengthBytes + i] = static_cast<char>(length >> (8 * i) & 0xFF);
}

size_t take_long_varint(std::string_view& in) {
  size_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    const auto byte = static_cast<unsigned char>(take(in, 1)[0]);
    value |= static_cast<size_t>(byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      if (byte == 0) throw CorruptData("item: varint form");
      return value;
    }
  }
  throw CorruptData("item: varint");
}

std::string_view take_container(std::string_view& in) {
  const std::string_view bytes = take(in, kLengthBytes);
  size_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;)
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  return take(in, length);
}

std::string_view take_value(std::string_view& in) {
  const std::string_view start = in;
  switch (take(in, 1)[0]) {
    case kString:
    case kBinary:
      take_bytes(in);
      break;
    case kNumber:
      take(in, Number::encoded_size(in));
      break;
    case kTrue:
    case kFalse:
    case kNull:
      break;
    case kMap:
    case kList:
    case kStringSet:
    case kNumberSet:
    case kBinarySet:
      take_container(in);
      break;
    default:
      throw CorruptData("item: type");
  }
  return start.substr(0, start.size() - in.size());
}

AttributeType type_of_tag(char tag) {
  switch (tag) {
    case kString:
      return AttributeType::string;
    case kNumber:
      return AttributeType::number;
    case kBinary:
      return AttributeType::binary;
    case kTrue:
    case kFalse:
      return AttributeType::boolean;
    case kNull:
      return AttributeType::null;
    case kMap:
      return AttributeType::map;
    case kList:
      return AttributeType::list;
    case kStringSet:
      return AttributeType::string_set;
    case kNumberSet:
      return AttributeType::number_set;
    case kBinarySet:
      return AttributeType::binary_set;
    default:
      throw CorruptData("item: type");
  }
}

}  // namespace item_bytes

namespace codec_detail {

void put_value(std::string& out, const AttributeValue& value);

void put_map_body(std::string& out, const Item& item) {
  item_bytes::put_varint(out, item.size());
  for (const Attribute& attribute : item) {
    item_bytes::put_bytes(out, attribute.name);
    put_value(out, attribute.value);
  }
}

void put_texts(std::string& out, char tag, const std::vector<std::string>& members) {
  const size_t start = item_bytes::open_container(out, tag);
  item_bytes::put_varint(out, members.size());
  for (const std::string& member : members) item_bytes::put_bytes(out, member);
  item_bytes::close_container(out, start);
}

void put_container(std::string& out, const AttributeValue& value) {
  if (value.is(AttributeType::map)) {
    const size_t start = item_bytes::open_container(out, item_bytes::kMap);
    put_map_body(out, value.as_map());
    item_bytes::close_container(out, start);
  } else if (value.is(AttributeType::list)) {
    const size_t start = item_bytes::open_container(out, item_bytes::kList);
    item_bytes::put_varint(out, value.as_list().size());
    for (const AttributeValue& element : value.as_list()) put_value(out, element);
    item_bytes::close_container(out, start);
  } else {
    const size_t start = item_bytes::open_container(out, item_bytes::kNumberSet);
    item_bytes::put_varint(out, value.as_number_set().size());
    for (const Number& member : value.as_number_set()) member.encode(out);
    item_bytes::close_container(out, start);
  }
}

void put_value(std::string& out, const AttributeValue& value) {
  switch (value.type()) {
    case AttributeType::string:
      out += item_bytes::kString;
      item_bytes::put_bytes(out, value.as_string());
      break;
    case AttributeType::number:
      out += item_bytes::kNumber;
      value.as_number().encode(out);
      break;
    case AttributeType::binary:
      out += item_bytes::kBinary;
      item_bytes::put_bytes(out, value.as_binary());
      break;
    case AttributeType::string_set:
      put_texts(out, item_bytes::kStringSet, value.as_string_set());
      break;
    case AttributeType::binary_set:
      put_texts(out, item_bytes::kBinarySet, value.as_binary_set());
      break;
    case AttributeType::number_set:
    case AttributeType::map:
    case AttributeType::list:
      put_container(out, value);
      break;
    case AttributeType::boolean:
      out += value.as_boolean() ? item_bytes::kTrue : item_bytes::kFalse;
      break;
    case AttributeType::null:
      out += item_bytes::kNull;
      break;
  }
}

AttributeValue get_value(std::string_view& in, int depth);

Item get_map_body(std::string_view& in, int depth) {
  const size_t count = item_bytes::take_count(in);
  Item item;
  item.reserve(std::min(count, in.size() / 3 + 1));  // an entry takes at least two bytes
  std::string_view previous;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view name = item_bytes::take_bytes(in);
    if (i > 0 && !(previous < name)) throw CorruptData("item: order of names");
    previous = name;
    item.append(std::string(name), get_value(in, depth));
  }
  return item;
}

std::vector<std::string> get_texts(std::string_view body) {
  std::vector<std::string> members(item_bytes::take_count(body));
  for (size_t i = 0; i < members.size(); ++i) {
    members[i] = item_bytes::take_bytes(body);
    if (i > 0 && !(members[i - 1] < members[i])) throw CorruptData("item: order of members");
  }
  if (!body.empty()) throw CorruptData("item: set length");
  return members;
}

std::vector<Number> get_numbers(std::string_view body) {
  std::vector<Number> members(item_bytes::take_count(body));
  for (size_t i = 0; i < members.size(); ++i) {
    members[i] = Number::decode(body);
    if (i > 0 && !(members[i - 1] < members[i])) throw CorruptData("item: order of members");
  }
  if (!body.empty()) throw CorruptData("item: set length");
  return members;
}

AttributeValue get_list(std::string_view body, int depth) {
  const size_t count = item_bytes::take_count(body);
  std::vector<AttributeValue> elements;
  elements.reserve(std::min(count, size_t{1024}));
  for (size_t i = 0; i < count; ++i) elements.push_back(get_value(body, depth));
  if (!body.empty()) throw CorruptData("item: list length");
  return AttributeValue::list(std::move(elements));
}

AttributeValue get_map(std::string_view body, int depth) {
  Item item = get_map_body(body, depth);
  if (!body.empty()) throw CorruptData("item: map length");
  return AttributeValue::map(std::move(item));
}

AttributeValue get_value(std::string_view& in, int depth) {
  if (depth >= kMaxNesting) throw CorruptData("item: nesting");
  switch (item_bytes::take(in, 1)[0]) {
    case item_bytes::kString:
      return AttributeValue::string(std::string(item_bytes::take_bytes(in)));
    case item_bytes::kNumber:
      return AttributeValue::number(Number::decode(in));
    case item_bytes::kBinary:
      return AttributeValue::binary(std::string(item_bytes::take_bytes(in)));
    case item_bytes::kTrue:
      return AttributeValue::boolean(true);
    case item_bytes::kFalse:
      return AttributeValue::boolean(false);
    case item_bytes::kNull:
      return AttributeValue::null();
    case item_bytes::kMap:
      return get_map(item_bytes::take_container(in), depth + 1);
    case item_bytes::kList:
      return get_list(item_bytes::take_container(in), depth + 1);
    case item_bytes::kStringSet:
      return AttributeValue::string_set(get_texts(item_bytes::take_container(in)));
    case item_bytes::kNumberSet:
      return AttributeValue::number_set(get_numbers(item_bytes::take_container(in)));
    case item_bytes::kBinarySet:
      return AttributeValue::binary_set(get_texts(item_bytes::take_container(in)));
    default:
      throw CorruptData("item: type");
  }
}

}  // namespace codec_detail

void encode(const Item& item, std::string& out) {
  out += item_bytes::kVersion;
  codec_detail::put_map_body(out, item);
}

std::string encode(const Item& item) {
  std::string out;
  out.reserve(256);
  encode(item, out);
  return out;
}

std::string encode(const AttributeValue& value) {
  std::string out;
  codec_detail::put_value(out, value);
  return out;
}

void encode(const AttributeValue& value, std::string& out) {
  codec_detail::put_value(out, value);
}

Item decode_item(std::string_view bytes) {
  if (item_bytes::take(bytes, 1)[0] != item_bytes::kVersion) throw CorruptData("item: version");
  Item item = codec_detail::get_map_body(bytes, 0);
  if (!bytes.empty()) throw CorruptData("item: length");
  return item;
}

AttributeValue decode_value(std::string_view bytes) {
  AttributeValue value = codec_detail::get_value(bytes, 0);
  if (!bytes.empty()) throw CorruptData("item: length");
  return value;
}

}  // namespace paddock::services::dynamodb
