// RSA keys that sign, with a certificate to check them by; over OpenSSL.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace paddock {

// A 2,048-bit RSA key. Signing is thread-safe.
class RsaSigningKey {
 public:
  // A new key; takes a tenth of a second. Throws std::runtime_error.
  static RsaSigningKey generate();
  // From PEM (PKCS #8). Throws std::runtime_error for other text.
  static RsaSigningKey from_pem(const std::string& pem);
  ~RsaSigningKey();
  RsaSigningKey(RsaSigningKey&&) noexcept;
  RsaSigningKey& operator=(RsaSigningKey&&) noexcept;

  std::string pem() const;

  // RSASSA-PKCS1-v1_5 with SHA-1 or SHA-256; raw bytes.
  std::string sign_sha1(std::string_view data) const;
  std::string sign_sha256(std::string_view data) const;

  // A self-signed X.509 certificate of the key, in PEM, valid from a day before `now_seconds`
  // (since 1970) for `days` days.
  std::string certificate(const std::string& common_name, int64_t now_seconds, int64_t days) const;

 private:
  struct Impl;
  explicit RsaSigningKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// True if `signature` is RSASSA-PKCS1-v1_5 with SHA-1 or SHA-256 (`sha256`) of `data` under the key
// of an X.509 certificate in PEM. False too for a text that is no certificate. Pure.
bool certificate_verifies(const std::string& certificate_pem, bool sha256, std::string_view data,
                          std::string_view signature);

}  // namespace paddock
