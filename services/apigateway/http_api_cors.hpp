// CORS as an HTTP API is configured for it: the gateway answers preflights itself and replaces what
// an integration says
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html). Pure.
#pragma once

#include "core/json.hpp"
#include "http/message.hpp"

namespace paddock::services::apigateway::v2 {

bool is_preflight(const http::RequestHead& head);
// The answer to a preflight: 204, without the headers if the origin is none of the configured ones.
http::Response preflight_answer(const Json& cors, const http::RequestHead& head);
// Sets the CORS headers of an answer to a request with an Origin.
void apply_cors(const Json& cors, const http::RequestHead& head, http::Response& response);

}  // namespace paddock::services::apigateway::v2
