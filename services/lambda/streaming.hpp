// A run of a function whose answer is read while it is made: InvokeWithResponseStream and function
// URLs.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/task.hpp"
#include "lambda/functions.hpp"
#include "lambda/response_stream.hpp"
#include "services/lambda/invoker.hpp"
#include "services/lambda/store.hpp"

namespace paddock::services::lambda {

// Belongs to the thread of whoever began it.
struct StreamedRun {
  std::shared_ptr<::paddock::lambda::ResponseStream> stream =
      std::make_shared<::paddock::lambda::ResponseStream>();
  // Once the stream has ended. A function whose runtime does not stream leaves the stream without
  // a beginning, and its answer here.
  std::optional<::paddock::lambda::InvocationResult> result;

  ~StreamedRun() { stream->leave(); }
};

// Begins a run on the caller's executor. The invocation's stream is set here.
Task<std::shared_ptr<StreamedRun>> run_streaming(Invoker& invoker,
                                                 std::shared_ptr<const Runnable> runnable,
                                                 ::paddock::lambda::Invocation invocation);

}  // namespace paddock::services::lambda
