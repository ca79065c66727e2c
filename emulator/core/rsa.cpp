#include "core/rsa.hpp"

#include <memory>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

namespace paddock {
namespace {

template <auto free>
struct RsaFree {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using RsaNumber = std::unique_ptr<BIGNUM, RsaFree<BN_free>>;
using RsaKey = std::unique_ptr<EVP_PKEY, RsaFree<EVP_PKEY_free>>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

RsaNumber number_of(std::string_view big_endian) {
  return RsaNumber(BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

RsaKey public_key(std::string_view modulus, std::string_view exponent) {
  RsaNumber n = number_of(modulus);
  RsaNumber e = number_of(exponent);
  std::unique_ptr<OSSL_PARAM_BLD, RsaFree<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  if (!n || !e || !builder ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) ||
      !OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get())) {
    return nullptr;
  }
  std::unique_ptr<OSSL_PARAM, RsaFree<OSSL_PARAM_free>> parameters(
      OSSL_PARAM_BLD_to_param(builder.get()));
  std::unique_ptr<EVP_PKEY_CTX, RsaFree<EVP_PKEY_CTX_free>> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return RsaKey(key);
}

}  // namespace

bool rsa_sha256_valid(std::string_view modulus, std::string_view exponent, std::string_view data,
                      std::string_view signature) {
  constexpr size_t kMostModulus = 2048;  // bytes; OpenSSL's own limit
  if (modulus.empty() || exponent.empty() || modulus.size() > kMostModulus ||
      exponent.size() > kMostModulus) {
    return false;
  }
  RsaKey key = public_key(modulus, exponent);
  std::unique_ptr<EVP_MD_CTX, RsaFree<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  return key && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(data),
                          data.size()) == 1;
}

}  // namespace paddock
