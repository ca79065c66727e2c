// An execution environment that is a child process: user code behind its own Runtime API. Its
// thread does everything: starts the child, hands it invocations, reads what it prints, and kills
// its process group at the time-out, beyond its memory, and at the end.
//
// Init gets ten seconds beyond the function's time-out, then an invocation gets the time-out, from
// the moment it is handed over. Between two invocations the child's output is not read.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lambda/child_host.hpp"
#include "lambda/child_process.hpp"
#include "lambda/environment.hpp"
#include "lambda/runtime_api.hpp"
#include "lambda/sandbox.hpp"

namespace paddock::lambda {

class ChildSandbox : public Sandbox {
 public:
  ChildSandbox(std::shared_ptr<const FunctionSpec> spec, std::string log_stream, ChildHost& host,
               Caller& caller, const MachineClock& machine, const WorldClock& world);
  ~ChildSandbox() override;

  RunOutcome run(const Invocation& invocation, MachineClock::Steady asked) override;
  bool keeps_time() const override { return true; }
  void abandon() override;
  std::vector<events::LogLine> take_lines() override;
  void close() override;

 private:
  enum class Wait { done, ended, late, abandoned, over_memory };

  void start();
  bool is_followed() const;
  bool has_changed() const;
  std::optional<RunOutcome> make_ready(MachineClock::Steady asked);
  RunOutcome answer_to(const Invocation& invocation);
  template <class Done>
  Wait wait(MachineClock::Steady until, Done done);
  void pump(std::chrono::milliseconds most);
  void read_output();
  bool over_memory();
  RunOutcome lost(Wait how);

  const std::shared_ptr<const FunctionSpec> spec_;
  const std::string log_stream_;
  ChildHost& host_;
  const MachineClock& machine_;
  Environment output_;  // collects the lines; nothing runs in it
  const int wake_fd_;   // readable once abandoned, or when a stream has room again
  std::atomic<bool> abandoned_{false};

  std::shared_ptr<const std::string> folder_;
  std::shared_ptr<const std::string> layers_;  // null if it has none
  std::string access_key_;
  std::unique_ptr<RuntimeApi> api_;
  std::unique_ptr<ChildProcess> child_;
  uint64_t folder_state_ = 0;  // of a folder whose changes are followed
  std::chrono::nanoseconds init_{0};
  MachineClock::Steady memory_seen_{};
};

}  // namespace paddock::lambda
