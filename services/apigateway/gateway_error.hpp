// What fails a request within the gateway itself, by the types of gateway responses
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html).
#pragma once

#include <exception>
#include <string>

namespace paddock::services::apigateway {

// Thrown on a request's way; answered once, as the API's gateway response of its type says.
class GatewayError : public std::exception {
 public:
  // `type`: "THROTTLED" …; `code`: x-amzn-ErrorType.
  GatewayError(const char* type, const char* code, int status, std::string message)
      : type(type), code(code), status(status), message(std::move(message)) {}

  const char* what() const noexcept override { return message.c_str(); }

  std::string type;
  std::string code;
  int status;
  std::string message;      // $context.error.message
  bool no_message = false;  // AWS gives none: null
  std::string validation;   // $context.error.validationErrorString
  std::string reason;       // for the execution log: "Execution failed due to …"
};

namespace failures {

GatewayError forbidden();      // of a stage that is not there
GatewayError missing_token();  // no such route, or no signature
GatewayError invalid_api_key();
GatewayError too_large();
GatewayError throttled();
GatewayError quota_exceeded();
GatewayError unauthorized();
GatewayError access_denied(bool explicitly);
GatewayError resource_policy_denied(const std::string& arn, bool explicitly);
GatewayError authorizer_broken();  // its function failed or answered what is no policy
GatewayError invalid_signature(int status, const std::string& message);
GatewayError missing_parameters(const std::string& names);
GatewayError invalid_body(std::string validation);
GatewayError unsupported_media_type();
GatewayError timed_out();
GatewayError no_connection();  // the integration's endpoint cannot be reached
// The definition, a template or an answer that is wrong. `reason` goes to the log alone.
GatewayError configuration(std::string reason);
GatewayError bad_proxy_answer(std::string reason);
GatewayError internal(int status, std::string reason);
// What this emulator does not have: 501, by name.
GatewayError not_emulated(const std::string& what);

}  // namespace failures

}  // namespace paddock::services::apigateway
