// What a SELECT of one request reads, and the answer that it fills.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/dynamodb/partiql_bound.hpp"
#include "services/dynamodb/partiql_keys.hpp"
#include "services/dynamodb/row_read.hpp"

namespace paddock::services::dynamodb {

// The columns of a SELECT.
class StatementColumns {
 public:
  explicit StatementColumns(const PartiqlStatement& statement);

  // Appends the selected parts of the item as wire text.
  void append_json(std::string& out, ItemView item) const;
  // The attributes that they begin with, each once, in order; none for "*".
  std::vector<std::string_view> attributes() const;

 private:
  struct Column {
    std::string_view name;
    BoundPath path;
  };
  std::vector<Column> columns_;
};

// A SELECT against the table and index that it names.
struct StatementSelect {
  // Throws as AWS refuses it: no such index, consistency, attributes that the index does not hold,
  // ORDER BY, conditions on keys. `bound` and `table` must outlive it.
  StatementSelect(const BoundStatement& bound, const Table& table, bool consistent);

  // Goes on after a position that NextToken told. Throws "Invalid NextToken" if it is none of this
  // statement's.
  void start_after(const Item& position);

  const BoundStatement& bound;
  const Table& table;
  const Index* index = nullptr;
  StatementColumns columns;
  storage::Direction direction = storage::Direction::forward;
  bool fetch = false;
  std::vector<KeyBounds> parts{};  // in order

 private:
  void find_index(bool consistent);
  void check_projection();
  void plan();
};

// The key of the one item that a SELECT of a batch or a transaction names by nothing else. Throws
// `refusal` if it does not, and what StatementKeys::reads refuses.
Item single_item_key(const BoundStatement& bound, const Table& table, const AwsError& refusal);

}  // namespace paddock::services::dynamodb
