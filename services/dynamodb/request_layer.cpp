#include "services/dynamodb/request_layer.hpp"

#include <algorithm>
#include <array>

#include "services/dynamodb/errors.hpp"

namespace paddock::services::dynamodb {
namespace request_layers {

using wire::Violation;
using Violations = std::vector<Violation>;

constexpr std::string_view kFailed = "failed to satisfy constraint: ";

// "Member must have length …" of a violation's text.
std::string constraint_of(const Violation& violation) {
  const size_t at = violation.text.rfind(kFailed);
  return at == std::string::npos ? violation.text : violation.text.substr(at + kFailed.size());
}

// The newer layer's words for a broken constraint: without the value.
void name_path(Violation& violation, const std::string& path) {
  violation.text = "Value at '" + path + "' " + std::string(kFailed) + constraint_of(violation);
}

// The newer layer does not say where these two enums are.
void reword_enum(Violation& violation) {
  if (violation.rule != Violation::Rule::enum_value) return;
  if (violation.path == "returnValues") violation.text = errors::unknown_return_values();
  if (violation.path == "conditionalOperator") {
    violation.text = errors::unknown_conditional_operator();
  }
}

bool is(const Violation& violation, std::string_view path, Violation::Rule rule) {
  return violation.path == path && violation.rule == rule;
}

// Members in AWS's order, the others after them in the model's.
void sort_by(Violations& violations, const std::vector<std::string_view>& order) {
  const auto place = [&](const Violation& violation) {
    return std::find(order.begin(), order.end(), violation.path) - order.begin();
  };
  std::stable_sort(violations.begin(), violations.end(),
                   [&](const Violation& a, const Violation& b) { return place(a) < place(b); });
}

// PutItem, UpdateItem and DeleteItem.
Violations of_write(std::string_view operation, Violations violations) {
  const bool update = operation == "UpdateItem";
  const bool incomplete = std::any_of(violations.begin(), violations.end(), [](const Violation& v) {
    return v.rule == Violation::Rule::required;
  });
  if (incomplete) {  // in the older words
    sort_by(violations, {"returnConsumedCapacity", "tableName", "returnValues"});
    return violations;
  }
  for (Violation& violation : violations) {
    if (is(violation, "tableName", Violation::Rule::length)) {
      name_path(violation, "TableName");
      return {violation};
    }
  }
  for (Violation& violation : violations) {
    reword_enum(violation);
    if (update && is(violation, "returnValues", Violation::Rule::enum_value)) return {violation};
  }
  sort_by(violations, {"returnConsumedCapacity", "returnValues", "returnItemCollectionMetrics"});
  return violations;
}

// A constraint on one table's part of RequestItems: "requestItems.name.member…" ends in `end`.
std::string_view table_of(const Violation& violation, std::string_view end) {
  constexpr std::string_view kStart = "requestItems.";
  std::string_view path = violation.path;
  if (violation.rule != Violation::Rule::length || !path.starts_with(kStart) ||
      !path.ends_with(end) || path.size() < kStart.size() + end.size()) {
    return {};
  }
  path.remove_prefix(kStart.size());
  path.remove_suffix(end.size());
  return path;
}

Violations of_batch_get(Violations violations) {
  for (Violation& violation : violations) {
    if (is(violation, "requestItems", Violation::Rule::length)) {
      name_path(violation, "RequestItems");
      continue;
    }
    const std::string table(table_of(violation, ".member.keys"));
    if (!table.empty()) name_path(violation, "RequestItems." + table + ".member.Keys");
  }
  return violations;
}

// The list of one table is a value of the map: all constraints of such values are named together.
Violations of_batch_write(Violations violations) {
  for (Violation& violation : violations) {
    const std::string table(table_of(violation, ".member"));
    constexpr std::string_view kValue = "Value '";
    const size_t end = violation.text.rfind("' at '");
    if (table.empty() || end == std::string::npos || end < kValue.size()) continue;
    const std::string list = violation.text.substr(kValue.size(), end - kValue.size());
    violation.text = errors::bad_write_requests(table, list);
  }
  return violations;
}

AwsError of_query(Violations violations) {
  for (Violation& violation : violations) {
    if (is(violation, "conditionalOperator", Violation::Rule::enum_value)) {
      return errors::validation(errors::unknown_conditional_operator());
    }
    if (is(violation, "limit", Violation::Rule::range)) name_path(violation, "Limit");
  }
  return errors::validation(wire::summary(violations));
}

// What is wrong with global indexes comes before what is wrong with local ones.
Violations of_create_table(Violations violations) {
  std::stable_sort(
      violations.begin(), violations.end(), [](const Violation& a, const Violation& b) {
        return a.path.starts_with("globalSecondary") && b.path.starts_with("localSecondary");
      });
  return violations;
}

}  // namespace request_layers

AwsError in_layer(Layer layer, const std::string& message) {
  // What is no value at all is never in the envelope.
  if (layer == Layer::current || message.starts_with("Supplied AttributeValue")) {
    return errors::validation(message);
  }
  return errors::enveloped(message);
}

AwsError invalid_request(const wire::OperationModel& operation,
                         const std::vector<wire::Violation>& violations) {
  using request_layers::is;
  const std::string_view name = operation.name;
  const auto& first = violations.front();
  const bool of_table = name == "CreateTable" || name == "DescribeTable" || name == "UpdateTable" ||
                        name == "DeleteTable";
  if (of_table && is(first, "tableName", wire::Violation::Rule::required)) {
    return errors::missing_table_name();
  }
  if (first.rule == wire::Violation::Rule::length &&
      first.text.find("length less than or equal to 65535") != std::string::npos) {
    return errors::attribute_name_too_large();  // only names have this bound
  }
  if (name == "BatchWriteItem" && is(first, "requestItems", wire::Violation::Rule::length)) {
    return errors::no_write_requests();
  }
  if (name == "Query") return request_layers::of_query(violations);
  const auto worded = [&] {
    if (name == "CreateTable") return request_layers::of_create_table(violations);
    if (name == "BatchGetItem") return request_layers::of_batch_get(violations);
    if (name == "BatchWriteItem") return request_layers::of_batch_write(violations);
    if (name == "PutItem" || name == "UpdateItem" || name == "DeleteItem") {
      return request_layers::of_write(name, violations);
    }
    return violations;
  };
  return errors::validation(wire::summary(worded()));
}

}  // namespace paddock::services::dynamodb
