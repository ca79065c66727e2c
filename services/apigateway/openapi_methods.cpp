#include "services/apigateway/openapi_methods.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/model.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace openapi_methods_detail {

constexpr const char* kIntegration = "x-amazon-apigateway-integration";
constexpr const char* kAnyMethod = "x-amazon-apigateway-any-method";

// One operation of a path while it is read.
class MethodReader {
 public:
  MethodReader(OpenapiImport& import, const Json& path_item, const Json& operation,
               std::string path, std::string name)
      : import_(import),
        path_item_(path_item),
        operation_(operation),
        path_(std::move(path)),
        name_(std::move(name)) {}

  Json read(const std::string& resource_id) {
    method_ = {{m::httpMethod, name_}, {m::authorizationType, "NONE"}, {m::apiKeyRequired, false}};
    std::string operation_name = text_of_value(operation_.value("operationId", Json()));
    if (!operation_name.empty()) method_[m::operationName] = operation_name;
    read_parameters();
    read_request_body();
    read_security();
    read_validator();
    read_responses();
    read_integration(resource_id);
    return std::move(method_);
  }

 private:
  std::string where() const { return "of resource '" + path_ + "' and method '" + name_ + "'"; }

  [[noreturn]] void fail(const std::string& what, const std::string& why) const {
    throw OpenapiError("Unable to " + what + " on '" + name_ + "' for resource at path '" + path_ +
                       "': " + why);
  }

  void read_parameters() {
    for (const Json* holder : {&path_item_, &operation_}) {
      const Json parameters = list_at(*holder, "parameters");
      for (const auto& one : parameters) read_parameter(import_.document.resolved(one));
    }
    // Those of the path need not be declared.
    for (std::string_view part : split(path_, '/')) {
      if (part.size() < 3 || !part.starts_with('{') || !part.ends_with('}')) continue;
      std::string name(part.substr(1, part.size() - 2));
      if (name.back() == '+') name.pop_back();
      method_[m::requestParameters]["method.request.path." + name] = true;
    }
  }

  void read_parameter(const Json& parameter) {
    if (!parameter.is_object()) return;
    std::string name = text_of_value(parameter.value("name", Json()));
    std::string in = text_of_value(parameter.value("in", Json()));
    bool required = parameter.value("required", Json(false)) == true;
    if (in == "body") {
      const Json schema = parameter.value("schema", Json());
      if (!schema.is_object()) return;
      for (const auto& type : media_types("consumes")) {
        method_[m::requestModels][type] = import_.model_of(schema);
      }
      return;
    }
    std::string place = in == "query" ? "querystring" : in == "path" || in == "header" ? in : "";
    if (place.empty() || name.empty()) return;
    method_[m::requestParameters]["method.request." + place + "." + name] =
        required || in == "path";
  }

  // Swagger's consumes and produces: of the operation, else of the document, else JSON.
  std::vector<std::string> media_types(const char* member) const {
    Json types = list_at(operation_, member);
    if (types.empty()) types = list_at(import_.document.root(), member);
    if (types.empty()) types.push_back("application/json");
    std::vector<std::string> out;
    for (const auto& type : types) out.push_back(text_of_value(type));
    return out;
  }

  void read_request_body() {
    if (import_.document.is_swagger() || !operation_.contains("requestBody")) return;
    const Json content = object_at(import_.document.resolved(operation_["requestBody"]), "content");
    for (const auto& [type, media] : content.items()) {
      const Json schema = object_at(media, "schema");
      if (!schema.empty()) method_[m::requestModels][type] = import_.model_of(schema);
    }
  }

  void read_security() {
    const Json* holder = operation_.contains("security") ? &operation_ : &import_.document.root();
    const Json requirements = list_at(*holder, "security");
    for (const auto& requirement : requirements) {
      if (!requirement.is_object()) continue;
      for (const auto& [scheme, scopes] : requirement.items()) read_scheme(scheme, scopes);
    }
    const Json auth = object_at(operation_, "x-amazon-apigateway-auth");
    std::string type = upper_case(text_of_value(auth.value("type", Json())));
    if (type == "AWS_IAM" || type == "NONE") {
      method_[m::authorizationType] = type;
      method_.erase(m::authorizerId);
      method_.erase(m::authorizationScopes);
    }
  }

