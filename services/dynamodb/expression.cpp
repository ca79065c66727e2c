// Binding the names and values of a request.
#include "services/dynamodb/expression.hpp"

#include <algorithm>
#include <charconv>

#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {
namespace binding_detail {

constexpr size_t kMaxPlaceholderBytes = 255;

bool in_placeholder(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

void check_placeholder(std::string_view member, char sign, const std::string& key) {
  const std::string prefix = std::string(member) + " contains invalid key: ";
  if (key.empty()) fail_validation(prefix + "The expression attribute map contains an empty key;");
  if (key.size() > kMaxPlaceholderBytes)
    fail_validation(prefix + "The expression attribute map contains a key that is too long;");
  if (key.size() < 2 || key[0] != sign || !std::all_of(key.begin() + 1, key.end(), in_placeholder))
    fail_validation(prefix + "Syntax error; key: \"" + key + "\"");
}

// The older layer says where a bad value is from; the newer one does not.
AttributeValue checked_value(const std::string& key, const Json& document) {
  const auto placed = [&](const std::string& message) {
    return "ExpressionAttributeValues contains invalid value: " + message + " for key " + key;
  };
  try {
    return value_from_document(document);
  } catch (const RewordedError& error) {
    throw RewordedError(placed(error.message()), error.current());
  } catch (const AwsError& error) {
    if (error.code() != "ValidationException") throw;
    throw RewordedError(placed(error.message()), error.message());
  }
}

template <class Entries>
void require_used(const Entries& entries, std::string_view member) {
  std::string unused;
  for (const auto& entry : entries)
    if (!entry.used) unused += (unused.empty() ? "" : ", ") + entry.placeholder;
  if (!unused.empty())
    fail_validation("Value provided in " + std::string(member) + " unused in expressions: keys: {" +
                    unused + "}");
}

}  // namespace binding_detail

ExpressionAttributes::ExpressionAttributes(const Json* names, const Json* values) {
  if (names != nullptr) {
    if (names->empty()) fail_validation("ExpressionAttributeNames must not be empty");
    for (const auto& [key, name] : names->items()) {
      binding_detail::check_placeholder("ExpressionAttributeNames", '#', key);
      add_name(key, name.get<std::string>());
    }
  }
  if (values != nullptr) {
    if (values->empty()) fail_validation("ExpressionAttributeValues must not be empty");
    for (const auto& [key, value] : values->items())
      binding_detail::check_placeholder("ExpressionAttributeValues", ':', key);
    values_.reserve(values->size());
    for (const auto& [key, value] : values->items())
      add_value(key, binding_detail::checked_value(key, value));
  }
}

void ExpressionAttributes::add_name(std::string placeholder, std::string name) {
  names_.push_back({std::move(placeholder), std::move(name)});
}

void ExpressionAttributes::add_value(std::string placeholder, AttributeValue value) {
  std::string encoded = encode(value);
  values_.push_back({std::move(placeholder), std::move(value), std::move(encoded)});
}

bool ExpressionAttributes::has_name(std::string_view placeholder) const {
  return std::any_of(names_.begin(), names_.end(),
                     [&](const Name& entry) { return entry.placeholder == placeholder; });
}

bool ExpressionAttributes::has_value(std::string_view placeholder) const {
  return std::any_of(values_.begin(), values_.end(),
                     [&](const Value& entry) { return entry.placeholder == placeholder; });
}

const std::string* ExpressionAttributes::use_name(std::string_view placeholder) {
  for (Name& entry : names_) {
    if (entry.placeholder != placeholder) continue;
    entry.used = true;
    return &entry.name;
  }
  return nullptr;
}

const ExpressionAttributes::Value* ExpressionAttributes::use_value(std::string_view placeholder) {
  // The values of PartiQL, which may be thousands, are numbered: ":12" lies at position 12.
  size_t number = 0;
  const char* end = placeholder.data() + placeholder.size();
  if (std::from_chars(placeholder.data() + 1, end, number).ptr == end && number < values_.size() &&
      values_[number].placeholder == placeholder) {
    values_[number].used = true;
    return &values_[number];
  }
  for (Value& entry : values_) {
    if (entry.placeholder != placeholder) continue;
    entry.used = true;
    return &entry;
  }
  return nullptr;
}

void ExpressionAttributes::require_all_used() const {
  binding_detail::require_used(names_, "ExpressionAttributeNames");
  binding_detail::require_used(values_, "ExpressionAttributeValues");
}

std::string expression_error_prefix(ExpressionKind kind) {
  if (kind == ExpressionKind::partiql) return {};
  return "Invalid " + std::string(expression_kind_name(kind)) + ": ";
}

std::string path_text(const BoundPath& path) {
  std::string out = "[";
  for (const BoundStep& step : path) {
    if (out.size() > 1) out += ", ";
    if (step.is_index())
      out += "[" + std::to_string(step.index) + "]";
    else
      out += step.name;
  }
  return out + "]";
}

BoundExpression::BoundExpression(ParsedExpressionPtr parsed, ExpressionAttributes& attributes)
    : parsed_(std::move(parsed)) {
  std::vector<std::string_view> names;
  names.reserve(parsed_->names.size());
  for (const std::string& placeholder : parsed_->names) {
    const std::string* name = attributes.use_name(placeholder);
    if (name == nullptr)
      fail(
          "An expression attribute name used in the document path is not defined; "
          "attribute name: " +
          placeholder);
    names.push_back(*name);
  }
  if (parsed_->legacy) {
    values_.reserve(attributes.value_count());
    for (size_t i = 0; i < attributes.value_count(); ++i) values_.push_back(&attributes.value(i));
  }
  values_.reserve(parsed_->values.size());
  for (const std::string& placeholder : parsed_->values) {
    values_.push_back(attributes.use_value(placeholder));
    if (values_.back() == nullptr)
      fail("An expression attribute value used in expression is not defined; attribute value: " +
           placeholder);
  }
  paths_.reserve(parsed_->paths.size());
  for (const ParsedPath& steps : parsed_->paths) {
    BoundPath& path = paths_.emplace_back();
    path.reserve(steps.size());
    for (const PathStep& step : steps) {
      switch (step.kind) {
        case PathStep::Kind::name:
          path.push_back({step.name, 0});
          break;
        case PathStep::Kind::placeholder:
          path.push_back({names[step.index], 0});
          break;
        case PathStep::Kind::index:
          path.push_back({{}, step.index});
          break;
      }
    }
  }
}

std::vector<BoundExpression::Head> BoundExpression::heads() const {
  std::vector<Head> out;
  out.reserve(paths_.size());
  for (const BoundPath& path : paths_) out.push_back({path.front().name, path.size() > 1});
  return out;
}

void BoundExpression::fail(const std::string& message) const {
  fail_validation(expression_error_prefix(parsed_->kind) + message);
}

}  // namespace paddock::services::dynamodb
