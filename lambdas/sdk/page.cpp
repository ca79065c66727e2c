#include "lambdas/sdk/page.hpp"

#include "core/text.hpp"

namespace paddock::sdk {

namespace page {

// Text may be any bytes; what is not UTF-8 is replaced.
std::string dump(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

invocation_response answer(int status, const char* content_type, std::string body) {
  const Json response{{"statusCode", status},
                      {"headers", {{"Content-type", content_type}}},
                      {"body", std::move(body)}};
  return invocation_response::success(dump(response), "application/json");
}

}  // namespace page

invocation_response html_page(int status, const std::string& title, const std::string& body_html) {
  const std::string heading = html_escape(title);
  return page::answer(status, "text/html",
                      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>" +
                          heading + "</title></head>\n<body>\n<h1>" + heading + "</h1>\n" +
                          body_html + "\n</body>\n</html>\n");
}

invocation_response json_page(int status, const Json& document) {
  return page::answer(status, "application/json", page::dump(document));
}

std::string path_parameter(const invocation_request& request, const std::string& name) {
  const Json event = Json::parse(request.payload, nullptr, false);
  if (!event.is_object()) throw Error("InvalidEvent", "The event is no JSON object", 400);
  const auto parameters = event.find("pathParameters");
  if (parameters == event.end() || !parameters->is_object()) return "";
  const auto value = parameters->find(name);
  return value != parameters->end() && value->is_string() ? value->get<std::string>() : "";
}

std::string html_escape(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char character : text) {
    switch (character) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += character;
    }
  }
  return escaped;
}

std::string url_escape(std::string_view text) {
  return url_encode(text);
}

}  // namespace paddock::sdk
