// An emulator with a topic or two, a function that remembers its events, and an HTTP endpoint that
// remembers what it was sent.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <aws/lambda-runtime/runtime.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "core/rsa_key.hpp"
#include "core/text.hpp"
#include "http/message.hpp"
#include "support/test_emulator.hpp"

namespace paddock::services::sns::testing {

namespace asio = boost::asio;
using paddock::testing::As;
using paddock::testing::CallResult;
using paddock::testing::TempDir;
using paddock::testing::TestEmulator;

// The events that the function "remember" was given.
class Events {
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

inline Events& function_events() {
  static Events instance;
  return instance;
}

inline aws::lambda_runtime::invocation_response remember(
    const aws::lambda_runtime::invocation_request& request) {
  function_events().add(request.payload);
  return aws::lambda_runtime::invocation_response::success("{}", "application/json");
}

inline aws::lambda_runtime::invocation_response break_down(
    const aws::lambda_runtime::invocation_request&) {
  return aws::lambda_runtime::invocation_response::failure("it broke", "Broken");
}

inline constexpr ::paddock::lambda::EntryPoint kSnsFunctions[] = {{"broken", &break_down},
                                                                  {"remember", &remember}};

// What an HTTP endpoint was sent.
struct Posted {
  std::string method, target;
  http::Headers headers;
  std::string text;

  Json json() const { return Json::parse(text); }
};

// A local HTTP server, one request per connection. It answers with the statuses it was told, one
// after the other, then with 200.
class LocalEndpoint {
 public:
  LocalEndpoint()
      : acceptor_(io_, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()),
        thread_([this] { serve(); }) {}
  ~LocalEndpoint() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    // Wakes the server from its wait.
    boost::system::error_code ignored;
    asio::ip::tcp::socket socket(io_);
    socket.connect({asio::ip::address_v4::loopback(), port_}, ignored);
    socket.close(ignored);
    thread_.join();
  }

  std::string url(const std::string& path = "/hook") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  void answer_with(std::vector<int> statuses) {
    const std::lock_guard lock(mutex_);
    statuses_.assign(statuses.begin(), statuses.end());
  }
  std::vector<Posted> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(posted_, {});
  }

 private:
  void serve() {
    while (true) {
      boost::system::error_code error;
      asio::ip::tcp::socket socket(io_);
      acceptor_.accept(socket, error);
      {
        const std::lock_guard lock(mutex_);
        if (stopped_ || error) return;
      }
      answer(socket);
    }
  }
  void answer(asio::ip::tcp::socket& socket) {
    boost::system::error_code error;
    asio::streambuf buffer;
    asio::read_until(socket, buffer, "\r\n\r\n", error);
    if (error) return;
    const std::string all(asio::buffers_begin(buffer.data()), asio::buffers_end(buffer.data()));
    const size_t end = all.find("\r\n\r\n");
    Posted request = parse_head(all.substr(0, end));
    request.text = all.substr(end + 4);
    const size_t size = std::stoul("0" + std::string(request.headers.get("content-length")));
    if (request.text.size() < size) {
      std::string rest(size - request.text.size(), '\0');
      asio::read(socket, asio::buffer(rest), error);
      request.text += rest;
    }
    int status = 200;
    {
      const std::lock_guard lock(mutex_);
      posted_.push_back(std::move(request));
      if (!statuses_.empty()) {
        status = statuses_.front();
        statuses_.pop_front();
      }
    }
    const std::string text = "HTTP/1.1 " + std::to_string(status) +
                             " X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    asio::write(socket, asio::buffer(text), error);
  }
  static Posted parse_head(const std::string& text) {
    Posted request;
    bool first = true;
    for (const std::string_view line : split_lines(text)) {
      if (first) {
        const auto words = split(line, ' ');
        request.method = words.at(0);
        request.target = words.at(1);
        first = false;
        continue;
      }
      const size_t colon = line.find(':');
      request.headers.add(line.substr(0, colon), trim(line.substr(colon + 1)));
    }
    return request;
  }
  static std::vector<std::string_view> split_lines(const std::string& text) {
    std::vector<std::string_view> lines;
    std::string_view rest = text;
    while (!rest.empty()) {
      const size_t end = rest.find("\r\n");
      lines.push_back(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
    }
    return lines;
  }

  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_;
  const uint16_t port_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::deque<int> statuses_;
  std::vector<Posted> posted_;
  std::thread thread_;
};

class SnsTest : public ::testing::Test {
 protected:
  SnsTest() { start(TestEmulator::in_memory_options()); }

