#include "services/apigateway/openapi_requests.hpp"

#include "services/apigateway/errors.hpp"
#include "services/apigateway/openapi_text.hpp"

namespace paddock::services::apigateway {
namespace openapi_requests_detail {

// AWS says no more than this; where and why is in the log and in a member of the error.
AwsError bad_document(Log& log, const std::string& why) {
  log.info("An OpenAPI document was refused: " + why);
  return errors::bad_request("Invalid OpenAPI input.").with("details", why);
}

}  // namespace openapi_requests_detail

OpenapiDocument read_openapi(Log& log, const std::string& text) {
  namespace d = openapi_requests_detail;
  try {
    return OpenapiDocument(parse_openapi_text(text));
  } catch (const OpenapiTextError& error) {
    throw d::bad_document(log, error.what());
  } catch (const OpenapiError& error) {
    throw d::bad_document(log, error.what());
  }
}

std::string checked_base_path(const std::string& mode) {
  if (mode.empty()) return "ignore";
  if (mode != "ignore" && mode != "prepend" && mode != "split") {
    throw errors::bad_request(
        "Invalid basepath parameter specified. Valid options are ignore,prepend,split");
  }
  return mode;
}

void refuse_warnings(const std::vector<std::string>& warnings) {
  if (warnings.empty()) return;
  std::string message = "Warnings found during import:";
  for (const auto& warning : warnings) message += "\n\t" + warning;
  throw errors::bad_request(message);
}

}  // namespace paddock::services::apigateway
