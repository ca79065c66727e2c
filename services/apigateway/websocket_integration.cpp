#include "services/apigateway/websocket_integration.hpp"

#include "core/text.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/data_plane.hpp"
#include "services/apigateway/http_values.hpp"
#include "services/apigateway/v2_limits.hpp"
#include "services/apigateway/v2_model.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

using Type = CompiledIntegration::Type;

constexpr const char* kDefaultKey = "$default";

void add_values(const Json& event, const char* member, vtl::Parameters& parameters) {
  const Json all = event.value(member, Json::object());
  for (const auto& [name, values] : all.items()) {
    for (const auto& value : values) parameters.emplace_back(name, value.get<std::string>());
  }
}

// Headers of the handshake that end at the gateway.
bool is_of_handshake(std::string_view name) {
  return equal_ignore_case(name, "host") || to_lower(name).starts_with("sec-websocket-");
}

const CompiledTemplate* find_template(const CompiledTemplates& templates, const std::string& key) {
  auto found = templates.find(key);
  if (found == templates.end()) found = templates.find(kDefaultKey);
  return found == templates.end() ? nullptr : &found->second;
}

bool has_text(const CompiledTemplate* text) {
  return text && (text->text || !text->error.empty());
}

// "/2\d\d/" -> "2\d\d"
std::optional<JavaRegex> pattern_of_key(const std::string& key) {
  if (key.size() < 2 || key.front() != '/' || key.back() != '/') return std::nullopt;
  try {
    return JavaRegex(std::string_view(key).substr(1, key.size() - 2));
  } catch (const RegexError&) {
    return std::nullopt;  // it selects nothing
  }
}

std::string decoded_body(const std::string& text) {
  auto bytes = from_base64(text);
  if (!bytes) throw failures::configuration("Unable to base64 decode the body.");
  return *std::move(bytes);
}

}  // namespace

WebSocketRequest::WebSocketRequest(const Json& event, Json given_variables)
    : variables(std::move(given_variables)), context_(event.at("requestContext")) {
  if (!variables.is_object()) variables = Json::object();
  add_values(event, "multiValueHeaders", headers);
  add_values(event, "multiValueQueryStringParameters", query);
  for (const auto& [name, value] : headers) head_.add(name, value);
  query_text_ = encoded_query(query);
  auto text = event.find("body");
  if (text == event.end()) return;
  has_body = true;
  binary = event.value("isBase64Encoded", false);
  body = text->get<std::string>();
  if (binary) body = from_base64(body).value_or("");
}

MappingSource WebSocketRequest::source() const {
  MappingSource source;
  source.websocket = true;
  source.headers = &head_;
  source.query = query_text_;
  source.body = body;
  source.parameters = &no_parameters_;
  source.stage_variables = &variables;
  source.context = &context_;
  return source;
}

MappingSource WebSocketRequest::source(const EndpointAnswer& answer) const {
  MappingSource source;
  source.websocket = true;
  source.response = true;
  source.status = answer.status;
  source.headers = &answer.headers;
  source.body = answer.body;
  source.stage_variables = &variables;
  source.context = &context_;
  return source;
}

std::string WebSocketRequest::render(const CompiledTemplate& text, std::string_view shown_body) {
  vtl::Inputs inputs;
  inputs.body = shown_body;
  inputs.querystring = &query;
  inputs.header = &headers;
  inputs.stage_variables = &variables;
  inputs.context = [this]() -> Json& { return context_; };
  return render_template(text, inputs);
}

std::string selected_key(const std::string& expression, const MappingSource& source) {
  std::string text = expression;
  if (text.starts_with('\\')) text.erase(0, 1);
  if (text == kDefaultKey) return text;
  return mapped_value(text, source).value_or("");
}

std::optional<std::string> parameter_value(const std::string& expression,
                                           const MappingSource& source) {
  if (expression.size() >= 2 && expression.front() == '\'' && expression.back() == '\'') {
    return expression.substr(1, expression.size() - 2);
  }
  return mapped_value("$" + expression, source);
}

WebSocketIntegration::WebSocketIntegration(const Json& integration)
    : type_(integration_type(integration.value(m::IntegrationType, ""))),
      by_vpc_link_(integration.value(m::ConnectionType, "") == "VPC_LINK"),
      timeout_(integration.value(m::TimeoutInMillis, int64_t{kMaxWebSocketTimeoutMs})),
      method_(integration.value(m::IntegrationMethod, "POST")),
      uri_(integration.value(m::IntegrationUri, "")),
      passthrough_(integration.value(m::PassthroughBehavior, "WHEN_NO_MATCH")),
      content_handling_(integration.value(m::ContentHandlingStrategy, "")),
      selection_(integration.value(m::TemplateSelectionExpression, kDefaultKey)),
      templates_(compile_templates(integration, m::RequestTemplates)),
      parameters_(integration.value(m::RequestParameters, Json::object())),
      response_selection_(integration.value(m::IntegrationResponseSelectionExpression, "")) {
  const Json responses = integration.value(kIntegrationResponses, Json::object());
  for (const auto& [id, response] : responses.items()) {
    Response compiled;
    compiled.key = response.at(m::IntegrationResponseKey).get<std::string>();
    compiled.pattern = pattern_of_key(compiled.key);
    compiled.selection = response.value(m::TemplateSelectionExpression, kDefaultKey);
    compiled.templates = compile_templates(response, m::ResponseTemplates);
    compiled.content_handling = response.value(m::ContentHandlingStrategy, "");
    compiled.parameters = response.value(m::ResponseParameters, Json::object());
    responses_.push_back(std::move(compiled));
  }
}

