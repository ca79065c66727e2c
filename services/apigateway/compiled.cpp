#include "services/apigateway/compiled.hpp"

#include <charconv>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

CompiledTemplates compile_templates(const Json& owner, const char* member) {
  CompiledTemplates compiled;
  auto templates = owner.find(member);
  if (templates == owner.end() || !templates->is_object()) return compiled;
  for (const auto& [type, text] : templates->items()) {
    CompiledTemplate one;
    if (text.is_string() && !text.get_ref<const std::string&>().empty()) {
      try {
        one.text = vtl::Template::parse(text.get_ref<const std::string&>());
      } catch (const vtl::TemplateError& error) {
        one.error = error.what();
      }
    }
    compiled.emplace(type, std::move(one));
  }
  return compiled;
}

CompiledIntegration::Type integration_type(const std::string& name) {
  using Type = CompiledIntegration::Type;
  if (name == "AWS_PROXY") return Type::aws_proxy;
  if (name == "AWS") return Type::aws;
  if (name == "HTTP") return Type::http;
  return name == "HTTP_PROXY" ? Type::http_proxy : Type::mock;
}

namespace compiled_detail {

int to_status(const std::string& text, int otherwise) {
  int status = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  const bool good = error == std::errc() && end == text.data() + text.size();
  return good && status >= 100 && status < 600 ? status : otherwise;
}

Json member_of(const Json& owner, const char* member) {
  auto found = owner.find(member);
  return found == owner.end() ? Json() : *found;
}

std::string text_of(const Json& owner, const char* member) {
  auto found = owner.find(member);
  return found != owner.end() && found->is_string() ? found->get<std::string>() : "";
}

CompiledResponse compile_response(const std::string& status, const Json& response) {
  CompiledResponse compiled;
  compiled.status = to_status(status, 200);
  compiled.selection = text_of(response, m::selectionPattern);
  if (!compiled.selection.empty()) {
    try {
      compiled.pattern.emplace(compiled.selection);
    } catch (const RegexError&) {
      // It selects nothing.
    }
  }
  compiled.headers = parse_mappings(member_of(response, m::responseParameters));
  compiled.templates = compile_templates(response, m::responseTemplates);
  compiled.content_handling = text_of(response, m::contentHandling);
  return compiled;
}

CompiledIntegration compile_integration(const Json& integration) {
  CompiledIntegration compiled;
  compiled.type = integration_type(text_of(integration, m::type));
  compiled.by_vpc_link = text_of(integration, m::connectionType) == "VPC_LINK";
  compiled.http_method = text_of(integration, m::httpMethod);
  if (compiled.http_method == "ANY") compiled.http_method.clear();
  compiled.uri = text_of(integration, m::uri);
  compiled.timeout = std::chrono::milliseconds(integration.value(m::timeoutInMillis, 29'000));
  compiled.passthrough = text_of(integration, m::passthroughBehavior);
  compiled.content_handling = text_of(integration, m::contentHandling);
  compiled.parameters = parse_mappings(member_of(integration, m::requestParameters));
  compiled.templates = compile_templates(integration, m::requestTemplates);
  compiled.cache_namespace = text_of(integration, m::cacheNamespace);
  const Json keys = member_of(integration, m::cacheKeyParameters);
  for (const auto& key : keys) {
    if (key.is_string()) compiled.cache_keys.push_back(parse_source(key.get<std::string>()));
  }
  const Json responses = member_of(integration, m::integrationResponses);
  if (responses.is_object()) {
    for (const auto& [status, response] : responses.items()) {
      compiled.responses.push_back(compile_response(status, response));
    }
  }
  return compiled;
}

// Models of a deployment by name, each compiled at its first use.
class Models {
 public:
  explicit Models(const Json& models) : models_(models) {}

  std::shared_ptr<const JsonSchema> get(const std::string& name) {
    auto& model = compiled_[name];
    if (!model) {
      const bool there = models_.is_object() && models_.contains(name);
      const std::string schema = there ? models_[name].value(m::schema, "{}") : "{}";
      model = std::make_shared<const JsonSchema>(schema, models_);
    }
    return model;
  }

 private:
  const Json& models_;
  std::map<std::string, std::shared_ptr<const JsonSchema>> compiled_;
};

void compile_validation(const Json& method, const Json& validators, Models& models,
                        CompiledMethod& compiled) {
  const std::string id = text_of(method, m::requestValidatorId);
  if (id.empty() || !validators.is_object() || !validators.contains(id)) return;
  const Json& validator = validators[id];
  if (validator.value(m::validateRequestParameters, false)) {
    const Json parameters = member_of(method, m::requestParameters);
    if (parameters.is_object()) {
      for (const auto& [name, required] : parameters.items()) {
        if (required == true) compiled.required.push_back(parse_source(name));
      }
    }
  }
  compiled.validates_body = validator.value(m::validateRequestBody, false);
  const Json names = member_of(method, m::requestModels);
  if (!compiled.validates_body || !names.is_object()) return;
  for (const auto& [type, name] : names.items()) {
    if (name.is_string()) compiled.models.emplace(type, models.get(name.get<std::string>()));
  }
}

}  // namespace compiled_detail

CompiledAuthorizer compile_authorizer(const Json& authorizer) {
  namespace d = compiled_detail;
  CompiledAuthorizer compiled;
  compiled.id = d::text_of(authorizer, m::id);
  compiled.type = d::text_of(authorizer, m::type);
  compiled.uri = d::text_of(authorizer, m::authorizerUri);
  compiled.ttl = std::chrono::seconds(authorizer.value(m::authorizerResultTtlInSeconds, 300));
  const std::string sources = d::text_of(authorizer, m::identitySource);
  for (std::string_view source : split(sources, ',')) {
    if (!trim(source).empty()) compiled.sources.push_back(parse_source(trim(source)));
  }
  const std::string validation = d::text_of(authorizer, m::identityValidationExpression);
  if (!validation.empty()) {
    try {
      compiled.validation.emplace(validation);
    } catch (const RegexError&) {
      compiled.bad_validation = true;
    }
  }
  return compiled;
}

CompiledDeployment::CompiledDeployment(const Json& deployment)
    : id(compiled_detail::text_of(deployment, m::id)), routes_(deployment.at(kResources)) {
  namespace d = compiled_detail;
  const Json model_documents = d::member_of(deployment, kModels);
  const Json validators = d::member_of(deployment, kRequestValidators);
  d::Models models(model_documents);
  for (const auto& [resource_id, resource] : deployment.at(kResources).items()) {
    const Json methods = d::member_of(resource, m::resourceMethods);
    if (!methods.is_object()) continue;
    for (const auto& [name, method] : methods.items()) {
      CompiledMethod compiled;
      compiled.resource_id = resource_id;
      compiled.resource_path = d::text_of(resource, m::path);
      compiled.http_method = name;
      compiled.authorization = d::text_of(method, m::authorizationType);
      compiled.authorizer = d::text_of(method, m::authorizerId);
      compiled.needs_key = method.value(m::apiKeyRequired, false);
      d::compile_validation(method, validators, models, compiled);
      compiled.integration = d::compile_integration(d::member_of(method, m::methodIntegration));
      methods_.emplace(resource_id + ' ' + name, std::move(compiled));
    }
  }
  const Json authorizers = d::member_of(deployment, kAuthorizers);
  if (authorizers.is_object()) {
    for (const auto& [key, authorizer] : authorizers.items()) {
      authorizers_.emplace(key, compile_authorizer(authorizer));
    }
  }
  const Json responses = d::member_of(deployment, kGatewayResponses);
  if (!responses.is_object()) return;
  for (const auto& [type, response] : responses.items()) {
    CompiledGatewayResponse compiled;
    compiled.status = d::to_status(d::text_of(response, m::statusCode), 0);
    compiled.headers = parse_mappings(d::member_of(response, m::responseParameters));
    compiled.templates = compile_templates(response, m::responseTemplates);
    gateway_responses_.emplace(type, std::move(compiled));
  }
}

const CompiledMethod* CompiledDeployment::method_of_resource(const std::string& resource_id,
                                                             const std::string& http_method) const {
  auto found = methods_.find(resource_id + ' ' + http_method);
  if (found == methods_.end()) found = methods_.find(resource_id + " ANY");
  return found == methods_.end() ? nullptr : &found->second;
}

CompiledDeployment::Match CompiledDeployment::match(std::string_view path,
                                                    const std::string& http_method) const {
  Match match;
  auto found = routes_.match(path);
  if (!found) return match;
  match.method = method_of_resource((*found->resource)[m::id], http_method);
  match.parameters = std::move(found->parameters);
  return match;
}

const CompiledAuthorizer* CompiledDeployment::authorizer(const std::string& id) const {
  auto found = authorizers_.find(id);
  return found == authorizers_.end() ? nullptr : &found->second;
}

const CompiledGatewayResponse* CompiledDeployment::gateway_response(const std::string& type) const {
  auto found = gateway_responses_.find(type);
  return found == gateway_responses_.end() ? nullptr : &found->second;
}

}  // namespace paddock::services::apigateway
