// The value types of aws-lambda-cpp's handler API.
#include <algorithm>

#include <aws/lambda-runtime/runtime.h>

#include "core/clock.hpp"
#include "core/json.hpp"

namespace aws::lambda_runtime {

std::chrono::milliseconds invocation_request::get_time_remaining() const {
  using std::chrono::milliseconds;
  const auto deadline_ms = std::chrono::duration_cast<milliseconds>(deadline.time_since_epoch());
  const milliseconds now(paddock::MachineClock().wall_ms());
  return std::max(deadline_ms - now, milliseconds(0));
}

invocation_response invocation_response::success(const std::string& payload,
                                                 const std::string& content_type) {
  return {payload, content_type, true};
}

invocation_response invocation_response::failure(const std::string& error_message,
                                                 const std::string& error_type) {
  const paddock::Json error{{"errorMessage", error_message},
                            {"errorType", error_type},
                            {"stackTrace", paddock::Json::array()}};
  // A function's text may be any bytes; what is not UTF-8 is replaced.
  return {error.dump(-1, ' ', false, paddock::Json::error_handler_t::replace), "application/json",
          false};
}

}  // namespace aws::lambda_runtime
