#include "http/server.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <sys/resource.h>

#include "http/connection.hpp"
#include "http/io_thread.hpp"
#include "http/tls.hpp"

namespace paddock::http {
namespace {

using Acceptor = asio::ip::tcp::acceptor;
using ListenFailure = boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{50};  // after running out of descriptors
constexpr std::chrono::milliseconds kAfterCut{1'000};  // for handlers to notice that it is over
constexpr int kPortAttempts = 16;                      // to find one free at all addresses

// Opens and binds; an error for an address that is not ours or a port in use.
ListenFailure listen_at(Acceptor& acceptor, const asio::ip::tcp::endpoint& endpoint) {
  ListenFailure error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    acceptor.set_option(asio::ip::v6_only(true), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

bool host_lacks(const ListenFailure& error) {
  return error == asio::error::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

asio::ip::address parse_address(const std::string& text) {
  ListenFailure error;
  const auto address = asio::ip::make_address(text, error);
  if (error) {
    throw ListenError("cannot listen on '" + text + "': it is not an IP address; use 127.0.0.1, " +
                      "::1, 0.0.0.0 or one of this host's own");
  }
  return address;
}

std::string name_of(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

[[noreturn]] void fail_to_listen(const asio::ip::tcp::endpoint& endpoint,
                                 const ListenFailure& error, const char* flag) {
  std::string text = "cannot listen on " + name_of(endpoint) + ": ";
  if (error == asio::error::address_in_use) {
    text += "the port is in use; stop the program that has it, or choose another with ";
    text += flag;
  } else if (error == asio::error::access_denied) {
    text += "ports below 1024 need root; choose another with ";
    text += flag;
  } else if (host_lacks(error)) {
    text += "this host has no such address; choose another with --host";
  } else {
    text += error.message();
  }
  throw ListenError(text);
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions given, const MachineClock& clock, Log& log, Handler handler)
      : options(std::move(given)),
        tls(options.tls_directory, clock, log),
        context(options.limits, clock, log, std::move(handler)) {
    const size_t count = 1 + std::max<size_t>(options.io_threads, 1);
    for (size_t i = 0; i < count; ++i) threads.push_back(std::make_unique<IoThread>(context));
    port = listen(options.port, "--port");
    if (options.second_port) second_port = listen(*options.second_port, "--dynamodb-port");
  }

  uint16_t listen(uint16_t wanted, const char* flag);
  std::optional<uint16_t> listen_on_all(uint16_t wanted, const char* flag, bool last_attempt);
  void start();
  void close_acceptors();
  void stop(std::chrono::milliseconds grace);
  Task<void> accept_from(Acceptor& acceptor);
  Task<void> open(TcpSocket socket);
  Task<void> serve(IoThread& thread, Opened opened);
  bool is_front_request(std::string_view first_bytes) const;
  void connection_ended();
  bool wait_until_closed(std::chrono::milliseconds time);

  const ServerOptions options;
  TlsContext tls;
  ServerContext context;
  // The first one is the front: it accepts, waits for first bytes and answers the front paths. The
  // others serve.
  std::vector<std::unique_ptr<IoThread>> threads;
  std::vector<std::unique_ptr<Acceptor>> acceptors;  // all on the front
  uint16_t port = 0;
  uint16_t second_port = 0;
  size_t next_thread = 0;
  std::atomic<uint64_t> accepted{0};
  std::atomic<uint64_t> refused{0};
  std::vector<std::thread> running;
  std::mutex mutex;
  std::condition_variable closed;
  enum class State { listening, started, stopped } state = State::listening;
};

// The port that was bound, at all addresses.
uint16_t Server::Impl::listen(uint16_t wanted, const char* flag) {
  for (int attempt = 1;; ++attempt) {
    if (const auto bound = listen_on_all(wanted, flag, attempt == kPortAttempts)) return *bound;
  }
}

// With port 0 the first address chooses, and the others may find that port taken: nullopt, try
// again.
std::optional<uint16_t> Server::Impl::listen_on_all(uint16_t wanted, const char* flag,
                                                    bool last_attempt) {
  std::vector<std::unique_ptr<Acceptor>> opened;
  uint16_t bound = wanted;
  ListenFailure last_error;
  asio::ip::tcp::endpoint last_endpoint;
  for (const std::string& text : options.addresses) {
    const asio::ip::tcp::endpoint endpoint(parse_address(text), bound);
    auto acceptor = std::make_unique<Acceptor>(threads.front()->io());
    const ListenFailure error = listen_at(*acceptor, endpoint);
    if (!error) {
      bound = acceptor->local_endpoint().port();
      opened.push_back(std::move(acceptor));
      continue;
    }
    if (wanted == 0 && error == asio::error::address_in_use && !last_attempt) return std::nullopt;
    if (!host_lacks(error)) fail_to_listen(endpoint, error, flag);
    last_error = error;
    last_endpoint = endpoint;
  }
  if (opened.empty()) {
    if (!last_error) throw ListenError("there is no address to listen on; give one with --host");
    fail_to_listen(last_endpoint, last_error, flag);
  }
  std::move(opened.begin(), opened.end(), std::back_inserter(acceptors));
  return bound;
}

void Server::Impl::start() {
  std::lock_guard lock(mutex);
  if (state != State::listening) throw std::logic_error("the server was already started");
  state = State::started;
  for (const auto& acceptor : acceptors) {
    asio::co_spawn(threads.front()->io(), accept_from(*acceptor), asio::detached);
  }
  for (const auto& thread : threads) {
    running.emplace_back([&io = *thread] { io.run(); });
  }
}

Task<void> Server::Impl::accept_from(Acceptor& acceptor) {
  asio::steady_timer pause(threads.front()->io());
  while (acceptor.is_open()) {
    TcpSocket socket(threads.front()->io());
    auto [error] = co_await acceptor.async_accept(socket, asio::as_tuple(use_task));
    if (error == asio::error::operation_aborted || !acceptor.is_open()) co_return;
    if (error) {
      // A connection that ended while it waited; or no descriptors, which waiting may cure.
      if (error == asio::error::connection_aborted) continue;
      context.log.warn("http: cannot accept a connection: " + error.message());
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(asio::as_tuple(use_task));
      continue;
    }
    if (context.open.load() >= options.limits.connections) {
      ++refused;
      close_socket(socket, true);
      continue;
    }
    ++accepted;
    ++context.open;
    asio::co_spawn(threads.front()->io(), open(std::move(socket)), asio::detached);
  }
}

bool Server::Impl::is_front_request(std::string_view first_bytes) const {
  for (std::string_view method : {"GET ", "HEAD "}) {
    if (!first_bytes.starts_with(method)) continue;
    std::string_view target = first_bytes.substr(method.size());
    target = target.substr(0, target.find_first_of(" ?"));
    return std::find(options.front_paths.begin(), options.front_paths.end(), target) !=
           options.front_paths.end();
  }
  return false;
}

// Hands the connection to an I/O thread, unless its first request is for the front.
Task<void> Server::Impl::open(TcpSocket socket) {
  IoThread& front = *threads.front();
  bool handed_over = false;
  try {
    std::optional<Opened> opened = co_await open_connection(front, std::move(socket));
    if (opened) {
      bool stays = is_front_request(opened->first_bytes);
      IoThread& thread = stays ? front : *threads[1 + next_thread++ % (threads.size() - 1)];
      if (!stays) opened->socket = move_to(thread, std::move(opened->socket));
      asio::co_spawn(thread.io(), serve(thread, *std::move(opened)), asio::detached);
      handed_over = true;
    }
  } catch (const std::exception& error) {
    context.log.error(std::string("http: a connection failed: ") + error.what());
  }
  if (!handed_over) connection_ended();
}

Task<void> Server::Impl::serve(IoThread& thread, Opened opened) {
  try {
    co_await serve_connection(thread, tls, std::move(opened));
  } catch (const std::exception& error) {
    context.log.error(std::string("http: a connection failed: ") + error.what());
  }
  connection_ended();
}

void Server::Impl::connection_ended() {
  if (--context.open == 0) {
    std::lock_guard lock(mutex);
    closed.notify_all();
  }
}

bool Server::Impl::wait_until_closed(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex);
  return closed.wait_for(lock, time, [this] { return context.open.load() == 0; });
}

void Server::Impl::close_acceptors() {
  asio::post(threads.front()->io(), [this] {
    for (const auto& acceptor : acceptors) {
      ListenFailure ignored;
      acceptor->close(ignored);
    }
  });
}

void Server::Impl::stop(std::chrono::milliseconds grace) {
  {
    std::lock_guard lock(mutex);
    const State before = std::exchange(state, State::stopped);
    if (before == State::stopped) return;
    if (before == State::listening) {
      acceptors.clear();
      return;
    }
  }
  close_acceptors();
  for (const auto& thread : threads) {
    asio::post(thread->io(), [&io = *thread] { io.stop_sessions(); });
  }
  if (!wait_until_closed(grace)) {
    for (const auto& thread : threads) {
      asio::post(thread->io(), [&io = *thread] { io.cut_sessions(); });
    }
    if (!wait_until_closed(kAfterCut)) {
      context.log.warn("http: " + std::to_string(context.open.load()) +
                       " requests did not end when the server stopped");
    }
  }
  for (const auto& thread : threads) thread->end();
  for (std::thread& thread : running) thread.join();
}

Server::Server(ServerOptions options, const MachineClock& clock, Log& log, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(options), clock, log, std::move(handler))) {}

Server::~Server() {
  impl_->stop(std::chrono::milliseconds(0));
  // Suspended coroutines go first, with the I/O contexts that hold them.
  impl_->acceptors.clear();
  impl_->threads.clear();
}

void Server::start() {
  impl_->start();
}
void Server::stop_listening() {
  impl_->close_acceptors();
}
void Server::stop(std::chrono::milliseconds grace) {
  impl_->stop(grace);
}
uint16_t Server::port() const {
  return impl_->port;
}
uint16_t Server::second_port() const {
  return impl_->second_port;
}
asio::io_context& Server::io(size_t thread) {
  return impl_->threads.at(thread + 1)->io();
}
size_t Server::io_threads() const {
  return impl_->threads.size() - 1;
}
std::string Server::ca_certificate() {
  return impl_->tls.ca_certificate();
}

Server::Counters Server::counters() const {
  Counters counters{};
  counters.accepted = impl_->accepted;
  counters.refused = impl_->refused;
  counters.open = impl_->context.open;
  for (const auto& thread : impl_->threads) {
    counters.requests += thread->requests.value.load(std::memory_order_relaxed);
    counters.bytes_in += thread->bytes_in.value.load(std::memory_order_relaxed);
    counters.bytes_out += thread->bytes_out.value.load(std::memory_order_relaxed);
  }
  return counters;
}

uint64_t raise_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  }
  return limit.rlim_cur;
}

}  // namespace paddock::http
