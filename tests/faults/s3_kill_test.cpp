// A whole emulator is killed with SIGKILL while objects are written: plain ones of several sizes,
// keys that are overwritten, and multipart uploads. What was acknowledged is whole, what was cut
// off is whole or absent, and an upload goes on where it was.
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "fault_child.hpp"
#include "http/client.hpp"
#include "support/test_emulator.hpp"

namespace paddock::faults {

namespace objects {

constexpr uint64_t kWriters = 4;
constexpr uint64_t kUploader = kWriters;  // its lane
constexpr size_t kFirstPart = 5 << 20;
constexpr size_t kSecondPart = 70'000;
// In the row, in pieces, and from 8 MiB on in files of their own.
constexpr size_t kSizes[] = {900, 40'000, 300'000, (8 << 20) + 1};

size_t size_of(uint64_t number) {
  const bool large = number % 16 == 15;
  return kSizes[large ? 3 : number % 3];
}
std::string key_of(uint64_t lane, uint64_t number) {
  return "/bucket/" + std::to_string(lane) + "/" + std::to_string(number);
}
std::string latest_of(uint64_t lane) {
  return "/bucket/" + std::to_string(lane) + "/latest";
}
std::string whole_upload(uint64_t number) {
  return value_of(kUploader, number, kFirstPart) + value_of(kUploader + 1, number, kSecondPart);
}

// A connection to the child. Requests throw http::ClientError once it is dead.
class Client {
 public:
  explicit Client(uint16_t port) : connection_(options(port)) {}

  http::Response send(const std::string& method, const std::string& target,
                      const std::string& body = "") {
    http::Headers headers;
    headers.add("Authorization",
                "AWS4-HMAC-SHA256 Credential=test/20261120/us-east-1/s3/aws4_request, "
                "SignedHeaders=host;x-amz-date, Signature=" +
                    std::string(64, '0'));
    headers.add("X-Amz-Date", "20261120T000000Z");
    return connection_.request(method, target, headers, body);
  }
  void put(const std::string& target, const std::string& body) {
    const http::Response response = send("PUT", target, body);
    EXPECT_EQ(response.status, 200) << response.body;
  }

 private:
  static http::ClientOptions options(uint16_t port) {
    http::ClientOptions options;
    options.port = port;
    return options;
  }
  http::ClientConnection connection_;
};

std::string element(const std::string& text, const std::string& name) {
  const size_t begin = text.find("<" + name + ">");
  if (begin == std::string::npos) return "";
  const size_t start = begin + name.size() + 2;
  return text.substr(start, text.find("</" + name + ">", start) - start);
}

// A multipart upload on its way. It is kept over kills.
struct Upload {
  uint64_t number = 1;
  std::string id;
  std::vector<std::string> etags;
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
  void create_bucket() { Client(port_).put("/bucket", ""); }

  void load_and_kill(uint64_t writes) {
    const uint64_t enough = acknowledgements() + writes;
    std::vector<std::thread> threads;
    for (uint64_t writer = 0; writer < kWriters; ++writer) {
      threads.emplace_back([this, writer] {
        until_killed([this, writer](Client& client) { write(client, writer); });
      });
    }
    threads.emplace_back([this] { until_killed([this](Client& client) { upload(client); }); });
    while (acknowledgements() < enough) std::this_thread::yield();
    child_->kill();
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(child_->wait());
  }

