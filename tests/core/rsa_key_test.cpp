#include "core/rsa_key.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace paddock {
namespace rsa_key_tests {

TEST(RsaKeys, SignaturesVerifyByTheirCertificate) {
  const RsaSigningKey key = RsaSigningKey::generate();
  const std::string certificate = key.certificate("sns.amazonaws.com", 1'795'000'000, 365);
  EXPECT_TRUE(certificate_verifies(certificate, false, "text", key.sign_sha1("text")));
  EXPECT_TRUE(certificate_verifies(certificate, true, "text", key.sign_sha256("text")));
  EXPECT_FALSE(certificate_verifies(certificate, true, "text", key.sign_sha1("text")));
  EXPECT_FALSE(certificate_verifies(certificate, true, "other", key.sign_sha256("text")));
  EXPECT_FALSE(certificate_verifies("no certificate", true, "text", key.sign_sha256("text")));
}

TEST(RsaKeys, AreTheSameAfterPem) {
  const RsaSigningKey key = RsaSigningKey::generate();
  const RsaSigningKey again = RsaSigningKey::from_pem(key.pem());
  EXPECT_EQ(again.sign_sha256("text"), key.sign_sha256("text"));
  EXPECT_THROW(RsaSigningKey::from_pem("no key"), std::runtime_error);
}

}  // namespace rsa_key_tests
}  // namespace paddock
