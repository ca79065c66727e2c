#include "services/apigateway/service.hpp"

#include "core/arn.hpp"
#include "models/apigateway.hpp"
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
      domains_(platform.database, platform.realms),
      endpoints_of_apis_(platform),
      data_plane_(platform, store_, domains_, endpoints_of_apis_),
      control_(platform, store_, [this](const std::string& api) { data_plane_.forget(api); }),
      v2_(platform, domains_, endpoints_of_apis_) {
  control_.counters = &data_plane_.counters();
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
  endpoint.matches = [this](std::string_view host, const http::RequestHead& head) {
    return data_plane_.address(host, head.path).has_value();
  };
  endpoint.owns_host = [this](std::string_view host) { return domains_.owns(host); };
  endpoint.handle = [this](http::Exchange& exchange, gateway::RequestContext& context) {
    const http::RequestHead& head = exchange.head();
    // A domain that went since is like a stage that is not there.
    return data_plane_.serve(exchange, context,
                             data_plane_.address(head.host(), head.path).value_or(Address()));
  };
  endpoints_.push_back(std::move(endpoint));

  platform_.realms.on_reset([this](const std::vector<RealmId>&) { data_plane_.forget_all(); });
}

std::vector<gateway::Operation> ApiGateway::test_operations() {
  gateway::Operation method;
  method.name = "TestInvokeMethod";
  method.handler = gateway::waiting(this, &ApiGateway::test_invoke_method);
  method.access = Access::write;
  method.action = "apigateway:POST";
  method.resources = rest_api_arns;
  gateway::Operation authorizer = method;
  authorizer.name = "TestInvokeAuthorizer";
  authorizer.handler = gateway::waiting(this, &ApiGateway::test_invoke_authorizer);
  return {method, authorizer};
}

std::vector<gateway::Operation> ApiGateway::operations() {
  std::vector<gateway::Operation> operations = test_operations();
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
  endpoints_of_apis_.stop();
}

Task<gateway::Output> ApiGateway::test_invoke_method(Context& context, Json input) {
  Json api = control_.load_api_or(context, input, errors::no_such_resource());
  TestOutcome outcome = co_await data_plane_.test_method(context, std::move(api), std::move(input));
  Json headers = Json::object();
  Json multi = Json::object();
  for (const auto& [name, value] : outcome.response.headers) {
    headers[name] = value;
    multi[name].push_back(value);
  }
  Json answer = {{m::status, outcome.response.status},
                 {m::body, outcome.response.body},
                 {m::headers, std::move(headers)},
                 {m::multiValueHeaders, std::move(multi)},
                 {m::log, outcome.log},
                 {m::latency, outcome.latency_ms}};
  co_return gateway::Output(std::move(answer));
}

Task<gateway::Output> ApiGateway::test_invoke_authorizer(Context& context, Json input) {
  Json api = control_.load_api(context, input);
  Json answer = co_await data_plane_.test_authorizer(context, std::move(api), std::move(input));
  co_return gateway::Output(std::move(answer));
}

}  // namespace paddock::services::apigateway
