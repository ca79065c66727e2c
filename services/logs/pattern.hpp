// Filter patterns for unstructured log events: terms, "quoted phrases", ?any and -not.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace paddock::services::logs {

// Immutable, so thread-safe. Terms match as substrings, with case.
class Pattern {
 public:
  // Throws InvalidParameterException for a phrase that is not closed, and for the kinds of
  // patterns that are not emulated: { JSON }, [fields], %regular expressions%.
  explicit Pattern(std::string_view text);

  bool matches(std::string_view message) const;

 private:
  std::vector<std::string> all_;
  std::vector<std::string> none_;
  std::vector<std::string> any_;  // counts only when there is nothing else, as with AWS
};

}  // namespace paddock::services::logs
