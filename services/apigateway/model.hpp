// REST APIs as documents, and the pure rules on them: paths, methods, routes. No I/O.
//
// An API's definition is one document, with the members of the model's RestApi and, in the model's
// own shapes:
//
//   kResources           by id, each with its methods (`resourceMethods`), those with their
//                        integration and responses
//   kModels              by name; kRequestValidators, kAuthorizers, kDocumentationParts: by id
//   kGatewayResponses    by type, those that were put
//
// A template that was given as an empty text is null. A deployment keeps a copy of kSnapshot.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway {

inline constexpr const char* kResources = "resources";
inline constexpr const char* kModels = "models";
inline constexpr const char* kRequestValidators = "requestValidators";
inline constexpr const char* kAuthorizers = "authorizers";
inline constexpr const char* kGatewayResponses = "gatewayResponses";
inline constexpr const char* kDocumentationParts = "documentationParts";
// What a deployment holds still; a later edit is invisible to its stages.
inline constexpr const char* kSnapshot[] = {kResources, kModels, kRequestValidators, kAuthorizers,
                                            kGatewayResponses};

// The API as answers show it: the definition without what has operations of its own.
Json rest_api_view(Json api);

// "GET" … "ANY"; throws BadRequestException for others.
void check_http_method(const std::string& method);
// Throws BadRequestException for a path part that AWS refuses.
void check_path_part(const std::string& part);
bool is_variable(std::string_view part);  // "{name}" or "{name+}"
bool is_greedy(std::string_view part);    // "{name+}"

// Throws the error of a child `part` that `parent` cannot have beside its other children; `self` is
// the resource that is being renamed, "" for a new one.
void check_new_child(const Json& resources, const std::string& parent, const std::string& part,
                     const std::string& self);
// Sets `path` of a resource and of all below it from their path parts.
void update_paths(Json& resources, const std::string& id);
// The ids of a resource and of all below it.
std::vector<std::string> subtree(const Json& resources, const std::string& id);

// The Lambda function's ARN in an integration URI
// ("arn:aws:apigateway:R:lambda:path/2015-03-31/functions/ARN/invocations"); nullopt if it is none.
std::optional<std::string> function_of_uri(std::string_view uri);
// Replaces ${stageVariables.NAME}; a name that is not set becomes "".
std::string with_stage_variables(const std::string& text, const Json& variables);

// The routes of one deployment, compiled once. Immutable.
class RouteTree {
 public:
  explicit RouteTree(const Json& resources);
  RouteTree(const RouteTree&) = delete;  // matches point into it
  RouteTree& operator=(const RouteTree&) = delete;

  struct Match {
    const Json* resource = nullptr;
    std::map<std::string, std::string> parameters;  // as sent, as REST APIs pass them on
  };
  // The resource for a path as the client sent it ("/tag/home"). A literal beats a variable, a
  // variable beats a greedy one.
  std::optional<Match> match(std::string_view path) const;

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> variable;
    std::string variable_name;
    const Json* greedy = nullptr;
    std::string greedy_name;
    const Json* resource = nullptr;
  };
  bool find(const Node& node, const std::vector<std::string_view>& parts, size_t at,
            Match& match) const;

  const Json resources_;
  Node root_;
};

// The method of a resource for an HTTP method: its own, else ANY; nullptr if there is none.
const Json* method_of(const Json& resource, const std::string& http_method);

// One page of `items` for position (the number of the first item) and limit; sets `position` of
// the answer if more follow. Throws BadRequestException for a bad position or limit.
Json page_of(Json items, const Json& input);

}  // namespace paddock::services::apigateway
