#include "services/apigateway/rest_apis.hpp"

#include <charconv>

#include "core/clock.hpp"
#include "core/ids.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/patch.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace rest_apis_detail {

using Context = gateway::RequestContext;
using gateway::Output;

constexpr const char* kCustomIdTag = "_custom_id_";

void check_description(const std::string& text) {
  if (text.size() > kMaxDescription) {
    throw errors::bad_request("Description cannot be more than 1024 characters");
  }
}

// "" unsets it.
void check_compression(const std::string& text) {
  if (text.empty()) return;
  int64_t size = -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size < 0 ||
      size > static_cast<int64_t>(kMaxPayload)) {
    throw errors::bad_compression_size();
  }
}

Json endpoint_configuration(const Json& input) {
  Json given = input.value(m::endpointConfiguration, Json::object());
  if (!given.contains(m::types)) given[m::types] = Json::array({"EDGE"});
  const Json& types = given[m::types];
  if (types.empty()) {
    throw errors::bad_request(
        "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
  }
  if (types.size() > 1) {
    throw errors::bad_request("Cannot create an api with multiple Endpoint Types.");
  }
  bool is_private = types[0] == "PRIVATE";
  if (!given.contains(m::ipAddressType)) {
    given[m::ipAddressType] = is_private ? "dualstack" : "ipv4";
  } else if (is_private && given[m::ipAddressType] != "dualstack") {
    throw errors::bad_request("Only dualstack ipAddressType is supported for Private APIs.");
  }
  return given;
}

void check_rest_api(const Json& input) {
  if (input[m::name].get<std::string>().empty()) throw errors::bad_request("Name cannot be empty");
  if (input.contains(m::description) && input[m::description].get<std::string>().empty()) {
    throw errors::bad_request("Description cannot be an empty string");
  }
  check_description(input.value(m::description, ""));
  int64_t compression = input.value(m::minimumCompressionSize, int64_t{0});
  if (compression < 0 || compression > static_cast<int64_t>(kMaxPayload)) {
    throw errors::bad_compression_size();
  }
}

// What cloneFrom copies: everything that is defined below the API.
void clone_definition(Control& control, const Context& context, const Json& input, Json& api) {
  Json source = control.load_api(context, {{m::restApiId, input[m::cloneFrom]}});
  for (const char* part : kSnapshot) {
    if (source.contains(part)) api[part] = source[part];
  }
  if (source.contains(kDocumentationParts)) api[kDocumentationParts] = source[kDocumentationParts];
  api[m::rootResourceId] = source[m::rootResourceId];
}

}  // namespace rest_apis_detail

Json new_rest_api(Control& control, const gateway::RequestContext& context, const Json& input) {
  namespace d = rest_apis_detail;
  d::check_rest_api(input);
  Json api = Json::object();
  for (const char* member :
       {m::name, m::description, m::version, m::binaryMediaTypes, m::minimumCompressionSize,
        m::policy, m::tags, m::securityPolicy, m::endpointAccessMode}) {
    if (input.contains(member)) api[member] = input[member];
  }
  if (api.contains(m::binaryMediaTypes) && api[m::binaryMediaTypes].empty()) {
    api.erase(m::binaryMediaTypes);
  }
  api[m::id] = control.new_id(context, "rest-api", 10);
  if (api.contains(m::tags) && api[m::tags].contains(d::kCustomIdTag)) {
    api[m::id] = api[m::tags][d::kCustomIdTag];
    api[m::tags].erase(d::kCustomIdTag);
  }
  std::string root = control.new_id(context, "resource", 10);
  api[m::rootResourceId] = root;
  api[m::createdDate] = control.now_seconds();
  api[m::apiKeySource] = input.value(m::apiKeySource, "HEADER");
  api[m::endpointConfiguration] = d::endpoint_configuration(input);
  api[m::disableExecuteApiEndpoint] = input.value(m::disableExecuteApiEndpoint, false);
  api[kResources] = {{root, {{m::id, root}, {m::path, "/"}}}};
  api[kModels] = default_models(control, context);
  if (input.contains(m::cloneFrom)) d::clone_definition(control, context, input, api);
  return api;
}

void add_rest_api(Control& control, gateway::RequestContext& context, const Json& api) {
  RealmId realm = context.realm->id;
  std::string id = api[m::id];
  // Ids are unique over all accounts, so this is not the lock of one realm's API.
  auto lock = control.platform.locks.lock(storage::Key(kSystemRealm, kApiOwnerKind).text(id));
  if (control.store.owner(id)) {
    throw errors::conflict("The API identifier is already in use: " + id);
  }
  if (control.store.apis(realm).size() >= kMaxApis) {
    throw errors::limit_exceeded("Maximum number of APIs for this account has been reached.");
  }
  storage::Batch batch;
  control.store.put_api(batch, realm, api);
  control.store.put_owner(batch, realm, id);
  context.commit(batch);
}

