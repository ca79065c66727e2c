#include "services/apigateway/v2_openapi_import.hpp"

#include <array>
#include <charconv>
#include <map>

#include "core/error.hpp"
#include "core/text.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_model.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

constexpr const char* kAnyMethodMember = "x-amazon-apigateway-any-method";
constexpr const char* kIntegrationMember = "x-amazon-apigateway-integration";
constexpr const char* kAuthorizerMember = "x-amazon-apigateway-authorizer";
constexpr size_t kIdLength = 7;

constexpr std::array<std::pair<const char*, const char*>, 8> kVerbs{{{"get", "GET"},
                                                                     {"put", "PUT"},
                                                                     {"post", "POST"},
                                                                     {"delete", "DELETE"},
                                                                     {"patch", "PATCH"},
                                                                     {"options", "OPTIONS"},
                                                                     {"head", "HEAD"},
                                                                     {kAnyMethodMember, "ANY"}}};

// What a document writes as a number or as digits; null for anything else.
Json number_at(const Json& parent, const char* member) {
  const std::string text = text_at(parent, member);
  int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? Json(number) : Json();
}

// A list, or a text of parts with commas between them.
Json texts_at(const Json& parent, const char* member) {
  Json texts = Json::array();
  const Json list = list_at(parent, member);
  for (const auto& one : list) texts.push_back(text_of_value(one));
  if (!list.empty() || !parent.contains(member)) return texts;
  const std::string all = text_at(parent, member);
  for (std::string_view part : split(all, ',')) {
    if (!trim(part).empty()) texts.push_back(trim(part));
  }
  return texts;
}

void copy_text(const Json& source, const char* from, Json& target, const char* to) {
  std::string text = text_at(source, from);
  if (!text.empty()) target[to] = std::move(text);
}

class HttpApiReader {
 public:
  HttpApiReader(Json& api, const OpenapiDocument& document, std::string prefix, const NewId& new_id)
      : api_(api), document_(document), prefix_(std::move(prefix)), new_id_(new_id) {}

  std::vector<std::string> read() {
    remember_ids();
    read_head();
    read_cors();
    read_authorizers();
    const Json paths = object_at(document_.root(), "paths");
    for (const auto& [path, node] : paths.items()) read_path(path, document_.resolved(node));
    return std::move(warnings_);
  }

 private:
  void warn(std::string text) { warnings_.push_back(std::move(text)); }

  // What AWS answers as a warning; what is not emulated stays an error.
  void warn(const std::string& what, const AwsError& error) {
    if (error.status() == 501) throw error;
    warn(what + ": " + error.message());
  }

  void remember_ids() {
    for (const auto& [id, route] : api_[kRoutes].items()) {
      route_ids_[route[m::RouteKey].get<std::string>()] = id;
    }
    for (const auto& [id, authorizer] : api_[kAuthorizers].items()) {
      authorizer_ids_[authorizer[m::Name].get<std::string>()] = id;
    }
    for (const char* section : {kRoutes, kIntegrations, kAuthorizers}) {
      api_[section] = Json::object();
    }
  }

  std::string id_for(const std::map<std::string, std::string>& former, const std::string& name,
                     const char* kind) {
    auto known = former.find(name);
    return known == former.end() ? new_id_(kind, kIdLength) : known->second;
  }

  void read_head() {
    const Json& root = document_.root();
    const std::string version = text_at(root, "x-amazon-apigateway-importexport-version");
    if (!version.empty() && version != "1.0") {
      throw OpenapiError("Unsupported x-amazon-apigateway-importexport-version: " + version);
    }
    const Json info = object_at(root, "info");
    api_[m::Name] = text_at(info, "title");
    for (const char* member : {m::Version, m::Description}) api_.erase(member);
    copy_text(info, "version", api_, m::Version);
    copy_text(info, "description", api_, m::Description);
    const Json endpoint = object_at(root, "x-amazon-apigateway-endpoint-configuration");
    if (endpoint.contains("disableExecuteApiEndpoint")) {
      api_[m::DisableExecuteApiEndpoint] = text_at(endpoint, "disableExecuteApiEndpoint") == "true";
    }
    const Json tags = list_at(root, "tags");
    for (const auto& tag : tags) {
      const std::string name = text_at(tag, "name");
      if (name.empty() || !tag.contains("x-amazon-apigateway-tag-value")) continue;
      api_[m::Tags][name] = text_at(tag, "x-amazon-apigateway-tag-value");
    }
  }

