// The lines that Lambda writes around a function's own, as text or as JSON. Pure, but for the
// process's memory figure.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "events/log_sink.hpp"
#include "lambda/functions.hpp"
#include "lambda/outcome.hpp"

namespace paddock::lambda {

// START, the function's `lines`, the time-out's, END and REPORT.
std::vector<events::LogLine> log_of(const FunctionSpec& spec, const Invocation& invocation,
                                    const RunOutcome& run, std::vector<events::LogLine> lines,
                                    WorldTime ended);
// What stands before them if the run began with the start of its environment; not in the tail.
std::optional<events::LogLine> init_line(const FunctionSpec& spec, const RunOutcome& run);
// The last 4 KiB, as LogType=Tail returns them.
std::string tail_of(const std::vector<events::LogLine>& lines);

}  // namespace paddock::lambda
