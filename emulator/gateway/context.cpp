#include "gateway/context.hpp"

#include <utility>

#include "core/arn.hpp"

namespace paddock::gateway {

uint64_t RequestContext::commit(storage::Batch& batch) {
  last_commit = platform.database.commit(batch, commit_mode);
  return last_commit;
}

void RequestContext::start_over() {
  const auto undone = std::exchange(before_rerun, {});
  for (auto undo = undone.rbegin(); undo != undone.rend(); ++undo) (*undo)();
}

std::string RequestContext::arn(std::string_view resource) const {
  bool global = realm->region == kGlobalRegion;
  return make_arn(model->signing_name, global ? std::string_view() : region, account, resource);
}

CallIdentity RequestContext::as_caller() const {
  CallIdentity identity;
  identity.account = account;
  identity.region = region;
  identity.principal_arn = principal.arn;
  identity.cause = cause;
  return identity;
}

}  // namespace paddock::gateway