namespace rest_apis_detail {

Output create_rest_api(Control& control, Context& context, Json input) {
  Json api = new_rest_api(control, context, input);
  add_rest_api(control, context, api);
  return rest_api_view(std::move(api));
}

Output get_rest_api(Control& control, Context& context, Json input) {
  return rest_api_view(control.load_api(context, input));
}

Output get_rest_apis(Control& control, Context& context, Json input) {
  Json items = Json::array();
  for (auto& api : control.store.apis(context.realm->id))
    items.push_back(rest_api_view(std::move(api)));
  return page_of(std::move(items), input);
}

void check_name(const std::string& name) {
  if (name.empty()) throw errors::bad_request("Name cannot be empty");
}

void check_key_source(const std::string& source) {
  if (source != "HEADER" && source != "AUTHORIZER") {
    throw errors::bad_request(
        "Invalid API key source specified. Valid options are HEADER,AUTHORIZER");
  }
}

void patch_endpoint_type(Json& configuration, const Patch& patch) {
  if (patch.op != "replace") throw errors::bad_patch_op();
  if (patch.value != "REGIONAL" && patch.value != "EDGE" && patch.value != "PRIVATE") {
    throw errors::bad_request(
        "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE");
  }
  configuration[m::types] = Json::array({patch.value});
  if (patch.value == "PRIVATE") configuration[m::ipAddressType] = "dualstack";
}

void patch_address_type(Json& configuration, const Patch& patch) {
  if (patch.op != "replace") throw errors::bad_patch_op("replace");
  if (patch.value != "ipv4" && patch.value != "dualstack") {
    throw errors::bad_request("ipAddressType must be either ipv4 or dualstack.");
  }
  if (patch.value == "ipv4" && configuration[m::types][0] == "PRIVATE") {
    throw errors::bad_request("Only dualstack ipAddressType is supported for Private APIs.");
  }
  configuration[m::ipAddressType] = patch.value;
}

void patch_endpoints(Json& configuration, const Patch& patch) {
  if (patch.parts.size() == 3 && patch.parts[1] == m::types) {
    patch_endpoint_type(configuration, patch);
  } else if (patch.parts.size() == 2 && patch.parts[1] == m::ipAddressType) {
    patch_address_type(configuration, patch);
  } else if (patch.parts.size() >= 2 && patch.parts[1] == m::vpcEndpointIds) {
    Patch one = patch;
    one.parts.erase(one.parts.begin());
    apply_patch(configuration, one, {PatchRule::Kind::list_value});
    if (configuration[m::vpcEndpointIds].empty()) configuration.erase(m::vpcEndpointIds);
  } else {
    throw errors::bad_patch_path(patch.path);
  }
}

Output update_rest_api(Control& control, Context& context, Json input) {
  using Kind = PatchRule::Kind;
  static const std::map<std::string, PatchRule> kRules{
      {m::name, {Kind::text, check_name, true}},
      {m::description, {Kind::text, check_description}},
      {m::version, {Kind::text}},
      {m::policy, {Kind::text}},
      {m::securityPolicy, {Kind::text, nullptr, true}},
      {m::endpointAccessMode, {Kind::text, nullptr, true}},
      {m::apiKeySource, {Kind::text, check_key_source, true}},
      {m::minimumCompressionSize, {Kind::number, check_compression, true}},
      {m::disableExecuteApiEndpoint, {Kind::boolean, nullptr, true}},
      {m::binaryMediaTypes, {Kind::list}},
  };
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  for (const Patch& patch : patches_of(input.value(m::patchOperations, Json()))) {
    auto rule = kRules.find(patch.parts[0]);
    if (patch.parts[0] == m::endpointConfiguration) {
      patch_endpoints(api[m::endpointConfiguration], patch);
    } else if (rule == kRules.end()) {
      throw errors::bad_patch_path(patch.path);
    } else {
      apply_patch(api, patch, rule->second);
    }
  }
  if (api.value(m::policy, "").empty()) api.erase(m::policy);
  if (!api.contains(m::tags)) api[m::tags] = Json::object();
  control.save_api(context, api);
  return rest_api_view(std::move(api));
}

Output delete_rest_api(Control& control, Context& context, Json input) {
  std::string id = input[m::restApiId];
  auto lock = control.lock_api(context, id);
  control.load_api(context, input);
  storage::Batch batch;
  control.store.erase_api(batch, context.realm->id, id);
  context.commit(batch);
  control.changed(id);
  return Json::object();
}

}  // namespace rest_apis_detail

std::vector<ControlRow> rest_api_rows() {
  namespace d = rest_apis_detail;
  return {
      {"CreateRestApi", d::create_rest_api, "apigateway:POST"},
      {"GetRestApi", d::get_rest_api, "apigateway:GET"},
      {"GetRestApis", d::get_rest_apis, "apigateway:GET"},
      {"UpdateRestApi", d::update_rest_api, "apigateway:PATCH"},
      {"DeleteRestApi", d::delete_rest_api, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
