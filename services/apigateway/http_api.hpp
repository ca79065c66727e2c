// The data plane of HTTP APIs: from a request to a deployed stage to its integration and back.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "gateway/service.hpp"
#include "services/apigateway/endpoints.hpp"
#include "services/apigateway/http_api_authorizers.hpp"
#include "services/apigateway/http_api_event.hpp"
#include "services/apigateway/http_api_mapping.hpp"
#include "services/apigateway/http_api_throttle.hpp"
#include "services/apigateway/v2_served.hpp"

namespace paddock::services::apigateway::v2 {

// Thread-safe. References must outlive it.
class HttpApis {
 public:
  HttpApis(gateway::Platform& platform, ServedApis& served, Endpoints& endpoints);

  // Answers a request whose address is one of an HTTP API.
  Task<void> execute(http::Exchange& exchange, gateway::RequestContext& context, V2Address address);
  void forget_authorizations(const std::string& api) { authorizers_.forget(api); }

 private:
  using Context = gateway::RequestContext;
  struct Call;

  Task<http::Response> answer(http::Exchange& exchange, Context& context, const ServedApi& api,
                              ServedApi::Choice choice);
  Task<http::Response> invoke(Context& context, Call& call);
  Task<http::Response> invoke_lambda(Context& context, Call& call);
  Task<http::Response> invoke_http(Call& call);
  Authorization signed_by_caller(const Json& route, HttpEventSource& source) const;
  // What mappings of the request refer to; points into `call`.
  static MappingSource mapping_source(const Call& call);

  gateway::Platform& platform_;
  ServedApis& served_;
  Endpoints& endpoints_;
  HttpApiAuthorizers authorizers_;
  HttpApiThrottle throttle_;
};

// {"message": …} with a status, as HTTP APIs answer by themselves.
http::Response http_api_error(int status, std::string_view message);

}  // namespace paddock::services::apigateway::v2
