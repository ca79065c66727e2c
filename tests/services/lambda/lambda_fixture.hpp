// An emulator with Lambda, Logs and a stream made by hand, called in-process; and functions whose
// behaviour a test sets.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <aws/lambda-runtime/runtime.h>
#include <gtest/gtest.h>

#include "core/activity.hpp"
#include "core/caller.hpp"
#include "core/error.hpp"
#include "emulator.hpp"
#include "events/log_source.hpp"
#include "events/scheduler.hpp"
#include "events/timeline.hpp"
#include "gateway/service.hpp"
#include "services/lambda/service.hpp"
#include "services/logs/service.hpp"
#include "storage/realms.hpp"

namespace paddock::services::lambda::testing {

using aws::lambda_runtime::invocation_request;
using aws::lambda_runtime::invocation_response;

// What the function "scripted" does, and what it was given.
class Script {
 public:
  using Action = std::function<invocation_response(const invocation_request&)>;

  void set(Action action) {
    std::lock_guard lock(mutex_);
    action_ = std::move(action);
    requests_.clear();
  }
  invocation_response run(const invocation_request& request) {
    Action action;
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(request);
      action = action_;
    }
    return action ? action(request) : invocation_response::success("{}", "application/json");
  }
  std::vector<invocation_request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }
  // The records of every batch so far.
  std::vector<Json> batches() const {
    std::vector<Json> found;
    for (const invocation_request& request : requests()) {
      found.push_back(Json::parse(request.payload).at("Records"));
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  Action action_;
  std::vector<invocation_request> requests_;
};

inline Script& script() {
  static Script instance;
  return instance;
}

inline invocation_response scripted(const invocation_request& request) {
  return script().run(request);
}
inline invocation_response echo(const invocation_request& request) {
  return invocation_response::success(request.payload, "application/json");
}
inline invocation_response failing(const invocation_request&) {
  return invocation_response::failure("it broke", "Broken");
}

inline constexpr ::paddock::lambda::EntryPoint kFunctions[] = {
    {"echo", &echo}, {"failing", &failing}, {"scripted", &scripted}};

// A stream of one shard (more with `split`), in the place of DynamoDB's.
class HandStream : public gateway::Service, public events::LogSource {
 public:
  static constexpr const char* kArn =
      "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-11-20T00:00:00.000";

  explicit HandStream(gateway::Platform& platform) : platform_(platform) {
    platform.log_sources.add("dynamodb", *this);
    shards_["shardId-1"];
  }
  std::string_view name() const override { return "handstream"; }

  void put(const std::string& id, const std::string& shard = "shardId-1",
           const std::string& cause = "put-request") {
    Json event = {{"eventName", "INSERT"}, {"id", id}};
    put_event(std::move(event), shard, cause);
  }
  // A record of a partition key.
  void put_keyed(const std::string& key, int n) {
    Json event = {{"n", n}, {"kinesis", {{"partitionKey", key}}}};
    put_event(std::move(event), "shardId-1", "put-request");
  }
  void put_event(Json event, const std::string& shard, const std::string& cause) {
    {
      std::lock_guard lock(mutex_);
      events::LogRecord record;
      record.position = ++last_;
      record.sequence_number = std::to_string(1000 + record.position);
      record.event = std::move(event);
      record.bytes = 50;
      record.arrived = platform_.world.now();
      record.cause.request_id = cause;
      shards_[shard].records.push_back(record);
    }
    notify();
  }
  void split(const std::string& parent, const std::string& child) {
    {
      std::lock_guard lock(mutex_);
      shards_[parent].closed = true;
      shards_[child].parent = parent;
    }
    notify();
  }

  std::vector<events::LogShard> shards(const std::string& arn) override {
    require(arn);
    std::lock_guard lock(mutex_);
    std::vector<events::LogShard> found;
    for (const auto& [id, shard] : shards_) {
      events::LogShard one;
      one.id = id;
      one.parent_id = shard.parent;
      one.closed = shard.closed;
      found.push_back(one);
    }
    return found;
  }
  uint64_t start_position(const std::string& arn, const std::string&, events::StartAt start,
                          WorldTime) override {
    require(arn);
    std::lock_guard lock(mutex_);
    return start == events::StartAt::latest ? last_ + 1 : 1;
  }
  events::LogPage read(const std::string& arn, const std::string& id, uint64_t position,
                       size_t most, size_t) override {
    require(arn);
    std::lock_guard lock(mutex_);
    const Shard& shard = shards_.at(id);
    events::LogPage page;
    page.next_position = position;
    bool all = true;
    for (const events::LogRecord& record : shard.records) {
      if (record.position < position) continue;
      if (page.records.size() == most) {
        all = false;
        break;
      }
      page.records.push_back(record);
      page.next_position = record.position + 1;
    }
    page.end_of_shard = shard.closed && all;
    return page;
  }
  std::shared_ptr<void> subscribe(const std::string& arn, std::function<void()> listener) override {
    require(arn);
    auto held = std::make_shared<std::function<void()>>(std::move(listener));
    std::lock_guard lock(mutex_);
    listeners_.push_back(held);
    return held;
  }

 private:
  struct Shard {
    std::string parent;
    bool closed = false;
    std::vector<events::LogRecord> records;
  };

  static void require(const std::string& arn) {
    if (arn != kArn) throw AwsError("ResourceNotFoundException", "no such stream");
  }
  void notify() {
    std::vector<std::weak_ptr<std::function<void()>>> listeners;
    {
      std::lock_guard lock(mutex_);
      listeners = listeners_;
    }
    for (const auto& listener : listeners) {
      if (auto held = listener.lock()) (*held)();
    }
  }

  gateway::Platform& platform_;
  std::mutex mutex_;
  uint64_t last_ = 0;
  std::map<std::string, Shard> shards_;
  std::vector<std::weak_ptr<std::function<void()>>> listeners_;
};

// How a call ended.
struct Answer {
  Json body;
  std::string error;
  std::string message;
  int status = 200;
};

class LambdaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    script().set({});
    start();
  }
  void TearDown() override { emulator_.reset(); }

  static Options options() {
    Options options;
    options.port = 0;
    options.hosts = {"127.0.0.1"};
    options.durability = storage::Durability::none;
    options.access_log = false;
    options.machine_hooks = false;
    options.log_level = LogLevel::error;
    return options;
  }
  void start(const Options& options = LambdaTest::options()) {
    static HandStream* made = nullptr;
    const gateway::ServiceFactory factories[] = {
        &lambda::make, &logs::make,
        [](gateway::Platform& platform) -> std::unique_ptr<gateway::Service> {
          auto stream = std::make_unique<HandStream>(platform);
          made = stream.get();
          return stream;
        }};
    emulator_ = std::make_unique<Emulator>(options, factories, kFunctions);
    stream_ = made;
    emulator_->start();
  }

  gateway::Platform& platform() { return emulator_->platform(); }
  HandStream& stream() { return *stream_; }

  Answer call(const std::string& operation, const Json& input,
              const std::string& service = "lambda") {
    CallIdentity identity;
    identity.account = "000000000000";
    identity.region = "us-east-1";
    identity.principal_arn = "arn:aws:iam::000000000000:root";
    identity.cause.request_id = "test-request";
    Answer answer;
    try {
      answer.body = platform().caller.call_and_wait(identity, service, operation, input);
    } catch (const AwsError& error) {
      answer.error = error.code();
      answer.message = error.message();
      answer.status = error.status();
    }
    return answer;
  }
  static Json zip() {
    const std::string bytes = std::string("PK\x05\x06", 4) + std::string(18, '\0');
    return Json::binary({bytes.begin(), bytes.end()});
  }
  static Json function(const std::string& name, const std::string& handler) {
    return {{"FunctionName", name},
            {"Role", "arn:aws:iam::000000000000:role/r"},
            {"Runtime", "provided.al2023"},
            {"Handler", handler},
            {"Code", {{"ZipFile", zip()}}}};
  }
  Answer create(const std::string& name, const std::string& handler) {
    return call("CreateFunction", function(name, handler));
  }
  static Json payload(const std::string& text) { return Json::binary({text.begin(), text.end()}); }
  static std::string text_of(const Json& blob) {
    const Json::binary_t& bytes = blob.get_binary();
    return std::string(bytes.begin(), bytes.end());
  }
  void wait_quiet() {
    ASSERT_TRUE(platform().activities.wait_quiet(std::chrono::seconds(20)))
        << Json(platform().activities.active()).dump();
  }
  void advance(std::chrono::milliseconds by) {
    const auto left = events::advance(platform().world, platform().scheduler, platform().activities,
                                      platform().world.now() + by, std::chrono::seconds(20));
    EXPECT_TRUE(left.empty()) << Json(left).dump();
  }
  // The reasons of the timeline's "not-invoked" events.
  std::vector<std::string> reasons() {
    events::TimelineFilter filter;
    filter.kind = "not-invoked";
    std::vector<std::string> found;
    const Json events = platform().timeline.read(filter);
    for (const Json& event : events.at("Events")) {
      found.push_back(event.at("Outcome").get<std::string>());
    }
    return found;
  }

  std::unique_ptr<Emulator> emulator_;
  HandStream* stream_ = nullptr;
};

}  // namespace paddock::services::lambda::testing
