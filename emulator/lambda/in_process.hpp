// A C++ function in the emulator's own process: its handler, called on the environment's thread.
#pragma once

#include <memory>
#include <string>

#include "lambda/entry_points.hpp"
#include "lambda/environment.hpp"
#include "lambda/sandbox.hpp"

namespace paddock::lambda {

class InProcess : public Sandbox {
 public:
  InProcess(std::shared_ptr<const FunctionSpec> spec, const EntryPoint& entry,
            const std::string& log_stream, Caller& caller, const MachineClock& machine,
            const WorldClock& world);

  RunOutcome run(const Invocation& invocation, MachineClock::Steady asked) override;
  bool keeps_time() const override { return false; }
  // The function's next SDK call throws.
  void abandon() override { environment_.abandon(); }
  std::vector<events::LogLine> take_lines() override { return environment_.take_lines(); }
  void close() override {}

 private:
  RunOutcome call(const Invocation& invocation);

  const std::shared_ptr<const FunctionSpec> spec_;
  const EntryPoint entry_;
  const MachineClock machine_;  // a copy: an abandoned thread may outlive the emulator's
  Environment environment_;
  bool warm_ = false;
};

}  // namespace paddock::lambda
