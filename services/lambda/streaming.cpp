#include "services/lambda/streaming.hpp"

#include <utility>

#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

namespace paddock::services::lambda {
namespace streamed_runs {

using ::paddock::lambda::Invocation;
using ::paddock::lambda::ResponseStream;

// Does not keep the run, so that a reader that goes away leaves its stream.
Task<void> drive(Invoker& invoker, std::shared_ptr<const Runnable> runnable, Invocation invocation,
                 std::weak_ptr<StreamedRun> run) {
  const std::shared_ptr<ResponseStream> stream = invocation.stream;
  auto running = invoker.run(std::move(runnable), std::move(invocation));
  ::paddock::lambda::InvocationResult result = co_await std::move(running);
  if (const auto alive = run.lock()) {
    alive->result = std::move(result);
  }
  stream->end();
}

}  // namespace streamed_runs

Task<std::shared_ptr<StreamedRun>> run_streaming(Invoker& invoker,
                                                 std::shared_ptr<const Runnable> runnable,
                                                 ::paddock::lambda::Invocation invocation) {
  const IoExecutor executor = co_await asio::this_coro::executor;
  auto run = std::make_shared<StreamedRun>();
  invocation.stream = run->stream;
  asio::co_spawn(executor,
                 streamed_runs::drive(invoker, std::move(runnable), std::move(invocation), run),
                 asio::detached);
  co_return run;
}

}  // namespace paddock::services::lambda
