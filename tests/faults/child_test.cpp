// The main of this test program, and the processes it runs.
#include <cerrno>
#include <csignal>
#include <cstring>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_child.hpp"

namespace paddock::faults {

namespace {

constexpr int kReportDescriptor = 3;
constexpr const char* kRoleFlag = "--role";

int run_role(const std::string& role, const std::vector<std::string>& arguments) {
  if (role == "writer") {
    return run_writer(arguments);
  }
  if (role == "small-disk") {
    return run_on_a_small_disk(arguments);
  }
  if (role == "dynamodb") {
    return run_dynamodb(arguments);
  }
  if (role == "lambda") {
    return run_lambda(arguments);
  }
  return 2;
}

}  // namespace

Child::Child(const std::string& role, const std::vector<std::string>& arguments) {
  int ends[2];
  if (::pipe(ends) != 0) {
    throw std::runtime_error("no pipe");
  }
  std::vector<std::string> words = {"/proc/self/exe", kRoleFlag, role};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    if (ends[1] != kReportDescriptor) {
      ::dup2(ends[1], kReportDescriptor);
      ::close(ends[1]);
    }
    if (ends[0] != kReportDescriptor) {
      ::close(ends[0]);
    }
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  pipe_ = ends[0];
  if (pid_ < 0) {
    throw std::runtime_error("no child process");
  }
}

Child::~Child() {
  if (pid_ > 0) {
    kill();
    wait();
  }
  ::close(pipe_);
}

bool Child::read(Report& report) {
  char* at = reinterpret_cast<char*>(&report);
  size_t left = sizeof report;
  while (left > 0) {
    const ssize_t got = ::read(pipe_, at, left);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return false;
    }
    at += got;
    left -= static_cast<size_t>(got);
  }
  return true;
}

void Child::kill() {
  ::kill(pid_, SIGKILL);
}

bool Child::wait() {
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void send_report(const Report& report) {
  if (::write(kReportDescriptor, &report, sizeof report) != sizeof report) {
    ::_exit(3);
  }
}

std::string value_of(uint64_t lane, uint64_t number, size_t bytes) {
  std::mt19937_64 random(lane * 1000003 + number);
  std::string value(bytes, '\0');
  for (size_t at = 0; at < bytes; at += sizeof(uint64_t)) {
    const uint64_t word = random();
    std::memcpy(value.data() + at, &word, std::min(sizeof word, bytes - at));
  }
  return value;
}

}  // namespace paddock::faults

int main(int argc, char** argv) {
  if (argc > 2 && std::string(argv[1]) == paddock::faults::kRoleFlag) {
    return paddock::faults::run_role(argv[2], {argv + 3, argv + argc});
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
