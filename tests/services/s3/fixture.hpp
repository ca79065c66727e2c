// S3 alone, in memory, called over a socket as its clients do.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "emulator.hpp"
#include "http/client.hpp"
#include "services/s3/service.hpp"

namespace paddock::testing {

struct S3Answer {
  int status = 0;
  http::Headers headers;
  std::string body;

  std::string header(std::string_view name) const { return std::string(headers.get(name)); }
  // The text of the first element of that name; "" if there is none.
  std::string xml(const std::string& name) const { return xml_after(name, 0); }
  std::string xml_after(const std::string& name, size_t from) const {
    size_t begin = body.find("<" + name + ">", from);
    if (begin == std::string::npos) return "";
    begin += name.size() + 2;
    return body.substr(begin, body.find("</" + name + ">", begin) - begin);
  }
  std::string error() const { return xml("Code"); }
  // All texts of elements of that name, joined by spaces.
  std::string all(const std::string& name) const {
    std::string out;
    const std::string open = "<" + name + ">";
    for (size_t at = body.find(open); at != std::string::npos; at = body.find(open, at + 1)) {
      out += (out.empty() ? "" : " ") + xml_after(name, at);
    }
    return out;
  }
};

using Fields = std::map<std::string, std::string>;

class S3Test : public ::testing::Test {
 protected:
  void SetUp() override { start(Options{}); }

  void start(Options options) {
    options.port = 0;
    options.hosts = {"127.0.0.1"};
    if (options.data_dir == Options{}.data_dir) options.durability = storage::Durability::none;
    options.access_log = false;
    options.machine_hooks = false;
    options.log_level = LogLevel::error;
    const gateway::ServiceFactory factories[] = {&services::s3::make};
    emulator_.reset();
    emulator_ = std::make_unique<Emulator>(options, factories,
                                           std::span<const ::paddock::lambda::EntryPoint>());
    emulator_->start();
  }

  static std::string signature(const std::string& account, const std::string& region) {
    return "AWS4-HMAC-SHA256 Credential=" + account + "/20261120/" + region +
           "/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + std::string(64, '0');
  }

  S3Answer send(const std::string& method, const std::string& target, const std::string& body = "",
                const Fields& fields = {}) {
    http::Headers headers;
    for (const auto& [name, value] : fields) headers.add(name, value);
    if (!headers.has("authorization")) headers.add("Authorization", signature(account, region));
    if (headers.get("authorization").empty()) headers.remove("authorization");
    headers.add("X-Amz-Date", "20261120T000000Z");
    http::ClientOptions client;
    client.port = emulator_->port();
    http::Response response = http::request(client, method, target, headers, body);
    return {response.status, std::move(response.headers), std::move(response.body)};
  }
  S3Answer get(const std::string& target, const Fields& fields = {}) {
    return send("GET", target, "", fields);
  }
  S3Answer put(const std::string& target, const std::string& body = "", const Fields& fields = {}) {
    return send("PUT", target, body, fields);
  }
  S3Answer drop(const std::string& target, const Fields& fields = {}) {
    return send("DELETE", target, "", fields);
  }

  void make_bucket(const std::string& name) {
    const S3Answer made = put("/" + name);
    ASSERT_EQ(made.status, 200) << made.body;
  }
  void set_versioning(const std::string& bucket, const std::string& status) {
    const S3Answer set =
        put("/" + bucket + "?versioning",
            "<VersioningConfiguration><Status>" + status + "</Status></VersioningConfiguration>");
    ASSERT_EQ(set.status, 200) << set.body;
  }
  // What comes back until the server closes; `text` is sent as it is, so it asks for that. `later`
  // is sent once the server has said something.
  std::string send_raw(const std::string& text, const std::string& later = "") {
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), emulator_->port()});
    asio::write(socket, asio::buffer(text));
    std::string answer;
    if (!later.empty()) {
      asio::read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n");
      asio::write(socket, asio::buffer(later));
    }
    boost::system::error_code ended;
    asio::read(socket, asio::dynamic_buffer(answer), ended);
    return answer;
  }
  gateway::Platform& platform() { return emulator_->platform(); }

  std::string account = "test";
  std::string region = "us-east-1";
  std::unique_ptr<Emulator> emulator_;
};

}  // namespace paddock::testing
