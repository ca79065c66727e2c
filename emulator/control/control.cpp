#include "control/control.hpp"

#include <algorithm>
#include <stdexcept>

#include "control/page.hpp"
#include "core/text.hpp"
#include "options.hpp"
#include "wire/codec.hpp"

namespace paddock::control {
namespace {

constexpr size_t kControlBodyLimit = 64 * 1024;

bool is_front_page(const http::RequestHead& head) {
  return head.path == "/" && head.query.empty() &&
         (head.method == "GET" || head.method == "HEAD") && !head.headers.has("authorization") &&
         !head.headers.has("x-amz-target");
}

http::Response not_found(const http::RequestHead& head) {
  Json body = {{"error", "There is no " + head.method + " " + head.path + " here."}};
  return http::Response(404, "application/json", body.dump() + "\n");
}

}  // namespace

std::string ControlRequest::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return "";
}

Control::Control(gateway::Platform& platform, gateway::Gateway& gateway, http::Server& server)
    : platform_(platform),
      gateway_(gateway),
      server_(server),
      hooks_(platform.options.init_dir, platform.options.machine_hooks, platform.log),
      first_settings_(settings_document()),
      work_(2) {}

const std::vector<Control::Row>& Control::rows() {
  static const std::vector<Row> kRows{
      {"GET", "/_paddock/health", &Control::health, true},
      {"GET", "/_paddock/ready", &Control::ready, true},
      {"POST", "/_paddock/reset", &Control::reset},
      {"GET", "/_paddock/clock", &Control::get_clock},
      {"POST", "/_paddock/clock", &Control::set_clock},
      {"GET", "/_paddock/idle", &Control::idle},
      {"POST", "/_paddock/idle", &Control::idle},
      {"GET", "/_paddock/coverage", &Control::coverage},
      {"GET", "/_paddock/resources", &Control::resources},
      {"GET", "/_paddock/timeline", &Control::timeline},
      {"GET", "/_paddock/metrics", &Control::metrics},
      {"GET", "/_paddock/settings", &Control::get_settings},
      {"POST", "/_paddock/settings/", &Control::set_settings},
      {"POST", "/_paddock/snapshot", &Control::snapshot},
      {"GET", "/_paddock/mailbox", &Control::mailbox},
      {"DELETE", "/_paddock/mailbox", &Control::empty_mailbox},
      {"GET", "/_paddock/ca.pem", &Control::certificate},
      {"GET", "/_localstack/health", &Control::localstack_health, true},
      {"GET", "/health", &Control::localstack_health, true},
      {"GET", "/_localstack/info", &Control::localstack_info},
      {"GET", "/_localstack/init", &Control::localstack_init},
      {"GET", "/_localstack/init/", &Control::localstack_init},
      {"POST", "/_localstack/state/reset", &Control::localstack_reset},
      {"GET", "/", &Control::page},
  };
  return kRows;
}

gateway::Endpoint Control::endpoint() {
  gateway::Endpoint endpoint;
  endpoint.name = "control";
  endpoint.matches = [](std::string_view, const http::RequestHead& head) {
    return head.path.starts_with("/_paddock/") || head.path.starts_with("/_localstack/") ||
           head.path == "/health" || is_front_page(head);
  };
  endpoint.handle = [this](http::Exchange& exchange, gateway::RequestContext&) {
    return handle(exchange);
  };
  return endpoint;
}

Task<void> Control::handle(http::Exchange& exchange) {
  const http::RequestHead& head = exchange.head();
  std::string body = co_await exchange.read_all(kControlBodyLimit);
  std::string_view method = head.method == "HEAD" ? std::string_view("GET") : head.method;
  const Row* row = nullptr;
  for (const auto& candidate : rows()) {
    bool prefix = candidate.path.size() > 1 && candidate.path.ends_with('/');
    bool matches = prefix ? head.path.starts_with(candidate.path) : head.path == candidate.path;
    if (matches && candidate.method == method) row = &candidate;
  }
  http::Response response;
  if (!row) {
    response = not_found(head);
  } else {
    auto run = [this, row, &head, &body]() -> http::Response {
      try {
        ControlRequest request{head, std::move(body), wire::parse_form(head.query)};
        return (this->*row->handle)(request);
      } catch (const std::exception& error) {
        Json problem = {{"error", error.what()}};
        return http::Response(400, "application/json",
                              problem.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
      }
    };
    if (row->inline_) {
      response = run();
    } else {
      response = co_await work_.run(std::move(run));
    }
  }
  std::string_view origin = head.headers.get("origin");
  if (!origin.empty()) response.headers.add("Access-Control-Allow-Origin", origin);
  co_await exchange.respond(std::move(response));
}

void Control::run_hooks(const std::string& stage) {
  hooks_.run(stage, server_.port());
}

http::Response Control::page(const ControlRequest& request) {
  if (request.head.headers.get("accept").find("text/html") == std::string_view::npos) {
    Json links = {{"paddock", PADDOCK_VERSION},
                  {"coverage", "/_paddock/coverage"},
                  {"timeline", "/_paddock/timeline"},
                  {"resources", "/_paddock/resources"},
                  {"health", "/_paddock/health"}};
    return http::Response(200, "application/json", links.dump(2) + "\n");
  }
  return http::Response(200, "text/html; charset=utf-8", std::string(kPage));
}

}  // namespace paddock::control
