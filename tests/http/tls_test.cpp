// TLS on the same port, with certificates of our own.
#include "http/tls.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/stat.h>

#include "tests/http/http_test_support.hpp"

namespace paddock::http::testing {
namespace {

class HttpTls : public ::testing::Test {
 protected:
  HttpTls() {
    std::string pattern = ::testing::TempDir() + "paddock-tls-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~HttpTls() override { std::filesystem::remove_all(directory_); }

  static ClientOptions verified(TestServer& server, const std::string& name = "localhost") {
    ClientOptions options = server.client();
    options.tls = true;
    options.server_name = name;
    options.ca_certificate = server.server->ca_certificate();
    return options;
  }

  std::string directory_;
};

TEST_F(HttpTls, SpokenOnTheSamePortAsPlainHttp) {
  TestServer server;
  ClientConnection secure(verified(server));
  const std::string body(300'000, 's');
  EXPECT_EQ(secure.request("POST", "/echo", {}, body).body, body);
  EXPECT_EQ(secure.request("GET", "/stream?100", {}, "").body.size(), 100'000u);
  EXPECT_EQ(secure.request("GET", "/hello", {}, "").body, "hello");
  EXPECT_EQ(request(server.client(), "GET", "/hello").body, "hello");
  EXPECT_EQ(server.server->counters().accepted, 2u);
}

TEST_F(HttpTls, CertificatesFitTheNamesClientsAskFor) {
  TestServer server;
  for (const std::string name :
       {"localhost", "127.0.0.1", "::1", "abc.execute-api.localhost",
        "queue.localhost.localstack.cloud", "dynamodb.us-east-1.amazonaws.com",
        "bucket.s3.eu-central-1.amazonaws.com", "host.docker.internal", "my-host"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(request(verified(server, name), "GET", "/hello").body, "hello");
  }
}

TEST_F(HttpTls, AnotherCaIsNotTrusted) {
  TestServer server;
  TestServer other;
  ClientOptions options = verified(server);
  options.ca_certificate = other.server->ca_certificate();
  EXPECT_THROW(request(options, "GET", "/hello"), ClientError);
  options.ca_certificate.clear();  // no verification
  EXPECT_EQ(request(options, "GET", "/hello").body, "hello");
}

TEST_F(HttpTls, CaIsKeptWithItsKeyForTheOwnerAlone) {
  ServerOptions options;
  options.tls_directory = directory_ + "/tls";
  std::string certificate;
  {
    TestServer first(options);
    EXPECT_FALSE(std::filesystem::exists(options.tls_directory));  // not before it is needed
    certificate = first.server->ca_certificate();
  }
  struct stat status {};
  ASSERT_EQ(::stat((options.tls_directory + "/ca-key.pem").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  TestServer second(options);
  EXPECT_EQ(second.server->ca_certificate(), certificate);
  EXPECT_EQ(request(verified(second), "GET", "/hello").body, "hello");
}

TEST_F(HttpTls, CaThatIsBrokenIsSaid) {
  MachineClock clock;
  Log log(LogLevel::off, 2);
  TlsContext(directory_, clock, log).ca_certificate();
  std::ofstream(directory_ + "/ca-key.pem") << "no key";
  TlsContext broken(directory_, clock, log);
  try {
    broken.ca_certificate();
    FAIL() << "a broken key was taken";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("ca-key.pem"), std::string::npos);
  }
}

TEST_F(HttpTls, ClientThatLeavesCancelsItsWaitingRequest) {
  TestServer server;
  ClientOptions options = verified(server);
  options.timeout = std::chrono::milliseconds(200);  // after which the client leaves
  EXPECT_THROW(request(options, "GET", "/wait"), ClientError);
  EXPECT_TRUE(server.tally.wait("cancelled"));
}

TEST_F(HttpTls, StopAnswersWaitingRequests) {
  TestServer server;
  const ClientOptions options = verified(server);
  std::string body;
  std::thread client([&] { body = request(options, "GET", "/wait").body; });
  ASSERT_TRUE(server.tally.wait("waiting"));
  server.server->stop(std::chrono::milliseconds(10'000));
  client.join();
  EXPECT_EQ(body, "waited");
}

TEST_F(HttpTls, GarbageAfterTheFirstByteEndsTheConnectionOnly) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.send("\x16garbage that is no ClientHello at all"));
  client.half_close();
  client.rest();
  EXPECT_EQ(request(verified(server), "GET", "/hello").body, "hello");
}

}  // namespace
}  // namespace paddock::http::testing
