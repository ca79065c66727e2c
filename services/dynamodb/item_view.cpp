// Reading the stored form in place: single attributes, sizes, wire text.
#include <algorithm>

#include "core/text.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/item_bytes.hpp"

namespace paddock::services::dynamodb {
namespace view_detail {

// The body of a container value.
std::string_view body_of(std::string_view value) {
  value.remove_prefix(1);
  return item_bytes::take_container(value);
}

// Walks the entries of a map body up to `name`. Names are sorted, so it may stop early.
std::optional<ValueView> find_entry(std::string_view body, size_t count, std::string_view name) {
  for (size_t i = 0; i < count; ++i) {
    const std::string_view entry = item_bytes::take_bytes(body);
    const std::string_view value = item_bytes::take_value(body);
    const int order = entry.compare(name);
    if (order == 0) return ValueView(value);
    if (order > 0) return std::nullopt;
  }
  return std::nullopt;
}

void put_text(std::string& out, std::string_view text) {
  append_json_string(out, text);
}

void put_blob(std::string& out, std::string_view bytes) {
  out += '"';
  out += to_base64(bytes);
  out += '"';
}

// A literal's length is known where it is written.
template <size_t Size>
void put_literal(std::string& out, const char (&text)[Size]) {
  out.append(text, Size - 1);
}

void put_number(std::string& out, const Number& number) {
  out += '"';
  number.append_text(out);
  out += '"';
}

// The value at the front of `in`, which is consumed: one pass over its bytes.
void put_value(std::string& out, std::string_view& in, int depth);

void put_map(std::string& out, std::string_view body, size_t count, int depth) {
  out += '{';
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    put_text(out, item_bytes::take_bytes(body));
    out += ':';
    put_value(out, body, depth);
  }
  out += '}';
}

void put_elements(std::string& out, char tag, std::string_view body, int depth) {
  const size_t count = item_bytes::take_count(body);
  if (tag == item_bytes::kMap) {
    put_map(out, body, count, depth);
    return;
  }
  out += '[';
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    if (tag == item_bytes::kList)
      put_value(out, body, depth);
    else if (tag == item_bytes::kStringSet)
      put_text(out, item_bytes::take_bytes(body));
    else if (tag == item_bytes::kNumberSet)
      put_number(out, Number::decode(body));
    else
      put_blob(out, item_bytes::take_bytes(body));
  }
  out += ']';
}

void put_value(std::string& out, std::string_view& in, int depth) {
  if (depth >= kMaxNesting) throw CorruptData("item: nesting");
  const char tag = item_bytes::take(in, 1)[0];
  switch (tag) {
    case item_bytes::kString:
      put_literal(out, R"({"S":)");
      put_text(out, item_bytes::take_bytes(in));
      break;
    case item_bytes::kNumber:
      put_literal(out, R"({"N":)");
      put_number(out, Number::decode(in));
      break;
    case item_bytes::kBinary:
      put_literal(out, R"({"B":)");
      put_blob(out, item_bytes::take_bytes(in));
      break;
    case item_bytes::kTrue:
      put_literal(out, R"({"BOOL":true)");
      break;
    case item_bytes::kFalse:
      put_literal(out, R"({"BOOL":false)");
      break;
    case item_bytes::kNull:
      put_literal(out, R"({"NULL":true)");
      break;
    default:
      put_literal(out, R"({")");
      out += type_name(item_bytes::type_of_tag(tag));
      put_literal(out, R"(":)");
      put_elements(out, tag, item_bytes::take_container(in), depth + 1);
  }
  out += '}';
}

// Of the value at the front of `in`, which is consumed.
size_t size_of(std::string_view& in, int depth);

size_t size_of_map(std::string_view body, size_t count, int depth) {
  size_t sum = 0;
  for (size_t i = 0; i < count; ++i) {
    sum += item_bytes::take_bytes(body).size();
    sum += size_of(body, depth);
  }
  return sum;
}

size_t size_of_elements(char tag, std::string_view body, int depth) {
  const size_t count = item_bytes::take_count(body);
  if (tag == item_bytes::kMap) return 3 + count + size_of_map(body, count, depth);
  size_t sum = tag == item_bytes::kList ? 3 + count : 0;
  for (size_t i = 0; i < count; ++i) {
    if (tag == item_bytes::kList)
      sum += size_of(body, depth);
    else if (tag == item_bytes::kNumberSet)
      sum += Number::decode(body).size_bytes();
    else
      sum += item_bytes::take_bytes(body).size();
  }
  return sum;
}

size_t size_of(std::string_view& in, int depth) {
  if (depth >= kMaxNesting) throw CorruptData("item: nesting");
  const char tag = item_bytes::take(in, 1)[0];
  switch (tag) {
    case item_bytes::kString:
    case item_bytes::kBinary:
      return item_bytes::take_bytes(in).size();
    case item_bytes::kNumber:
      return Number::decode(in).size_bytes();
    case item_bytes::kTrue:
    case item_bytes::kFalse:
    case item_bytes::kNull:
      return 1;
    default:
      item_bytes::type_of_tag(tag);
      return size_of_elements(tag, item_bytes::take_container(in), depth + 1);
  }
}

}  // namespace view_detail

AttributeType ValueView::type() const {
  if (bytes_.empty()) throw CorruptData("item: empty value");
  return item_bytes::type_of_tag(bytes_.front());
}

std::string_view ValueView::text() const {
  if (!is(AttributeType::string) && !is(AttributeType::binary))
    throw CorruptData("item: not a string");
  std::string_view rest = bytes_.substr(1);
  return item_bytes::take_bytes(rest);
}

Number ValueView::number() const {
  if (!is(AttributeType::number)) throw CorruptData("item: not a number");
  std::string_view rest = bytes_.substr(1);
  return Number::decode(rest);
}

