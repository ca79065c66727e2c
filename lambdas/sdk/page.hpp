// What functions behind API Gateway answer: proxy integration responses.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
#pragma once

#include <string>
#include <string_view>

#include "lambdas/sdk/sdk.hpp"

namespace paddock::sdk {

invocation_response html_page(int status, const std::string& title, const std::string& body_html);
invocation_response json_page(int status, const Json& document);

// The path parameter of a proxy event, "" if there is none. Throws Error("InvalidEvent") if the
// event is no JSON object.
std::string path_parameter(const invocation_request& request, const std::string& name);

std::string html_escape(std::string_view text);
std::string url_escape(std::string_view text);  // of one path segment

}  // namespace paddock::sdk
