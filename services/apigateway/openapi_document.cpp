#include "services/apigateway/openapi_document.hpp"

#include "services/apigateway/openapi_text.hpp"

namespace paddock::services::apigateway {

namespace openapi_document_detail {

constexpr const char* kRef = "$ref";

const Json& empty_object() {
  static const Json kEmpty = Json::object();
  return kEmpty;
}

// Replaces {name} by the defaults of a server's variables.
std::string with_variables(std::string url, const Json& server) {
  const Json variables = server.value("variables", Json::object());
  if (!variables.is_object()) return url;
  for (const auto& [name, variable] : variables.items()) {
    if (!variable.is_object()) continue;
    std::string mark = "{" + name + "}";
    size_t at = url.find(mark);
    if (at == std::string::npos) continue;
    url.replace(at, mark.size(), text_of_value(variable.value("default", Json(""))));
  }
  return url;
}

// "" if the server has no such variable, or it has no default.
std::string default_of_variable(const Json& server, const char* name) {
  const Json variables = server.value("variables", Json::object());
  if (!variables.is_object() || !variables.contains(name)) return "";
  const Json& variable = variables[name];
  return variable.is_object() ? text_of_value(variable.value("default", Json(""))) : "";
}

std::string path_of_url(const std::string& url) {
  size_t scheme = url.find("://");
  size_t from = scheme == std::string::npos ? 0 : url.find('/', scheme + 3);
  return from == std::string::npos ? "" : url.substr(from);
}

constexpr size_t kMaxBytes = 4 * kMaxOpenapiBytes;

// About what a document takes in memory; its depth is bounded.
size_t size_of(const Json& value) {
  size_t bytes = 16;
  if (value.is_string()) return bytes + value.get_ref<const std::string&>().size();
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) bytes += name.size() + size_of(member);
  } else if (value.is_array()) {
    for (const auto& item : value) bytes += size_of(item);
  }
  return bytes;
}

}  // namespace openapi_document_detail

std::string text_of_value(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? "" : value.dump();
}

Json object_at(const Json& parent, const char* member) {
  auto found = parent.is_object() ? parent.find(member) : parent.end();
  return found != parent.end() && found->is_object() ? *found : Json::object();
}

Json list_at(const Json& parent, const char* member) {
  auto found = parent.is_object() ? parent.find(member) : parent.end();
  return found != parent.end() && found->is_array() ? *found : Json::array();
}

std::string text_at(const Json& parent, const char* member) {
  return parent.is_object() && parent.contains(member) ? text_of_value(parent[member]) : "";
}

std::string upper_case(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}

void DefinitionSize::charge(const Json& made) {
  bytes_ += openapi_document_detail::size_of(made);
  if (bytes_ > openapi_document_detail::kMaxBytes) {
    throw OpenapiError("The definition is too large");
  }
}

OpenapiDocument::OpenapiDocument(Json document) : root_(std::move(document)), is_swagger_(false) {
  if (!root_.is_object()) throw OpenapiError("the document is no object");
  std::string swagger = text_of_value(root_.value("swagger", Json()));
  std::string openapi = text_of_value(root_.value("openapi", Json()));
  is_swagger_ = swagger.starts_with("2");
  if (!is_swagger_ && !openapi.starts_with("3.")) {
    throw OpenapiError("neither swagger 2.0 nor openapi 3.0");
  }
  schemas_ = folder("definitions", "schemas");
  security_schemes_ = folder("securityDefinitions", "securitySchemes");
}

const Json& OpenapiDocument::folder(const char* in_swagger, const char* in_openapi) const {
  namespace d = openapi_document_detail;
  const Json* parent = &root_;
  if (!is_swagger_) {
    auto components = root_.find("components");
    if (components == root_.end() || !components->is_object()) return d::empty_object();
    parent = &*components;
  }
  auto found = parent->find(is_swagger_ ? in_swagger : in_openapi);
  if (found == parent->end() || !found->is_object()) return d::empty_object();
  return *found;
}

const Json& OpenapiDocument::resolved(const Json& node) const {
  namespace d = openapi_document_detail;
  const Json* at = &node;
  for (int i = 0; i <= kMaxReferences; ++i) {
    if (!at->is_object() || !at->contains(d::kRef)) return *at;
    std::string reference = text_of_value((*at)[d::kRef]);
    if (!reference.starts_with("#/")) {
      throw OpenapiError("Unable to resolve reference '" + reference + "'");
    }
    try {
      at = &root_.at(Json::json_pointer(reference.substr(1)));
    } catch (const Json::exception&) {
      throw OpenapiError("Unable to resolve reference '" + reference + "'");
    }
  }
  throw OpenapiError("References lead in a circle");
}

std::string OpenapiDocument::base_path() const {
  namespace d = openapi_document_detail;
  std::string path;
  if (is_swagger_) {
    path = text_of_value(root_.value("basePath", Json("")));
  } else {
    const Json servers = root_.value("servers", Json::array());
    if (!servers.is_array() || servers.empty() || !servers[0].is_object()) return "";
    const Json& server = servers[0];
    const std::string url = text_of_value(server.value("url", Json("")));
    // A variable of that name is the base path even if the URL does not have it.
    const std::string base = d::default_of_variable(server, "basePath");
    const bool unused = !base.empty() && url.find("{basePath}") == std::string::npos;
    path = unused ? base : d::path_of_url(d::with_variables(url, server));
  }
  while (!path.empty() && path.back() == '/') path.pop_back();
  if (!path.empty() && path.front() != '/') path = "/" + path;
  return path;
}

std::string OpenapiDocument::schema_name(const Json& schema) const {
  if (!schema.is_object() || !schema.contains("$ref")) return "";
  std::string reference = text_of_value(schema["$ref"]);
  std::string prefix = is_swagger_ ? "#/definitions/" : "#/components/schemas/";
  if (!reference.starts_with(prefix)) return "";
  std::string name = reference.substr(prefix.size());
  return schemas_.contains(name) ? name : "";
}

}  // namespace paddock::services::apigateway
