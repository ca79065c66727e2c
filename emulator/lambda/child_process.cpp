#include "lambda/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/text.hpp"

namespace paddock::lambda {
namespace child {

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (file descriptors)
constexpr rlim_t kMostFiles = 1024;
constexpr size_t kPiece = 64 * 1024;

struct Pipe {
  int read = -1;
  int write = -1;

  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw StartError(std::string("no pipe: ") + std::strerror(errno));
    }
    read = ends[0];
    write = ends[1];
  }
  ~Pipe() {
    close_end(read);
    close_end(write);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void close_end(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

// What the child needs, made before the fork: after it, in a process of many threads, nothing may
// be allocated.
struct Prepared {
  const char* program;
  const char* folder;
  std::vector<char*> arguments;
  std::vector<char*> variables;
  std::vector<std::string> texts;
  int input;
  int output;
  int failure;
  pid_t parent;
  rlim_t most_file_bytes;
  bool outlives;
};

void limit(int resource, rlim_t value) {
  rlimit limits{};
  if (getrlimit(static_cast<__rlimit_resource>(resource), &limits) != 0) return;
  limits.rlim_cur = std::min(value, limits.rlim_max);
  setrlimit(static_cast<__rlimit_resource>(resource), &limits);
}

void close_others_at_exec() {
  if (syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  rlimit limits{};
  getrlimit(RLIMIT_NOFILE, &limits);
  for (rlim_t fd = 3; fd < std::min<rlim_t>(limits.rlim_cur, 65'536); ++fd) {
    fcntl(static_cast<int>(fd), F_SETFD, FD_CLOEXEC);
  }
}

// In the child. Only what is safe after a fork of many threads.
[[noreturn]] void become(const Prepared& prepared) {
  const auto fail = [&] {
    const int error = errno;
    [[maybe_unused]] const ssize_t written = write(prepared.failure, &error, sizeof error);
    _exit(127);
  };
  setpgid(0, 0);
  if (!prepared.outlives) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != prepared.parent) _exit(127);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    sigaction(signal, &standard, nullptr);
  }
  if (dup2(prepared.input, 0) < 0 || dup2(prepared.output, 1) < 0 || dup2(1, 2) < 0) fail();
  close_others_at_exec();
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, kMostFiles);
  limit(RLIMIT_FSIZE, prepared.most_file_bytes);
  umask(022);
  if (chdir(prepared.folder) != 0) fail();
  execve(prepared.program, prepared.arguments.data(), prepared.variables.data());
  fail();
  _exit(127);
}

// As Go words an errno, since AWS's supervisor does.
std::string error_text(int error) {
  std::string text = std::strerror(error);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::string signal_text(int signal) {
  switch (signal) {
    case SIGHUP:
      return "hangup";
    case SIGINT:
      return "interrupt";
    case SIGQUIT:
      return "quit";
    case SIGILL:
      return "illegal instruction";
    case SIGTRAP:
      return "trace/breakpoint trap";
    case SIGABRT:
      return "aborted";
    case SIGBUS:
      return "bus error";
    case SIGFPE:
      return "floating point exception";
    case SIGKILL:
      return "killed";
    case SIGSEGV:
      return "segmentation fault";
    case SIGPIPE:
      return "broken pipe";
    case SIGALRM:
      return "alarm clock";
    case SIGTERM:
      return "terminated";
    default:
      return "signal " + std::to_string(signal);
  }
}

}  // namespace child

ChildProcess::ChildProcess(const ChildCommand& command) {
  child::Pipe output;
  child::Pipe failure;
  const int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null_fd < 0) throw StartError("/dev/null: " + child::error_text(errno));

  child::Prepared prepared{};
  prepared.program = command.program.c_str();
  prepared.folder = command.folder.c_str();
  prepared.input = command.input_fd >= 0 ? command.input_fd : null_fd;
  prepared.output = output.write;
  prepared.failure = failure.write;
  prepared.parent = getpid();
  prepared.most_file_bytes = command.most_file_bytes;
  prepared.outlives = command.outlives;
  prepared.texts.push_back(command.program);
  for (const std::string& argument : command.arguments) prepared.texts.push_back(argument);
  const size_t arguments = prepared.texts.size();
  for (const auto& [name, value] : command.variables) prepared.texts.push_back(name + "=" + value);
  for (size_t i = 0; i < prepared.texts.size(); ++i) {
    (i < arguments ? prepared.arguments : prepared.variables).push_back(prepared.texts[i].data());
  }
  prepared.arguments.push_back(nullptr);
  prepared.variables.push_back(nullptr);

  // No handler of ours may run in the child before it has put the standard ones back.
  sigset_t all, former;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &former);
  pid_ = fork();
  const int fork_error = errno;
  if (pid_ == 0) child::become(prepared);
  pthread_sigmask(SIG_SETMASK, &former, nullptr);
  close(null_fd);
  if (pid_ < 0) throw StartError("fork: " + child::error_text(fork_error));
  setpgid(pid_, pid_);  // as the child does: whoever is first

  child::Pipe::close_end(failure.write);
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(failure.read, &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  exit_fd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0U));
  if (got == sizeof error || exit_fd_ < 0) {
    if (got != sizeof error) error = errno;
    kill_group();
    waitpid(pid_, nullptr, 0);
    if (exit_fd_ >= 0) close(exit_fd_);
    throw StartError("fork/exec " + command.program + ": " + child::error_text(error));
  }
  output_fd_ = std::exchange(output.read, -1);
  fcntl(output_fd_, F_SETFL, O_NONBLOCK);
}

ChildProcess::~ChildProcess() {
  if (!status_) {
    kill_group();
    waitpid(pid_, nullptr, 0);
  }
  close(exit_fd_);
  if (output_fd_ >= 0) close(output_fd_);
}

std::string ChildProcess::read_output() {
  if (output_fd_ < 0) return "";
  std::string piece(child::kPiece, '\0');
  ssize_t got = 0;
  do {
    got = read(output_fd_, piece.data(), piece.size());
  } while (got < 0 && errno == EINTR);
  if (got == 0) child::Pipe::close_end(output_fd_);
  piece.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return piece;
}

std::optional<int> ChildProcess::ended() {
  if (status_) return status_;
  siginfo_t info{};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0) {
    return std::nullopt;
  }
  // While it is not waited for, its number is nobody else's.
  kill_group();
  int status = 0;
  waitpid(pid_, &status, 0);
  status_ = status;
  return status_;
}

void ChildProcess::kill_group() const {
  if (!status_ && pid_ > 0) ::kill(-pid_, SIGKILL);
}

uint64_t ChildProcess::private_bytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  uint64_t size = 0, resident = 0, shared = 0;
  if (!(file >> size >> resident >> shared) || resident < shared) return 0;
  return (resident - shared) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t ChildProcess::peak_bytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
  }
  return 0;
}

std::string exit_text(int wait_status) {
  if (WIFSIGNALED(wait_status)) return "signal: " + child::signal_text(WTERMSIG(wait_status));
  const int status = WEXITSTATUS(wait_status);
  return status == 0 ? "" : "exit status " + std::to_string(status);
}

std::string find_program(std::string_view name, std::string_view path) {
  for (std::string_view folder : split(path, ':')) {
    if (folder.empty()) continue;
    std::string candidate = std::string(folder) + "/" + std::string(name);
    struct stat facts {};
    if (stat(candidate.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
        access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return "";
}

}  // namespace paddock::lambda
