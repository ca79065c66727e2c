#include "http/message.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace paddock::http {

namespace {

// The lengths tell most names apart.
bool is_named(const Headers::Field& field, std::string_view name) {
  return field.first.size() == name.size() && equal_ignore_case(field.first, name);
}

}  // namespace

std::string_view Headers::get(std::string_view name) const {
  for (const Field& field : *this) {
    if (is_named(field, name)) return field.second;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::any_of(begin(), end(), [&](const Field& field) { return is_named(field, name); });
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Field& field : *this) {
    if (is_named(field, name)) values.push_back(field.second);
  }
  return values;
}

void Headers::add(std::string_view name, std::string_view value) {
  if (fields_.capacity() == 0) fields_.reserve(8);
  fields_.emplace_back(name, value);
}

void Headers::set(std::string_view name, std::string_view value) {
  if (!has(name)) return add(name, value);
  std::string kept(value);  // the value may be one of ours
  std::string kept_name(name);
  remove(kept_name);
  fields_.emplace_back(std::move(kept_name), std::move(kept));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return is_named(field, name); });
}

std::string RequestHead::host() const {
  std::string_view text = authority();
  const size_t bracket = text.find(']');  // "[::1]:4566": colons inside brackets are not a port's
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return to_lower(text.substr(0, colon));
}

void RequestHead::set_target(std::string_view text) {
  target = text;
  std::string_view rest = target;
  // The absolute form that proxies send: "http://host/path".
  if (const size_t scheme_end = rest.find("://");
      !rest.empty() && rest.front() != '/' && scheme_end != std::string_view::npos) {
    const size_t authority_start = scheme_end + 3;
    const size_t authority_end = std::min(rest.find_first_of("/?", authority_start), rest.size());
    headers.set("Host", rest.substr(authority_start, authority_end - authority_start));
    rest = rest.substr(authority_end);
  }
  const size_t mark = rest.find('?');
  path = rest.substr(0, mark);
  query = mark == std::string_view::npos ? std::string_view() : rest.substr(mark + 1);
  if (path.empty()) path = "/";
}

Response::Response(int status, std::string_view content_type, std::string body)
    : status(status), body(std::move(body)) {
  if (!content_type.empty()) headers.add("Content-Type", content_type);
}

namespace {

struct Reason {
  int status;
  std::string_view phrase;
};

// https://www.iana.org/assignments/http-status-codes, in rising order.
constexpr Reason kReasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Entity"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
};

}  // namespace

std::string_view reason_phrase(int status) {
  const auto found =
      std::lower_bound(std::begin(kReasons), std::end(kReasons), status,
                       [](const Reason& reason, int wanted) { return reason.status < wanted; });
  const bool known = found != std::end(kReasons) && found->status == status;
  return known ? found->phrase : "Unknown";
}

}  // namespace paddock::http
