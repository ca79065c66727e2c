#include "services/apigateway/http_api_jwt.hpp"

#include <algorithm>

#include "core/rsa.hpp"
#include "core/text.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway::v2 {
namespace {

constexpr size_t kMaxTokenBytes = 64 * 1024;

std::optional<Json> object_of(std::string_view encoded) {
  auto text = from_base64_url(encoded);
  if (!text) return std::nullopt;
  try {
    Json document = wire::parse_json(*text);
    return document.is_object() ? std::optional<Json>(std::move(document)) : std::nullopt;
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

std::string member_text(const Json& object, const char* member) {
  auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The moment of a claim in seconds; nullopt if it is there and no number.
std::optional<double> moment_of(const Json& claims, const char* name, double missing) {
  auto found = claims.find(name);
  if (found == claims.end()) return missing;
  if (!found->is_number()) return std::nullopt;
  return found->get<double>();
}

bool contains_text(const Json& list, const std::string& text) {
  return std::find(list.begin(), list.end(), Json(text)) != list.end();
}

}  // namespace

std::optional<std::string> from_base64_url(std::string_view text) {
  std::string standard(text);
  for (char& c : standard) {
    if (c == '+' || c == '/' || c == '=') return std::nullopt;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  while (standard.size() % 4 != 0) standard += '=';
  return from_base64(standard);
}

std::optional<Jwt> parse_jwt(std::string_view text) {
  if (text.size() > kMaxTokenBytes) return std::nullopt;
  text = trim(text);
  if (text.size() > 7 && equal_ignore_case(text.substr(0, 7), "Bearer ")) {
    text = trim(text.substr(7));
  }
  auto parts = split(text, '.');
  if (parts.size() != 3) return std::nullopt;
  auto header = object_of(parts[0]);
  auto claims = object_of(parts[1]);
  auto signature = from_base64_url(parts[2]);
  if (!header || !claims || !signature) return std::nullopt;
  Jwt token;
  token.header = *std::move(header);
  token.claims = *std::move(claims);
  token.signature = *std::move(signature);
  token.signed_part = text.substr(0, parts[0].size() + 1 + parts[1].size());
  return token;
}

bool signed_by(const Jwt& token, const Json& keys, bool& unknown_key) {
  unknown_key = true;
  if (member_text(token.header, "alg") != "RS256") {
    unknown_key = false;
    return false;
  }
  std::string id = member_text(token.header, "kid");
  if (!keys.is_object() || !keys.contains("keys") || !keys["keys"].is_array()) return false;
  for (const auto& key : keys["keys"]) {
    if (!key.is_object() || member_text(key, "kid") != id || member_text(key, "kty") != "RSA") {
      continue;
    }
    unknown_key = false;
    auto modulus = from_base64_url(member_text(key, "n"));
    auto exponent = from_base64_url(member_text(key, "e"));
    if (modulus && exponent &&
        rsa_sha256_valid(*modulus, *exponent, token.signed_part, token.signature)) {
      return true;
    }
  }
  return false;
}

std::string refusal_of_claims(const Json& claims, const std::string& issuer, const Json& audience,
                              int64_t now_s) {
  const double now = static_cast<double>(now_s);
  if (member_text(claims, "iss") != issuer) return "invalid issuer";
  auto aud = claims.find("aud");
  bool known = false;
  if (aud == claims.end()) {
    known = contains_text(audience, member_text(claims, "client_id"));
  } else if (aud->is_string()) {
    known = contains_text(audience, aud->get<std::string>());
  } else if (aud->is_array()) {
    for (const auto& one : *aud) known = known || (one.is_string() && contains_text(audience, one));
  }
  if (!known) return "invalid audience";
  auto expires = moment_of(claims, "exp", now + 1);
  auto not_before = moment_of(claims, "nbf", now);
  auto issued = moment_of(claims, "iat", now);
  if (!expires || !not_before || !issued) return "malformed token";
  if (*expires <= now) return "the token has expired";
  if (*not_before > now) return "the token is not valid yet";
  if (*issued > now) return "the token was issued in the future";
  return "";
}

Json scopes_of(const Json& claims, const Json& wanted) {
  Json found = Json::array();
  std::string text = member_text(claims, "scope");
  if (text.empty()) text = member_text(claims, "scp");
  for (std::string_view scope : split(text, ' ')) {
    if (!scope.empty() && contains_text(wanted, std::string(scope))) found.push_back(scope);
  }
  return found;
}

Json claims_as_text(const Json& claims) {
  Json texts = Json::object();
  for (const auto& [name, value] : claims.items()) {
    if (value.is_string()) {
      texts[name] = value;
    } else if (value.is_array()) {
      std::string list;
      for (const auto& element : value) {
        if (!list.empty()) list += ' ';
        list += element.is_string() ? element.get<std::string>() : element.dump();
      }
      texts[name] = "[" + list + "]";
    } else {
      texts[name] = value.dump();
    }
  }
  return texts;
}

}  // namespace paddock::services::apigateway::v2
