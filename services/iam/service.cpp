#include "services/iam/service.hpp"

#include <utility>

#include "models/iam.hpp"
#include "models/sts.hpp"
#include "services/iam/requests.hpp"

namespace paddock::services::iam {

namespace {

gateway::Api make_api(const wire::ServiceModel& model, std::vector<gateway::Operation> operations) {
  gateway::Api api;
  api.model = &model;
  api.operations = std::move(operations);
  api.invalid = &invalid_request;
  api.throttling_code = "Throttling";
  api.global = true;
  return api;
}

}  // namespace

Iam::Iam(gateway::Platform& platform) : platform_(platform), store_(platform.database) {
  Operations operations = role_operations();
  for (Operations more : {role_policy_operations(), user_operations(), access_key_operations()}) {
    for (gateway::Operation& operation : more) operations.push_back(std::move(operation));
  }
  apis_.push_back(make_api(models::iam, std::move(operations)));
  apis_.push_back(make_api(models::sts, sts_operations()));
  platform.identity.add_source(*this);
}

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<Iam>(platform);
}

std::vector<std::string> Iam::resources(const Realm& realm) const {
  std::vector<std::string> arns;
  store_.roles(realm.id, "", [&](const Role& role) {
    arns.push_back(role_arn(realm.account, role.path, role.name));
    return true;
  });
  store_.users(realm.id, "", [&](const User& user) {
    arns.push_back(user_arn(realm.account, user.path, user.name));
    return true;
  });
  return arns;
}

}  // namespace paddock::services::iam
