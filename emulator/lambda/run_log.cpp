#include "lambda/run_log.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <utility>

#include <sys/resource.h>

#include "core/json.hpp"
#include "core/text.hpp"

namespace paddock::lambda {

namespace run_log {

using events::LogLine;

double milliseconds(std::chrono::nanoseconds span) {
  return std::chrono::duration<double, std::milli>(span).count();
}

std::string two_digits(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

// Functions in the process share it, so its peak stands for each of theirs, within their memory
// setting.
int64_t memory_used_mb(const FunctionSpec& spec, const RunOutcome& run) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto megabytes = run.memory_bytes > 0
                             ? static_cast<int64_t>(run.memory_bytes / (1024 * 1024))
                             : static_cast<int64_t>(usage.ru_maxrss / 1024);
  return std::clamp<int64_t>(megabytes, 1, spec.memory_mb);
}

// A run that was stopped at its time-out took that long, however late it was noticed.
double duration_of(const FunctionSpec& spec, const RunOutcome& run) {
  const bool timed_out = run.end == RunOutcome::End::timed_out;
  return milliseconds(timed_out ? spec.timeout : run.ended - run.started);
}

std::string report_line(const FunctionSpec& spec, const Invocation& invocation,
                        const RunOutcome& run) {
  const bool timed_out = run.end == RunOutcome::End::timed_out;
  const double duration = duration_of(spec, run);
  const double init = milliseconds(run.init);
  std::string line = "REPORT RequestId: " + invocation.request_id;
  line += "\tDuration: " + two_digits(duration) + " ms";
  line += "\tBilled Duration: " + std::to_string(static_cast<int64_t>(std::ceil(duration + init))) +
          " ms";
  line += "\tMemory Size: " + std::to_string(spec.memory_mb) + " MB";
  line += "\tMax Memory Used: " + std::to_string(memory_used_mb(spec, run)) + " MB";
  if (init > 0) line += "\tInit Duration: " + two_digits(init) + " ms";
  line += timed_out ? "\tStatus: timeout" : "\t";
  if (run.end == RunOutcome::End::exited) line += "Status: error\tError Type: " + run.error_type;
  line += "\n";
  return line;
}

std::vector<LogLine> text_log(const FunctionSpec& spec, const Invocation& invocation,
                              const RunOutcome& run, std::vector<LogLine> lines, WorldTime ended) {
  const std::string& id = invocation.request_id;
  std::vector<LogLine> all;
  all.reserve(lines.size() + 4);
  all.push_back({run.begun, "START RequestId: " + id + " Version: " + spec.version + "\n"});
  std::move(lines.begin(), lines.end(), std::back_inserter(all));
  if (run.end == RunOutcome::End::timed_out) {
    all.push_back({ended, iso8601(ended.ms) + " " + id + " " + timed_out_text(spec) + "\n\n"});
  } else if (run.end == RunOutcome::End::exited) {
    all.push_back({ended, "RequestId: " + id + " Error: " + run.error_message + "\n"});
    all.push_back({ended, run.error_type + "\n"});
  } else if (run.end == RunOutcome::End::threw) {
    // What a runtime prints of an error that the function did not catch.
    all.push_back({ended, "[ERROR] " + run.error_type + ": " + run.error_message + "\n"});
  }
  all.push_back({ended, "END RequestId: " + id + "\n"});
  all.push_back({ended, report_line(spec, invocation, run)});
  return all;
}

// ---- JSON --------------------------------------------------------------------------------------

enum class Level { debug, info, warn };

Level least_of(const FunctionSpec& spec) {
  if (spec.system_level == "DEBUG") return Level::debug;
  return spec.system_level == "WARN" ? Level::warn : Level::info;
}

// "success", "error", "failure" or "timeout", and what kind of error it was.
std::pair<std::string, std::string> status_of(const RunOutcome& run) {
  switch (run.end) {
    case RunOutcome::End::returned:
      return {run.success ? "success" : "error", ""};
    case RunOutcome::End::threw:
      return {"error", run.error_type};
    case RunOutcome::End::exited:
      return {"failure", run.error_type};
    case RunOutcome::End::timed_out:
      return {"timeout", ""};
    case RunOutcome::End::stopped:
      break;
  }
  return {"failure", "Runtime.ExitError"};
}

double three_digits(double value) {
  return std::round(value * 1000) / 1000;
}

class JsonLog {
 public:
  explicit JsonLog(const FunctionSpec& spec) : least_(least_of(spec)) {}

