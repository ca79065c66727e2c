#include "services/apigateway/openapi_export.hpp"

#include <functional>
#include <set>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/model.hpp"
#include "services/apigateway/model_schemas.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace openapi_export_detail {

constexpr const char* kApiKeyScheme = "api_key";
constexpr const char* kIamScheme = "sigv4";

class Writer {
 public:
  Writer(const Json& api, const Json& deployment, const ExportOptions& options)
      : api_(api), deployment_(deployment), options_(options) {}

  Json write() {
    Json document = head();
    Json paths = Json::object();
    for (const auto& [id, resource] : deployment_.at(kResources).items()) {
      if (!resource.contains(m::resourceMethods)) continue;
      std::string path = resource[m::path];
      for (const auto& [verb, method] : resource[m::resourceMethods].items()) {
        std::string member = verb == "ANY" ? "x-amazon-apigateway-any-method" : to_lower(verb);
        paths[path][member] = operation(method);
      }
    }
    document["paths"] = std::move(paths);
    write_schemas(document);
    write_schemes(document);
    if (options_.all_extensions) write_extensions(document);
    return document;
  }

 private:
  Json head() const {
    Json info = {{"title", api_[m::name]}};
    if (api_.contains(m::description)) info["description"] = api_[m::description];
    // Without a version AWS writes when the API was made.
    info["version"] = api_.value(m::version, iso8601(api_[m::createdDate].get<int64_t>(), false));
    Json document = {{"info", std::move(info)}};
    if (options_.swagger) {
      document["swagger"] = "2.0";
      document["host"] = options_.host;
      document["basePath"] = "/" + options_.stage;
      document["schemes"] = {"https"};
    } else {
      document["openapi"] = "3.0.1";
      Json server = {{"url", "https://" + options_.host + "/{basePath}"},
                     {"variables", {{"basePath", {{"default", options_.stage}}}}}};
      document["servers"] = Json::array({std::move(server)});
    }
    return document;
  }

  std::string schema_reference(const std::string& model) {
    return (options_.swagger ? "#/definitions/" : "#/components/schemas/") + model;
  }

  Json operation(const Json& method) {
    Json out = Json::object();
    if (method.contains(m::operationName)) out["operationId"] = method[m::operationName];
    write_parameters(method, out);
    write_body(method, out);
    if (options_.swagger) write_media_types(method, out);
    out["responses"] = responses(method);
    write_security(method, out);
    if (options_.all_extensions && method.contains(m::requestValidatorId)) {
      const Json validators = deployment_.value(kRequestValidators, Json::object());
      auto found = validators.find(method[m::requestValidatorId].get<std::string>());
      if (found != validators.end()) {
        out["x-amazon-apigateway-request-validator"] = (*found)[m::name];
      }
    }
    if (options_.integrations && method.contains(m::methodIntegration)) {
      out["x-amazon-apigateway-integration"] = integration(method[m::methodIntegration]);
    }
    return out;
  }

  void write_parameters(const Json& method, Json& out) const {
    const Json parameters = method.value(m::requestParameters, Json::object());
    for (const auto& [name, required] : parameters.items()) {
      std::vector<std::string_view> parts = split(name, '.');
      if (parts.size() < 4) continue;
      std::string place(parts[2] == "querystring" ? "query" : parts[2]);
      size_t prefix = parts[0].size() + parts[1].size() + parts[2].size() + 3;
      Json one = {{"name", name.substr(prefix)}, {"in", place}};
      bool needed = required.is_boolean() && required.get<bool>();
      if (options_.swagger) {
        one["required"] = needed;
        one["type"] = "string";
      } else {
        if (needed) one["required"] = true;
        one["schema"] = {{"type", "string"}};
      }
      out["parameters"].push_back(std::move(one));
    }
  }

  void write_body(const Json& method, Json& out) {
    const Json models = method.value(m::requestModels, Json::object());
    if (models.empty()) return;
    if (options_.swagger) {
      std::string model = models.begin()->get<std::string>();
      out["parameters"].push_back({{"in", "body"},
                                   {"name", model},
                                   {"required", true},
                                   {"schema", {{"$ref", schema_reference(model)}}}});
      return;
    }
    for (const auto& [type, model] : models.items()) {
      out["requestBody"]["content"][type]["schema"]["$ref"] =
          schema_reference(model.get<std::string>());
    }
    out["requestBody"]["required"] = true;
  }

