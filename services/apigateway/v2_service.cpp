#include "services/apigateway/v2_service.hpp"

#include <algorithm>

#include "core/arn.hpp"
#include "core/clock.hpp"
#include "core/ids.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "storage/key_locks.hpp"
#include "storage/realms.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

using gateway::Access;
using gateway::Fidelity;
using gateway::Operation;

constexpr std::string_view kAutoDeployed =
    "Automatic deployment triggered by changes to the Api configuration";

AwsError invalid_v2_input(const wire::OperationModel& operation,
                          const std::vector<wire::Violation>& all) {
  if (operation.name == "CreateApi" && all.size() == 1 &&
      all[0].rule == wire::Violation::Rule::enum_value && all[0].path.ends_with("rotocolType")) {
    return errors::bad_protocol();
  }
  return errors::bad_request(wire::summary(all));
}

// API Gateway's ARNs have no account: arn:aws:apigateway:REGION::/apis/ID.
std::vector<std::string> v2_arns(const gateway::RequestContext& context, const Json& input) {
  std::string path = "/apis";
  if (input.contains(m::ApiId)) path += "/" + input[m::ApiId].get<std::string>();
  return {make_arn("apigateway", context.region, "", path)};
}

// Rows of a table, with the IAM action that goes with the operation's HTTP method.
class Rows {
 public:
  explicit Rows(GatewayV2* self) : self_(self) {}

  using Handler = gateway::Output (GatewayV2::*)(gateway::RequestContext&, Json);
  void add(std::string_view name, Handler handler, Fidelity fidelity = Fidelity::full(),
           bool slow = false) {
    Operation row;
    row.name = name;
    auto run = [self = self_, handler](gateway::RequestContext& context, Json input) {
      return (self->*handler)(context, std::move(input));
    };
    if (slow) {
      row.handler = gateway::SlowHandler{run};
    } else {
      row.handler = run;
    }
    row.fidelity = fidelity;
    row.resources = v2_arns;
    const bool read = name.starts_with("Get") || name.starts_with("Export");
    row.access = read ? Access::read : Access::write;
    row.action = read                         ? "apigateway:GET"
                 : name.starts_with("Create") ? "apigateway:POST"
                 : name.starts_with("Update") ? "apigateway:PATCH"
                 : name.starts_with("Delete") ? "apigateway:DELETE"
                                              : "apigateway:PUT";
    rows_.push_back(std::move(row));
  }
  std::vector<Operation> take() { return std::move(rows_); }

 private:
  GatewayV2* self_;
  std::vector<Operation> rows_;
};

constexpr Fidelity kRecordOnly = Fidelity::partial("kept as a record");
constexpr Fidelity kServices = Fidelity::partial(
    "VPC links are records; of service integrations those work whose service is emulated");

}  // namespace

GatewayV2::GatewayV2(gateway::Platform& platform, const Domains& domains, Endpoints& endpoints)
    : platform_(platform),
      domains_(domains),
      store_(platform.database, platform.realms),
      served_(store_),
      http_apis_(platform, served_, endpoints),
      websockets_(platform, served_, endpoints) {
  platform.realms.on_reset([this](const std::vector<RealmId>&) { served_.clear(); });
}

GatewayV2::~GatewayV2() = default;

gateway::Api GatewayV2::api() {
  gateway::Api api;
  api.model = &models::apigatewayv2;
  api.operations = definitions();
  for (auto& row : surroundings()) api.operations.push_back(std::move(row));
  api.invalid = invalid_v2_input;
  api.throttling_code = "TooManyRequestsException";
  return api;
}

