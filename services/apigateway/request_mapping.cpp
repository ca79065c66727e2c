// Requests to integrations and what becomes of their answers
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html).
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "services/apigateway/data_plane.hpp"

namespace paddock::services::apigateway {
namespace request_mapping_detail {

constexpr const char* kJson = "application/json";

template <size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  for (std::string_view one : names) {
    if (equal_ignore_case(name, one)) return true;
  }
  return false;
}

std::string_view media_type(std::string_view header) {
  return trim(header.substr(0, header.find(';')));
}

// Bytes that are no UTF-8 become U+FFFD, as Java decodes them.
std::string as_utf8(const std::string& bytes) {
  if (valid_utf8(bytes)) return bytes;
  const std::string quoted = Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

std::string decoded(const std::string& text) {
  auto bytes = from_base64(text);
  if (!bytes) throw failures::configuration("Unable to base64 decode the body.");
  return *std::move(bytes);
}

// The body as integration and template see it, and whether it may still be bytes.
std::string request_body(const Invocation& in, bool& bytes) {
  const std::string& handling = in.method->integration.content_handling;
  if (in.binary) {
    bytes = handling != "CONVERT_TO_TEXT";
    return bytes ? in.body : to_base64(in.body);
  }
  bytes = handling == "CONVERT_TO_BINARY";
  return bytes ? decoded(in.body) : as_utf8(in.body);
}

// Nothing is there for the type: does the body pass?
void check_passthrough(const CompiledIntegration& integration) {
  if (integration.passthrough == "NEVER" ||
      (integration.passthrough == "WHEN_NO_TEMPLATES" && !integration.templates.empty())) {
    throw failures::unsupported_media_type();
  }
}

std::vector<std::string> texts_of(const Json& value) {
  std::vector<std::string> texts;
  auto add = [&](const Json& one) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
    if (one.is_number() || one.is_boolean()) texts.push_back(one.dump());
  };
  if (value.is_array()) {
    for (const auto& one : value) add(one);
  } else {
    add(value);
  }
  return texts;
}

// What templates assigned to a member of $context.
Json overrides_of(Invocation& in, const char* which, const char* part) {
  if (!in.has_context()) return Json::object();
  auto overrides = in.context().find(which);
  if (overrides == in.context().end() || !overrides->is_object()) return Json::object();
  auto found = overrides->find(part);
  return found != overrides->end() && found->is_object() ? *found : Json::object();
}

void override_parameters(vtl::Parameters& parameters, const Json& overrides) {
  for (const auto& [name, value] : overrides.items()) {
    std::string joined;
    for (const auto& text : texts_of(value)) joined += (joined.empty() ? "" : ",") + text;
    set_parameter(parameters, name, std::move(joined));
  }
}

// "{id}" and "{proxy+}" of a URI by the mapped parameters; stage variables first.
std::string rendered_uri(const Invocation& in, const vtl::Parameters& path) {
  std::string uri = with_stage_variables(in.method->integration.uri, in.variables());
  for (const auto& [name, value] : path) {
    for (const std::string& mark : {"{" + name + "}", "{" + name + "+}"}) {
      for (size_t at = uri.find(mark); at != std::string::npos; at = uri.find(mark, at)) {
        uri.replace(at, mark.size(), value);
        at += value.size();
      }
    }
  }
  return uri;
}

void map_parameters(Invocation& in, EndpointRequest& request, vtl::Parameters& path) {
  for (const auto& mapping : in.method->integration.parameters) {
    std::vector<std::string> values = in.values_of(mapping.source);
    if (values.empty()) continue;
    if (mapping.place == Mapping::Place::path) {
      path.emplace_back(mapping.name, std::move(values.back()));
    } else if (mapping.place == Mapping::Place::header) {
      const bool last = mapping.source.kind != Source::Kind::multi_header;
      std::string joined = last ? values.back() : "";
      for (size_t i = 0; !last && i < values.size(); ++i) joined += (i ? "," : "") + values[i];
      set_parameter(request.headers, mapping.name, std::move(joined));
    } else {
      for (auto& value : values) request.query.emplace_back(mapping.name, std::move(value));
    }
  }
}

// Headers that only the gateway may set.
void check_headers(const EndpointRequest& request, bool aws) {
  static constexpr std::array<std::string_view, 4> kNever{
      "content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id"};
  static constexpr std::array<std::string_view, 5> kNeverAws{"authorization", "connection",
                                                             "expect", "proxy-authenticate", "te"};
  for (const auto& [name, value] : request.headers) {
    if (is_one_of(name, kNever) || (aws && is_one_of(name, kNeverAws))) {
      throw failures::configuration(name + " header already present");
    }
  }
}

bool has_parameter(const vtl::Parameters& parameters, std::string_view name) {
  return last_value(parameters, name, true) != nullptr;
}

void add_default_headers(const Invocation& in, EndpointRequest& request) {
  static constexpr std::array<std::string_view, 3> kDropped{"expect", "proxy-authenticate", "te"};
  const auto& dropped = kDropped;
  std::erase_if(request.headers, [&](const auto& h) { return is_one_of(h.first, dropped); });
  if (!has_parameter(request.headers, "accept")) request.headers.emplace_back("Accept", kJson);
  if (!has_parameter(request.headers, "user-agent")) {
    request.headers.emplace_back("User-Agent", "AmazonAPIGateway_" + in.stage->api_id);
  }
  const std::string& method = in.head.method;
  const bool may_have_body = method != "GET" && method != "HEAD" && method != "OPTIONS";
  std::string_view type = in.head.headers.get("content-type");
  if (may_have_body && !type.empty() && !has_parameter(request.headers, "content-type")) {
    request.headers.emplace_back("Content-Type", type);
  }
  const auto kind = in.method->integration.type;
  if (!in.trace_id.empty()) request.headers.emplace_back("X-Amzn-Trace-Id", in.trace_id);
  if (kind == CompiledIntegration::Type::http || kind == CompiledIntegration::Type::http_proxy) {
    request.headers.emplace_back("X-Amzn-Apigateway-Api-Id", in.stage->api_id);
  }
}

// Of responses the one whose pattern fits; else the default.
const CompiledResponse& select(const CompiledIntegration& integration, const std::string& value) {
  const CompiledResponse* otherwise = nullptr;
  for (const auto& response : integration.responses) {
    if (response.selection.empty()) {
      if (!otherwise) otherwise = &response;
      continue;
    }
    try {
      if (response.pattern && response.pattern->matches(value)) return response;
    } catch (const RegexError& error) {
      throw failures::configuration(error.what());
    }
  }
  if (otherwise) return *otherwise;
  throw failures::configuration(
      "No match for output mapping and no default output mapping configured. Endpoint Response "
      "Status Code: " +
      value);
}

// What a selection pattern is held against: a function's error message, else the status.
std::string selection_value(const Invocation& in, const EndpointAnswer& answer) {
  const bool function = in.method->integration.type == CompiledIntegration::Type::aws &&
                        in.method->integration.uri.find(":lambda:path/") != std::string::npos;
  if (!function) return std::to_string(answer.status);
  const Json document = Json::parse(answer.body, nullptr, false);
  if (!document.is_object()) return "";
  auto message = document.find("errorMessage");
  return message != document.end() && message->is_string() ? message->get<std::string>() : "";
}

// The answer's body by content handling; `bytes`: it may be no text.
std::string answer_body(const Invocation& in, const EndpointAnswer& answer,
                        const std::string& handling, bool& bytes) {
  const bool binary =
      matches_binary_type(answer.headers.get("content-type"), in.stage->binary_types);
  if (binary) {
    bytes = handling.empty() ? in.accepts_binary : handling == "CONVERT_TO_BINARY";
    return bytes ? answer.body : to_base64(answer.body);
  }
  bytes = handling.empty() ? in.accepts_binary : handling == "CONVERT_TO_BINARY";
  return bytes ? decoded(answer.body) : as_utf8(answer.body);
}

// "application/json" if nothing fits better; the type whose template is used.
const CompiledTemplates::value_type* answer_template(const Invocation& in,
                                                     const CompiledTemplates& templates) {
  if (templates.empty()) return nullptr;
  std::string_view accept = in.head.headers.get("accept");
  for (std::string_view wanted :
       {media_type(accept.substr(0, accept.find(','))), std::string_view(kJson)}) {
    auto found = templates.find(wanted);
    if (found != templates.end()) return &*found;
  }
  return &*templates.begin();
}

void override_answer(Invocation& in, http::Response& response) {
  if (!in.has_context()) return;
  const Json headers = overrides_of(in, "responseOverride", "header");
  for (const auto& [name, value] : headers.items()) {
    response.headers.remove(name);
    for (const auto& text : texts_of(value)) response.headers.add(name, text);
  }
  auto overrides = in.context().find("responseOverride");
  if (overrides == in.context().end() || !overrides->is_object()) return;
  auto status = overrides->find("status");
  if (status == overrides->end() || !status->is_number_integer()) return;
  const int64_t code = status->get<int64_t>();
  if (code >= 100 && code < 600) response.status = static_cast<int>(code);
}

// Headers that the gateway sets itself come out under another name, or not at all.
void remap_headers(http::Response& response, bool non_proxy) {
  static constexpr std::array<std::string_view, 4> kRemapped{"connection", "content-length", "date",
                                                             "server"};
  static constexpr std::array<std::string_view, 10> kRemappedToo{
      "authorization",      "content-md5", "expect",  "host",       "max-forwards",
      "proxy-authenticate", "trailer",     "upgrade", "user-agent", "www-authenticate"};
  http::Headers headers;
  for (const auto& [name, value] : response.headers) {
    if (equal_ignore_case(name, "transfer-encoding")) continue;
    const bool other = is_one_of(name, kRemapped) || (non_proxy && is_one_of(name, kRemappedToo));
    headers.add(other ? "x-amzn-Remapped-" + name : name, value);
  }
  response.headers = std::move(headers);
}

bool safe_header(const std::string& name, const std::string& value) {
  static constexpr std::string_view kBad("\r\n\0", 3);
  return !name.empty() && name.find_first_of(" :\t\r\n") == std::string::npos &&
         value.find_first_of(kBad) == std::string::npos;
}

}  // namespace request_mapping_detail

