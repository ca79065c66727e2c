// Answers that are streams of events, through the wire.
#include <memory>

#include <gtest/gtest.h>

#include "core/caller.hpp"
#include "gateway/service.hpp"
#include "models/logs.hpp"
#include "support/test_emulator.hpp"
#include "wire/event_stream.hpp"

namespace paddock::testing {
namespace event_streams_test {

// A service whose StartLiveTail does what its log group's name says.
class Streamer : public gateway::Service {
 public:
  explicit Streamer(gateway::Platform&) {
    gateway::Api api;
    api.model = &models::logs;
    api.invalid = [](const wire::OperationModel&, const std::vector<wire::Violation>& violations) {
      return AwsError("InvalidParameterException", wire::summary(violations));
    };
    api.operations = {{"StartLiveTail", gateway::plain(this, &Streamer::start_live_tail),
                       gateway::Access::read, gateway::Fidelity::full(), "logs:StartLiveTail",
                       nullptr, ""}};
    apis_.push_back(std::move(api));
  }
  std::string_view name() const override { return "logs"; }

 private:
  gateway::Output start_live_tail(gateway::RequestContext&, Json input) {
    const std::string what = input.at("logGroupIdentifiers").at(0);
    if (what == "refused") throw AwsError("ResourceNotFoundException", "no such group");
    return gateway::EventStream(Json(),
                                [what](gateway::EventWriter& writer) { return run(what, writer); });
  }
  static Task<void> run(std::string what, gateway::EventWriter& writer) {
    Json document = {{"sessionId", what}};
    co_await writer.send("sessionStart", std::move(document));
    if (what == "exception") throw AwsError("SessionTimeoutException", "over");
    if (what == "error") throw std::runtime_error("broken");
    if (what == "unknown") co_await writer.send("nothing", Json::object());
  }
};

std::unique_ptr<gateway::Service> make_streamer(gateway::Platform& platform) {
  return std::make_unique<Streamer>(platform);
}

class EventStreams : public ::testing::Test {
 protected:
  EventStreams() {
    const gateway::ServiceFactory factories[] = {&make_streamer};
    emulator_ = std::make_unique<Emulator>(TestEmulator::in_memory_options(), factories,
                                           std::span<const lambda::EntryPoint>());
    emulator_->start();
  }

  http::Response call(const std::string& what) {
    http::ClientOptions options;
    options.port = emulator_->port();
    http::Headers headers;
    headers.add("Content-Type", "application/x-amz-json-1.1");
    headers.add("X-Amz-Target", "Logs_20140328.StartLiveTail");
    headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/logs/aws4_request, "
                "SignedHeaders=host, Signature=00");
    headers.add("X-Amz-Date", "20261120T000000Z");
    const Json input = {{"logGroupIdentifiers", {what}}};
    return http::request(options, "POST", "/", headers, input.dump());
  }
  // The messages of an answer: type and name of each.
  static std::vector<std::string> messages(const http::Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.headers.get("content-type"), "application/vnd.amazon.eventstream");
    EXPECT_EQ(response.headers.get("transfer-encoding"), "chunked");
    wire::EventDecoder decoder;
    decoder.add(response.body);
    std::vector<std::string> found;
    while (auto message = decoder.take()) {
      const std::string type(message->text(":message-type"));
      found.push_back(type + " " + std::string(message->text(":" + type + "-type")) +
                      std::string(message->text(":error-code")) + " " + message->payload);
    }
    EXPECT_TRUE(decoder.at_boundary());
    return found;
  }

  std::unique_ptr<Emulator> emulator_;
};

using Messages = std::vector<std::string>;

TEST_F(EventStreams, BeginWithTheOutputAndGoOnWithEvents) {
  EXPECT_EQ(messages(call("fine")),
            (Messages{"event initial-response {}", R"(event sessionStart {"sessionId":"fine"})"}));
}

TEST_F(EventStreams, FailuresBeforeTheBeginningAreOrdinaryErrors) {
  const http::Response refused = call("refused");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("ResourceNotFoundException"), std::string::npos);
}

TEST_F(EventStreams, LaterFailuresAreTheLastMessage) {
  EXPECT_EQ(messages(call("exception")).back(),
            R"(exception SessionTimeoutException {"message":"over"})");
  EXPECT_EQ(messages(call("error")).back(), "error InternalFailure ");
  EXPECT_EQ(messages(call("unknown")).back(), "error InternalFailure ");
}

TEST_F(EventStreams, LeaveNothingActive) {
  call("fine");
  call("exception");
  EXPECT_TRUE(emulator_->platform().activities.wait_quiet(std::chrono::seconds(30)));
}

TEST_F(EventStreams, AreForCallersOnTheWireAlone) {
  CallIdentity identity;
  identity.account = "000000000000";
  identity.region = "us-east-1";
  try {
    emulator_->platform().caller.call_and_wait(identity, "logs", "StartLiveTail",
                                               {{"logGroupIdentifiers", {"fine"}}});
    FAIL();
  } catch (const AwsError& error) {
    EXPECT_EQ(error.status(), 501);
    EXPECT_NE(error.message().find("StartLiveTail"), std::string::npos);
  }
}

}  // namespace event_streams_test
}  // namespace paddock::testing
