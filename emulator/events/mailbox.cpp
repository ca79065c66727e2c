#include "events/mailbox.hpp"

#include "core/text.hpp"
#include "events/kinds.hpp"
#include "storage/document_row.hpp"

namespace paddock::events {
namespace mailing {

storage::Key key_of(RealmId realm, const Mail& mail) {
  return storage::Key(realm, kMailKind).i64(mail.at.ms).text(mail.id);
}

Mail read_row(std::string_view key, std::string_view value) {
  storage::KeyReader reader(key);
  const Json row = storage::document_of_row(value);
  Mail mail;
  mail.at.ms = reader.i64();
  mail.id = reader.text();
  mail.kind = row.at("kind");
  mail.to = row.at("to");
  mail.from = row.at("from");
  mail.subject = row.at("subject");
  mail.text = row.at("text");
  mail.details = row.at("details");
  return mail;
}

}  // namespace mailing

using storage::Family;

Json Mail::document() const {
  return {{"Id", id},     {"At", iso8601(at.ms)}, {"Kind", kind}, {"To", to},
          {"From", from}, {"Subject", subject},   {"Text", text}, {"Details", details}};
}

void Mailbox::add(RealmId realm, const Mail& mail, storage::Batch& batch) const {
  batch.put(Family::rows, mailing::key_of(realm, mail),
            storage::document_row({{"kind", mail.kind},
                                   {"to", mail.to},
                                   {"from", mail.from},
                                   {"subject", mail.subject},
                                   {"text", mail.text},
                                   {"details", mail.details}}));
  std::vector<std::string> keys;
  const std::string prefix = storage::Key(realm, kMailKind).bytes();
  for (auto row = database_.iterate_prefix(Family::rows, prefix); row.valid(); row.next()) {
    keys.emplace_back(row.key());
  }
  for (size_t i = 0; i + kMost <= keys.size(); ++i) batch.erase(Family::rows, keys[i]);
}

std::vector<Mail> Mailbox::read(RealmId realm) const {
  std::vector<Mail> found;
  const std::string prefix = storage::Key(realm, kMailKind).bytes();
  for (auto row = database_.iterate_prefix(Family::rows, prefix); row.valid(); row.next()) {
    found.push_back(mailing::read_row(row.key(), row.value()));
  }
  return found;
}

void Mailbox::erase(RealmId realm, const std::function<bool(const Mail&)>& matches,
                    storage::Batch& batch) const {
  for (const Mail& mail : read(realm)) {
    if (matches(mail)) batch.erase(Family::rows, mailing::key_of(realm, mail));
  }
}

}  // namespace paddock::events