  void start(const Options& options) {
    emulator_ = std::make_unique<TestEmulator>(options, kSnsFunctions);
    function_events().take();
  }
  TestEmulator& emulator() { return *emulator_; }

  CallResult call(const std::string& operation, const Json& input, const As& as = {}) {
    return emulator_->call("sns", operation, input, as);
  }
  // What comes back, without the result's wrapper; the test fails if the call does.
  Json ok(const std::string& operation, const Json& input, const As& as = {}) {
    const CallResult result = call(operation, input, as);
    EXPECT_TRUE(result.ok()) << operation << ": " << result.text;
    return result.body;
  }
  // "InvalidParameter: Invalid parameter: Topic Name".
  std::string refused(const std::string& operation, const Json& input, const As& as = {}) {
    const CallResult result = call(operation, input, as);
    EXPECT_FALSE(result.ok()) << operation << ": " << result.text;
    return result.error() + ": " + unescaped(result.message());
  }

  // A map as the Query protocol writes it: `name`.entry.N.key.
  static Json map(const std::string& name, const Json& entries) {
    Json out = Json::object();
    size_t number = 1;
    for (const auto& [key, value] : entries.items()) {
      const std::string start = name + ".entry." + std::to_string(number++);
      out[start + ".key"] = key;
      out[start + ".value"] = value;
    }
    return out;
  }
  // {"name": ["String", "value"]} as MessageAttributes.
  static Json attributes(const Json& entries) {
    Json out = Json::object();
    size_t number = 1;
    for (const auto& [key, value] : entries.items()) {
      const std::string start = "MessageAttributes.entry." + std::to_string(number++);
      const std::string type = value[0];
      out[start + ".Name"] = key;
      out[start + ".Value.DataType"] = type;
      out[start + (type.starts_with("Binary") ? ".Value.BinaryValue" : ".Value.StringValue")] =
          value[1];
    }
    return out;
  }
  static Json with(Json input, const Json& more) {
    input.update(more);
    return input;
  }