  void read_scheme(const std::string& name, const Json& scopes) {
    const Json& schemes = import_.document.security_schemes();
    if (!schemes.contains(name)) {
      import_.warnings.push_back("Security scheme '" + name + "' " + where() + " is not defined");
      return;
    }
    const Json scheme = import_.document.resolved(schemes[name]);
    std::string auth_type = text_of_value(scheme.value("x-amazon-apigateway-authtype", Json()));
    if (to_lower(auth_type) == "awssigv4") {
      method_[m::authorizationType] = "AWS_IAM";
      return;
    }
    if (!scheme.contains("x-amazon-apigateway-authorizer")) {
      std::string header = to_lower(text_of_value(scheme.value("name", Json())));
      if (header == "x-api-key") method_[m::apiKeyRequired] = true;
      return;
    }
    for (const auto& [id, authorizer] : import_.api[kAuthorizers].items()) {
      if (authorizer[m::name] != name) continue;
      bool is_pool = authorizer[m::type] == "COGNITO_USER_POOLS";
      method_[m::authorizationType] = is_pool ? "COGNITO_USER_POOLS" : "CUSTOM";
      method_[m::authorizerId] = id;
    }
    if (scopes.is_array() && !scopes.empty()) method_[m::authorizationScopes] = scopes;
  }

  void read_validator() {
    constexpr const char* kValidator = "x-amazon-apigateway-request-validator";
    std::string name = text_of_value(operation_.value(kValidator, Json()));
    if (name.empty()) name = text_of_value(import_.document.root().value(kValidator, Json()));
    if (name.empty()) return;
    const Json validators = import_.api.value(kRequestValidators, Json::object());
    for (const auto& [id, validator] : validators.items()) {
      if (validator[m::name] == name) method_[m::requestValidatorId] = id;
    }
    if (!method_.contains(m::requestValidatorId)) {
      fail("put method", "Invalid Request Validator identifier specified");
    }
  }

  void read_responses() {
    const Json responses = object_at(operation_, "responses");
    for (const auto& [status, node] : responses.items()) {
      bool is_code = status.size() == 3 && status[0] >= '1' && status[0] <= '5' &&
                     std::isdigit(static_cast<unsigned char>(status[1])) &&
                     std::isdigit(static_cast<unsigned char>(status[2]));
      if (!is_code) continue;  // "default" and "2XX" are no status of a method response
      const Json& response = import_.document.resolved(node);
      Json made = {{m::statusCode, status}};
      const Json headers = object_at(response, "headers");
      for (const auto& [name, header] : headers.items()) {
        made[m::responseParameters]["method.response.header." + name] = false;
      }
      read_response_models(response, made);
      method_[m::methodResponses][status] = std::move(made);
    }
  }

  void read_response_models(const Json& response, Json& made) {
    if (import_.document.is_swagger()) {
      const Json schema = object_at(response, "schema");
      if (schema.empty()) return;
      for (const auto& type : media_types("produces")) {
        made[m::responseModels][type] = import_.model_of(schema);
      }
      return;
    }
    const Json content = object_at(response, "content");
    for (const auto& [type, media] : content.items()) {
      const Json schema = object_at(media, "schema");
      if (!schema.empty()) made[m::responseModels][type] = import_.model_of(schema);
    }
  }