  // Looks at what was written since the last look, or at all.
  void check(bool all) {
    Client client(port_);
    for (uint64_t writer = 0; writer < kWriters; ++writer) {
      const uint64_t last = written_[writer];
      for (uint64_t number = all ? 1 : checked_[writer] + 1; number <= last; ++number) {
        const http::Response got = client.send("GET", key_of(writer, number));
        ASSERT_EQ(got.status, 200) << "lost: " << writer << " " << number;
        ASSERT_TRUE(got.body == value_of(writer, number, size_of(number))) << "not whole";
      }
      checked_[writer] = last;
      const http::Response cut = client.send("GET", key_of(writer, last + 1));
      ASSERT_TRUE(cut.status == 404 || cut.body == value_of(writer, last + 1, size_of(last + 1)));
      if (overwritten_[writer] == 0) continue;
      const uint64_t latest = overwritten_[writer];
      const std::string body = client.send("GET", latest_of(writer)).body;
      ASSERT_TRUE(body == value_of(writer, latest, size_of(latest)) ||
                  body == value_of(writer, latest + 1, size_of(latest + 1)))
          << "the overwritten object is not whole";
    }
    for (uint64_t number = all ? 1 : uploads_checked_ + 1; number <= uploaded_; ++number) {
      const http::Response got = client.send("GET", key_of(kUploader, number));
      ASSERT_EQ(got.status, 200) << "lost upload " << number;
      ASSERT_TRUE(got.body == whole_upload(number)) << "upload not whole";
    }
    uploads_checked_ = uploaded_;
  }
  // The upload that a kill cut off can be ended.
  void finish_upload() {
    Client client(port_);
    const uint64_t before = uploaded_;
    for (int step = 0; step < 4 && uploaded_ == before; ++step) upload(client);
    ASSERT_EQ(uploaded_, before + 1);
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
  uint64_t acknowledgements() {
    const std::lock_guard lock(mutex_);
    return acknowledgements_;
  }
  void acknowledged(uint64_t& counter) {
    const std::lock_guard lock(mutex_);
    ++counter;
    ++acknowledgements_;
  }

  void write(Client& client, uint64_t writer) {
    const uint64_t number = written_[writer] + 1;
    client.put(key_of(writer, number), value_of(writer, number, size_of(number)));
    acknowledged(written_[writer]);
    const uint64_t again = overwritten_[writer] + 1;
    client.put(latest_of(writer), value_of(writer, again, size_of(again)));
    acknowledged(overwritten_[writer]);
  }

  // One step: begins an upload, sends a part, or completes it.
  void upload(Client& client) {
    const std::string key = key_of(kUploader, upload_.number);
    if (upload_.id.empty()) {
      const http::Response made = client.send("POST", key + "?uploads");
      ASSERT_EQ(made.status, 200) << made.body;
      upload_.id = element(made.body, "UploadId");
      return;
    }
    if (upload_.etags.size() < 2) {
      const uint64_t part = upload_.etags.size();
      const http::Response sent = client.send(
          "PUT", key + "?partNumber=" + std::to_string(part + 1) + "&uploadId=" + upload_.id,
          value_of(kUploader + part, upload_.number, part == 0 ? kFirstPart : kSecondPart));
      ASSERT_EQ(sent.status, 200) << sent.body;
      upload_.etags.emplace_back(sent.headers.get("etag"));
      return;
    }
    std::string parts;
    for (size_t i = 0; i < upload_.etags.size(); ++i) {
      parts += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" +
               upload_.etags[i] + "</ETag></Part>";
    }
    const http::Response completed =
        client.send("POST", key + "?uploadId=" + upload_.id,
                    "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>");
    ASSERT_EQ(completed.status, 200) << completed.body;
    const uint64_t next = upload_.number + 1;
    upload_ = Upload();
    upload_.number = next;
    acknowledged(uploaded_);
  }

  std::unique_ptr<Child> child_;
  uint16_t port_ = 0;
  std::mutex mutex_;
  uint64_t acknowledgements_ = 0;
  // By writer; each is one thread's, but for the checks between the runs.
  uint64_t written_[kWriters] = {}, overwritten_[kWriters] = {}, checked_[kWriters] = {};
  uint64_t uploaded_ = 0, uploads_checked_ = 0;
  Upload upload_;
};

// PADDOCK_TEST_KILLS asks for more than the few of every day.
int kills() {
  const char* text = std::getenv("PADDOCK_TEST_KILLS");
  return text ? std::max(1, std::atoi(text)) : 3;
}

}  // namespace objects

TEST(S3Kill, AcknowledgedObjectsAreWholeAndUploadsGoOn) {
  const testing::TempDir directory;
  std::mt19937_64 random(11);
  objects::Run run;
  ASSERT_NO_FATAL_FAILURE(run.start(directory.path()));
  run.create_bucket();
  for (int kill = 0; kill < objects::kills(); ++kill) {
    run.load_and_kill(40 + random() % 120);
    ASSERT_NO_FATAL_FAILURE(run.start(directory.path()));
    ASSERT_NO_FATAL_FAILURE(run.check(false)) << "after kill " << kill + 1;
    ASSERT_FALSE(::testing::Test::HasFailure()) << "after kill " << kill + 1;
  }
  ASSERT_NO_FATAL_FAILURE(run.finish_upload());
  ASSERT_NO_FATAL_FAILURE(run.check(true));
}

}  // namespace paddock::faults
