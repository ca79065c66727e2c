// The program: flags, signals, one Emulator. What belongs to the process as a whole (signals,
// environment, standard output) is set here and nowhere else.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <signal.h>
#include <unistd.h>

#include "cli.hpp"
#include "emulator.hpp"
#include "http/server.hpp"
#include "lambda/stdout_router.hpp"
#include "lambdas/entry_points.hpp"
#include "lambdas/sdk/runtime_loop.hpp"
#include "options.hpp"
#include "services/all.hpp"

extern char** environ;

namespace {

constexpr uint64_t kWantedFiles = 16 * 1024;

// All threads inherit the mask, so only `wait_for_stop` sees these.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

void print_banner(const paddock::Options& options, uint16_t port, uint16_t dynamodb_port) {
  std::string kept = "nothing is kept (--in-memory)";
  if (!options.in_memory()) {
    kept = "data in " + std::filesystem::absolute(options.data_dir).string();
    if (options.durability == paddock::storage::Durability::fsync) kept += " (fsync)";
  }
  std::printf("Paddock %s on http://127.0.0.1:%u and https, %s\n", PADDOCK_VERSION, port,
              kept.c_str());
  if (dynamodb_port) std::printf("DynamoDB alone on http://127.0.0.1:%u\n", dynamodb_port);
  std::printf("Ready.\n");
  std::fflush(stdout);
}

int serve(const std::vector<std::string>& arguments) {
  std::vector<std::string> environment;
  for (char** variable = environ; *variable; ++variable) environment.emplace_back(*variable);
  paddock::Options options = paddock::parse_options(arguments, environment);

  uint64_t files = paddock::http::raise_file_limit();
  if (files < kWantedFiles) {
    std::fprintf(stderr,
                 "paddock: the limit of open files is %llu; for 10,000 connections raise it "
                 "(ulimit -Hn %llu).\n",
                 static_cast<unsigned long long>(files),
                 static_cast<unsigned long long>(kWantedFiles));
  }
  sigset_t signals = block_stop_signals();
  paddock::lambda::StdoutRouter router;
  paddock::Emulator emulator(options, paddock::services::all(), paddock::lambdas::entry_points());
  emulator.start();
  print_banner(options, emulator.port(), emulator.dynamodb_port());

  int received = 0;
  sigwait(&signals, &received);
  // A second Ctrl-C ends the process at once; the data survives that.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  emulator.stop();
  if (!options.in_memory()) {
    std::printf("Stopped. The data stays in %s\n",
                std::filesystem::absolute(options.data_dir).c_str());
  }
  return 0;
}

// `paddock run-function NAME`: a built-in function in a process of its own (--lambda-isolation).
// The emulator alone starts it, so --help does not tell of it.
int run_function(const std::string& name) {
  signal(SIGPIPE, SIG_IGN);
  const auto* entry = paddock::lambda::find_entry_point(paddock::lambdas::entry_points(), name);
  if (!entry) throw std::runtime_error("no function named " + name + " is built in");
  return paddock::sdk::serve_runtime_api(entry->handler);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (!arguments.empty() && (arguments[0] == "--help" || arguments[0] == "-h")) {
      std::fputs(paddock::help_text().c_str(), stdout);
      return 0;
    }
    if (!arguments.empty() && arguments[0] == "--version") {
      std::puts("paddock " PADDOCK_VERSION);
      return 0;
    }
    if (!arguments.empty() && arguments[0] == "env") {
      std::fputs(paddock::cli::environment_exports().c_str(), stdout);
      return 0;
    }
    if (!arguments.empty() && arguments[0] == "aws") {
      return paddock::cli::run_aws({arguments.begin() + 1, arguments.end()});
    }
    if (arguments.size() == 2 && arguments[0] == "run-function") {
      return run_function(arguments[1]);
    }
    return serve(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "paddock: %s\n", error.what());
    return 1;
  }
}
