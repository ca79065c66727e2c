#include "storage/disk_space.hpp"

#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace paddock::storage {

namespace {

// What RocksDB needs at once to go on: its memtables flushed, a log and a manifest.
constexpr size_t kProbeBytes = 40 << 20;
constexpr size_t kProbeChunk = 1 << 20;

}  // namespace

bool has_space(const std::string& directory) {
  const std::string path = directory + "/space.probe";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    return false;
  }
  const std::vector<char> chunk(kProbeChunk);
  size_t written = 0;
  for (ssize_t taken = 1; taken > 0 && written < kProbeBytes;) {
    taken = ::write(file, chunk.data(), chunk.size());
    written += taken > 0 ? static_cast<size_t>(taken) : 0;
  }
  const bool closed = ::close(file) == 0;
  ::unlink(path.c_str());
  return closed && written >= kProbeBytes;
}

}  // namespace paddock::storage
