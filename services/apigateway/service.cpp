#include "services/apigateway/service.hpp"

#include "core/arn.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/address.hpp"
#include "services/apigateway/errors.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace {

using gateway::Access;
using gateway::Fidelity;
using gateway::plain;

// API Gateway's own ARNs have no account: arn:aws:apigateway:REGION::/restapis/ID.
std::vector<std::string> rest_api_arns(const gateway::RequestContext& context, const Json& input) {
  std::string path = "/restapis";
  if (input.contains(m::restApiId)) path += "/" + input[m::restApiId].get<std::string>();
  return {make_arn("apigateway", context.region, "", path)};
}

AwsError invalid_input(const wire::OperationModel&, const std::vector<wire::Violation>& all) {
  return AwsError("ValidationException", wire::summary(all));
}

constexpr std::string_view kProxyOnly = "only integrations of type AWS_PROXY";
constexpr std::string_view kNoCanary = "no canary settings, cache or access log";

}  // namespace

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<ApiGateway>(platform);
}

ApiGateway::ApiGateway(gateway::Platform& platform)
    : platform_(platform), store_(platform.database, platform.realms) {
  gateway::Api api;
  api.model = &models::apigateway;
  api.operations = operations();
  api.invalid = invalid_input;
  api.validate_options.body_under_input = true;
  api.throttling_code = "TooManyRequestsException";
  apis_.push_back(std::move(api));

  gateway::Endpoint endpoint;
  endpoint.name = "execute-api";
  endpoint.matches = [](std::string_view host, const http::RequestHead& head) {
    return address_of(host, head.path).has_value();
  };
  endpoint.handle = [this](http::Exchange& exchange, gateway::RequestContext& context) {
    return execute(exchange, context);
  };
  endpoints_.push_back(std::move(endpoint));

  platform_.realms.on_reset([this](const std::vector<RealmId>&) {
    std::unique_lock lock(served_mutex_);
    served_.clear();
  });
}

std::vector<gateway::Operation> ApiGateway::operations() {
  auto row = [this](std::string_view name, auto method, Access access, std::string_view action,
                    Fidelity fidelity = Fidelity::full()) {
    gateway::Operation operation;
    operation.name = name;
    operation.handler = plain(this, method);
    operation.access = access;
    operation.fidelity = fidelity;
    operation.action = action;
    operation.resources = rest_api_arns;
    return operation;
  };
  using A = ApiGateway;
  constexpr Access kRead = Access::read;
  constexpr Access kWrite = Access::write;
  // IAM actions of API Gateway are the HTTP methods of its own API.
  return {
      row("CreateRestApi", &A::create_rest_api, kWrite, "apigateway:POST"),
      row("GetRestApi", &A::get_rest_api, kRead, "apigateway:GET"),
      row("GetRestApis", &A::get_rest_apis, kRead, "apigateway:GET"),
      row("UpdateRestApi", &A::update_rest_api, kWrite, "apigateway:PATCH"),
      row("DeleteRestApi", &A::delete_rest_api, kWrite, "apigateway:DELETE"),
      row("GetAccount", &A::get_account, kRead, "apigateway:GET"),
      row("GetTags", &A::get_tags, kRead, "apigateway:GET"),
      row("TagResource", &A::tag_resource, kWrite, "apigateway:PUT",
          Fidelity::partial("tags of REST APIs only")),
      row("UntagResource", &A::untag_resource, kWrite, "apigateway:DELETE",
          Fidelity::partial("tags of REST APIs only")),
      row("CreateResource", &A::create_resource, kWrite, "apigateway:POST"),
      row("GetResource", &A::get_resource, kRead, "apigateway:GET"),
      row("GetResources", &A::get_resources, kRead, "apigateway:GET"),
      row("UpdateResource", &A::update_resource, kWrite, "apigateway:PATCH"),
      row("DeleteResource", &A::delete_resource, kWrite, "apigateway:DELETE"),
      row("PutMethod", &A::put_method, kWrite, "apigateway:PUT",
          Fidelity::partial("authorization NONE only, no validators")),
      row("GetMethod", &A::get_method, kRead, "apigateway:GET"),
      row("UpdateMethod", &A::update_method, kWrite, "apigateway:PATCH",
          Fidelity::partial("authorization NONE only, no validators")),
      row("DeleteMethod", &A::delete_method, kWrite, "apigateway:DELETE"),
      row("PutMethodResponse", &A::put_method_response, kWrite, "apigateway:PUT"),
      row("GetMethodResponse", &A::get_method_response, kRead, "apigateway:GET"),
      row("DeleteMethodResponse", &A::delete_method_response, kWrite, "apigateway:DELETE"),
      row("PutIntegration", &A::put_integration, kWrite, "apigateway:PUT",
          Fidelity::partial(kProxyOnly)),
      row("GetIntegration", &A::get_integration, kRead, "apigateway:GET"),
      row("UpdateIntegration", &A::update_integration, kWrite, "apigateway:PATCH",
          Fidelity::partial(kProxyOnly)),
      row("DeleteIntegration", &A::delete_integration, kWrite, "apigateway:DELETE"),
      row("CreateDeployment", &A::create_deployment, kWrite, "apigateway:POST",
          Fidelity::partial(kNoCanary)),
      row("GetDeployment", &A::get_deployment, kRead, "apigateway:GET"),
      row("GetDeployments", &A::get_deployments, kRead, "apigateway:GET"),
      row("UpdateDeployment", &A::update_deployment, kWrite, "apigateway:PATCH"),
      row("DeleteDeployment", &A::delete_deployment, kWrite, "apigateway:DELETE"),
      row("CreateStage", &A::create_stage, kWrite, "apigateway:POST", Fidelity::partial(kNoCanary)),
      row("GetStage", &A::get_stage, kRead, "apigateway:GET"),
      row("GetStages", &A::get_stages, kRead, "apigateway:GET"),
      row("UpdateStage", &A::update_stage, kWrite, "apigateway:PATCH",
          Fidelity::partial(kNoCanary)),
      row("DeleteStage", &A::delete_stage, kWrite, "apigateway:DELETE"),
  };
}

std::vector<std::string> ApiGateway::resources(const Realm& realm) const {
  std::vector<std::string> arns;
  for (const auto& api : store_.apis(realm.id)) {
    arns.push_back(
        make_arn("apigateway", realm.region, "", "/restapis/" + api[m::id].get<std::string>()));
  }
  return arns;
}

Json ApiGateway::load_api(const Context& context, const Json& input) const {
  std::string id = input.at(m::restApiId).get<std::string>();
  auto api = store_.api(context.realm->id, id);
  if (!api) throw errors::no_such_api(context.account, id);
  return *std::move(api);
}

std::unique_lock<std::mutex> ApiGateway::lock_api(const Context& context,
                                                  const std::string& api) const {
  return platform_.locks.lock(storage::Key(context.realm->id, kRestApiKind).text(api));
}

void ApiGateway::save_api(Context& context, const Json& api) {
  storage::Batch batch;
  store_.put_api(batch, context.realm->id, api);
  context.commit(batch);
  forget_served(api[m::id].get<std::string>());
}

void ApiGateway::forget_served(const std::string& api) {
  std::unique_lock lock(served_mutex_);
  auto first = served_.lower_bound({api, ""});
  auto last = first;
  while (last != served_.end() && last->first.first == api) ++last;
  served_.erase(first, last);
}

}  // namespace paddock::services::apigateway
