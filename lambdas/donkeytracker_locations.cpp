// POST /: stores where a phone is. The body is what the phone's background-geolocation plugin
// sends:
// {"location": {"coords": {…}, "timestamp": …}, "device": {…}}; the item has the coordinates and
// the device's members side by side.
#include "lambdas/sdk/attributes.hpp"
#include "lambdas/sdk/page.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace sdk = paddock::sdk;

namespace {

sdk::Json item_of(const sdk::Json& body) {
  const sdk::Json& location = body.at("location");
  const sdk::Json& coords = location.at("coords");
  const sdk::Json& device = body.at("device");
  sdk::Json item{{"uuid", device.at("uuid")}, {"timestamp", location.at("timestamp")}};
  for (const char* name :
       {"latitude", "longitude", "accuracy", "altitude", "altitude_accuracy", "heading", "speed"}) {
    item[name] = coords.value(name, sdk::Json());
  }
  for (const char* name : {"manufacturer", "model", "platform", "version", "cordova"}) {
    item[name] = device.value(name, sdk::Json());
  }
  return item;
}

}  // namespace

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  try {
    const sdk::Json attributes = sdk::to_attributes(item_of(sdk::json_body(request)));
    sdk::call("dynamodb", "PutItem",
              {{"TableName", sdk::required_environment("TABLE_NAME")}, {"Item", attributes}});
    return sdk::shared_json_page(200, sdk::from_attributes(attributes));
  } catch (const sdk::Json::exception& error) {
    sdk::log(std::string("no location: ") + error.what());
  } catch (const sdk::Error& error) {
    sdk::log("not stored: " + error.message());
  }
  return sdk::shared_json_page(500, {{"status", false}});
}
