// DynamoDB's values: the decoded tree (AttributeValue, Item), the stored bytes (ItemView,
// ValueView) and the ways between tree, bytes, document and wire text.
//
// Canonical order: attributes and map entries are kept sorted by name (bytewise), string and binary
// sets bytewise, number sets by value. So two items are logically equal exactly when their encoded
// bytes are equal.
//
// Byte format of an item, version 1 (test vectors in tests/services/dynamodb/item_test.cpp):
//   0x01 version, then a map body: varint count, and per entry varint name length, name, value
// value:
//   'S' varint length, bytes          'B' the same        'N' Number's compact form
//   'T' true    'F' false             '0' null
//   'M' body, 'L' body, 's' 'n' 'b' (string, number, binary set) body:
//       length of the rest as 4 bytes little endian, then varint count and the elements: map
//       entries as above, list values as above, set members without their type byte
// varint: LEB128, at most 4 bytes, shortest form.
//   {"id":{"S":"a"},"n":{"N":"1"}} = 01 02 02 69 64 53 01 61 01 6e 4e 01 01
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/json.hpp"
#include "services/dynamodb/number.hpp"

namespace paddock::services::dynamodb {

// Stored bytes that no encoder of ours wrote.
class CorruptData : public std::runtime_error {
 public:
  explicit CorruptData(const char* what) : std::runtime_error(what) {}
};

// Levels of an attribute's value: 31 maps or lists around a scalar are stored, 32 refused.
inline constexpr int kMaxNesting = 32;

enum class AttributeType : uint8_t {
  string,
  number,
  binary,
  string_set,
  number_set,
  binary_set,
  map,
  list,
  boolean,
  null
};
// "S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"
std::string_view type_name(AttributeType type);
std::optional<AttributeType> type_of_name(std::string_view name);

class AttributeValue;
struct Attribute;

// An item, or a map value: attributes sorted by name, each name once. A value type.
class Item {
 public:
  using const_iterator = std::vector<Attribute>::const_iterator;

  Item() noexcept;
  Item(const Item& other);
  Item(Item&& other) noexcept;
  Item& operator=(const Item& other);
  Item& operator=(Item&& other) noexcept;
  ~Item();

  const_iterator begin() const;
  const_iterator end() const;
  size_t size() const;
  bool empty() const { return begin() == end(); }

  const AttributeValue* find(std::string_view name) const;  // nullptr if absent
  AttributeValue* find(std::string_view name);
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  // Adds or replaces; returns the value in place (valid until the next change of this item).
  AttributeValue& set(std::string_view name, AttributeValue value);
  bool erase(std::string_view name);  // false if absent
  void clear();

  // Appends an attribute whose name sorts after all present ones (decoders use it).
  void append(std::string name, AttributeValue value);
  void reserve(size_t count);

  friend bool operator==(const Item& a, const Item& b);

 private:
  std::vector<Attribute> attributes_;
};

// One value. A value type; the default is NULL.
class AttributeValue {
 public:
  AttributeValue() = default;
  static AttributeValue string(std::string value) { return make<0>(std::move(value)); }
  static AttributeValue number(Number value) { return make<1>(value); }
  static AttributeValue binary(std::string value) { return make<2>(std::move(value)); }
  // Sets are sorted here and lose duplicates; the caller refuses duplicates and empty sets.
  static AttributeValue string_set(std::vector<std::string> members);
  static AttributeValue number_set(std::vector<Number> members);
  static AttributeValue binary_set(std::vector<std::string> members);
  static AttributeValue map(Item value) { return make<6>(std::move(value)); }
  static AttributeValue list(std::vector<AttributeValue> value) {
    return make<7>(std::move(value));
  }
  static AttributeValue boolean(bool value) { return make<8>(value); }
  static AttributeValue null() { return AttributeValue(); }

  AttributeType type() const { return static_cast<AttributeType>(data_.index()); }
  bool is(AttributeType wanted) const { return type() == wanted; }

  // Each throws std::bad_variant_access for a value of another type.
  const std::string& as_string() const { return std::get<0>(data_); }
  const Number& as_number() const { return std::get<1>(data_); }
  const std::string& as_binary() const { return std::get<2>(data_); }
  const std::vector<std::string>& as_string_set() const { return std::get<3>(data_); }
  const std::vector<Number>& as_number_set() const { return std::get<4>(data_); }
  const std::vector<std::string>& as_binary_set() const { return std::get<5>(data_); }
  const Item& as_map() const { return std::get<6>(data_); }
  Item& as_map() { return std::get<6>(data_); }
  const std::vector<AttributeValue>& as_list() const { return std::get<7>(data_); }
  std::vector<AttributeValue>& as_list() { return std::get<7>(data_); }
  bool as_boolean() const { return std::get<8>(data_); }

  // Logical equality: numbers by value, sets and maps without order, lists in order.
  friend bool operator==(const AttributeValue& a, const AttributeValue& b);

 private:
  using Data = std::variant<std::string, Number, std::string, std::vector<std::string>,
                            std::vector<Number>, std::vector<std::string>, Item,
                            std::vector<AttributeValue>, bool, std::monostate>;
  template <size_t I, class Value>
  static AttributeValue make(Value value) {
    AttributeValue out;
    out.data_.template emplace<I>(std::move(value));
    return out;
  }

