// Readiness, reset, clock, idle, snapshot: what changes or waits for the emulator's state.
#include <charconv>
#include <filesystem>
#include <stdexcept>

#include "control/control.hpp"
#include "core/activity.hpp"
#include "core/clock.hpp"
#include "core/text.hpp"
#include "events/scheduler.hpp"
#include "events/timeline.hpp"
#include "options.hpp"
#include "storage/realms.hpp"

namespace paddock::control {
namespace {

// The longest that a request here waits for quiet, and the default.
constexpr int64_t kMaxWaitMs = 600'000;
constexpr int64_t kDefaultWaitMs = 30'000;

http::Response json_answer(int status, const Json& body) {
  return http::Response(status, "application/json",
                        body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

int64_t number_parameter(const ControlRequest& request, std::string_view name, int64_t fallback,
                         int64_t most) {
  std::string text = request.parameter(name);
  if (text.empty()) return fallback;
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most) {
    throw std::invalid_argument(std::string(name) + " must be a number from 0 to " +
                                std::to_string(most) + ".");
  }
  return value;
}

// "90s", "5m", "2h", "1d", "250ms" as milliseconds.
int64_t parse_span(const std::string& text) {
  int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  std::string_view unit(end, text.data() + text.size() - end);
  if (error == std::errc() && value >= 0 && value <= 1'000'000'000) {
    if (unit == "ms") return value;
    if (unit == "s") return value * 1000;
    if (unit == "m") return value * 60'000;
    if (unit == "h") return value * 3'600'000;
    if (unit == "d") return value * 86'400'000;
  }
  throw std::invalid_argument("A span of time is a number and one of ms, s, m, h, d: \"5m\".");
}

Json parse_body(const ControlRequest& request, std::initializer_list<const char*> known) {
  Json body = request.body.empty() ? Json::object() : wire::parse_json(request.body);
  if (!body.is_object()) throw std::invalid_argument("The body must be a JSON object.");
  for (const auto& [name, value] : body.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw std::invalid_argument("Unknown member \"" + name + "\".");
    }
  }
  return body;
}

}  // namespace

http::Response Control::health(const ControlRequest&) {
  return json_answer(200,
                     {{"status", "ok"}, {"version", PADDOCK_VERSION}, {"ready", ready_.load()}});
}

http::Response Control::ready(const ControlRequest&) {
  bool ready = ready_;
  return json_answer(ready ? 200 : 503, {{"ready", ready}});
}

void Control::reset_state(const std::string& service, const std::string& account) {
  if (!service.empty()) {
    const auto& services = gateway_.services();
    bool known = std::any_of(services.begin(), services.end(),
                             [&service](const auto& one) { return one->name() == service; });
    if (!known) throw std::invalid_argument("There is no service \"" + service + "\".");
  }
  platform_.realms.reset(service, account);
  if (service.empty() && account.empty()) {
    platform_.timeline.clear();
    platform_.world.reset();
    for (const auto& one : gateway_.services()) {
      const auto first = first_settings_.find(std::string(one->name()));
      if (first != first_settings_.end()) one->change_settings(*first);
    }
  }
}

http::Response Control::reset(const ControlRequest& request) {
  for (const auto& [name, value] : request.query) {
    if (name != "service" && name != "account" && name != "init") {
      throw std::invalid_argument("Unknown parameter \"" + name + "\".");
    }
  }
  reset_state(request.parameter("service"), request.parameter("account"));
  if (request.parameter("init") == "1") run_hooks("ready");
  return json_answer(200, {{"reset", true}});
}

http::Response Control::localstack_reset(const ControlRequest&) {
  reset_state("", "");
  return http::Response(200, "application/json", "");
}

Json Control::clock_document(const std::vector<std::string>& active) const {
  WorldTime now = platform_.world.now();
  return {{"now", iso8601(now.ms)},           {"now_ms", now.ms},
          {"speed", platform_.world.speed()}, {"frozen", platform_.world.frozen()},
          {"quiet", active.empty()},          {"active", active}};
}

http::Response Control::get_clock(const ControlRequest&) {
  return json_answer(200, clock_document(platform_.activities.active()));
}

http::Response Control::set_clock(const ControlRequest& request) {
  Json body = parse_body(request, {"freeze", "speed", "advance", "advance_ms", "to"});
  auto bound = std::chrono::milliseconds(
      number_parameter(request, "timeout_ms", kDefaultWaitMs, kMaxWaitMs));
  WorldClock& world = platform_.world;
  if (body.contains("freeze")) {
    if (body["freeze"].get<bool>()) {
      world.freeze();
    } else {
      world.set_speed(1);
    }
  }
  if (body.contains("speed")) {
    double speed = body["speed"].get<double>();
    if (!(speed >= 0 && speed <= 100'000)) {
      throw std::invalid_argument("speed must be from 0 to 100000.");
    }
    world.set_speed(speed);
  }
  std::optional<WorldTime> target;
  if (body.contains("advance")) {
    target = world.now() + Milliseconds(parse_span(body["advance"].get<std::string>()));
  } else if (body.contains("advance_ms")) {
    int64_t span = body["advance_ms"].get<int64_t>();
    if (span < 0) throw std::invalid_argument("advance_ms must not be negative.");
    target = world.now() + Milliseconds(span);
  } else if (body.contains("to")) {
    auto to = parse_iso8601(body["to"].get<std::string>());
    if (!to) throw std::invalid_argument("to must be a moment as 2026-11-20T07:36:00Z.");
    target = WorldTime{*to};
  }
  std::vector<std::string> active;
  if (target) {
    active = events::advance(world, platform_.scheduler, platform_.activities, *target, bound);
  }
  return json_answer(active.empty() ? 200 : 504, clock_document(active));
}

http::Response Control::idle(const ControlRequest& request) {
  auto bound = std::chrono::milliseconds(
      number_parameter(request, "timeout_ms", kDefaultWaitMs, kMaxWaitMs));
  bool quiet = platform_.activities.wait_quiet(bound);
  std::vector<std::string> active;
  if (!quiet) active = platform_.activities.active();
  return json_answer(quiet ? 200 : 504, {{"quiet", quiet}, {"active", active}});
}

// The settings of all services that have some, by service.
Json Control::settings_document() const {
  Json all = Json::object();
  for (const auto& service : gateway_.services()) {
    Json settings = service->settings();
    if (!settings.empty()) all[std::string(service->name())] = std::move(settings);
  }
  return all;
}

http::Response Control::get_settings(const ControlRequest&) {
  return json_answer(200, settings_document());
}

http::Response Control::set_settings(const ControlRequest& request) {
  constexpr std::string_view kPath = "/_paddock/settings/";
  const std::string name = request.head.path.substr(kPath.size());
  const Json changes = wire::parse_json(request.body);
  if (!changes.is_object()) throw std::invalid_argument("The body must be a JSON object.");
  for (const auto& service : gateway_.services()) {
    if (service->name() != name) continue;
    service->change_settings(changes);
    return json_answer(200, service->settings());
  }
  throw std::invalid_argument("There is no service \"" + name + "\".");
}

http::Response Control::snapshot(const ControlRequest& request) {
  Json body = parse_body(request, {"path"});
  if (!body.contains("path")) throw std::invalid_argument("path is missing.");
  std::string path = body["path"].get<std::string>();
  platform_.database.checkpoint(path);
  return json_answer(200, {{"path", std::filesystem::absolute(path).string()}});
}

}  // namespace paddock::control
