// Rules that requests and imports share.
#include "services/apigateway/definitions.hpp"

#include <array>

#include "models/apigateway.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/model.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace definitions_detail {

constexpr int64_t kMaxTtlSeconds = 3600;

}  // namespace definitions_detail

void check_authorizer_type(const std::string& type) {
  if (type == "TOKEN" || type == "REQUEST" || type == "COGNITO_USER_POOLS") return;
  throw errors::bad_request(
      "Invalid Authorizer type specified. Valid options are TOKEN,REQUEST,COGNITO_USER_POOLS");
}

namespace definitions_detail {

void check_identity_source(const std::string& type, const std::string& source) {
  static constexpr std::string_view kHeader = "method.request.header.";
  if (type == "REQUEST") return;
  if (!source.starts_with(kHeader) || source.size() == kHeader.size()) {
    throw errors::bad_request("Invalid identity source specified: " + source);
  }
}

}  // namespace definitions_detail

void check_authorizer(const Json& authorizer) {
  std::string name = authorizer.value(m::name, "");
  if (name.empty()) throw errors::bad_request("Authorizer name must be non-empty");
  std::string type = authorizer[m::type];
  check_authorizer_type(type);
  int64_t ttl = authorizer.value(m::authorizerResultTtlInSeconds, int64_t{300});
  if (ttl < 0 || ttl > definitions_detail::kMaxTtlSeconds) {
    throw errors::bad_request("Authorizer result TTL must be between 0 and 3600 seconds");
  }
  std::string source = authorizer.value(m::identitySource, "");
  if (type == "COGNITO_USER_POOLS") {
    if (authorizer.value(m::providerARNs, Json::array()).empty()) {
      throw errors::bad_request(
          "Provider ARNs must be non-empty for COGNITO_USER_POOLS authorizers");
    }
  } else if (!function_of_uri(authorizer.value(m::authorizerUri, ""))) {
    throw errors::bad_request("Invalid Authorizer URI: " + authorizer.value(m::authorizerUri, ""));
  }
  // A REQUEST authorizer needs one only if its answers are cached.
  if (source.empty() && (type != "REQUEST" || ttl > 0)) {
    throw errors::bad_request("Identity source is required for " + type + " authorizers");
  }
  if (!source.empty()) definitions_detail::check_identity_source(type, source);
}

namespace definitions_detail {

struct Default {
  const char* type;
  const char* status;  // "" for the two defaults
};
constexpr std::array<Default, 21> kDefaults{{{"ACCESS_DENIED", "403"},
                                             {"API_CONFIGURATION_ERROR", "500"},
                                             {"AUTHORIZER_CONFIGURATION_ERROR", "500"},
                                             {"AUTHORIZER_FAILURE", "500"},
                                             {"BAD_REQUEST_BODY", "400"},
                                             {"BAD_REQUEST_PARAMETERS", "400"},
                                             {"DEFAULT_4XX", ""},
                                             {"DEFAULT_5XX", ""},
                                             {"EXPIRED_TOKEN", "403"},
                                             {"INTEGRATION_FAILURE", "504"},
                                             {"INTEGRATION_TIMEOUT", "504"},
                                             {"INVALID_API_KEY", "403"},
                                             {"INVALID_SIGNATURE", "403"},
                                             {"MISSING_AUTHENTICATION_TOKEN", "403"},
                                             {"QUOTA_EXCEEDED", "429"},
                                             {"REQUEST_TOO_LARGE", "413"},
                                             {"RESOURCE_NOT_FOUND", "404"},
                                             {"THROTTLED", "429"},
                                             {"UNAUTHORIZED", "401"},
                                             {"UNSUPPORTED_MEDIA_TYPE", "415"},
                                             {"WAF_FILTERED", "403"}}};

std::string default_status(const std::string& type) {
  for (const Default& one : kDefaults) {
    if (one.type == type) return one.status;
  }
  return "";
}

// AWS's own response of a type.
Json own_response(const std::string& type) {
  Json response = {{m::responseType, type},
                   {m::defaultResponse, true},
                   {m::responseParameters, Json::object()},
                   {m::responseTemplates,
                    {{"application/json", R"({"message":$context.error.messageString})"}}}};
  std::string status = default_status(type);
  if (!status.empty()) response[m::statusCode] = status;
  return response;
}

void check_parameters(const Json& parameters) {
  static constexpr std::string_view kPlace = "gatewayresponse.header.";
  for (const auto& [name, value] : parameters.items()) {
    if (!name.starts_with(kPlace) || name.size() == kPlace.size()) {
      throw errors::bad_mapping("Invalid mapping expression specified: " + name);
    }
  }
}

}  // namespace definitions_detail

void check_gateway_response(const Json& response) {
  definitions_detail::check_parameters(response.at(m::responseParameters));
}

const std::vector<std::string>& gateway_response_types() {
  static const std::vector<std::string> kTypes = [] {
    std::vector<std::string> types;
    for (const auto& one : definitions_detail::kDefaults) types.push_back(one.type);
    return types;
  }();
  return kTypes;
}

Json new_gateway_response(const Json& input) {
  Json response = definitions_detail::own_response(input[m::responseType]);
  response[m::defaultResponse] = false;
  for (const char* member : {m::statusCode, m::responseParameters, m::responseTemplates}) {
    if (input.contains(member)) response[member] = input[member];
  }
  check_gateway_response(response);
  return response;
}

Json gateway_response_of(const Json& put, const std::string& type) {
  Json own = definitions_detail::own_response(type);
  if (!put.is_object()) return own;
  if (put.contains(type)) return put[type];
  std::string status = own.value(m::statusCode, "");
  auto fallback = put.find(status.starts_with('5') ? "DEFAULT_5XX" : "DEFAULT_4XX");
  if (status.empty() || fallback == put.end()) return own;
  for (const char* member : {m::responseParameters, m::responseTemplates, m::statusCode}) {
    if (fallback->contains(member)) own[member] = (*fallback)[member];
  }
  return own;
}

}  // namespace paddock::services::apigateway