  Data data_{std::in_place_index<9>};
};

struct Attribute {
  std::string name;
  AttributeValue value;
};

inline Item::Item() noexcept = default;
inline Item::Item(const Item& other) = default;
inline Item::Item(Item&& other) noexcept = default;
inline Item& Item::operator=(const Item& other) = default;
inline Item& Item::operator=(Item&& other) noexcept = default;
inline Item::~Item() = default;
inline Item::const_iterator Item::begin() const {
  return attributes_.begin();
}
inline Item::const_iterator Item::end() const {
  return attributes_.end();
}
inline size_t Item::size() const {
  return attributes_.size();
}
inline void Item::clear() {
  attributes_.clear();
}
inline void Item::reserve(size_t count) {
  attributes_.reserve(count);
}

// ---- document form: {"S": "x"}; blobs are Json::binary, numbers text, as the wire layer decodes
// it

// Throw ValidationException with AWS's text: no or more than one type, bad number, empty set,
// duplicates, NULL false, nesting. A member of a wrong JSON type is a SerializationException.
AttributeValue value_from_document(const Json& document);
// `document` is an object of name -> value.
Item item_from_document(const Json& document);
Json to_document(const AttributeValue& value);
Json to_document(const Item& item);

// ---- stored form

// One encoded value. A view: the bytes must outlive it. Copying is free. Members of containers are
// found by walking the bytes; every function throws CorruptData rather than leave the bounds.
class ValueView {
 public:
  ValueView() = default;
  // `bytes` begins with the type byte and is exactly one value; only its outermost level is
  // checked.
  explicit ValueView(std::string_view bytes) : bytes_(bytes) {}

  AttributeType type() const;
  bool is(AttributeType wanted) const { return type() == wanted; }
  std::string_view bytes() const { return bytes_; }  // equal bytes = equal values

  std::string_view text() const;  // of a string or binary
  Number number() const;
  bool boolean() const;
  size_t count() const;  // members of a map, list or set

  std::optional<ValueView> member(
      std::string_view name) const;                      // of a map; nullopt if another type
  std::optional<ValueView> element(size_t index) const;  // of a list; likewise
  // True if this set has `scalar` (a string, number or binary of the set's kind) as a member, or
  // this list has a value equal to it.
  bool has_element(ValueView scalar) const;

  AttributeValue decode() const;

 private:
  std::string_view bytes_;
};

// One encoded item (with its version byte). A view: the bytes must outlive it.
class ItemView {
 public:
  ItemView() = default;                       // no attributes, as for an item that is not there
  explicit ItemView(std::string_view bytes);  // throws CorruptData for an unknown version

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  // A top-level attribute, without decoding the others.
  std::optional<ValueView> find(std::string_view name) const;
  Item decode() const;

  // Walks the attributes in order: `visit(std::string_view name, ValueView value)`.
  template <class Visit>
  void for_each(Visit visit) const {
    std::string_view rest = body_;
    for (size_t i = 0; i < count_; ++i) {
      const std::string_view name = take_name(rest);
      const std::string_view value = take_value(rest);
      visit(name, ValueView(value));
    }
  }

 private:
  friend void append_json(std::string& out, ItemView item);
  friend size_t item_size(ItemView item);
  static std::string_view take_name(std::string_view& rest);
  static std::string_view take_value(std::string_view& rest);

  size_t count_ = 0;
  std::string_view body_;  // after the count
};

std::string encode(const Item& item);
void encode(const Item& item, std::string& out);  // appends
std::string encode(const AttributeValue& value);
void encode(const AttributeValue& value, std::string& out);  // appends
// Checks everything (canonical order, bounds, nesting, UTF-8 is the encoder's duty) and throws
// CorruptData; the result encodes to the same bytes.
Item decode_item(std::string_view bytes);
AttributeValue decode_value(std::string_view bytes);

// A new encoded item of those top-level attributes that `item` has; `names` in any order.
std::string pick_attributes(ItemView item, const std::vector<std::string>& names);
// Those top-level attributes that `item` has of `names`, which are sorted.
Item decode_attributes(ItemView item, const std::vector<std::string_view>& names);
// `item` with its attributes of these names replaced by those of `values`; encoded. `names` are
// sorted, and `values` has no others.
std::string with_attributes(ItemView item, const std::vector<std::string_view>& names,
                            const Item& values);

// ---- wire text

// Appends {"S":"x"}, blobs as base64.
void append_json(std::string& out, ValueView value);
void append_json(std::string& out, const AttributeValue& value);
// Appends {"id":{"S":"x"},…}.
void append_json(std::string& out, ItemView item);
void append_json(std::string& out, const Item& item);

// ---- size, as AWS counts it against the 400 KB limit and in capacity units
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html

size_t value_size(const AttributeValue& value);
size_t value_size(ValueView value);
size_t item_size(const Item& item);
size_t item_size(ItemView item);

}  // namespace paddock::services::dynamodb
