// What an IAM policy document says of calling a method: those that authorizers return, and resource
// policies of APIs. Pure.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
#pragma once

#include <string>
#include <string_view>

#include "core/json.hpp"

namespace paddock::services::apigateway {

enum class Decision { none, allowed, denied };

// For the action execute-api:Invoke on `arn` from `source_ip`. An explicit deny beats an allow. Of
// conditions, IpAddress and NotIpAddress on aws:SourceIp (IPv4) are known; a statement with others
// does not apply.
Decision decide(const Json& policy, std::string_view arn, std::string_view source_ip);

// True if `text` fits `pattern`, in which * stands for any characters and ? for one.
bool fits_wildcard(std::string_view pattern, std::string_view text);

}  // namespace paddock::services::apigateway