std::vector<Operation> GatewayV2::definitions() {
  using G = GatewayV2;
  Rows rows(this);
  rows.add("CreateApi", &G::create_api);
  rows.add("GetApi", &G::get_api);
  rows.add("GetApis", &G::get_apis);
  rows.add("UpdateApi", &G::update_api);
  rows.add("DeleteApi", &G::delete_api);
  rows.add("ImportApi", &G::import_api, Fidelity::full(), true);
  rows.add("ReimportApi", &G::reimport_api, Fidelity::full(), true);
  rows.add("ExportApi", &G::export_api, Fidelity::full(), true);
  rows.add("DeleteCorsConfiguration", &G::delete_cors);
  rows.add("GetTags", &G::get_tags);
  rows.add("TagResource", &G::tag_resource);
  rows.add("UntagResource", &G::untag_resource);
  rows.add("CreateRoute", &G::create_route);
  rows.add("GetRoute", &G::get_route);
  rows.add("GetRoutes", &G::get_routes);
  rows.add("UpdateRoute", &G::update_route);
  rows.add("DeleteRoute", &G::delete_route);
  rows.add("DeleteRouteRequestParameter", &G::delete_route_parameter);
  rows.add("CreateRouteResponse", &G::create_route_response);
  rows.add("GetRouteResponse", &G::get_route_response);
  rows.add("GetRouteResponses", &G::get_route_responses);
  rows.add("UpdateRouteResponse", &G::update_route_response);
  rows.add("DeleteRouteResponse", &G::delete_route_response);
  rows.add("CreateIntegration", &G::create_integration, kServices);
  rows.add("GetIntegration", &G::get_integration);
  rows.add("GetIntegrations", &G::get_integrations);
  rows.add("UpdateIntegration", &G::update_integration, kServices);
  rows.add("DeleteIntegration", &G::delete_integration);
  rows.add("CreateIntegrationResponse", &G::create_integration_response);
  rows.add("GetIntegrationResponse", &G::get_integration_response);
  rows.add("GetIntegrationResponses", &G::get_integration_responses);
  rows.add("UpdateIntegrationResponse", &G::update_integration_response);
  rows.add("DeleteIntegrationResponse", &G::delete_integration_response);
  return rows.take();
}

std::vector<Operation> GatewayV2::surroundings() {
  using G = GatewayV2;
  Rows rows(this);
  rows.add("CreateAuthorizer", &G::create_authorizer);
  rows.add("GetAuthorizer", &G::get_authorizer);
  rows.add("GetAuthorizers", &G::get_authorizers);
  rows.add("UpdateAuthorizer", &G::update_authorizer);
  rows.add("DeleteAuthorizer", &G::delete_authorizer);
  rows.add("ResetAuthorizersCache", &G::reset_authorizers_cache);
  rows.add("CreateModel", &G::create_model);
  rows.add("GetModel", &G::get_model);
  rows.add("GetModels", &G::get_models);
  rows.add("GetModelTemplate", &G::get_model_template,
           Fidelity::partial("every template is an empty object"));
  rows.add("UpdateModel", &G::update_model);
  rows.add("DeleteModel", &G::delete_model);
  rows.add("CreateStage", &G::create_stage);
  rows.add("GetStage", &G::get_stage);
  rows.add("GetStages", &G::get_stages);
  rows.add("UpdateStage", &G::update_stage);
  rows.add("DeleteStage", &G::delete_stage);
  rows.add("DeleteRouteSettings", &G::delete_route_settings);
  rows.add("DeleteAccessLogSettings", &G::delete_access_log_settings);
  rows.add("CreateDeployment", &G::create_deployment);
  rows.add("GetDeployment", &G::get_deployment);
  rows.add("GetDeployments", &G::get_deployments);
  rows.add("UpdateDeployment", &G::update_deployment);
  rows.add("DeleteDeployment", &G::delete_deployment);
  rows.add("CreateDomainName", &G::create_domain_name);
  rows.add("GetDomainName", &G::get_domain_name);
  rows.add("GetDomainNames", &G::get_domain_names);
  rows.add("UpdateDomainName", &G::update_domain_name);
  rows.add("DeleteDomainName", &G::delete_domain_name);
  rows.add("CreateApiMapping", &G::create_api_mapping);
  rows.add("GetApiMapping", &G::get_api_mapping);
  rows.add("GetApiMappings", &G::get_api_mappings);
  rows.add("UpdateApiMapping", &G::update_api_mapping);
  rows.add("DeleteApiMapping", &G::delete_api_mapping);
  rows.add("CreateVpcLink", &G::create_vpc_link, kRecordOnly);
  rows.add("GetVpcLink", &G::get_vpc_link);
  rows.add("GetVpcLinks", &G::get_vpc_links);
  rows.add("UpdateVpcLink", &G::update_vpc_link, kRecordOnly);
  rows.add("DeleteVpcLink", &G::delete_vpc_link);
  return rows.take();
}

