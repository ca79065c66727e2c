// InvokeAsync, the operation before Invoke had an InvocationType.
// https://docs.aws.amazon.com/lambda/latest/api/API_InvokeAsync.html
#include "services/lambda/service.hpp"

namespace paddock::services::lambda {

Task<gateway::Output> Lambda::invoke_async(Context& context, Json input) {
  Json event = {{members::FunctionName, input.at(members::FunctionName)},
                {members::InvocationType, "Event"},
                {members::Payload, input.at(members::InvokeArgs)}};
  co_await invoke(context, std::move(event));
  co_return gateway::Output(Json{{members::Status, 202}});
}

}  // namespace paddock::services::lambda
