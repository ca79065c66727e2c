// GET /counts/{tag}: the visits of the tag, and of all tags as the stream's processor counted them.
#include "lambdas/sdk/page.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace sdk = paddock::sdk;

namespace {

// The item of that ID; an empty one if there is none.
sdk::Json get_item(const std::string& id) {
  const sdk::Json output = sdk::call("dynamodb", "GetItem",
                                     {{"TableName", sdk::required_environment("TABLE_NAME")},
                                      {"Key", {{"ID", sdk::text_value(id)}}}});
  return output.value("Item", sdk::Json::object());
}

}  // namespace

sdk::invocation_response PADDOCK_HANDLER(const sdk::invocation_request& request) {
  const std::string tag = sdk::path_parameter(request, "tag");
  if (tag.empty()) return sdk::html_page(400, "No tag", "<p>Visit /counts/ and a name.</p>");
  const int64_t visits = sdk::number_of(get_item(tag), "Count", 0);
  const int64_t total = sdk::number_of(get_item("COUNTER"), "TotalViews", 0);
  return sdk::html_page(200, "Counts",
                        "<p>Visits of <b>" + sdk::html_escape(tag) +
                            "</b>: " + std::to_string(visits) +
                            "</p>\n<p>Visits of all tags: " + std::to_string(total) + "</p>");
}
