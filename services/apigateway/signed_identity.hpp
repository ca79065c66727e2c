// AWS_IAM authorization: who signed a request
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html).
#pragma once

#include <string_view>

#include "core/json.hpp"
#include "http/message.hpp"
#include "identity/identity.hpp"

namespace paddock::services::apigateway {

// The members of $context.identity that tell of the signer: accountId, accessKey, caller, user,
// userArn. A signature is asked for, and looked at where the emulator verifies them. Throws
// GatewayError for a request without one, or with a wrong one.
Json signed_identity(const identity::Identity& identity, const http::RequestHead& head,
                     std::string_view body);

}  // namespace paddock::services::apigateway
