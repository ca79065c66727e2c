// Who may call a method: Lambda authorizers and signatures
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html).
#include "core/clock.hpp"
#include "services/apigateway/data_plane.hpp"
#include "services/apigateway/policy_document.hpp"
#include "services/apigateway/signed_identity.hpp"
#include "wire/codec.hpp"

namespace paddock::services::apigateway {
namespace authorize_detail {

constexpr std::chrono::milliseconds kAuthorizerTimeout{29'000};

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What a function's answer grants; nullptr if it is none.
std::shared_ptr<const Grant> parse_grant(const std::string& payload) {
  Json answer;
  try {
    answer = wire::parse_json(payload);
  } catch (const std::invalid_argument&) {
    return nullptr;
  }
  if (!answer.is_object()) return nullptr;
  auto principal = answer.find("principalId");
  auto policy = answer.find("policyDocument");
  if (principal == answer.end() || !principal->is_string() || policy == answer.end() ||
      !policy->is_object()) {
    return nullptr;
  }
  auto grant = std::make_shared<Grant>();
  grant->principal = principal->get<std::string>();
  grant->policy = *policy;
  grant->context = Json::object();
  const Json context = answer.value("context", Json::object());
  if (!context.is_object() && !context.is_null()) return nullptr;
  for (const auto& [name, value] : context.items()) {
    if (value.is_structured()) return nullptr;  // AWS takes texts, numbers and booleans alone
    if (!value.is_null()) grant->context[name] = text_of(value);
  }
  grant->context["principalId"] = grant->principal;
  auto key = answer.find("usageIdentifierKey");
  if (key != answer.end() && key->is_string()) grant->key = key->get<std::string>();
  return grant;
}

// The event of a REQUEST authorizer: that of a proxy integration without a body.
Json request_event(const Invocation& in) {
  Json event = proxy_event(in.proxy_request());
  event.erase("body");
  event.erase("isBase64Encoded");
  event["type"] = "REQUEST";
  event["methodArn"] = in.method_arn();
  return event;
}

}  // namespace authorize_detail

Task<void> DataPlane::authorize(Context& context, Invocation& in) {
  const CompiledMethod& method = *in.method;
  if (method.authorization == "AWS_IAM") {
    in.identity = signed_identity(platform_.identity, in.head, in.body);
    co_return;
  }
  if (method.authorization != "CUSTOM" && method.authorization != "COGNITO_USER_POOLS") co_return;
  const CompiledAuthorizer* authorizer = in.deployment->authorizer(method.authorizer);
  if (!authorizer) throw failures::authorizer_broken();
  if (authorizer->type == "COGNITO_USER_POOLS") {
    throw failures::not_emulated("An authorizer of type COGNITO_USER_POOLS");
  }
  std::shared_ptr<const Grant> grant = co_await ask_authorizer(context, in, *authorizer);
  const Decision decision = decide(grant->policy, in.method_arn(), in.head.remote_address);
  if (decision != Decision::allowed) {
    throw failures::access_denied(decision == Decision::denied);
  }
  in.authorizer = grant->context;
  in.authorizer["integrationLatency"] = 0;
  in.usage_key = grant->key;
}

Task<std::shared_ptr<const Grant>> DataPlane::ask_authorizer(Context& context, Invocation& in,
                                                             const CompiledAuthorizer& authorizer) {
  const bool cached = authorizer.ttl.count() > 0 && !authorizer.sources.empty();
  const bool by_token = authorizer.type == "TOKEN";
  std::string name = authorizer.id;
  std::string token;
  for (const Source& source : authorizer.sources) {
    auto value = in.value_of(source);
    // A source that is missing is refused without asking.
    if ((!value || value->empty()) && (cached || by_token)) throw failures::unauthorized();
    name += '\n';
    if (value) name += *value;
    if (value && token.empty()) token = *value;
  }
  if (by_token && (authorizer.validation || authorizer.bad_validation)) {
    bool fits = false;
    try {
      fits = authorizer.validation && authorizer.validation->matches(token);
    } catch (const RegexError&) {
      // Too much work is no match.
    }
    if (!fits) throw failures::unauthorized();
  }
  const WorldTime now = platform_.world.now();
  if (cached) {
    if (auto grant = in.stage->grants.find(name, now)) co_return *grant;
  }
  std::shared_ptr<const Grant> grant = co_await call_authorizer(context, in, authorizer, token);
  if (cached) {
    const size_t bytes = grant->context.dump().size() + grant->policy.dump().size();
    in.stage->grants.put(name, grant, bytes, now + Milliseconds(authorizer.ttl));
  }
  co_return grant;
}

Task<std::shared_ptr<const Grant>> DataPlane::call_authorizer(Context& context, Invocation& in,
                                                              const CompiledAuthorizer& authorizer,
                                                              std::string token) {
  auto function = function_of_uri(with_stage_variables(authorizer.uri, in.variables()));
  if (!function) throw failures::authorizer_broken();
  Json event;
  if (authorizer.type == "TOKEN") {
    event = {{"type", "TOKEN"}, {"methodArn", in.method_arn()}, {"authorizationToken", token}};
  } else {
    event = authorize_detail::request_event(in);
  }
  std::string payload = event.dump(-1, ' ', false, Json::error_handler_t::replace);
  FunctionAnswer answer;
  bool broken = false;
  try {
    answer = co_await invoke_function(context, *function, std::move(payload), false,
                                      authorize_detail::kAuthorizerTimeout);
  } catch (const GatewayError&) {
    broken = true;
  }
  if (broken) throw failures::authorizer_broken();
  if (answer.failed) {
    const Json error = Json::parse(answer.payload, nullptr, false);
    const bool unauthorized =
        error.is_object() && error.value("errorMessage", "") == "Unauthorized";
    if (unauthorized) throw failures::unauthorized();
    throw failures::authorizer_broken();
  }
  auto grant = authorize_detail::parse_grant(answer.payload);
  if (!grant) throw failures::authorizer_broken();
  co_return grant;
}

}  // namespace paddock::services::apigateway
