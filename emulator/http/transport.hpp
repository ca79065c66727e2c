// The byte stream below a session: TCP, TLS, or a test's. Virtual, so that session code is compiled
// once.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <tuple>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "core/task.hpp"

namespace paddock::http {

// Up to three pieces of one write; a ConstBufferSequence. The text is the caller's.
class Pieces {
 public:
  Pieces() = default;
  explicit Pieces(std::string_view a, std::string_view b = {}, std::string_view c = {});

  const asio::const_buffer* begin() const { return buffers_.data(); }
  const asio::const_buffer* end() const { return buffers_.data() + count_; }
  size_t size() const;         // bytes of all pieces
  void consume(size_t bytes);  // forgets the first `bytes`

 private:
  void add(std::string_view piece);

  std::array<asio::const_buffer, 3> buffers_;
  size_t count_ = 0;
};

// One thread's. At most one read and one write are open at a time. Errors are values: a client that
// goes away is nothing exceptional.
class Transport {
 public:
  using Error = boost::system::error_code;
  using Result = std::tuple<Error, size_t>;
  using ReadDone = std::function<void(Error, size_t)>;

  virtual ~Transport() = default;

  // Reads at least one byte; an error or 0 bytes at the end of the stream.
  virtual Task<Result> read(char* to, size_t size) = 0;
  // The same for one that is no coroutine. `done` is called later, never from within.
  virtual void read_then(char* to, size_t size, ReadDone done) = 0;
  // What goes out without waiting; 0 also if this kind of stream always waits.
  virtual Result try_write(const Pieces& pieces) = 0;
  // At least one byte of them.
  virtual Task<Result> write(Pieces pieces) = 0;
  // Tells the other side that nothing more comes; reading goes on.
  virtual Task<void> half_close() = 0;
  // Open operations end with an error; one that was just about to end, and those begun later, do
  // not.
  virtual void cancel() = 0;
  // With `reset` the other side sees a broken connection rather than an end.
  virtual void close(bool reset) = 0;
  virtual bool secure() const = 0;
  // Both sides agreed on HTTP/2 when they shook hands.
  virtual bool agreed_on_http2() const { return false; }
};

using TcpSocket = asio::ip::tcp::socket;
std::unique_ptr<Transport> make_tcp_transport(TcpSocket socket);

// Closes with a reset or in order. Never fails.
void close_socket(TcpSocket& socket, bool reset);

}  // namespace paddock::http
