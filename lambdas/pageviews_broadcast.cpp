// Reads the stream of the table of visits and sends the new counts to all open connections.
#include "lambdas/pageviews.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace pageviews = paddock::pageviews;
namespace sdk = paddock::sdk;

namespace {

// Of several records of a tag the last one counts.
sdk::Json new_counts(const std::string& payload) {
  try {
    sdk::Json message = sdk::Json::object();
    const sdk::Json event = sdk::Json::parse(payload);
    for (const auto& record : event.at("Records")) {
      const sdk::Json& change = record.at("dynamodb");
      const auto image = change.find("NewImage");
      if (image != change.end()) pageviews::add_item(message, *image);
    }
    return message;
  } catch (const sdk::Json::exception&) {
    throw sdk::Error("InvalidEvent", "The event is none of a DynamoDB stream", 400);
  }
}

}  // namespace

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  const sdk::Json message = new_counts(request.payload);
  if (!message.empty()) {
    pageviews::for_each_item(pageviews::connections_table(),
                             [&message](const sdk::Json& connection) {
                               pageviews::send(connection.at("ConnectionId").at("S"), message);
                             });
  }
  return sdk::invocation_response::success("{}", "application/json");
}
