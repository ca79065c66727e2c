#include "services/apigateway/http_api_authorizers.hpp"

#include "core/arn.hpp"
#include "core/clock.hpp"
#include "core/text.hpp"
#include "http/client.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/http_api.hpp"
#include "services/apigateway/http_api_jwt.hpp"
#include "services/apigateway/http_api_mapping.hpp"
#include "services/apigateway/http_url.hpp"
#include "services/apigateway/v2_function.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

constexpr std::chrono::milliseconds kAuthorizerTimeout{10'000};  // AWS: 10 s
constexpr std::chrono::milliseconds kIssuerTimeout{1'500};       // AWS: 1,500 ms
constexpr size_t kMaxIssuerAnswer = 1024 * 1024;
constexpr std::chrono::hours kKeysKept{2};
constexpr std::chrono::seconds kKeysAgain{60};  // between two readings for the sake of a key id

Authorization refuse(int status, std::string_view message) {
  return Authorization(http_api_error(status, message));
}

Authorization refuse_token(const std::string& why) {
  http::Response response = http_api_error(401, "Unauthorized");
  response.headers.add("WWW-Authenticate",
                       "Bearer scope=\"\" error=\"invalid_token\" "
                       "error_description=\"" +
                           why + "\"");
  return Authorization(std::move(response));
}

// '*' stands for any text, '?' for one character.
bool glob_matches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool any_matches(const Json& patterns, std::string_view text, bool ignore_case) {
  const auto matches = [&](const Json& one) {
    if (!one.is_string()) return false;
    const auto& pattern = one.get_ref<const std::string&>();
    return ignore_case ? glob_matches(to_lower(pattern), to_lower(text))
                       : glob_matches(pattern, text);
  };
  if (!patterns.is_array()) return matches(patterns);
  for (const auto& one : patterns) {
    if (matches(one)) return true;
  }
  return false;
}

// GETs a JSON document; null if that fails in any way. Waits.
Json fetch_document(const std::string& address) {
  auto url = parse_http_url(address);
  if (!url) return nullptr;
  http::ClientOptions options;
  options.host = url->host;
  options.port = url->port;
  options.tls = url->tls;
  options.timeout = kIssuerTimeout;
  options.answer_limit = kMaxIssuerAnswer;
  try {
    http::Headers headers;
    headers.add("Host", url->authority);
    http::Response response = http::request(options, "GET", url->target, headers);
    if (response.status != 200) return nullptr;
    return wire::parse_json(response.body);
  } catch (const http::ClientError&) {
    return nullptr;
  } catch (const std::invalid_argument&) {
    return nullptr;
  }
}

Json fetch_keys(std::string issuer) {
  if (issuer.ends_with('/')) issuer.pop_back();
  Json configuration = fetch_document(issuer + "/.well-known/openid-configuration");
  if (!configuration.is_object()) return nullptr;
  auto address = configuration.find("jwks_uri");
  if (address == configuration.end() || !address->is_string()) return nullptr;
  return fetch_document(address->get<std::string>());
}

// arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/path, or …/STAGE/$connect.
std::string invoked_arn(const gateway::RequestContext& context, const HttpEventSource& request) {
  if (request.websocket.is_object()) {
    return make_arn("execute-api", context.region, context.account,
                    request.api + "/" + request.stage + "/" + request.route_key);
  }
  std::string path = request.path;
  if (request.stage != "$default")
    path = path.substr(std::min(path.size(), request.stage.size() + 1));
  return make_arn("execute-api", context.region, context.account,
                  request.api + "/" + request.stage + "/" + request.head.method + path);
}

// The answer of a Lambda authorizer, in either form, as a decision.
Authorization decide(const Json& authorizer, const Json& answer, const std::string& arn) {
  Json context = Json::object();
  bool allowed = false;
  Authorization result;
  if (authorizer.value(m::EnableSimpleResponses, false)) {
    if (!answer.is_object() || !answer.contains("isAuthorized") ||
        !answer["isAuthorized"].is_boolean()) {
      return refuse(500, "Internal Server Error");
    }
    allowed = answer["isAuthorized"].get<bool>();
  } else {
    auto decision = policy_allows(answer, arn);
    if (!decision) return refuse(500, "Internal Server Error");
    allowed = *decision;
    result.principal_id = answer["principalId"].get<std::string>();
  }
  if (!allowed) return refuse(403, "Forbidden");
  if (auto given = answer.find("context"); given != answer.end() && given->is_object()) {
    context = *given;
  }
  result.authorizer = {{"lambda", std::move(context)}};
  return result;
}

}  // namespace

std::optional<bool> policy_allows(const Json& answer, const std::string& arn) {
  if (!answer.is_object()) return std::nullopt;
  auto principal = answer.find("principalId");
  auto document = answer.find("policyDocument");
  if (principal == answer.end() || !principal->is_string() || document == answer.end() ||
      !document->is_object() || !document->contains("Statement")) {
    return std::nullopt;
  }
  const Json& given = (*document)["Statement"];
  const Json statements = given.is_array() ? given : Json::array({given});
  bool allowed = false;
  for (const auto& statement : statements) {
    if (!statement.is_object()) return std::nullopt;
    const Json effect = statement.value("Effect", Json());
    if (effect != "Allow" && effect != "Deny") return std::nullopt;
    if (!any_matches(statement.value("Action", Json()), "execute-api:Invoke", true) ||
        !any_matches(statement.value("Resource", Json()), arn, false)) {
      continue;
    }
    if (effect == "Deny") return false;
    allowed = true;
  }
  return allowed;
}

std::optional<std::vector<std::string>> identity_of(const Json& sources,
                                                    const HttpEventSource& request) {
  std::vector<std::string> values;
  MappingSource source;
  source.headers = &request.head.headers;
  source.query = request.head.query;
  source.parameters = &request.parameters;
  source.stage_variables = &request.stage_variables;
  const Json context = {{"routeKey", request.route_key},
                        {"stage", request.stage},
                        {"apiId", request.api},
                        {"httpMethod", request.head.method},
                        {"identity", {{"sourceIp", request.head.remote_address}}}};
  source.context = &context;
  for (const auto& one : sources) {
    std::string expression = one.get<std::string>();
    // WebSocket APIs write them without "$": "route.request.header.Auth".
    if (expression.starts_with("route.")) expression = "$" + expression.substr(6);
    auto value = mapped_value(expression, source);
    if (!value || value->empty()) return std::nullopt;
    values.push_back(*std::move(value));
  }
  return values;
}

Task<Authorization> HttpApiAuthorizers::authorize(Context& context, const Json& route,
                                                  const Json& authorizer,
                                                  const HttpEventSource& request) {
  if (authorizer.at(m::AuthorizerType) == "JWT") {
    co_return co_await by_token(context, route, authorizer, request);
  }
  co_return co_await by_function(context, authorizer, request);
}

void HttpApiAuthorizers::forget(const std::string& api) {
  std::lock_guard lock(mutex_);
  const std::string prefix = api + '\n';
  auto first = answers_.lower_bound(prefix);
  auto last = first;
  while (last != answers_.end() && last->first.starts_with(prefix)) ++last;
  answers_.erase(first, last);
}

Task<Authorization> HttpApiAuthorizers::by_token(Context& context, const Json& route,
                                                 const Json& authorizer,
                                                 const HttpEventSource& request) {
  auto identity = identity_of(authorizer.at(m::IdentitySource), request);
  if (!identity) co_return refuse(401, "Unauthorized");
  auto token = parse_jwt(identity->front());
  if (!token) co_return refuse_token("malformed token");
  const Json& configuration = authorizer.at(m::JwtConfiguration);
  std::string issuer = configuration.at(m::Issuer);
  std::string refusal = refusal_of_claims(token->claims, issuer, configuration.at(m::Audience),
                                          platform_.world.now().ms / 1000);
  if (!refusal.empty()) co_return refuse_token(refusal);
  Json keys = co_await keys_of(context, issuer, false);
  if (keys.is_null()) co_return refuse_token("OIDC discovery endpoint communication error");
  bool unknown_key = false;
  bool valid = signed_by(*token, keys, unknown_key);
  if (!valid && unknown_key) {
    keys = co_await keys_of(context, issuer, true);
    valid = signed_by(*token, keys, unknown_key);
  }
  if (!valid) co_return refuse_token("signing key not found or signature invalid");
  const Json wanted = route.value(m::AuthorizationScopes, Json::array());
  Json scopes = scopes_of(token->claims, wanted);
  if (!wanted.empty() && scopes.empty()) co_return refuse(403, "Forbidden");
  Authorization result;
  Json jwt = {{"claims", claims_as_text(token->claims)}};
  jwt["scopes"] = wanted.empty() ? Json() : std::move(scopes);
  result.authorizer = Json::object();
  result.authorizer["jwt"] = std::move(jwt);
  co_return result;
}

Task<Json> HttpApiAuthorizers::keys_of(Context& context, std::string issuer, bool again) {
  const WorldTime now = platform_.world.now();
  {
    std::lock_guard lock(mutex_);
    auto cached = keys_.find(issuer);
    if (cached != keys_.end()) {
      const Milliseconds age = now - cached->second.read;
      if (age < (again ? Milliseconds(kKeysAgain) : Milliseconds(kKeysKept))) {
        co_return cached->second.keys;
      }
    }
  }
  auto work = [issuer] { return fetch_keys(issuer); };
  Json keys = co_await context.platform.work.run(std::move(work));
  if (!keys.is_null()) {
    std::lock_guard lock(mutex_);
    if (keys_.size() >= kMostIssuers) keys_.clear();
    Keys& cached = keys_[issuer];
    cached.read = now;
    cached.keys = keys;
  }
  co_return keys;
}

Task<Authorization> HttpApiAuthorizers::by_function(Context& context, const Json& authorizer,
                                                    const HttpEventSource& request) {
  const Json sources = authorizer.value(m::IdentitySource, Json::array());
  auto identity = identity_of(sources, request);
  if (!identity) co_return refuse(401, "Unauthorized");
  const std::string arn = invoked_arn(context, request);
  const int64_t ttl_s =
      identity->empty() ? 0 : authorizer.value(m::AuthorizerResultTtlInSeconds, int64_t{0});
  std::string key = request.api + '\n' + authorizer.at(m::AuthorizerId).get<std::string>();
  for (const auto& value : *identity) key += '\n' + value;
  if (ttl_s > 0) {
    std::lock_guard lock(mutex_);
    auto cached = answers_.find(key);
    if (cached != answers_.end() && platform_.world.now() < cached->second.until) {
      co_return decide(authorizer, cached->second.answer, arn);
    }
  }
  const bool old_format = authorizer.value(m::AuthorizerPayloadFormatVersion, "1.0") == "1.0";
  Json event = old_format ? http_authorizer_event_1_0(request, arn, *identity)
                          : http_authorizer_event_2_0(request, arn, *identity);
  std::string uri = authorizer.at(m::AuthorizerUri);
  FunctionAnswer answer = co_await call_function(context, std::move(uri), request.stage_variables,
                                                 std::move(event), kAuthorizerTimeout);
  if (answer.kind != FunctionAnswer::Kind::answered) {
    co_return refuse(500, "Internal Server Error");
  }
  Json document;
  try {
    document = wire::parse_json(answer.payload);
  } catch (const std::invalid_argument&) {
    co_return refuse(500, "Internal Server Error");
  }
  Authorization result = decide(authorizer, document, arn);
  const bool malformed = result.refusal && result.refusal->status == 500;
  if (ttl_s > 0 && !malformed) {
    std::lock_guard lock(mutex_);
    if (answers_.size() >= kMostCached) answers_.clear();
    Cached& cached = answers_[key];
    cached.until = platform_.world.now() + std::chrono::seconds(ttl_s);
    cached.answer = std::move(document);
  }
  co_return result;
}

}  // namespace paddock::services::apigateway::v2
