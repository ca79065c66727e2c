// Signs notifications, and the certificate by which they are checked. One key per emulator, made at
// the first signature and kept.
//
// Row, version 1, family meta, key (kSystemRealm, kSnsKeyKind): a document {"key","certificate"},
// both PEM.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/rsa_key.hpp"
#include "services/sns/notification.hpp"
#include "storage/database.hpp"

namespace paddock::services::sns {

// Thread-safe.
class Signer {
 public:
  Signer(storage::Database& database, const MachineClock& machine)
      : database_(database), machine_(machine) {}

  // `version`: "1" (SHA-1) or "2" (SHA-256).
  Seal seal(const Notification& notification, const std::string& text, const std::string& version);
  std::string certificate();
  // "/SimpleNotificationService-….pem"
  std::string certificate_path();
  static bool is_certificate_path(const std::string& path);

 private:
  struct Kept {
    Kept(RsaSigningKey its_key, std::string its_certificate);
    RsaSigningKey key;
    std::string certificate;
    std::string path;
  };
  const Kept& kept();

  storage::Database& database_;
  const MachineClock& machine_;
  std::mutex mutex_;  // guards the making of kept_, which then never changes
  std::optional<Kept> kept_;
};

}  // namespace paddock::services::sns
