// Request validators: which parts of a request a method checks.
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace request_validators_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

Json& found_validator(Json& api, const Json& input) {
  Json& all = api[kRequestValidators];
  std::string id = input[m::requestValidatorId];
  if (!all.is_object() || !all.contains(id)) throw errors::no_such_validator();
  return all[id];
}

void check_name(const std::string& name) {
  if (name.empty()) throw errors::bad_request("Request Validator name cannot be blank");
}

Output create_request_validator(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input,
                                 errors::bad_request("Invalid REST API identifier specified"));
  check_name(input.value(m::name, ""));
  std::string id = control.new_id(context, "request-validator", 6);
  Json validator = {
      {m::id, id},
      {m::name, input[m::name]},
      {m::validateRequestBody, input.value(m::validateRequestBody, false)},
      {m::validateRequestParameters, input.value(m::validateRequestParameters, false)}};
  api[kRequestValidators][id] = validator;
  control.save_api(context, api);
  return validator;
}

Output get_request_validator(Control& control, Context& context, Json input) {
  Json api = control.load_api_or(context, input, errors::no_such_validator());
  return found_validator(api, input);
}

Output get_request_validators(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, input);
  return page_of(values_of(api.value(kRequestValidators, Json::object())), input);
}

Output update_request_validator(Control& control, Context& context, Json input) {
  static const NamedPatches kRules{{{"/name", {Kind::text, check_name}},
                                    {"/validateRequestParameters", {Kind::boolean}},
                                    {"/validateRequestBody", {Kind::boolean}}},
                                   {},
                                   {}};
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_validator());
  Json& validator = found_validator(api, input);
  apply_named_patches(validator, input.value(m::patchOperations, Json()), kRules);
  Json answer = validator;
  control.save_api(context, api);
  return answer;
}

Output delete_request_validator(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_validator());
  found_validator(api, input);
  std::string id = input[m::requestValidatorId];
  std::string user = method_that(api, m::requestValidatorId, id);
  if (!user.empty()) {
    throw errors::conflict("Cannot delete request validator '" + id +
                           "', is referenced in method: " + user);
  }
  api[kRequestValidators].erase(id);
  control.save_api(context, api);
  return Json::object();
}

}  // namespace request_validators_detail

std::vector<ControlRow> request_validator_rows() {
  namespace d = request_validators_detail;
  return {
      {"CreateRequestValidator", d::create_request_validator, "apigateway:POST"},
      {"GetRequestValidator", d::get_request_validator, "apigateway:GET"},
      {"GetRequestValidators", d::get_request_validators, "apigateway:GET"},
      {"UpdateRequestValidator", d::update_request_validator, "apigateway:PATCH"},
      {"DeleteRequestValidator", d::delete_request_validator, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
