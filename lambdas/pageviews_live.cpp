// The routes of the WebSocket API: $connect and $disconnect keep the table of connections, and any
// message ($default) is answered with all counts.
#include "lambdas/pageviews.hpp"
#include "lambdas/sdk/page.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace pageviews = paddock::pageviews;
namespace sdk = paddock::sdk;

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  const std::string connection = sdk::request_context(request, "connectionId");
  const std::string route = sdk::request_context(request, "routeKey");
  if (connection.empty()) throw sdk::Error("InvalidEvent", "The event is none of a WebSocket", 400);
  sdk::log(route + " " + connection);
  if (route == "$disconnect") {
    pageviews::forget(connection);
  } else {
    pageviews::remember(connection);
  }
  // A connection that is being opened cannot be sent to yet: that is GoneException, and whoever
  // tries forgets it. So a message makes it known once more.
  if (route == "$default") pageviews::send(connection, pageviews::all_counts());
  return sdk::json_page(200, sdk::Json::object());
}
