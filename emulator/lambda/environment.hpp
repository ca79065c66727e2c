// What runs inside one execution environment: the thread's current environment, through which
// lambdas/sdk reaches its variables, log and AWS calls.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "events/log_sink.hpp"

namespace paddock::lambda {

// Thrown into an abandoned function at its next SDK call or log line.
class Abandoned : public std::runtime_error {
 public:
  Abandoned() : std::runtime_error("the execution environment was stopped") {}
};

// One execution environment. Its thread uses it; others may only `abandon` it and take its lines.
class Environment {
 public:
  // Output of one invocation beyond this is dropped, and a last line says so.
  static constexpr size_t kMostLogBytes = 4 * 1024 * 1024;

  Environment(std::map<std::string, std::string, std::less<>> variables, CallIdentity identity,
              Caller& caller, const WorldClock& world);

  // Of the function on this thread; nullptr outside one.
  static Environment* current();
  // Makes this the thread's environment while the object lives.
  class Scope {
   public:
    explicit Scope(Environment* environment);
    ~Scope();

   private:
    Environment* former_;
  };

  std::string variable(std::string_view name) const;  // "" if unset
  // A line of output; its newline is added. Throws Abandoned.
  void log(std::string text);
  // Output without line structure (std::cout): whole lines are logged, the rest is kept until its
  // newline or the end of the invocation. Throws Abandoned.
  void write(std::string_view text);
  // An AWS call under the function's role. Throws AwsError, Abandoned.
  Json call(const std::string& service, const std::string& operation, Json input);

  void abandon() { abandoned_.store(true); }
  bool abandoned() const { return abandoned_.load(); }
  // Per invocation: sets the chain that calls belong to …
  void begin(Cause cause);
  // … and takes what was logged since.
  std::vector<events::LogLine> take_lines();

 private:
  void check() const;
  void add_line(std::string text);  // with its newline; with the mutex held

  const std::map<std::string, std::string, std::less<>> variables_;
  CallIdentity identity_;
  Caller& caller_;
  const WorldClock& world_;
  std::atomic<bool> abandoned_{false};
  std::mutex mutex_;  // guards what follows
  std::vector<events::LogLine> lines_;
  size_t log_bytes_ = 0;
  std::string partial_;  // what `write` got since its last newline
};

}  // namespace paddock::lambda
