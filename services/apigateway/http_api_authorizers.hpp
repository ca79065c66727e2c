// Authorizers of HTTP and WebSocket APIs: JWT, and Lambda functions with their cached answers.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/service.hpp"
#include "services/apigateway/http_api_event.hpp"

namespace paddock::services::apigateway::v2 {

// What an authorizer decided.
struct Authorization {
  Authorization() = default;
  explicit Authorization(http::Response refusal) : refusal(std::move(refusal)) {}

  std::optional<http::Response> refusal;  // answered instead of the integration
  Json authorizer;                        // for the event: {"jwt": …} or {"lambda": …}
  std::string principal_id;               // of a policy
};

// True if the policy of a Lambda authorizer's answer allows execute-api:Invoke on `arn`; nullopt if
// it is malformed. Pure.
std::optional<bool> policy_allows(const Json& answer, const std::string& arn);
// The values of identity sources ("$request.header.Auth", "$request.querystring.q",
// "$context.routeKey", "$stageVariables.v"); nullopt if one is missing or empty. Pure.
std::optional<std::vector<std::string>> identity_of(const Json& sources,
                                                    const HttpEventSource& request);

// Thread-safe.
class HttpApiAuthorizers {
 public:
  explicit HttpApiAuthorizers(gateway::Platform& platform) : platform_(platform) {}

  // Whether `route` lets this request pass; never throws.
  Task<Authorization> authorize(gateway::RequestContext& context, const Json& route,
                                const Json& authorizer, const HttpEventSource& request);
  // Forgets the cached answers for an API.
  void forget(const std::string& api);

 private:
  using Context = gateway::RequestContext;
  struct Cached {
    WorldTime until;
    Json answer;  // as the function gave it
  };
  struct Keys {
    WorldTime read;
    Json keys;
  };

  Task<Authorization> by_token(Context& context, const Json& route, const Json& authorizer,
                               const HttpEventSource& request);
  Task<Authorization> by_function(Context& context, const Json& authorizer,
                                  const HttpEventSource& request);
  // The JWK set of an issuer, cached; null if it cannot be had. `again`: the cached one lacks a
  // key.
  Task<Json> keys_of(Context& context, std::string issuer, bool again);

  static constexpr size_t kMostCached = 10'000;  // answers; then all are forgotten
  static constexpr size_t kMostIssuers = 100;
  gateway::Platform& platform_;
  std::mutex mutex_;
  std::map<std::string, Cached> answers_;  // by API, authorizer and identity
  std::map<std::string, Keys> keys_;       // by issuer
};

}  // namespace paddock::services::apigateway::v2
