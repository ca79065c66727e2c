// Base path mappings: which API and stage a custom domain name serves under which path.
#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace base_path_mappings_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

constexpr const char* kNoPath = "(none)";

// AWS keeps an empty path as "(none)", and shows it so.
std::string settled_path(const std::string& path) {
  return path.empty() || path == "(empty)" ? kNoPath : path;
}

std::string checked_domain(const Control& control, const Context& context, const Json& input) {
  std::string name = to_lower(input[m::domainName].get<std::string>());
  if (!control.store.row(context.realm->id, kDomainNameKind, {name})) {
    throw errors::no_such_domain_name();
  }
  return name;
}

void check_mapping(const Control& control, const Context& context, const Json& mapping) {
  std::string path = mapping[m::basePath];
  bool good = path == kNoPath;
  if (!good) {
    good = path.size() <= 300 && path.front() != '/' && path.back() != '/';
    for (unsigned char c : path) {
      good = good && c < 128 &&
             (std::isalnum(c) ||
              std::string_view("$-_.+!*'()/").find(static_cast<char>(c)) != std::string_view::npos);
    }
  }
  if (!good) throw errors::bad_request("Invalid base path specified: " + path);
  RealmId realm = context.realm->id;
  std::string api = mapping[m::restApiId];
  if (!control.store.api(realm, api)) {
    throw errors::bad_request("Invalid REST API identifier specified");
  }
  std::string stage = mapping.value(m::stage, "");
  if (!stage.empty() && !control.store.stage(realm, api, stage)) {
    throw errors::bad_request("Invalid stage identifier specified");
  }
}

Output create_base_path_mapping(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kDomainNameKind, "");
  std::string domain = checked_domain(control, context, input);
  Json mapping = {{m::basePath, settled_path(input.value(m::basePath, ""))},
                  {m::restApiId, input[m::restApiId]}};
  if (!input.value(m::stage, "").empty()) mapping[m::stage] = input[m::stage];
  check_mapping(control, context, mapping);
  RealmId realm = context.realm->id;
  std::string path = mapping[m::basePath];
  if (control.store.row(realm, kBasePathMappingKind, {domain, path})) {
    throw errors::conflict("Base path already exists for this domain name");
  }
  storage::Batch batch;
  control.store.put_row(batch, realm, kBasePathMappingKind, {domain, path}, mapping);
  context.commit(batch);
  return mapping;
}

Json load_mapping(const Control& control, const Context& context, const Json& input) {
  std::string domain = checked_domain(control, context, input);
  std::string path = settled_path(url_decode(input[m::basePath].get<std::string>()));
  auto mapping = control.store.row(context.realm->id, kBasePathMappingKind, {domain, path});
  if (!mapping) throw errors::no_such_base_path_mapping();
  return *std::move(mapping);
}

Output get_base_path_mapping(Control& control, Context& context, Json input) {
  return load_mapping(control, context, input);
}

Output get_base_path_mappings(Control& control, Context& context, Json input) {
  std::string domain = checked_domain(control, context, input);
  Json items = Json::array();
  for (auto& one : control.store.rows(context.realm->id, kBasePathMappingKind, {domain})) {
    items.push_back(std::move(one));
  }
  return page_of(std::move(items), input);
}

Output update_base_path_mapping(Control& control, Context& context, Json input) {
  static const NamedPatches kRules{{{"/basePath", {Kind::text}},
                                    {"/restapiId", {Kind::text}},
                                    {"/restApiId", {Kind::text}},
                                    {"/stage", {Kind::text}}},
                                   {},
                                   {}};
  auto lock = control.lock_row(context, kDomainNameKind, "");
  Json mapping = load_mapping(control, context, input);
  std::string before = mapping[m::basePath];
  apply_named_patches(mapping, input.value(m::patchOperations, Json()), kRules);
  // The path that the patch operations name in lower case.
  if (mapping.contains("restapiId")) {
    mapping[m::restApiId] = mapping["restapiId"];
    mapping.erase("restapiId");
  }
  mapping[m::basePath] = settled_path(mapping[m::basePath]);
  if (mapping.value(m::stage, "").empty()) mapping.erase(m::stage);
  check_mapping(control, context, mapping);
  std::string domain = to_lower(input[m::domainName].get<std::string>());
  std::string after = mapping[m::basePath];
  RealmId realm = context.realm->id;
  if (after != before && control.store.row(realm, kBasePathMappingKind, {domain, after})) {
    throw errors::conflict("Base path already exists for this domain name");
  }
  storage::Batch batch;
  control.store.erase_row(batch, realm, kBasePathMappingKind, {domain, before});
  control.store.put_row(batch, realm, kBasePathMappingKind, {domain, after}, mapping);
  context.commit(batch);
  return mapping;
}

Output delete_base_path_mapping(Control& control, Context& context, Json input) {
  auto lock = control.lock_row(context, kDomainNameKind, "");
  Json mapping = load_mapping(control, context, input);
  storage::Batch batch;
  control.store.erase_row(
      batch, context.realm->id, kBasePathMappingKind,
      {to_lower(input[m::domainName].get<std::string>()), mapping[m::basePath].get<std::string>()});
  context.commit(batch);
  return Json::object();
}

}  // namespace base_path_mappings_detail

std::vector<ControlRow> base_path_mapping_rows() {
  namespace d = base_path_mappings_detail;
  return {
      {"CreateBasePathMapping", d::create_base_path_mapping, "apigateway:POST"},
      {"GetBasePathMapping", d::get_base_path_mapping, "apigateway:GET"},
      {"GetBasePathMappings", d::get_base_path_mappings, "apigateway:GET"},
      {"UpdateBasePathMapping", d::update_base_path_mapping, "apigateway:PATCH"},
      {"DeleteBasePathMapping", d::delete_base_path_mapping, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
