#include "services/apigateway/model.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace {

bool is_path_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == ':' || c == '~' || c == '$' || c == '@' || c == ',';
}

std::string path_of(const Json& resources, const std::string& id) {
  const Json& resource = resources.at(id);
  if (!resource.contains(m::parentId)) return "/";
  std::string parent = path_of(resources, resource[m::parentId].get<std::string>());
  if (parent != "/") parent += '/';
  return parent + resource[m::pathPart].get<std::string>();
}

std::vector<std::string_view> path_segments(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::string_view part : split(path, '/')) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::string variable_name(std::string_view part) {
  part.remove_prefix(1);
  part.remove_suffix(is_greedy(std::string(1, '{') + std::string(part)) ? 2 : 1);
  return std::string(part);
}

}  // namespace

Json rest_api_view(Json api) {
  for (const char* part : kSnapshot) api.erase(part);
  api.erase(kDocumentationParts);
  return api;
}

void check_http_method(const std::string& method) {
  static constexpr std::array<std::string_view, 8> kMethods{"GET",   "PUT",     "POST", "DELETE",
                                                            "PATCH", "OPTIONS", "HEAD", "ANY"};
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    throw errors::bad_http_method();
  }
}

bool is_variable(std::string_view part) {
  return part.size() > 2 && part.front() == '{' && part.back() == '}';
}

bool is_greedy(std::string_view part) {
  return is_variable(part) && part.size() > 3 && part[part.size() - 2] == '+';
}

void check_path_part(const std::string& part) {
  std::string_view name = part;
  if (is_variable(part)) name = name.substr(1, part.size() - (is_greedy(part) ? 3 : 2));
  if (name.empty() || part.size() > kMaxPathPart ||
      !std::all_of(name.begin(), name.end(), is_path_character)) {
    throw errors::bad_path_part();
  }
}

void check_new_child(const Json& resources, const std::string& parent, const std::string& part,
                     const std::string& self) {
  const Json& above = resources.at(parent);
  if (above.contains(m::pathPart) && is_greedy(above[m::pathPart].get<std::string>())) {
    throw errors::greedy_parent(above[m::pathPart].get<std::string>());
  }
  for (const auto& [id, resource] : resources.items()) {
    if (id == self || !resource.contains(m::parentId) || resource[m::parentId] != parent) continue;
    std::string sibling = resource[m::pathPart].get<std::string>();
    if (sibling == part) throw errors::same_name_resource(part);
    if (is_variable(part) && is_variable(sibling)) throw errors::second_variable(sibling);
  }
}

std::vector<std::string> subtree(const Json& resources, const std::string& id) {
  std::vector<std::string> ids{id};
  for (size_t i = 0; i < ids.size(); ++i) {
    std::string parent = ids[i];
    for (const auto& [child, resource] : resources.items()) {
      if (resource.contains(m::parentId) && resource[m::parentId] == parent) ids.push_back(child);
    }
  }
  return ids;
}

void update_paths(Json& resources, const std::string& id) {
  for (const auto& one : subtree(resources, id)) resources[one][m::path] = path_of(resources, one);
}

std::optional<std::string> function_of_uri(std::string_view uri) {
  static constexpr std::string_view kMark = ":lambda:path/2015-03-31/functions/";
  static constexpr std::string_view kEnd = "/invocations";
  size_t mark = uri.find(kMark);
  if (!uri.starts_with("arn:") || mark == std::string_view::npos || !uri.ends_with(kEnd)) {
    return std::nullopt;
  }
  uri.remove_suffix(kEnd.size());
  std::string_view function = uri.substr(mark + kMark.size());
  if (function.empty()) return std::nullopt;
  return std::string(function);
}

std::string with_stage_variables(const std::string& text, const Json& variables) {
  static constexpr std::string_view kOpen = "${stageVariables.";
  std::string out;
  size_t at = 0;
  while (true) {
    size_t open = text.find(kOpen, at);
    size_t close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) break;
    out.append(text, at, open - at);
    std::string name = text.substr(open + kOpen.size(), close - open - kOpen.size());
    if (variables.is_object() && variables.contains(name)) {
      out += variables[name].get<std::string>();
    }
    at = close + 1;
  }
  out.append(text, at);
  return out;
}

