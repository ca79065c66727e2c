#include "services/apigateway/v2_openapi_export.hpp"

#include "core/text.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_model.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

constexpr const char* kSignatureScheme = "sigv4";

class HttpApiWriter {
 public:
  HttpApiWriter(const Json& api, const Json& snapshot, const HttpApiExport& options)
      : api_(api), snapshot_(snapshot), options_(options) {}

  Json write() {
    Json document = head();
    document["paths"] = Json::object();
    for (const auto& [id, route] : snapshot_.at(kRoutes).items()) {
      write_route(route, document["paths"]);
    }
    Json schemes = security_schemes();
    if (!schemes.empty()) document["components"]["securitySchemes"] = std::move(schemes);
    if (!options_.extensions) return document;
    if (snapshot_.contains(m::CorsConfiguration)) {
      document["x-amazon-apigateway-cors"] = cors(snapshot_[m::CorsConfiguration]);
    }
    document["x-amazon-apigateway-importexport-version"] = "1.0";
    return document;
  }

 private:
  Json head() const {
    Json info = {{"title", api_.at(m::Name)}};
    if (api_.contains(m::Description)) info["description"] = api_[m::Description];
    info["version"] = api_.value(m::Version, created());
    Json server = {{"url", "https://" + options_.host + "/{basePath}"},
                   {"variables", {{"basePath", {{"default", options_.stage}}}}}};
    Json document = {{"openapi", "3.0.1"},
                     {"info", std::move(info)},
                     {"servers", Json::array({std::move(server)})}};
    const Json tags = api_.value(m::Tags, Json::object());
    for (const auto& [name, value] : tags.items()) {
      Json tag = {{"name", name}};
      if (options_.extensions) tag["x-amazon-apigateway-tag-value"] = value;
      document["tags"].push_back(std::move(tag));
    }
    return document;
  }

  // Without a version AWS writes when the API was made: "2026-11-20 07:36:00UTC".
  std::string created() const {
    std::string time = iso8601(api_.at(m::CreatedDate).get<int64_t>(), false);
    for (char& c : time) c = c == 'T' ? ' ' : c;
    if (time.ends_with('Z')) time.pop_back();
    return time + "UTC";
  }

  void write_route(const Json& route, Json& paths) {
    const std::string key = route.at(m::RouteKey);
    const RouteKey parts(key);
    const bool fallback = parts.path.empty();
    const std::string path = fallback ? "/$default" : std::string(parts.path);
    const bool any = fallback || parts.method == "ANY";
    Json operation = {
        {"responses", {{"default", {{"description", "Default response for " + key}}}}}};
    if (fallback && options_.extensions) operation["isDefaultRoute"] = true;
    if (route.contains(m::OperationName)) operation["operationId"] = route[m::OperationName];
    write_security(route, operation);
    if (options_.extensions) write_integration(route, operation);
    Json& item = paths[path];
    item[any ? "x-amazon-apigateway-any-method" : to_lower(parts.method)] = std::move(operation);
    if (!item.contains("parameters")) write_path_parameters(path, item);
  }

  static void write_path_parameters(const std::string& path, Json& item) {
    for (std::string_view part : split(path, '/')) {
      if (part.size() < 3 || part.front() != '{') continue;
      const std::string name(part.substr(1, part.size() - 2));
      item["parameters"].push_back({{"name", name},
                                    {"in", "path"},
                                    {"description", "Generated path parameter for " + name},
                                    {"required", true},
                                    {"schema", {{"type", "string"}}}});
    }
  }

  void write_security(const Json& route, Json& operation) {
    const std::string type = route.value(m::AuthorizationType, "NONE");
    if (type == "AWS_IAM") {
      signed_ = true;
      operation["security"].push_back({{kSignatureScheme, Json::array()}});
      return;
    }
    const Json& authorizers = snapshot_.at(kAuthorizers);
    auto found = authorizers.find(route.value(m::AuthorizerId, ""));
    if (found == authorizers.end()) return;
    Json scopes = route.value(m::AuthorizationScopes, Json::array());
    operation["security"].push_back({{found->at(m::Name).get<std::string>(), std::move(scopes)}});
  }

