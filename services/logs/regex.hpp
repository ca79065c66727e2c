// The regular expressions of filter patterns, %…%: a documented subset, matched by RE2 in time
// linear in the text.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
#pragma once

#include <memory>
#include <optional>
#include <string_view>

namespace re2 {
class RE2;
}

namespace paddock::services::logs {

// Immutable and thread-safe; copies share one.
class Regex {
 public:
  // The first character that AWS does not take in an expression; '\0': none. Letters, digits,
  // : _ # = @ / ; , - and the operators ^ $ ? [ ] { } | \ * + . are taken; space and parentheses
  // are not. A byte beyond ASCII comes out as '?'.
  static char unsupported(std::string_view text);
  // nullopt if `text` is no expression or asks for too much memory (1 MiB).
  static std::optional<Regex> make(std::string_view text);

  bool found_in(std::string_view text) const;

 private:
  explicit Regex(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace paddock::services::logs
