// One connection of a WebSocket API; used by websocket_*.cpp only.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/activity.hpp"
#include "core/clock.hpp"
#include "core/realm.hpp"
#include "services/apigateway/websocket_api.hpp"

namespace paddock::services::apigateway::v2 {

// Shared by the connection's own thread and by those that look it up; what has no other remark is
// written before it can be found.
struct WebSocketApis::Connection {
  std::shared_ptr<const Realm> realm;
  std::string api;
  std::string stage;
  std::string domain;
  std::string id;
  std::string source_ip;
  std::string user_agent;
  WorldTime connected_at;
  Json authorizer;  // of $connect
  Json signer;      // of $connect by AWS_IAM
  IoExecutor executor;
  std::atomic<int64_t> last_active_ms{0};
  std::atomic<bool> ended{false};
  // Of the connection's thread alone.
  size_t at_work = 0;  // messages whose integration has not answered
  Activity ending;     // held while the connection ends

  std::string waiting_key() const { return "websocket:" + id; }
  void attach(const std::shared_ptr<http::WebSocket>& open) {
    std::lock_guard lock(mutex_);
    socket_ = open;
  }
  // To be locked on the connection's thread only: the last reference must go there.
  std::weak_ptr<http::WebSocket> socket() const {
    std::lock_guard lock(mutex_);
    return socket_;
  }

 private:
  mutable std::mutex mutex_;
  std::weak_ptr<http::WebSocket> socket_;
};

struct WebSocketApis::Outcome {
  Outcome() = default;
  void fail(std::string text, int with_status) {
    error = std::move(text);
    error_status = with_status;
  }

  int status = 200;
  std::optional<std::string> body;
  bool binary = false;  // the body is no text
  http::Headers headers;
  std::optional<std::string> error;  // the integration failed: what the client is told
  int error_status = 500;
};

}  // namespace paddock::services::apigateway::v2
