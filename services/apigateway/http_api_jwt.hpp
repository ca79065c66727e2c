// JSON Web Tokens (RFC 7519) as JWT authorizers take them: RS256 with the issuer's published keys
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html).
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.hpp"

namespace paddock::services::apigateway::v2 {

// A token cut into its parts; nothing of it is believed yet.
struct Jwt {
  Json header;
  Json claims;
  std::string signed_part;
  std::string signature;
};

// "Bearer x.y.z" or "x.y.z"; nullopt for anything that is no token.
std::optional<Jwt> parse_jwt(std::string_view text);
// True if one of the keys of a JWK set (RFC 7517) has signed the token; `unknown_key` tells whether
// none of them has the token's key id.
bool signed_by(const Jwt& token, const Json& keys, bool& unknown_key);
// Why the claims are not to be accepted at `now_s` (seconds since 1970); "" if they are.
std::string refusal_of_claims(const Json& claims, const std::string& issuer, const Json& audience,
                              int64_t now_s);
// The scopes of the token that a route asks for; all of `wanted` if it asks for none.
Json scopes_of(const Json& claims, const Json& wanted);
// Claims as functions get them: all of them as text.
Json claims_as_text(const Json& claims);

// URL-safe base64 without padding.
std::optional<std::string> from_base64_url(std::string_view text);

}  // namespace paddock::services::apigateway::v2
