// Documentation parts of an API, and versions, which are snapshots of them
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api.html).
#include "services/apigateway/documentation.hpp"

#include <set>

#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/openapi_text.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace documentation_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

// Rows of versions keep their parts here; answers do not show them.
constexpr const char* kParts = "parts";

void check_properties(const std::string& properties) {
  if (properties.empty()) {
    throw errors::bad_request("Documentation part properties must be non-empty");
  }
}

Json& found_part(Json& api, const Json& input) {
  Json& all = api[kDocumentationParts];
  std::string id = input[m::documentationPartId];
  if (!all.is_object() || !all.contains(id)) throw errors::no_such_documentation_part();
  return all[id];
}

Output create_documentation_part(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  check_properties(input[m::properties]);
  const Json parts = api.value(kDocumentationParts, Json::object());
  for (const auto& [id, part] : parts.items()) {
    if (part[m::location] == input[m::location]) {
      throw errors::conflict("Documentation part already exists for the specified location.");
    }
  }
  std::string id = control.new_id(context, "documentation-part", 6);
  Json part = {
      {m::id, id}, {m::location, input[m::location]}, {m::properties, input[m::properties]}};
  api[kDocumentationParts][id] = part;
  control.save_api(context, api);
  return part;
}

Output get_documentation_part(Control& control, Context& context, Json input) {
  Json api = control.load_api_or(context, input, errors::no_such_documentation_part());
  return found_part(api, input);
}

bool matches(const Json& part, const Json& input) {
  const Json& location = part[m::location];
  std::string type = input.value(m::type, "");
  std::string name = input.value(m::nameQuery, "");
  std::string path = input.value(m::path, "");
  if (!type.empty() && location[m::type] != type) return false;
  if (!name.empty() && location.value(m::name, "").find(name) == std::string::npos) return false;
  if (!path.empty() && !location.value(m::path, "").starts_with(path)) return false;
  return true;
}

Output get_documentation_parts(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, input);
  Json items = Json::array();
  // What is not documented has no part.
  if (input.value(m::locationStatus, "DOCUMENTED") == "DOCUMENTED") {
    const Json parts = api.value(kDocumentationParts, Json::object());
    for (const auto& [id, part] : parts.items()) {
      if (matches(part, input)) items.push_back(part);
    }
  }
  return page_of(std::move(items), input);
}

Output update_documentation_part(Control& control, Context& context, Json input) {
  static const NamedPatches kRules{{{"/properties", {Kind::text, check_properties}}}, {}, {}};
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_documentation_part());
  Json& part = found_part(api, input);
  apply_named_patches(part, input.value(m::patchOperations, Json()), kRules);
  Json answer = part;
  control.save_api(context, api);
  return answer;
}

Output delete_documentation_part(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  found_part(api, input);
  api[kDocumentationParts].erase(input[m::documentationPartId].get<std::string>());
  control.save_api(context, api);
  return Json::object();
}

Output import_documentation_parts(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  const auto& bytes = input[m::body].get_binary();
  Json document;
  try {
    document = parse_openapi_text(std::string(bytes.begin(), bytes.end()));
  } catch (const OpenapiTextError&) {
    throw errors::bad_importer_input();
  }
  if (!document.is_object() || !document.contains(kDocumentationExtension)) {
    throw errors::bad_importer_input();
  }
  if (input.value(m::mode, "merge") == "overwrite") api[kDocumentationParts] = Json::object();
  Json ids = import_documentation(control, context, api, document);
  control.save_api(context, api);
  return Json{{m::ids, std::move(ids)}};
}

Json version_view(Json version) {
  version.erase(kParts);
  return version;
}

Json load_version(const Control& control, const Context& context, const Json& input) {
  control.load_api(context, input);
  auto version = control.store.row(
      context.realm->id, kDocumentationVersionKind,
      {input[m::restApiId].get<std::string>(), input[m::documentationVersion].get<std::string>()});
  if (!version) throw errors::not_found("Invalid Documentation version identifier specified");
  return *std::move(version);
}

void put_version(const Control& control, const Context& context, storage::Batch& batch,
                 const std::string& api, const Json& version) {
  control.store.put_row(batch, context.realm->id, kDocumentationVersionKind,
                        {api, version[m::version].get<std::string>()}, version);
}

Output create_documentation_version(Control& control, Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  std::string name = input[m::documentationVersion];
  auto lock = control.lock_api(context, api_id);
  Json api = control.load_api(context, input);
  if (name.empty()) throw errors::bad_request("Documentation version must be non-empty");
  RealmId realm = context.realm->id;
  if (control.store.row(realm, kDocumentationVersionKind, {api_id, name})) {
    throw errors::conflict("Documentation version already exists");
  }
  Json version = {{m::version, name},
                  {m::createdDate, control.now_seconds()},
                  {kParts, api.value(kDocumentationParts, Json::object())}};
  if (input.contains(m::description)) version[m::description] = input[m::description];
  storage::Batch batch;
  put_version(control, context, batch, api_id, version);
  if (input.contains(m::stageName)) {
    auto stage = control.store.stage(realm, api_id, input[m::stageName]);
    if (!stage) throw errors::no_such_stage();
    (*stage)[m::documentationVersion] = name;
    control.store.put_stage(batch, realm, api_id, *stage);
  }
  context.commit(batch);
  return version_view(std::move(version));
}

