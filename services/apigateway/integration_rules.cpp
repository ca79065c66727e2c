// What an integration may be: its endpoint, its mappings, its templates.
#include "services/apigateway/integration_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/arn.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"
#include "services/apigateway/model.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace integration_rules {

void check_timeout(int64_t timeout_ms) {
  if (timeout_ms < kMinIntegrationTimeoutMs || timeout_ms > kMaxIntegrationTimeout.count()) {
    throw errors::bad_request("Timeout should be between 50 ms and 29000 ms");
  }
}

void check_timeout_text(const std::string& text) {
  int64_t timeout_ms = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), timeout_ms);
  check_timeout(error == std::errc() && end == text.data() + text.size() ? timeout_ms : -1);
}

// `types`: by what the answer names them, in its order.
void check_one_of(const std::string& what, const std::string& value, const std::string& options) {
  std::string all = "," + options + ",";
  if (value.empty() || all.find("," + value + ",") == std::string::npos) {
    throw errors::bad_request("Invalid " + what + " specified. Valid options are " + options);
  }
}
void check_passthrough(const std::string& value) {
  check_one_of("PassthroughBehavior", value, "WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER");
}

void check_content_handling(const std::string& value) {
  if (value.empty()) return;
  check_one_of("ContentHandling", value, "CONVERT_TO_BINARY,CONVERT_TO_TEXT");
}

void check_connection_type(const std::string& value) {
  check_one_of("ConnectionType", value, "INTERNET,VPC_LINK");
}

void check_aws_uri(const std::string& type, const std::string& uri) {
  auto arn = uri.starts_with("arn:") ? Arn::parse(uri) : std::nullopt;
  if (!arn || arn->service != "apigateway") {
    throw errors::bad_request("Invalid ARN specified in the request");
  }
  if (!arn->resource.starts_with("path/") && !arn->resource.starts_with("action/")) {
    throw errors::bad_request("AWS ARN for integration must contain path or action");
  }
  if (type == "AWS_PROXY" && !function_of_uri(uri)) {
    throw errors::bad_request(
        "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose "
        "stream invocations.");
  }
}

void check_uri(const std::string& type, const std::string& uri) {
  if (type == "AWS" || type == "AWS_PROXY") {
    check_aws_uri(type, uri);
  } else if (type != "MOCK") {
    bool good = uri.starts_with("http://") || uri.starts_with("https://") ||
                uri.starts_with("${stageVariables.");
    if (!good || uri.find_first_of(" \t\r\n") != std::string::npos) {
      throw errors::bad_request("Invalid HTTP endpoint specified for URI");
    }
  }
}

bool is_quoted(std::string_view text) {
  return text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
}

bool is_named(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) && text.size() > prefix.size();
}

// What every mapping may take its value from.
bool is_common_source(std::string_view text) {
  return is_quoted(text) || is_named(text, "context.") || is_named(text, "stageVariables.");
}

// "method.request.header.X" for its multi-value form too.
std::string declared_name(const std::string& source) {
  for (auto [multi, single] :
       {std::pair{"method.request.multivalueheader.", "method.request.header."},
        std::pair{"method.request.multivaluequerystring.", "method.request.querystring."}}) {
    if (source.starts_with(multi)) return single + source.substr(std::string_view(multi).size());
  }
  return source;
}

bool is_request_source(const std::string& source) {
  std::string name = declared_name(source);
  return is_common_source(source) || source == "method.request.body" ||
         is_named(source, "method.request.body.") || is_named(source, "method.request.body[") ||
         is_named(name, "method.request.path.") || is_named(name, "method.request.header.") ||
         is_named(name, "method.request.querystring.");
}

bool is_request_target(const std::string& target) {
  static constexpr std::array<std::string_view, 5> kPlaces{
      "integration.request.path.", "integration.request.querystring.",
      "integration.request.header.", "integration.request.multivalueheader.",
      "integration.request.multivaluequerystring."};
  return std::any_of(kPlaces.begin(), kPlaces.end(),
                     [&](std::string_view place) { return is_named(target, place); });
}

void add_error(std::string& errors, const std::string& text, const std::string& what) {
  errors += (errors.empty() ? "" : ", ") + text + what;
}
constexpr const char* kBadExpression = "Invalid mapping expression specified: ";
constexpr const char* kBadParameter = "Invalid mapping expression parameter specified: ";

