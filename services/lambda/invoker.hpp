// One way to run a function for everybody who invokes it: callers, the outbox, pollers. Counts the
// metrics of AWS/Lambda.
#pragma once

#include <memory>
#include <string>

#include "core/task.hpp"
#include "events/outbox.hpp"
#include "gateway/platform.hpp"
#include "lambda/functions.hpp"
#include "services/lambda/store.hpp"

namespace paddock::services::lambda {

// An asynchronous invocation in the outbox, target kInvokeTarget. Payload, version 1: JSON text
// {"v":1,"function","invoked_arn","request_id","client_context","payload"}.
inline constexpr const char* kInvokeTarget = "lambda:invoke";

struct AsyncInvocation {
  std::string function;
  std::string invoked_arn;
  std::string request_id;
  std::string client_context;
  std::string payload;

  std::string encode() const;
  static AsyncInvocation decode(const std::string& text);  // throws on other bytes
};

// Thread-safe.
class Invoker {
 public:
  Invoker(gateway::Platform& platform, Runnables& runnables);

  // Runs the function once; a function whose reserved concurrency is 0 is throttled. The runnable
  // must run here.
  Task<::paddock::lambda::InvocationResult> run(std::shared_ptr<const Runnable> runnable,
                                                ::paddock::lambda::Invocation invocation);

  // Delivers one entry of kInvokeTarget: retries after one and two minutes of world time, then
  // drops it with a timeline entry.
  Task<events::Delivered> deliver(events::OutboxEntry entry);

  // A timeline event that says why a function was not invoked.
  void not_invoked(const ::paddock::lambda::FunctionSpec* spec, const Realm& realm,
                   std::string resource, std::string reason, const Cause& cause);

 private:
  void count(const ::paddock::lambda::FunctionSpec& spec,
             const ::paddock::lambda::InvocationResult& result);

  gateway::Platform& platform_;
  Runnables& runnables_;
};

}  // namespace paddock::services::lambda
