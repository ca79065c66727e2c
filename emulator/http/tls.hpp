// TLS with certificates of our own: a local CA (ECDSA P-256), made when first needed, and a leaf
// certificate for each name that clients ask for. The only place that uses OpenSSL's TLS.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "http/transport.hpp"

namespace paddock::http {

// Thread-safe. With a directory the CA is kept there: `ca.pem`, which clients may trust, and
// `ca-key.pem`, mode 0600, which never leaves it.
class TlsContext {
 public:
  TlsContext(std::string directory, const MachineClock& clock, Log& log);
  ~TlsContext();

  // Makes or loads the CA. Throws std::runtime_error naming the file that is unreadable or wrong.
  std::string ca_certificate();

 private:
  friend Task<std::unique_ptr<Transport>> accept_tls(TlsContext& tls,
                                                     std::shared_ptr<TcpSocket> socket,
                                                     std::string_view first);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Shakes hands as the server; `first` is what was already read and stays valid. Null if that
// failed. Offers h2 and http/1.1 by ALPN.
Task<std::unique_ptr<Transport>> accept_tls(TlsContext& tls, std::shared_ptr<TcpSocket> socket,
                                            std::string_view first);

}  // namespace paddock::http
