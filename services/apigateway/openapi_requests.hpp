// What the import operations of REST and HTTP APIs share: the document of a request and its
// options.
#pragma once

#include <string>
#include <vector>

#include "core/log.hpp"
#include "services/apigateway/openapi_document.hpp"

namespace paddock::services::apigateway {

// The document in a text. Throws BadRequestException, which says where it is broken in its member
// `details`, and in the log.
OpenapiDocument read_openapi(Log& log, const std::string& text);

// "ignore" for "". Throws BadRequestException for a mode that there is none.
std::string checked_base_path(const std::string& mode);

// Throws BadRequestException if there are warnings.
void refuse_warnings(const std::vector<std::string>& warnings);

}  // namespace paddock::services::apigateway