Output get_documentation_version(Control& control, Context& context, Json input) {
  return version_view(load_version(control, context, input));
}

Output get_documentation_versions(Control& control, Context& context, Json input) {
  control.load_api(context, input);
  Json items = Json::array();
  for (auto& version : control.store.rows(context.realm->id, kDocumentationVersionKind,
                                          {input[m::restApiId].get<std::string>()})) {
    items.push_back(version_view(std::move(version)));
  }
  return page_of(std::move(items), input);
}

Output update_documentation_version(Control& control, Context& context, Json input) {
  static const NamedPatches kRules{{{"/description", {Kind::text}}}, {}, {}};
  std::string api_id = input[m::restApiId];
  auto lock = control.lock_api(context, api_id);
  Json version = load_version(control, context, input);
  apply_named_patches(version, input.value(m::patchOperations, Json()), kRules);
  storage::Batch batch;
  put_version(control, context, batch, api_id, version);
  context.commit(batch);
  return version_view(std::move(version));
}

Output delete_documentation_version(Control& control, Context& context, Json input) {
  std::string api_id = input[m::restApiId];
  auto lock = control.lock_api(context, api_id);
  Json version = load_version(control, context, input);
  storage::Batch batch;
  control.store.erase_row(batch, context.realm->id, kDocumentationVersionKind,
                          {api_id, version[m::version].get<std::string>()});
  context.commit(batch);
  return Json::object();
}

// A location as AWS keeps it: what is below a path has one, the root's unless it says another.
Json located(const Json& given) {
  static const std::set<std::string> kWithoutPath{"API", "AUTHORIZER", "MODEL"};
  if (!given.is_object() || !given.contains(m::type)) throw errors::bad_importer_input();
  for (const auto& value : given) {
    if (!value.is_string()) throw errors::bad_importer_input();
  }
  Json location = given;
  if (!kWithoutPath.contains(location[m::type].get<std::string>()) && !location.contains(m::path)) {
    location[m::path] = "/";
  }
  return location;
}

}  // namespace documentation_detail

Json import_documentation(Control& control, const gateway::RequestContext& context, Json& api,
                          const Json& document) {
  using documentation_detail::located;
  Json ids = Json::array();
  const Json extension = document.value(kDocumentationExtension, Json::object());
  if (!extension.is_object()) throw errors::bad_importer_input();
  const Json parts = extension.value(kDocumentationParts, Json::array());
  for (const auto& part : parts) {
    if (!part.is_object() || !part.contains(m::location) || !part.contains(m::properties)) {
      throw errors::bad_importer_input();
    }
    const Json& properties = part[m::properties];
    std::string text = properties.is_string() ? properties.get<std::string>() : properties.dump();
    Json& all = api[kDocumentationParts];
    if (!all.is_object()) all = Json::object();
    Json location = located(part[m::location]);
    std::string id;
    for (const auto& [known, other] : all.items()) {
      if (other[m::location] == location) id = known;
    }
    if (id.empty()) id = control.new_id(context, "documentation-part", 6);
    all[id] = {{m::id, id}, {m::location, location}, {m::properties, text}};
    ids.push_back(id);
  }
  return ids;
}

std::vector<ControlRow> documentation_rows() {
  namespace d = documentation_detail;
  return {
      {"CreateDocumentationPart", d::create_documentation_part, "apigateway:POST"},
      {"GetDocumentationPart", d::get_documentation_part, "apigateway:GET"},
      {"GetDocumentationParts", d::get_documentation_parts, "apigateway:GET",
       gateway::Fidelity::partial("parts that are missing are not listed")},
      {"UpdateDocumentationPart", d::update_documentation_part, "apigateway:PATCH"},
      {"DeleteDocumentationPart", d::delete_documentation_part, "apigateway:DELETE"},
      {"ImportDocumentationParts", d::import_documentation_parts, "apigateway:PUT",
       gateway::Fidelity::full(), true},
      {"CreateDocumentationVersion", d::create_documentation_version, "apigateway:POST"},
      {"GetDocumentationVersion", d::get_documentation_version, "apigateway:GET"},
      {"GetDocumentationVersions", d::get_documentation_versions, "apigateway:GET"},
      {"UpdateDocumentationVersion", d::update_documentation_version, "apigateway:PATCH"},
      {"DeleteDocumentationVersion", d::delete_documentation_version, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
