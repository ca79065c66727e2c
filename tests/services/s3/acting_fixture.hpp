// S3 among all services, and a function that remembers its events.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <aws/lambda-runtime/runtime.h>
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "fixture.hpp"
#include "support/test_emulator.hpp"

namespace paddock::testing {

// The events that the function "remember_s3" was given.
class S3Events {
 public:
  void add(const std::string& text) {
    const std::lock_guard lock(mutex_);
    texts_.push_back(text);
  }
  std::vector<Json> take() {
    const std::lock_guard lock(mutex_);
    std::vector<Json> found;
    for (const std::string& text : texts_) found.push_back(Json::parse(text));
    texts_.clear();
    return found;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> texts_;
};

inline S3Events& s3_events() {
  static S3Events instance;
  return instance;
}

inline aws::lambda_runtime::invocation_response remember_s3(
    const aws::lambda_runtime::invocation_request& request) {
  s3_events().add(request.payload);
  return aws::lambda_runtime::invocation_response::success("{}", "application/json");
}

inline constexpr ::paddock::lambda::EntryPoint kS3Functions[] = {{"remember_s3", &remember_s3}};

class ActingS3Test : public ::testing::Test {
 protected:
  ActingS3Test() { open(TestEmulator::in_memory_options()); }

  void open(Options options) {
    emulator_.reset();
    emulator_ = std::make_unique<TestEmulator>(std::move(options), kS3Functions);
    s3_events().take();
  }

  S3Answer send(const std::string& method, const std::string& target, const std::string& body = "",
                const Fields& fields = {}) {
    http::Headers headers;
    for (const auto& [name, value] : fields) headers.add(name, value);
    headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/s3/aws4_request, "
                "SignedHeaders=host;x-amz-date, Signature=" +
                    std::string(64, '0'));
    headers.add("X-Amz-Date", "20261120T000000Z");
    CallResult result = emulator_->request(method, target, headers, body);
    return {result.status, std::move(result.headers), std::move(result.text)};
  }
  S3Answer get(const std::string& target, const Fields& fields = {}) {
    return send("GET", target, "", fields);
  }
  S3Answer head(const std::string& target, const Fields& fields = {}) {
    return send("HEAD", target, "", fields);
  }
  S3Answer put(const std::string& target, const std::string& body = "", const Fields& fields = {}) {
    return send("PUT", target, body, fields);
  }
  S3Answer drop(const std::string& target, const Fields& fields = {}) {
    return send("DELETE", target, "", fields);
  }
  S3Answer post(const std::string& target, const std::string& body = "",
                const Fields& fields = {}) {
    return send("POST", target, body, fields);
  }
  void make_bucket(const std::string& name, const Fields& fields = {}) {
    const S3Answer made = put("/" + name, "", fields);
    ASSERT_EQ(made.status, 200) << made.body;
  }
  void set_versioning(const std::string& bucket, const std::string& status) {
    const S3Answer set =
        put("/" + bucket + "?versioning",
            "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>");
    ASSERT_EQ(set.status, 200) << set.body;
  }
  void advance_days(int days) { emulator_->advance(std::chrono::hours(24 * days)); }

  // A policy that lets S3 use a queue or topic for one bucket.
  static std::string policy_for(const std::string& action, const std::string& arn,
                                const std::string& bucket) {
    const Json statement = {
        {"Effect", "Allow"},
        {"Principal", {{"Service", "s3.amazonaws.com"}}},
        {"Action", action},
        {"Resource", arn},
        {"Condition", {{"ArnLike", {{"aws:SourceArn", "arn:aws:s3:::" + bucket}}}}}};
    return Json{{"Version", "2012-10-17"}, {"Statement", Json::array({statement})}}.dump();
  }
  // Makes a queue that takes a bucket's events; returns its ARN.
  std::string make_queue(const std::string& name, const std::string& bucket) {
    const std::string arn = "arn:aws:sqs:us-east-1:000000000000:" + name;
    const Json input = {{"QueueName", name},
                        {"Attributes", {{"Policy", policy_for("sqs:SendMessage", arn, bucket)}}}};
    const CallResult made = emulator_->call("sqs", "CreateQueue", input);
    EXPECT_TRUE(made.ok()) << made.text;
    return arn;
  }
  // The bodies of all messages in a queue, which are then gone.
  std::vector<Json> messages(const std::string& queue) {
    emulator_->wait_idle();
    std::vector<Json> found;
    const std::string url = "http://localhost/000000000000/" + queue;
    while (true) {
      const Json input = {{"QueueUrl", url}, {"MaxNumberOfMessages", 10}};
      const CallResult got = emulator_->call("sqs", "ReceiveMessage", input);
      EXPECT_TRUE(got.ok()) << got.text;
      if (!got.body.contains("Messages")) return found;
      for (const Json& message : got.body["Messages"]) {
        found.push_back(Json::parse(message.at("Body").get<std::string>()));
        const Json handle = {{"QueueUrl", url}, {"ReceiptHandle", message.at("ReceiptHandle")}};
        emulator_->call("sqs", "DeleteMessage", handle);
      }
    }
  }
  // The single record of each of the queue's messages.
  std::vector<Json> records(const std::string& queue) {
    std::vector<Json> found;
    for (const Json& message : messages(queue)) found.push_back(message.at("Records").at(0));
    return found;
  }
  // A bucket whose events of these kinds go to the queue of the same name.
  void make_watched_bucket(const std::string& name, const std::string& events) {
    make_bucket(name);
    const std::string arn = make_queue(name, name);
    const S3Answer set = put("/" + name + "?notification", queue_notification(arn, events));
    ASSERT_EQ(set.status, 200) << set.body;
    messages(name);
  }
  static std::string queue_notification(const std::string& arn, const std::string& events,
                                        const std::string& more = "") {
    std::string text = "<NotificationConfiguration><QueueConfiguration><Queue>" + arn + "</Queue>";
    for (const std::string_view event : split(events, ' ')) {
      text += "<Event>" + std::string(event) + "</Event>";
    }
    return text + more + "</QueueConfiguration></NotificationConfiguration>";
  }

  std::unique_ptr<TestEmulator> emulator_;
};

}  // namespace paddock::testing
