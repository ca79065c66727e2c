#include "services/apigateway/http_api_routes.hpp"

#include "core/text.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_model.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

const Json* route_of_method(const std::map<std::string, const Json*, std::less<>>& methods,
                            std::string_view method) {
  auto own = methods.find(method);
  if (own == methods.end()) own = methods.find(std::string_view("ANY"));
  return own == methods.end() ? nullptr : own->second;
}

std::string joined_parts(const std::vector<std::string>& parts, size_t from) {
  std::string text;
  for (size_t i = from; i < parts.size(); ++i) {
    if (i > from) text += '/';
    text += parts[i];
  }
  return text;
}

}  // namespace

HttpRoutes::HttpRoutes(const Json& routes) {
  for (const auto& [id, route] : routes.items()) {
    add(route.at(m::RouteKey).get_ref<const std::string&>(), route);
  }
}

void HttpRoutes::add(std::string_view key, const Json& route) {
  if (key == "$default") {
    default_ = &route;
    return;
  }
  RouteKey parts(key);
  if (parts.path.empty()) return;
  Node* node = &root_;
  for (std::string_view part : split(parts.path.substr(1), '/')) {
    const bool variable = part.size() > 2 && part.front() == '{';
    std::string_view name = variable ? part.substr(1, part.size() - 2) : part;
    if (variable && name.ends_with('+')) {
      node->greedy_name = name.substr(0, name.size() - 1);
      node->greedy[std::string(parts.method)] = &route;
      return;
    }
    std::unique_ptr<Node>& next = variable ? node->variable : node->literals[std::string(name)];
    if (variable) node->variable_name = name;
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  node->methods[std::string(parts.method)] = &route;
}

bool HttpRoutes::find(const Node& node, const std::vector<std::string>& parts, size_t at,
                      std::string_view method, Match& match) const {
  if (at == parts.size()) {
    match.route = route_of_method(node.methods, method);
    return match.route != nullptr;
  }
  if (auto literal = node.literals.find(parts[at]); literal != node.literals.end()) {
    if (find(*literal->second, parts, at + 1, method, match)) return true;
  }
  if (node.variable && !parts[at].empty() && find(*node.variable, parts, at + 1, method, match)) {
    match.parameters[node.variable_name] = parts[at];
    return true;
  }
  std::string rest = joined_parts(parts, at);
  const Json* greedy = rest.empty() ? nullptr : route_of_method(node.greedy, method);
  if (!greedy) return false;
  match.route = greedy;
  match.parameters[node.greedy_name] = std::move(rest);
  return true;
}

std::optional<HttpRoutes::Match> HttpRoutes::match(std::string_view method,
                                                   std::string_view path) const {
  Match match;
  std::vector<std::string> parts;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (std::string_view part : split(path, '/')) parts.push_back(url_decode(part));
  if (parts.size() <= kMaxPathSegments && find(root_, parts, 0, method, match)) return match;
  if (!default_) return std::nullopt;
  match.route = default_;
  match.parameters.clear();
  return match;
}

}  // namespace paddock::services::apigateway::v2