const CompiledTemplate* template_for(const CompiledTemplates& templates, std::string_view type) {
  auto found = templates.find(request_mapping_detail::media_type(type));
  if (found == templates.end()) found = templates.find(type);
  return found == templates.end() ? nullptr : &found->second;
}

EndpointRequest map_request(Invocation& in) {
  namespace d = request_mapping_detail;
  const CompiledIntegration& integration = in.method->integration;
  EndpointRequest request;
  request.method = integration.http_method.empty() ? in.head.method : integration.http_method;
  vtl::Parameters path;
  d::map_parameters(in, request, path);
  std::string_view type = in.head.headers.get("content-type");
  const auto* text = template_for(integration.templates, type.empty() ? d::kJson : type);
  if (!text) text = template_for(integration.templates, "$default");
  if (!text) d::check_passthrough(integration);
  bool bytes = false;
  std::string body = d::request_body(in, bytes);
  if (text && (text->text || !text->error.empty())) {
    if (bytes) throw failures::configuration("Unable to transform request");
    body = in.render(*text, body);
    d::override_parameters(path, d::overrides_of(in, "requestOverride", "path"));
    d::override_parameters(request.query, d::overrides_of(in, "requestOverride", "querystring"));
    d::override_parameters(request.headers, d::overrides_of(in, "requestOverride", "header"));
  }
  request.body = std::move(body);
  d::check_headers(request, integration.type == CompiledIntegration::Type::aws);
  d::add_default_headers(in, request);
  request.uri = d::rendered_uri(in, path);
  return request;
}

