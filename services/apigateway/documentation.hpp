// Documentation of an API in an OpenAPI document.
#pragma once

#include "services/apigateway/control.hpp"

namespace paddock::services::apigateway {

inline constexpr const char* kDocumentationExtension = "x-amazon-apigateway-documentation";

// Puts the parts that a document's extension holds into an API; a part with the location of one
// that is there takes its place. Returns the ids. Throws BadRequestException for parts that are
// none.
Json import_documentation(Control& control, const gateway::RequestContext& context, Json& api,
                          const Json& document);

}  // namespace paddock::services::apigateway
