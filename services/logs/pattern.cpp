#include "services/logs/pattern.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "services/logs/errors.hpp"

namespace paddock::services::logs {
namespace words {

// Takes one term or quoted phrase from the front of `text`.
std::string take(std::string_view& text) {
  std::string word;
  if (!text.starts_with('"')) {
    const size_t end = std::min(text.find_first_of(" \t"), text.size());
    word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
  }
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      word += text[++i];
    } else if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return word;
    } else {
      word += text[i];
    }
  }
  throw errors::invalid("Invalid filter pattern");
}

}  // namespace words

Pattern::Pattern(std::string_view text) {
  text = trim(text);
  if (text.starts_with('{')) {
    throw errors::not_emulated("A filter pattern for JSON events");
  }
  if (text.starts_with('[')) {
    throw errors::not_emulated("A filter pattern for space-delimited events");
  }
  for (text = trim(text); !text.empty(); text = trim(text)) {
    std::vector<std::string>* kind = &all_;
    if (text.size() > 1 && (text[0] == '?' || text[0] == '-')) {
      kind = text[0] == '?' ? &any_ : &none_;
      text.remove_prefix(1);
    }
    if (text.starts_with('%')) {
      throw errors::not_emulated("A regular expression in a filter pattern");
    }
    kind->push_back(words::take(text));
  }
}

bool Pattern::matches(std::string_view message) const {
  const auto holds = [message](const std::string& word) {
    return message.find(word) != std::string_view::npos;
  };
  if (all_.empty() && none_.empty()) {
    return any_.empty() || std::any_of(any_.begin(), any_.end(), holds);
  }
  return std::all_of(all_.begin(), all_.end(), holds) &&
         std::none_of(none_.begin(), none_.end(), holds);
}

}  // namespace paddock::services::logs
