// A certificate authority of our own and the certificates it signs (X.509, ECDSA P-256).
//
// Files, when there is a directory: `ca.pem`, the certificate, and `ca-key.pem`, its private key in
// PKCS #8, mode 0600. Both are plain PEM; a pair made by hand works too.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "core/clock.hpp"

namespace paddock::http {

struct OpensslDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Key = std::unique_ptr<EVP_PKEY, OpensslDeleter>;
using Certificate = std::unique_ptr<X509, OpensslDeleter>;

// One thread at a time.
class CertificateAuthority {
 public:
  // Loads the CA from `directory`, or makes it and keeps it there; "" = in memory only. Throws
  // std::runtime_error.
  CertificateAuthority(std::string directory, const MachineClock& clock);

  std::string certificate_pem() const;
  // Gives `ssl` a certificate for `name`, a host name as a client sent it, or "". Each also covers
  // the names and addresses that are always ours. False if OpenSSL refuses.
  bool use_leaf(SSL* ssl, std::string_view name);

 private:
  void load();
  void make();
  void save() const;
  X509* leaf(const std::string& name);
  Certificate make_leaf(const std::string& name) const;

  const std::string directory_;
  const MachineClock& clock_;
  Key key_;
  Certificate certificate_;
  Key leaf_key_;                               // one for all leaves, new in each process
  std::map<std::string, Certificate> leaves_;  // by name, at most kMostLeaves
  static constexpr size_t kMostLeaves = 256;
};

}  // namespace paddock::http
