// Text forms that several layers need. All functions are pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace paddock {

std::string to_hex(std::string_view bytes);  // lower case
std::optional<std::string> from_hex(std::string_view hex);

// RFC 4648 with padding.
std::string to_base64(std::string_view bytes);
// Strict: nullopt for any character outside the alphabet, wrong padding or left-over bits.
std::optional<std::string> from_base64(std::string_view text);

// Percent-encoding of everything but A-Z a-z 0-9 - . _ ~ and, if `keep_slash`, '/'.
std::string url_encode(std::string_view text, bool keep_slash = false);
// Percent-decoding; '+' becomes a space only if `plus_is_space`. A malformed escape stays as it is.
std::string url_decode(std::string_view text, bool plus_is_space = false);

// True if `text` is well-formed UTF-8 (no overlong forms, no surrogates, at most U+10FFFF).
bool valid_utf8(std::string_view text);
// Number of UTF-16 code units of well-formed UTF-8, which is how AWS counts string length.
size_t utf16_length(std::string_view text);

std::string to_lower(std::string_view ascii);
bool equal_ignore_case(std::string_view a, std::string_view b);  // ASCII
std::string_view trim(std::string_view text);                    // spaces and tabs
std::vector<std::string_view> split(std::string_view text, char separator);

// "2026-11-20T07:36:00.123Z"; `ms` = milliseconds since 1970 (UTC).
std::string iso8601(int64_t ms, bool with_milliseconds = true);
// Accepts 2026-11-20T07:36:00[.fraction](Z|±hh:mm); nullopt otherwise.
std::optional<int64_t> parse_iso8601(std::string_view text);
// "Fri, 20 Nov 2026 07:36:00 GMT"
std::string http_date(int64_t ms);
std::optional<int64_t> parse_http_date(std::string_view text);

// Calendar fields of a moment (UTC) and back; proleptic Gregorian.
struct CivilTime {
  int year, month, day, hour, minute, second, millisecond, weekday /* 0 = Sunday */;
};
CivilTime civil_time(int64_t ms);
int64_t from_civil(int year, int month, int day, int hour, int minute, int second);

// Writes `text` as a JSON string with its quotes: the one escaper of the tree. `text` must be
// well-formed UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace paddock
