#include "core/rsa_key.hpp"

#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/random.hpp"

namespace paddock {
namespace rsa_keys {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using X509Certificate = std::unique_ptr<X509, Free<X509_free>>;

void require(bool done, const char* what) {
  if (done) return;
  ERR_clear_error();
  throw std::runtime_error(std::string("cannot ") + what);
}

Bio reader_of(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string sign(EVP_PKEY* key, const EVP_MD* digest, std::string_view data) {
  const Digest context(EVP_MD_CTX_new());
  size_t size = 0;
  require(context && EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes_of(data), data.size()) == 1,
          "begin a signature");
  std::string signature(size, '\0');
  require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                         bytes_of(data), data.size()) == 1,
          "sign");
  signature.resize(size);
  return signature;
}

}  // namespace rsa_keys

struct RsaSigningKey::Impl {
  rsa_keys::Key key;
};

RsaSigningKey::RsaSigningKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RsaSigningKey::~RsaSigningKey() = default;
RsaSigningKey::RsaSigningKey(RsaSigningKey&&) noexcept = default;
RsaSigningKey& RsaSigningKey::operator=(RsaSigningKey&&) noexcept = default;

RsaSigningKey RsaSigningKey::generate() {
  constexpr unsigned kBits = 2048;
  auto impl = std::make_unique<Impl>();
  impl->key.reset(EVP_RSA_gen(kBits));
  rsa_keys::require(impl->key != nullptr, "make an RSA key");
  return RsaSigningKey(std::move(impl));
}

RsaSigningKey RsaSigningKey::from_pem(const std::string& pem) {
  auto impl = std::make_unique<Impl>();
  const rsa_keys::Bio bio = rsa_keys::reader_of(pem);
  impl->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  rsa_keys::require(impl->key && EVP_PKEY_get_base_id(impl->key.get()) == EVP_PKEY_RSA,
                    "read an RSA key");
  return RsaSigningKey(std::move(impl));
}

std::string RsaSigningKey::pem() const {
  const rsa_keys::Bio bio(BIO_new(BIO_s_mem()));
  rsa_keys::require(PEM_write_bio_PKCS8PrivateKey(bio.get(), impl_->key.get(), nullptr, nullptr, 0,
                                                  nullptr, nullptr) == 1,
                    "encode an RSA key");
  return rsa_keys::text_of(bio);
}

std::string RsaSigningKey::sign_sha1(std::string_view data) const {
  return rsa_keys::sign(impl_->key.get(), EVP_sha1(), data);
}

std::string RsaSigningKey::sign_sha256(std::string_view data) const {
  return rsa_keys::sign(impl_->key.get(), EVP_sha256(), data);
}

std::string RsaSigningKey::certificate(const std::string& common_name, int64_t now_seconds,
                                       int64_t days) const {
  constexpr int64_t kDaySeconds = 24 * 60 * 60;
  const rsa_keys::X509Certificate made(X509_new());
  rsa_keys::require(made != nullptr, "make a certificate");
  std::string serial = random_bytes(16);
  serial[0] &= 0x7f;  // RFC 5280: positive
  const std::unique_ptr<BIGNUM, rsa_keys::Free<BN_free>> number(
      BN_bin2bn(rsa_keys::bytes_of(serial), static_cast<int>(serial.size()), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get()));
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_TIME_set(X509_getm_notBefore(made.get()), now_seconds - kDaySeconds);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), now_seconds + days * kDaySeconds);
  X509_NAME* name = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, rsa_keys::bytes_of(common_name), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  rsa_keys::require(X509_set_pubkey(made.get(), impl_->key.get()) == 1 &&
                        X509_sign(made.get(), impl_->key.get(), EVP_sha256()) != 0,
                    "sign a certificate");
  const rsa_keys::Bio bio(BIO_new(BIO_s_mem()));
  rsa_keys::require(PEM_write_bio_X509(bio.get(), made.get()) == 1, "encode a certificate");
  return rsa_keys::text_of(bio);
}

bool certificate_verifies(const std::string& certificate_pem, bool sha256, std::string_view data,
                          std::string_view signature) {
  const rsa_keys::Bio bio = rsa_keys::reader_of(certificate_pem);
  const rsa_keys::X509Certificate certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  const rsa_keys::Key key(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
  const rsa_keys::Digest context(EVP_MD_CTX_new());
  const bool valid =
      key && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, sha256 ? EVP_sha256() : EVP_sha1(), nullptr,
                           key.get()) == 1 &&
      EVP_DigestVerify(context.get(), rsa_keys::bytes_of(signature), signature.size(),
                       rsa_keys::bytes_of(data), data.size()) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace paddock
