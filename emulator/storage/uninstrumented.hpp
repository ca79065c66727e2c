// ThreadSanitizer cannot see how RocksDB, which Debian built without it, hands one thread's batch
// to another that writes both; and the copying itself happens in the C++ library, so that no
// suppression of RocksDB's library matches. While an Uninstrumented lives, this thread's reads and
// writes are not checked. Does nothing in other builds.
#pragma once

#ifdef __SANITIZE_THREAD__
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace paddock::storage {

class Uninstrumented {
 public:
#ifdef __SANITIZE_THREAD__
  Uninstrumented() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~Uninstrumented() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
#else
  Uninstrumented() {}
  ~Uninstrumented() {}
#endif
  Uninstrumented(const Uninstrumented&) = delete;
  Uninstrumented& operator=(const Uninstrumented&) = delete;
};

}  // namespace paddock::storage
