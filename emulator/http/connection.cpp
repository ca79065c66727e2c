#include "http/connection.hpp"

#include <array>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>

#include "http/http1.hpp"
#include "http/http2.hpp"
#include "http/tls.hpp"

namespace paddock::http {
// Named, not anonymous: a coroutine's frame holds these, and unity builds warn.
namespace opening_detail {

constexpr unsigned char kTlsHandshake = 0x16;  // RFC 8446, 5.1: ContentType handshake

// A connection before its protocol is known: waits for the first bytes.
class Opening final : public Session {
 public:
  Opening(IoThread& thread, TcpSocket socket) : Session(thread), socket_(std::move(socket)) {}

  Task<void> run() override {
    if (thread_.stopping()) co_return;
    expire_after(thread_.context().limits.idle_timeout);
    // Until the bytes tell the protocol, or nothing more comes: then HTTP/1 judges those there are.
    while (protocol_of(first_bytes_) == Protocol::unknown) {
      auto [error, bytes] =
          co_await socket_.async_read_some(asio::buffer(first_), asio::as_tuple(use_task));
      if (error) break;
      thread_.bytes_in.add(bytes);
      if (first_bytes_.empty()) expire_after(thread_.context().limits.header_timeout);
      first_bytes_.append(first_.data(), bytes);
    }
    expire_never();
  }

  TcpSocket take_socket() { return std::move(socket_); }
  // Empty if the connection came to nothing.
  std::string take_first_bytes() { return std::move(first_bytes_); }

  void stop() override { expire(); }
  void cut() override { close_socket(socket_, true); }
  void step_over() override {}

 protected:
  void expire() override {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }

 private:
  TcpSocket socket_;
  std::array<char, 1024> first_;
  std::string first_bytes_;
};

// A connection that shakes hands for TLS.
class Handshake final : public Session {
 public:
  Handshake(IoThread& thread, TlsContext& tls, TcpSocket socket, std::string first_bytes)
      : Session(thread),
        tls_(tls),
        socket_(std::make_shared<TcpSocket>(std::move(socket))),
        first_bytes_(std::move(first_bytes)) {}

  Task<void> run() override {
    if (thread_.stopping()) co_return;
    expire_after(thread_.context().limits.header_timeout);
    transport_ = co_await accept_tls(tls_, socket_, first_bytes_);
    expire_never();
  }

  // Null if the connection came to nothing.
  std::unique_ptr<Transport> take_transport() { return std::move(transport_); }

  void stop() override {}
  void cut() override { close_socket(*socket_, true); }
  void step_over() override {}

 protected:
  // A handshake has several steps: cancelling may come between two of them.
  void expire() override { close_socket(*socket_, true); }

 private:
  TlsContext& tls_;
  const std::shared_ptr<TcpSocket> socket_;
  const std::string first_bytes_;
  std::unique_ptr<Transport> transport_;
};

inline Peer peer_of(const TcpSocket& socket) {
  Peer peer;
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (!error) {
    peer.remote_address = remote.address().to_string();
    peer.remote_port = remote.port();
  }
  const auto local = socket.local_endpoint(error);
  if (!error) peer.local_port = local.port();
  return peer;
}

}  // namespace opening_detail

Protocol protocol_of(std::string_view first_bytes) {
  if (first_bytes.starts_with(kHttp2Preface)) return Protocol::http2;
  if (kHttp2Preface.starts_with(first_bytes)) return Protocol::unknown;
  const auto first = static_cast<unsigned char>(first_bytes.front());
  return first == opening_detail::kTlsHandshake ? Protocol::tls : Protocol::http1;
}

Task<std::optional<Opened>> open_connection(IoThread& thread, TcpSocket socket) {
  Peer peer = opening_detail::peer_of(socket);
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto opening = std::make_shared<opening_detail::Opening>(thread, std::move(socket));
  co_await opening->run();
  std::string first_bytes = opening->take_first_bytes();
  if (first_bytes.empty()) co_return std::nullopt;
  co_return Opened(opening->take_socket(), std::move(first_bytes), std::move(peer));
}

Task<void> serve_connection(IoThread& thread, TlsContext& tls, Opened opened) {
  std::unique_ptr<Transport> transport;
  std::string first_bytes = std::move(opened.first_bytes);
  const Protocol protocol = protocol_of(first_bytes);
  if (protocol == Protocol::tls) {
    const auto handshake = std::make_shared<opening_detail::Handshake>(
        thread, tls, std::move(opened.socket), std::exchange(first_bytes, std::string()));
    co_await handshake->run();
    transport = handshake->take_transport();
    if (!transport) co_return;
  } else {
    transport = make_tcp_transport(std::move(opened.socket));
  }
  const bool http2 = protocol == Protocol::http2 || transport->agreed_on_http2();
  const auto session =
      http2 ? make_http2_session(thread, std::move(transport), first_bytes, opened.peer)
            : make_http1_session(thread, std::move(transport), first_bytes, opened.peer);
  first_bytes = {};
  co_await session->run();
}

TcpSocket move_to(IoThread& thread, TcpSocket socket) {
  const auto protocol = socket.local_endpoint().protocol();
  return TcpSocket(thread.io(), protocol, socket.release());
}

}  // namespace paddock::http
