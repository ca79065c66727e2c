// One process per data directory: a lock on its file `paddock.pid`, which also names the holder.
//
// Format: the holder's process id in decimal and a newline; empty if nobody holds the directory.
#pragma once

#include <string>

namespace paddock::storage {

inline constexpr const char* kPidFile = "paddock.pid";

class DirectoryLock {
 public:
  DirectoryLock() = default;
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  // Makes the directory if it is not there and takes its lock. Throws OpenError: locked, no
  // permission, not a directory, or one that holds other things than a store of ours.
  void acquire(const std::string& path);

 private:
  int fd_ = -1;
};

}  // namespace paddock::storage
