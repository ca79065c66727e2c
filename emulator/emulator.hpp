// The composition root: one emulated AWS. Member order is construction order; nothing is global, so
// two can live in one process.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "gateway/routing.hpp"
#include "gateway/service.hpp"
#include "lambda/entry_points.hpp"
#include "options.hpp"

namespace paddock {

class Emulator {
 public:
  // Opens the data directory and builds everything; accepts nothing yet. Log lines go to `log_fd`
  // (not owned). Throws storage::OpenError, http::ListenError, std::runtime_error.
  Emulator(Options options, std::span<const gateway::ServiceFactory> services,
           std::span<const lambda::EntryPoint> functions, int log_fd = 2);
  ~Emulator();  // stops

  // Starts listeners and background work, then runs the init hooks of "boot", "start" and "ready"
  // (none of them if there is no init directory).
  void start();
  // In the order of DESIGN 4.1; running requests get `grace`.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds(2000));

  uint16_t port() const;
  uint16_t dynamodb_port() const;  // 0 if there is none
  const gateway::Router& router() const;
  gateway::Platform& platform();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace paddock