std::vector<std::string> GatewayV2::resources(const Realm& realm) const {
  std::vector<std::string> arns;
  for (const auto& api : store_.apis(realm.id)) {
    arns.push_back(
        make_arn("apigateway", realm.region, "", "/apis/" + api[m::ApiId].get<std::string>()));
  }
  return arns;
}

std::optional<V2Address> GatewayV2::address(std::string_view host, std::string_view path) const {
  if (auto address = v2_address_of(host, path)) return address;
  auto target = domains_.target(host, path);
  if (!target) return std::nullopt;
  V2Address address;
  address.api = std::move(target->api);
  address.path = std::move(target->path);
  address.stage = std::move(target->stage);
  address.base_path = std::move(target->base_path);
  address.own_domain = true;
  return address;
}

bool GatewayV2::serves(std::string_view host, const http::RequestHead& head) {
  auto address = this->address(host, head.path);
  return address && served_.is_v2(address->api);
}

Task<void> GatewayV2::execute(http::Exchange& exchange, gateway::RequestContext& context) {
  // A domain name that went since is like an API that is not there.
  const http::RequestHead& head = exchange.head();
  V2Address address = this->address(head.host(), head.path).value_or(V2Address());
  auto api = served_.find(address.api);
  return api && is_websocket(api->api) ? websockets_.execute(exchange, context, std::move(address))
                                       : http_apis_.execute(exchange, context, std::move(address));
}

gateway::Api GatewayV2::management_api() {
  return websockets_.management_api();
}

void GatewayV2::stop() {
  websockets_.stop();
}

// -- what the handlers share ----------------------------------------------------------------------

std::string GatewayV2::new_id(const Context& context, const char* kind) const {
  return context.platform.ids.base36(context.realm->id, kind, 7);
}

std::unique_lock<std::mutex> GatewayV2::lock(const Context& context, storage::Kind kind,
                                             const std::string& id) const {
  return platform_.locks.lock(storage::Key(context.realm->id, kind).text(id));
}

Json GatewayV2::load_api(const Context& context, const Json& input) const {
  std::string id = input.at(m::ApiId).get<std::string>();
  auto api = store_.api(context.realm->id, id);
  if (!api) throw errors::no_such_api(context.account, id);
  return *std::move(api);
}

gateway::Output GatewayV2::change_api(Context& context, const Json& input,
                                      const std::function<Json(Json&, std::string)>& change) {
  std::string id = input.at(m::ApiId).get<std::string>();
  auto held = lock(context, kV2ApiKind, id);
  Json api = load_api(context, input);
  Json answer = change(api, id);
  storage::Batch batch;
  put_api(context, batch, api);
  context.commit(batch);
  served_.forget(id);
  return answer;
}

void GatewayV2::put_api(Context& context, storage::Batch& batch, const Json& api) {
  store_.put_api(batch, context.realm->id, api);
  deploy_stages(context, batch, api);
}

// A deployment that was made by itself goes when the next one takes its place.
void GatewayV2::deploy_stages(Context& context, storage::Batch& batch, const Json& api) {
  if (api.at(kRoutes).empty()) return;
  RealmId realm = context.realm->id;
  std::string id = api.at(m::ApiId);
  Json deployment;
  std::vector<Json> stages = store_.all_of_api(kV2StageKind, realm, id);
  const auto uses = [&stages](const std::string& one) {
    return std::count_if(stages.begin(), stages.end(), [&one](const Json& stage) {
      return stage.value(m::DeploymentId, "") == one;
    });
  };
  for (Json& stage : stages) {
    if (!stage.value(m::AutoDeploy, false)) continue;
    std::string former = stage.value(m::DeploymentId, "");
    if (auto old = store_.of_api(kV2DeploymentKind, realm, id, former)) {
      if ((*old)[kSnapshot] == snapshot_of(api)) continue;
      if (old->value(m::AutoDeployed, false) && uses(former) == 1) {
        store_.erase_of_api(batch, kV2DeploymentKind, realm, id, former);
      }
    }
    if (deployment.is_null()) {
      deployment =
          deploy(context, batch, api, {{m::AutoDeployed, true}, {m::Description, kAutoDeployed}});
    }
    point_stage(stage, deployment[m::DeploymentId], context.platform.world.now().ms);
    store_.put_of_api(batch, kV2StageKind, realm, id, stage);
  }
}

