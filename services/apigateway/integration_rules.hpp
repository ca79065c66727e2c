// What an integration may be, for what changes one. All throw BadRequestException; pure.
#pragma once

#include <string>

#include "core/json.hpp"

namespace paddock::services::apigateway::integration_rules {

// New values of single members, as texts of a PATCH.
void check_timeout_text(const std::string& text);
void check_passthrough(const std::string& value);
void check_content_handling(const std::string& value);
void check_connection_type(const std::string& value);
// The address of an integration of that type.
void check_uri(const std::string& type, const std::string& uri);

// An integration as a whole; drops what its type has no use for. `method` gives the parameters that
// mappings may name; null: not checked.
void check_integration(Json& integration, const Json& method);
// The `responseParameters` of the integration response of a status.
void check_response_mapping(const Json& mapping, const Json& method, const std::string& status);
// The templates in `holder[member]`, by content type; empty ones become null.
void settle_templates(Json& holder, const char* member);

}  // namespace paddock::services::apigateway::integration_rules