void WebSocketIntegration::map_parameters(const WebSocketRequest& in,
                                          EndpointRequest& request) const {
  constexpr std::string_view kPrefix = "integration.request.";
  const MappingSource source = in.source();
  for (const auto& [target, expression] : parameters_.items()) {
    if (!target.starts_with(kPrefix)) continue;
    const size_t dot = target.find('.', kPrefix.size());
    auto value = parameter_value(expression.get<std::string>(), source);
    if (!value || dot == std::string::npos) continue;
    const std::string place = target.substr(kPrefix.size(), dot - kPrefix.size());
    const std::string name = target.substr(dot + 1);
    if (place == "header") {
      set_parameter(request.headers, name, *std::move(value));
    } else if (place == "querystring") {
      request.query.emplace_back(name, *std::move(value));
    } else if (place == "path") {
      const std::string mark = "{" + name + "}";
      for (size_t at = request.uri.find(mark); at != std::string::npos;
           at = request.uri.find(mark, at + value->size())) {
        request.uri.replace(at, mark.size(), *value);
      }
    }
  }
}

std::string WebSocketIntegration::request_body(WebSocketRequest& in) const {
  bool bytes = in.binary;
  std::string body = in.body;
  if (bytes && content_handling_ == "CONVERT_TO_TEXT") {
    body = to_base64(body);
    bytes = false;
  } else if (!bytes && content_handling_ == "CONVERT_TO_BINARY") {
    body = decoded_body(body);
    bytes = true;
  }
  if (type_ == Type::http_proxy) return body;
  const CompiledTemplate* text = nullptr;
  if (!templates_.empty()) text = find_template(templates_, selected_key(selection_, in.source()));
  if (!text &&
      (passthrough_ == "NEVER" || (passthrough_ == "WHEN_NO_TEMPLATES" && !templates_.empty()))) {
    throw failures::unsupported_media_type();
  }
  if (!has_text(text)) return body;
  if (bytes) throw failures::configuration("Unable to transform request");
  return in.render(*text, body);
}

EndpointRequest WebSocketIntegration::request(WebSocketRequest& in, const std::string& api) const {
  EndpointRequest request;
  request.method = method_;
  request.uri = with_stage_variables(uri_, in.variables);
  if (type_ == Type::http_proxy) {
    for (const auto& [name, value] : in.headers) {
      if (!is_of_handshake(name)) request.headers.emplace_back(name, value);
    }
    request.query = in.query;
  }
  map_parameters(in, request);
  request.body = request_body(in);
  const auto set_default = [&request](const char* name, const std::string& value) {
    if (!last_value(request.headers, name, true)) request.headers.emplace_back(name, value);
  };
  set_default("Content-Type", "application/json");
  set_default("Accept", "application/json");
  set_default("User-Agent", "AmazonAPIGateway_" + api);
  return request;
}

EndpointAnswer WebSocketIntegration::mocked(const EndpointRequest& request) const {
  EndpointAnswer answer;
  if (templates_.empty()) return answer;
  auto status = mock_status(request.body);
  if (!status) {
    throw failures::configuration(
        "Unable to parse statusCode. It should be an integer that is defined in the request "
        "template.");
  }
  answer.status = *status;
  return answer;
}

const WebSocketIntegration::Response* WebSocketIntegration::response_for(
    const std::string& key) const {
  const Response* otherwise = nullptr;
  for (const Response& response : responses_) {
    if (response.key == kDefaultKey) {
      otherwise = &response;
      continue;
    }
    try {
      if (response.pattern ? response.pattern->matches(key) : response.key == key) return &response;
    } catch (const RegexError& error) {
      throw failures::configuration(error.what());
    }
  }
  return otherwise;
}

WebSocketReply WebSocketIntegration::reply(WebSocketRequest& in,
                                           const EndpointAnswer& answer) const {
  WebSocketReply reply;
  reply.status = answer.status;
  if (type_ == Type::http_proxy) {
    reply.body = answer.body;
    reply.binary = !valid_utf8(answer.body);
    return reply;
  }
  // Without responses the client hears nothing.
  if (responses_.empty()) return reply;
  const MappingSource source = in.source(answer);
  const std::string key = selected_key(response_selection_, source);
  const Response* response = response_for(key);
  if (!response) {
    throw failures::configuration(
        "No match for output mapping and no default output mapping configured. Endpoint Response "
        "Status Code: " +
        std::to_string(answer.status));
  }
  for (const auto& [target, expression] : response->parameters.items()) {
    for (std::string_view prefix : {"method.response.header.", "route.response.header."}) {
      if (!target.starts_with(prefix)) continue;
      auto value = parameter_value(expression.get<std::string>(), source);
      auto safe = value ? header_text_of(*value) : std::nullopt;
      if (safe) reply.headers.set(target.substr(prefix.size()), *safe);
    }
  }
  reply.body = answer.body;
  if (response->content_handling == "CONVERT_TO_BINARY") reply.body = decoded_body(answer.body);
  const CompiledTemplate* text =
      find_template(response->templates, selected_key(response->selection, source));
  if (has_text(text)) reply.body = in.render(*text, *reply.body);
  reply.binary = !valid_utf8(*reply.body) || response->content_handling == "CONVERT_TO_BINARY";
  if (response->content_handling == "CONVERT_TO_TEXT" && !valid_utf8(*reply.body)) {
    reply.body = to_base64(*reply.body);
    reply.binary = false;
  }
  return reply;
}

}  // namespace paddock::services::apigateway::v2
