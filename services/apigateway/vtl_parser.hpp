// The parser of mapping templates; used by vtl_*.cpp only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/apigateway/vtl_template.hpp"

namespace paddock::services::apigateway::vtl {

class Parser {
 public:
  Parser(std::string_view text, Template& result, size_t depth = 0)
      : text_(text), result_(result), depth_(depth) {}

  // The whole text as one block.
  NodePtr parse_all();

 private:
  // vtl_parser.cpp: text, directives
  enum class End { text, end, other_branch };  // why a block ended
  NodePtr block(End* why);
  bool directive(Node& out, End* why);
  bool comment();
  bool literal_text(Node& out);
  void backslashes(Node& out);
  bool set_follows() const;
  void add_text(Node& out, std::string_view text);
  std::string word_at(size_t at, size_t* end) const;
  bool is_directive(const std::string& word) const;

  void parse_set(Node& out);
  void parse_if(Node& out);
  void parse_foreach(Node& out);
  void parse_define(Node& out);
  void parse_macro();
  bool parse_call(Node& out, const std::string& name, size_t begin);
  NodePtr body();  // up to its #end
  void open_paren();
  void close_paren();
  void skip_line_end();

  // vtl_expressions.cpp
  NodePtr expression();
  NodePtr binary(size_t level);
  NodePtr unary();
  NodePtr primary();
  NodePtr number();
  NodePtr quoted();
  NodePtr list_or_range();
  NodePtr map();
  // A reference at text_[at_] == '$'; nullptr if it is none (nothing is consumed).
  NodePtr reference();
  void accesses(Node& reference);
  std::vector<NodePtr> arguments(char close);
  std::string identifier();
  std::optional<std::string> take_operator(size_t level);

  void skip_space();
  bool take(char c);
  void expect(char c);
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool at_end() const { return at_ >= text_.size(); }
  [[noreturn]] void fail(const std::string& what) const;

  // Counts nesting while it lives.
  class Level {
   public:
    explicit Level(Parser& parser);
    ~Level() { --parser_.depth_; }

   private:
    Parser& parser_;
  };

  const std::string_view text_;
  Template& result_;
  size_t at_ = 0;
  size_t depth_;
  bool fresh_ = true;  // at the start of a token: no text is being collected
};

}  // namespace paddock::services::apigateway::vtl
