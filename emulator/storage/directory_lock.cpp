#include "storage/directory_lock.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "storage/database.hpp"

namespace paddock::storage {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_use(const std::string& path, const std::string& what, int error) {
  std::string message = "cannot " + what + " the data directory " + path + ": " +
                        std::system_category().message(error);
  if (error == EACCES || error == EPERM || error == EROFS) {
    message += " (give this user the right to write there, or choose another --data-dir)";
  } else {
    message += " (choose another --data-dir)";
  }
  throw OpenError(message);
}

// A store of ours has RocksDB's CURRENT file (what is in it is checked when it is open), or the
// lock file that is written first of all.
bool may_be_ours(const std::string& path) {
  std::error_code error;
  if (fs::exists(fs::path(path) / kPidFile, error) ||
      fs::exists(fs::path(path) / "CURRENT", error)) {
    return true;
  }
  const bool empty = fs::is_empty(path, error);
  if (error) {
    cannot_use(path, "read", error.value());
  }
  return empty;
}

std::string holder_name(const std::string& path) {
  std::string pid;
  std::ifstream(fs::path(path) / kPidFile) >> pid;
  if (pid.empty()) {
    return "another process";
  }
  std::string name;
  std::getline(std::ifstream("/proc/" + pid + "/comm"), name);
  return "process " + pid + (name.empty() ? "" : " (" + name + ")");
}

}  // namespace

DirectoryLock::~DirectoryLock() {
  if (fd_ >= 0) {
    // A file that cannot be emptied keeps a stale number, which nobody reads unless it is locked.
    [[maybe_unused]] const int emptied = ::ftruncate(fd_, 0);
    ::close(fd_);
  }
}

void DirectoryLock::acquire(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) {
    cannot_use(path, "make", error.value());
  }
  if (!may_be_ours(path)) {
    throw OpenError(path +
                    " is not a Paddock data directory: it holds other files "
                    "(choose another --data-dir, or an empty one)");
  }
  const std::string file = (fs::path(path) / kPidFile).string();
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) {
    cannot_use(path, "write to", errno);
  }
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    ::close(fd_);
    fd_ = -1;
    if (reason != EWOULDBLOCK) {
      cannot_use(path, "lock", reason);
    }
    throw OpenError("the data directory " + path + " is in use by " + holder_name(path) +
                    " (stop it, or choose another --data-dir)");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd_, 0) != 0 ||
      ::pwrite(fd_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    cannot_use(path, "write to", errno);
  }
}

}  // namespace paddock::storage
