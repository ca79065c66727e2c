// A whole emulator is killed with SIGKILL while asynchronous invocations wait in its queue, run, or
// wait for their retry. Every one that was accepted runs to its end after it, at least once.
//
// The function writes a line for every event that it has done. It fails the first time that a
// process of the emulator gives it an odd one, so that about half of them wait for a retry.
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <aws/lambda-runtime/runtime.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/text.hpp"
#include "fault_child.hpp"
#include "http/client.hpp"
#include "support/test_emulator.hpp"

namespace paddock::faults {

namespace queued {

using aws::lambda_runtime::invocation_request;
using aws::lambda_runtime::invocation_response;

constexpr const char* kVariable = "PADDOCK_TEST_NOTES";

invocation_response note(const invocation_request& request) {
  static std::mutex mutex;
  static std::set<std::string> failed;
  const uint64_t number = Json::parse(request.payload).at("n");
  std::lock_guard lock(mutex);
  if (number % 2 == 1 && failed.insert(request.payload).second) {
    return invocation_response::failure("not yet", "NotYet");
  }
  const int file = open(getenv(kVariable), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const std::string line = std::to_string(number) + "\n";
  const bool done =
      file >= 0 && write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  close(file);
  return done ? invocation_response::success("{}", "application/json")
              : invocation_response::failure("no file", "NoFile");
}

constexpr lambda::EntryPoint kFunctions[] = {{"note", &note}};

class Client {
 public:
  explicit Client(uint16_t port) : connection_(options(port)) {}
  http::Response post(const std::string& target, const Json& body, const char* type = "") {
    http::Headers headers;
    headers.add("Content-Type", "application/json");
    if (*type != '\0') headers.add("X-Amz-Invocation-Type", type);
    return connection_.request("POST", target, headers, body.dump());
  }

 private:
  static http::ClientOptions options(uint16_t port) {
    http::ClientOptions options;
    options.port = port;
    return options;
  }
  http::ClientConnection connection_;
};

uint16_t port_of(Child& child) {
  Report report;
  if (!child.read(report)) throw std::runtime_error("the emulator did not start");
  return static_cast<uint16_t>(report.number);
}

// Sends events until the emulator is dead; adds what it accepted.
void send_events(uint16_t port, std::atomic<uint64_t>& next, std::set<uint64_t>& accepted,
                 std::mutex& mutex, std::condition_variable& grown) {
  try {
    Client client(port);
    while (true) {
      const uint64_t number = next++;
      const http::Response answer =
          client.post("/2015-03-31/functions/note/invocations", {{"n", number}}, "Event");
      ASSERT_EQ(answer.status, 202) << answer.body;
      std::lock_guard lock(mutex);
      accepted.insert(number);
      grown.notify_one();
    }
  } catch (const http::ClientError&) {
  }
}

std::set<uint64_t> noted(const std::string& path) {
  std::set<uint64_t> numbers;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) numbers.insert(std::stoull(line));
  return numbers;
}

}  // namespace queued

int run_lambda(const std::vector<std::string>& arguments) {
  setenv(queued::kVariable, arguments.at(1).c_str(), 1);
  testing::TestEmulator emulator(testing::TestEmulator::durable_options(arguments.at(0)),
                                 queued::kFunctions);
  send_report({Report::Kind::acknowledged, 0, emulator.port()});
  while (true) pause();
}

TEST(LambdaKill, EveryAcceptedEventRunsToItsEnd) {
  const testing::TempDir directory;
  const std::string notes = directory.path() + "/notes";
  const std::vector<std::string> arguments = {directory.path() + "/data", notes};
  std::mt19937 random(7);
  std::atomic<uint64_t> next{1};
  std::mutex mutex;
  std::condition_variable grown;
  std::set<uint64_t> accepted;
  for (int round = 0; round < 3; ++round) {
    Child child("lambda", arguments);
    const uint16_t port = queued::port_of(child);
    if (round == 0) {
      const std::string zip = std::string("PK\x05\x06", 4) + std::string(18, '\0');
      queued::Client client(port);
      const auto made =
          client.post("/2015-03-31/functions", {{"FunctionName", "note"},
                                                {"Role", "arn:aws:iam::000000000000:role/r"},
                                                {"Runtime", "provided.al2023"},
                                                {"Handler", "note"},
                                                {"Code", {{"ZipFile", to_base64(zip)}}}});
      ASSERT_EQ(made.status, 201) << made.body;
    }
    const size_t before = accepted.size();
    std::vector<std::thread> senders;
    for (int i = 0; i < 3; ++i) {
      senders.emplace_back([&] { queued::send_events(port, next, accepted, mutex, grown); });
    }
    const size_t wanted = before + 50 + random() % 200;
    {
      std::unique_lock lock(mutex);
      grown.wait(lock, [&] { return accepted.size() >= wanted; });
    }
    child.kill();
    for (std::thread& sender : senders) sender.join();
  }
  Child child("lambda", arguments);
  queued::Client client(queued::port_of(child));
  const auto moved = client.post("/_paddock/clock", {{"advance_ms", 600'000}});
  ASSERT_EQ(moved.status, 200) << moved.body;
  const auto idle = client.post("/_paddock/idle", Json::object());
  ASSERT_EQ(idle.status, 200) << idle.body;
  const std::set<uint64_t> done = queued::noted(notes);
  for (const uint64_t number : accepted) EXPECT_TRUE(done.count(number)) << number;
}

}  // namespace paddock::faults
