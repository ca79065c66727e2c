#include <charconv>

#include "core/arn.hpp"
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
  if (input.contains(m::cloneFrom)) throw errors::not_emulated("cloneFrom of CreateRestApi");
}

// The API id of arn:aws:apigateway:REGION::/restapis/ID.
std::string api_of_arn(const Json& input) {
  static constexpr std::string_view kPrefix = "/restapis/";
  auto arn = Arn::parse(input.at(m::resourceArn).get<std::string>());
  if (!arn || arn->service != "apigateway") {
    throw errors::bad_request("Invalid ARN specified in the request");
  }
  std::string_view path = arn->resource;
  if (!path.starts_with(kPrefix) || path.find('/', kPrefix.size()) != std::string_view::npos) {
    throw errors::not_emulated("A tag of " + arn->resource);
  }
  return std::string(path.substr(kPrefix.size()));
}

Output create_rest_api(Control& control, Context& context, Json input) {
  check_rest_api(input);
  Json api = Json::object();
  for (const char* member :
       {m::name, m::description, m::version, m::binaryMediaTypes, m::minimumCompressionSize,
        m::policy, m::tags, m::securityPolicy, m::endpointAccessMode}) {
    if (input.contains(member)) api[member] = input[member];
  }
  if (api.contains(m::binaryMediaTypes) && api[m::binaryMediaTypes].empty()) {
    api.erase(m::binaryMediaTypes);
  }
  RealmId realm = context.realm->id;
  std::string id = context.platform.ids.base36(realm, "rest-api", 10);
  if (api.contains(m::tags) && api[m::tags].contains(kCustomIdTag)) {
    id = api[m::tags][kCustomIdTag].get<std::string>();
    api[m::tags].erase(kCustomIdTag);
  }
  // Ids are unique over all accounts, so this is not the lock of one realm's API.
  auto lock = control.platform.locks.lock(storage::Key(kSystemRealm, kApiOwnerKind).text(id));
  if (control.store.owner(id))
    throw errors::conflict("The API identifier is already in use: " + id);
  if (control.store.apis(realm).size() >= kMaxApis) {
    throw errors::limit_exceeded("Maximum number of APIs for this account has been reached.");
  }
  std::string root = context.platform.ids.base36(realm, "resource", 10);
  api[m::id] = id;
  api[m::rootResourceId] = root;
  api[m::createdDate] = context.platform.world.now().ms / 1000 * 1000;
  api[m::apiKeySource] = input.value(m::apiKeySource, "HEADER");
  api[m::endpointConfiguration] = endpoint_configuration(input);
  api[m::disableExecuteApiEndpoint] = input.value(m::disableExecuteApiEndpoint, false);
  api[kResources] = {{root, {{m::id, root}, {m::path, "/"}}}};
  api[kModels] = default_models(control, context);
  storage::Batch batch;
  control.store.put_api(batch, realm, api);
  control.store.put_owner(batch, realm, id);
  context.commit(batch);
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

Output update_rest_api(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  using Kind = PatchRule::Kind;
  static const std::map<std::string, PatchRule> kRules{
      {m::name,
       {Kind::text,
        [](const std::string& name) {
          if (name.empty()) throw errors::bad_request("Name cannot be empty");
        },
        true}},
      {m::description, {Kind::text, check_description}},
      {m::version, {Kind::text, nullptr}},
      {m::policy, {Kind::text, nullptr}},
      {m::apiKeySource, {Kind::text, nullptr, true}},
      {m::minimumCompressionSize, {Kind::number, check_compression, true}},
      {m::disableExecuteApiEndpoint, {Kind::boolean, nullptr, true}},
      {m::binaryMediaTypes, {Kind::list, nullptr}},
  };
  apply_patches(api, input.value(m::patchOperations, Json()), kRules);
  control.save_api(context, api);
  if (!api.contains(m::tags)) api[m::tags] = Json::object();
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

Output get_account(Control&, Context&, Json) {
  return Json{{m::apiKeyVersion, "4"},
              {m::features, {"UsagePlans"}},
              {m::throttleSettings, {{m::burstLimit, 5000}, {m::rateLimit, 10000.0}}}};
}

Output get_tags(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, {{m::restApiId, api_of_arn(input)}});
  return Json{{m::tags, api.value(m::tags, Json::object())}};
}

Output tag_resource(Control& control, Context& context, Json input) {
  std::string id = api_of_arn(input);
  auto lock = control.lock_api(context, id);
  Json api = control.load_api(context, {{m::restApiId, id}});
  for (const auto& [key, value] : input[m::tags].items()) api[m::tags][key] = value;
  control.save_api(context, api);
  return Json::object();
}

Output untag_resource(Control& control, Context& context, Json input) {
  std::string id = api_of_arn(input);
  auto lock = control.lock_api(context, id);
  Json api = control.load_api(context, {{m::restApiId, id}});
  if (api.contains(m::tags)) {
    for (const auto& key : input[m::tagKeys]) api[m::tags].erase(key.get<std::string>());
  }
  control.save_api(context, api);
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
      {"GetAccount", d::get_account, "apigateway:GET"},
      {"GetTags", d::get_tags, "apigateway:GET"},
      {"TagResource", d::tag_resource, "apigateway:PUT"},
      {"UntagResource", d::untag_resource, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
