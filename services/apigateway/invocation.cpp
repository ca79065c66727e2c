#include "services/apigateway/invocation.hpp"

#include "core/arn.hpp"
#include "core/text.hpp"
#include "services/apigateway/http_values.hpp"

namespace paddock::services::apigateway {
namespace invocation_detail {

// Steps for one JSON path in a mapping.
constexpr int64_t kMappingSteps = 500'000;

std::optional<std::string> text_of_value(const vtl::Value& value, vtl::Budget& budget) {
  if (vtl::is_null(value)) return std::nullopt;
  if (const auto* text = vtl::as_text(value)) return *text;
  std::string out;
  vtl::append_json(out, value, budget);
  return out;
}

std::optional<std::string> text_of_member(const Json& document, std::string_view path) {
  const Json* at = &document;
  for (std::string_view part : split(path, '.')) {
    if (!at->is_object()) return std::nullopt;
    auto found = at->find(part);
    if (found == at->end()) return std::nullopt;
    at = &*found;
  }
  if (at->is_null() || at->is_structured()) return std::nullopt;
  return at->is_string() ? at->get<std::string>() : at->dump();
}

}  // namespace invocation_detail

const std::string* last_value(const vtl::Parameters& parameters, std::string_view name,
                              bool ignore_case) {
  for (auto at = parameters.rbegin(); at != parameters.rend(); ++at) {
    if (at->first == name || (ignore_case && equal_ignore_case(at->first, name))) {
      return &at->second;
    }
  }
  return nullptr;
}

void Invocation::read_head() {
  query = decoded_query(head.query);
  for (const auto& [name, value] : head.headers) {
    if (equal_ignore_case(name, "connection") || equal_ignore_case(name, "transfer-encoding") ||
        equal_ignore_case(name, "content-length") || equal_ignore_case(name, "expect")) {
      continue;
    }
    headers.emplace_back(name, value);
  }
  binary = matches_binary_type(head.headers.get("content-type"), stage->binary_types);
  accepts_binary = matches_binary_type(head.headers.get("accept"), stage->binary_types);
}

ProxyRequest Invocation::proxy_request() const {
  ProxyRequest request(head, body);
  request.api = stage->api_id;
  request.account = stage->realm->account;
  request.stage = stage->stage_name;
  request.deployment = deployment->id;
  request.stage_variables = variables();
  if (method) {
    request.resource_id = method->resource_id;
    request.resource_path = method->resource_path;
  }
  request.path = base_path + path;
  request.context_path = own_domain ? base_path + path : "/" + stage->stage_name + path;
  for (const auto& [name, value] : path_parameters) request.parameters.emplace(name, value);
  request.request_id = request_id;
  request.extended_request_id = extended_request_id;
  request.trace_id = trace_id;
  request.time_ms = time_ms;
  request.binary = binary;
  request.identity = identity;
  request.authorizer = authorizer;
  if (stage->canary) request.canary = canary;
  return request;
}

Json& Invocation::context() {
  if (!context_) {
    context_ = proxy_context(proxy_request());
    (*context_)["awsEndpointRequestId"] = request_id;
    if (!trace_id.empty()) (*context_)["xrayTraceId"] = trace_id;
  }
  return *context_;
}

std::string Invocation::method_arn() const {
  std::string_view below = path;
  while (below.starts_with('/')) below.remove_prefix(1);
  return make_arn(
      "execute-api", stage->realm->region, stage->realm->account,
      stage->api_id + "/" + stage->stage_name + "/" + head.method + "/" + std::string(below));
}

std::optional<std::string> Invocation::from_body(const Source& source, std::string_view body,
                                                 bool of_answer) const {
  if (source.name.empty()) return std::string(body);
  if (body.empty()) return std::nullopt;
  // What does not begin as JSON is not looked into.
  const size_t begin = body.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos ||
      std::string_view("{[\"'").find(body[begin]) == std::string_view::npos) {
    return std::nullopt;
  }
  vtl::Arena arena;
  vtl::Budget budget(invocation_detail::kMappingSteps);
  try {
    auto document = vtl::parse_json_value(body, arena, budget);
    if (!document) {
      if (of_answer) throw failures::internal(500, "the integration's answer is no JSON");
      GatewayError error = failures::invalid_body("");
      error.message = "Invalid JSON in request body";
      throw error;
    }
    auto found = vtl::find_json_path(*document, source.name, arena, budget);
    return found ? invocation_detail::text_of_value(*found, budget) : std::nullopt;
  } catch (const vtl::TemplateError& error) {
    throw failures::configuration(error.what());
  }
}

std::optional<std::string> Invocation::value_of(const Source& source,
                                                const EndpointAnswer* answer) {
  switch (source.kind) {
    case Source::Kind::text:
      return source.name;
    case Source::Kind::path: {
      const std::string* value = last_value(path_parameters, source.name, false);
      return value ? std::optional<std::string>(*value) : std::nullopt;
    }
    case Source::Kind::query: {
      const std::string* value = last_value(query, source.name, false);
      return value ? std::optional<std::string>(*value) : std::nullopt;
    }
    case Source::Kind::body:
      return from_body(source, answer ? answer->body : body, answer != nullptr);
    case Source::Kind::context:
      return invocation_detail::text_of_member(context(), source.name);
    case Source::Kind::stage_variable:
      return invocation_detail::text_of_member(variables(), source.name);
    case Source::Kind::nothing:
      return std::nullopt;
    default: {
      std::vector<std::string> values = values_of(source, answer);
      if (values.empty()) return std::nullopt;
      if (source.kind == Source::Kind::header) return std::move(values.back());
      std::string joined;
      for (const auto& value : values) joined += (joined.empty() ? "" : ",") + value;
      return joined;
    }
  }
}

std::vector<std::string> Invocation::values_of(const Source& source, const EndpointAnswer* answer) {
  std::vector<std::string> values;
  if (source.kind == Source::Kind::multi_query) {
    for (const auto& [name, value] : query) {
      if (name == source.name) values.push_back(value);
    }
    return values;
  }
  if (source.kind == Source::Kind::header || source.kind == Source::Kind::multi_header) {
    if (answer) {
      for (std::string_view value : answer->headers.all(source.name)) values.emplace_back(value);
    } else {
      for (const auto& [name, value] : headers) {
        if (equal_ignore_case(name, source.name)) values.push_back(value);
      }
    }
    return values;
  }
  if (auto value = value_of(source, answer)) values.push_back(std::move(*value));
  return values;
}

void set_parameter(vtl::Parameters& parameters, const std::string& name, std::string value) {
  for (auto& [key, former] : parameters) {
    if (!equal_ignore_case(key, name)) continue;
    former = std::move(value);
    return;
  }
  parameters.emplace_back(name, std::move(value));
}

std::string render_template(const CompiledTemplate& text, const vtl::Inputs& inputs) {
  if (!text.text) throw failures::configuration(text.error);
  try {
    return vtl::render(*text.text, inputs);
  } catch (const vtl::TemplateError& error) {
    throw failures::configuration(error.what());
  }
}

std::string Invocation::render(const CompiledTemplate& text, std::string_view body) {
  vtl::Inputs inputs;
  inputs.body = body;
  inputs.path = &path_parameters;
  inputs.querystring = &query;
  inputs.header = &headers;
  inputs.stage_variables = &variables();
  inputs.context = [this]() -> Json& { return context(); };
  return render_template(text, inputs);
}

}  // namespace paddock::services::apigateway
