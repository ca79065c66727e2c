#include "services/logs/regex.hpp"

#include <re2/re2.h>

namespace paddock::services::logs {
namespace expressions {

constexpr int64_t kMostMemory = 1024 * 1024;
constexpr std::string_view kSymbols = ":_#=@/;,-";
constexpr std::string_view kOperators = "^$?[]{}|\\*+.";

}  // namespace expressions

char Regex::unsupported(std::string_view text) {
  for (const char c : text) {
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (alphanumeric || expressions::kSymbols.find(c) != std::string_view::npos ||
        expressions::kOperators.find(c) != std::string_view::npos) {
      continue;
    }
    return static_cast<unsigned char>(c) < 0x80 ? c : '?';
  }
  return '\0';
}

std::optional<Regex> Regex::make(std::string_view text) {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(expressions::kMostMemory);
  auto compiled = std::make_shared<RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (!compiled->ok()) return std::nullopt;
  return Regex(std::move(compiled));
}

bool Regex::found_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace paddock::services::logs
