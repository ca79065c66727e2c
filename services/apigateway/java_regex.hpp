// Java regular expressions, as templates, selection patterns and authorizers use them, over
// Boost.Regex. Texts are matched as bytes. Both pattern and text are bounded, and a match that
// needs too many steps throws instead of going on.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace paddock::services::apigateway {

// A pattern that is malformed or too long, or a match that is too much work.
class RegexError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Immutable, thread-safe.
class JavaRegex {
 public:
  static constexpr size_t kMaxPattern = 4096;
  static constexpr size_t kMaxText = 256 * 1024;

  explicit JavaRegex(std::string_view pattern);
  ~JavaRegex();
  JavaRegex(JavaRegex&&) noexcept;
  JavaRegex& operator=(JavaRegex&&) noexcept;

  bool matches(std::string_view text) const;  // the whole text
  bool found_in(std::string_view text) const;
  // `replacement` in Java's form: $1 and ${name} are groups, \ quotes.
  std::string replace(std::string_view text, std::string_view replacement, bool all) const;
  // As String.split(regex): no empty texts at the end; `limit` as Java's second argument.
  std::vector<std::string> split(std::string_view text, int64_t limit = 0) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paddock::services::apigateway
