// The handler API of awslabs/aws-lambda-cpp, as far as functions use it, so that one source file
// builds into the emulator and into a stand-alone custom runtime. Written from its documentation
// (https://github.com/awslabs/aws-lambda-cpp); names and meanings are its own.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace aws::lambda_runtime {

struct invocation_request {
  std::string payload;  // the event, as JSON text
  std::string request_id;
  std::string xray_trace_id;
  std::string client_context;
  std::string cognito_identity;
  std::string function_arn;
  std::chrono::time_point<std::chrono::system_clock> deadline;

  // Time left before the function is stopped; never negative.
  std::chrono::milliseconds get_time_remaining() const;
};

class invocation_response {
 public:
  invocation_response(const std::string& payload, const std::string& content_type, bool success)
      : payload_(payload), content_type_(content_type), success_(success) {}

  static invocation_response success(const std::string& payload, const std::string& content_type);
  // The error payload is {"errorMessage": …, "errorType": …, "stackTrace": []}.
  static invocation_response failure(const std::string& error_message,
                                     const std::string& error_type);

  const std::string& get_payload() const { return payload_; }
  const std::string& get_content_type() const { return content_type_; }
  bool is_success() const { return success_; }

 private:
  std::string payload_;
  std::string content_type_;
  bool success_;
};

}  // namespace aws::lambda_runtime