  void read_cors() {
    api_.erase(m::CorsConfiguration);
    const Json& root = document_.root();
    auto found = root.find("x-amazon-apigateway-cors");
    if (found == root.end()) return;
    if (!found->is_object()) return warn("CORS Scheme is malformed, ignoring.");
    Json cors = Json::object();
    for (auto [from, to] :
         {std::pair{"allowOrigins", m::AllowOrigins}, std::pair{"allowHeaders", m::AllowHeaders},
          std::pair{"allowMethods", m::AllowMethods},
          std::pair{"exposeHeaders", m::ExposeHeaders}}) {
      if (found->contains(from)) cors[to] = texts_at(*found, from);
    }
    if (found->contains("allowCredentials")) {
      cors[m::AllowCredentials] = text_at(*found, "allowCredentials") == "true";
    }
    if (found->contains("maxAge")) {
      cors[m::MaxAge] = number_at(*found, "maxAge");
      if (cors[m::MaxAge].is_null()) return warn("CORS Scheme is malformed, ignoring.");
    }
    api_[m::CorsConfiguration] = std::move(cors);
  }

  void read_authorizers() {
    for (const auto& [name, node] : document_.security_schemes().items()) {
      const Json& scheme = document_.resolved(node);
      const Json extension = object_at(scheme, kAuthorizerMember);
      if (extension.empty()) continue;
      try {
        read_authorizer(name, scheme, extension);
      } catch (const AwsError& error) {
        warn("Unable to create Authorizer '" + name + "'", error);
      }
    }
    if (api_[kAuthorizers].size() > kMaxAuthorizers) throw errors::too_many("Authorizers");
  }

  void read_authorizer(const std::string& name, const Json& scheme, const Json& extension) {
    Json authorizer = {{m::Name, name}, {m::AuthorizerId, id_for(authorizer_ids_, name, "auth")}};
    const std::string type = upper_case(text_at(extension, "type"));
    if (type != "JWT" && type != "REQUEST") {
      throw errors::bad_request("Invalid authorizer type specified: " + type);
    }
    authorizer[m::AuthorizerType] = type;
    authorizer[m::IdentitySource] = texts_at(extension, "identitySource");
    if (type == "JWT") {
      const Json jwt = object_at(extension, "jwtConfiguration");
      std::string issuer = text_at(jwt, "issuer");
      // A scheme of OpenID Connect names its issuer by where it publishes its configuration.
      if (issuer.empty()) issuer = text_at(scheme, "openIdConnectUrl");
      constexpr std::string_view kWellKnown = "/.well-known/openid-configuration";
      if (issuer.ends_with(kWellKnown)) issuer.resize(issuer.size() - kWellKnown.size());
      authorizer[m::JwtConfiguration] = {{m::Issuer, issuer},
                                         {m::Audience, texts_at(jwt, "audience")}};
    } else {
      copy_text(extension, "authorizerUri", authorizer, m::AuthorizerUri);
      copy_text(extension, "authorizerCredentials", authorizer, m::AuthorizerCredentialsArn);
      copy_text(extension, "authorizerPayloadFormatVersion", authorizer,
                m::AuthorizerPayloadFormatVersion);
      const Json ttl = number_at(extension, "authorizerResultTtlInSeconds");
      if (!ttl.is_null()) authorizer[m::AuthorizerResultTtlInSeconds] = ttl;
      if (extension.contains("enableSimpleResponses")) {
        authorizer[m::EnableSimpleResponses] =
            text_at(extension, "enableSimpleResponses") == "true";
      }
    }
    complete_authorizer(api_, authorizer);
    size_.charge(authorizer);
    const std::string id = authorizer[m::AuthorizerId];
    api_[kAuthorizers][id] = std::move(authorizer);
  }

