// What the tests of event source mappings on queues share: an emulator with queues, functions whose
// behaviour a test sets, and calls in one line.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>

#include "core/text.hpp"
#include "support/test_emulator.hpp"
#include "tests/services/lambda/lambda_fixture.hpp"

namespace paddock::services::lambda::testing {
namespace queue_mapping_tests {

using paddock::testing::CallResult;
using paddock::testing::TempDir;
using paddock::testing::TestEmulator;
using std::chrono::seconds;
using Texts = std::vector<std::string>;

// A door that the functions of a test wait at.
class Door {
 public:
  // Waits until it is open; counts who is inside meanwhile.
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
  }
  void await(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, count] { return waiting_ >= count; });
  }
  int waiting() {
    std::lock_guard lock(mutex_);
    return waiting_;
  }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

class QueueMappingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    script().set({});
    start(TestEmulator::in_memory_options());
  }
  void start(const Options& options) {
    emulator_.reset();
    emulator_ = std::make_unique<TestEmulator>(options, kFunctions);
    emulator_->platform().world.freeze();
  }

  CallResult lambda(const std::string& operation, const Json& input) {
    return emulator_->call("lambda", operation, input);
  }
  Json sqs(const std::string& operation, const Json& input) {
    const CallResult result = emulator_->call("sqs", operation, input);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.text;
    return result.body;
  }
  void make_function(const std::string& name = "f", int timeout = 3,
                     const std::string& handler = "scripted") {
    const CallResult made =
        lambda("CreateFunction",
               {{"FunctionName", name},
                {"Runtime", "provided.al2023"},
                {"Handler", handler},
                {"Timeout", timeout},
                {"Role", "arn:aws:iam::000000000000:role/r"},
                {"Code", {{"ZipFile", to_base64("PK\x05\x06" + std::string(18, '\0'))}}}});
    ASSERT_TRUE(made.ok()) << made.text;
  }
  // Makes the queue and returns its ARN.
  std::string make_queue(const std::string& name, Json attributes = Json::object()) {
    if (name.ends_with(".fifo")) attributes["FifoQueue"] = "true";
    sqs("CreateQueue", {{"QueueName", name}, {"Attributes", attributes}});
    return "arn:aws:sqs:us-east-1:000000000000:" + name;
  }
  std::string url(const std::string& arn) {
    return emulator_->url() + "/000000000000/" + arn.substr(arn.rfind(':') + 1);
  }
  void send(const std::string& arn, const std::string& body, Json more = Json::object()) {
    more["QueueUrl"] = url(arn);
    more["MessageBody"] = body;
    sqs("SendMessage", more);
  }
  void send_fifo(const std::string& arn, const std::string& body, const std::string& group) {
    send(arn, body, {{"MessageGroupId", group}, {"MessageDeduplicationId", body}});
  }
  // Visible, in flight, delayed.
  Texts counts(const std::string& arn) {
    const Json all =
        sqs("GetQueueAttributes", {{"QueueUrl", url(arn)}, {"AttributeNames", {"All"}}})
            .at("Attributes");
    return {all.at("ApproximateNumberOfMessages"), all.at("ApproximateNumberOfMessagesNotVisible"),
            all.at("ApproximateNumberOfMessagesDelayed")};
  }
  static Json mapping(const std::string& arn, const Json& more = Json::object()) {
    Json input = {{"FunctionName", "f"}, {"EventSourceArn", arn}};
    input.update(more);
    return input;
  }
  std::string join(const std::string& arn, const Json& more = Json::object()) {
    const CallResult made = lambda("CreateEventSourceMapping", mapping(arn, more));
    EXPECT_TRUE(made.ok()) << made.text;
    return made.body.value("UUID", "");
  }
  std::string refusal(const std::string& arn, const Json& more = Json::object()) {
    const CallResult made = lambda("CreateEventSourceMapping", mapping(arn, more));
    EXPECT_EQ(made.error(), "InvalidParameterValueException") << made.text;
    return made.message();
  }
  static Texts bodies(const Json& batch) {
    Texts found;
    for (const Json& record : batch) found.push_back(record.at("body"));
    return found;
  }
  // The bodies of all records that reached the function, in order.
  static Texts delivered() {
    Texts all;
    for (const Json& batch : script().batches()) {
      const Texts some = bodies(batch);
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  static Json with_pattern(const Json& pattern) {
    return {{"FilterCriteria", {{"Filters", Json::array({{{"Pattern", pattern.dump()}}})}}}};
  }
  void wait_idle() { emulator_->wait_idle(); }
  void advance(std::chrono::milliseconds by) { emulator_->advance(by); }

  std::unique_ptr<TestEmulator> emulator_;
};

}  // namespace queue_mapping_tests
}  // namespace paddock::services::lambda::testing
