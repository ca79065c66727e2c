// APIs, quick create, CORS and tags.
#include "core/arn.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "gateway/hosts.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_service.hpp"
#include "storage/realms.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

constexpr const char* kCustomIdTag = "_custom_id_";

// "http://ID.execute-api.localhost:4566": below the host by which the caller reached us, or below
// localhost if that is an address.
std::string endpoint_of(const gateway::RequestContext& context, const Json& api) {
  std::string host = gateway::host_of_authority(context.authority);
  const bool address = host.find(':') != std::string::npos ||
                       host.find_first_not_of("0123456789.") == std::string::npos;
  if (address) host = "localhost";
  std::string port;
  if (size_t colon = context.authority.rfind(':'); colon != std::string::npos) {
    port = context.authority.substr(colon);
    if (port.find(']') != std::string::npos) port.clear();
  }
  const bool secure = context.scheme == "https";
  const char* scheme = is_websocket(api) ? (secure ? "wss" : "ws") : (secure ? "https" : "http");
  return std::string(scheme) + "://" + api.at(m::ApiId).get<std::string>() + ".execute-api." +
         host + port;
}

bool is_function_arn(const std::string& target) {
  auto arn = Arn::parse(target);
  return arn && arn->service == "lambda";
}

// The managed integration of a quick-created API for its target.
void aim_at(Json& integration, const std::string& target) {
  const bool function = is_function_arn(target);
  integration[m::IntegrationType] = function ? "AWS_PROXY" : "HTTP_PROXY";
  integration[m::IntegrationMethod] = function ? "POST" : "ANY";
  integration[m::PayloadFormatVersion] = function ? "2.0" : "1.0";
  integration[m::IntegrationUri] = target;
}

Json* managed(Json& section) {
  for (auto& document : section) {
    if (document.value(m::ApiGatewayManaged, false)) return &document;
  }
  return nullptr;
}

}  // namespace

Json GatewayV2::api_view(const Context& context, Json api) const {
  for (const char* section : {kRoutes, kIntegrations, kAuthorizers, kModels}) api.erase(section);
  api[m::ApiEndpoint] = endpoint_of(context, api);
  return api;
}

Json GatewayV2::quick_create(Context& context, Json& api, const Json& input) const {
  Json integration = {{m::ApiGatewayManaged, true}, {m::IntegrationId, new_id(context, kRoutes)}};
  aim_at(integration, input[m::Target]);
  complete_integration(api, integration);
  if (input.contains(m::CredentialsArn)) integration[m::CredentialsArn] = input[m::CredentialsArn];
  std::string id = integration[m::IntegrationId];
  Json route = {{m::ApiGatewayManaged, true},
                {m::RouteId, new_id(context, kIntegrations)},
                {m::RouteKey, input.value(m::RouteKey, "$default")},
                {m::Target, "integrations/" + id}};
  api[kIntegrations][id] = std::move(integration);
  check_route_key(api, route[m::RouteKey], "");
  complete_route(api, route);
  std::string route_id = route[m::RouteId];
  api[kRoutes][route_id] = std::move(route);
  int64_t now = whole_seconds(context.platform.world.now().ms);
  return {{m::StageName, "$default"},
          {m::ApiGatewayManaged, true},
          {m::AutoDeploy, true},
          {m::CreatedDate, now},
          {m::LastUpdatedDate, now},
          {m::DefaultRouteSettings, {{m::DetailedMetricsEnabled, false}}},
          {m::RouteSettings, Json::object()},
          {m::StageVariables, Json::object()},
          {m::Tags, Json::object()}};
}

Json GatewayV2::new_api(const Context& context) const {
  return {{m::ApiKeySelectionExpression, "$request.header.x-api-key"},
          {m::CreatedDate, whole_seconds(context.platform.world.now().ms)},
          {m::DisableExecuteApiEndpoint, false},
          {m::IpAddressType, "ipv4"},
          {m::Tags, Json::object()}};
}

