// What functions behind API Gateway answer: proxy integration responses.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
#pragma once

#include <string>
#include <string_view>

#include "lambdas/sdk/sdk.hpp"

namespace paddock::sdk {

// What the caller of an API has wrong: answered with 400 and the text.
class BadRequest : public Error {
 public:
  explicit BadRequest(const std::string& message) : Error("BadRequest", message, 400) {}
};

invocation_response html_page(int status, const std::string& title, const std::string& body_html);
invocation_response json_page(int status, const Json& document);
// json_page that a page of any other origin may read.
invocation_response shared_json_page(int status, const Json& document);

// The path or query parameter of a proxy event, "" if there is none. Throw Error("InvalidEvent") if
// the event is no JSON object.
std::string path_parameter(const invocation_request& request, const std::string& name);
std::string query_parameter(const invocation_request& request, const std::string& name);

// The JSON object in the body of a proxy event, which may be base64: an HTTP API takes what has not
// the type of JSON for bytes. Throws BadRequest if it is none.
Json json_body(const invocation_request& request);
// The id of the request behind a proxy event.
std::string request_id(const invocation_request& request);
// A text of the event's requestContext ("routeKey", "connectionId"), "" if there is none.
std::string request_context(const invocation_request& request, const std::string& name);

std::string html_escape(std::string_view text);
std::string url_escape(std::string_view text);  // of one path segment

}  // namespace paddock::sdk
