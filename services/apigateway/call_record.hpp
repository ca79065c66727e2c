// What every answered request of the data planes leaves in the timeline.
#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"
#include "gateway/service.hpp"

namespace paddock::services::apigateway {

// `what`: "execute-api GET /pets"; `resource`: the API's id; `outcome`: the status; `started`: for
// how long it took.
void record_call(const gateway::RequestContext& context, std::string what, std::string resource,
                 std::string outcome, std::optional<MachineClock::Steady> started = std::nullopt);

// Records the answer under the name of the request, ends the context's activity, and answers.
Task<void> answer_call(http::Exchange& exchange, gateway::RequestContext& context,
                       http::Response response, std::string what, std::string resource,
                       MachineClock::Steady started);

}  // namespace paddock::services::apigateway