  void read_integration(const std::string& resource_id) {
    auto found = operation_.find(kIntegration);
    if (found == operation_.end()) return;
    const Json source = import_.document.resolved(*found);
    if (!source.is_object()) fail("put integration", "Invalid integration specified");
    std::string type = upper_case(text_of_value(source.value("type", Json())));
    static constexpr std::array<std::string_view, 5> kTypes{"HTTP", "MOCK", "AWS_PROXY",
                                                            "HTTP_PROXY", "AWS"};
    if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
      fail("put integration", "Invalid integration type specified: " + type);
    }
    try {
      Json integration = new_integration(integration_input(source, type, resource_id), method_);
      read_integration_responses(source, integration);
      method_[m::methodIntegration] = std::move(integration);
    } catch (const AwsError& error) {
      fail("put integration", error.message());
    }
  }

  Json integration_input(const Json& source, const std::string& type,
                         const std::string& resource_id) {
    Json input = {{m::type, type}, {m::resourceId, resource_id}};
    std::string verb = text_of_value(source.value("httpMethod", Json()));
    if (!verb.empty()) input[m::integrationHttpMethod] = upper_case(verb);
    for (const char* member :
         {m::uri, m::credentials, m::connectionId, m::cacheNamespace, m::integrationTarget}) {
      std::string text = text_of_value(source.value(member, Json()));
      if (!text.empty()) input[member] = text;
    }
    for (const char* member :
         {m::passthroughBehavior, m::contentHandling, m::connectionType, m::responseTransferMode}) {
      std::string text = upper_case(text_of_value(source.value(member, Json())));
      if (!text.empty()) input[member] = text;
    }
    bool is_http = type == "HTTP" || type == "HTTP_PROXY";
    if (is_http && !input.contains(m::connectionType)) input[m::connectionType] = "INTERNET";
    const Json keys = list_at(source, m::cacheKeyParameters);
    if (!keys.empty()) input[m::cacheKeyParameters] = keys;
    if (source.contains(m::timeoutInMillis) && source[m::timeoutInMillis].is_number_integer()) {
      input[m::timeoutInMillis] = source[m::timeoutInMillis];
    }
    const Json tls = object_at(source, m::tlsConfig);
    if (!tls.empty()) {
      input[m::tlsConfig][m::insecureSkipVerification] =
          tls.value(m::insecureSkipVerification, Json(false)) == true;
    }
    for (const char* member : {m::requestParameters, m::requestTemplates}) {
      Json texts = import_.texts_of(source, member, where());
      if (!texts.empty()) input[member] = std::move(texts);
    }
    return input;
  }

  // By the pattern that selects them; "default" is the one without.
  void read_integration_responses(const Json& source, Json& integration) {
    const Json responses = object_at(source, "responses");
    for (const auto& [pattern, response] : responses.items()) {
      if (!response.is_object()) continue;
      Json input = {{m::statusCode, text_of_value(response.value(m::statusCode, Json("200")))}};
      if (pattern != "default") input[m::selectionPattern] = pattern;
      std::string handling = upper_case(text_of_value(response.value(m::contentHandling, Json())));
      if (!handling.empty()) input[m::contentHandling] = handling;
      for (const char* member : {m::responseParameters, m::responseTemplates}) {
        Json texts = import_.texts_of(response, member, where());
        if (!texts.empty()) input[member] = std::move(texts);
      }
      std::string status = input[m::statusCode];
      integration[m::integrationResponses][status] = new_integration_response(input, method_);
    }
  }

  OpenapiImport& import_;
  const Json& path_item_;
  const Json& operation_;
  const std::string path_;
  const std::string name_;
  Json method_;
};

// The id of the resource of a path; it and those above it are made if they are not there.
std::string resource_of(OpenapiImport& import, const std::string& path) {
  Json& resources = import.api[kResources];
  std::string id = import.api[m::rootResourceId];
  std::string so_far;
  for (std::string_view part : split(path, '/')) {
    if (part.empty()) continue;
    so_far += "/" + std::string(part);
    std::string child;
    for (const auto& [known, resource] : resources.items()) {
      if (resource[m::path] == so_far) child = known;
    }
    if (child.empty()) {
      std::string name(part);
      try {
        check_path_part(name);
        check_new_child(resources, id, name, "");
      } catch (const AwsError& error) {
        throw OpenapiError("Unable to create resource at path '" + path + "': " + error.message());
      }
      auto before = import.resource_ids.find(so_far);
      child = before == import.resource_ids.end() ? import.new_id("resource", 6) : before->second;
      resources[child] = {
          {m::id, child}, {m::parentId, id}, {m::pathPart, name}, {m::path, so_far}};
      if (resources.size() > kMaxResources) {
        throw errors::limit_exceeded("Maximum number of resources for this API has been reached");
      }
    }
    id = child;
  }
  return id;
}

