// The decoded tree: types, items, sizes.
#include "services/dynamodb/item.hpp"

#include <algorithm>
#include <array>

namespace paddock::services::dynamodb {
namespace item_detail {

constexpr std::array<std::string_view, 10> kTypeNames = {"S",  "N", "B", "SS",   "NS",
                                                         "BS", "M", "L", "BOOL", "NULL"};

struct NameLess {
  bool operator()(const Attribute& a, std::string_view name) const { return a.name < name; }
};

template <class Member>
void sort_unique(std::vector<Member>& members) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
}

size_t sum_sizes(const std::vector<std::string>& members) {
  size_t sum = 0;
  for (const std::string& member : members) sum += member.size();
  return sum;
}

}  // namespace item_detail

std::string_view type_name(AttributeType type) {
  return item_detail::kTypeNames[static_cast<size_t>(type)];
}

std::optional<AttributeType> type_of_name(std::string_view name) {
  const auto& names = item_detail::kTypeNames;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<AttributeType>(found - names.begin());
}

const AttributeValue* Item::find(std::string_view name) const {
  const auto at =
      std::lower_bound(attributes_.begin(), attributes_.end(), name, item_detail::NameLess());
  return at != attributes_.end() && at->name == name ? &at->value : nullptr;
}

AttributeValue* Item::find(std::string_view name) {
  return const_cast<AttributeValue*>(std::as_const(*this).find(name));
}

AttributeValue& Item::set(std::string_view name, AttributeValue value) {
  auto at = std::lower_bound(attributes_.begin(), attributes_.end(), name, item_detail::NameLess());
  if (at != attributes_.end() && at->name == name) {
    at->value = std::move(value);
    return at->value;
  }
  return attributes_.insert(at, Attribute{std::string(name), std::move(value)})->value;
}

bool Item::erase(std::string_view name) {
  const auto at =
      std::lower_bound(attributes_.begin(), attributes_.end(), name, item_detail::NameLess());
  if (at == attributes_.end() || at->name != name) return false;
  attributes_.erase(at);
  return true;
}

void Item::append(std::string name, AttributeValue value) {
  attributes_.push_back(Attribute{std::move(name), std::move(value)});
}

bool operator==(const Item& a, const Item& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Attribute& left, const Attribute& right) {
                      return left.name == right.name && left.value == right.value;
                    });
}

AttributeValue AttributeValue::string_set(std::vector<std::string> members) {
  item_detail::sort_unique(members);
  return make<3>(std::move(members));
}

AttributeValue AttributeValue::number_set(std::vector<Number> members) {
  item_detail::sort_unique(members);
  return make<4>(std::move(members));
}

AttributeValue AttributeValue::binary_set(std::vector<std::string> members) {
  item_detail::sort_unique(members);
  return make<5>(std::move(members));
}

bool operator==(const AttributeValue& a, const AttributeValue& b) {
  return a.data_ == b.data_;
}

size_t value_size(const AttributeValue& value) {
  switch (value.type()) {
    case AttributeType::string:
      return value.as_string().size();
    case AttributeType::number:
      return value.as_number().size_bytes();
    case AttributeType::binary:
      return value.as_binary().size();
    case AttributeType::string_set:
      return item_detail::sum_sizes(value.as_string_set());
    case AttributeType::number_set: {
      size_t sum = 0;
      for (const Number& member : value.as_number_set()) sum += member.size_bytes();
      return sum;
    }
    case AttributeType::binary_set:
      return item_detail::sum_sizes(value.as_binary_set());
    case AttributeType::map:
      return 3 + value.as_map().size() + item_size(value.as_map());
    case AttributeType::list: {
      size_t sum = 3;
      for (const AttributeValue& element : value.as_list()) sum += 1 + value_size(element);
      return sum;
    }
    case AttributeType::boolean:
    case AttributeType::null:
      return 1;
  }
  return 0;
}

size_t item_size(const Item& item) {
  size_t sum = 0;
  for (const Attribute& attribute : item)
    sum += attribute.name.size() + value_size(attribute.value);
  return sum;
}

}  // namespace paddock::services::dynamodb
