// A program in a process group of its own, bounded, with its output in one pipe. Unless it is meant
// to, it does not outlive the thread that started it: the kernel kills it when that thread ends.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace paddock::lambda {

struct ChildCommand {
  std::string program;                                        // a path
  std::vector<std::string> arguments;                         // without the program's name
  std::map<std::string, std::string, std::less<>> variables;  // all there are
  std::string folder;                                         // to run in
  uint64_t most_file_bytes = 512 * 1024 * 1024;
  int input_fd = -1;      // its standard input (not owned); -1: nothing to read
  bool outlives = false;  // its thread, and the emulator
};

// The program cannot be run: "permission denied", "exec format error" …
class StartError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// For one thread.
class ChildProcess {
 public:
  // Throws StartError.
  explicit ChildProcess(const ChildCommand& command);
  // Kills the whole group and waits for the child.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  // Readable once the child has ended.
  int exit_fd() const { return exit_fd_; }
  // The read end of its output, which does not block.
  int output_fd() const { return output_fd_; }
  // Up to 64 KiB of what it wrote; "" if there is none now or there will be none.
  std::string read_output();
  bool output_open() const { return output_fd_ >= 0; }

  // How it ended, as wait(2) says it; nullopt while it runs. What is left of its group is killed.
  std::optional<int> ended();
  void kill_group() const;

  // Memory of its own, without files that it maps: now; and at most, with them. 0 if it has ended.
  uint64_t private_bytes() const;
  uint64_t peak_bytes() const;

 private:
  pid_t pid_ = -1;
  int exit_fd_ = -1;
  int output_fd_ = -1;
  std::optional<int> status_;
};

// "exit status 1", "signal: killed": an ended child as AWS words it; "" for status 0.
std::string exit_text(int wait_status);

// The first executable of that name on `path` ("/usr/bin:/bin"); "" if there is none.
std::string find_program(std::string_view name, std::string_view path);

}  // namespace paddock::lambda
