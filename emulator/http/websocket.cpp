#include "http/websocket.hpp"

#include <deque>
#include <stdexcept>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "core/text.hpp"
#include "http/frame_guard.hpp"
#include "http/take_over.hpp"
#include "http/transport.hpp"

namespace paddock::http {
// Named, not anonymous: coroutine frames hold these, and unity builds warn.
namespace websocket_detail {

namespace beast = boost::beast;
namespace ws = boost::beast::websocket;
using Error = boost::system::error_code;

constexpr std::chrono::seconds kCloseWait{5};               // for the client's close frame
constexpr std::chrono::seconds kLingerWait{1};              // for the end of the client's bytes
constexpr size_t kMostLingered = 1024 * 1024;               // bytes read and dropped then
constexpr std::string_view kTooBig("\x88\x02\x03\xF1", 4);  // a close frame with code 1009

// Ends our side and reads on for a while, so that a reset does not destroy what was sent last.
inline Task<void> linger(std::shared_ptr<Transport> bytes) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(kLingerWait);
  timer.async_wait([bytes](const Error& cancelled) {
    if (!cancelled) bytes->close(true);
  });
  co_await bytes->half_close();
  std::array<char, 1024> dropped;
  for (size_t seen = 0; seen < kMostLingered;) {
    const auto [error, size] = co_await bytes->read(dropped.data(), dropped.size());
    if (error || size == 0) break;
    seen += size;
  }
  timer.cancel();
}

// A transport as Beast wants to see it, with an eye on the length of frames.
class ByteStream {
 public:
  using executor_type = IoExecutor;

  ByteStream(std::shared_ptr<Transport> bytes, IoExecutor executor, size_t most_frame)
      : bytes_(std::move(bytes)), executor_(std::move(executor)), guard_(most_frame) {}

  executor_type get_executor() const { return executor_; }
  const std::shared_ptr<Transport>& bytes() const { return bytes_; }
  bool frame_too_big() const { return guard_.violated(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(Error, size_t)>(
        [this](auto handler, const asio::mutable_buffer& to) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          start_read(to, [shared](Error error, size_t size) { std::move (*shared)(error, size); });
        },
        token, first_of(buffers));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(Error, size_t)>(
        [this](auto handler, const Pieces& pieces) {
          auto shared = std::make_shared<decltype(handler)>(std::move(handler));
          start_write(pieces,
                      [shared](Error error, size_t size) { std::move (*shared)(error, size); });
        },
        token, pieces_of(buffers));
  }

  friend void beast_close_socket(ByteStream& stream) { stream.bytes_->close(true); }

 private:
  using Done = std::function<void(Error, size_t)>;

  template <class Buffers>
  static asio::mutable_buffer first_of(const Buffers& buffers) {
    for (auto it = asio::buffer_sequence_begin(buffers); it != asio::buffer_sequence_end(buffers);
         ++it) {
      if (asio::mutable_buffer(*it).size() > 0) return *it;
    }
    return {};
  }
  // Those that one write takes.
  template <class Buffers>
  static Pieces pieces_of(const Buffers& buffers) {
    std::array<std::string_view, 3> texts;
    size_t count = 0;
    for (auto it = asio::buffer_sequence_begin(buffers);
         it != asio::buffer_sequence_end(buffers) && count < texts.size(); ++it) {
      const asio::const_buffer buffer(*it);
      if (buffer.size() == 0) continue;
      texts[count++] = {static_cast<const char*>(buffer.data()), buffer.size()};
    }
    return Pieces(texts[0], texts[1], texts[2]);
  }

  void finish(Done done, Error error, size_t size) {
    asio::post(executor_, [done = std::move(done), error, size] { done(error, size); });
  }

  void start_read(const asio::mutable_buffer& to, Done done) {
    if (guard_.violated()) {
      finish(std::move(done), asio::error::message_size, 0);
      return;
    }
    char* data = static_cast<char*>(to.data());
    bytes_->read_then(
        data, to.size(),
        [this, data, done = std::move(done), kept = bytes_](Error error, size_t size) {
          if (!error && size == 0) error = asio::error::eof;
          if (!error) size = guard_.pass({data, size});
          if (!error && size == 0) error = asio::error::message_size;
          done(error, size);
        });
  }

