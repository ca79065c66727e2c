#include "gateway/call.hpp"

#include "core/text.hpp"
#include "gateway/gateway.hpp"

namespace paddock::gateway {
namespace {

std::string call_name(const Call& call, char separator) {
  std::string name(call.api ? call.api->model().name : std::string_view("unknown"));
  name += separator;
  name += call.operation ? call.operation->model->name : std::string_view("unknown");
  return name;
}

}  // namespace

std::string request_id16(std::string_view uuid) {
  std::string id;
  for (const char c : uuid) {
    if (c != '-' && id.size() < 16) id += static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
  }
  return id;
}

std::string access_line(const Call& call, int64_t now_ms, int64_t microseconds) {
  std::string line;
  line.reserve(160);
  line += iso8601(now_ms);
  line += ' ';
  line += call_name(call, '.');
  line += ' ';
  line += call.context.account.empty() ? "-" : call.context.account;
  line += '/';
  line += call.context.region.empty() ? "-" : call.context.region;
  line += ' ';
  line += std::to_string(call.status);
  line += ' ';
  line += std::to_string(microseconds);
  line += "us ";
  line += call.error_code.empty() ? "-" : call.error_code;
  line += ' ';
  line += call.context.request_id;
  return line;
}

events::TimelineEvent timeline_event(const Call& call, WorldTime now, int64_t microseconds) {
  events::TimelineEvent event;
  event.at = now;
  event.kind = "call";
  event.what = call_name(call, ':');
  event.outcome = call.error_code.empty() ? std::to_string(call.status) : call.error_code;
  event.request_id = call.context.request_id;
  event.cause = call.context.cause;
  event.account = call.context.account;
  event.region = call.context.region;
  event.microseconds = microseconds;
  return event;
}

std::string region_of_host(std::string_view host) {
  // service.region.amazonaws.com, service.region.localhost…: a label that looks like a region.
  for (std::string_view label : split(host, '.')) {
    size_t dashes = 0;
    for (char c : label) dashes += c == '-';
    if (dashes >= 2 && !label.empty() && label.back() >= '0' && label.back() <= '9') {
      return std::string(label);
    }
  }
  return std::string(identity::kDefaultRegion);
}

std::string query_version(const http::RequestHead& head, std::string_view body) {
  if (body.empty() && head.query.empty()) return "";
  try {
    for (auto& [name, value] : wire::parse_form(body.empty() ? head.query : body)) {
      if (name == "Version") return value;
    }
  } catch (const std::invalid_argument&) {
    // Not a form; it is then no awsQuery call.
  }
  return "";
}

}  // namespace paddock::gateway
