// /_paddock/…, the /_localstack/… aliases, and the page at / (DESIGN 9; users.md V22, V23, V29).
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "control/hooks.hpp"
#include "core/task.hpp"
#include "gateway/gateway.hpp"
#include "gateway/service.hpp"
#include "http/server.hpp"

namespace paddock::control {

// A request to a control path, with its body read and its query decoded.
struct ControlRequest {
  const http::RequestHead& head;
  std::string body;
  std::vector<std::pair<std::string, std::string>> query;

  // The value of a query parameter; "" if it is missing.
  std::string parameter(std::string_view name) const;
};

// Thread-safe. Everything but health runs on threads of its own, so that a wait here holds up no
// request.
class Control {
 public:
  // References must outlive it.
  Control(gateway::Platform& platform, gateway::Gateway& gateway, http::Server& server);

  // The door to hang into the gateway.
  gateway::Endpoint endpoint();

  // Runs the init hooks of a stage ("boot", "start", "ready", "shutdown") and waits for them.
  void run_hooks(const std::string& stage);
  // Hooks are done: /_paddock/ready answers 200 from now on.
  void set_ready() { ready_ = true; }
  // Joins its threads; to be called while the server's I/O threads are still there.
  void stop() { work_.stop(); }

 private:
  using Handle = http::Response (Control::*)(const ControlRequest&);
  struct Row {
    std::string_view method;
    std::string_view path;  // ends with '/' : a prefix
    Handle handle;
    bool inline_ = false;  // answered at once on the connection's thread
  };
  static const std::vector<Row>& rows();
  Task<void> handle(http::Exchange& exchange);

  http::Response health(const ControlRequest&);
  http::Response ready(const ControlRequest&);
  http::Response reset(const ControlRequest&);
  http::Response get_clock(const ControlRequest&);
  http::Response set_clock(const ControlRequest&);
  http::Response idle(const ControlRequest&);
  http::Response coverage(const ControlRequest&);
  http::Response resources(const ControlRequest&);
  http::Response timeline(const ControlRequest&);
  http::Response metrics(const ControlRequest&);
  http::Response get_settings(const ControlRequest&);
  http::Response set_settings(const ControlRequest&);
  http::Response snapshot(const ControlRequest&);
  http::Response mailbox(const ControlRequest&);
  http::Response empty_mailbox(const ControlRequest&);
  http::Response certificate(const ControlRequest&);
  http::Response localstack_health(const ControlRequest&);
  http::Response localstack_info(const ControlRequest&);
  http::Response localstack_init(const ControlRequest&);
  http::Response localstack_reset(const ControlRequest&);
  http::Response page(const ControlRequest&);

  Json clock_document(const std::vector<std::string>& active) const;
  void reset_state(const std::string& service, const std::string& account);
  Json settings_document() const;

  gateway::Platform& platform_;
  gateway::Gateway& gateway_;
  http::Server& server_;
  Hooks hooks_;
  std::atomic<bool> ready_{false};
  const Json first_settings_;  // by service; what a reset of all goes back to
  WorkPool work_;
};

}  // namespace paddock::control
