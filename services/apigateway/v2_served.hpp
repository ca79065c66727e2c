// What the stages of an API serve: compiled once, shared by all requests.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "services/apigateway/http_api_routes.hpp"
#include "services/apigateway/json_schema.hpp"
#include "services/apigateway/v2_model.hpp"
#include "services/apigateway/v2_store.hpp"
#include "services/apigateway/websocket_integration.hpp"

namespace paddock::services::apigateway::v2 {

// Where a request is addressed to: the API, and the path with its stage. For API "abc":
//   abc.execute-api.REST-OF-HOST       /stage/path
//   any host   /_aws/execute-api/abc/stage/path
struct V2Address {
  V2Address() = default;  // no aggregate: it is passed to coroutines

  std::string api;
  std::string path;         // still encoded; "/" at least
  std::string stage;        // by a mapping of a custom domain name; "": the path names it
  std::string base_path;    // of that mapping: "/v1", or ""
  bool own_domain = false;  // came by a custom domain name
};
std::optional<V2Address> v2_address_of(std::string_view host, std::string_view path);

// One stage with its deployment. Immutable.
struct ServedStageV2 {
  ServedStageV2(Json stage, Json snapshot);

  const Json stage;
  const Json snapshot;
  const HttpRoutes routes;

  std::string name() const;
  // The integration of a route; nullptr if it has none.
  const Json* integration_of(const Json& route) const;
  const Json* authorizer_of(const Json& route) const;
  // The same integration compiled; nullptr for a proxy of a function.
  const WebSocketIntegration* websocket_integration_of(const Json& route) const;
  // A model by its name; nullptr if there is none.
  const JsonSchema* model(const std::string& name) const;
  // The settings of a route, its own over the stage's.
  Json settings_of(const std::string& route_key) const;

 private:
  std::map<std::string, WebSocketIntegration, std::less<>> websocket_integrations_;  // by id
  std::map<std::string, JsonSchema, std::less<>> models_;                            // by name
};

// An API with its deployed stages. Immutable.
struct ServedApi {
  std::shared_ptr<const Realm> realm;
  std::string id;
  Json api;  // without its parts
  std::map<std::string, std::shared_ptr<const ServedStageV2>, std::less<>> stages;

  struct Choice {
    Choice() = default;  // no aggregate: it is passed to coroutines

    std::shared_ptr<const ServedStageV2> stage;  // null: none is there
    std::string path;                            // within the stage; "/" at least
    std::string sent_path;                       // by a custom domain name: with its mapping
  };
  // The stage of the address: the one it names, the one that the first part of its path names, else
  // $default. None if the API is not to be reached under its own name.
  Choice choose(const V2Address& address) const;
};

// Thread-safe. Reads the store once per API and again after a change.
class ServedApis {
 public:
  explicit ServedApis(const V2Store& store) : store_(store) {}

  // True if the id is one of an HTTP or WebSocket API.
  bool is_v2(const std::string& api);
  // nullptr if there is no such API.
  std::shared_ptr<const ServedApi> find(const std::string& api);
  // After a change of the API was committed.
  void forget(const std::string& api);
  void clear();

 private:
  std::shared_ptr<const ServedApi> load(const std::string& api) const;

  static constexpr size_t kMostKept = 4096;
  const V2Store& store_;
  std::shared_mutex mutex_;
  // Ids that the directory has; null for APIs of another kind.
  std::map<std::string, std::shared_ptr<const ServedApi>, std::less<>> apis_;
};

}  // namespace paddock::services::apigateway::v2
