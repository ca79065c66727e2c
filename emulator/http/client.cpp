#include "http/client.hpp"

#include <optional>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "core/task.hpp"

namespace paddock::http {
namespace {

namespace beast = boost::beast;
namespace beast_http = boost::beast::http;
using ClientFailure = boost::system::error_code;

using OutgoingRequest = beast_http::request<beast_http::string_body>;
using AnswerParser = beast_http::response_parser<beast_http::string_body>;

std::string_view to_std(beast::string_view text) {
  return {text.data(), text.size()};
}

OutgoingRequest outgoing(const ClientOptions& options, const std::string& method,
                         const std::string& target, const Headers& headers,
                         const std::string& body) {
  OutgoingRequest message;
  message.version(11);
  message.method_string(method);
  message.target(target);
  if (!headers.has("host")) {
    const bool v6 = options.host.find(':') != std::string::npos;
    const std::string host = v6 ? "[" + options.host + "]" : options.host;
    message.set(beast_http::field::host, host + ":" + std::to_string(options.port));
  }
  for (const auto& [name, value] : headers) message.insert(name, value);
  message.body() = body;
  if (!body.empty() || (method != "GET" && method != "HEAD")) message.prepare_payload();
  return message;
}

Response incoming(AnswerParser& parser) {
  Response response;
  auto& message = parser.get();
  response.status = message.result_int();
  for (const auto& field : message) {
    response.headers.add(to_std(field.name_string()), to_std(field.value()));
  }
  response.body = std::move(message.body());
  return response;
}

}  // namespace

struct ClientConnection::Impl {
  explicit Impl(ClientOptions given) : options(std::move(given)) {}

  // Runs one asynchronous operation, begun by `begin(done)`, to its end. The stream's timer bounds
  // it.
  template <class Begin>
  ClientFailure wait(Begin begin) {
    ClientFailure result;
    begin([&result](const ClientFailure& error, auto&&...) { result = error; });
    io.restart();
    io.run();
    return result;
  }

  template <class Function>
  auto with_stream(Function function) {
    return secure ? function(*secure) : function(*plain);
  }
  beast::tcp_stream& lowest() { return secure ? secure->next_layer() : *plain; }
  bool open() const { return plain.has_value() || secure.has_value(); }

  [[noreturn]] void fail(const std::string& what, const ClientFailure& error) {
    close();
    const std::string why =
        error == beast::error::timeout ? std::string("no answer in time") : error.message();
    throw ClientError(what + " " + options.host + ":" + std::to_string(options.port) + ": " + why);
  }

  void connect();
  void shake_hands();
  void close();
  ClientFailure exchange(OutgoingRequest& message, AnswerParser& parser);

  const ClientOptions options;
  asio::io_context io{1};
  std::optional<asio::ssl::context> ssl;
  std::optional<beast::tcp_stream> plain;
  std::optional<beast::ssl_stream<beast::tcp_stream>> secure;
  beast::flat_buffer buffer;
};

void ClientConnection::Impl::connect() {
  asio::ip::tcp::resolver resolver(io);
  ClientFailure error;
  const auto endpoints = resolver.resolve(options.host, std::to_string(options.port), error);
  if (error) fail("cannot find", error);
  if (options.tls) {
    ssl.emplace(asio::ssl::context::tls_client);
    if (!options.ca_certificate.empty()) {
      ssl->add_certificate_authority(asio::buffer(options.ca_certificate), error);
      if (error) fail("the CA certificate is no PEM; cannot connect to", error);
    }
    secure.emplace(io, *ssl);
  } else {
    plain.emplace(io);
  }
  lowest().expires_after(options.timeout);
  error = wait([&](auto done) { lowest().async_connect(endpoints, done); });
  if (error) fail("cannot connect to", error);
  lowest().socket().set_option(asio::ip::tcp::no_delay(true), error);
  if (secure) shake_hands();
}

void ClientConnection::Impl::shake_hands() {
  const std::string name = options.server_name.empty() ? options.host : options.server_name;
  ClientFailure error;
  asio::ip::make_address(name, error);
  const bool is_address = !error;  // RFC 6066: no SNI for addresses
  if (!is_address) SSL_set_tlsext_host_name(secure->native_handle(), name.c_str());
  if (options.ca_certificate.empty()) {
    secure->set_verify_mode(asio::ssl::verify_none);
  } else {
    secure->set_verify_mode(asio::ssl::verify_peer);
    secure->set_verify_callback(asio::ssl::host_name_verification(name));
  }
  error = wait([&](auto done) { secure->async_handshake(asio::ssl::stream_base::client, done); });
  if (error) fail("cannot agree on TLS with", error);
}

void ClientConnection::Impl::close() {
  if (open()) lowest().close();
  plain.reset();
  secure.reset();
  buffer.clear();
}

ClientFailure ClientConnection::Impl::exchange(OutgoingRequest& message, AnswerParser& parser) {
  lowest().expires_after(options.timeout);
  ClientFailure error = wait([&](auto done) {
    with_stream([&](auto& stream) { beast_http::async_write(stream, message, done); });
  });
  // A server that refuses a request while it is being sent has answered all the same.
  const ClientFailure write_error = error;
  if (error == beast::error::timeout) return error;
  error = wait([&](auto done) {
    with_stream([&](auto& stream) { beast_http::async_read(stream, buffer, parser, done); });
  });
  return error && write_error ? write_error : error;
}

ClientConnection::ClientConnection(ClientOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
ClientConnection::~ClientConnection() = default;
ClientConnection::ClientConnection(ClientConnection&&) noexcept = default;
ClientConnection& ClientConnection::operator=(ClientConnection&&) noexcept = default;

void ClientConnection::close() {
  impl_->close();
}

Response ClientConnection::request(const std::string& method, const std::string& target,
                                   const Headers& headers, const std::string& body) {
  OutgoingRequest message = outgoing(impl_->options, method, target, headers, body);
  for (;;) {
    const bool reused = impl_->open();
    if (!reused) impl_->connect();
    AnswerParser parser;
    parser.body_limit(impl_->options.answer_limit);
    parser.header_limit(1024 * 1024);
    parser.skip(method == "HEAD");
    const ClientFailure error = impl_->exchange(message, parser);
    if (error && reused && !parser.got_some() && error != beast::error::timeout) {
      impl_->close();  // the server had closed a connection that was kept too long
      continue;
    }
    if (error) impl_->fail("no answer from", error);
    if (!parser.get().keep_alive()) impl_->close();
    return incoming(parser);
  }
}

Response request(const ClientOptions& options, const std::string& method, const std::string& target,
                 const Headers& headers, const std::string& body) {
  return ClientConnection(options).request(method, target, headers, body);
}

}  // namespace paddock::http
