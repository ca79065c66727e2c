// Calling another service's API in-process: the one way services use each other (DESIGN 1). The
// gateway implements it, so IAM, metrics and the timeline see the call. Never while a lock is held.
#pragma once

#include <string>

#include "core/json.hpp"
#include "core/task.hpp"

namespace paddock {

// Where a request came from, carried into what it causes (DESIGN 4.9). Small enough to copy.
struct Cause {
  std::string request_id;  // of the first request of the chain
  uint32_t depth = 0;      // how many steps lie between
};

// Who calls, on whose behalf, and why.
struct CallIdentity {
  std::string account;  // 12 digits
  std::string region;
  std::string principal_arn;  // "arn:aws:sts::…:assumed-role/…", or the root's ARN
  Cause cause;
};

class Caller {
 public:
  virtual ~Caller() = default;

  // Runs `operation` of `service` (model name) with `input` as a document; returns its output
  // document. Throws AwsError as the service answers it, AwsError("InternalFailure", …, 501) for an
  // operation that is not there. Resumes on the caller's executor.
  virtual Task<Json> call(CallIdentity identity, std::string service, std::string operation,
                          Json input) = 0;

  // The same for a function's thread; waits there. Never from an I/O thread.
  virtual Json call_and_wait(CallIdentity identity, std::string service, std::string operation,
                             Json input) = 0;
};

}  // namespace paddock
