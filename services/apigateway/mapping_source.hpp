// Where a mapped parameter takes its value from: the expressions of requestParameters,
// responseParameters, cache keys and identity sources
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway {

struct Source {
  enum class Kind {
    nothing,  // an expression that is none
    text,     // 'static value'
    path,     // of the request
    query,
    multi_query,
    header,  // of the request, or of the integration's answer
    multi_header,
    body,  // with a JSON path, or whole
    context,
    stage_variable,
  } kind = Kind::nothing;
  std::string name;  // parameter, JSON path, member path, or the static text
};

// Reads "method.request.header.X", "integration.response.body.a.b", "context.identity.sourceIp",
// "stageVariables.x" and "'text'".
Source parse_source(std::string_view expression);

struct Mapping {
  enum class Place { path, query, header } place = Place::header;
  std::string name;
  Source source;
};

// Mappings by their targets: "integration.request.path.id", "method.response.header.X",
// "gatewayresponse.header.X". `parameters`: an object, or null.
std::vector<Mapping> parse_mappings(const Json& parameters);

}  // namespace paddock::services::apigateway
