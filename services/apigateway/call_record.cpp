#include "services/apigateway/call_record.hpp"

#include "events/timeline.hpp"

namespace paddock::services::apigateway {

void record_call(const gateway::RequestContext& context, std::string what, std::string resource,
                 std::string outcome, std::optional<MachineClock::Steady> started) {
  gateway::Platform& platform = context.platform;
  events::TimelineEvent event;
  event.kind = "call";
  event.what = std::move(what);
  event.resource = std::move(resource);
  event.at = platform.world.now();
  event.outcome = std::move(outcome);
  event.request_id = context.request_id;
  event.cause = context.cause;
  event.account = context.account;
  event.region = context.region;
  if (started) {
    const auto spent = platform.machine.now() - *started;
    event.microseconds = std::chrono::duration_cast<std::chrono::microseconds>(spent).count();
  }
  platform.timeline.record(std::move(event));
}

Task<void> answer_call(http::Exchange& exchange, gateway::RequestContext& context,
                       http::Response response, std::string what, std::string resource,
                       MachineClock::Steady started) {
  record_call(context, std::move(what), std::move(resource), std::to_string(response.status),
              started);
  context.activity.release();
  co_await exchange.respond(std::move(response));
}

}  // namespace paddock::services::apigateway