  void start_write(const Pieces& pieces, Done done) {
    const auto [error, sent] = bytes_->try_write(pieces);
    if (error || sent > 0) {
      finish(std::move(done), error, sent);
      return;
    }
    asio::co_spawn(executor_, bytes_->write(pieces),
                   [done = std::move(done), kept = bytes_](std::exception_ptr failure,
                                                           const Transport::Result& result) {
                     if (failure) {
                       done(asio::error::fault, 0);
                     } else {
                       done(std::get<0>(result), std::get<1>(result));
                     }
                   });
  }

  std::shared_ptr<Transport> bytes_;
  IoExecutor executor_;
  FrameGuard guard_;
};

template <class Handler>
void async_teardown(beast::role_type, ByteStream& stream, Handler&& handler) {
  auto shared = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
  asio::co_spawn(stream.get_executor(), linger(stream.bytes()),
                 [shared](std::exception_ptr) { std::move (*shared)(Error()); });
}

class BeastWebSocket final : public WebSocket, public std::enable_shared_from_this<BeastWebSocket> {
 public:
  BeastWebSocket(std::shared_ptr<Transport> bytes, IoExecutor executor, WebSocketOptions options)
      : options_(std::move(options)),
        bytes_(bytes),
        executor_(executor),
        stream_(std::move(bytes), std::move(executor), options_.frame_bytes),
        force_(executor_) {
    stream_.read_message_max(options_.message_bytes);
    stream_.auto_fragment(false);
    ws::stream_base::timeout never{};
    never.handshake_timeout = ws::stream_base::none();
    never.idle_timeout = ws::stream_base::none();
    stream_.set_option(never);
  }

  Task<bool> accept(const RequestHead& head);
  Task<std::optional<WebSocketMessage>> read() override;
  bool send(WebSocketMessage message) override;
  void close(uint16_t code, std::string_view reason) override;
  bool open() const override { return !ended_ && !closing_; }
  const WebSocketEnd& end() const override { return end_; }

 private:
  void start_writing();
  Task<void> write_all();
  Task<void> finish(Error error);

