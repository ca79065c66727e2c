// One way to run a function for everybody who invokes it: callers, the queue of asynchronous
// invocations, pollers. Counts the metrics of AWS/Lambda.
#pragma once

#include <memory>
#include <string>

#include "core/task.hpp"
#include "gateway/platform.hpp"
#include "lambda/functions.hpp"
#include "services/lambda/store.hpp"

namespace paddock::services::lambda {

// Thread-safe.
class Invoker {
 public:
  explicit Invoker(gateway::Platform& platform) : platform_(platform) {}

  // Runs the function once; a function whose reserved concurrency is 0 is throttled. The runnable
  // must run here.
  Task<::paddock::lambda::InvocationResult> run(std::shared_ptr<const Runnable> runnable,
                                                ::paddock::lambda::Invocation invocation);

  // A timeline event that says why a function was not invoked.
  void not_invoked(const ::paddock::lambda::FunctionSpec* spec, const Realm& realm,
                   std::string resource, std::string reason, const Cause& cause);

 private:
  void count(const ::paddock::lambda::FunctionSpec& spec,
             const ::paddock::lambda::InvocationResult& result);

  gateway::Platform& platform_;
};

}  // namespace paddock::services::lambda
