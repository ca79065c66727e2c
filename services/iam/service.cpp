#include "services/iam/service.hpp"

#include <utility>

#include "models/iam.hpp"
#include "models/sts.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/requests.hpp"

namespace paddock::services::iam {

namespace {

// No call of these APIs may be anonymous.
void refuse_anonymous(std::vector<gateway::Operation>& operations) {
  for (gateway::Operation& operation : operations) {
    auto handler = std::get<gateway::PlainHandler>(std::move(operation.handler));
    operation.handler = gateway::PlainHandler(
        [handler = std::move(handler)](gateway::RequestContext& context, Json input) {
          if (context.principal.kind == identity::Principal::Kind::anonymous) {
            throw errors::missing_token();
          }
          return handler(context, std::move(input));
        });
  }
}

gateway::Api make_api(const wire::ServiceModel& model, std::vector<gateway::Operation> operations) {
  refuse_anonymous(operations);
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

}  // namespace paddock::services::iam
