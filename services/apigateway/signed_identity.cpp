#include "services/apigateway/signed_identity.hpp"

#include "core/error.hpp"
#include "services/apigateway/gateway_error.hpp"

namespace paddock::services::apigateway {

Json signed_identity(const identity::Identity& identity, const http::RequestHead& head,
                     std::string_view body) {
  identity::Principal principal;
  try {
    auto signature = identity::parse_signature(head);
    if (!signature) throw failures::missing_token();
    principal = identity.authenticate(head, signature, body);
    principal.access_key = signature->access_key;
  } catch (const AwsError& error) {
    throw failures::invalid_signature(403, error.message());
  }
  return {{"accountId", principal.account},
          {"accessKey", principal.access_key},
          {"caller", principal.user_id},
          {"user", principal.user_id},
          {"userArn", principal.arn}};
}

}  // namespace paddock::services::apigateway