EndpointRequest map_http_proxy_request(Invocation& in) {
  namespace d = request_mapping_detail;
  const CompiledIntegration& integration = in.method->integration;
  EndpointRequest request;
  request.method = integration.http_method.empty() ? in.head.method : integration.http_method;
  request.query = in.query;
  vtl::Parameters path;
  EndpointRequest mapped;
  d::map_parameters(in, mapped, path);
  d::check_headers(mapped, false);
  for (const auto& [name, value] : in.headers) {
    if (equal_ignore_case(name, "host") || equal_ignore_case(name, "content-encoding") ||
        equal_ignore_case(name, "via")) {
      continue;
    }
    request.headers.emplace_back(name, value);
  }
  for (auto& [name, value] : mapped.headers) {
    set_parameter(request.headers, name, std::move(value));
  }
  for (auto& parameter : mapped.query) request.query.push_back(std::move(parameter));
  request.body = in.body;
  d::add_default_headers(in, request);
  request.uri = d::rendered_uri(in, path);
  return request;
}

http::Response map_answer(Invocation& in, const EndpointAnswer& answer) {
  namespace d = request_mapping_detail;
  const CompiledResponse& chosen =
      d::select(in.method->integration, d::selection_value(in, answer));
  http::Response response;
  response.status = chosen.status;
  for (const auto& mapping : chosen.headers) {
    auto value = in.value_of(mapping.source, &answer);
    if (!value || !d::safe_header(mapping.name, *value)) continue;
    response.headers.set(mapping.name, *value);
  }
  bool bytes = false;
  std::string body = d::answer_body(in, answer, chosen.content_handling, bytes);
  const auto* text = d::answer_template(in, chosen.templates);
  const bool transforms = text && (text->second.text || !text->second.error.empty());
  if (transforms) {
    if (bytes && !answer.body.empty())
      throw failures::configuration("Unable to transform response");
    body = in.render(text->second, body);
  }
  response.body = std::move(body);
  d::override_answer(in, response);
  d::remap_headers(response, in.method->integration.type != CompiledIntegration::Type::mock);
  if (!response.headers.has("content-type")) {
    response.headers.add("Content-Type", text ? text->first : d::kJson);
  }
  return response;
}

