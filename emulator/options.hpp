// Flags and PADDOCK_* variables, as one immutable struct. The table of flags in options.cpp drives
// parsing, the environment, --help and the refusal of unknown ones.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "storage/database.hpp"

namespace paddock {

struct Options {
  uint16_t port = 4566;
  std::optional<uint16_t> dynamodb_port;               // a second one, for DynamoDB alone
  std::vector<std::string> hosts{"127.0.0.1", "::1"};  // addresses to listen on
  std::vector<std::string> own_names;                  // --hosts, PADDOCK_HOSTS, LOCALSTACK_HOST
  std::vector<std::string> allowed_origins;            // further origins of web pages
  std::string data_dir = "paddock-data";
  storage::Durability durability = storage::Durability::wal;
  std::string init_dir;       // --init: scripts run when ready
  bool machine_hooks = true;  // run /etc/localstack/init/*.d; never from a flag, tests turn it off
  std::optional<uint64_t> seed;
  LogLevel log_level = LogLevel::info;
  bool access_log = true;
  bool verify_signatures = false;
  std::string credentials_file;
  size_t io_threads = 2;
  size_t work_threads = 2;
  size_t most_functions = 1000;
  enum class Limits { off, observe, enforce } limits = Limits::off;  // throughput quotas
  int64_t dynamodb_read_lag_ms = 0;   // eventually consistent reads of tables see the past …
  int64_t dynamodb_index_lag_ms = 0;  // … and reads of global indexes
  size_t most_function_processes = 100;
  bool isolate_functions = false;  // built-in ones run in child processes too, of this program:
  std::string program = "/proc/self/exe";  // never from a flag, tests set it
  std::vector<std::string> node_modules;   // folders of npm packages, for functions in Node.js
  std::string search_path = "/usr/local/bin:/usr/bin:/bin";  // PATH, for functions' interpreters

  bool in_memory() const { return durability == storage::Durability::none; }
};

// An unknown or malformed flag or variable; the message names it and the nearest known one.
class OptionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `arguments` without the program's name; `environment` as "NAME=value". Throws OptionError.
Options parse_options(const std::vector<std::string>& arguments,
                      const std::vector<std::string>& environment);
// The text of --help.
std::string help_text();

}  // namespace paddock
