// A deployment turned once into what requests need: routes, parsed templates, mappings, patterns,
// models. So 300 methods cost a request nothing extra. All types are immutable when built.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/json.hpp"
#include "services/apigateway/java_regex.hpp"
#include "services/apigateway/json_schema.hpp"
#include "services/apigateway/mapping_source.hpp"
#include "services/apigateway/model.hpp"
#include "services/apigateway/vtl_template.hpp"

namespace paddock::services::apigateway {

// A template that cannot be parsed fails the requests that need it, as on AWS, and nothing else.
struct CompiledTemplate {
  std::shared_ptr<const vtl::Template>
      text;  // null: see error; and null without one: passes through
  std::string error;
};
using CompiledTemplates = std::map<std::string, CompiledTemplate, std::less<>>;  // by media type

struct CompiledResponse {
  int status = 200;
  std::string selection;             // "": the default
  std::optional<JavaRegex> pattern;  // none for a default, or a pattern that is malformed
  std::vector<Mapping> headers;
  CompiledTemplates templates;
  std::string content_handling;
};

struct CompiledIntegration {
  enum class Type { aws_proxy, aws, http, http_proxy, mock } type = Type::mock;
  bool by_vpc_link = false;
  std::string http_method;  // "": that of the request
  std::string uri;
  std::chrono::milliseconds timeout{29'000};
  std::string passthrough;
  std::string content_handling;
  std::vector<Mapping> parameters;
  CompiledTemplates templates;
  std::vector<CompiledResponse> responses;  // by status code
  std::vector<Source> cache_keys;
  std::string cache_namespace;

  bool is_proxy() const { return type == Type::aws_proxy || type == Type::http_proxy; }
};

struct CompiledMethod {
  std::string resource_id;
  std::string resource_path;
  std::string http_method;  // as defined: may be "ANY"
  std::string authorization;
  std::string authorizer;
  bool needs_key = false;
  std::vector<Source> required;  // parameters, in the order in which AWS names them
  bool validates_body = false;
  std::map<std::string, std::shared_ptr<const JsonSchema>, std::less<>> models;  // by media type
  CompiledIntegration integration;
};

struct CompiledAuthorizer {
  std::string id;
  std::string type;
  std::string uri;
  std::vector<Source> sources;
  std::optional<JavaRegex> validation;
  bool bad_validation = false;  // its pattern is malformed: nothing matches
  std::chrono::seconds ttl{300};
};

struct CompiledGatewayResponse {
  int status = 0;  // 0: that of the error
  std::vector<Mapping> headers;
  CompiledTemplates templates;
};

class CompiledDeployment {
 public:
  // `deployment`: the row, with its snapshot (model.hpp).
  explicit CompiledDeployment(const Json& deployment);

  struct Match {
    const CompiledMethod* method = nullptr;
    std::map<std::string, std::string> parameters;
  };
  // The method for a request; `method` is null if there is none.
  Match match(std::string_view path, const std::string& http_method) const;
  // The method of a resource by id, for test invocations; nullptr if there is none.
  const CompiledMethod* method_of_resource(const std::string& resource_id,
                                           const std::string& http_method) const;
  const CompiledAuthorizer* authorizer(const std::string& id) const;
  // What was put for a type, or for its default; nullptr: AWS's own.
  const CompiledGatewayResponse* gateway_response(const std::string& type) const;

  const std::string id;
  // Every method, for settings by method.
  const std::unordered_map<std::string, CompiledMethod>& methods() const { return methods_; }

 private:
  RouteTree routes_;
  std::unordered_map<std::string, CompiledMethod> methods_;  // by "resource id METHOD"
  std::map<std::string, CompiledAuthorizer> authorizers_;
  std::map<std::string, CompiledGatewayResponse> gateway_responses_;
};

CompiledAuthorizer compile_authorizer(const Json& authorizer);
// The templates in `owner[member]`, by media type or key.
CompiledTemplates compile_templates(const Json& owner, const char* member);
// "AWS_PROXY" …; MOCK for anything else.
CompiledIntegration::Type integration_type(const std::string& name);

}  // namespace paddock::services::apigateway
