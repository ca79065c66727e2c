// RSA signatures, over OpenSSL.
#pragma once

#include <string_view>

namespace paddock {

// True if `signature` is the RSASSA-PKCS1-v1_5 signature with SHA-256 (RS256 of RFC 7518) of `data`
// under the public key of `modulus` and `exponent`, both big endian. False too for a key that is
// none. Pure.
bool rsa_sha256_valid(std::string_view modulus, std::string_view exponent, std::string_view data,
                      std::string_view signature);

}  // namespace paddock
