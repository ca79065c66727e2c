#include "http/transport.hpp"

#include <cerrno>

#include <boost/asio/as_tuple.hpp>
#include <sys/socket.h>
#include <sys/uio.h>

namespace paddock::http {

Pieces::Pieces(std::string_view a, std::string_view b, std::string_view c) {
  add(a);
  add(b);
  add(c);
}

void Pieces::add(std::string_view piece) {
  if (!piece.empty()) buffers_[count_++] = asio::const_buffer(piece.data(), piece.size());
}

size_t Pieces::size() const {
  size_t bytes = 0;
  for (const asio::const_buffer& buffer : *this) bytes += buffer.size();
  return bytes;
}

void Pieces::consume(size_t bytes) {
  size_t kept = 0;
  for (size_t i = 0; i < count_; ++i) {
    const size_t taken = std::min(bytes, buffers_[i].size());
    bytes -= taken;
    if (taken < buffers_[i].size()) buffers_[kept++] = buffers_[i] + taken;
  }
  count_ = kept;
}

void close_socket(TcpSocket& socket, bool reset) {
  boost::system::error_code ignored;
  if (reset) socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

namespace {

class TcpTransport final : public Transport {
 public:
  explicit TcpTransport(TcpSocket socket) : socket_(std::move(socket)) {
    Error ignored;
    socket_.non_blocking(true, ignored);
  }

  Task<Result> read(char* to, size_t size) override {
    return socket_.async_read_some(asio::buffer(to, size), asio::as_tuple(use_task));
  }

  void read_then(char* to, size_t size, ReadDone done) override {
    socket_.async_read_some(asio::buffer(to, size), std::move(done));
  }

  Result try_write(const Pieces& pieces) override {
    std::array<iovec, 3> vectors;
    size_t count = 0;
    for (const asio::const_buffer& piece : pieces) {
      vectors[count++] = {const_cast<void*>(piece.data()), piece.size()};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    ssize_t sent;
    do {
      sent = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return {Error(), static_cast<size_t>(sent)};
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {Error(), 0};
    return {Error(errno, boost::system::system_category()), 0};
  }

  Task<Result> write(Pieces pieces) override {
    return socket_.async_write_some(pieces, asio::as_tuple(use_task));
  }

  Task<void> half_close() override {
    Error ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    co_return;
  }

  void cancel() override {
    Error ignored;
    socket_.cancel(ignored);
  }
  void close(bool reset) override { close_socket(socket_, reset); }
  bool secure() const override { return false; }

 private:
  TcpSocket socket_;
};

}  // namespace

std::unique_ptr<Transport> make_tcp_transport(TcpSocket socket) {
  return std::make_unique<TcpTransport>(std::move(socket));
}

}  // namespace paddock::http
