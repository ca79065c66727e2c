// Init hooks: scripts run at the stages of the emulator's life, as LocalStack's users have them in
// /etc/localstack/init/{boot,start,ready,shutdown}.d
// (https://docs.localstack.cloud/references/init-hooks/).
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "core/log.hpp"

namespace paddock::control {

struct HookScript {
  std::string stage;  // "BOOT", "START", "READY", "SHUTDOWN"
  std::string name;   // file name
  std::string state;  // "UNKNOWN", "RUNNING", "SUCCESSFUL", "ERROR"
};

// Thread-safe.
class Hooks {
 public:
  // `ready_dir`: --init, "" if not given. `machine_hooks`: also /etc/localstack/init.
  Hooks(std::string ready_dir, bool machine_hooks, Log& log);

  // Runs the *.sh and *.py files of `stage` (lower case) one after the other, in the order of their
  // names, and waits. They find the emulator through AWS_ENDPOINT_URL and test credentials.
  void run(const std::string& stage, uint16_t port);

  std::vector<HookScript> scripts() const;
  bool completed(const std::string& stage) const;  // upper or lower case

 private:
  void run_script(const std::string& path, const std::string& stage, uint16_t port);

  const std::string ready_dir_;
  const bool machine_hooks_;
  Log& log_;
  mutable std::mutex mutex_;
  std::vector<HookScript> scripts_;
  std::vector<std::string> completed_;  // stages, upper case
};

}  // namespace paddock::control