  const WebSocketOptions options_;
  const std::shared_ptr<Transport> bytes_;
  const IoExecutor executor_;
  ws::stream<ByteStream, false> stream_;
  asio::steady_timer force_;  // cuts a connection whose client does not answer our close frame
  std::deque<WebSocketMessage> queue_;
  size_t queued_ = 0;  // bytes, with the one that is being sent
  bool writing_ = false;
  bool closing_ = false;  // by us
  bool ended_ = false;
  WebSocketEnd end_;
};

Task<bool> BeastWebSocket::accept(const RequestHead& head) {
  beast::http::request<beast::http::empty_body> request;
  request.method(beast::http::verb::get);
  request.target(head.target);
  request.version(11);
  for (const auto& [name, value] : head.headers) request.insert(name, value);
  stream_.set_option(ws::stream_base::decorator([this](ws::response_type& response) {
    response.erase(beast::http::field::server);
    for (const auto& [name, value] : options_.headers) response.insert(name, value);
  }));
  stream_.control_callback([this](ws::frame_type kind, beast::string_view) {
    if (kind == ws::frame_type::close && options_.on_closing) options_.on_closing();
    if (options_.on_frame) options_.on_frame();
  });
  writing_ = true;  // the 101; messages wait behind it
  if (options_.on_accept) options_.on_accept(shared_from_this());
  const auto [error] = co_await stream_.async_accept(request, asio::as_tuple(use_task));
  writing_ = false;
  if (error) {
    ended_ = true;
    force_.cancel();
  } else if (!queue_.empty() || closing_) {
    start_writing();
  }
  // What answered the handshake is not needed again.
  stream_.set_option(ws::stream_base::decorator([](ws::response_type&) {}));
  co_return !error;
}

Task<std::optional<WebSocketMessage>> BeastWebSocket::read() {
  auto self = shared_from_this();
  if (ended_) co_return std::nullopt;
  beast::flat_buffer buffer;
  const auto [error, size] = co_await stream_.async_read(buffer, asio::as_tuple(use_task));
  if (error) {
    co_await finish(error);
    co_return std::nullopt;
  }
  if (options_.on_frame) options_.on_frame();
  const asio::const_buffer data = buffer.cdata();
  std::string text(static_cast<const char*>(data.data()), data.size());
  WebSocketMessage message(std::move(text), stream_.got_binary());
  co_return message;
}

// Tells how it ended, and ends what is left of it.
Task<void> BeastWebSocket::finish(Error error) {
  ended_ = true;
  force_.cancel();
  if (stream_.next_layer().frame_too_big()) {
    end_.code = 1009;
    end_.by_client = false;
    // Beast does not know; nothing of its own may be under way.
    if (!writing_) {
      const auto [failed, sent] = co_await bytes_->write(Pieces(kTooBig));
      if (!failed) co_await linger(bytes_);
    }
  } else if (error == ws::error::message_too_big) {
    end_.code = 1009;
    end_.by_client = false;
  } else if (closing_) {
    // `close` has told how.
  } else if (error == ws::error::closed) {
    const ws::close_reason& reason = stream_.reason();
    end_.code = reason.code == ws::close_code::none ? uint16_t{1005} : uint16_t{reason.code};
    end_.reason.assign(reason.reason.data(), reason.reason.size());
  } else if (error.category() == make_error_code(ws::error::closed).category()) {
    end_.code = 1002;  // the client broke the protocol; Beast has told it so
    end_.by_client = false;
  }
}

bool BeastWebSocket::send(WebSocketMessage message) {
  if (!open() || queued_ + message.data.size() > options_.queued_bytes) return false;
  queued_ += message.data.size();
  queue_.push_back(std::move(message));
  start_writing();
  return true;
}

void BeastWebSocket::close(uint16_t code, std::string_view reason) {
  if (!open()) return;
  closing_ = true;
  end_.code = code;
  end_.reason = reason.substr(0, 123);
  end_.by_client = false;
  force_.expires_after(kCloseWait);
  force_.async_wait([bytes = bytes_](const Error& cancelled) {
    if (!cancelled) bytes->close(true);
  });
  start_writing();
}

void BeastWebSocket::start_writing() {
  if (writing_) return;
  writing_ = true;
  asio::co_spawn(executor_, write_all(), asio::detached);
}

Task<void> BeastWebSocket::write_all() {
  auto self = shared_from_this();
  while (!queue_.empty() && !ended_) {
    const WebSocketMessage message = std::move(queue_.front());
    queue_.pop_front();
    stream_.binary(message.binary);
    const auto [error, size] =
        co_await stream_.async_write(asio::buffer(message.data), asio::as_tuple(use_task));
    queued_ -= message.data.size();
    if (error) {
      queue_.clear();
      queued_ = 0;
      break;
    }
  }
  if (closing_ && !ended_) {
    const ws::close_reason reason(static_cast<ws::close_code>(end_.code), end_.reason);
    co_await stream_.async_close(reason, asio::as_tuple(use_task));
  }
  writing_ = false;
}

inline bool has_token(std::string_view list, std::string_view token) {
  for (std::string_view part : split(list, ',')) {
    if (equal_ignore_case(trim(part), token)) return true;
  }
  return false;
}

}  // namespace websocket_detail

bool is_websocket_handshake(const RequestHead& head) {
  const auto key = from_base64(head.headers.get("sec-websocket-key"));
  return head.method == "GET" && head.version == 11 && key && key->size() == 16 &&
         websocket_detail::has_token(head.headers.get("upgrade"), "websocket") &&
         websocket_detail::has_token(head.headers.get("connection"), "upgrade") &&
         head.headers.get("sec-websocket-version") == "13";
}

Task<std::shared_ptr<WebSocket>> accept_websocket(Exchange& exchange, WebSocketOptions options) {
  auto* connection = dynamic_cast<TakeOver*>(&exchange);
  if (!connection || !is_websocket_handshake(exchange.head())) {
    throw std::logic_error("this request is no WebSocket handshake");
  }
  const IoExecutor executor = co_await asio::this_coro::executor;
  auto bytes = connection->take_over();
  auto socket = std::make_shared<websocket_detail::BeastWebSocket>(std::move(bytes), executor,
                                                                   std::move(options));
  const bool accepted = co_await socket->accept(exchange.head());
  if (!accepted) co_return nullptr;
  exchange.cancelled().listen(
      [executor, weak = std::weak_ptr<websocket_detail::BeastWebSocket>(socket)] {
        asio::post(executor, [weak] {
          if (auto kept = weak.lock()) kept->close(1001, "Going away");
        });
      });
  co_return socket;
}

}  // namespace paddock::http