// References to schemas of the document become references to models of the API, and names of
// required members are sorted, as AWS's parser of documents leaves them.
void refer_to_models(Json& schema, const OpenapiDocument& document, const std::string& api,
                     int depth) {
  if (depth > 64 || !schema.is_structured()) return;
  auto required = schema.is_object() ? schema.find("required") : schema.end();
  if (required != schema.end() && required->is_array())
    std::sort(required->begin(), required->end());
  std::string name = document.schema_name(schema);
  if (!name.empty()) {
    schema["$ref"] = "https://apigateway.amazonaws.com/restapis/" + api + "/models/" + name;
  }
  for (auto& part : schema) refer_to_models(part, document, api, depth + 1);
}

}  // namespace openapi_methods_detail

void OpenapiImport::remember_ids() {
  for (const auto& [id, resource] : api[kResources].items()) {
    resource_ids[resource[m::path].get<std::string>()] = id;
  }
  for (const char* kind : {kRequestValidators, kAuthorizers, kModels}) {
    const Json all = api.value(kind, Json::object());
    for (const auto& [key, value] : all.items()) {
      ids[kind][value[m::name].get<std::string>()] = value[m::id];
    }
  }
}

std::string OpenapiImport::id_of(const char* kind, const std::string& name) const {
  auto known = ids.find(kind);
  if (known == ids.end()) return "";
  auto found = known->second.find(name);
  return found == known->second.end() ? "" : found->second;
}

void OpenapiImport::add_model(const std::string& name, const Json& schema) {
  bool good = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return c < 128 && std::isalnum(c);
  });
  if (!good) {
    throw OpenapiError("Unable to create model '" + name +
                       "': Model name must be alphanumeric: " + name);
  }
  Json converted = schema;
  openapi_methods_detail::refer_to_models(converted, document, api[m::id], 0);
  std::string id = id_of(kModels, name);
  if (id.empty()) id = new_id("model", 6);
  Json model = {{m::id, id},
                {m::name, name},
                {m::contentType, "application/json"},
                {m::schema, converted.dump()}};
  std::string description =
      schema.is_object() ? text_of_value(schema.value("description", Json())) : "";
  if (!description.empty()) model[m::description] = description;
  size.charge(model);
  api[kModels][name] = std::move(model);
}

std::string OpenapiImport::model_of(const Json& schema) {
  std::string name = document.schema_name(schema);
  if (!name.empty()) return name;
  name = "MODEL" + new_id("inline-model", 6);
  add_model(name, schema);
  return name;
}

Json OpenapiImport::texts_of(const Json& parent, const char* member, const std::string& where) {
  Json texts = Json::object();
  const Json source = object_at(parent, member);
  for (const auto& [name, value] : source.items()) {
    if (value.is_string()) {
      texts[name] = value;
    } else {
      warnings.push_back("Invalid format for '" + std::string(member) +
                         "'. Expected type string for property '" + name + "' " + where +
                         " but got '" + text_of_value(value) + "'");
    }
  }
  return texts;
}

void import_methods(OpenapiImport& import, const std::string& prefix) {
  namespace d = openapi_methods_detail;
  static constexpr std::array<std::pair<const char*, const char*>, 8> kVerbs{
      {{"get", "GET"},
       {"put", "PUT"},
       {"post", "POST"},
       {"delete", "DELETE"},
       {"patch", "PATCH"},
       {"options", "OPTIONS"},
       {"head", "HEAD"},
       {d::kAnyMethod, "ANY"}}};
  const Json paths = object_at(import.document.root(), "paths");
  for (const auto& [path, node] : paths.items()) {
    const Json& item = import.document.resolved(node);
    if (!item.is_object()) continue;
    std::string full = prefix + (path.starts_with('/') ? path : "/" + path);
    std::string id = d::resource_of(import, full);
    for (auto [member, verb] : kVerbs) {
      auto operation = item.find(member);
      if (operation == item.end() || !operation->is_object()) continue;
      d::MethodReader reader(import, item, *operation, full, verb);
      Json method = reader.read(id);
      import.size.charge(method);
      import.api[kResources][id][m::resourceMethods][verb] = std::move(method);
    }
  }
}

}  // namespace paddock::services::apigateway
