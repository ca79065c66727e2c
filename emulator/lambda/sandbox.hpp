// One execution environment as Functions sees it: in this process, or a child process.
#pragma once

#include <vector>

#include "core/clock.hpp"
#include "events/log_sink.hpp"
#include "lambda/functions.hpp"
#include "lambda/outcome.hpp"

namespace paddock::lambda {

// `run` and `close` are called on one thread, the environment's own; the rest from any.
class Sandbox {
 public:
  virtual ~Sandbox() = default;

  // Runs one invocation that was asked for at `asked`; waits. The outcome has all but `begun`.
  // Never throws for what the function does.
  virtual RunOutcome run(const Invocation& invocation, MachineClock::Steady asked) = 0;
  // True if `run` itself ends what lasts longer than the function's time-out. Otherwise its thread
  // cannot be stopped, and who waits for it gives it up.
  virtual bool keeps_time() const = 0;
  // Makes `run` end early, if it can be made to.
  virtual void abandon() = 0;
  // What was logged since the last call or, if that is later, since `run` began.
  virtual std::vector<events::LogLine> take_lines() = 0;
  // Ends what the environment has running. No `run` follows.
  virtual void close() = 0;
};

}  // namespace paddock::lambda