http::Response map_http_proxy_answer(EndpointAnswer answer) {
  http::Response response;
  response.status = answer.status;
  response.body = std::move(answer.body);
  for (const auto& [name, value] : answer.headers) {
    if (equal_ignore_case(name, "content-encoding") || equal_ignore_case(name, "via")) continue;
    response.headers.add(name, value);
  }
  request_mapping_detail::remap_headers(response, false);
  return response;
}

std::optional<int> mock_status(std::string_view body) {
  // JSON as a rule, but "{statusCode: 200}" is understood as well.
  const Json document = Json::parse(body.begin(), body.end(), nullptr, false);
  if (document.is_object()) {
    auto status = document.find("statusCode");
    if (status == document.end() || !status->is_number_integer()) return std::nullopt;
    return static_cast<int>(status->get<int64_t>());
  }
  static constexpr std::string_view kName = "statusCode";
  const size_t open = body.find_first_not_of(" \t\r\n");
  if (open == std::string_view::npos || body[open] != '{') return std::nullopt;
  size_t at = body.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  at = body.find_first_not_of(" \t\r\n\"'", at + kName.size());
  if (at == std::string_view::npos || body[at] != ':') return std::nullopt;
  at = body.find_first_not_of(" \t\r\n", at + 1);
  if (at == std::string_view::npos) return std::nullopt;
  int status = 0;
  auto [end, error] = std::from_chars(body.data() + at, body.data() + body.size(), status);
  return error == std::errc() ? std::optional<int>(status) : std::nullopt;
}

std::string shown(const vtl::Parameters& parameters) {
  static constexpr size_t kMost = 998;
  vtl::Parameters joined;
  for (const auto& [name, value] : parameters) {
    bool there = false;
    for (auto& [key, values] : joined) {
      if (key != name) continue;
      values += "," + value;
      there = true;
    }
    if (!there) joined.emplace_back(name, value);
  }
  std::string out = "{";
  for (const auto& [name, value] : joined) {
    if (out.size() > 1) out += ", ";
    out += name + "=" + value;
  }
  out += "}";
  return out.size() > kMost ? out.substr(0, kMost) + " [TRUNCATED]" : out;
}

}  // namespace paddock::services::apigateway
