#include "services/apigateway/v2_function.hpp"

#include "services/apigateway/endpoints.hpp"
#include "services/apigateway/model.hpp"

namespace paddock::services::apigateway::v2 {

Task<FunctionAnswer> call_function(gateway::RequestContext& context, std::string uri,
                                   Json variables, Json event, std::chrono::milliseconds timeout) {
  FunctionAnswer answer;
  uri = with_stage_variables(uri, variables);
  if (auto function = function_of_uri(uri)) uri = *std::move(function);
  std::string text = event.dump(-1, ' ', false, Json::error_handler_t::replace);
  try {
    auto call = invoke_function(context, std::move(uri), std::move(text), false, timeout);
    apigateway::FunctionAnswer told = co_await std::move(call);
    if (told.failed) co_return answer;
    answer.payload = std::move(told.payload);
    answer.kind = FunctionAnswer::Kind::answered;
  } catch (const GatewayError& error) {
    const bool late = error.type == failures::timed_out().type;
    answer.kind = late ? FunctionAnswer::Kind::timed_out : FunctionAnswer::Kind::failed;
  }
  co_return answer;
}

}  // namespace paddock::services::apigateway::v2
