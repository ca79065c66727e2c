// Validation from the model: required members, lengths, ranges, patterns, enums; each service's own
// message format.
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"
#include "wire/model.hpp"
#include "wire/patterns.hpp"

namespace paddock::wire {

// One broken constraint of the model, in the words that are common to AWS's services:
// "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or
// equal to 3". `path` in the service's spelling ("tableName", "item.member.key").
struct Violation {
  enum class Rule { required, length, range, pattern, enum_value, type };
  Rule rule;
  std::string path;
  std::string text;
};

struct ValidateOptions {
  bool lower_first = true;  // names in paths start in lower case: 'tableName' for TableName
  size_t most = 20;         // stop after so many
  // API Gateway's REST bodies are a member of their own: 'createRestApiInput.name' for `name` of
  // CreateRestApiRequest. They come before the members of labels, query and headers.
  bool body_under_input = false;
  // Compiled patterns, shared by all calls; nullptr: each is compiled again where it is needed.
  Patterns* patterns = nullptr;
};

// All violations of `shape`, members in the model's order (body first with body_under_input), at
// most options.most. A valid input costs one walk without allocations. Null elements of lists and
// maps are violations too. Also takes documents that no decoder has checked (calls in-process): a
// value of another type than the model's is a violation of Rule::type.
std::vector<Violation> validate(const Shape& shape, const Json& input,
                                const ValidateOptions& options = {});

// "2 validation errors detected: A; B"; the common form of the messages. `violations` must not be
// empty.
std::string summary(const std::vector<Violation>& violations);

// A value as messages show it: in the form of Java's toString, cut at 64 KiB. For constraints that
// a service checks itself.
std::string value_text(const Shape& shape, const Json& value);

// The values of an enum in the order in which AWS's messages list them: that of a hash table of 32
// buckets over Java's String.hashCode, the latest of a bucket first. (Found by comparison with the
// recorded messages; it reproduces all of them that come from the model.)
std::vector<std::string_view> enum_order(std::span<const std::string_view> values);

}  // namespace paddock::wire
