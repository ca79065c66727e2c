// What decides about one item: the condition of a write or a filter, and the update of an item.
// Expressions are one source of them (condition.hpp, update.hpp), legacy parameters and PartiQL
// statements others.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "services/dynamodb/item.hpp"

namespace paddock::services::dynamodb {

// A top-level attribute that a rule names; `nested` if its path goes on below it. The name is a
// view into what the rule was made from.
struct PathHead {
  std::string_view name;
  bool nested = false;
};

// Immutable; `matches` is pure and may be called from several threads.
class ItemCondition {
 public:
  virtual ~ItemCondition() = default;

  // Whether the stored item satisfies it; an empty view stands for an item that is not there.
  virtual bool matches(ItemView item) const = 0;
  // The attributes it names (with repetitions), for the checks of key attributes.
  virtual std::vector<PathHead> heads() const = 0;
};

// Immutable; applying is pure and may be repeated.
class ItemUpdate {
 public:
  virtual ~ItemUpdate() = default;

  // The attributes it changes, in order of appearance: none may be part of the key.
  virtual const std::vector<PathHead>& targets() const = 0;
  // All attributes it names, those that it only reads among them.
  virtual std::vector<PathHead> heads() const = 0;
  // False if it only takes away: an update of an item that is not there then creates none.
  virtual bool creates_item() const = 0;
  // The item after the update; one that is not there is given by its key attributes. Throws
  // ValidationException for what `previous` does not allow.
  virtual Item apply(const Item& previous) const = 0;
  // ReturnValues UPDATED_OLD and UPDATED_NEW: the updated parts of the item before and after.
  virtual Item updated_old(const Item& previous) const = 0;
  virtual Item updated_new(const Item& next) const = 0;
  // Bytes that UpdateItem holds against the size limit whatever the item; 0: only the item counts.
  virtual size_t charge() const { return 0; }
};

}  // namespace paddock::services::dynamodb
