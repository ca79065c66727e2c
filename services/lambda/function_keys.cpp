#include "services/lambda/function_keys.hpp"

#include <string>

namespace paddock::services::lambda {

std::optional<identity::KnownKey> FunctionKeys::find_key(std::string_view access_key) const {
  if (!access_key.starts_with("ASIA")) {
    return std::nullopt;
  }
  const auto credentials = functions_.credentials(std::string(access_key));
  if (!credentials) {
    return std::nullopt;
  }
  identity::KnownKey key;
  key.access_key = credentials->access_key;
  key.secret = credentials->secret;
  key.session_token = credentials->session_token;
  key.principal.account = credentials->identity.account;
  key.principal.arn = credentials->identity.principal_arn;
  key.principal.access_key = credentials->access_key;
  const bool role = key.principal.arn.find(":assumed-role/") != std::string::npos;
  key.principal.kind = role ? identity::Principal::Kind::role : identity::Principal::Kind::root;
  const std::string session = key.principal.arn.substr(key.principal.arn.rfind('/') + 1);
  key.principal.user_id =
      role ? "AROA" + std::string(access_key.substr(4)) + ":" + session : key.principal.account;
  return key;
}

}  // namespace paddock::services::lambda
