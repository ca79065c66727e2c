#include "services/sns/signer.hpp"

#include "core/digest.hpp"
#include "core/text.hpp"
#include "storage/document_row.hpp"
#include "storage/system_kinds.hpp"

namespace paddock::services::sns {
namespace signing {

constexpr const char* kPathStart = "/SimpleNotificationService-";
constexpr const char* kPathEnd = ".pem";
constexpr int64_t kDays = 3650;

}  // namespace signing

Signer::Kept::Kept(RsaSigningKey its_key, std::string its_certificate)
    : key(std::move(its_key)),
      certificate(std::move(its_certificate)),
      path(signing::kPathStart + to_hex(md5(certificate)) + signing::kPathEnd) {}

const Signer::Kept& Signer::kept() {
  const std::lock_guard lock(mutex_);
  if (kept_) return *kept_;
  const storage::Key row_key(kSystemRealm, storage::kSnsKeyKind);
  if (const auto row = database_.get(storage::Family::meta, row_key)) {
    const Json document = storage::document_of_row(*row);
    kept_.emplace(RsaSigningKey::from_pem(document.at("key")),
                  document.at("certificate").get<std::string>());
    return *kept_;
  }
  RsaSigningKey key = RsaSigningKey::generate();
  std::string certificate =
      key.certificate("sns.amazonaws.com", machine_.wall_ms() / 1000, signing::kDays);
  storage::Batch batch;
  batch.put(storage::Family::meta, row_key,
            storage::document_row({{"key", key.pem()}, {"certificate", certificate}}));
  database_.commit(batch);
  kept_.emplace(std::move(key), std::move(certificate));
  return *kept_;
}

Seal Signer::seal(const Notification& notification, const std::string& text,
                  const std::string& version) {
  const Kept& with = kept();
  const std::string signed_text = text_to_sign(notification, text);
  Seal seal;
  seal.version = version;
  seal.signature = to_base64(version == "2" ? with.key.sign_sha256(signed_text)
                                            : with.key.sign_sha1(signed_text));
  seal.certificate_url = notification.base_url + with.path;
  return seal;
}

std::string Signer::certificate() {
  return kept().certificate;
}

std::string Signer::certificate_path() {
  return kept().path;
}

bool Signer::is_certificate_path(const std::string& path) {
  return path.starts_with(signing::kPathStart) && path.ends_with(signing::kPathEnd);
}

}  // namespace paddock::services::sns
