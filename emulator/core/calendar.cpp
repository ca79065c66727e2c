// The calendar part of text.hpp: moments of time as text and back.
#include <array>
#include <chrono>

#include "core/text.hpp"

namespace paddock {

namespace calendar_detail {

constexpr int64_t kDayMs = 86'400'000;
constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void append_number(std::string& out, int value, int digits) {
  char buffer[12];
  int at = sizeof buffer;
  for (int i = 0; i < digits || value > 0; ++i, value /= 10) {
    buffer[--at] = static_cast<char>('0' + value % 10);
  }
  out.append(buffer + at, sizeof buffer - static_cast<size_t>(at));
}

// Takes exactly `digits` digits off the front of `text`.
bool take_number(std::string_view& text, size_t digits, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, std::string_view expected) {
  if (text.substr(0, expected.size()) != expected) return false;
  text.remove_prefix(expected.size());
  return true;
}

bool valid_moment(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return date.ok() && hour < 24 && minute < 60 && second < 60;
}

// Up to nine digits after the point; finer than a millisecond is cut off.
bool take_fraction(std::string_view& text, int& milliseconds) {
  size_t digits = 0;
  milliseconds = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    if (digits < 3) milliseconds = milliseconds * 10 + (text[digits] - '0');
    ++digits;
  }
  for (size_t i = digits; i < 3; ++i) milliseconds *= 10;
  text.remove_prefix(digits);
  return digits >= 1 && digits <= 9;
}

}  // namespace calendar_detail

CivilTime civil_time(int64_t ms) {
  using calendar_detail::kDayMs;
  int64_t days = ms / kDayMs;
  int64_t rest = ms % kDayMs;
  if (rest < 0) {
    --days;
    rest += kDayMs;
  }
  const std::chrono::sys_days date{std::chrono::days(days)};
  const std::chrono::year_month_day ymd{date};
  CivilTime out{};
  out.year = static_cast<int>(ymd.year());
  out.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  out.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  out.hour = static_cast<int>(rest / 3'600'000);
  out.minute = static_cast<int>(rest / 60'000 % 60);
  out.second = static_cast<int>(rest / 1000 % 60);
  out.millisecond = static_cast<int>(rest % 1000);
  out.weekday = static_cast<int>(std::chrono::weekday{date}.c_encoding());
  return out;
}

int64_t from_civil(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::sys_days date =
      std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day);
  return date.time_since_epoch().count() * calendar_detail::kDayMs +
         ((int64_t{hour} * 60 + minute) * 60 + second) * 1000;
}

std::string iso8601(int64_t ms, bool with_milliseconds) {
  using calendar_detail::append_number;
  const CivilTime t = civil_time(ms);
  std::string out;
  out.reserve(24);
  append_number(out, t.year, 4);
  out += '-';
  append_number(out, t.month, 2);
  out += '-';
  append_number(out, t.day, 2);
  out += 'T';
  append_number(out, t.hour, 2);
  out += ':';
  append_number(out, t.minute, 2);
  out += ':';
  append_number(out, t.second, 2);
  if (with_milliseconds) {
    out += '.';
    append_number(out, t.millisecond, 3);
  }
  out += 'Z';
  return out;
}

std::optional<int64_t> parse_iso8601(std::string_view text) {
  using calendar_detail::take;
  using calendar_detail::take_number;
  int year, month, day, hour, minute, second, milliseconds = 0;
  if (!take_number(text, 4, year) || !take(text, "-") || !take_number(text, 2, month) ||
      !take(text, "-") || !take_number(text, 2, day) || !take(text, "T") ||
      !take_number(text, 2, hour) || !take(text, ":") || !take_number(text, 2, minute) ||
      !take(text, ":") || !take_number(text, 2, second)) {
    return std::nullopt;
  }
  if (!calendar_detail::valid_moment(year, month, day, hour, minute, second)) return std::nullopt;
  if (take(text, ".") && !calendar_detail::take_fraction(text, milliseconds)) return std::nullopt;
  const int64_t local = from_civil(year, month, day, hour, minute, second) + milliseconds;
  if (text == "Z") return local;
  int zone_hour, zone_minute;
  const bool east = take(text, "+");
  if (!east && !take(text, "-")) return std::nullopt;
  if (!take_number(text, 2, zone_hour) || !take(text, ":") || !take_number(text, 2, zone_minute) ||
      !text.empty() || zone_hour > 23 || zone_minute > 59) {
    return std::nullopt;
  }
  const int64_t zone_ms = (int64_t{zone_hour} * 60 + zone_minute) * 60'000;
  return east ? local - zone_ms : local + zone_ms;
}

std::string http_date(int64_t ms) {
  using calendar_detail::append_number;
  const CivilTime t = civil_time(ms);
  std::string out;
  out.reserve(29);
  out.append(calendar_detail::kWeekdays[static_cast<size_t>(t.weekday)]).append(", ");
  append_number(out, t.day, 2);
  out.append(1, ' ').append(calendar_detail::kMonths[static_cast<size_t>(t.month - 1)]);
  out += ' ';
  append_number(out, t.year, 4);
  out += ' ';
  append_number(out, t.hour, 2);
  out += ':';
  append_number(out, t.minute, 2);
  out += ':';
  append_number(out, t.second, 2);
  out += " GMT";
  return out;
}

std::optional<int64_t> parse_http_date(std::string_view text) {
  using calendar_detail::take;
  using calendar_detail::take_number;
  int year, day, hour, minute, second;
  if (text.size() != 29 || text.substr(3, 2) != ", ") return std::nullopt;
  const std::string_view weekday = text.substr(0, 3);
  text.remove_prefix(5);
  if (!take_number(text, 2, day) || !take(text, " ")) return std::nullopt;
  int month = 0;
  for (int i = 0; i < 12; ++i) {
    if (take(text, calendar_detail::kMonths[static_cast<size_t>(i)])) {
      month = i + 1;
      break;
    }
  }
  if (month == 0 || !take(text, " ") || !take_number(text, 4, year) || !take(text, " ") ||
      !take_number(text, 2, hour) || !take(text, ":") || !take_number(text, 2, minute) ||
      !take(text, ":") || !take_number(text, 2, second) || text != " GMT") {
    return std::nullopt;
  }
  if (!calendar_detail::valid_moment(year, month, day, hour, minute, second)) return std::nullopt;
  const int64_t ms = from_civil(year, month, day, hour, minute, second);
  if (weekday != calendar_detail::kWeekdays[static_cast<size_t>(civil_time(ms).weekday)]) {
    return std::nullopt;
  }
  return ms;
}

}  // namespace paddock
