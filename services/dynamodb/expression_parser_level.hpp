// The depth guard of the parser.
#pragma once

#include "services/dynamodb/expression_parser.hpp"

namespace paddock::services::dynamodb {

// Every level that AWS accepts holds an operator or a function, so nesting deeper than their limit
// is either redundant parentheses or too many operators.
class ExpressionParser::Level {
 public:
  explicit Level(ExpressionParser& parser) : parser_(parser) {
    if (++parser_.depth_ <= kMaxExpressionDepth) return;
    if (parser_.peek().is("(") && parser_.peek(1).is("("))
      parser_.fail("The expression has redundant parentheses;");
    parser_.fail("The expression contains too many operators; operator count: " +
                 std::to_string(kMaxOperators + 1));
  }
  ~Level() { --parser_.depth_; }
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

 private:
  ExpressionParser& parser_;
};

}  // namespace paddock::services::dynamodb
