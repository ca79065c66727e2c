// A whole emulator is killed with SIGKILL while producers send to a standard and a FIFO queue and
// consumers receive and delete. Every message whose send was acknowledged is received at least
// once, none appears from nowhere, and those of a group come in order. What a consumer of the FIFO
// queue deleted never comes again, nor does a send that was repeated make a second message.
//
// Producer p sends numbers from 1 on to both queues, to group p of the FIFO queue; a send that was
// cut off is repeated with the same number, which the FIFO queue knows.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "fault_child.hpp"
#include "http/client.hpp"
#include "support/test_emulator.hpp"

namespace paddock::faults {

namespace queues {

constexpr uint64_t kProducers = 4;
constexpr int kConsumersEach = 4;  // of each queue
constexpr const char* kStandard = "http://localhost/000000000000/standard";
constexpr const char* kFifo = "http://localhost/000000000000/ordered.fifo";

// A connection to the child. Requests throw http::ClientError once it is dead.
class Client {
 public:
  explicit Client(uint16_t port) : connection_(options(port)) {}

  Json sqs(const std::string& operation, const Json& input) {
    http::Headers headers;
    headers.add("Content-Type", "application/x-amz-json-1.0");
    headers.add("X-Amz-Target", "AmazonSQS." + operation);
    const http::Response response = connection_.request("POST", "/", headers, input.dump());
    // A handle may have expired while the machine was busy.
    const bool late = response.body.find("handle has expired") != std::string::npos;
    EXPECT_TRUE(response.status == 200 || late) << operation << ": " << response.body;
    return Json::parse(response.body);
  }
  void advance(int64_t ms) {
    http::Headers headers;
    headers.add("Content-Type", "application/json");
    const Json body = {{"advance_ms", ms}};
    connection_.request("POST", "/_paddock/clock", headers, body.dump());
  }

 private:
  static http::ClientOptions options(uint16_t port) {
    http::ClientOptions options;
    options.port = port;
    return options;
  }
  http::ClientConnection connection_;
};

// What was sent and what came, by producer. Thread-safe.
class Ledger {
 public:
  uint64_t next(uint64_t producer, bool fifo) {
    const std::lock_guard lock(mutex_);
    return sent_[fifo][producer] + 1;
  }
  void acknowledged(uint64_t producer, bool fifo, uint64_t number) {
    const std::lock_guard lock(mutex_);
    sent_[fifo][producer] = number;
    ++acknowledgements_;
  }
  void received(bool fifo, const std::string& body) {
    const size_t split = body.find(' ');
    const uint64_t producer = std::stoull(body.substr(0, split));
    const uint64_t number = std::stoull(body.substr(split + 1));
    const std::lock_guard lock(mutex_);
    std::set<uint64_t>& seen = received_[fifo][producer];
    EXPECT_FALSE(deleted_[producer].contains(number) && fifo) << "deleted, and here again";
    // In a group nothing comes before all that was sent before it has come.
    if (fifo && seen.insert(number).second) {
      EXPECT_EQ(number, seen.size()) << "out of order in group " << producer;
    }
    seen.insert(number);
    EXPECT_LE(number, sent_[fifo][producer] + 1) << "from nowhere";
  }
  // Of the FIFO queue, whose handles are good only while nobody else can have the message.
  void deleted(const std::string& body) {
    const size_t split = body.find(' ');
    const std::lock_guard lock(mutex_);
    deleted_[std::stoull(body.substr(0, split))].insert(std::stoull(body.substr(split + 1)));
  }
  uint64_t acknowledgements() {
    const std::lock_guard lock(mutex_);
    return acknowledgements_;
  }
  void check() {
    const std::lock_guard lock(mutex_);
    for (const bool fifo : {false, true}) {
      for (uint64_t producer = 0; producer < kProducers; ++producer) {
        EXPECT_GT(sent_[fifo][producer], 0u) << "the load hardly ran";
        for (uint64_t number = 1; number <= sent_[fifo][producer]; ++number) {
          EXPECT_TRUE(received_[fifo][producer].contains(number))
              << "lost: " << producer << " " << number << (fifo ? " (FIFO)" : "");
        }
      }
    }
  }

 private:
  std::mutex mutex_;
  std::map<bool, std::map<uint64_t, uint64_t>> sent_;
  std::map<bool, std::map<uint64_t, std::set<uint64_t>>> received_;
  std::map<uint64_t, std::set<uint64_t>> deleted_;
  uint64_t acknowledgements_ = 0;
};

class Run {
 public:
  void start(const std::string& directory) {
    child_ = std::make_unique<Child>("dynamodb", std::vector<std::string>{directory});
    Report report;
    ASSERT_TRUE(child_->read(report));
    ASSERT_EQ(report.kind, Report::Kind::recovered);
    port_ = static_cast<uint16_t>(report.number);
  }

