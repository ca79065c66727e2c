#include "core/digest.hpp"

#include <stdexcept>

#include <libdeflate.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <openssl/sha.h>

#include "core/text.hpp"

namespace paddock {

// MD5() is deprecated for its purpose, not its speed: the other way costs twice as much for a short
// text.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
std::string md5(std::string_view data) {
  std::string out(16, '\0');
  MD5(reinterpret_cast<const unsigned char*>(data.data()), data.size(),
      reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

#pragma GCC diagnostic pop

std::string sha256(std::string_view data) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(),
         reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

struct Hasher::State {
  explicit State(const EVP_MD* algorithm) : context(EVP_MD_CTX_new()) {
    if (context == nullptr || EVP_DigestInit_ex(context, algorithm, nullptr) != 1) {
      EVP_MD_CTX_free(context);
      throw std::runtime_error("the digest is not available in this OpenSSL");
    }
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  EVP_MD_CTX* context;
};

Hasher::Hasher(Algorithm algorithm)
    : state_(std::make_unique<State>(algorithm == Algorithm::md5    ? EVP_md5()
                                     : algorithm == Algorithm::sha1 ? EVP_sha1()
                                                                    : EVP_sha256())) {}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(std::string_view data) {
  EVP_DigestUpdate(state_->context, data.data(), data.size());
}

std::string Hasher::finish() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(state_->context, bytes, &length);
  return std::string(reinterpret_cast<const char*>(bytes), length);
}

std::string sha256_hex(std::string_view data) {
  return to_hex(sha256(data));
}

namespace digest_detail {

std::string hmac(const EVP_MD* digest, unsigned length, std::string_view key,
                 std::string_view data) {
  std::string out(length, '\0');
  if (!HMAC(digest, key.data(), static_cast<int>(key.size()),
            reinterpret_cast<const unsigned char*>(data.data()), data.size(),
            reinterpret_cast<unsigned char*>(out.data()), &length)) {
    throw std::runtime_error("HMAC is not available in this OpenSSL");
  }
  return out;
}

}  // namespace digest_detail

std::string hmac_sha256(std::string_view key, std::string_view data) {
  return digest_detail::hmac(EVP_sha256(), SHA256_DIGEST_LENGTH, key, data);
}

std::string hmac_sha1(std::string_view key, std::string_view data) {
  return digest_detail::hmac(EVP_sha1(), SHA_DIGEST_LENGTH, key, data);
}

uint32_t crc32(std::string_view data, uint32_t seed) {
  // A null pointer would ask for the first seed.
  return data.empty() ? seed : libdeflate_crc32(seed, data.data(), data.size());
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace paddock
