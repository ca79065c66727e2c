// What the three kinds of filter patterns have in common: reading their text, the values they
// compare with, and conditions joined by && and ||.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/logs/regex.hpp"

namespace paddock::services::logs {

// A text that is no pattern. what() is the part of the message that names the trouble; "" if the
// text breaks the grammar, of which AWS says no more.
class BadPattern : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A position in a pattern's text. The text must outlive it.
class PatternScanner {
 public:
  static constexpr size_t kMostRegexes = 2;  // in one pattern
  static constexpr int kMostDepth = 32;      // of parentheses

  explicit PatternScanner(std::string_view text) : left_(text) {}

  bool done() const { return left_.empty(); }
  char peek() const { return left_.empty() ? '\0' : left_.front(); }
  bool at(std::string_view token) const { return left_.starts_with(token); }
  void skip_space();
  // Skips spaces, then the token if it comes next.
  bool take(std::string_view token);
  // The same for a word: "NULL", "EXISTS".
  bool take_word(std::string_view word);
  void expect(std::string_view token);
  // Letters, digits, '_' and what `more` holds; may be empty.
  std::string word(std::string_view more = {});
  std::string quoted();  // "…" with \" and \\ in it
  Regex regex();         // %…%
  void skip(size_t count) { left_.remove_prefix(count); }

  [[noreturn]] static void fail() { throw BadPattern(""); }
  // "Invalid character(s) in term 'TERM'".
  [[noreturn]] static void fail_at(std::string_view term);
  // The same for the character that comes next.
  [[noreturn]] void fail_here() const;

 private:
  std::string_view left_;
  size_t regexes_ = 0;
};

// What a value is compared with: text with '*' in it, a number, or a regular expression.
class Comparison {
 public:
  enum class Operator { equal, not_equal, less, less_equal, greater, greater_equal };

  // OPERATOR VALUE.
  static Comparison parse(PatternScanner& scanner);

  // A value as its text, and as a number if it is one. Compared as numbers if both are; else only
  // = and != can hold.
  bool holds(std::string_view text, std::optional<double> number) const;

 private:
  bool equals(std::string_view text, std::optional<double> number) const;

  Operator operator_ = Operator::equal;
  std::string text_;
  std::optional<double> number_;  // of text without quotes
  std::optional<Regex> regex_;
};

// True if `text` is like `pattern`, whose '*' stand for anything. As AWS does it, what follows a
// '*' is looked for once, from the left: "*111.111" is not like "111.111.111".
bool like(std::string_view pattern, std::string_view text);

// An integer or decimal with sign and exponent, and nothing else.
std::optional<double> number_of(std::string_view text);

// Conditions joined by && (first) and ||, with parentheses. `Leaf` has a static
// parse(PatternScanner&).
template <class Leaf>
class Conditions {
 public:
  static Conditions parse(PatternScanner& scanner, int depth = 0) {
    Conditions any;
    do {
      Conditions all;
      do all.parts_.push_back(parse_one(scanner, depth));
      while (scanner.take("&&"));
      all.every_ = true;
      any.parts_.push_back(std::move(all));
    } while (scanner.take("||"));
    return any;
  }

  // Of `test`, called with leaves until the answer is known.
  template <class Test>
  bool hold(const Test& test) const {
    if (leaf_) return test(*leaf_);
    for (const Conditions& part : parts_) {
      if (part.hold(test) != every_) return !every_;
    }
    return every_;
  }
  template <class Visit>
  void each(const Visit& visit) const {
    if (leaf_) visit(*leaf_);
    for (const Conditions& part : parts_) part.each(visit);
  }

 private:
  static Conditions parse_one(PatternScanner& scanner, int depth) {
    if (scanner.take("(")) {
      if (depth == PatternScanner::kMostDepth) PatternScanner::fail();
      Conditions inner = parse(scanner, depth + 1);
      scanner.expect(")");
      return inner;
    }
    Conditions one;
    one.leaf_ = Leaf::parse(scanner);
    return one;
  }

  bool every_ = false;  // all parts must hold, else any
  std::vector<Conditions> parts_;
  std::optional<Leaf> leaf_;
};

}  // namespace paddock::services::logs
