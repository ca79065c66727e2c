// Authorizers and models.
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_service.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

constexpr Part kAuthorizerPart{kAuthorizers, m::AuthorizerId, "Authorizer", kMaxAuthorizers};
constexpr Part kModelPart{kModels, m::ModelId, "Model", kMaxModels};

void complete_model(const Json& api, Json& model) {
  if (!model.contains(m::ContentType)) model[m::ContentType] = "application/json";
  try {
    wire::parse_json(model.at(m::Schema).get_ref<const std::string&>());
  } catch (const std::invalid_argument& error) {
    throw errors::bad_request(std::string("Invalid model schema specified. ") + error.what());
  }
  for (const auto& [id, other] : api.at(kModels).items()) {
    if (other.at(m::Name) == model.at(m::Name) && id != model.value(m::ModelId, "")) {
      throw errors::conflict("Model name already exists for this API");
    }
  }
}

}  // namespace

gateway::Output GatewayV2::create_authorizer(Context& context, Json input) {
  return create_part(context, std::move(input), kAuthorizerPart, complete_authorizer);
}

gateway::Output GatewayV2::get_authorizer(Context& context, Json input) {
  return get_part(context, input, kAuthorizerPart, nullptr);
}

gateway::Output GatewayV2::get_authorizers(Context& context, Json input) {
  return get_parts(context, input, kAuthorizerPart, nullptr);
}

gateway::Output GatewayV2::update_authorizer(Context& context, Json input) {
  check_texts(input);
  return change_api(context, input, [&input](Json& api, const std::string&) {
    Json authorizer = part_of(api, kAuthorizerPart, input);
    Json changes = input;
    changes.erase(m::ApiId);
    changes.erase(m::AuthorizerId);
    merge_members(authorizer, changes);
    complete_authorizer(api, authorizer);
    api[kAuthorizers][input.at(m::AuthorizerId).get<std::string>()] = authorizer;
    return authorizer;
  });
}

gateway::Output GatewayV2::delete_authorizer(Context& context, Json input) {
  return change_api(context, input, [&input](Json& api, const std::string&) {
    std::string id = input.at(m::AuthorizerId);
    part_of(api, kAuthorizerPart, input);
    for (const auto& [route_id, route] : api.at(kRoutes).items()) {
      if (route.value(m::AuthorizerId, "") == id) {
        throw errors::conflict("Cannot delete authorizer '" + id + "', is referenced by route: " +
                               route.at(m::RouteKey).get<std::string>());
      }
    }
    api[kAuthorizers].erase(id);
    return Json::object();
  });
}

gateway::Output GatewayV2::reset_authorizers_cache(Context& context, Json input) {
  Json api = load_api(context, input);
  if (!store_.of_api(kV2StageKind, context.realm->id, input[m::ApiId], input[m::StageName])) {
    throw errors::no_such_stage();
  }
  http_apis_.forget_authorizations(input[m::ApiId]);
  websockets_.forget_authorizations(input[m::ApiId]);
  return Json::object();
}

gateway::Output GatewayV2::create_model(Context& context, Json input) {
  return create_part(context, std::move(input), kModelPart, complete_model);
}

gateway::Output GatewayV2::get_model(Context& context, Json input) {
  return get_part(context, input, kModelPart, nullptr);
}

gateway::Output GatewayV2::get_models(Context& context, Json input) {
  return get_parts(context, input, kModelPart, nullptr);
}

gateway::Output GatewayV2::get_model_template(Context& context, Json input) {
  Json api = load_api(context, input);
  part_of(api, kModelPart, input);
  return Json{{m::Value, "{}"}};
}

gateway::Output GatewayV2::update_model(Context& context, Json input) {
  check_texts(input);
  return change_api(context, input, [&input](Json& api, const std::string&) {
    Json model = part_of(api, kModelPart, input);
    Json changes = input;
    changes.erase(m::ApiId);
    merge_members(model, changes);
    complete_model(api, model);
    api[kModels][input.at(m::ModelId).get<std::string>()] = model;
    return model;
  });
}

gateway::Output GatewayV2::delete_model(Context& context, Json input) {
  return delete_part(context, input, kModelPart);
}

}  // namespace paddock::services::apigateway::v2