  void read_path(const std::string& path, const Json& item) {
    if (!item.is_object()) return;
    if (!path.starts_with('/')) {
      warn("Parse issue: attribute paths. Resource " + path + " should start with /");
    }
    const std::string full = path.starts_with('/') ? path : "/" + path;
    for (auto [member, verb] : kVerbs) {
      auto operation = item.find(member);
      if (operation == item.end() || !operation->is_object()) continue;
      check_references(path, member, *operation);
      const bool fallback =
          verb == std::string_view("ANY") &&
          (full == "/$default" || text_at(*operation, "isDefaultRoute") == "true");
      read_route(fallback ? "$default" : verb + (" " + prefix_ + full), prefix_ + full, verb,
                 *operation);
    }
  }

  // Answers whose schemas are not there.
  void check_references(const std::string& path, const std::string& verb, const Json& operation) {
    const Json responses = object_at(operation, "responses");
    for (const auto& [status, response] : responses.items()) {
      const Json content = object_at(response, "content");
      for (const auto& [type, media] : content.items()) {
        const Json schema = object_at(media, "schema");
        const std::string reference = text_at(schema, "$ref");
        if (reference.empty() || !document_.schema_name(schema).empty()) continue;
        warn("Parse issue: attribute paths.'" + path + "'(" + verb + ").responses." + status +
             ".content.schema." + reference + " is missing");
      }
    }
  }

  void read_route(const std::string& key, const std::string& path, const std::string& verb,
                  const Json& operation) {
    Json route = {{m::RouteKey, key}, {m::RouteId, id_for(route_ids_, key, kRoutes)}};
    copy_text(operation, "operationId", route, m::OperationName);
    const std::string place = " on '" + verb + "' for resource at path '" + path + "'";
    std::string what = "Unable to put integration" + place;
    try {
      auto source = operation.find(kIntegrationMember);
      if (source != operation.end()) {
        route[m::Target] = "integrations/" + read_integration(document_.resolved(*source));
      }
      what = "Unable to put route" + place;
      read_security(operation, route);
      check_route_key(api_, key, "");
      complete_route(api_, route);
    } catch (const AwsError& error) {
      return warn(what, error);
    }
    const std::string id = route[m::RouteId];
    size_.charge(route);
    api_[kRoutes][id] = std::move(route);
    if (api_[kRoutes].size() > kMaxRoutes) throw errors::too_many("Routes");
  }

  Json parameters_at(const Json& source, const char* member) {
    Json parameters = Json::object();
    const Json given = object_at(source, member);
    for (const auto& [name, value] : given.items()) {
      if (!value.is_structured() && !value.is_null()) parameters[name] = text_of_value(value);
    }
    return parameters;
  }