RouteTree::RouteTree(const Json& resources) : resources_(resources) {
  for (const auto& [id, resource] : resources_.items()) {
    Node* node = &root_;
    bool greedy = false;
    for (std::string_view part : path_segments(resource[m::path].get_ref<const std::string&>())) {
      if (is_greedy(part)) {
        node->greedy = &resource;
        node->greedy_name = variable_name(part);
        greedy = true;
      } else if (is_variable(part)) {
        if (!node->variable) node->variable = std::make_unique<Node>();
        node->variable_name = variable_name(part);
        node = node->variable.get();
      } else {
        auto& child = node->literals[std::string(part)];
        if (!child) child = std::make_unique<Node>();
        node = child.get();
      }
    }
    if (!greedy) node->resource = &resource;
  }
}

std::optional<RouteTree::Match> RouteTree::match(std::string_view path) const {
  Match match;
  if (!find(root_, path_segments(path), 0, match)) return std::nullopt;
  return match;
}

bool RouteTree::find(const Node& node, const std::vector<std::string_view>& parts, size_t at,
                     Match& match) const {
  if (at == parts.size()) {
    match.resource = node.resource;
    return node.resource != nullptr;
  }
  auto literal = node.literals.find(parts[at]);
  if (literal == node.literals.end()) literal = node.literals.find(url_decode(parts[at]));
  if (literal != node.literals.end() && find(*literal->second, parts, at + 1, match)) return true;
  if (node.variable && find(*node.variable, parts, at + 1, match)) {
    match.parameters.emplace(node.variable_name, parts[at]);
    return true;
  }
  if (!node.greedy) return false;
  std::string rest;
  for (size_t i = at; i < parts.size(); ++i) {
    if (i > at) rest += '/';
    rest += parts[i];
  }
  match.resource = node.greedy;
  match.parameters.emplace(node.greedy_name, std::move(rest));
  return true;
}

std::string method_that(const Json& api, const char* member, const std::string& value) {
  for (const auto& [id, resource] : api.at(kResources).items()) {
    if (!resource.contains(m::resourceMethods)) continue;
    for (const auto& [verb, method] : resource[m::resourceMethods].items()) {
      if (method.value(member, "") == value)
        return resource[m::path].get<std::string>() + "/" + verb;
    }
  }
  return "";
}

Json values_of(const Json& by_id) {
  Json values = Json::array();
  for (const auto& value : by_id) values.push_back(value);
  return values;
}

const Json* method_of(const Json& resource, const std::string& http_method) {
  auto methods = resource.find(m::resourceMethods);
  if (methods == resource.end()) return nullptr;
  auto method = methods->find(http_method);
  if (method == methods->end()) method = methods->find("ANY");
  return method == methods->end() ? nullptr : &*method;
}

Json page_of(Json items, const Json& input) {
  size_t first = 0;
  std::string position = input.value(m::position, "");
  if (!position.empty()) {
    auto [end, error] = std::from_chars(position.data(), position.data() + position.size(), first);
    if (error != std::errc() || end != position.data() + position.size()) {
      throw errors::bad_request("Invalid position parameter specified");
    }
  }
  int64_t limit = input.value(m::limit, static_cast<int64_t>(kDefaultPage));
  if (limit < 1) throw errors::bad_request("Invalid limit parameter specified");
  first = std::min(first, items.size());
  size_t last = std::min(items.size(), first + std::min<size_t>(limit, kMaxPage));
  Json page = Json::object();
  page[m::items] = Json::array();
  for (size_t i = first; i < last; ++i) page[m::items].push_back(std::move(items[i]));
  if (last < items.size()) page[m::position] = std::to_string(last);
  return page;
}

}  // namespace paddock::services::apigateway
