// Programs that this test program runs of itself, to be killed or starved of disk.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace paddock::faults {

// What a child reports on its pipe; smaller than PIPE_BUF, so written whole or not at all.
struct Report {
  enum class Kind : uint64_t { acknowledged, refused, recovered, failed };
  Kind kind = Kind::acknowledged;
  uint64_t lane = 0;    // a sequence of its own
  uint64_t number = 0;  // within the lane, from 1
};

// A child process. Killed, if it still runs, with the object.
class Child {
 public:
  // Runs this program again as `role`, with `arguments`.
  Child(const std::string& role, const std::vector<std::string>& arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The next report; false at the end.
  bool read(Report& report);
  // Kills it with SIGKILL. What it reported before can still be read.
  void kill();
  // Waits for its end; true if it ended by itself with status 0.
  bool wait();

 private:
  pid_t pid_ = -1;
  int pipe_ = -1;
};

void send_report(const Report& report);  // by the child

// Roles, run by main: return the exit status.
int run_writer(const std::vector<std::string>& arguments);
int run_on_a_small_disk(const std::vector<std::string>& arguments);
// A whole emulator in the directory of the first argument; reports its port.
int run_dynamodb(const std::vector<std::string>& arguments);
// The same, with a function whose notes go to the file of the second argument.
int run_lambda(const std::vector<std::string>& arguments);

// A value that only number and lane decide.
std::string value_of(uint64_t lane, uint64_t number, size_t bytes);

}  // namespace paddock::faults
