#include "lambda/child_process.hpp"

#include <cerrno>
#include <csignal>

#include <gtest/gtest.h>
#include <poll.h>

namespace paddock::lambda::child_process_test {

ChildCommand shell(const std::string& script) {
  ChildCommand command;
  command.program = "/bin/sh";
  command.arguments = {"-c", script};
  command.variables = {{"PATH", "/usr/bin:/bin"}, {"GIVEN", "a b"}};
  command.folder = "/";
  return command;
}

std::string read_all(ChildProcess& child) {
  std::string text;
  while (child.output_open()) {
    pollfd output{child.output_fd(), POLLIN, 0};
    if (poll(&output, 1, 20'000) <= 0) break;
    text += child.read_output();
  }
  return text;
}

int wait_status(ChildProcess& child) {
  pollfd ended{child.exit_fd(), POLLIN, 0};
  EXPECT_EQ(poll(&ended, 1, 20'000), 1);
  return child.ended().value_or(-1);
}

bool is_gone(pid_t pid) {
  // What was killed may still be there as long as its parent has not asked for it.
  for (int i = 0; i < 2'000; ++i) {
    if (kill(pid, 0) != 0 && errno == ESRCH) return true;
    poll(nullptr, 0, 10);
  }
  return false;
}

TEST(ChildProcess, GetsItsEnvironmentAndNothingElse) {
  ChildProcess child(shell("echo \"$GIVEN\" $HOME; pwd; echo err >&2; ls /proc/self/fd | wc -l"));
  // Standard streams, and the folder that ls reads.
  EXPECT_EQ(read_all(child), "a b\n/\nerr\n4\n");
  EXPECT_EQ(wait_status(child), 0);
}

TEST(ChildProcess, EndsAreWordedAsAwsWordsThem) {
  ChildProcess status(shell("exit 3"));
  EXPECT_EQ(exit_text(wait_status(status)), "exit status 3");
  ChildProcess good(shell("exit 0"));
  EXPECT_EQ(exit_text(wait_status(good)), "");
  ChildProcess killed(shell("kill -9 $$"));
  EXPECT_EQ(exit_text(wait_status(killed)), "signal: killed");
  ChildProcess crashed(shell("kill -11 $$"));
  EXPECT_EQ(exit_text(wait_status(crashed)), "signal: segmentation fault");
}

TEST(ChildProcess, WhatCannotBeRunIsSaidAtOnce) {
  ChildCommand command = shell("");
  command.program = "/nowhere/bootstrap";
  try {
    ChildProcess child(command);
    FAIL();
  } catch (const StartError& error) {
    EXPECT_STREQ(error.what(), "fork/exec /nowhere/bootstrap: no such file or directory");
  }
  command.program = "/etc/passwd";
  EXPECT_THROW(ChildProcess{command}, StartError);
}

TEST(ChildProcess, ItsGroupEndsWithIt) {
  pid_t grandchild = 0;
  {
    ChildProcess child(shell("sleep 1000 & echo $!; wait"));
    std::string text;
    while (text.find('\n') == std::string::npos) {
      pollfd output{child.output_fd(), POLLIN, 0};
      ASSERT_EQ(poll(&output, 1, 20'000), 1);
      text += child.read_output();
    }
    grandchild = std::stoi(text);
  }
  EXPECT_TRUE(is_gone(grandchild));
}

TEST(ChildProcess, AFileMayGrowToItsLimit) {
  ChildCommand command = shell(
      "trap '' XFSZ; cd ${TMPDIR:-/tmp}; f=$(mktemp); "
      "head -c 20000 /dev/zero > $f 2>/dev/null; wc -c < $f; rm $f");
  command.most_file_bytes = 8192;
  ChildProcess child(command);
  EXPECT_EQ(read_all(child), "8192\n");
}

TEST(ChildProcess, ProgramsAreFoundOnThePath) {
  EXPECT_EQ(find_program("sh", "/nowhere:/bin"), "/bin/sh");
  EXPECT_EQ(find_program("passwd", "/etc"), "");
  EXPECT_EQ(find_program("sh", ""), "");
}

}  // namespace paddock::lambda::child_process_test