// `method` (may be null): sources in the method's request must be declared there.
void check_request_mapping(const Json& mapping, const Json& method) {
  std::string wrong;
  const Json declared =
      method.is_object() ? method.value(m::requestParameters, Json::object()) : Json::object();
  for (const auto& [target, value] : mapping.items()) {
    std::string source = value.is_string() ? value.get<std::string>() : "";
    std::string name = declared_name(source);
    bool is_parameter =
        name.starts_with("method.request.") && !name.starts_with("method.request.body");
    if (!is_request_target(target)) {
      add_error(wrong, kBadExpression, target);
    } else if (!is_request_source(source)) {
      add_error(wrong, kBadExpression, source);
    } else if (is_parameter && method.is_object() && !declared.contains(name)) {
      add_error(wrong, kBadParameter, source);
    }
  }
  if (!wrong.empty()) throw errors::bad_mapping(wrong);
}

bool is_response_source(const std::string& source) {
  return is_common_source(source) || is_named(source, "integration.response.header.") ||
         is_named(source, "integration.response.multivalueheader.") ||
         source == "integration.response.body" || is_named(source, "integration.response.body.") ||
         is_named(source, "integration.response.body[");
}

void check_response_mapping(const Json& mapping, const Json& method, const std::string& status) {
  Json declared = Json::object();
  bool is_known = method.is_object();
  if (is_known) {
    const Json responses = method.value(m::methodResponses, Json::object());
    if (responses.contains(status)) {
      declared = responses[status].value(m::responseParameters, Json::object());
    }
  }
  std::string wrong;
  for (const auto& [target, value] : mapping.items()) {
    std::string source = value.is_string() ? value.get<std::string>() : "";
    if (!is_named(target, "method.response.header.")) {
      add_error(wrong, kBadExpression, target);
    } else if (is_known && !declared.contains(target)) {
      add_error(wrong, kBadParameter, target);
    } else if (!is_response_source(source)) {
      add_error(wrong, kBadExpression, source);
    }
  }
  if (!wrong.empty()) throw errors::bad_mapping(wrong);
}

// An empty template is the same as none for its content type: null.
void settle_templates(Json& holder, const char* member) {
  auto found = holder.find(member);
  if (found == holder.end()) return;
  for (auto& [type, text] : found->items()) {
    if (type.find('/') == std::string::npos && type != "$default") {
      throw errors::bad_content_type(type);
    }
    if (text.is_string() && text.get_ref<const std::string&>().empty()) text = nullptr;
  }
}

void check_integration(Json& integration, const Json& method) {
  std::string type = integration[m::type];
  if (type == "MOCK") {
    integration.erase(m::httpMethod);
    integration.erase(m::uri);
  } else {
    std::string http_method = integration.value(m::httpMethod, "");
    if (http_method.empty()) {
      throw errors::bad_request("Enumeration value for HttpMethod must be non-empty");
    }
    check_http_method(http_method);
    check_uri(type, integration.value(m::uri, ""));
  }
  check_timeout(integration[m::timeoutInMillis].get<int64_t>());
  check_passthrough(integration[m::passthroughBehavior]);
  const Json parameters = integration.value(m::requestParameters, Json::object());
  check_request_mapping(parameters, method);
  settle_templates(integration, m::requestTemplates);
}

}  // namespace integration_rules

Json new_integration(const Json& input, const Json& method) {
  Json integration = {
      {m::type, input[m::type]},
      {m::httpMethod, input.value(m::integrationHttpMethod, "")},
      {m::uri, input.value(m::uri, "")},
      {m::timeoutInMillis,
       input.value(m::timeoutInMillis, int64_t{kMaxIntegrationTimeout.count()})},
      {m::passthroughBehavior, input.value(m::passthroughBehavior, "WHEN_NO_MATCH")},
      {m::cacheNamespace, input.value(m::cacheNamespace, input[m::resourceId])},
      {m::cacheKeyParameters, input.value(m::cacheKeyParameters, Json::array())}};
  for (const char* member : {m::credentials, m::requestParameters, m::requestTemplates,
                             m::contentHandling, m::connectionType, m::connectionId, m::tlsConfig,
                             m::responseTransferMode, m::integrationTarget}) {
    if (input.contains(member)) integration[member] = input[member];
  }
  integration_rules::check_integration(integration, method);
  return integration;
}

Json new_integration_response(const Json& input, const Json& method) {
  std::string status = input[m::statusCode];
  Json response = {{m::statusCode, status}};
  for (const char* member :
       {m::selectionPattern, m::responseParameters, m::responseTemplates, m::contentHandling}) {
    if (input.contains(member)) response[member] = input[member];
  }
  const Json parameters = response.value(m::responseParameters, Json::object());
  integration_rules::check_response_mapping(parameters, method, status);
  integration_rules::settle_templates(response, m::responseTemplates);
  return response;
}

}  // namespace paddock::services::apigateway
