// What mapping templates compute with: Java's values as Velocity sees them, and JSON read in the
// client's order of members.
//
// Lists and maps have Java's reference semantics. They live in an Arena until that ends, so that no
// value owns another: chains as deep as a hostile template likes, and cycles, cost nothing to drop.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway::vtl {

struct Node;
struct List;
struct Map;

// A template that cannot be parsed, fails, or goes beyond a bound; the message is for the log.
class TemplateError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The body of a #define, rendered where it is used.
struct Block {
  const Node* body;
};
// $input, $util, and $input.params() as functions.
enum class Builtin { input, util };
// An integer beyond 64 bits, kept as its digits.
struct BigInteger {
  std::string digits;
};

using Value = std::variant<std::monostate, bool, int64_t, double, BigInteger, std::string, List*,
                           Map*, Block, Builtin>;

inline bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}
inline const std::string* as_text(const Value& value) {
  return std::get_if<std::string>(&value);
}

struct List {
  std::vector<Value> items;
  bool json = false;  // came from JSON: prints as JSON, also within a map
};

// Members in the order they were put.
struct Map {
  std::vector<std::pair<std::string, Value>> members;
  bool json = false;  // prints as JSON: what $util.parseJson returns

  Value* find(std::string_view key);
  const Value* find(std::string_view key) const { return const_cast<Map*>(this)->find(key); }
  // Returns the former value, null if there was none.
  Value put(std::string key, Value value);
  Value remove(std::string_view key);
  void clear();

 private:
  std::unordered_map<std::string, size_t> index_;  // kept from kIndexed members on
};

// Owns lists and maps. Not thread-safe.
class Arena {
 public:
  List* list() { return &lists_.emplace_back(); }
  Map* map() { return &maps_.emplace_back(); }

 private:
  std::deque<List> lists_;
  std::deque<Map> maps_;
};

// Work that a template may cause: every step, element and 64 bytes of text cost one. Throws
// TemplateError when it is spent.
class Budget {
 public:
  explicit Budget(int64_t steps) : left_(steps) {}
  void spend(int64_t steps) {
    left_ -= steps;
    if (left_ < 0) throw TemplateError("The template takes too many steps");
  }
  void spend_text(size_t bytes);  // also bounds a single text

 private:
  int64_t left_;
};

// JSON text as a value; nullopt if it is none (or deeper than 64). `maps_print_json` is what
// $util.parseJson wants. Duplicate members: the last one counts.
std::optional<Value> parse_json_value(std::string_view text, Arena& arena, Budget& budget,
                                      bool maps_print_json = false);
// A document of ours as a value; members come in the document's (sorted) order.
Value value_of(const Json& document, Arena& arena);
// The other way; blocks and builtins become null. Throws TemplateError for what is too deep.
Json json_of(const Value& value, Budget& budget);

// As Java's toString: maps as {k=v}, literal lists as [a, b], lists of JSON as JSON.
void append_text(std::string& out, const Value& value, Budget& budget);
// As $input.json prints.
void append_json(std::string& out, const Value& value, Budget& budget);
// Double.toString: "2.0", "1.0E10".
std::string java_double(double value);

}  // namespace paddock::services::apigateway::vtl
