// Models: JSON Schemas that requests are checked against and templates are made from.
#include <algorithm>

#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/model_schemas.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace models_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

Json& found_model(Json& api, const Json& input) {
  std::string name = input[m::modelName];
  Json& all = api[kModels];
  if (!all.is_object() || !all.contains(name)) throw errors::no_such_model(name);
  return all[name];
}

void check_name(const std::string& name) {
  if (name.empty()) throw errors::bad_request("Model name must be non-empty");
  bool good = std::all_of(name.begin(), name.end(),
                          [](unsigned char c) { return c < 128 && std::isalnum(c); });
  if (!good) throw errors::bad_request("Model name must be alphanumeric: " + name);
}

Output create_model(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api(context, input);
  std::string name = input[m::name];
  check_name(name);
  check_model_schema(input.value(m::schema, ""));
  Json& all = api[kModels];
  if (all.is_object() && all.contains(name)) {
    throw errors::conflict("Model name already exists for this REST API");
  }
  Json model = {{m::id, control.new_id(context, "model", 6)},
                {m::name, name},
                {m::schema, input[m::schema]},
                {m::contentType, input[m::contentType]}};
  if (!input.value(m::description, "").empty()) model[m::description] = input[m::description];
  all[name] = model;
  control.save_api(context, api);
  return model;
}

Output get_model(Control& control, Context& context, Json input) {
  Json api = control.load_api_or(context, input, errors::no_such_model(input[m::modelName]));
  Json model = found_model(api, input);
  if (input.value(m::flatten, false)) {
    model[m::schema] = flattened_schema(model[m::schema], api[kModels]);
  }
  return model;
}

Output get_models(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, input);
  return page_of(values_of(api.value(kModels, Json::object())), input);
}

Output get_model_template(Control& control, Context& context, Json input) {
  Json api = control.load_api_or(context, input, errors::no_such_model(input[m::modelName]));
  const Json& model = found_model(api, input);
  return Json{{m::value, template_of_schema(model[m::schema], api[kModels])}};
}

Output update_model(Control& control, Context& context, Json input) {
  static const NamedPatches kRules{
      {{"/description", {Kind::text}}, {"/schema", {Kind::text, check_model_schema}}}, {}, {}};
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_model(input[m::modelName]));
  Json& model = found_model(api, input);
  apply_named_patches(model, input.value(m::patchOperations, Json()), kRules);
  if (model.value(m::description, "").empty()) model.erase(m::description);
  Json answer = model;
  control.save_api(context, api);
  return answer;
}

// Where a model is used: "method request: /path/GET", the last path first; "" if nowhere.
std::string user_of(const Json& api, const std::string& name) {
  std::string in_request;
  std::string in_response;
  for (const auto& [id, resource] : api.at(kResources).items()) {
    if (!resource.contains(m::resourceMethods)) continue;
    for (const auto& [verb, method] : resource[m::resourceMethods].items()) {
      std::string path = resource[m::path].get<std::string>() + "/" + verb;
      const Json requests = method.value(m::requestModels, Json::object());
      for (const auto& [type, model] : requests.items()) {
        if (model == name) in_request = std::max(in_request, path);
      }
      const Json responses = method.value(m::methodResponses, Json::object());
      for (const auto& [status, response] : responses.items()) {
        const Json models = response.value(m::responseModels, Json::object());
        for (const auto& [type, model] : models.items()) {
          if (model == name) in_response = std::max(in_response, path + "/" + status);
        }
      }
    }
  }
  if (!in_request.empty()) return "method request: " + in_request;
  if (!in_response.empty()) return "method response: " + in_response;
  return "";
}

Output delete_model(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  std::string name = input[m::modelName];
  Json api = control.load_api_or(context, input, errors::no_such_model(name));
  found_model(api, input);
  std::string user = user_of(api, name);
  if (!user.empty()) {
    throw errors::conflict("Cannot delete model '" + name + "', is referenced in " + user);
  }
  api[kModels].erase(name);
  control.save_api(context, api);
  return Json::object();
}

}  // namespace models_detail

void check_model_names(const Json& api, const Json& models) {
  const Json known = api.value(kModels, Json::object());
  for (const auto& [type, model] : models.items()) {
    std::string name = model.is_string() ? model.get<std::string>() : "";
    if (!known.contains(name)) throw errors::bad_model(name);
  }
}

std::vector<ControlRow> model_rows() {
  namespace d = models_detail;
  return {
      {"CreateModel", d::create_model, "apigateway:POST"},
      {"GetModel", d::get_model, "apigateway:GET"},
      {"GetModels", d::get_models, "apigateway:GET"},
      {"GetModelTemplate", d::get_model_template, "apigateway:GET"},
      {"UpdateModel", d::update_model, "apigateway:PATCH"},
      {"DeleteModel", d::delete_model, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
