// Asynchronous invocations: a durable queue (the outbox), retries, the maximum age, destinations
// and the dead-letter queue.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/task.hpp"
#include "events/outbox.hpp"
#include "gateway/platform.hpp"
#include "services/lambda/destinations.hpp"
#include "services/lambda/invoke_store.hpp"
#include "services/lambda/invoker.hpp"
#include "services/lambda/store.hpp"

namespace paddock::services::lambda {

// An asynchronous invocation in the outbox, target kInvokeTarget. Payload, version 2: JSON text
// {"v":2,"function","qualifier","invoked_arn","request_id","client_context","payload","failures"}.
// Version 1 had neither qualifier nor failures.
inline constexpr const char* kInvokeTarget = "lambda:invoke";

struct AsyncInvocation {
  std::string function;
  std::string qualifier;  // as it was asked for; "" for $LATEST
  std::string invoked_arn;
  std::string request_id;
  std::string client_context;
  std::string payload;
  uint32_t failures = 0;  // runs that ended in an error; a throttled one is none

  std::string encode() const;
  static AsyncInvocation decode(const std::string& text);  // throws on other bytes
};

// How a function's asynchronous invocations are treated: its event invoke config, or the defaults.
struct AsyncPolicy {
  uint32_t retries;
  Milliseconds age;
  std::string on_success, on_failure;  // ARNs, "" if none
};
AsyncPolicy async_policy(const std::optional<Json>& config);

// Thread-safe.
class AsyncInvocations {
 public:
  AsyncInvocations(gateway::Platform& platform, const Store& store, const InvokeStore& configs,
                   Runnables& runnables, Invoker& invoker, Destinations& destinations)
      : platform_(platform),
        store_(store),
        configs_(configs),
        runnables_(runnables),
        invoker_(invoker),
        destinations_(destinations) {}

  // Delivers one entry of kInvokeTarget: one run, then its end or its retry.
  Task<events::Delivered> deliver(events::OutboxEntry entry);

 private:
  // One entry on its way.
  struct Delivery {
    events::OutboxEntry entry;
    AsyncInvocation asked;
    std::shared_ptr<const Realm> realm;
    std::shared_ptr<const Runnable> runnable;
    AsyncPolicy policy;
    std::optional<::paddock::lambda::InvocationResult> result;

    WorldTime expires() const { return entry.enqueued + policy.age; }
  };

  Task<events::Delivered> judge(std::shared_ptr<Delivery> delivery);
  // Sends what became of it, and ends it.
  Task<events::Delivered> end(std::shared_ptr<Delivery> delivery, std::string condition);
  std::optional<DestinationMessage> destination_message(const Delivery& delivery,
                                                        const std::string& condition) const;
  std::optional<DestinationMessage> dead_letter(const Delivery& delivery) const;
  void say(const Delivery& delivery, const std::string& reason);
  void count(const Delivery& delivery, const char* metric);

  gateway::Platform& platform_;
  const Store& store_;
  const InvokeStore& configs_;
  Runnables& runnables_;
  Invoker& invoker_;
  Destinations& destinations_;
};

}  // namespace paddock::services::lambda
