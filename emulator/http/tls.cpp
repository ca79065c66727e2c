#include "http/tls.hpp"

#include <array>
#include <mutex>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <openssl/ssl.h>

#include "http/tls_certificates.hpp"

namespace paddock::http {
// Named, not anonymous: coroutine frames hold these, and unity builds warn.
namespace tls_detail {

// Of the protocols a client offers by ALPN, the one we like best; none is no error.
inline int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_size,
                       const unsigned char* in, unsigned in_size, void*) {
  static constexpr std::array<unsigned char, 12> kOurs{2,   'h', '2', 8,   'h', 't',
                                                       't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, out_size, kOurs.data(), kOurs.size(), in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(std::shared_ptr<TcpSocket> socket, asio::ssl::context& context)
      : socket_(std::move(socket)), stream_(*socket_, context) {}

  Task<Error> handshake(std::string first) {
    auto [error, bytes] = co_await stream_.async_handshake(
        asio::ssl::stream_base::server, asio::buffer(first), asio::as_tuple(use_task));
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(stream_.native_handle(), &protocol, &size);
    http2_ = size == 2 && protocol[0] == 'h' && protocol[1] == '2';
    co_return error;
  }

  Task<Result> read(char* to, size_t size) override {
    return stream_.async_read_some(asio::buffer(to, size), asio::as_tuple(use_task));
  }

  void read_then(char* to, size_t size, ReadDone done) override {
    stream_.async_read_some(asio::buffer(to, size), std::move(done));
  }

  Result try_write(const Pieces&) override { return {Error(), 0}; }

  Task<Result> write(Pieces pieces) override {
    auto [error, bytes] = co_await stream_.async_write_some(pieces, asio::as_tuple(use_task));
    co_return Result(error, bytes);
  }

  // Sends close_notify; that the other side answers it is bounded by the session's deadline.
  Task<void> half_close() override {
    co_await stream_.async_shutdown(asio::as_tuple(use_task));
    Error ignored;
    socket_->shutdown(asio::socket_base::shutdown_send, ignored);
  }

  void cancel() override {
    Error ignored;
    socket_->cancel(ignored);
  }
  void close(bool reset) override { close_socket(*socket_, reset); }
  bool secure() const override { return true; }
  bool agreed_on_http2() const override { return http2_; }

 private:
  const std::shared_ptr<TcpSocket> socket_;
  asio::ssl::stream<TcpSocket&> stream_;
  bool http2_ = false;
};

}  // namespace tls_detail

struct TlsContext::Impl {
  Impl(std::string directory, const MachineClock& clock, Log& log)
      : directory(std::move(directory)), clock(clock), log(log) {}

  // Both with the mutex held.
  CertificateAuthority& authority() {
    if (!ca) ca = std::make_unique<CertificateAuthority>(directory, clock);
    return *ca;
  }
  asio::ssl::context& context() {
    if (!ssl) {
      authority();
      asio::ssl::context made(asio::ssl::context::tls_server);
      SSL_CTX* native = made.native_handle();
      SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
      SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
      SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
      SSL_CTX_set_cert_cb(native, &Impl::choose_certificate, this);
      SSL_CTX_set_alpn_select_cb(native, tls_detail::choose_alpn, nullptr);
      ssl.emplace(std::move(made));
    }
    return *ssl;
  }

  // OpenSSL asks for the certificate once it has read the name the client wants (SNI).
  static int choose_certificate(SSL* ssl, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    try {
      std::lock_guard lock(impl.mutex);
      const bool used = impl.authority().use_leaf(ssl, name == nullptr ? "" : name);
      return used ? 1 : 0;
    } catch (const std::exception& error) {
      impl.log.error(std::string("tls: no certificate: ") + error.what());
      return 0;
    }
  }

  const std::string directory;
  const MachineClock& clock;
  Log& log;
  std::mutex mutex;
  std::unique_ptr<CertificateAuthority> ca;
  std::optional<asio::ssl::context> ssl;
};

TlsContext::TlsContext(std::string directory, const MachineClock& clock, Log& log)
    : impl_(std::make_unique<Impl>(std::move(directory), clock, log)) {}
TlsContext::~TlsContext() = default;

std::string TlsContext::ca_certificate() {
  std::lock_guard lock(impl_->mutex);
  return impl_->authority().certificate_pem();
}

Task<std::unique_ptr<Transport>> accept_tls(TlsContext& tls, std::shared_ptr<TcpSocket> socket,
                                            std::string_view first) {
  std::unique_ptr<tls_detail::TlsTransport> transport;
  try {
    std::lock_guard lock(tls.impl_->mutex);
    transport = std::make_unique<tls_detail::TlsTransport>(std::move(socket), tls.impl_->context());
  } catch (const std::exception& error) {
    tls.impl_->log.error(std::string("tls: ") + error.what());
    co_return nullptr;
  }
  const Transport::Error error = co_await transport->handshake(std::string(first));
  if (error) {
    tls.impl_->log.debug("tls: a handshake failed: " + error.message());
    co_return nullptr;
  }
  co_return transport;
}

}  // namespace paddock::http
