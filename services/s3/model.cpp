#include "services/s3/model.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "models/s3.hpp"
#include "services/s3/errors.hpp"
#include "services/s3/limits.hpp"
#include "wire/codec.hpp"

namespace paddock::services::s3 {
namespace model_rules {

namespace members = ::paddock::models::s3_members;

constexpr std::string_view kVersionAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
constexpr size_t kVersionLength = 32;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool is_ipv4(std::string_view name) {
  const auto parts = split(name, '.');
  return parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
           return !part.empty() && part.size() <= 3 &&
                  part.find_first_not_of("0123456789") == std::string_view::npos;
         });
}

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_tag_text(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view(" +-=._:/@").find(c) != std::string_view::npos;
    if (!plain && byte < 0x80) return false;
  }
  return true;
}

}  // namespace model_rules

std::string Part::etag() const {
  return to_hex(md5);
}

bool is_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return false;
  if (!std::all_of(name.begin(), name.end(), model_rules::is_name_character)) return false;
  const auto is_end = [](char c) { return c != '-' && c != '.'; };
  if (!is_end(name.front()) || !is_end(name.back())) return false;
  if (name.find("..") != std::string_view::npos) return false;
  if (model_rules::is_ipv4(name) || name.starts_with("xn--") || name.starts_with("sthree-")) {
    return false;
  }
  return !name.ends_with("-s3alias") && !name.ends_with("--ol-s3") && !name.ends_with(".mrap") &&
         !name.ends_with("--x-s3");
}

bool is_region(std::string_view name) {
  const auto parts = split(name, '-');
  if (parts.size() < 3 || parts.front().size() < 2) return false;
  const std::string_view last = parts.back();
  return !last.empty() && last.find_first_not_of("0123456789") == std::string_view::npos &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

std::string canonical_id(std::string_view account) {
  return sha256_hex("canonical user of account " + std::string(account));
}

std::string make_version_id(uint64_t order, const IdBytes& random) {
  std::string bytes(reinterpret_cast<const char*>(random.data()), 16);
  std::string number;
  storage::append_u64(number, order);
  // Mixed with random bytes, so that ids that follow each other do not look alike.
  for (size_t i = 0; i < 8; i++) bytes += static_cast<char>(number[i] ^ bytes[i]);
  std::string id;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&bytes](size_t n) { return static_cast<unsigned>(bytes[n] & 0xFF); };
    const unsigned word = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    for (const int shift : {18, 12, 6, 0}) {
      id += model_rules::kVersionAlphabet[word >> shift & 63];
    }
  }
  return id;
}

std::optional<uint64_t> order_of_version(std::string_view id) {
  if (id.size() != model_rules::kVersionLength) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < id.size(); i += 4) {
    unsigned word = 0;
    for (size_t n = 0; n < 4; n++) {
      const size_t digit = model_rules::kVersionAlphabet.find(id[i + n]);
      if (digit == std::string_view::npos) return std::nullopt;
      word = word << 6 | static_cast<unsigned>(digit);
    }
    for (const int shift : {16, 8, 0}) bytes += static_cast<char>(word >> shift & 0xFF);
  }
  uint64_t order = 0;
  for (size_t i = 0; i < 8; i++) {
    order = order << 8 | static_cast<unsigned char>(bytes[16 + i] ^ bytes[i]);
  }
  return order;
}

RangeOutcome parse_range(std::string_view header, uint64_t size, Span& span) {
  constexpr std::string_view kUnit = "bytes=";
  span = {0, size};
  if (header.empty() || !equal_ignore_case(header.substr(0, kUnit.size()), kUnit)) {
    return RangeOutcome::whole;
  }
  const std::string_view text = trim(header.substr(kUnit.size()));
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.find(',') != std::string_view::npos) {
    return RangeOutcome::whole;
  }
  const std::string_view first_text = text.substr(0, dash);
  const std::string_view last_text = text.substr(dash + 1);
  const auto first = model_rules::number(first_text);
  const auto last = model_rules::number(last_text);
  if (first_text.empty()) {
    if (!last) return RangeOutcome::whole;
    if (*last == 0 || size == 0) return RangeOutcome::unsatisfiable;
    const uint64_t length = std::min(*last, size);
    span = {size - length, length};
    return RangeOutcome::part;
  }
  if (!first || (!last && !last_text.empty())) return RangeOutcome::whole;
  if (last && *last < *first) return RangeOutcome::whole;
  if (*first >= size) return RangeOutcome::unsatisfiable;
  const uint64_t end = last ? std::min(*last, size - 1) : size - 1;
  span = {*first, end - *first + 1};
  return RangeOutcome::part;
}

std::optional<Span> parse_copy_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes=";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = model_rules::number(text.substr(0, dash));
  const auto last = model_rules::number(text.substr(dash + 1));
  if (!first || !last || *last < *first || *last - *first == ~uint64_t{0}) return std::nullopt;
  return Span{*first, *last - *first + 1};
}

bool etag_matches(std::string_view header, std::string_view etag) {
  for (std::string_view one : split(header, ',')) {
    one = trim(one);
    if (one == "*") return true;
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one.size() >= 2 && one.front() == '"' && one.back() == '"') {
      one = one.substr(1, one.size() - 2);
    }
    if (one == etag) return true;
  }
  return false;
}

std::string quoted_etag(std::string_view etag) {
  return "\"" + std::string(etag) + "\"";
}

std::string header_safe(const std::string& value) {
  const bool ascii =
      std::all_of(value.begin(), value.end(), [](char c) { return (c & 0x80) == 0; });
  return ascii ? value : "=?UTF-8?B?" + to_base64(value) + "?=";
}

Json parse_tagging_header(std::string_view header) {
  const auto refuse = [header] {
    return errors::invalid_argument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters "
        "without tag name duplicates.",
        "x-amz-tagging", header);
  };
  Json tags = Json::array();
  std::set<std::string> seen;
  std::vector<std::pair<std::string, std::string>> fields;
  try {
    fields = wire::parse_form(header);
  } catch (const std::invalid_argument&) {
    throw refuse();
  }
  for (const auto& [key, value] : fields) {
    if (key.empty() || !seen.insert(key).second) throw refuse();
    tags.push_back({{model_rules::members::Key, key}, {model_rules::members::Value, value}});
  }
  check_tags(tags, limits::kTagsPerObject);
  return tags;
}

void check_tags(const Json& tags, size_t most) {
  if (tags.size() > most) {
    throw AwsError("BadRequest", most == limits::kTagsPerObject
                                     ? "Object tags cannot be greater than 10"
                                     : "Bucket tag count cannot be greater than 50");
  }
  std::set<std::string> seen;
  for (const Json& tag : tags) {
    const std::string key = tag.value(model_rules::members::Key, "");
    const std::string value = tag.value(model_rules::members::Value, "");
    if (key.empty() || utf16_length(key) > limits::kTagKeyCharacters ||
        !model_rules::is_tag_text(key)) {
      throw errors::invalid_tag("The TagKey you have provided is invalid").with("TagKey", key);
    }
    if (utf16_length(value) > limits::kTagValueCharacters || !model_rules::is_tag_text(value)) {
      throw errors::invalid_tag("The TagValue you have provided is invalid")
          .with("TagKey", key)
          .with("TagValue", value);
    }
    if (key.starts_with("aws:")) {
      throw errors::invalid_tag("System tags cannot be added/updated by requester")
          .with("TagKey", key);
    }
    if (!seen.insert(key).second) {
      throw errors::invalid_tag("Cannot provide multiple Tags with the same key")
          .with("TagKey", key);
    }
  }
}

}  // namespace paddock::services::s3
