// The doors that browsers use beside the API: preflights and websites.
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

  gateway::Endpoint websites;
  websites.name = "s3 website";
  websites.matches = [](std::string_view host, const http::RequestHead& head) {
    return website_address(host, head.path).has_value();
  };
  websites.handle = [this](http::Exchange& exchange, gateway::RequestContext& context) {
    return serve_website(exchange, context);
  };
  endpoints_.push_back(std::move(websites));
}

}  // namespace paddock::services::s3
