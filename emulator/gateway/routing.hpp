// Which service and operation a request is for (DESIGN 2, steps 2 and 4): X-Amz-Target prefix
// first, then the SigV4 scope, then Host, then path. Unknown is an error, never a default.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/error.hpp"
#include "gateway/service.hpp"
#include "identity/identity.hpp"
#include "wire/rest_router.hpp"

namespace paddock::gateway {

// One row of a service's table with what the gateway keeps beside it.
struct RoutedOperation {
  const wire::OperationModel* model = nullptr;
  const Operation* row = nullptr;  // nullptr: the model has it, the service lacks it
  // Since the start; for /_paddock/metrics.
  mutable std::atomic<uint64_t> calls{0};
  mutable std::atomic<uint64_t> errors{0};
  mutable std::atomic<uint64_t> microseconds{0};
};

// One API with its operations by name. Immutable after construction.
class RoutedApi {
 public:
  // Throws std::logic_error if the table names an operation the model lacks, or one twice.
  RoutedApi(const Service& service, const Api& api);

  const Service& service() const { return service_; }
  const Api& api() const { return api_; }
  const wire::ServiceModel& model() const { return *api_.model; }
  // nullptr: not in the model.
  const RoutedOperation* find(std::string_view name) const;
  // nullptr for APIs that find their operations otherwise.
  const wire::RestRouter* rest() const { return rest_.get(); }
  const std::vector<std::unique_ptr<RoutedOperation>>& operations() const { return operations_; }

 private:
  const Service& service_;
  const Api& api_;
  std::vector<std::unique_ptr<RoutedOperation>> operations_;  // sorted by name
  std::unordered_map<std::string_view, const RoutedOperation*> by_name_;
  std::unique_ptr<wire::RestRouter> rest_;  // REST protocols by the model's paths only
};

// Where a request goes; `operation` is null until the body of an awsQuery request was read.
struct Route {
  const RoutedApi* api = nullptr;
  const RoutedOperation* operation = nullptr;
  std::map<std::string, std::string, std::less<>> labels;
};

// Immutable after construction.
class Router {
 public:
  explicit Router(const std::vector<std::unique_ptr<Service>>& services);

  // The API, from all but the body; nullptr when only an awsQuery body could tell.
  const RoutedApi* route_api(const http::RequestHead& head, std::string_view host,
                             const std::optional<identity::Signature>& signature) const;
  // The API of an unsigned awsQuery call by its Version parameter; nullptr if there is none.
  const RoutedApi* route_query(std::string_view version) const;
  // The operation. Throws AwsError as the service does for an unknown one.
  Route route_operation(const RoutedApi& api, const http::RequestHead& head,
                        std::string_view body) const;

  const RoutedApi* find(std::string_view model_name) const;
  const std::vector<std::unique_ptr<RoutedApi>>& apis() const { return apis_; }

 private:
  const RoutedApi* by_scope(std::string_view signing_name, const http::RequestHead& head) const;
  const RoutedApi* by_host(std::string_view host, const http::RequestHead& head) const;
  const RoutedApi* by_path(const http::RequestHead& head) const;
  const RoutedApi* by_claim(const http::RequestHead& head) const;

  std::vector<std::unique_ptr<RoutedApi>> apis_;
  std::unordered_map<std::string_view, const RoutedApi*> by_target_;
  std::multimap<std::string_view, const RoutedApi*> by_signing_name_;
};

}  // namespace paddock::gateway
