#include "http/message.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace paddock::http {

std::string_view Headers::get(std::string_view name) const {
  for (const Field& field : *this) {
    if (equal_ignore_case(field.first, name)) return field.second;
  }
  return {};
}

bool Headers::has(std::string_view name) const {
  return std::any_of(begin(), end(),
                     [&](const Field& field) { return equal_ignore_case(field.first, name); });
}

std::vector<std::string_view> Headers::all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Field& field : *this) {
    if (equal_ignore_case(field.first, name)) values.push_back(field.second);
  }
  return values;
}

void Headers::add(std::string_view name, std::string_view value) {
  fields_.emplace_back(name, value);
}

void Headers::set(std::string_view name, std::string_view value) {
  std::string kept(value);  // the value may be one of ours
  std::string kept_name(name);
  remove(kept_name);
  fields_.emplace_back(std::move(kept_name), std::move(kept));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [&](const Field& field) { return equal_ignore_case(field.first, name); });
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

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 207: return "Multi-Status";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Payload Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 418: return "I'm a teapot";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Entity";
    case 423: return "Locked";
    case 424: return "Failed Dependency";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 451: return "Unavailable For Legal Reasons";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    case 508: return "Loop Detected";
    default: return "Unknown";
  }
}

}  // namespace paddock::http
