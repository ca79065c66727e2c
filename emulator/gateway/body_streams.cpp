// Answers whose body is a stream of bytes: what the gateway does once their head is known.
#include "core/log.hpp"
#include "gateway/call.hpp"
#include "gateway/gateway.hpp"
#include "http/exchange.hpp"

namespace paddock::gateway {
namespace body_streams {

// What a call in-process may take into a document.
constexpr size_t kCollectedMax = 256 * 1024 * 1024;

class ToExchange : public BodyWriter {
 public:
  explicit ToExchange(http::Exchange& exchange) : exchange_(exchange) {}
  Task<void> write(std::string piece) override { return exchange_.write(std::move(piece)); }

 private:
  http::Exchange& exchange_;
};

class ToBytes : public BodyWriter {
 public:
  Task<void> write(std::string piece) override {
    if (bytes.size() + piece.size() > kCollectedMax) {
      throw AwsError("InternalFailure", "The body is too large for a call from within.", 501);
    }
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    co_return;
  }
  Json::binary_t::container_type bytes;
};

}  // namespace body_streams

// The head is out before the body begins, so a failure can only cut the answer off.
Task<void> Gateway::stream_bytes(http::Exchange& exchange, Call& call,
                                 http::Response beginning) const {
  co_await exchange.start(beginning.status, std::move(beginning.headers));
  body_streams::ToExchange writer(exchange);
  try {
    co_await call.bytes->run(writer);
  } catch (const http::ConnectionError&) {
    throw;
  } catch (const std::exception& error) {
    platform_->log.error("the body of the answer to request " + call.context.request_id +
                         " was cut off: " + error.what());
    exchange.abort();
    throw http::ConnectionError("the answer was aborted");
  }
  call.context.activity.release();
  http::Headers none;
  co_await exchange.finish(std::move(none));
}

// For callers from within: the whole body.
Task<void> Gateway::gather(Call& call, http::Response& response) const {
  body_streams::ToBytes bytes;
  co_await call.bytes->run(bytes);
  response.body.assign(bytes.bytes.begin(), bytes.bytes.end());
  call.bytes.reset();
}

Task<Json> Gateway::collected(const Call& call, Output output) const {
  if (!output.is_body() || !output.body().run) co_return to_document(call, std::move(output));
  BodyStream& body = output.body();
  body_streams::ToBytes bytes;
  co_await body.run(bytes);
  const wire::Member* payload = call.operation->model->output->payload;
  body.head[std::string(payload->name)] = Json::binary(std::move(bytes.bytes));
  co_return std::move(body.head);
}

}  // namespace paddock::gateway