Json GatewayV2::add_api(Context& context, Json api,
                        const std::function<void(storage::Batch&, Json&)>& fill) {
  RealmId realm = context.realm->id;
  auto directory_lock = lock(context, kV2ApiKind, "");
  if (store_.apis(realm).size() >= kMaxApis) {
    throw AwsError("TooManyRequestsException", "Maximum number of APIs has been reached.", 429);
  }
  const std::string own_id = context.platform.ids.base36(realm, "v2-api", 10);
  api[m::ApiId] = api[m::Tags].value(kCustomIdTag, own_id);
  for (const char* section : {kRoutes, kIntegrations, kAuthorizers, kModels}) {
    api[section] = Json::object();
  }
  storage::Batch batch;
  fill(batch, api);
  // A document may bring the tag that fixes the id.
  const std::string id = api[m::Tags].value(kCustomIdTag, own_id);
  api[m::ApiId] = id;
  if (store_.owner(id)) throw errors::conflict("An API with the id " + id + " already exists");
  store_.put_api(batch, realm, api);
  store_.put_owner(batch, realm, id);
  context.commit(batch);
  served_.forget(id);
  return api_view(context, std::move(api));
}

gateway::Output GatewayV2::create_api(Context& context, Json input) {
  Json api = new_api(context);
  api.update(input);
  for (const char* member : {m::Target, m::RouteKey, m::CredentialsArn}) api.erase(member);
  const bool http = !is_websocket(api);
  if (http && !api.contains(m::RouteSelectionExpression)) {
    api[m::RouteSelectionExpression] = kHttpRouteSelection;
  }
  check_api(api);
  if (input.contains(m::Target) && !http) {
    throw errors::bad_request("Target is not supported for WEBSOCKET protocol");
  }
  return add_api(context, std::move(api), [&](storage::Batch& batch, Json& made) {
    if (!input.contains(m::Target)) return;
    Json stage = quick_create(context, made, input);
    Json deployment = deploy(context, batch, made,
                             {{m::AutoDeployed, true},
                              {m::Description,
                               "Automatic deployment triggered by changes to the "
                               "Api configuration"}});
    point_stage(stage, deployment[m::DeploymentId], context.platform.world.now().ms);
    store_.put_of_api(batch, kV2StageKind, context.realm->id, made[m::ApiId], stage);
  });
}

gateway::Output GatewayV2::get_api(Context& context, Json input) {
  return api_view(context, load_api(context, input));
}

gateway::Output GatewayV2::get_apis(Context& context, Json input) {
  std::vector<Json> apis;
  for (Json& api : store_.apis(context.realm->id))
    apis.push_back(api_view(context, std::move(api)));
  return page(std::move(apis), m::ApiId, input);
}

gateway::Output GatewayV2::update_api(Context& context, Json input) {
  return change_api(context, input, [this, &context, &input](Json& api, const std::string&) {
    Json changes = input;
    for (const char* member : {m::ApiId, m::Target, m::RouteKey, m::CredentialsArn}) {
      changes.erase(member);
    }
    merge_members(api, changes);
    check_api(api);
    Json* integration = managed(api[kIntegrations]);
    Json* route = managed(api[kRoutes]);
    if (input.contains(m::Target) || input.contains(m::RouteKey)) {
      if (!integration || !route) {
        throw errors::bad_request("Only an API of quick create has a Target and a RouteKey");
      }
      if (input.contains(m::Target)) aim_at(*integration, input[m::Target]);
      if (input.contains(m::RouteKey)) {
        check_route_key(api, input[m::RouteKey], (*route)[m::RouteId]);
        (*route)[m::RouteKey] = input[m::RouteKey];
      }
    }
    return api_view(context, api);
  });
}

gateway::Output GatewayV2::delete_api(Context& context, Json input) {
  std::string id = input[m::ApiId];
  auto held = lock(context, kV2ApiKind, id);
  load_api(context, input);
  for (const Json& domain : store_.all(kV2DomainNameKind, context.realm->id)) {
    for (const auto& mapping : domain.at(kMappings)) {
      if (mapping.at(m::ApiId) == id) {
        throw errors::bad_request(
            "Deleting API failed. Please remove all base path mappings "
            "related to the API first.");
      }
    }
  }
  storage::Batch batch;
  store_.erase_api(batch, context.realm->id, id);
  context.commit(batch);
  served_.forget(id);
  return Json::object();
}

