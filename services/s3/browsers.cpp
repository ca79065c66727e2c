// The doors that browsers use beside the API: preflights.
#include "services/s3/service.hpp"

namespace paddock::services::s3 {

void S3::add_browser_endpoints() {
  gateway::Endpoint preflights;
  preflights.name = "s3 preflight";
  preflights.matches = [this](std::string_view, const http::RequestHead& head) {
    return answers_preflight(head);
  };
  preflights.handle = [this](http::Exchange& exchange, gateway::RequestContext& context) {
    http::Response response = preflight(exchange.head(), context.request_id);
    return exchange.respond(std::move(response));
  };
  endpoints_.push_back(std::move(preflights));
}

}  // namespace paddock::services::s3
