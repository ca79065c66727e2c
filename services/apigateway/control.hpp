// The control plane of REST APIs: what every file of operations stands on, and their tables.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service.hpp"
#include "services/apigateway/model.hpp"
#include "services/apigateway/store.hpp"

namespace paddock::services::apigateway {

class UsageCounters;

// Thread-safe. Lives as long as the service; `platform` and `store` outlive it.
class Control {
 public:
  using Context = gateway::RequestContext;

  // `changed` is called after every commit that changes what a stage of an API serves.
  Control(gateway::Platform& platform, Store& store,
          std::function<void(const std::string& api)> changed)
      : platform(platform), store(store), changed_(std::move(changed)) {}

  gateway::Platform& platform;
  Store& store;
  // Who counts requests by API key; nullptr while nobody does. Set before the first request.
  UsageCounters* counters = nullptr;

  // The API of `input.restApiId` with its resources (model.hpp); throws NotFoundException.
  Json load_api(const Context& context, const Json& input) const;
  // The same, with the error that AWS gives for an unknown API where the API is only the way to
  // something else: a method, a model, a validator.
  Json load_api_or(const Context& context, const Json& input, const AwsError& unknown) const;
  // Serialises changes of one API, or of what another name stands for.
  std::unique_lock<std::mutex> lock_api(const Context& context, const std::string& api) const;
  std::unique_lock<std::mutex> lock_row(const Context& context, storage::Kind kind,
                                        const std::string& id) const;
  // Writes the API in a batch of its own.
  void save_api(Context& context, const Json& api);
  void changed(const std::string& api) { changed_(api); }
  // A new id of AWS's form: `length` lower case letters and digits.
  std::string new_id(const Context& context, std::string_view kind, size_t length) const;
  // Rises with every call, so that lists can be kept in the order of creation.
  int64_t next_number(const Context& context, std::string_view kind) const;
  // World time in whole seconds, as AWS stamps definitions.
  int64_t now_seconds() const;

 private:
  std::function<void(const std::string&)> changed_;
};

using ControlHandler = gateway::Output (*)(Control&, gateway::RequestContext&, Json);

// One operation. IAM actions of API Gateway are the HTTP methods of its own API.
struct ControlRow {
  std::string_view name;
  ControlHandler handler;
  std::string_view action;  // "apigateway:GET"
  gateway::Fidelity fidelity = gateway::Fidelity::full();
  bool slow = false;  // on the work pool
};

std::vector<ControlRow> rest_api_rows();            // rest_apis.cpp
std::vector<ControlRow> resource_rows();            // resources.cpp
std::vector<ControlRow> method_rows();              // methods.cpp
std::vector<ControlRow> integration_rows();         // integrations.cpp
std::vector<ControlRow> deployment_rows();          // deployments.cpp
std::vector<ControlRow> stage_rows();               // stages.cpp
std::vector<ControlRow> model_rows();               // models.cpp
std::vector<ControlRow> request_validator_rows();   // request_validators.cpp
std::vector<ControlRow> gateway_response_rows();    // gateway_responses.cpp
std::vector<ControlRow> authorizer_rows();          // authorizers.cpp
std::vector<ControlRow> api_key_rows();             // api_keys.cpp
std::vector<ControlRow> usage_plan_rows();          // usage_plans.cpp
std::vector<ControlRow> usage_rows();               // usage.cpp
std::vector<ControlRow> documentation_rows();       // documentation.cpp
std::vector<ControlRow> domain_name_rows();         // domain_names.cpp
std::vector<ControlRow> base_path_mapping_rows();   // base_path_mappings.cpp
std::vector<ControlRow> client_certificate_rows();  // client_certificates.cpp
std::vector<ControlRow> vpc_link_rows();            // vpc_links.cpp
std::vector<ControlRow> account_rows();             // account.cpp
std::vector<ControlRow> import_rows();              // imports.cpp
std::vector<ControlRow> export_rows();              // exports.cpp

// All of the above.
std::vector<ControlRow> control_rows();

// model_schemas.cpp: the two models that every new API has, by name.
Json default_models(Control& control, const gateway::RequestContext& context);

}  // namespace paddock::services::apigateway
