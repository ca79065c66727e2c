// Running functions: execution environments made on demand, one thread each, reused while warm
// (DESIGN 7). A function built into the emulator runs on that thread and is abandoned at the
// time-out; user code runs in a child process, which is killed. What a function is (versions,
// roles, mappings) belongs to services/lambda.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/activity.hpp"
#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "events/log_sink.hpp"
#include "events/timeline.hpp"
#include "lambda/entry_points.hpp"

namespace paddock::lambda {

// User code. What `read` returns is a zip that check_package accepted.
struct CodePackage {
  std::string key;                    // a name for the bytes: equal keys share an unpacked folder
  std::function<std::string()> read;  // may wait; throws
  std::string folder;                 // instead: runs from here and follows its changes
};

// One configuration of one function: what an execution environment is made for. Immutable; a new
// revision gets new environments.
struct FunctionSpec {
  std::string arn;  // unqualified
  std::string name;
  std::string version = "$LATEST";
  std::string revision;  // environments are shared by equal (arn, version, revision)
  std::string account, region;
  std::string handler;  // as configured; of a built-in function its name in the entry-point table
  std::string runtime;  // "provided.al2023", "nodejs20.x" …
  std::shared_ptr<const CodePackage> code;                 // null: built in
  std::vector<std::shared_ptr<const CodePackage>> layers;  // of user code, the first one lowest
  std::string role_arn;
  std::map<std::string, std::string, std::less<>> variables;  // as configured by the user
  std::chrono::milliseconds timeout{3000};
  int memory_mb = 128;
  int storage_mb = 512;    // the largest file that a child process may write
  std::string log_group;   // "/aws/lambda/NAME"
  bool json_logs = false;  // LogFormat JSON, with the levels of the function and of the platform
  std::string application_level = "INFO";
  std::string system_level = "INFO";
  std::string runtime_arn;  // RuntimeVersionArn
};

class ResponseStream;

struct Invocation {
  std::string request_id;
  std::string payload;         // JSON text
  std::string client_context;  // JSON text, "" if none
  std::string invoked_arn;     // as the caller named it
  std::string trace_id;
  Cause cause;
  // Where an answer goes while the function makes it, if its runtime streams; null: it is
  // collected. Whoever invoked ends it.
  std::shared_ptr<ResponseStream> stream;
};

struct InvocationResult {
  enum class Kind {
    success,
    handled,    // the function reported an error: payload is its error document
    unhandled,  // it threw, timed out or crashed: payload is the runtime's error document
    throttled,  // no environment was free within the limit; nothing ran
  } kind = Kind::success;
  std::string payload;
  std::string log_tail;      // last 4 KiB of output, with START, END and REPORT
  std::string content_type;  // of an answer that user code streamed; "" otherwise
  bool streamed = false;     // it went to the invocation's stream; `payload` is an error's
  std::chrono::microseconds duration{0};
  bool cold = false;
};

// The credentials of one execution environment: a session of the function's role.
struct FunctionCredentials {
  std::string access_key, secret, session_token;
  CallIdentity identity;
};

struct FunctionsOptions {
  size_t most_concurrent = 1000;  // AWS's account limit
  std::chrono::milliseconds keep_warm{600'000};
  std::chrono::milliseconds stop_grace{2'000};
  // With a seed: one function runs at a time, and the others wait for their turn instead of being
  // throttled. A function that invokes another and waits for it then runs into its time-out.
  bool one_at_a_time = false;

  // Child processes. Further ones are refused as throttled; of idle ones, the least recently used
  // end first.
  size_t most_children = 100;
  size_t most_warm_children = 32;
  // Built-in functions run in child processes of this program, `PROGRAM run-function HANDLER`; "":
  // on threads of this process.
  std::string isolating_program;
  // Where packages are unpacked; made at the first use, emptied before and after. "": a folder of
  // its own in the system's place for temporary files.
  std::string directory;
  std::string search_path = "/usr/local/bin:/usr/bin:/bin";  // where interpreters are
  // Folders in which functions find npm packages that their own lack, the first one first.
  std::vector<std::string> node_modules;
};

// Thread-safe.
class Functions {
 public:
  Functions(FunctionsOptions options, std::span<const EntryPoint> table, Caller& caller,
            const MachineClock& machine, WorldClock& world, Ids& ids, Activities& activities,
            events::LogSinkSlot& logs, events::Timeline& timeline, Log& log);
  ~Functions();  // stops

  std::span<const EntryPoint> entry_points() const;

  // Runs one invocation and returns its result; never throws for what the function does. START,
  // END and REPORT lines and the function's own go to the log sink as one batch.
  // `most` bounds the function's concurrent environments (reserved concurrency). Resumes on the
  // caller's executor, whose io_context one thread runs (DESIGN 6).
  Task<InvocationResult> invoke(std::shared_ptr<const FunctionSpec> spec, Invocation invocation,
                                size_t most = SIZE_MAX);

  // Where functions reach the emulator: "http://127.0.0.1:4566". Before the first child process.
  void set_endpoint(std::string url);
  // Of an environment that lives; nullopt for other keys.
  std::optional<FunctionCredentials> credentials(const std::string& access_key) const;

  // Ends the idle environments of a function, or of one version of it, that changed or is gone;
  // busy ones end after their run. "": of all versions.
  void retire(const std::string& arn, const std::string& version = "");

  struct Counters {
    size_t environments, busy;
    uint64_t abandoned;  // given up at a time-out or at stop, so far
    size_t children;     // environments that are child processes
  };
  Counters counters() const;
  // Gives running functions the grace, then abandons them.
  void stop();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace paddock::lambda
