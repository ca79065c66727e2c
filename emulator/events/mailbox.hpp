// The local mailbox: mails, text messages and push notifications that services send to the world
// outside end here and can be read by people and tests (/_paddock/mailbox).
//
// Row format, version 1, family rows:
//   key    (realm, kMailKind), i64 world milliseconds, text id
//   value  u8 version=1, a JSON object: see Mail::document
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/realm.hpp"
#include "storage/database.hpp"
#include "storage/realms.hpp"

namespace paddock::events {

struct Mail {
  WorldTime at;
  std::string id;       // unique in the realm
  std::string kind;     // "email", "email-json", "sms", "push"
  std::string to;       // an address, a number, an ARN
  std::string from;     // as the receiver sees it; "" if there is none
  std::string subject;  // "" if there is none
  std::string text;
  Json details = Json::object();  // the service's own

  // {"Id","At","Kind","To","From","Subject","Text","Details"}, At in ISO 8601.
  Json document() const;
};

// Stateless over the database, so each who needs it makes one. Thread-safe.
class Mailbox {
 public:
  static constexpr size_t kMost = 1000;  // per realm; the oldest go first

  explicit Mailbox(const storage::Database& database) : database_(database) {}

  void add(RealmId realm, const Mail& mail, storage::Batch& batch) const;
  // Oldest first.
  std::vector<Mail> read(RealmId realm) const;
  // Those for which `matches`.
  void erase(RealmId realm, const std::function<bool(const Mail&)>& matches,
             storage::Batch& batch) const;

 private:
  const storage::Database& database_;
};

}  // namespace paddock::events