  // What a method takes and gives, from its models and templates.
  void write_media_types(const Json& method, Json& out) const {
    std::set<std::string> consumes;
    std::set<std::string> produces;
    auto add = [](std::set<std::string>& types, const Json& holder, const char* member) {
      const Json map = holder.value(member, Json::object());
      for (const auto& [type, value] : map.items()) types.insert(type);
    };
    add(consumes, method, m::requestModels);
    const Json responses = method.value(m::methodResponses, Json::object());
    for (const auto& [status, response] : responses.items()) {
      add(produces, response, m::responseModels);
    }
    const Json integration = method.value(m::methodIntegration, Json::object());
    add(consumes, integration, m::requestTemplates);
    const Json mapped = integration.value(m::integrationResponses, Json::object());
    for (const auto& [status, response] : mapped.items()) {
      add(produces, response, m::responseTemplates);
    }
    if (!consumes.empty()) out["consumes"] = consumes;
    if (!produces.empty()) out["produces"] = produces;
  }

  Json responses(const Json& method) {
    Json out = Json::object();
    const Json all = method.value(m::methodResponses, Json::object());
    for (const auto& [status, response] : all.items()) {
      Json one = {{"description", status + " response"}};
      const Json headers = response.value(m::responseParameters, Json::object());
      for (const auto& [name, required] : headers.items()) {
        std::string header = name.substr(std::string_view("method.response.header.").size());
        if (options_.swagger) {
          one["headers"][header] = {{"type", "string"}};
        } else {
          one["headers"][header]["schema"] = {{"type", "string"}};
        }
      }
      if (!options_.swagger) one["content"] = Json::object();
      const Json models = response.value(m::responseModels, Json::object());
      for (const auto& [type, model] : models.items()) {
        std::string reference = schema_reference(model.get<std::string>());
        if (options_.swagger) {
          one["schema"]["$ref"] = reference;
        } else {
          one["content"][type]["schema"]["$ref"] = reference;
        }
      }
      out[status] = std::move(one);
    }
    return out;
  }

  void write_security(const Json& method, Json& out) {
    std::string type = method[m::authorizationType];
    if (type == "AWS_IAM") {
      used_iam_ = true;
      out["security"].push_back({{kIamScheme, Json::array()}});
    } else if (method.contains(m::authorizerId)) {
      const Json authorizers = deployment_.value(kAuthorizers, Json::object());
      auto found = authorizers.find(method[m::authorizerId].get<std::string>());
      if (found != authorizers.end()) {
        Json scopes = method.value(m::authorizationScopes, Json::array());
        out["security"].push_back({{(*found)[m::name].get<std::string>(), std::move(scopes)}});
      }
    }
    if (method.value(m::apiKeyRequired, false)) {
      used_api_key_ = true;
      out["security"].push_back({{kApiKeyScheme, Json::array()}});
    }
  }

  Json integration(const Json& source) const {
    Json out = {
        {"type", to_lower(source[m::type].get<std::string>())},
        {"passthroughBehavior", to_lower(source[m::passthroughBehavior].get<std::string>())}};
    for (const char* member : {m::httpMethod, m::uri, m::credentials, m::requestParameters,
                               m::requestTemplates, m::contentHandling, m::connectionId,
                               m::tlsConfig, m::responseTransferMode, m::integrationTarget}) {
      if (source.contains(member)) out[member] = source[member];
    }
    if (source.value(m::connectionType, "") == "VPC_LINK") out[m::connectionType] = "VPC_LINK";
    if (!source[m::cacheKeyParameters].empty()) {
      out[m::cacheKeyParameters] = source[m::cacheKeyParameters];
      out[m::cacheNamespace] = source[m::cacheNamespace];
    }
    if (source[m::timeoutInMillis] != 29000) out[m::timeoutInMillis] = source[m::timeoutInMillis];
    const Json responses = source.value(m::integrationResponses, Json::object());
    for (const auto& [status, response] : responses.items()) {
      std::string pattern = response.value(m::selectionPattern, "");
      Json one = response;
      one.erase(m::selectionPattern);
      out["responses"][pattern.empty() ? "default" : pattern] = std::move(one);
    }
    return out;
  }

  void localize(Json& schema, int depth) {
    if (depth > 64 || !schema.is_structured()) return;
    if (schema.is_object() && schema.contains("$ref") && schema["$ref"].is_string()) {
      std::string model = model_of_reference(schema["$ref"].get<std::string>());
      if (!model.empty()) schema["$ref"] = schema_reference(model);
    }
    for (auto& part : schema) localize(part, depth + 1);
  }

