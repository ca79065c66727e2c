// Validation from the model: required members, lengths, ranges, patterns, enums; each service's own
// message format.
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"
#include "wire/model.hpp"

namespace paddock::wire {

// One broken constraint, in the words that are common to AWS's services:
// "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or
// equal to 3". `path` in the service's spelling ("tableName", "item.member.key").
struct Violation {
  enum class Rule { required, length, range, pattern, enum_value, type };
  Rule rule;
  std::string path;
  std::string text;
};

struct ValidateOptions {
  bool lower_first = true;   // paths start in lower case: 'tableName' for TableName
  size_t most = 20;          // stop after so many
};

// All violations of `shape` in the order AWS lists them, at most options.most.
std::vector<Violation> validate(const Shape& shape, const Json& input,
                                const ValidateOptions& options = {});

// "2 validation errors detected: A; B"; the common form of the messages. Never empty input.
std::string summary(const std::vector<Violation>& violations);

}  // namespace paddock::wire
