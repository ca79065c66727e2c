// A function as a stand-alone runtime: the real program against a Runtime API and a DynamoDB that
// the test plays.
#include <atomic>
#include <future>
#include <istream>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "core/json.hpp"
#include "core/text.hpp"
#include "lambdas/sdk/remote.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace paddock::sdk {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

struct Request {
  std::string line;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// Answers one request after the other, connection after connection, until `answer` returns "".
class PlayedServer {
 public:
  using Answer = std::function<std::string(const Request&)>;

  explicit PlayedServer(Answer answer)
      : acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        answer_(std::move(answer)) {
    thread_ = std::thread([this] { serve(); });
  }
  ~PlayedServer() {
    stopping_ = true;
    // Lets the acceptor return, if it still waits.
    boost::system::error_code ignored;
    tcp::socket(io_).connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }

 private:
  void serve() {
    boost::system::error_code ended;
    while (true) {
      tcp::socket socket(io_);
      acceptor_.accept(socket);
      if (stopping_) return;
      asio::streambuf buffer;
      while (asio::read_until(socket, buffer, "\r\n\r\n", ended) > 0 && !ended) {
        const std::string response = answer_(read(socket, buffer));
        if (response.empty()) return;
        asio::write(socket, asio::buffer(response), ended);
      }
    }
  }
  static Request read(tcp::socket& socket, asio::streambuf& buffer) {
    Request request;
    std::istream in(&buffer);
    std::getline(in, request.line);
    request.line.pop_back();
    for (std::string line; std::getline(in, line) && line != "\r";) {
      const size_t colon = line.find(':');
      request.headers[to_lower(line.substr(0, colon))] =
          trim(line.substr(colon + 1, line.size() - colon - 2));
    }
    const size_t size = std::stoul("0" + request.headers["content-length"]);
    if (buffer.size() < size)
      asio::read(socket, buffer, asio::transfer_exactly(size - buffer.size()));
    request.body.resize(size);
    in.read(request.body.data(), static_cast<std::streamsize>(size));
    return request;
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  const Answer answer_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

std::string response(const std::string& headers, const std::string& body,
                     const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(Bootstrap, ServesInvocationsFromTheRuntimeApiWithSignedCalls) {
  std::mutex mutex;
  std::vector<Request> posted, calls;
  int polls = 0;
  PlayedServer dynamodb([&](const Request& request) {
    std::lock_guard lock(mutex);
    calls.push_back(request);
    const std::string id = Json::parse(request.body).at("Key").at("ID").at("S");
    if (id == "missing-table") {
      return response("",
                      R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",)"
                      R"("message":"Requested resource not found"})",
                      "400 Bad Request");
    }
    return response("", id == "home" ? R"({"Item":{"ID":{"S":"home"},"Count":{"N":"5"}}})" : "{}");
  });
  std::promise<void> done;
  PlayedServer api([&](const Request& request) -> std::string {
    std::lock_guard lock(mutex);
    if (request.line.rfind("GET ", 0) != 0) {
      posted.push_back(request);
      return response("", R"({"status":"OK"})", "202 Accepted");
    }
    EXPECT_EQ(request.line, "GET /2018-06-01/runtime/invocation/next HTTP/1.1");
    if (++polls == 3) {
      done.set_value();
      return "";
    }
    const std::string tag = polls == 1 ? "home" : "missing-table";
    return response("Lambda-Runtime-Aws-Request-Id: id-" + std::to_string(polls) +
                        "\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\n",
                    R"({"pathParameters":{"tag":")" + tag + R"("}})");
  });

  const std::vector<std::string> settings{"AWS_LAMBDA_RUNTIME_API=" + api.address(),
                                          "AWS_ENDPOINT_URL=http://" + dynamodb.address(),
                                          "AWS_REGION=eu-west-1",
                                          "AWS_ACCESS_KEY_ID=test",
                                          "AWS_SECRET_ACCESS_KEY=test",
                                          "TABLE_NAME=T"};
  std::vector<char*> environment;
  for (const auto& setting : settings) environment.push_back(const_cast<char*>(setting.c_str()));
  environment.push_back(nullptr);
  std::string program = PADDOCK_TEST_BOOTSTRAP;
  char* arguments[] = {program.data(), nullptr};
  pid_t process = 0;
  ASSERT_EQ(posix_spawn(&process, program.c_str(), nullptr, nullptr, arguments, environment.data()),
            0);
  done.get_future().wait();
  kill(process, SIGKILL);
  waitpid(process, nullptr, 0);

  std::lock_guard lock(mutex);
  ASSERT_EQ(posted.size(), 2U);
  EXPECT_EQ(posted[0].line, "POST /2018-06-01/runtime/invocation/id-1/response HTTP/1.1");
  const std::string page = Json::parse(posted[0].body).at("body");
  EXPECT_NE(page.find("<b>home</b>: 5<"), std::string::npos);
  EXPECT_EQ(posted[1].line, "POST /2018-06-01/runtime/invocation/id-2/error HTTP/1.1");
  EXPECT_EQ(posted[1].headers["lambda-runtime-function-error-type"], "ResourceNotFoundException");
  EXPECT_EQ(Json::parse(posted[1].body).at("errorMessage"), "Requested resource not found");
  ASSERT_EQ(calls.size(), 3U);
  EXPECT_EQ(calls[0].headers["x-amz-target"], "DynamoDB_20120810.GetItem");
  EXPECT_EQ(calls[0].headers["content-type"], "application/x-amz-json-1.0");
  const std::string authorization = calls[0].headers["authorization"];
  EXPECT_EQ(authorization.rfind("AWS4-HMAC-SHA256 Credential=test/", 0), 0U);
  EXPECT_NE(authorization.find("/eu-west-1/dynamodb/aws4_request, SignedHeaders="
                               "content-type;host;x-amz-date;x-amz-target, Signature="),
            std::string::npos);
}

TEST(RemoteEndpoint, IsReadFromItsUrl) {
  auto options = parse_endpoint("http://127.0.0.1:4566/");
  EXPECT_EQ(options.host, "127.0.0.1");
  EXPECT_EQ(options.port, 4566);
  EXPECT_FALSE(options.tls);
  options = parse_endpoint("https://dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(options.host, "dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(options.port, 443);
  EXPECT_TRUE(options.tls);
  options = parse_endpoint("http://[::1]:80");
  EXPECT_EQ(options.host, "::1");
  EXPECT_EQ(options.port, 80);
}

TEST(RemoteEndpoint, MalformedUrlsAreRefused) {
  for (const char* url : {"", "localhost:4566", "ftp://x", "http://", "http://x:0",
                          "http://x:65536", "http://x:4566x", "http://x/path", "http://:80"}) {
    EXPECT_THROW(parse_endpoint(url), Error) << url;
  }
}

TEST(RemoteCall, AServiceOfAnotherProtocolIsRefusedByName) {
  try {
    call_remote("s3", "GetObject", Json::object());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "UnsupportedOperation");
    EXPECT_EQ(error.message(), "The service s3 cannot be called from a stand-alone function");
  }
}

}  // namespace
}  // namespace paddock::sdk
