// Service integrations of HTTP APIs: the integration subtypes
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html).
// Pure; http_api_service_call.hpp makes the call.
#pragma once

#include <string>

#include "core/error.hpp"
#include "core/json.hpp"
#include "http/message.hpp"
#include "services/apigateway/http_api_mapping.hpp"

namespace paddock::services::apigateway::v2 {

// Throws BadRequestException for a subtype that there is none, for parameters that it does not take
// or that are missing, and for an integration without credentials.
void check_service_integration(const Json& integration);

// A call of a service's API, as a request and the integration's parameters make it.
struct ServiceCall {
  ServiceCall() = default;  // no aggregate: it is passed to a coroutine by value

  std::string subtype;
  std::string service;  // name of the model
  std::string operation;
  std::string region;  // "": that of the API
  Json input = Json::object();
  bool xml = false;        // the service answers in XML
  std::string unresolved;  // why there can be no call; "" if it can be made
};
// `integration`: one that passed the check.
ServiceCall service_call(const Json& integration, const MappingSource& source);

// The service's answer, and its error, as they look on the wire.
http::Response service_answer(const ServiceCall& call, Json output, const std::string& request_id);
http::Response service_error(const ServiceCall& call, const AwsError& error,
                             const std::string& request_id);

}  // namespace paddock::services::apigateway::v2
