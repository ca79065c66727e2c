// The rules on definitions that more than one file needs: requests and imports make the same
// methods and integrations. All throw BadRequestException or NotFoundException; no I/O.
#pragma once

#include <string>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway {

// The resource or method that an input names.
Json& found_resource(Json& api, const Json& input);
Json& found_method(Json& api, const Json& input);

// An integration as PutIntegration makes it, defaults included: `input` in the shape of
// PutIntegrationRequest (`resourceId` for the cache's name space). Its method gives the parameters
// that mappings may name; null: not checked.
Json new_integration(const Json& input, const Json& method);
// An integration response in the shape of PutIntegrationResponseRequest.
Json new_integration_response(const Json& input, const Json& method);

// Throws for a name in `models` (by content type) that is no model of the API.
void check_model_names(const Json& api, const Json& models);
// Throws for a schema that is no JSON object, or that uses what AWS does not support.
void check_model_schema(const std::string& schema);
// Throws for an authorizer that misses what its type needs.
void check_authorizer(const Json& authorizer);
void check_authorizer_type(const std::string& type);
// The types of gateway responses, in AWS's order.
const std::vector<std::string>& gateway_response_types();
// The response of `type` that an API gives, from those that were put (`put`, by type; may be null):
// its own, one under DEFAULT_4XX or DEFAULT_5XX, or AWS's own. In the model's shape
// GatewayResponse; without `statusCode` only for the two defaults.
Json gateway_response_of(const Json& put, const std::string& type);
// Throws for a response parameter that is no header.
void check_gateway_response(const Json& response);
// A gateway response in the shape of PutGatewayResponseRequest, defaults included.
Json new_gateway_response(const Json& input);
// "/path/GET" of a method whose `member` is `value`; "" if there is none.
std::string method_that(const Json& api, const char* member, const std::string& value);
// The values of an object of definitions (may be null), in the order of their keys.
Json values_of(const Json& by_id);

}  // namespace paddock::services::apigateway
