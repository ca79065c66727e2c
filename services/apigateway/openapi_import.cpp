#include "services/apigateway/openapi_import.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/model.hpp"
#include "services/apigateway/openapi_methods.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace openapi_import_detail {

void import_models(OpenapiImport& import) {
  for (const auto& [name, schema] : import.document.schemas().items()) {
    import.add_model(name, schema);
  }
}

void import_validators(OpenapiImport& import) {
  const Json validators =
      object_at(import.document.root(), "x-amazon-apigateway-request-validators");
  for (const auto& [name, settings] : validators.items()) {
    std::string id = import.id_of(kRequestValidators, name);
    if (id.empty()) id = import.new_id("request-validator", 6);
    auto flag = [&settings = settings](const char* member) {
      return settings.is_object() && text_at(settings, member) == "true";
    };
    import.api[kRequestValidators][id] = {{m::id, id},
                                          {m::name, name},
                                          {m::validateRequestBody, flag(m::validateRequestBody)},
                                          { m::validateRequestParameters,
                                            flag(m::validateRequestParameters) }};
  }
}

std::string authorizer_type(const std::string& type) {
  std::string lower = to_lower(type);
  if (lower == "token") return "TOKEN";
  if (lower == "request") return "REQUEST";
  if (lower == "cognito_user_pools") return "COGNITO_USER_POOLS";
  return type;
}

void import_authorizer(OpenapiImport& import, const std::string& name, const Json& scheme) {
  const Json extension = object_at(scheme, "x-amazon-apigateway-authorizer");
  std::string id = import.id_of(kAuthorizers, name);
  if (id.empty()) id = import.new_id("authorizer", 6);
  std::string type = authorizer_type(text_at(extension, m::type));
  Json authorizer = {{m::id, id}, {m::name, name}, {m::type, type}};
  for (const char* member : {m::authorizerUri, m::authorizerCredentials, m::identitySource,
                             m::identityValidationExpression}) {
    std::string text = text_at(extension, member);
    if (!text.empty()) authorizer[member] = std::move(text);
  }
  if (extension.contains(m::providerARNs)) authorizer[m::providerARNs] = extension[m::providerARNs];
  std::string ttl = text_at(extension, m::authorizerResultTtlInSeconds);
  if (!ttl.empty()) {
    Json seconds = Json::parse(ttl, nullptr, false);
    if (!seconds.is_number_integer()) {
      throw OpenapiError("Unable to create authorizer '" + name + "': Invalid TTL specified");
    }
    authorizer[m::authorizerResultTtlInSeconds] = seconds;
  }
  std::string header = text_at(scheme, m::name);
  if (type != "REQUEST" && !authorizer.contains(m::identitySource) && !header.empty()) {
    authorizer[m::identitySource] = "method.request.header." + header;
  }
  std::string auth_type = text_at(scheme, "x-amazon-apigateway-authtype");
  authorizer[m::authType] = auth_type.empty() ? "custom" : auth_type;
  try {
    check_authorizer(authorizer);
  } catch (const AwsError& error) {
    throw OpenapiError("Unable to create authorizer '" + name + "': " + error.message());
  }
  import.api[kAuthorizers][id] = std::move(authorizer);
}

void import_authorizers(OpenapiImport& import) {
  for (const auto& [name, scheme] : import.document.security_schemes().items()) {
    const Json& resolved = import.document.resolved(scheme);
    if (resolved.is_object() && resolved.contains("x-amazon-apigateway-authorizer")) {
      import_authorizer(import, name, resolved);
    }
  }
}

void import_gateway_responses(OpenapiImport& import) {
  const std::vector<std::string>& types = gateway_response_types();
  const Json responses = object_at(import.document.root(), "x-amazon-apigateway-gateway-responses");
  for (const auto& [type, settings] : responses.items()) {
    bool known = std::find(types.begin(), types.end(), type) != types.end();
    if (!known || !settings.is_object()) {
      throw OpenapiError("Invalid gateway response type specified: " + type);
    }
    Json input = {{m::responseType, type}};
    std::string status = text_at(settings, m::statusCode);
    if (!status.empty()) input[m::statusCode] = status;
    for (const char* member : {m::responseParameters, m::responseTemplates}) {
      if (!settings.contains(member)) continue;
      input[member] = import.texts_of(settings, member, "gateway response '" + type + "'");
    }
    import.api[kGatewayResponses][type] = new_gateway_response(input);
  }
}

// Drops what a document that overwrites will make again, and remembers the ids of resources.
void clear_definition(Json& api) {
  std::string root = api[m::rootResourceId];
  api[kResources] = {{root, {{m::id, root}, {m::path, "/"}}}};
  for (const char* part :
       {kModels, kRequestValidators, kAuthorizers, kGatewayResponses, kDocumentationParts}) {
    api[part] = Json::object();
  }
}

}  // namespace openapi_import_detail

std::string path_prefix(const OpenapiDocument& document, const std::string& mode) {
  std::string base = document.base_path();
  if (mode == "prepend") return base;
  if (mode != "split" || base.empty()) return "";
  size_t second = base.find('/', 1);
  return second == std::string::npos ? "" : base.substr(second);
}

Json rest_api_of_document(const OpenapiDocument& document) {
  namespace d = openapi_import_detail;
  const Json& root = document.root();
  const Json info = object_at(root, "info");
  Json input = {{m::name, text_at(info, "title")}};
  for (const char* member : {m::description, m::version}) {
    std::string text = text_at(info, member);
    if (!text.empty()) input[member] = text;
  }
  auto types = root.find("x-amazon-apigateway-binary-media-types");
  if (types != root.end() && types->is_array()) {
    input[m::binaryMediaTypes] = Json::array();
    for (const auto& type : *types) input[m::binaryMediaTypes].push_back(text_of_value(type));
  }
  std::string size = text_at(root, "x-amazon-apigateway-minimum-compression-size");
  if (!size.empty()) {
    Json number = Json::parse(size, nullptr, false);
    if (!number.is_number_integer()) throw errors::bad_compression_size();
    input[m::minimumCompressionSize] = number;
  }
  std::string source = text_at(root, "x-amazon-apigateway-api-key-source");
  if (!source.empty()) input[m::apiKeySource] = source;
  std::string policy = text_at(root, "x-amazon-apigateway-policy");
  if (!policy.empty()) input[m::policy] = policy;
  const Json endpoints = object_at(root, "x-amazon-apigateway-endpoint-configuration");
  if (endpoints.contains(m::disableExecuteApiEndpoint)) {
    input[m::disableExecuteApiEndpoint] =
        text_at(endpoints, m::disableExecuteApiEndpoint) == "true";
  }
  return input;
}

std::vector<std::string> import_openapi(Json& api, const OpenapiDocument& document,
                                        const ImportOptions& options, const NewId& new_id) {
  namespace d = openapi_import_detail;
  OpenapiImport import(api, document, new_id);
  import.remember_ids();
  if (options.overwrite) d::clear_definition(api);
  d::import_models(import);
  d::import_validators(import);
  d::import_authorizers(import);
  d::import_gateway_responses(import);
  import_methods(import, path_prefix(document, options.base_path));
  if (api[kResources].size() > kMaxResources) {
    throw errors::limit_exceeded("Maximum number of resources for this API has been reached");
  }
  return std::move(import.warnings);
}

}  // namespace paddock::services::apigateway
