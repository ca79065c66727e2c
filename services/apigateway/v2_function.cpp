#include "services/apigateway/v2_function.hpp"

#include "core/arn.hpp"
#include "services/apigateway/model.hpp"
#include "storage/database.hpp"

namespace paddock::services::apigateway::v2 {

Task<FunctionAnswer> call_function(gateway::RequestContext& context, std::string uri,
                                   Json variables, Json event, std::chrono::milliseconds timeout) {
  FunctionAnswer answer;
  uri = with_stage_variables(uri, variables);
  if (auto function = function_of_uri(uri)) uri = *std::move(function);
  auto arn = Arn::parse(uri);
  if (!arn || arn->service != "lambda") co_return answer;
  CallIdentity identity = context.as_caller();
  identity.account = arn->account;
  identity.region = arn->region;
  identity.principal_arn = "apigateway.amazonaws.com";
  std::string text = event.dump(-1, ' ', false, Json::error_handler_t::replace);
  Json input = Json::object();
  input["FunctionName"] = uri;
  input["Payload"] = Json::binary(std::vector<uint8_t>(text.begin(), text.end()));
  try {
    auto call =
        context.platform.caller.call(std::move(identity), "lambda", "Invoke", std::move(input));
    std::optional<Json> result = co_await with_timeout(std::move(call), timeout);
    if (!result) {
      answer.kind = FunctionAnswer::Kind::timed_out;
      co_return answer;
    }
    if (result->contains("FunctionError")) co_return answer;
    const auto& payload = result->at("Payload").get_binary();
    answer.payload.assign(payload.begin(), payload.end());
    answer.kind = FunctionAnswer::Kind::answered;
  } catch (const AwsError&) {
    answer.kind = FunctionAnswer::Kind::failed;
  }
  co_return answer;
}

}  // namespace paddock::services::apigateway::v2
