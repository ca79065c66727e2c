// Authorizers of an API: Lambda functions asked by token or by request, and user pools
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html).
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/patch.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace authorizers_detail {

using Context = gateway::RequestContext;
using gateway::Output;
using Kind = PatchRule::Kind;

Json& found_authorizer(Json& api, const Json& input) {
  Json& all = api[kAuthorizers];
  std::string id = input[m::authorizerId];
  if (!all.is_object() || !all.contains(id)) throw errors::no_such_authorizer();
  return all[id];
}

Output create_authorizer(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::concurrent_modification());
  Json authorizer = Json::object();
  for (const char* member :
       {m::name, m::type, m::providerARNs, m::authType, m::authorizerUri, m::authorizerCredentials,
        m::identitySource, m::identityValidationExpression, m::authorizerResultTtlInSeconds}) {
    if (input.contains(member)) authorizer[member] = input[member];
  }
  check_authorizer(authorizer);
  const Json others = api.value(kAuthorizers, Json::object());
  for (const auto& [id, other] : others.items()) {
    if (other[m::name] == authorizer[m::name]) {
      throw errors::bad_request("Authorizer name must be unique. Authorizer " +
                                authorizer[m::name].get<std::string>() +
                                " already exists in this RestApi.");
    }
  }
  if (!authorizer.contains(m::authType)) {
    authorizer[m::authType] =
        authorizer[m::type] == "COGNITO_USER_POOLS" ? "cognito_user_pools" : "custom";
  }
  std::string id = control.new_id(context, "authorizer", 6);
  authorizer[m::id] = id;
  api[kAuthorizers][id] = authorizer;
  control.save_api(context, api);
  return authorizer;
}

Output get_authorizer(Control& control, Context& context, Json input) {
  Json api = control.load_api_or(context, input, errors::no_such_authorizer());
  return found_authorizer(api, input);
}

Output get_authorizers(Control& control, Context& context, Json input) {
  Json api = control.load_api(context, input);
  return page_of(values_of(api.value(kAuthorizers, Json::object())), input);
}

Output update_authorizer(Control& control, Context& context, Json input) {
  static const NamedRules kReplace{
      {"/name", {Kind::text}},
      {"/type", {Kind::text, check_authorizer_type}},
      {"/authType", {Kind::text}},
      {"/authorizerUri", {Kind::text}},
      {"/authorizerCredentials", {Kind::text}},
      {"/authorizerResultTtlInSeconds", {Kind::number}},
      {"/identitySource", {Kind::text}},
      {"/identityValidationExpression", {Kind::text}},
  };
  static const NamedRules kList{{"/providerARNs", {Kind::list_value}}};
  static const NamedPatches kRules{kReplace, kList, kList};
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_authorizer());
  Json& authorizer = found_authorizer(api, input);
  apply_named_patches(authorizer, input.value(m::patchOperations, Json()), kRules);
  for (const char* member : {m::authorizerCredentials, m::identityValidationExpression}) {
    if (authorizer.value(member, "").empty()) authorizer.erase(member);
  }
  check_authorizer(authorizer);
  Json answer = authorizer;
  control.save_api(context, api);
  return answer;
}

Output delete_authorizer(Control& control, Context& context, Json input) {
  auto lock = control.lock_api(context, input[m::restApiId]);
  Json api = control.load_api_or(context, input, errors::no_such_authorizer());
  found_authorizer(api, input);
  std::string id = input[m::authorizerId];
  std::string user = method_that(api, m::authorizerId, id);
  if (!user.empty()) {
    throw errors::conflict("Cannot delete authorizer '" + id +
                           "', is referenced in method: " + user);
  }
  api[kAuthorizers].erase(id);
  control.save_api(context, api);
  return Json::object();
}

// Answers of authorizers are cached by stage; the data plane drops them with the stage it serves.
Output flush_stage_authorizers_cache(Control& control, Context& context, Json input) {
  control.load_api(context, input);
  std::string api = input[m::restApiId];
  if (!control.store.stage(context.realm->id, api, input[m::stageName])) {
    throw errors::no_such_stage();
  }
  control.changed(api);
  return Json::object();
}

}  // namespace authorizers_detail

std::vector<ControlRow> authorizer_rows() {
  namespace d = authorizers_detail;
  return {
      {"CreateAuthorizer", d::create_authorizer, "apigateway:POST"},
      {"GetAuthorizer", d::get_authorizer, "apigateway:GET"},
      {"GetAuthorizers", d::get_authorizers, "apigateway:GET"},
      {"UpdateAuthorizer", d::update_authorizer, "apigateway:PATCH"},
      {"DeleteAuthorizer", d::delete_authorizer, "apigateway:DELETE"},
      {"FlushStageAuthorizersCache", d::flush_stage_authorizers_cache, "apigateway:DELETE"},
  };
}

}  // namespace paddock::services::apigateway