Json GatewayV2::deploy(Context& context, storage::Batch& batch, const Json& api, const Json& more) {
  if (api.at(kRoutes).empty()) throw errors::nothing_to_deploy();
  Json deployment = {
      {m::DeploymentId, context.platform.ids.base36(context.realm->id, "v2-deployment", 6)},
      {m::CreatedDate, whole_seconds(context.platform.world.now().ms)},
      {m::DeploymentStatus, "DEPLOYED"},
      {m::AutoDeployed, false},
      {kSnapshot, snapshot_of(api)}};
  deployment.update(more);
  store_.put_of_api(batch, kV2DeploymentKind, context.realm->id, api.at(m::ApiId), deployment);
  return deployment;
}

Json& GatewayV2::part_of(Json& owner, const Part& part, const Json& input) {
  const auto& id = input.at(part.id).get_ref<const std::string&>();
  Json& section = owner[part.section];
  auto found = section.find(id);
  if (found == section.end()) throw errors::no_such_part(part.kind, id);
  return *found;
}

gateway::Output GatewayV2::create_part(Context& context, Json input, const Part& part,
                                       void (*complete)(const Json&, Json&)) {
  check_texts(input);
  return change_api(context, input, [&](Json& api, const std::string&) {
    Json document = input;
    document.erase(m::ApiId);
    if (api.at(part.section).size() >= part.most) {
      throw errors::too_many(std::string(part.kind) + "s");
    }
    complete(api, document);
    std::string id = new_id(context, part.section);
    document[part.id] = id;
    api[part.section][id] = document;
    return document;
  });
}

gateway::Output GatewayV2::get_part(Context& context, const Json& input, const Part& part,
                                    const char* hidden) {
  Json api = load_api(context, input);
  Json document = part_of(api, part, input);
  if (hidden) document.erase(hidden);
  return document;
}

gateway::Output GatewayV2::get_parts(Context& context, const Json& input, const Part& part,
                                     const char* hidden) {
  Json api = load_api(context, input);
  return page(values_of(api.at(part.section), hidden), part.id, input);
}

gateway::Output GatewayV2::delete_part(Context& context, const Json& input, const Part& part) {
  return change_api(context, input, [&](Json& api, const std::string&) {
    part_of(api, part, input);
    api[part.section].erase(input.at(part.id).get<std::string>());
    return Json::object();
  });
}

gateway::Output GatewayV2::create_response(Context& context, Json input, const Part& owner,
                                           const Part& part) {
  return change_api(context, input, [&](Json& api, const std::string&) {
    Json& parent = part_of(api, owner, input);
    Json& section = parent[part.section];
    if (section.is_null()) section = Json::object();
    if (section.size() >= part.most) throw errors::too_many(std::string(part.kind) + "s");
    Json document = input;
    document.erase(m::ApiId);
    document.erase(owner.id);
    std::string id = new_id(context, part.section);
    document[part.id] = id;
    section[id] = document;
    return document;
  });
}

gateway::Output GatewayV2::get_response(Context& context, const Json& input, const Part& owner,
                                        const Part& part) {
  Json api = load_api(context, input);
  return part_of(part_of(api, owner, input), part, input);
}

gateway::Output GatewayV2::get_responses(Context& context, const Json& input, const Part& owner,
                                         const Part& part) {
  Json api = load_api(context, input);
  const Json& parent = part_of(api, owner, input);
  const Json section = parent.value(part.section, Json::object());
  return page(values_of(section), part.id, input);
}

gateway::Output GatewayV2::update_response(Context& context, Json input, const Part& owner,
                                           const Part& part) {
  return change_api(context, input, [&](Json& api, const std::string&) {
    Json& document = part_of(part_of(api, owner, input), part, input);
    Json changes = input;
    for (const char* member : {m::ApiId, owner.id, part.id}) changes.erase(member);
    merge_members(document, changes, {m::ResponseParameters});
    return document;
  });
}

gateway::Output GatewayV2::delete_response(Context& context, const Json& input, const Part& owner,
                                           const Part& part) {
  return change_api(context, input, [&](Json& api, const std::string&) {
    Json& parent = part_of(api, owner, input);
    part_of(parent, part, input);
    parent[part.section].erase(input.at(part.id).get<std::string>());
    return Json::object();
  });
}

}  // namespace paddock::services::apigateway::v2
