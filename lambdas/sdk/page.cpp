#include "lambdas/sdk/page.hpp"

#include "core/text.hpp"

namespace paddock::sdk {

namespace page {

// Text may be any bytes; what is not UTF-8 is replaced.
std::string dump(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

invocation_response answer(int status, const std::string& content_type, std::string body,
                           bool shared = false) {
  Json response{{"statusCode", status},
                {"headers", {{"Content-type", content_type}}},
                {"body", std::move(body)}};
  if (shared) {
    response["headers"]["Access-Control-Allow-Origin"] = "*";
    response["headers"]["Access-Control-Allow-Credentials"] = true;
  }
  return invocation_response::success(dump(response), "application/json");
}

Json event_of(const invocation_request& request) {
  Json event = Json::parse(request.payload, nullptr, false);
  if (!event.is_object()) throw Error("InvalidEvent", "The event is no JSON object", 400);
  return event;
}

std::string parameter(const invocation_request& request, const char* kind,
                      const std::string& name) {
  const Json event = event_of(request);
  const auto parameters = event.find(kind);
  if (parameters == event.end() || !parameters->is_object()) return "";
  const auto value = parameters->find(name);
  return value != parameters->end() && value->is_string() ? value->get<std::string>() : "";
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

invocation_response shared_json_page(int status, const Json& document) {
  return page::answer(status, "application/json", page::dump(document), true);
}

std::string path_parameter(const invocation_request& request, const std::string& name) {
  return page::parameter(request, "pathParameters", name);
}

std::string query_parameter(const invocation_request& request, const std::string& name) {
  return page::parameter(request, "queryStringParameters", name);
}

Json json_body(const invocation_request& request) {
  const Json event = page::event_of(request);
  const auto body = event.find("body");
  if (body != event.end() && body->is_string()) {
    const std::string& text = body->get_ref<const std::string&>();
    const bool encoded = event.value("isBase64Encoded", Json()) == true;
    const std::string decoded = encoded ? from_base64(text).value_or("") : text;
    Json document = Json::parse(decoded, nullptr, false);
    if (document.is_object()) return document;
  }
  throw BadRequest("The body is no JSON object");
}

std::string request_id(const invocation_request& request) {
  const std::string id = request_context(request, "requestId");
  return id.empty() ? request.request_id : id;
}

std::string request_context(const invocation_request& request, const std::string& name) {
  return page::parameter(request, "requestContext", name);
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
