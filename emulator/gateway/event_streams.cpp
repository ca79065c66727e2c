// Answers that are event streams: what the gateway does once their beginning is known.
#include "gateway/call.hpp"
#include "gateway/errors.hpp"
#include "gateway/gateway.hpp"
#include "http/exchange.hpp"
#include "wire/typed_events.hpp"

namespace paddock::gateway {
namespace event_streams {

class Writer : public EventWriter {
 public:
  Writer(http::Exchange& exchange, const wire::ServiceModel& model,
         const wire::OperationModel& operation)
      : exchange_(exchange), model_(model), operation_(operation) {}

  Task<void> send(std::string event, Json document) override {
    std::string message = wire::encode_typed_event(model_, operation_, event, document);
    return exchange_.write(std::move(message));
  }

 private:
  http::Exchange& exchange_;
  const wire::ServiceModel& model_;
  const wire::OperationModel& operation_;
};

}  // namespace event_streams

// The events come as the handler has them; a failure is the last of them.
Task<void> Gateway::stream(http::Exchange& exchange, Call& call, http::Response beginning) const {
  const wire::ServiceModel& model = call.api->model();
  const wire::OperationModel& operation = *call.operation->model;
  co_await exchange.start(beginning.status, std::move(beginning.headers));
  if (!beginning.body.empty()) co_await exchange.write(std::move(beginning.body));
  event_streams::Writer writer(exchange, model, operation);
  std::exception_ptr failure;
  try {
    co_await call.events->run(writer);
  } catch (const http::ConnectionError&) {
    throw;
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const AwsError error = to_aws_error(failure, call, platform_->log);
    std::string message =
        wire::encode_failure(model, operation, error, call.api->api().error_style);
    co_await exchange.write(std::move(message));
  }
  call.context.activity.release();
  http::Headers none;
  co_await exchange.finish(std::move(none));
}

}  // namespace paddock::gateway
