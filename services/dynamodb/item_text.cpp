#include "services/dynamodb/item_text.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/text.hpp"
#include "services/dynamodb/item_bytes.hpp"

namespace paddock::services::dynamodb {
namespace item_text {

using wire::JsonScan;

constexpr size_t kMaxNameBytes = 255;

bool read_value_at(JsonScan& in, AttributeValue& value, int depth);

bool read_number(JsonScan& in, Number& number) {
  std::string_view text;
  if (!in.string(text)) return false;
  try {
    number = Number::parse(text);
  } catch (const AwsError&) {
    return in.fail();
  }
  return true;
}

bool read_binary(JsonScan& in, std::string& bytes) {
  std::string_view text;
  if (!in.string(text)) return false;
  auto decoded = from_base64(text);
  if (!decoded) return in.fail();
  bytes = std::move(*decoded);
  return true;
}

bool read_string(JsonScan& in, std::string& bytes) {
  std::string_view text;
  if (!in.string(text)) return false;
  bytes = text;
  return true;
}

// Reads the members of a set; `make` sorts them and drops duplicates, which are refused here.
template <class Member, class Read, class Make, class Members>
bool read_set(JsonScan& in, AttributeValue& value, Read read, Make make, Members members_of) {
  std::vector<Member> members;
  if (!in.open_array()) return false;
  while (in.next_element()) {
    if (!read(in, members.emplace_back())) return false;
  }
  const size_t count = members.size();
  if (in.failed() || count == 0) return in.fail();
  value = make(std::move(members));
  return members_of(value).size() == count || in.fail();
}

bool read_list(JsonScan& in, AttributeValue& value, int depth) {
  std::vector<AttributeValue> elements;
  if (!in.open_array()) return false;
  while (in.next_element()) {
    if (!read_value_at(in, elements.emplace_back(), depth)) return false;
  }
  value = AttributeValue::list(std::move(elements));
  return !in.failed();
}

bool read_map(JsonScan& in, Item& item, int depth) {
  if (!in.open_object()) return false;
  item.reserve(8);
  std::string_view previous;
  for (std::string_view name; in.next_member(name);) {
    if (name.empty() || name.size() > kMaxNameBytes) return in.fail();
    AttributeValue value;
    if (!read_value_at(in, value, depth)) return false;
    if (previous < name) {
      item.append(std::string(name), std::move(value));
      previous = name;
    } else {
      if (item.contains(name)) return in.fail();
      item.set(name, std::move(value));
    }
  }
  return !in.failed();
}

bool read_content(JsonScan& in, AttributeType type, AttributeValue& value, int depth) {
  switch (type) {
    case AttributeType::string: {
      std::string_view text;
      if (!in.string(text)) return false;
      value = AttributeValue::string(std::string(text));
      return true;
    }
    case AttributeType::number: {
      Number number;
      if (!read_number(in, number)) return false;
      value = AttributeValue::number(number);
      return true;
    }
    case AttributeType::binary: {
      std::string bytes;
      if (!read_binary(in, bytes)) return false;
      value = AttributeValue::binary(std::move(bytes));
      return true;
    }
    case AttributeType::string_set:
      return read_set<std::string>(in, value, read_string, AttributeValue::string_set,
                                   [](const auto& set) { return set.as_string_set(); });
    case AttributeType::number_set:
      return read_set<Number>(in, value, read_number, AttributeValue::number_set,
                              [](const auto& set) { return set.as_number_set(); });
    case AttributeType::binary_set:
      return read_set<std::string>(in, value, read_binary, AttributeValue::binary_set,
                                   [](const auto& set) { return set.as_binary_set(); });
    case AttributeType::map: {
      Item members;
      if (!read_map(in, members, depth + 1)) return false;
      value = AttributeValue::map(std::move(members));
      return true;
    }
    case AttributeType::list:
      return read_list(in, value, depth + 1);
    case AttributeType::boolean: {
      bool flag = false;
      if (!in.boolean(flag)) return false;
      value = AttributeValue::boolean(flag);
      return true;
    }
    case AttributeType::null: {
      bool flag = false;
      value = AttributeValue::null();
      return in.boolean(flag) && (flag || in.fail());
    }
  }
  return in.fail();
}

bool read_value_at(JsonScan& in, AttributeValue& value, int depth) {
  if (depth >= kMaxTextNesting || !in.open_object()) return in.fail();
  std::string_view name;
  if (!in.next_member(name)) return in.fail();
  const auto type = type_of_name(name);
  if (!type || !read_content(in, *type, value, depth)) return in.fail();
  return !in.next_member(name) ? !in.failed() : in.fail();
}

// Appends the stored form of what follows `{"S":`.
bool append_content(JsonScan& in, AttributeType type, std::string& out) {
  std::string_view text;
  switch (type) {
    case AttributeType::string:
      if (!in.string(text)) return false;
      out += item_bytes::kString;
      item_bytes::put_bytes(out, text);
      return true;
    case AttributeType::number: {
      Number number;
      if (!read_number(in, number)) return false;
      out += item_bytes::kNumber;
      number.encode(out);
      return true;
    }
    case AttributeType::boolean: {
      bool flag = false;
      if (!in.boolean(flag)) return false;
      out += flag ? item_bytes::kTrue : item_bytes::kFalse;
      return true;
    }
    default: {
      AttributeValue value;
      if (!read_content(in, type, value, 0)) return false;
      encode(value, out);
      return true;
    }
  }
}

bool append_value(JsonScan& in, std::string& out) {
  std::string_view name;
  if (!in.open_object() || !in.next_member(name)) return in.fail();
  const auto type = type_of_name(name);
  if (!type || !append_content(in, *type, out)) return in.fail();
  return !in.next_member(name) ? !in.failed() : in.fail();
}

// One attribute of an image that is being read: where its bytes (length, name, value) begin.
struct Entry {
  std::string_view name;
  size_t begin;
};

// The entries of `image`, from the first on, in the order of their names. False if one is there
// twice.
bool sort_entries(std::string& image, std::vector<Entry>& entries) {
  const size_t first = entries.front().begin;
  std::vector<std::pair<std::string_view, std::string_view>> parts;  // name, bytes
  parts.reserve(entries.size());
  const std::string_view all = image;
  for (size_t i = 0; i < entries.size(); ++i) {
    const size_t end = i + 1 < entries.size() ? entries[i + 1].begin : all.size();
    parts.emplace_back(entries[i].name, all.substr(entries[i].begin, end - entries[i].begin));
  }
  std::sort(parts.begin(), parts.end());
  std::string sorted;
  sorted.reserve(image.size());
  sorted.append(all.substr(0, first));
  std::string_view previous;
  for (const auto& [name, bytes] : parts) {
    if (name == previous) return false;
    previous = name;
    sorted += bytes;
  }
  image = std::move(sorted);
  return true;
}

}  // namespace item_text

bool read_image(wire::JsonScan& in, std::string& image) {
  using item_text::Entry;
  constexpr size_t kUsualBytes = 256;
  constexpr size_t kShortCount = 0x80;  // below it a count takes one byte
  if (!in.open_object()) return false;
  image.reserve(kUsualBytes);
  image.assign({item_bytes::kVersion, '\0'});  // the count is put in below
  std::vector<Entry> entries;
  entries.reserve(8);
  bool sorted = true;
  for (std::string_view name; in.next_member(name);) {
    if (name.empty() || name.size() > item_text::kMaxNameBytes) return in.fail();
    sorted &= entries.empty() || entries.back().name < name;
    entries.push_back({name, image.size()});
    item_bytes::put_bytes(image, name);
    if (!item_text::append_value(in, image)) return false;
  }
  if (in.failed() || entries.size() >= kShortCount) return in.fail();
  image[1] = static_cast<char>(entries.size());
  return sorted || item_text::sort_entries(image, entries) || in.fail();
}

bool read_value(wire::JsonScan& in, AttributeValue& value) {
  return item_text::read_value_at(in, value, 0);
}

bool read_item(wire::JsonScan& in, Item& item) {
  return item_text::read_map(in, item, 0);
}

}  // namespace paddock::services::dynamodb
