#include <algorithm>

#include "core/ids.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace resources_detail {

using Context = gateway::RequestContext;
using gateway::Output;

// A resource as answers show it; its methods in full only when they are embedded.
Json resource_view(Json resource, bool embed_methods) {
  if (!embed_methods && resource.contains(m::resourceMethods)) {
    for (auto& [name, method] : resource[m::resourceMethods].items()) method = Json::object();
  }
  return resource;
}

bool embeds_methods(const Json& input) {
  if (!input.contains(m::embed)) return false;
  const Json& embed = input[m::embed];
  return std::find(embed.begin(), embed.end(), Json("methods")) != embed.end();
}

Json& resource_of(Json& api, const Json& input, const char* member) {
  auto found = api[kResources].find(input.at(member).get<std::string>());
  if (found == api[kResources].end()) throw errors::no_such_resource();
  return *found;
}

void rename_resource(Json& resources, const std::string& id, const std::string& part) {
  check_path_part(part);
  check_new_child(resources, resources[id][m::parentId], part, id);
  resources[id][m::pathPart] = part;
}

void move_resource(Json& resources, const std::string& id, const std::string& parent) {
  if (!resources.contains(parent)) throw errors::no_such_resource();
  std::string part = resources[id][m::pathPart];
  check_new_child(resources, parent, part, id);
  std::vector<std::string> below = subtree(resources, id);
  if (std::find(below.begin(), below.end(), parent) != below.end()) {
    throw errors::bad_request("Resources cannot be cyclical.");
  }
  resources[id][m::parentId] = parent;
}

Output create_resource(Control& control, Context& context, Json input) {
  std::string part = input[m::pathPart];
  check_path_part(part);
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  std::string parent = resource_of(api, input, m::parentId)[m::id];
  check_new_child(api[kResources], parent, part, "");
  if (api[kResources].size() >= kMaxResources) {
    throw errors::limit_exceeded("Maximum number of resources for this API has been reached");
  }
  std::string id = context.platform.ids.base36(context.realm->id, "resource", 6);
  api[kResources][id] = {{m::id, id}, {m::parentId, parent}, {m::pathPart, part}};
  update_paths(api[kResources], id);
  control.save_api(context, api);
  return resource_view(api[kResources][id], false);
}

Output get_resource(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, input);
  return resource_view(resource_of(api, input, m::resourceId), embeds_methods(input));
}

Output get_resources(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, input);
  std::vector<Json> sorted;
  for (auto& [id, resource] : api[kResources].items()) {
    sorted.push_back(resource_view(resource, embeds_methods(input)));
  }
  std::sort(sorted.begin(), sorted.end(), [](const Json& a, const Json& b) {
    return a[m::path].get_ref<const std::string&>() < b[m::path].get_ref<const std::string&>();
  });
  return page_of(Json(std::move(sorted)), input);
}

Output update_resource(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  Json& resource = resource_of(api, input, m::resourceId);
  std::string id = resource[m::id];
  for (const auto& operation : input.value(m::patchOperations, Json::array())) {
    std::string op = operation.value(m::op, "");
    std::string path = operation.value(m::path, "");
    if (op != "replace") {
      throw errors::bad_request("Invalid patch path  '" + path + "' specified for op '" + op +
                                "'. Please choose supported operations");
    }
    if (path != "/pathPart" && path != "/parentId") {
      throw errors::bad_request("Invalid patch path  '" + path +
                                "' specified for op 'replace'. Must be one of: [/parentId, "
                                "/pathPart]");
    }
    if (!resource.contains(m::parentId)) throw errors::no_such_parent_change(path.substr(1));
    std::string value = operation.value(m::value, "");
    if (path == "/parentId") {
      move_resource(api[kResources], id, value);
    } else {
      rename_resource(api[kResources], id, value);
    }
    update_paths(api[kResources], id);
  }
  control.save_api(context, api);
  return resource_view(api[kResources][id], false);
}

Output delete_resource(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  const Json& resource = resource_of(api, input, m::resourceId);
  if (!resource.contains(m::parentId)) {
    throw errors::bad_request("Cannot delete root resource.");
  }
  for (const auto& id : subtree(api[kResources], resource[m::id].get<std::string>())) {
    api[kResources].erase(id);
  }
  control.save_api(context, api);
  return Json::object();
}

}  // namespace resources_detail

std::vector<ControlRow> resource_rows() {
  namespace d = resources_detail;
  return {
      {"CreateResource", d::create_resource, "apigateway:POST"},
      {"GetResource", d::get_resource, "apigateway:GET"},
      {"GetResources", d::get_resources, "apigateway:GET"},
      {"UpdateResource", d::update_resource, "apigateway:PATCH"},
      {"DeleteResource", d::delete_resource, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