  void write_integration(const Json& route, Json& operation) const {
    const Json& integrations = snapshot_.at(kIntegrations);
    auto found = integrations.find(integration_of_target(route.value(m::Target, "")));
    if (found == integrations.end()) return;
    Json out = {{"type", to_lower(found->at(m::IntegrationType).get<std::string>())}};
    for (auto [from, to] :
         {std::pair{m::IntegrationMethod, "httpMethod"}, std::pair{m::IntegrationUri, "uri"},
          std::pair{m::CredentialsArn, "credentials"}, std::pair{m::ConnectionId, "connectionId"},
          std::pair{m::ConnectionType, "connectionType"}, std::pair{m::Description, "description"},
          std::pair{m::IntegrationSubtype, "integrationSubtype"},
          std::pair{m::PayloadFormatVersion, "payloadFormatVersion"},
          std::pair{m::RequestParameters, "requestParameters"},
          std::pair{m::ResponseParameters, "responseParameters"}}) {
      if (found->contains(from)) out[to] = (*found)[from];
    }
    if (found->value(m::TimeoutInMillis, kMaxHttpTimeoutMs) != kMaxHttpTimeoutMs) {
      out["timeoutInMillis"] = (*found)[m::TimeoutInMillis];
    }
    if (found->contains(m::TlsConfig)) {
      out["tlsConfig"]["serverNameToVerify"] =
          (*found)[m::TlsConfig].value(m::ServerNameToVerify, "");
    }
    operation["x-amazon-apigateway-integration"] = std::move(out);
  }

  Json security_schemes() const {
    Json schemes = Json::object();
    for (const auto& [id, authorizer] : snapshot_.at(kAuthorizers).items()) {
      schemes[authorizer.at(m::Name).get<std::string>()] = scheme(authorizer);
    }
    if (signed_) {
      Json& scheme = schemes[kSignatureScheme];
      scheme = {{"type", "apiKey"}, {"name", "Authorization"}, {"in", "header"}};
      if (options_.extensions) scheme["x-amazon-apigateway-authtype"] = "awsSigv4";
    }
    return schemes;
  }

  Json scheme(const Json& authorizer) const {
    const bool jwt = authorizer.at(m::AuthorizerType) == "JWT";
    const Json sources = authorizer.value(m::IdentitySource, Json::array());
    std::string joined;
    for (const auto& one : sources) {
      joined += (joined.empty() ? "" : ",") + one.get<std::string>();
    }
    Json scheme = {{"type", "oauth2"}};
    if (!jwt) scheme = {{"type", "apiKey"}, {"name", "Authorization"}, {"in", "header"}};
    if (!options_.extensions) return scheme;
    Json extension = {{"type", jwt ? "jwt" : "request"}};
    if (!joined.empty()) extension["identitySource"] = joined;
    if (jwt) {
      const Json& configuration = authorizer.at(m::JwtConfiguration);
      extension["jwtConfiguration"] = {
          {"issuer", configuration.value(m::Issuer, "")},
          {"audience", configuration.value(m::Audience, Json::array())}};
    }
    for (auto [from, to] :
         {std::pair{m::AuthorizerUri, "authorizerUri"},
          std::pair{m::AuthorizerCredentialsArn, "authorizerCredentials"},
          std::pair{m::AuthorizerPayloadFormatVersion, "authorizerPayloadFormatVersion"},
          std::pair{m::AuthorizerResultTtlInSeconds, "authorizerResultTtlInSeconds"},
          std::pair{m::EnableSimpleResponses, "enableSimpleResponses"}}) {
      if (authorizer.contains(from)) extension[to] = authorizer[from];
    }
    scheme["x-amazon-apigateway-authorizer"] = std::move(extension);
    return scheme;
  }

  static Json cors(const Json& source) {
    Json out = Json::object();
    for (auto [from, to] :
         {std::pair{m::AllowOrigins, "allowOrigins"}, std::pair{m::AllowHeaders, "allowHeaders"},
          std::pair{m::AllowMethods, "allowMethods"}, std::pair{m::ExposeHeaders, "exposeHeaders"},
          std::pair{m::AllowCredentials, "allowCredentials"}, std::pair{m::MaxAge, "maxAge"}}) {
      if (source.contains(from)) out[to] = source[from];
    }
    return out;
  }

  const Json& api_;
  const Json& snapshot_;
  const HttpApiExport& options_;
  bool signed_ = false;
};

}  // namespace

Json export_http_api(const Json& api, const Json& snapshot, const HttpApiExport& options) {
  return HttpApiWriter(api, snapshot, options).write();
}

}  // namespace paddock::services::apigateway::v2
