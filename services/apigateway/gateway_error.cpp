#include "services/apigateway/gateway_error.hpp"

namespace paddock::services::apigateway::failures {
namespace gateway_error_detail {

constexpr const char* kInternal = "Internal server error";

GatewayError with_reason(GatewayError error, std::string reason) {
  error.reason = std::move(reason);
  return error;
}

}  // namespace gateway_error_detail

GatewayError forbidden() {
  return {"INVALID_API_KEY", "ForbiddenException", 403, "Forbidden"};
}
GatewayError missing_token() {
  return {"MISSING_AUTHENTICATION_TOKEN", "MissingAuthenticationTokenException", 403,
          "Missing Authentication Token"};
}
GatewayError invalid_api_key() {
  return {"INVALID_API_KEY", "ForbiddenException", 403, "Forbidden"};
}
GatewayError too_large() {
  return {"REQUEST_TOO_LARGE", "RequestTooLargeException", 413,
          "HTTP content length exceeded 10485760 bytes."};
}
GatewayError throttled() {
  return {"THROTTLED", "TooManyRequestsException", 429, "Too Many Requests"};
}
GatewayError quota_exceeded() {
  return {"QUOTA_EXCEEDED", "LimitExceededException", 429, "Limit Exceeded"};
}
GatewayError unauthorized() {
  return {"UNAUTHORIZED", "UnauthorizedException", 401, "Unauthorized"};
}
GatewayError access_denied(bool explicitly) {
  std::string message = "User is not authorized to access this resource";
  if (explicitly) message += " with an explicit deny";
  return {"ACCESS_DENIED", "AccessDeniedException", 403, std::move(message)};
}
GatewayError resource_policy_denied(const std::string& arn, bool explicitly) {
  std::string message =
      "User: anonymous is not authorized to perform: execute-api:Invoke on resource: " + arn;
  if (explicitly) message += " with an explicit deny";
  return {"ACCESS_DENIED", "AccessDeniedException", 403, std::move(message)};
}
GatewayError authorizer_broken() {
  GatewayError error("AUTHORIZER_CONFIGURATION_ERROR", "AuthorizerConfigurationException", 500, "");
  error.no_message = true;
  return error;
}
GatewayError invalid_signature(int status, const std::string& message) {
  return {"INVALID_SIGNATURE", "InvalidSignatureException", status, message};
}
GatewayError missing_parameters(const std::string& names) {
  return {"BAD_REQUEST_PARAMETERS", "BadRequestException", 400,
          "Missing required request parameters: [" + names + "]"};
}
GatewayError invalid_body(std::string validation) {
  GatewayError error("BAD_REQUEST_BODY", "BadRequestException", 400, "Invalid request body");
  error.validation = std::move(validation);
  return error;
}
GatewayError unsupported_media_type() {
  return {"UNSUPPORTED_MEDIA_TYPE", "BadRequestException", 415, "Unsupported Media Type"};
}
GatewayError timed_out() {
  return {"INTEGRATION_TIMEOUT", "InternalServerErrorException", 504, "Endpoint request timed out"};
}
GatewayError no_connection() {
  return gateway_error_detail::with_reason({"INTEGRATION_FAILURE", "InternalServerErrorException",
                                            504, "Network error communicating with endpoint"},
                                           "a network error communicating with endpoint");
}
GatewayError configuration(std::string reason) {
  return gateway_error_detail::with_reason(
      {"API_CONFIGURATION_ERROR", "InternalServerErrorException", 500,
       gateway_error_detail::kInternal},
      "configuration error: " + std::move(reason));
}
GatewayError bad_proxy_answer(std::string reason) {
  return gateway_error_detail::with_reason(
      {"DEFAULT_5XX", "InternalServerErrorException", 502, gateway_error_detail::kInternal},
      std::move(reason));
}
GatewayError internal(int status, std::string reason) {
  return gateway_error_detail::with_reason(
      {"DEFAULT_5XX", "InternalServerErrorException", status, gateway_error_detail::kInternal},
      std::move(reason));
}
GatewayError not_emulated(const std::string& what) {
  return {"DEFAULT_5XX", "InternalFailure", 501,
          what + " is not emulated yet. What is: GET /_paddock/coverage."};
}

}  // namespace paddock::services::apigateway::failures
