#include "services/apigateway/java_regex.hpp"

#include <boost/regex.hpp>

namespace paddock::services::apigateway {

struct JavaRegex::Impl {
  boost::regex regex;
};

namespace java_regex_detail {

using Match = boost::match_results<std::string_view::const_iterator>;

void check_text(std::string_view text) {
  if (text.size() > JavaRegex::kMaxText) throw RegexError("The text is too long for a pattern");
}

[[noreturn]] void too_much_work() {
  throw RegexError("Matching the pattern takes too many steps");
}

// What a replacement text stands for at one match.
std::string expand(std::string_view replacement, const Match& match) {
  std::string out;
  for (size_t i = 0; i < replacement.size(); ++i) {
    char c = replacement[i];
    if (c == '\\') {
      if (++i == replacement.size()) throw RegexError("character to be escaped is missing");
      out += replacement[i];
    } else if (c == '$') {
      if (++i == replacement.size()) throw RegexError("Illegal group reference");
      if (replacement[i] == '{') {
        size_t close = replacement.find('}', i);
        if (close == std::string_view::npos) throw RegexError("Illegal group reference");
        out += match[std::string(replacement.substr(i + 1, close - i - 1))].str();
        i = close;
        continue;
      }
      if (replacement[i] < '0' || replacement[i] > '9') throw RegexError("Illegal group reference");
      size_t group = static_cast<size_t>(replacement[i] - '0');
      if (group >= match.size()) throw RegexError("No group " + std::to_string(group));
      while (i + 1 < replacement.size() && replacement[i + 1] >= '0' && replacement[i + 1] <= '9') {
        size_t longer = group * 10 + static_cast<size_t>(replacement[i + 1] - '0');
        if (longer >= match.size()) break;
        group = longer;
        ++i;
      }
      out += match[static_cast<int>(group)].str();
    } else {
      out += c;
    }
    if (out.size() > JavaRegex::kMaxText) too_much_work();
  }
  return out;
}

}  // namespace java_regex_detail

JavaRegex::JavaRegex(std::string_view pattern) : impl_(std::make_unique<Impl>()) {
  if (pattern.size() > kMaxPattern) throw RegexError("The pattern is too long");
  try {
    // As in Java: . is no line end, and ^ and $ stand at the ends of the text alone.
    impl_->regex.assign(pattern.begin(), pattern.end(),
                        boost::regex::perl | boost::regex::no_mod_s | boost::regex::no_mod_m);
  } catch (const std::runtime_error&) {
    throw RegexError("Invalid pattern: " + std::string(pattern));
  }
}
JavaRegex::~JavaRegex() = default;
JavaRegex::JavaRegex(JavaRegex&&) noexcept = default;
JavaRegex& JavaRegex::operator=(JavaRegex&&) noexcept = default;

bool JavaRegex::matches(std::string_view text) const {
  java_regex_detail::check_text(text);
  try {
    return boost::regex_match(text.begin(), text.end(), impl_->regex);
  } catch (const std::runtime_error&) {
    java_regex_detail::too_much_work();
  }
}

bool JavaRegex::found_in(std::string_view text) const {
  java_regex_detail::check_text(text);
  try {
    return boost::regex_search(text.begin(), text.end(), impl_->regex);
  } catch (const std::runtime_error&) {
    java_regex_detail::too_much_work();
  }
}

std::string JavaRegex::replace(std::string_view text, std::string_view replacement,
                               bool all) const {
  java_regex_detail::check_text(text);
  std::string out;
  try {
    using Walk = boost::regex_iterator<std::string_view::const_iterator>;
    auto copied = text.begin();
    for (Walk at(text.begin(), text.end(), impl_->regex), end; at != end; ++at) {
      out.append(copied, (*at)[0].first);
      out += java_regex_detail::expand(replacement, *at);
      copied = (*at)[0].second;
      if (out.size() > 4 * kMaxText) java_regex_detail::too_much_work();
      if (!all) break;
    }
    out.append(copied, text.end());
  } catch (const RegexError&) {
    throw;
  } catch (const std::runtime_error&) {
    java_regex_detail::too_much_work();
  }
  return out;
}

std::vector<std::string> JavaRegex::split(std::string_view text, int64_t limit) const {
  java_regex_detail::check_text(text);
  std::vector<std::string> parts;
  try {
    using Walk = boost::regex_iterator<std::string_view::const_iterator>;
    auto begin = text.begin();
    for (Walk at(text.begin(), text.end(), impl_->regex), end; at != end; ++at) {
      if (limit > 0 && static_cast<int64_t>(parts.size()) == limit - 1) break;
      // An empty match at the beginning makes no empty first part.
      if ((*at)[0].second == text.begin()) continue;
      if ((*at)[0].first == (*at)[0].second && (*at)[0].first == text.end()) continue;
      parts.emplace_back(begin, (*at)[0].first);
      begin = (*at)[0].second;
    }
    parts.emplace_back(begin, text.end());
  } catch (const std::runtime_error&) {
    java_regex_detail::too_much_work();
  }
  if (limit == 0) {
    while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  }
  return parts;
}

}  // namespace paddock::services::apigateway
