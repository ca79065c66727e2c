#include "wire/patterns.hpp"

// Steps after which a match gives up; Boost's own bound of 100 million takes seconds. This file is
// the only one that includes the library.
#define BOOST_REGEX_MAX_STATE_COUNT 4000000

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <boost/regex.hpp>

namespace paddock::wire {
namespace pattern_detail {

// ASCII members of the properties that the models use; the second part takes in the rest.
struct Property {
  std::string_view name;
  std::string_view set;
};
constexpr std::array<Property, 8> kProperties = {{
    {"L", "a-zA-Z\\x80-\\xFF"},
    {"N", "0-9\\x80-\\xFF"},
    {"M", "\\x80-\\xFF"},
    {"Z", " \\x80-\\xFF"},
    {"S", "$+<=>^`|~\\x80-\\xFF"},
    {"P", "!-#%-*,-/:;?@\\[-\\]_{}\\x80-\\xFF"},
    {"ASCII", "\\x00-\\x7F"},
    {"Print", "\\x20-\\x7E"},
}};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Folder {
 public:
  explicit Folder(std::string_view java) : java_(java) {}

  std::string run() {
    while (at_ < java_.size()) {
      const char c = java_[at_];
      if (c == '\\') {
        escape();
      } else if (static_cast<unsigned char>(c) >= 0x80) {
        code_point();
      } else if (in_class_) {
        class_character(c);
      } else {
        if (c == '[') open_class();
        out_ += c;
        at_++;
      }
    }
    return std::move(out_);
  }

 private:
  void open_class() {
    in_class_ = true;
    class_start_ = at_;
    after_range_ = false;
    range_open_ = false;
  }

  void class_character(char c) {
    const bool first =
        at_ == class_start_ + 1 || (at_ == class_start_ + 2 && java_[at_ - 1] == '^');
    if (c == ']' && !first) {
      in_class_ = false;
      out_ += c;
      at_++;
      return;
    }
    if (c == '^' && at_ == class_start_ + 1) {
      out_ += c;
      at_++;
      return;
    }
    // A '-' that cannot be a range ("[0-9-_]", "[\w-]") is itself; Boost refuses it bare.
    if (c == '-') {
      const bool last = at_ + 1 < java_.size() && java_[at_ + 1] == ']';
      if (first || last || after_range_) {
        out_ += "\\-";
        after_range_ = false;
      } else {
        out_ += '-';
        range_open_ = true;
        at_++;
        return;
      }
    } else {
      if (c == '[') out_ += '\\';
      out_ += c;
      after_range_ = range_open_;
    }
    range_open_ = false;
    at_++;
  }

  void end_of_class_item(bool is_set) {
    after_range_ = is_set || range_open_;
    range_open_ = false;
  }

  void append_byte(uint32_t character) {
    constexpr const char* kDigits = "0123456789ABCDEF";
    const uint32_t byte = character > 0xFF ? 0xFF : character;
    out_ += "\\x";
    out_ += kDigits[byte >> 4];
    out_ += kDigits[byte & 15];
    if (in_class_) end_of_class_item(false);
  }

  // A character above U+007F that stands in the pattern itself.
  void code_point() {
    uint32_t value = static_cast<unsigned char>(java_[at_++]);
    const int more = value >= 0xF0 ? 3 : value >= 0xE0 ? 2 : 1;
    value &= 0x3Fu >> more;
    for (int i = 0; i < more && at_ < java_.size(); i++) {
      value = value << 6 | (static_cast<unsigned char>(java_[at_++]) & 0x3Fu);
    }
    append_byte(value);
  }

  void escape() {
    const char kind = at_ + 1 < java_.size() ? java_[at_ + 1] : '\0';
    const size_t digits = kind == 'u' ? 4 : kind == 'x' ? 2 : 0;
    if (digits != 0 && at_ + 2 + digits <= java_.size()) {
      uint32_t value = 0;
      for (size_t i = 0; i < digits; i++) {
        const int digit = hex_value(java_[at_ + 2 + i]);
        if (digit < 0) throw std::runtime_error("malformed escape");
        value = value * 16 + static_cast<uint32_t>(digit);
      }
      at_ += 2 + digits;
      append_byte(value);
      return;
    }
    if (kind == 'p') {
      property();
      return;
    }
    out_ += java_.substr(at_, 2);
    at_ += 2;
    const bool is_set = std::string_view("dDwWsS").find(kind) != std::string_view::npos;
    if (in_class_) end_of_class_item(is_set);
  }

  void property() {
    const size_t end = java_.find('}', at_);
    if (java_.substr(at_, 3) != "\\p{" || end == std::string_view::npos) {
      throw std::runtime_error("malformed property");
    }
    const std::string_view name = java_.substr(at_ + 3, end - at_ - 3);
    for (const Property& property : kProperties) {
      if (property.name != name) continue;
      if (!in_class_) out_ += '[';
      out_ += property.set;
      if (!in_class_) out_ += ']';
      at_ = end + 1;
      if (in_class_) end_of_class_item(true);
      return;
    }
    throw std::runtime_error("unknown property");
  }

  const std::string_view java_;
  size_t at_ = 0;
  std::string out_;
  bool in_class_ = false;
  size_t class_start_ = 0;
  bool after_range_ = false;  // the item before was a range or a set
  bool range_open_ = false;   // the item before was the '-' of a range
};

// One byte per character; see the header.
std::string fold_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      out += text[i++];
    } else if (lead < 0xC4 && i + 1 < text.size()) {
      out += static_cast<char>((lead & 3) << 6 | (static_cast<unsigned char>(text[i + 1]) & 0x3F));
      i += 2;
    } else {
      out += '\xFF';
      i += lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    }
  }
  return out;
}

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

}  // namespace pattern_detail

struct Pattern::Regex {
  explicit Regex(boost::regex compiled) : regex(std::move(compiled)) {}

  const boost::regex regex;
  // Hashes of texts that matched lately: clients name the same things again and again.
  mutable std::array<std::atomic<size_t>, 16> matched{};
};

Pattern::Pattern(std::string_view java) {
  try {
    regex_ = std::make_unique<Regex>(boost::regex(fold_pattern(java), boost::regex::perl));
  } catch (const std::runtime_error&) {
    regex_.reset();
  }
}

Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;

bool Pattern::matches(std::string_view text) const {
  if (regex_ == nullptr || text.size() > kMaxText) return true;
  const size_t hash = std::hash<std::string_view>()(text) | 1;  // never that of an empty place
  auto& place = regex_->matched[(hash >> 1) % regex_->matched.size()];
  if (place.load(std::memory_order_relaxed) == hash) return true;
  try {
    const bool found = pattern_detail::is_ascii(text)
                           ? boost::regex_match(text.begin(), text.end(), regex_->regex)
                           : boost::regex_match(pattern_detail::fold_text(text), regex_->regex);
    if (found) place.store(hash, std::memory_order_relaxed);
    return found;
  } catch (const std::runtime_error&) {
    return false;  // too many steps
  }
}

const Pattern& Patterns::get(std::string_view java) {
  {
    const std::shared_lock lock(mutex_);
    const auto found = compiled_.find(java);
    if (found != compiled_.end()) return *found->second;
  }
  auto compiled = std::make_unique<const Pattern>(java);
  const std::unique_lock lock(mutex_);
  return *compiled_.try_emplace(java, std::move(compiled)).first->second;
}

std::string fold_pattern(std::string_view java) {
  return pattern_detail::Folder(java).run();
}

}  // namespace paddock::wire
