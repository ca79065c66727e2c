// /_paddock/mailbox: what services sent to people and devices. Filters: kind, to (a substring),
// account, region.
#include "events/mailbox.hpp"

#include "control/control.hpp"
#include "storage/realms.hpp"

namespace paddock::control {
namespace mailboxes {

bool wanted(const ControlRequest& request, const events::Mail& mail) {
  const std::string kind = request.parameter("kind");
  return (kind.empty() || mail.kind == kind) &&
         mail.to.find(request.parameter("to")) != std::string::npos;
}

bool wanted(const ControlRequest& request, const Realm& realm) {
  const std::string account = request.parameter("account");
  const std::string region = request.parameter("region");
  return (account.empty() || realm.account == account) &&
         (region.empty() || realm.region == region);
}

}  // namespace mailboxes

http::Response Control::mailbox(const ControlRequest& request) {
  const events::Mailbox box(platform_.database);
  Json mails = Json::array();
  for (const auto& realm : platform_.realms.all()) {
    if (!mailboxes::wanted(request, *realm)) continue;
    for (const events::Mail& mail : box.read(realm->id)) {
      if (!mailboxes::wanted(request, mail)) continue;
      Json shown = mail.document();
      shown["Service"] = realm->service;
      shown["Account"] = realm->account;
      shown["Region"] = realm->region;
      mails.push_back(std::move(shown));
    }
  }
  const Json body = {{"Mails", std::move(mails)}};
  return http::Response(200, "application/json", body.dump(2) + "\n");
}

http::Response Control::empty_mailbox(const ControlRequest& request) {
  const events::Mailbox box(platform_.database);
  storage::Batch batch;
  for (const auto& realm : platform_.realms.all()) {
    if (!mailboxes::wanted(request, *realm)) continue;
    box.erase(
        realm->id, [&](const events::Mail& mail) { return mailboxes::wanted(request, mail); },
        batch);
  }
  if (!batch.empty()) platform_.database.commit(batch);
  return http::Response(204, "application/json", "");
}

}  // namespace paddock::control