  void write_schemas(Json& document) {
    Json schemas = Json::object();
    const Json models = deployment_.value(kModels, Json::object());
    for (const auto& [name, model] : models.items()) {
      Json schema = Json::parse(model[m::schema].get<std::string>(), nullptr, false);
      if (schema.is_discarded()) continue;
      localize(schema, 0);
      schemas[name] = std::move(schema);
    }
    if (!options_.swagger) document["components"] = Json::object();
    if (schemas.empty()) return;
    if (options_.swagger) {
      document["definitions"] = std::move(schemas);
    } else {
      document["components"]["schemas"] = std::move(schemas);
    }
  }

  Json authorizer_scheme(const Json& authorizer) const {
    static constexpr std::string_view kHeader = "method.request.header.";
    std::string source = authorizer.value(m::identitySource, "");
    Json scheme = {{"type", "apiKey"}, {"in", "header"}};
    bool is_header = source.starts_with(kHeader) && source.find(',') == std::string::npos;
    scheme["name"] = is_header ? source.substr(kHeader.size()) : "Unused";
    if (!options_.authorizers) return scheme;
    scheme["x-amazon-apigateway-authtype"] = authorizer[m::authType];
    Json extension = {{"type", to_lower(authorizer[m::type].get<std::string>())}};
    for (const char* member :
         {m::authorizerUri, m::authorizerCredentials, m::identitySource, m::providerARNs,
          m::identityValidationExpression, m::authorizerResultTtlInSeconds}) {
      if (authorizer.contains(member)) extension[member] = authorizer[member];
    }
    scheme["x-amazon-apigateway-authorizer"] = std::move(extension);
    return scheme;
  }

  void write_schemes(Json& document) const {
    Json schemes = Json::object();
    const Json authorizers = deployment_.value(kAuthorizers, Json::object());
    for (const auto& [id, authorizer] : authorizers.items()) {
      schemes[authorizer[m::name].get<std::string>()] = authorizer_scheme(authorizer);
    }
    if (used_api_key_) {
      schemes[kApiKeyScheme] = {{"type", "apiKey"}, {"name", "x-api-key"}, {"in", "header"}};
    }
    if (used_iam_) {
      schemes[kIamScheme] = {{"type", "apiKey"},
                             {"name", "Authorization"},
                             {"in", "header"},
                             {"x-amazon-apigateway-authtype", "awsSigv4"}};
    }
    if (schemes.empty()) return;
    if (options_.swagger) {
      document["securityDefinitions"] = std::move(schemes);
    } else {
      document["components"]["securitySchemes"] = std::move(schemes);
    }
  }

  void write_extensions(Json& document) const {
    const std::string prefix = "x-amazon-apigateway-";
    if (api_.contains(m::binaryMediaTypes)) {
      document[prefix + "binary-media-types"] = api_[m::binaryMediaTypes];
    }
    if (api_.contains(m::minimumCompressionSize)) {
      document[prefix + "minimum-compression-size"] = api_[m::minimumCompressionSize];
    }
    if (api_.value(m::apiKeySource, "HEADER") != "HEADER") {
      document[prefix + "api-key-source"] = api_[m::apiKeySource];
    }
    if (api_.contains(m::policy)) {
      Json policy = Json::parse(api_[m::policy].get<std::string>(), nullptr, false);
      if (!policy.is_discarded()) document[prefix + "policy"] = std::move(policy);
    }
    const Json validators = deployment_.value(kRequestValidators, Json::object());
    for (const auto& [id, validator] : validators.items()) {
      document[prefix + "request-validators"][validator[m::name].get<std::string>()] = {
          {m::validateRequestBody, validator[m::validateRequestBody]},
          {m::validateRequestParameters, validator[m::validateRequestParameters]}};
    }
    const Json responses = deployment_.value(kGatewayResponses, Json::object());
    for (const auto& [type, response] : responses.items()) {
      Json one = response;
      one.erase(m::responseType);
      one.erase(m::defaultResponse);
      document[prefix + "gateway-responses"][type] = std::move(one);
    }
  }

  const Json& api_;
  const Json& deployment_;
  const ExportOptions& options_;
  bool used_api_key_ = false;
  bool used_iam_ = false;
};

}  // namespace openapi_export_detail

Json export_openapi(const Json& api, const Json& deployment, const ExportOptions& options) {
  return openapi_export_detail::Writer(api, deployment, options).write();
}

}  // namespace paddock::services::apigateway
