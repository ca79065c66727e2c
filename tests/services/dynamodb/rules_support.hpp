// What the tests of the expression language share.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "services/dynamodb/expression.hpp"
#include "services/dynamodb/item.hpp"

namespace paddock::services::dynamodb::testing {

inline Json json(std::string_view text) {
  return Json::parse(text);
}
inline Item item(std::string_view text) {
  return item_from_document(json(text));
}
inline AttributeValue value(std::string_view text) {
  return value_from_document(json(text));
}
inline std::string json_text(const Item& item) {
  std::string out;
  append_json(out, item);
  return out;
}

// The message of the ValidationException that `action` throws; says so if it throws none.
inline std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const AwsError& error) {
    if (error.code() != "ValidationException") return "other code: " + error.code();
    return error.message();
  }
  return "accepted";
}

// The names and values of a request, "" for none.
class Attributes {
 public:
  explicit Attributes(std::string_view names = "", std::string_view values = "")
      : names_(names.empty() ? Json() : json(names)),
        values_(values.empty() ? Json() : json(values)),
        bound_(names.empty() ? nullptr : &names_, values.empty() ? nullptr : &values_) {}

  ExpressionAttributes& operator*() { return bound_; }

 private:
  Json names_;
  Json values_;
  ExpressionAttributes bound_;
};

}  // namespace paddock::services::dynamodb::testing
