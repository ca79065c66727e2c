#include "lambda/runtime_api.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/json.hpp"
#include "core/text.hpp"
#include "lambda/response_stream.hpp"
#include "lambda/runtime_requests.hpp"

namespace paddock::lambda {
namespace runtime_api {

constexpr size_t kPiece = 64 * 1024;
// Of one connection, at one look: others get their turn.
constexpr int kMostReads = 16;

struct Connection {
  Connection(int its_fd, size_t most_body) : fd(its_fd), requests(most_body) {}
  ~Connection() { close(fd); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const int fd;
  RuntimeRequests requests;
  std::string out;
  size_t sent = 0;
  bool waits_for_next = false;
  bool ends = false;  // after `out` is sent
  bool gone = false;

  bool sending() const { return sent < out.size(); }
};

std::string message(int status, const http::Headers& headers, std::string_view body,
                    bool keep_alive) {
  std::string text = "HTTP/1.1 " + std::to_string(status) + " ";
  text += http::reason_phrase(status);
  text += "\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!headers.has("content-type")) text += "Content-Type: application/json\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  if (!keep_alive) text += "Connection: close\r\n";
  text += "\r\n";
  text += body;
  return text;
}

void answer(Connection& connection, const RuntimeRequest& request, int status,
            std::string_view body) {
  if (!request.keep_alive) connection.ends = true;
  connection.out += message(status, {}, body, request.keep_alive);
}

void refuse(Connection& connection, const RuntimeRequest& request, int status, const char* type,
            const std::string& text) {
  const Json document{{"errorMessage", text}, {"errorType", type}};
  answer(connection, request, status, document.dump());
}

// A header's value must be one line.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

// A streamed answer tells of an error in its trailers.
RuntimeAnswer streamed(RuntimeRequest& request) {
  RuntimeAnswer answer;
  answer.content_type = request.headers.get("content-type");
  answer.payload = std::move(request.body);
  if (request.trailers.has("Lambda-Runtime-Function-Error-Type")) {
    answer.success = false;
    answer.error_type = request.trailers.get("Lambda-Runtime-Function-Error-Type");
    const auto body = from_base64(request.trailers.get("Lambda-Runtime-Function-Error-Body"));
    answer.payload = body.value_or("");
  }
  return answer;
}

bool is_streaming(const http::Headers& headers) {
  return equal_ignore_case(headers.get("Lambda-Runtime-Function-Response-Mode"), "streaming");
}

RuntimeAnswer answer_of(RuntimeRequest& request) {
  RuntimeAnswer answer;
  if (request.kind == RuntimeRequest::Kind::response && is_streaming(request.headers)) {
    answer = streamed(request);
  } else {
    answer.success = request.kind == RuntimeRequest::Kind::response;
    answer.error_type = request.headers.get("Lambda-Runtime-Function-Error-Type");
    answer.payload = std::move(request.body);
  }
  answer.too_large = request.body_too_large;
  return answer;
}

}  // namespace runtime_api

using runtime_api::Connection;

struct RuntimeApi::Impl {
  explicit Impl(size_t most_body) : most_body(most_body) {}

  const size_t most_body;
  int listener = -1;
  uint16_t port = 0;
  std::vector<std::unique_ptr<Connection>> connections;
  std::string current;                     // the request id that is delivered and not answered
  std::shared_ptr<ResponseStream> stream;  // of its answer; null: that is collected
  bool overflowed = false;                 // `stream` takes no more
  std::optional<RuntimeAnswer> answered;
  std::optional<RuntimeAnswer> init_error;

