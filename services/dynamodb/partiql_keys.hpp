// What the WHERE of a PartiQL statement says about keys: which item a write means, and which parts
// of a table or index a SELECT has to read.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.select.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/dynamodb/expression.hpp"
#include "services/dynamodb/model.hpp"
#include "services/dynamodb/partiql_ast.hpp"
#include "services/dynamodb/store.hpp"

namespace paddock::services::dynamodb {

inline constexpr size_t kMaxStatementReads = 50;  // developer guide, IN on a partition key

// Immutable once bound; all functions are pure.
class StatementKeys : public BoundExpression {
 public:
  StatementKeys(ParsedExpressionPtr where, ExpressionAttributes& attributes)
      : BoundExpression(std::move(where), attributes) {}

  // The key that the conditions joined by AND name.
  struct Named {
    Item key;                  // the key attributes that an equality gives, the first of each
    bool only_key = true;      // WHERE says no more than that
    std::string_view twice{};  // a key attribute with two values, "" if there is none
  };
  // `one_of_one`: an IN with one value counts as an equality.
  Named named(const KeySchema& keys, bool one_of_one) const;

  // What a SELECT reads: everything, or parts without overlap, in order of the partition key, then
  // of the sort key. WHERE remains to be evaluated for each row. Throws ValidationException for
  // values of a wrong type, parts that overlap, too many parts.
  struct Reads {
    bool everything = false;
    std::vector<KeyBounds> parts{};
    bool several_partitions = false;
  };
  // `descending` turns the order of partition keys, `backward` that of sort keys.
  Reads reads(const Table& table, const Index* index, bool descending, bool backward) const;

  // Whether it fixes the partition key by equality or IN, so that not everything is read.
  bool fixes_partition(const KeySchema& keys) const;
  // The attributes that conditions joined by AND name and `index` does not hold, in order of
  // appearance.
  std::vector<std::string_view> not_projected(const Index& index) const;

 private:
  struct SortTerm;
  struct Branch;
  using Branches = std::vector<Branch>;
  // A condition of the form attribute-operator-values.
  struct Term;

  std::optional<Term> term_of(const ExpressionNode& node) const;
  bool names(const ExpressionNode& node, std::string_view attribute) const;
  bool fixes(const ExpressionNode& node, const KeySchema& keys) const;
  void collect_named(const ExpressionNode& node, const KeySchema& keys, bool one_of_one,
                     Named& out) const;
  Branches expand(const ExpressionNode& node, const KeySchema& keys) const;
  Branches expand_term(const ExpressionNode& node, const KeySchema& keys) const;
  void collect_not_projected(const ExpressionNode& node, const Index& index,
                             std::vector<std::string_view>& out) const;
  void paths_of(const ExpressionNode& node, std::vector<std::string_view>& out) const;
};

}  // namespace paddock::services::dynamodb