  std::string read_integration(const Json& source) {
    if (!source.is_object()) throw errors::bad_request("Invalid integration specified");
    Json integration = {{m::IntegrationType, upper_case(text_at(source, "type"))}};
    for (auto [from, to] :
         {std::pair{"uri", m::IntegrationUri}, std::pair{"credentials", m::CredentialsArn},
          std::pair{"connectionId", m::ConnectionId}, std::pair{"description", m::Description},
          std::pair{"integrationSubtype", m::IntegrationSubtype}}) {
      copy_text(source, from, integration, to);
    }
    for (auto [from, to] : {std::pair{"httpMethod", m::IntegrationMethod},
                            std::pair{"connectionType", m::ConnectionType}}) {
      std::string text = upper_case(text_at(source, from));
      if (!text.empty()) integration[to] = std::move(text);
    }
    std::string version = text_at(source, "payloadFormatVersion");
    // A YAML document writes 2.0 as a number.
    if (version == "1" || version == "2") version += ".0";
    if (!version.empty()) integration[m::PayloadFormatVersion] = version;
    const Json timeout = number_at(source, "timeoutInMillis");
    if (!timeout.is_null()) integration[m::TimeoutInMillis] = timeout;
    const Json tls = object_at(source, "tlsConfig");
    if (tls.contains("serverNameToVerify")) {
      integration[m::TlsConfig] = {{m::ServerNameToVerify, text_at(tls, "serverNameToVerify")}};
    }
    Json parameters = parameters_at(source, "requestParameters");
    if (!parameters.empty()) integration[m::RequestParameters] = std::move(parameters);
    const Json responses = object_at(source, "responseParameters");
    for (const auto& [status, mapping] : responses.items()) {
      integration[m::ResponseParameters][status] = parameters_at(responses, status.c_str());
    }
    check_texts(integration);
    complete_integration(api_, integration);
    size_.charge(integration);
    const std::string id = new_id_(kIntegrations, kIdLength);
    integration[m::IntegrationId] = id;
    api_[kIntegrations][id] = std::move(integration);
    if (api_[kIntegrations].size() > kMaxIntegrations) throw errors::too_many("Integrations");
    return id;
  }

  void read_security(const Json& operation, Json& route) {
    const Json& holder = operation.contains("security") ? operation : document_.root();
    const Json requirements = list_at(holder, "security");
    for (const auto& requirement : requirements) {
      if (!requirement.is_object()) continue;
      for (const auto& [name, scopes] : requirement.items()) read_scheme(name, scopes, route);
    }
    const Json auth = object_at(operation, "x-amazon-apigateway-auth");
    if (upper_case(text_at(auth, "type")) == "AWS_IAM") route[m::AuthorizationType] = "AWS_IAM";
  }

  void read_scheme(const std::string& name, const Json& scopes, Json& route) {
    const Json& schemes = document_.security_schemes();
    if (!schemes.contains(name)) {
      return warn("Security scheme '" + name + "' of route '" +
                  route[m::RouteKey].get<std::string>() + "' is not defined");
    }
    const Json& scheme = document_.resolved(schemes[name]);
    if (to_lower(text_at(scheme, "x-amazon-apigateway-authtype")) == "awssigv4") {
      route[m::AuthorizationType] = "AWS_IAM";
      return;
    }
    for (const auto& [id, authorizer] : api_[kAuthorizers].items()) {
      if (authorizer[m::Name] != name) continue;
      const bool jwt = authorizer[m::AuthorizerType] == "JWT";
      route[m::AuthorizationType] = jwt ? "JWT" : "CUSTOM";
      route[m::AuthorizerId] = id;
      if (jwt && scopes.is_array() && !scopes.empty()) {
        route[m::AuthorizationScopes] = texts_at({{"scopes", scopes}}, "scopes");
      }
      return;
    }
    // One that could not be made has been told.
    if (!object_at(scheme, kAuthorizerMember).empty()) return;
    warn("Unsupported security definition type '" + text_at(scheme, "type") + "' for '" + name +
         "'. Ignoring.");
  }

  Json& api_;
  const OpenapiDocument& document_;
  const std::string prefix_;
  const NewId& new_id_;
  DefinitionSize size_;
  std::vector<std::string> warnings_;
  std::map<std::string, std::string> route_ids_;       // by key, what was there
  std::map<std::string, std::string> authorizer_ids_;  // by name
};

}  // namespace

std::vector<std::string> import_http_api(Json& api, const OpenapiDocument& document,
                                         const std::string& base_path, const NewId& new_id) {
  if (document.is_swagger()) throw OpenapiError("HTTP APIs are defined by OpenAPI 3.0");
  return HttpApiReader(api, document, path_prefix(document, base_path), new_id).read();
}

}  // namespace paddock::services::apigateway::v2
