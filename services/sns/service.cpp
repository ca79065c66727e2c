#include "services/sns/service.hpp"

#include <utility>

#include "models/sns.hpp"
#include "services/sns/requests.hpp"
#include "storage/realms.hpp"

namespace paddock::services::sns {

Sns::Sns(gateway::Platform& platform)
    : platform_(platform),
      store_(platform.database),
      directory_(store_, platform.locks),
      signer_(platform.database, platform.machine),
      deliveries_(platform, store_, directory_, signer_),
      mailbox_(platform.database) {
  gateway::Api api;
  api.model = &models::sns;
  api.operations = topic_operations();
  for (Operations more : {permission_operations(), subscription_operations(), publish_operations(),
                          platform_operations(), sms_operations()}) {
    for (gateway::Operation& operation : more) api.operations.push_back(std::move(operation));
  }
  api.invalid = &invalid_request;
  api.throttling_code = "Throttled";
  apis_.push_back(std::move(api));
  add_endpoints();

  platform_.outbox.add_target(kDeliverTarget, [this](events::OutboxEntry entry) {
    return deliveries_.deliver(std::move(entry));
  });
  platform_.outbox.add_target(kGroupTarget, [this](events::OutboxEntry entry) {
    return deliveries_.deliver_group(std::move(entry));
  });
  platform_.realms.on_reset([this](const std::vector<RealmId>&) { directory_.forget_all(); });
}

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<Sns>(platform);
}

std::vector<std::string> Sns::resources(const Realm& realm) const {
  constexpr size_t kMostShown = 1000;
  std::vector<std::string> arns;
  store_.topics(realm.id, "", [&](const Topic& topic) {
    arns.push_back(topic_arn(realm.region, realm.account, topic.name));
    return arns.size() < kMostShown;
  });
  return arns;
}

}  // namespace paddock::services::sns
