// What a handler knows of the call it serves.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/activity.hpp"
#include "core/caller.hpp"
#include "core/realm.hpp"
#include "core/task.hpp"
#include "gateway/platform.hpp"
#include "identity/identity.hpp"
#include "storage/database.hpp"
#include "wire/model.hpp"

namespace paddock::http {
class Exchange;
struct RequestHead;
}  // namespace paddock::http

namespace paddock::gateway {

// One per call, on the wire or in-process. Used by one thread at a time.
struct RequestContext {
  explicit RequestContext(Platform& platform) : platform(platform) {}

  Platform& platform;
  const wire::ServiceModel* model = nullptr;
  const wire::OperationModel* operation = nullptr;
  std::shared_ptr<const Realm> realm;  // of (service, account, region); never null in a handler
  std::string account;
  std::string region;
  identity::Principal principal;
  std::string request_id;
  Cause cause;                  // of the chain; its own request id if it began here
  std::string scheme = "http";  // with authority: for URLs we hand out, from the request's Host
  std::string authority;        // "localhost:4566"
  std::string source_ip;
  // The request as it came, for services that look past the document; nullptr in-process.
  const http::RequestHead* head = nullptr;
  std::string_view body;  // "" for an operation whose input is a stream
  // The body of an operation whose input is a stream, for the handler to pull; nullptr in-process,
  // where the document has it.
  http::Exchange* upload = nullptr;
  std::string user_agent;
  Cancelled cancelled;  // nobody waits for the answer any more

  // Commits on behalf of this call: never waits on an I/O thread, and the answer is held until the
  // commit is as durable as promised. Throws what Database::commit throws.
  uint64_t commit(storage::Batch& batch);

  // arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE of this call's service, account and region.
  std::string arn(std::string_view resource) const;
  // The identity for calls that this call makes.
  CallIdentity as_caller() const;

  // Held while the call runs; a long poll releases it while it waits, so that the world may be
  // quiet.
  Activity activity;
  storage::CommitMode commit_mode = storage::CommitMode::may_wait;
  uint64_t last_commit = 0;  // highest commit of this call; the gateway holds for it

  // A handler whose commit would wait runs again from its beginning. What it did before outside the
  // store (it took throughput) is taken back first, the last thing first.
  std::vector<std::function<void()>> before_rerun;
  void start_over();
};

}  // namespace paddock::gateway
