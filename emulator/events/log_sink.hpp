// Where functions' output goes: CloudWatch Logs implements it.
#pragma once

#include <string>
#include <vector>

#include "core/clock.hpp"

namespace paddock::events {

struct LogLine {
  WorldTime at;
  std::string text;  // with its newline, as Lambda writes it
};

class LogSink {
 public:
  virtual ~LogSink() = default;
  // Appends to group and stream, made if they are missing, as one batch. Work threads only.
  virtual void append(const std::string& account, const std::string& region,
                      const std::string& group, const std::string& stream,
                      std::vector<LogLine> lines) = 0;
};

// The sink in use; set at construction by the service that has one. Null: lines are dropped.
struct LogSinkSlot {
  LogSink* sink = nullptr;
};

}  // namespace paddock::events
