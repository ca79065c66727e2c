// What the emulator shows of itself: coverage, timeline, metrics, resources, LocalStack's views.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "control/control.hpp"
#include "core/activity.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "events/outbox.hpp"
#include "events/timeline.hpp"
#include "lambda/functions.hpp"
#include "storage/realms.hpp"

namespace paddock::control {
namespace {

const char* level_name(const gateway::RoutedOperation& operation) {
  if (!operation.row) return "none";
  return operation.row->fidelity.level == gateway::Fidelity::Level::full ? "full" : "partial";
}

// JSON with Python's spacing, which people's scripts grep for: {"a": 1, "b": [2, 3]}.
void append_python_json(std::string& out, const Json& value) {
  if (value.is_object()) {
    out += '{';
    bool first = true;
    for (const auto& [name, member] : value.items()) {
      if (!first) out += ", ";
      first = false;
      append_json_string(out, name);
      out += ": ";
      append_python_json(out, member);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      append_python_json(out, value[i]);
    }
    out += ']';
  } else {
    out += value.dump();
  }
}

void append_metric(std::string& out, std::string_view name, std::string_view help,
                   std::string_view type) {
  out += "# HELP ";
  out += name;
  out += ' ';
  out += help;
  out += "\n# TYPE ";
  out += name;
  out += ' ';
  out += type;
  out += '\n';
}

template <class Number>
void append_gauge(std::string& out, std::string_view name, std::string_view help, Number value,
                  std::string_view type = "gauge") {
  append_metric(out, name, help, type);
  out += name;
  out += ' ';
  out += std::to_string(value);
  out += '\n';
}

}  // namespace

// One entry for each name: an API that has a model for each of two protocols is one API.
http::Response Control::coverage(const ControlRequest&) {
  Json apis = Json::array();
  std::map<std::string_view, size_t> places;
  for (const auto& api : gateway_.router().apis()) {
    const auto [place, fresh] = places.emplace(api->model().name, apis.size());
    if (fresh) {
      apis.push_back({{"api", api->model().name},
                      {"service", api->service().name()},
                      {"operations", Json::object()}});
    }
    Json& operations = apis[place->second]["operations"];
    for (const auto& operation : api->operations()) {
      Json row = {{"fidelity", level_name(*operation)}};
      if (operation->row) {
        row["action"] = operation->row->action;
        if (!operation->row->fidelity.reason.empty()) {
          row["reason"] = operation->row->fidelity.reason;
        }
      }
      operations.emplace(operation->model->name, std::move(row));
    }
  }
  for (Json& api : apis) {
    const Json& operations = api["operations"];
    const auto built = std::count_if(operations.begin(), operations.end(),
                                     [](const Json& row) { return row.contains("action"); });
    api["of"] = operations.size();
    api["built"] = built;
  }
  return http::Response(200, "application/json", Json{{"apis", std::move(apis)}}.dump() + "\n");
}

http::Response Control::resources(const ControlRequest&) {
  Json list = Json::array();
  for (const auto& realm : platform_.realms.all()) {
    for (const auto& service : gateway_.services()) {
      if (service->name() != realm->service) continue;
      auto arns = service->resources(*realm);
      if (arns.empty()) continue;
      list.push_back({{"service", realm->service},
                      {"account", realm->account},
                      {"region", realm->region},
                      {"resources", arns}});
    }
  }
  return http::Response(200, "application/json", Json{{"realms", std::move(list)}}.dump() + "\n");
}

http::Response Control::timeline(const ControlRequest& request) {
  events::TimelineFilter filter;
  for (const auto& [name, value] : request.query) {
    if (name == "cause") {
      filter.cause = value;
    } else if (name == "resource") {
      filter.resource = value;
    } else if (name == "kind") {
      filter.kind = value;
    } else if (name == "account") {
      filter.account = value;
    } else if (name == "after" || name == "limit") {
      uint64_t number = 0;
      auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (error != std::errc() || end != value.data() + value.size()) {
        throw std::invalid_argument(name + " must be a number.");
      }
      if (name == "after") {
        filter.after = number;
      } else {
        filter.limit = std::min<size_t>(number, events::Timeline::kCapacity);
      }
    } else {
      throw std::invalid_argument("Unknown parameter \"" + name + "\".");
    }
  }
  return http::Response(
      200, "application/json",
      platform_.timeline.read(filter).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

http::Response Control::metrics(const ControlRequest&) {
  std::string out;
  auto per_operation = [&](std::string_view name, std::string_view help, auto value) {
    append_metric(out, name, help, "counter");
    // An API that is served in two protocols is one here.
    std::map<std::pair<std::string_view, std::string_view>, uint64_t> sums;
    for (const auto& api : gateway_.router().apis()) {
      for (const auto& operation : api->operations()) {
        if (operation->calls.load() == 0) continue;
        sums[{api->model().name, operation->model->name}] += value(*operation);
      }
    }
    for (const auto& [labels, sum] : sums) {
      out += name;
      out += "{api=\"";
      out += labels.first;
      out += "\",operation=\"";
      out += labels.second;
      out += "\"} ";
      out += std::to_string(sum);
      out += '\n';
    }
  };
  per_operation("paddock_calls_total", "Calls answered.",
                [](const auto& operation) { return operation.calls.load(); });
  per_operation("paddock_call_errors_total", "Calls answered with an error.",
                [](const auto& operation) { return operation.errors.load(); });
  per_operation("paddock_call_microseconds_total", "Time spent on calls.",
                [](const auto& operation) { return operation.microseconds.load(); });
  auto http = server_.counters();
  append_gauge(out, "paddock_connections", "Open connections.", http.open);
  append_gauge(out, "paddock_connections_total", "Connections accepted.", http.accepted, "counter");
  append_gauge(out, "paddock_connections_refused_total", "Connections over the limit.",
               http.refused, "counter");
  append_gauge(out, "paddock_bytes_in_total", "Bytes received.", http.bytes_in, "counter");
  append_gauge(out, "paddock_bytes_out_total", "Bytes sent.", http.bytes_out, "counter");
  append_gauge(out, "paddock_activities", "Activities under way.", platform_.activities.total());
  append_gauge(out, "paddock_outbox_pending", "Outbox entries not yet delivered.",
               platform_.outbox.pending());
  append_gauge(out, "paddock_log_lines_dropped_total", "Log lines dropped.",
               platform_.log.dropped(), "counter");
  auto functions = platform_.functions.counters();
  append_gauge(out, "paddock_function_environments", "Execution environments.",
               functions.environments);
  append_gauge(out, "paddock_function_environments_busy", "Environments that run a function.",
               functions.busy);
  append_gauge(out, "paddock_function_environments_abandoned_total",
               "Environments given up after a time-out.", functions.abandoned, "counter");
  return http::Response(200, "text/plain; version=0.0.4; charset=utf-8", std::move(out));
}

http::Response Control::certificate(const ControlRequest&) {
  return http::Response(200, "application/x-pem-file", server_.ca_certificate());
}

http::Response Control::localstack_health(const ControlRequest&) {
  // Members in LocalStack's order; its services are sorted by name, as Json's are.
  Json services = Json::object();
  for (const auto& api : gateway_.router().apis()) {
    const auto& operations = api->operations();
    bool used = std::any_of(operations.begin(), operations.end(),
                            [](const auto& operation) { return operation->calls.load() > 0; });
    Json& state = services[std::string(api->model().name)];
    if (used || state.is_null()) state = used ? "running" : "available";
  }
  std::string body = "{\"services\": ";
  append_python_json(body, services);
  body += ", \"edition\": \"community\", \"version\": \"" PADDOCK_VERSION "\"}";
  return http::Response(200, "application/json", std::move(body));
}

http::Response Control::localstack_info(const ControlRequest&) {
  std::string body;
  append_python_json(body, {{"version", PADDOCK_VERSION},
                            {"edition", "community"},
                            {"is_license_activated", false},
                            {"system", "linux"}});
  return http::Response(200, "application/json", std::move(body));
}

http::Response Control::localstack_init(const ControlRequest& request) {
  static constexpr std::string_view kPath = "/_localstack/init/";
  std::string stage;
  if (request.head.path.starts_with(kPath)) {
    stage = to_lower(request.head.path.substr(kPath.size()));
    static const std::set<std::string> kStages{"boot", "start", "ready", "shutdown"};
    if (!kStages.count(stage)) {
      return http::Response(404, "application/json", "{\"message\": \"no such stage\"}");
    }
  }
  std::string scripts = "[";
  for (const auto& script : hooks_.scripts()) {
    if (!stage.empty() && to_lower(script.stage) != stage) continue;
    if (scripts.size() > 1) scripts += ", ";
    scripts += "{\"stage\": \"" + script.stage + "\", \"name\": ";
    append_json_string(scripts, script.name);
    scripts += ", \"state\": \"" + script.state + "\"}";
  }
  scripts += ']';
  auto completed = [this](const std::string& name) {
    return std::string(hooks_.completed(name) ? "true" : "false");
  };
  std::string body = "{\"completed\": ";
  if (stage.empty()) {
    body += "{\"BOOT\": " + completed("boot") + ", \"START\": " + completed("start") +
            ", \"READY\": " + completed("ready") + ", \"SHUTDOWN\": " + completed("shutdown") + "}";
  } else {
    body += completed(stage);
  }
  body += ", \"scripts\": " + scripts + "}";
  return http::Response(200, "application/json", std::move(body));
}

}  // namespace paddock::control
