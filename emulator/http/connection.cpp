#include "http/connection.hpp"

#include <array>
#include <optional>

#include <boost/asio/as_tuple.hpp>

#include "http/http1.hpp"
#include "http/tls.hpp"

namespace paddock::http {
// Named, not anonymous: a coroutine's frame holds these, and unity builds warn.
namespace opening_detail {

constexpr unsigned char kTlsHandshake = 0x16;  // RFC 8446, 5.1: ContentType handshake

// A connection before its protocol is known: reads the first bytes and shakes hands.
class Opening final : public Session {
 public:
  Opening(IoThread& thread, TlsContext& tls, TcpSocket socket)
      : Session(thread), tls_(tls), socket_(std::make_shared<TcpSocket>(std::move(socket))) {}

  Task<void> run() override {
    if (thread_.stopping()) co_return;
    const Limits& limits = thread_.context().limits;
    expire_after(limits.idle_timeout);
    auto [error, bytes] =
        co_await socket_->async_read_some(asio::buffer(first_), asio::as_tuple(use_task));
    if (error) co_return;
    thread_.bytes_in.add(bytes);
    first_bytes_ = std::string_view(first_.data(), bytes);
    if (protocol_of(first_bytes_) == Protocol::tls) {
      handshaking_ = true;
      expire_after(limits.header_timeout);
      transport_ = co_await accept_tls(tls_, socket_, first_bytes_);
      first_bytes_ = {};
    } else {
      transport_ = make_tcp_transport(std::move(*socket_));
    }
    expire_never();
  }

  // What the handshake left; null if the connection came to nothing.
  std::unique_ptr<Transport> take_transport() { return std::move(transport_); }
  std::string_view first_bytes() const { return first_bytes_; }

  void stop() override {
    if (!handshaking_) expire();
  }
  void cut() override { close_socket(*socket_, true); }
  void step_over() override {}

 protected:
  // A handshake has several steps: cancelling may come between two of them.
  void expire() override {
    boost::system::error_code ignored;
    if (handshaking_) {
      close_socket(*socket_, true);
    } else {
      socket_->cancel(ignored);
    }
  }

 private:
  TlsContext& tls_;
  const std::shared_ptr<TcpSocket> socket_;
  std::array<char, 1024> first_;
  std::string_view first_bytes_;
  std::unique_ptr<Transport> transport_;
  bool handshaking_ = false;
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
  const bool tls = !first_bytes.empty() &&
                   static_cast<unsigned char>(first_bytes.front()) == opening_detail::kTlsHandshake;
  return tls ? Protocol::tls : Protocol::http1;
}

Task<void> serve_connection(IoThread& thread, TlsContext& tls, TcpSocket socket) {
  const Peer peer = opening_detail::peer_of(socket);
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  std::shared_ptr<Session> session;
  {
    const auto opening = std::make_shared<opening_detail::Opening>(thread, tls, std::move(socket));
    co_await opening->run();
    auto transport = opening->take_transport();
    if (!transport) co_return;
    session = make_http1_session(thread, std::move(transport), opening->first_bytes(), peer);
  }
  co_await session->run();
}

}  // namespace paddock::http
