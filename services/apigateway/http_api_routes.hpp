// The routes of an HTTP API and which of them a request is for
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html).
// Pure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway::v2 {

// Compiled once per deployment. Immutable; refers to `routes`, which must outlive it.
class HttpRoutes {
 public:
  explicit HttpRoutes(const Json& routes);
  HttpRoutes(const HttpRoutes&) = delete;
  HttpRoutes& operator=(const HttpRoutes&) = delete;

  struct Match {
    const Json* route = nullptr;
    std::map<std::string, std::string> parameters;  // decoded
  };
  // The route for a method and a path as sent, without its stage. Most specific first: a literal
  // beats a variable, both beat a greedy one, that beats $default; the method's own route beats
  // ANY. A path whose routes have other methods falls to the next less specific one. nullopt: no
  // route.
  std::optional<Match> match(std::string_view method, std::string_view path) const;

 private:
  using Methods = std::map<std::string, const Json*, std::less<>>;
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> variable;
    std::string variable_name;
    std::string greedy_name;
    Methods greedy;
    Methods methods;
  };
  void add(std::string_view key, const Json& route);
  bool find(const Node& node, const std::vector<std::string>& parts, size_t at,
            std::string_view method, Match& match) const;

  Node root_;
  const Json* default_ = nullptr;
};

}  // namespace paddock::services::apigateway::v2