  void add(Level level, WorldTime at, const char* type, Json record) {
    if (level < least_) return;
    const Json line{{"time", iso8601(at.ms)}, {"type", type}, {"record", std::move(record)}};
    add_line(at, line);
  }
  void add_line(WorldTime at, const Json& line) {
    lines.push_back({at, line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"});
  }

  std::vector<LogLine> lines;

 private:
  const Level least_;
};

Json report_record(const FunctionSpec& spec, const Invocation& invocation, const RunOutcome& run) {
  const double duration = duration_of(spec, run);
  const double init = milliseconds(run.init);
  Json metrics{{"durationMs", three_digits(duration)},
               {"billedDurationMs", static_cast<int64_t>(std::ceil(duration + init))},
               {"memorySizeMB", spec.memory_mb},
               {"maxMemoryUsedMB", memory_used_mb(spec, run)}};
  if (init > 0) metrics["initDurationMs"] = three_digits(init);
  const auto [status, type] = status_of(run);
  Json record{{"requestId", invocation.request_id}, {"metrics", metrics}, {"status", status}};
  if (!type.empty()) record["errorType"] = type;
  return record;
}

// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
std::vector<LogLine> json_log(const FunctionSpec& spec, const Invocation& invocation,
                              const RunOutcome& run, std::vector<LogLine> lines, WorldTime ended) {
  const std::string& id = invocation.request_id;
  JsonLog log(spec);
  log.add(Level::info, run.begun, "platform.start", {{"requestId", id}, {"version", spec.version}});
  std::move(lines.begin(), lines.end(), std::back_inserter(log.lines));
  if (run.end == RunOutcome::End::threw) {
    log.add_line(ended, {{"timestamp", iso8601(ended.ms)},
                         {"level", "ERROR"},
                         {"requestId", id},
                         {"message", run.error_message},
                         {"errorType", run.error_type},
                         {"errorMessage", run.error_message}});
  }
  const auto [status, type] = status_of(run);
  Json done{{"requestId", id},
            {"status", status},
            {"metrics",
             {{"durationMs", three_digits(duration_of(spec, run))},
              {"producedBytes", run.payload.size()}}}};
  if (!type.empty()) done["errorType"] = type;
  const bool success = status == "success";
  log.add(success ? Level::debug : Level::warn, ended, "platform.runtimeDone", std::move(done));
  log.add(success ? Level::info : Level::warn, ended, "platform.report",
          report_record(spec, invocation, run));
  return std::move(log.lines);
}

// "nodejs20.x" -> "nodejs:20.v1", "provided.al2023" -> "provided:al2023.v1"
std::string runtime_version(const std::string& runtime) {
  std::string text = runtime.ends_with(".x") ? runtime.substr(0, runtime.size() - 2) : runtime;
  size_t end = text.find_first_of(".0123456789");
  if (end != std::string::npos) {
    text = text.substr(0, end) + ":" + text.substr(text[end] == '.' ? end + 1 : end);
  }
  return text + ".v1";
}

}  // namespace run_log

std::vector<events::LogLine> log_of(const FunctionSpec& spec, const Invocation& invocation,
                                    const RunOutcome& run, std::vector<events::LogLine> lines,
                                    WorldTime ended) {
  return spec.json_logs ? run_log::json_log(spec, invocation, run, std::move(lines), ended)
                        : run_log::text_log(spec, invocation, run, std::move(lines), ended);
}

std::optional<events::LogLine> init_line(const FunctionSpec& spec, const RunOutcome& run) {
  if (run.init.count() == 0) return std::nullopt;
  const std::string version = run_log::runtime_version(spec.runtime);
  if (!spec.json_logs) {
    return events::LogLine{run.begun, "INIT_START Runtime Version: " + version +
                                          "\tRuntime Version ARN: " + spec.runtime_arn + "\n"};
  }
  run_log::JsonLog log(spec);
  log.add(run_log::Level::info, run.begun, "platform.initStart",
          {{"initializationType", "on-demand"},
           {"phase", "init"},
           {"runtimeVersion", version},
           {"runtimeVersionArn", spec.runtime_arn}});
  if (log.lines.empty()) return std::nullopt;
  return std::move(log.lines.front());
}

std::string tail_of(const std::vector<events::LogLine>& lines) {
  auto first = lines.end();
  size_t bytes = 0;
  while (first != lines.begin() && bytes < kLogTailBytes) bytes += (--first)->text.size();
  std::string tail;
  tail.reserve(bytes);
  for (; first != lines.end(); ++first) tail += first->text;
  if (tail.size() > kLogTailBytes) tail.erase(0, tail.size() - kLogTailBytes);
  return tail;
}

}  // namespace paddock::lambda
