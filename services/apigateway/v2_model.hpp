// HTTP and WebSocket APIs as documents, and the pure rules on them. No I/O.
//
// An API is one document: the members of the model's Api and, by id, its routes (each with its
// route responses), integrations (each with its integration responses), authorizers and models, in
// the model's own shapes. A deployment keeps a copy of what its stages serve under kSnapshot.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway::v2 {

inline constexpr const char* kRoutes = "routes";
inline constexpr const char* kIntegrations = "integrations";
inline constexpr const char* kAuthorizers = "authorizers";
inline constexpr const char* kModels = "models";
inline constexpr const char* kRouteResponses = "routeResponses";              // of a route
inline constexpr const char* kIntegrationResponses = "integrationResponses";  // of an integration
inline constexpr const char* kSnapshot = "snapshot";                          // of a deployment
inline constexpr const char* kMappings = "mappings";                          // of a domain name

// The route selection expression of HTTP APIs.
inline constexpr const char* kHttpRouteSelection = "${request.method} ${request.path}";

// A kind of thing that belongs to an API, or to a thing of an API.
struct Part {
  const char* section;  // where it is kept
  const char* id;       // the member with its id
  const char* kind;     // in messages
  size_t most;
};

bool is_websocket(const Json& api);

// Throws BadRequestException for a route key that the API's protocol cannot have, ConflictException
// for one that another route of the API has, or whose path variable is named otherwise than that of
// another route at the same place. `self` is the id of the route itself, "" for a new one.
void check_route_key(const Json& api, const std::string& key, const std::string& self);

// "GET /pets/{id}" cut into method and path; "$default" has neither.
struct RouteKey {
  explicit RouteKey(std::string_view key);
  std::string_view method;
  std::string_view path;
};

void check_stage_name(const Json& api, const std::string& name);
// Throws for texts that are too long.
void check_texts(const Json& input);
// Throws for an integration that the API's protocol cannot have; fills in its defaults.
void complete_integration(const Json& api, Json& integration);
void complete_authorizer(const Json& api, Json& authorizer);
void complete_route(const Json& api, Json& route);
void check_cors(const Json& cors);
// Throws for an API as a whole that its protocol does not allow.
void check_api(const Json& api);

// "integrations/abc" -> "abc"; "" for anything else.
std::string integration_of_target(std::string_view target);

// Copies the members of an update; in the maps of `merged` a member with an empty value (text or
// object) removes its key and other keys stay.
void merge_members(Json& document, const Json& changes,
                   std::initializer_list<const char*> merged = {});

// What a deployment of this API keeps.
Json snapshot_of(const Json& api);

// Puts a stage on a deployment.
void point_stage(Json& stage, const std::string& deployment, int64_t now_ms);

// Timestamps of definitions are whole seconds.
inline int64_t whole_seconds(int64_t ms) {
  return ms / 1000 * 1000;
}

// One page {Items, NextToken} of a list sorted by `id`; throws for a bad token or MaxResults.
Json page(std::vector<Json> items, const char* id, const Json& input);

// The values of a map of documents, each without `hidden`.
std::vector<Json> values_of(const Json& map, const char* hidden = nullptr);

}  // namespace paddock::services::apigateway::v2
