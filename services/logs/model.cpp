#include "services/logs/model.hpp"

#include <charconv>
#include <limits>

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/logs/limits.hpp"

namespace paddock::services::logs {
namespace digits {

constexpr size_t kTimestamp = 14;
constexpr size_t kStream = 20;
constexpr size_t kSequence = 22;

std::string padded(uint64_t value, size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

template <class Number>
bool parse(std::string_view text, Number& value) {
  // Leading zeros keep from_chars within the type: only the value may overflow.
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace digits

int64_t Group::oldest_ms(int64_t now_ms) const {
  return retention_days == 0 ? 0 : now_ms - retention_days * kDayMs;
}

std::string event_id(const Position& at, uint64_t stream) {
  return digits::padded(static_cast<uint64_t>(at.timestamp_ms), digits::kTimestamp) +
         digits::padded(stream, digits::kStream) + digits::padded(at.sequence, digits::kSequence);
}

std::string encode_token(const PageToken& token, uint64_t stream) {
  return (token.forward ? "f/" : "b/") + event_id(token.at, stream);
}

std::optional<PageToken> decode_token(std::string_view text, uint64_t stream) {
  if (text.size() != 2 + digits::kTimestamp + digits::kStream + digits::kSequence ||
      (!text.starts_with("f/") && !text.starts_with("b/"))) {
    return std::nullopt;
  }
  PageToken token;
  token.forward = text[0] == 'f';
  text.remove_prefix(2);
  uint64_t of_stream = 0;
  if (!digits::parse(text.substr(0, digits::kTimestamp), token.at.timestamp_ms) ||
      !digits::parse(text.substr(digits::kTimestamp, digits::kStream), of_stream) ||
      !digits::parse(text.substr(digits::kTimestamp + digits::kStream), token.at.sequence) ||
      of_stream != stream || token.at.timestamp_ms < 0) {
    return std::nullopt;
  }
  return token;
}

std::string encode_filter_token(const GroupPosition& at, uint64_t group) {
  return to_base64(std::to_string(group) + "." + std::to_string(at.timestamp_ms) + "." +
                   std::to_string(at.stream) + "." + std::to_string(at.sequence));
}

std::optional<GroupPosition> decode_filter_token(std::string_view text, uint64_t group) {
  const std::optional<std::string> plain = from_base64(text);
  if (!plain) {
    return std::nullopt;
  }
  const std::vector<std::string_view> parts = split(*plain, '.');
  GroupPosition at;
  uint64_t of_group = 0;
  if (parts.size() != 4 || !digits::parse(parts[0], of_group) ||
      !digits::parse(parts[1], at.timestamp_ms) || !digits::parse(parts[2], at.stream) ||
      !digits::parse(parts[3], at.sequence) || of_group != group) {
    return std::nullopt;
  }
  return at;
}

std::optional<std::string> group_name_of(const std::string& identifier) {
  if (!identifier.starts_with("arn:")) {
    return identifier;
  }
  const std::optional<Arn> arn = Arn::parse(identifier);
  constexpr std::string_view kPrefix = "log-group:";
  if (!arn || arn->service != "logs" || !arn->resource.starts_with(kPrefix)) {
    return std::nullopt;
  }
  std::string name = arn->resource.substr(kPrefix.size());
  if (name.ends_with(":*")) {
    name.resize(name.size() - 2);
  }
  return name;
}

}  // namespace paddock::services::logs
