// The models' patterns, which are Java regular expressions, over Boost.Regex.
//
// Java counts and matches characters, Boost bytes; so a text is folded first: each character above
// U+00FF becomes the byte 0xFF, all others their Latin-1 byte. The pattern is folded alike, and the
// properties \p{L}, \p{N} … keep their ASCII part exactly and take in every character above U+007F.
// That is wider than Java's, never narrower: a name AWS accepts is not refused.
#pragma once

#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace paddock::wire {

// One compiled pattern. Immutable, thread-safe.
class Pattern {
 public:
  // Texts longer than this are not matched but accepted: length constraints are for them.
  static constexpr size_t kMaxText = 128 * 1024;

  explicit Pattern(std::string_view java);
  ~Pattern();
  Pattern(Pattern&&) noexcept;

  // False if the pattern uses what Boost.Regex lacks; it then accepts everything. (tests/wire
  // proves that no pattern of the models does.)
  bool supported() const { return regex_ != nullptr; }
  // True if the whole of `text` (UTF-8) matches. A match that needs too many steps counts as none.
  bool matches(std::string_view text) const;

 private:
  struct Regex;
  std::unique_ptr<Regex> regex_;
};

// Compiled patterns, each compiled at its first use. Thread-safe. One per Emulator, handed to
// validation through ValidateOptions; keys are the models' constants and must outlive it.
class Patterns {
 public:
  const Pattern& get(std::string_view java);

 private:
  std::shared_mutex mutex_;
  std::unordered_map<std::string_view, std::unique_ptr<const Pattern>> compiled_;
};

// The folded pattern in Boost's Perl syntax; for tests.
std::string fold_pattern(std::string_view java);

}  // namespace paddock::wire