gateway::Output GatewayV2::delete_cors(Context& context, Json input) {
  return change_api(context, input, [](Json& api, const std::string&) {
    api.erase(m::CorsConfiguration);
    return Json::object();
  });
}

// -- tags -----------------------------------------------------------------------------------------

namespace {

// What an ARN of a tagged thing names: "/apis/a/stages/s", "/domainnames/d", "/vpclinks/v".
struct TaggedThing {
  explicit TaggedThing(const std::string& arn) {
    auto parsed = Arn::parse(arn);
    std::string_view path = parsed ? std::string_view(parsed->resource) : std::string_view();
    std::vector<std::string_view> parts = split(path, '/');
    if (parts.size() >= 3 && parts[0].empty()) {
      if (parts[1] == "apis" && parts.size() == 3) kind = kV2ApiKind;
      if (parts[1] == "apis" && parts.size() == 5 && parts[3] == "stages") kind = kV2StageKind;
      if (parts[1] == "domainnames" && parts.size() == 3) kind = kV2DomainNameKind;
      if (parts[1] == "vpclinks" && parts.size() == 3) kind = kV2VpcLinkKind;
      id = parts[2];
      if (kind == kV2StageKind) stage = parts[4];
    }
    if (!kind) throw errors::bad_request("Invalid resource ARN specified: " + arn);
  }

  std::optional<Json> load(const V2Store& store, RealmId realm) const {
    if (kind == kV2ApiKind) return store.api(realm, id);
    if (kind == kV2StageKind) return store.of_api(*kind, realm, id, stage);
    return store.one(*kind, realm, id);
  }
  void save(const V2Store& store, storage::Batch& batch, RealmId realm, const Json& thing) const {
    if (kind == kV2ApiKind) {
      store.put_api(batch, realm, thing);
    } else if (kind == kV2StageKind) {
      store.put_of_api(batch, *kind, realm, id, thing);
    } else {
      store.put(batch, *kind, realm, thing);
    }
  }

  std::optional<storage::Kind> kind;
  std::string id;
  std::string stage;
};

}  // namespace

Json GatewayV2::tags_of(const Context& context, const std::string& arn) const {
  auto thing = TaggedThing(arn).load(store_, context.realm->id);
  if (!thing) throw errors::not_found("Invalid resource identifier specified");
  return thing->value(m::Tags, Json::object());
}

void GatewayV2::change_tags(Context& context, const std::string& arn,
                            const std::function<void(Json&)>& change) {
  TaggedThing named(arn);
  auto held = lock(context, named.kind == kV2StageKind ? kV2ApiKind : *named.kind, named.id);
  auto thing = named.load(store_, context.realm->id);
  if (!thing) throw errors::not_found("Invalid resource identifier specified");
  if (!thing->contains(m::Tags)) (*thing)[m::Tags] = Json::object();
  change((*thing)[m::Tags]);
  check_texts({{m::Tags, (*thing)[m::Tags]}});
  storage::Batch batch;
  named.save(store_, batch, context.realm->id, *thing);
  context.commit(batch);
}

gateway::Output GatewayV2::get_tags(Context& context, Json input) {
  return Json{{m::Tags, tags_of(context, input[m::ResourceArn])}};
}

gateway::Output GatewayV2::tag_resource(Context& context, Json input) {
  change_tags(context, input[m::ResourceArn], [&input](Json& tags) {
    const Json added = input.value(m::Tags, Json::object());
    tags.update(added);
  });
  return Json::object();
}

gateway::Output GatewayV2::untag_resource(Context& context, Json input) {
  change_tags(context, input[m::ResourceArn], [&input](Json& tags) {
    for (const auto& key : input[m::TagKeys]) tags.erase(key.get<std::string>());
  });
  return Json::object();
}

}  // namespace paddock::services::apigateway::v2