  void accept_all();
  void receive(Connection& connection);
  void handle(Connection& connection, RuntimeRequest request);
  void handle_answer(Connection& connection, RuntimeRequest request);
  void pass_on(Connection& connection);
  void write(std::string piece);
  RuntimeAnswer finish_stream(RuntimeRequest& request);
  bool holds_back(const Connection& connection) const {
    return stream && connection.requests.streams() && connection.requests.stream_id() == current &&
           stream->full();
  }
  static void send_out(Connection& connection);
};

RuntimeApi::RuntimeApi(size_t most_body) : impl_(std::make_unique<Impl>(most_body)) {
  impl_->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (impl_->listener < 0 || bind(impl_->listener, any, size) != 0 ||
      listen(impl_->listener, RuntimeApi::kMostConnections) != 0 ||
      getsockname(impl_->listener, any, &size) != 0) {
    const std::string why = std::strerror(errno);
    if (impl_->listener >= 0) close(impl_->listener);
    throw std::runtime_error("no listener for a Runtime API: " + why);
  }
  impl_->port = ntohs(address.sin_port);
}

RuntimeApi::~RuntimeApi() {
  close(impl_->listener);
}

std::string RuntimeApi::address() const {
  return "127.0.0.1:" + std::to_string(impl_->port);
}

void RuntimeApi::add_polls(std::vector<pollfd>& polls) const {
  polls.push_back({impl_->listener, POLLIN, 0});
  for (const auto& connection : impl_->connections) {
    if (impl_->holds_back(*connection)) continue;
    const short wanted = connection->sending() ? POLLOUT : POLLIN;
    polls.push_back({connection->fd, wanted, 0});
  }
}

void RuntimeApi::serve() {
  impl_->accept_all();
  for (size_t i = 0; i < impl_->connections.size(); ++i) {
    Connection& connection = *impl_->connections[i];
    Impl::send_out(connection);
    if (!connection.sending()) impl_->receive(connection);
    Impl::send_out(connection);
  }
  std::erase_if(impl_->connections, [](const auto& connection) { return connection->gone; });
}

void RuntimeApi::Impl::accept_all() {
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (connections.size() >= kMostConnections) {
      close(fd);
      continue;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections.push_back(std::make_unique<Connection>(fd, most_body));
    connections.back()->requests.hand_out_streams(stream != nullptr);
  }
}

void RuntimeApi::Impl::receive(Connection& connection) {
  std::string piece(runtime_api::kPiece, '\0');
  for (int i = 0; i < runtime_api::kMostReads && !connection.gone && !connection.ends; ++i) {
    if (holds_back(connection)) return;
    const ssize_t got = recv(connection.fd, piece.data(), piece.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got <= 0) {
      connection.gone = true;
      return;
    }
    connection.requests.add({piece.data(), static_cast<size_t>(got)});
    while (!connection.ends) {
      std::optional<RuntimeRequest> request = connection.requests.take();
      if (!request) break;
      handle(connection, *std::move(request));
    }
    pass_on(connection);
    if (connection.requests.wants_continue()) connection.out += "HTTP/1.1 100 Continue\r\n\r\n";
    if (connection.sending()) return;
  }
}

void RuntimeApi::Impl::handle(Connection& connection, RuntimeRequest request) {
  using Kind = RuntimeRequest::Kind;
  switch (request.kind) {
    case Kind::next:
      if (!current.empty()) {
        return runtime_api::refuse(
            connection, request, 403, "InvalidStateTransition",
            "State transition from Running to Ready failed for runtime. Error: State transition "
            "is not allowed");
      }
      connection.waits_for_next = true;
      return;
    case Kind::response:
    case Kind::error:
      return handle_answer(connection, std::move(request));
    case Kind::init_error:
      init_error = runtime_api::answer_of(request);
      return runtime_api::answer(connection, request, 202, "{\"status\":\"OK\"}\n");
    case Kind::unknown:
      return runtime_api::refuse(connection, request, 404, "NotFound",
                                 "The Runtime API has no such operation.");
    case Kind::refused:
      return runtime_api::refuse(connection, request, request.status, "InvalidRequest",
                                 "The Runtime API does not take this request.");
  }
}

void RuntimeApi::Impl::handle_answer(Connection& connection, RuntimeRequest request) {
  if (current.empty() || request.id != current) {
    return runtime_api::refuse(connection, request, 400, "InvalidRequestID", "Invalid request ID");
  }
  current.clear();
  const bool streams = stream && request.kind == RuntimeRequest::Kind::response &&
                       runtime_api::is_streaming(request.headers);
  answered = streams ? finish_stream(request) : runtime_api::answer_of(request);
  stream.reset();
  if (answered->too_large) {
    return runtime_api::refuse(
        connection, request, 413, "RequestEntityTooLarge",
        "Exceeded maximum allowed payload size (" +
            std::to_string(answered->streamed ? kMostStreamedBytes : most_body) + " bytes).");
  }
  runtime_api::answer(connection, request, 202, "{\"status\":\"OK\"}\n");
}

// What has come of a body that is handed out while it comes.
void RuntimeApi::Impl::pass_on(Connection& connection) {
  RuntimeRequests& requests = connection.requests;
  if (connection.gone || !requests.streams()) return;
  std::string piece = requests.take_body();
  if (!stream || requests.stream_id() != current) return;  // it is refused at its end
  stream->begin(std::string(requests.stream_headers().get("content-type")));
  write(std::move(piece));
}

void RuntimeApi::Impl::write(std::string piece) {
  if (!overflowed && !stream->write(std::move(piece))) overflowed = true;
}

RuntimeAnswer RuntimeApi::Impl::finish_stream(RuntimeRequest& request) {
  stream->begin(std::string(request.headers.get("content-type")));
  write(std::move(request.body));
  request.body.clear();
  RuntimeAnswer answer = runtime_api::streamed(request);
  answer.streamed = true;
  answer.too_large = overflowed;
  return answer;
}

void RuntimeApi::Impl::send_out(Connection& connection) {
  while (connection.sending() && !connection.gone) {
    const ssize_t sent = send(connection.fd, connection.out.data() + connection.sent,
                              connection.out.size() - connection.sent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (sent < 0) {
      connection.gone = true;
      return;
    }
    connection.sent += static_cast<size_t>(sent);
  }
  connection.out.clear();
  connection.sent = 0;
  if (connection.ends) connection.gone = true;
}

bool RuntimeApi::ready() const {
  return std::any_of(
      impl_->connections.begin(), impl_->connections.end(),
      [](const auto& connection) { return connection->waits_for_next && !connection->gone; });
}

void RuntimeApi::deliver(const Invocation& invocation, const std::string& function_arn,
                         int64_t deadline_ms) {
  const auto waiting =
      std::find_if(impl_->connections.begin(), impl_->connections.end(),
                   [](const auto& connection) { return connection->waits_for_next; });
  http::Headers headers;
  headers.add("Content-Type", "application/json");
  headers.add("Lambda-Runtime-Aws-Request-Id", invocation.request_id);
  headers.add("Lambda-Runtime-Deadline-Ms", std::to_string(deadline_ms));
  headers.add("Lambda-Runtime-Invoked-Function-Arn",
              invocation.invoked_arn.empty() ? function_arn : invocation.invoked_arn);
  headers.add("Lambda-Runtime-Trace-Id", runtime_api::one_line(invocation.trace_id));
  if (!invocation.client_context.empty()) {
    headers.add("Lambda-Runtime-Client-Context", runtime_api::one_line(invocation.client_context));
  }
  impl_->current = invocation.request_id;
  impl_->answered.reset();
  impl_->stream = invocation.stream;
  impl_->overflowed = false;
  for (const auto& connection : impl_->connections) {
    connection->requests.hand_out_streams(invocation.stream != nullptr);
  }
  Connection& connection = **waiting;
  connection.waits_for_next = false;
  connection.out += runtime_api::message(200, headers, invocation.payload, true);
  Impl::send_out(connection);
}

std::optional<RuntimeAnswer> RuntimeApi::take_answer() {
  return std::exchange(impl_->answered, std::nullopt);
}

std::optional<RuntimeAnswer> RuntimeApi::take_init_error() {
  return std::exchange(impl_->init_error, std::nullopt);
}

}  // namespace paddock::lambda
