#include "gateway/routing.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/text.hpp"

namespace paddock::gateway {
namespace {

bool is_rest(wire::Protocol protocol) {
  return protocol == wire::Protocol::rest_json || protocol == wire::Protocol::rest_xml;
}

AwsError unknown_operation(const wire::ServiceModel& model, std::string_view name) {
  if (model.protocol == wire::Protocol::aws_query) {
    if (name.empty()) {
      return AwsError("MissingAction", "Missing Action");
    }
    return AwsError("InvalidAction", "Could not find operation " + std::string(name) +
                                         " for version " + std::string(model.api_version));
  }
  // coral services answer an unknown target without a message, and REST ones with 404.
  return AwsError("UnknownOperationException", "", is_rest(model.protocol) ? 404 : 400);
}

std::string_view form_value(const std::vector<std::pair<std::string, std::string>>& form,
                            std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

RoutedApi::RoutedApi(const Service& service, const Api& api) : service_(service), api_(api) {
  std::unordered_map<std::string_view, const Operation*> rows;
  for (const auto& row : api.operations) {
    if (!api.model->find(row.name) || !rows.emplace(row.name, &row).second) {
      throw std::logic_error("operation table of " + std::string(api.model->name) +
                             ": unknown or repeated row " + std::string(row.name));
    }
  }
  for (const auto& operation : api.model->operations) {
    auto routed = std::make_unique<RoutedOperation>();
    routed->model = &operation;
    auto row = rows.find(operation.name);
    if (row != rows.end()) routed->row = row->second;
    by_name_.emplace(operation.name, routed.get());
    operations_.push_back(std::move(routed));
  }
  if (is_rest(api.model->protocol) && !api.addressing.find) {
    rest_ = std::make_unique<wire::RestRouter>(*api.model);
  }
}

const RoutedOperation* RoutedApi::find(std::string_view name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Router::Router(const std::vector<std::unique_ptr<Service>>& services) {
  for (const auto& service : services) {
    for (const auto& api : service->apis()) {
      apis_.push_back(std::make_unique<RoutedApi>(*service, api));
      const RoutedApi* routed = apis_.back().get();
      if (!api.model->target_prefix.empty()) by_target_.emplace(api.model->target_prefix, routed);
      by_signing_name_.emplace(api.model->signing_name, routed);
    }
  }
}

const RoutedApi* Router::route_api(const http::RequestHead& head, std::string_view host,
                                   const std::optional<identity::Signature>& signature) const {
  std::string_view target = head.headers.get("x-amz-target");
  if (!target.empty()) {
    auto found = by_target_.find(target.substr(0, target.find('.')));
    return found == by_target_.end() ? nullptr : found->second;
  }
  // A signed request names its service; it is never taken for another one.
  if (signature) return by_scope(signature->service, head);
  if (const RoutedApi* api = by_host(host, head)) return api;
  if (const RoutedApi* api = by_path(head)) return api;
  return by_claim(head);
}

const RoutedApi* Router::by_scope(std::string_view signing_name,
                                  const http::RequestHead& head) const {
  auto [begin, end] = by_signing_name_.equal_range(signing_name);
  if (begin == end) return nullptr;
  if (std::next(begin) == end) return begin->second;
  // Several APIs share the name (apigateway v1 and v2): the path tells.
  for (auto api = begin; api != end; ++api) {
    const wire::RestRouter* rest = api->second->rest();
    if (rest && rest->match(head.method, head.path, head.query)) {
      return api->second;
    }
  }
  // One that speaks JSON too (SQS): without X-Amz-Target it is the query protocol.
  for (auto api = begin; api != end; ++api) {
    if (api->second->model().protocol == wire::Protocol::aws_query) return api->second;
  }
  return begin->second;
}

const RoutedApi* Router::by_host(std::string_view host, const http::RequestHead& head) const {
  // dynamodb.us-east-1.amazonaws.com, lambda.localhost: the first label is the endpoint prefix.
  size_t dot = host.find('.');
  if (dot == std::string_view::npos) return nullptr;
  std::string_view prefix = host.substr(0, dot);
  std::vector<const RoutedApi*> found;
  for (const auto& api : apis_) {
    if (api->model().endpoint_prefix == prefix) found.push_back(api.get());
    // streams.dynamodb.us-east-1.amazonaws.com
    if (api->model().endpoint_prefix.find('.') != std::string_view::npos &&
        host.starts_with(api->model().endpoint_prefix)) {
      return api.get();
    }
  }
  if (found.empty()) {
    for (const auto& api : apis_) {
      const auto& owns_host = api->api().addressing.owns_host;
      if (owns_host && owns_host(host)) return api.get();
    }
    return nullptr;
  }
  return found.size() == 1 ? found[0] : by_scope(found[0]->model().signing_name, head);
}

const RoutedApi* Router::by_path(const http::RequestHead& head) const {
  for (const auto& api : apis_) {
    if (api->rest() && api->rest()->match(head.method, head.path, head.query)) return api.get();
  }
  return nullptr;
}

const RoutedApi* Router::by_claim(const http::RequestHead& head) const {
  for (const auto& api : apis_) {
    const auto& owns_path = api->api().addressing.owns_path;
    if (owns_path && owns_path(head)) return api.get();
  }
  return nullptr;
}

const RoutedApi* Router::route_query(std::string_view version) const {
  for (const auto& api : apis_) {
    if (api->model().protocol == wire::Protocol::aws_query && api->model().api_version == version) {
      return api.get();
    }
  }
  return nullptr;
}

Route Router::route_operation(const RoutedApi& api, const http::RequestHead& head,
                              std::string_view body) const {
  Route route;
  route.api = &api;
  std::string_view name;
  std::string action;
  switch (api.model().protocol) {
    case wire::Protocol::aws_json_1_0:
    case wire::Protocol::aws_json_1_1:
    case wire::Protocol::cbor: {
      std::string_view target = head.headers.get("x-amz-target");
      size_t dot = target.find('.');
      if (dot != std::string_view::npos) name = target.substr(dot + 1);
      break;
    }
    case wire::Protocol::aws_query:
      try {
        action = form_value(wire::parse_form(body.empty() ? head.query : body), "Action");
      } catch (const std::invalid_argument& error) {
        throw AwsError("MalformedQueryString", error.what(), 404);
      }
      name = action;
      break;
    case wire::Protocol::rest_json:
    case wire::Protocol::rest_xml: {
      if (!api.rest()) {
        Address address = api.api().addressing.find(head);
        name = address.operation;
        route.labels = std::move(address.labels);
        break;
      }
      auto match = api.rest()->match(head.method, head.path, head.query);
      if (!match) throw unknown_operation(api.model(), head.path);
      name = match->operation->name;
      route.labels = std::move(match->labels);
      break;
    }
  }
  route.operation = api.find(name);
  if (!route.operation) throw unknown_operation(api.model(), name);
  return route;
}

const RoutedApi* Router::find(std::string_view model_name) const {
  for (const auto& api : apis_) {
    if (api->model().name == model_name) return api.get();
  }
  return nullptr;
}

}  // namespace paddock::gateway