bool ValueView::boolean() const {
  if (!is(AttributeType::boolean)) throw CorruptData("item: not a boolean");
  return bytes_.front() == item_bytes::kTrue;
}

size_t ValueView::count() const {
  switch (type()) {
    case AttributeType::map:
    case AttributeType::list:
    case AttributeType::string_set:
    case AttributeType::number_set:
    case AttributeType::binary_set: {
      std::string_view body = view_detail::body_of(bytes_);
      return item_bytes::take_count(body);
    }
    default:
      throw CorruptData("item: not a container");
  }
}

std::optional<ValueView> ValueView::member(std::string_view name) const {
  if (!is(AttributeType::map)) return std::nullopt;
  std::string_view body = view_detail::body_of(bytes_);
  const size_t count = item_bytes::take_count(body);
  return view_detail::find_entry(body, count, name);
}

std::optional<ValueView> ValueView::element(size_t index) const {
  if (!is(AttributeType::list)) return std::nullopt;
  std::string_view body = view_detail::body_of(bytes_);
  if (index >= item_bytes::take_count(body)) return std::nullopt;
  for (; index > 0; --index) item_bytes::take_value(body);
  return ValueView(item_bytes::take_value(body));
}

bool ValueView::has_element(ValueView scalar) const {
  const AttributeType wanted = scalar.type();
  const AttributeType own = type();
  const bool fits = own == AttributeType::list ||
                    (own == AttributeType::string_set && wanted == AttributeType::string) ||
                    (own == AttributeType::number_set && wanted == AttributeType::number) ||
                    (own == AttributeType::binary_set && wanted == AttributeType::binary);
  if (!fits) return false;
  std::string_view body = view_detail::body_of(bytes_);
  const size_t count = item_bytes::take_count(body);
  for (size_t i = 0; i < count; ++i) {
    if (own == AttributeType::list) {
      if (item_bytes::take_value(body) == scalar.bytes()) return true;
    } else if (own == AttributeType::number_set) {
      const std::string_view member = item_bytes::take(body, Number::encoded_size(body));
      if (member == scalar.bytes().substr(1)) return true;
    } else if (item_bytes::take_bytes(body) == scalar.text()) {
      return true;
    }
  }
  return false;
}

AttributeValue ValueView::decode() const {
  return decode_value(bytes_);
}

ItemView::ItemView(std::string_view bytes) {
  if (item_bytes::take(bytes, 1)[0] != item_bytes::kVersion) throw CorruptData("item: version");
  count_ = item_bytes::take_count(bytes);
  body_ = bytes;
}

std::string_view ItemView::take_name(std::string_view& rest) {
  return item_bytes::take_bytes(rest);
}

std::string_view ItemView::take_value(std::string_view& rest) {
  return item_bytes::take_value(rest);
}

std::optional<ValueView> ItemView::find(std::string_view name) const {
  return view_detail::find_entry(body_, count_, name);
}

Item ItemView::decode() const {
  Item item;
  item.reserve(std::min(count_, body_.size() / 3 + 1));
  for_each([&](std::string_view name, ValueView value) {
    item.append(std::string(name), value.decode());
  });
  return item;
}

std::string pick_attributes(ItemView item, const std::vector<std::string>& names) {
  std::string entries;
  size_t count = 0;
  item.for_each([&](std::string_view name, ValueView value) {
    if (std::find(names.begin(), names.end(), name) == names.end()) return;
    item_bytes::put_bytes(entries, name);
    entries += value.bytes();
    ++count;
  });
  std::string out(1, item_bytes::kVersion);
  item_bytes::put_varint(out, count);
  return out += entries;
}

Item decode_attributes(ItemView item, const std::vector<std::string_view>& names) {
  Item out;
  out.reserve(names.size());
  item.for_each([&](std::string_view name, ValueView value) {
    if (std::binary_search(names.begin(), names.end(), name)) {
      out.append(std::string(name), value.decode());
    }
  });
  return out;
}

std::string with_attributes(ItemView item, const std::vector<std::string_view>& names,
                            const Item& values) {
  std::string entries;
  entries.reserve(512);
  size_t count = 0;
  auto next = values.begin();
  const auto put_until = [&](std::string_view name, bool all) {
    for (; next != values.end() && (all || next->name < name); ++next, ++count) {
      item_bytes::put_bytes(entries, next->name);
      encode(next->value, entries);
    }
  };
  item.for_each([&](std::string_view name, ValueView value) {
    if (std::binary_search(names.begin(), names.end(), name)) return;
    put_until(name, false);
    item_bytes::put_bytes(entries, name);
    entries += value.bytes();
    ++count;
  });
  put_until({}, true);
  std::string out;
  out.reserve(entries.size() + 8);
  out += item_bytes::kVersion;
  item_bytes::put_varint(out, count);
  return out += entries;
}

void append_json(std::string& out, ValueView value) {
  std::string_view bytes = value.bytes();
  view_detail::put_value(out, bytes, 0);
}

void append_json(std::string& out, const AttributeValue& value) {
  const std::string bytes = encode(value);
  append_json(out, ValueView(bytes));
}

void append_json(std::string& out, ItemView item) {
  view_detail::put_map(out, item.body_, item.count_, 0);
}

void append_json(std::string& out, const Item& item) {
  const std::string bytes = encode(item);
  append_json(out, ItemView(bytes));
}

size_t value_size(ValueView value) {
  std::string_view bytes = value.bytes();
  return view_detail::size_of(bytes, 0);
}

size_t item_size(ItemView item) {
  return view_detail::size_of_map(item.body_, item.count_, 0);
}

}  // namespace paddock::services::dynamodb