  std::string topic(const std::string& name = "news", const Json& more = {}) {
    Json input = {{"Name", name}};
    if (more.is_object()) input.update(map("Attributes", more));
    return text_in(call("CreateTopic", input), "TopicArn");
  }
  std::string subscribe(const std::string& topic, const std::string& protocol,
                        const std::string& endpoint, const Json& more = {}) {
    Json input = {{"TopicArn", topic},
                  {"Protocol", protocol},
                  {"Endpoint", endpoint},
                  {"ReturnSubscriptionArn", "true"}};
    if (more.is_object()) input.update(map("Attributes", more));
    return text_in(call("Subscribe", input), "SubscriptionArn");
  }
  std::string publish(const std::string& topic, const std::string& message, const Json& more = {}) {
    Json input = {{"TopicArn", topic}, {"Message", message}};
    if (more.is_object()) input.update(more);
    return text_in(call("Publish", input), "MessageId");
  }
  // The text of the first element of that name.
  static std::string text_in(const CallResult& result, const std::string& name) {
    EXPECT_TRUE(result.ok()) << result.text;
    return element(result.text, name);
  }
  static std::string element(const std::string& xml, const std::string& name) {
    const std::string open = "<" + name + ">";
    const size_t start = xml.find(open);
    const size_t end = xml.find("</" + name + ">", start);
    if (start == std::string::npos || end == std::string::npos) return "";
    return unescaped(xml.substr(start + open.size(), end - start - open.size()));
  }
  static std::vector<std::string> elements(const std::string& xml, const std::string& name) {
    std::vector<std::string> found;
    const std::string open = "<" + name + ">";
    for (size_t at = xml.find(open); at != std::string::npos; at = xml.find(open, at + 1)) {
      found.push_back(element(xml.substr(at), name));
    }
    return found;
  }
  static std::string unescaped(std::string text) {
    const std::pair<const char*, const char*> kEscapes[] = {
        {"&quot;", "\""}, {"&lt;", "<"},   {"&gt;", ">"}, {"&apos;", "'"},
        {"&#xA;", "\n"},  {"&#10;", "\n"}, {"&amp;", "&"}};
    for (const auto& [from, to] : kEscapes) {
      const std::string_view name = from;
      for (size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
        text.replace(at, name.size(), to);
      }
    }
    return text;
  }
  // The attributes of an answer: name -> text.
  static Json attributes_in(const CallResult& result) {
    EXPECT_TRUE(result.ok()) << result.text;
    const auto keys = elements(result.text, "key");
    const auto values = elements(result.text, "value");
    Json found = Json::object();
    for (size_t i = 0; i < keys.size() && i < values.size(); ++i) found[keys[i]] = values[i];
    return found;
  }
  Json topic_attributes(const std::string& arn) {
    return attributes_in(call("GetTopicAttributes", {{"TopicArn", arn}}));
  }
  Json subscription_attributes(const std::string& arn) {
    return attributes_in(call("GetSubscriptionAttributes", {{"SubscriptionArn", arn}}));
  }

  std::string function(const std::string& name = "remember") {
    const std::string zip = std::string("PK\x05\x06", 4) + std::string(18, '\0');
    const CallResult made = emulator_->call("lambda", "CreateFunction",
                                            {{"FunctionName", name},
                                             {"Role", "arn:aws:iam::000000000000:role/r"},
                                             {"Runtime", "provided.al2023"},
                                             {"Handler", name},
                                             {"Code", {{"ZipFile", to_base64(zip)}}}});
    EXPECT_TRUE(made.ok()) << made.text;
    return "arn:aws:lambda:us-east-1:000000000000:function:" + name;
  }
  // The messages that the function "remember" got.
  std::vector<Json> received() {
    emulator_->wait_idle();
    std::vector<Json> found;
    for (const Json& event : function_events().take()) {
      for (const Json& record : event.at("Records")) found.push_back(record.at("Sns"));
    }
    return found;
  }
  std::vector<std::string> messages() {
    std::vector<std::string> found;
    for (const Json& message : received()) found.push_back(message.at("Message"));
    return found;
  }
  Json mails(const std::string& query = "") {
    emulator_->wait_idle();
    return emulator_->get("/_paddock/mailbox" + query).body.at("Mails");
  }
  // True if the document's signature is right by the certificate that its URL leads to.
  bool verifies(const Json& document) {
    const std::string url = document.at("SigningCertURL");
    const std::string base = emulator_->url();
    EXPECT_TRUE(url.starts_with(base)) << url;
    const CallResult certificate = emulator_->get(url.substr(base.size()));
    EXPECT_EQ(certificate.status, 200);
    std::string text;
    for (const char* name : {"Message", "MessageId", "Subject", "SubscribeURL", "Timestamp",
                             "Token", "TopicArn", "Type"}) {
      if (!document.contains(name) || document[name].is_null()) continue;
      text += std::string(name) + "\n" + document[name].get<std::string>() + "\n";
    }
    const auto signature = from_base64(document.at("Signature").get<std::string>());
    return signature &&
           certificate_verifies(certificate.text, document.at("SignatureVersion") == "2", text,
                                *signature);
  }

 private:
  std::unique_ptr<TestEmulator> emulator_;
};

}  // namespace paddock::services::sns::testing