  void create_queues() {
    Client client(port_);
    const Json standard = {{"QueueName", "standard"}, {"Attributes", {{"VisibilityTimeout", "5"}}}};
    const Json fifo = {{"QueueName", "ordered.fifo"},
                       {"Attributes", {{"VisibilityTimeout", "5"}, {"FifoQueue", "true"}}}};
    client.sqs("CreateQueue", standard);
    client.sqs("CreateQueue", fifo);
  }

  void load_and_kill(uint64_t sends) {
    const uint64_t enough = ledger_.acknowledgements() + sends;
    std::vector<std::thread> threads;
    for (uint64_t producer = 0; producer < kProducers; ++producer) {
      threads.emplace_back(
          [this, producer] { until_killed([&](Client& client) { send(client, producer); }); });
    }
    for (int i = 0; i < 2 * kConsumersEach; ++i) {
      threads.emplace_back([this, fifo = i % 2 == 0] {
        until_killed([&](Client& client) { consume(client, fifo, 1); });
      });
    }
    while (ledger_.acknowledgements() < enough) std::this_thread::yield();
    child_->kill();
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(child_->wait());
  }

  // Takes all that is left; what is in flight comes when the clock says so.
  void drain() {
    Client client(port_);
    for (const bool fifo : {false, true}) {
      for (int empty = 0; empty < 2;) {
        client.advance(6000);
        bool any = false;
        while (consume(client, fifo, 0)) any = true;
        if (!any) ++empty;
      }
    }
    ledger_.check();
  }

 private:
  template <class Step>
  void until_killed(Step step) {
    try {
      Client client(port_);
      for (;;) step(client);
    } catch (const http::ClientError&) {
    }
  }

  void send(Client& client, uint64_t producer) {
    for (const bool fifo : {false, true}) {
      const uint64_t number = ledger_.next(producer, fifo);
      const std::string body = std::to_string(producer) + " " + std::to_string(number);
      Json input = {{"QueueUrl", fifo ? kFifo : kStandard}, {"MessageBody", body}};
      if (fifo) {
        input["MessageGroupId"] = std::to_string(producer);
        input["MessageDeduplicationId"] = std::to_string(producer) + "-" + std::to_string(number);
      }
      client.sqs("SendMessage", input);
      ledger_.acknowledged(producer, fifo, number);
    }
  }

  bool consume(Client& client, bool fifo, int wait_s) {
    const Json input = {{"QueueUrl", fifo ? kFifo : kStandard},
                        {"MaxNumberOfMessages", 10},
                        {"WaitTimeSeconds", wait_s}};
    const Json answer = client.sqs("ReceiveMessage", input);
    if (!answer.contains("Messages")) return false;
    for (const Json& message : answer["Messages"]) ledger_.received(fifo, message.at("Body"));
    for (const Json& message : answer["Messages"]) {
      const Json handle = {{"QueueUrl", fifo ? kFifo : kStandard},
                           {"ReceiptHandle", message.at("ReceiptHandle")}};
      const Json answer_to_delete = client.sqs("DeleteMessage", handle);
      if (fifo && !answer_to_delete.contains("message")) ledger_.deleted(message.at("Body"));
    }
    return true;
  }

  std::unique_ptr<Child> child_;
  uint16_t port_ = 0;
  Ledger ledger_;
};

// PADDOCK_TEST_KILLS asks for more than the few of every day, PADDOCK_TEST_SECONDS for kills every
// few seconds until that time is over.
int number(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::max(0, std::atoi(text)) : otherwise;
}

}  // namespace queues

TEST(SqsKill, EveryAcknowledgedMessageComesAndGroupsKeepTheirOrder) {
  const testing::TempDir directory;
  std::mt19937_64 random(7);
  queues::Run run;
  ASSERT_NO_FATAL_FAILURE(run.start(directory.path()));
  run.create_queues();
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(queues::number("PADDOCK_TEST_SECONDS", 0));
  const int kills = queues::number("PADDOCK_TEST_KILLS", 4);
  for (int kill = 0; kill < kills || std::chrono::steady_clock::now() < end; ++kill) {
    const bool long_run = kill >= kills;
    run.load_and_kill(long_run ? 2'000 + random() % 20'000 : 50 + random() % 400);
    ASSERT_NO_FATAL_FAILURE(run.start(directory.path()));
    ASSERT_FALSE(::testing::Test::HasFailure()) << "after kill " << kill + 1;
  }
  run.drain();
}

}  // namespace paddock::faults
