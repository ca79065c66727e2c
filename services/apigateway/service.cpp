#include "services/apigateway/service.hpp"

#include "core/arn.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/address.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace {

using gateway::Access;

// API Gateway's own ARNs have no account: arn:aws:apigateway:REGION::/restapis/ID.
std::vector<std::string> rest_api_arns(const gateway::RequestContext& context, const Json& input) {
  std::string path = "/restapis";
  if (input.contains(m::restApiId)) path += "/" + input[m::restApiId].get<std::string>();
  return {make_arn("apigateway", context.region, "", path)};
}

AwsError invalid_input(const wire::OperationModel&, const std::vector<wire::Violation>& all) {
  return AwsError("ValidationException", wire::summary(all));
}

}  // namespace

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<ApiGateway>(platform);
}

ApiGateway::ApiGateway(gateway::Platform& platform)
    : platform_(platform),
      store_(platform.database, platform.realms),
      control_(platform, store_, [this](const std::string& api) { forget_served(api); }),
      v2_(platform) {
  gateway::Api api;
  api.model = &models::apigateway;
  api.operations = operations();
  api.invalid = invalid_input;
  api.validate_options.body_under_input = true;
  api.throttling_code = "TooManyRequestsException";
  apis_.push_back(std::move(api));
  apis_.push_back(v2_.api());
  apis_.push_back(v2_.management_api());

  // HTTP and WebSocket APIs have the same hosts and paths; the directory tells whose an id is.
  gateway::Endpoint second;
  second.name = "execute-api v2";
  second.matches = [this](std::string_view host, const http::RequestHead& head) {
    return v2_.serves(host, head);
  };
  second.handle = [this](http::Exchange& exchange, gateway::RequestContext& context) {
    return v2_.execute(exchange, context);
  };
  endpoints_.push_back(std::move(second));

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
  std::vector<gateway::Operation> operations;
  for (const ControlRow& row : control_rows()) {
    gateway::Operation operation;
    operation.name = row.name;
    auto run = [this, handler = row.handler](gateway::RequestContext& context, Json input) {
      return handler(control_, context, std::move(input));
    };
    if (row.slow) {
      operation.handler = gateway::SlowHandler{run};
    } else {
      operation.handler = run;
    }
    operation.access = row.action == "apigateway:GET" ? Access::read : Access::write;
    operation.fidelity = row.fidelity;
    operation.action = row.action;
    operation.resources = rest_api_arns;
    operations.push_back(std::move(operation));
  }
  return operations;
}

std::vector<std::string> ApiGateway::resources(const Realm& realm) const {
  std::vector<std::string> arns;
  for (const auto& api : store_.apis(realm.id)) {
    arns.push_back(
        make_arn("apigateway", realm.region, "", "/restapis/" + api[m::id].get<std::string>()));
  }
  for (auto& arn : v2_.resources(realm)) arns.push_back(std::move(arn));
  return arns;
}

void ApiGateway::stop() {
  v2_.stop();
}

void ApiGateway::forget_served(const std::string& api) {
  std::unique_lock lock(served_mutex_);
  auto first = served_.lower_bound({api, ""});
  auto last = first;
  while (last != served_.end() && last->first.first == api) ++last;
  served_.erase(first, last);
}

}  // namespace paddock::services::apigateway
