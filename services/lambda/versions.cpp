// Published versions of functions.
// https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
#include <algorithm>

#include "services/lambda/errors.hpp"
#include "services/lambda/paging.hpp"
#include "services/lambda/qualifiers.hpp"
#include "services/lambda/service.hpp"
#include "storage/blobs.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace published {

constexpr const char* kNumbers = "function";  // Store::last_number's

// Keys that order versions by number, $LATEST first.
std::string order(const Function& function) {
  std::string number = std::to_string(version_number(function.version()));
  return std::string(20 - std::min<size_t>(number.size(), 20), '0') + number;
}

bool refers_to(const Alias& alias, const std::string& version) {
  const auto second = alias.second_version();
  return alias.version() == version || (second && second->first == version);
}

}  // namespace published

Function Lambda::publish(Context& context, Function& latest, const Json& input,
                         storage::Batch& batch) {
  const RealmId realm = context.realm->id;
  const std::string name = latest.name();
  const std::string content = content_of(latest);
  const uint64_t last = store_.last_number(realm, published::kNumbers, name);
  if (std::optional<Function> former = store_.version(realm, name, last);
      former && former->made_of == content) {
    return *std::move(former);
  }
  Function version = latest;
  version.config[members::Version] = std::to_string(last + 1);
  version.config[members::RevisionId] = next_revision(context);
  if (input.contains(members::Description)) {
    version.config[members::Description] = input[members::Description];
  }
  if (version.config[members::SnapStart][members::ApplyOn] == "PublishedVersions") {
    version.config[members::SnapStart][members::OptimizationStatus] = "On";
  }
  version.made_of = content;
  version.tags = Json::object();
  version.policy = Json::array();
  version.reserved_concurrency.reset();
  version.settings = Json::object();
  store_.put_version(realm, version, batch);
  store_.put_last_number(realm, published::kNumbers, name, last + 1, batch);
  latest.config[members::RevisionId] = next_revision(context);
  return version;
}

gateway::Output Lambda::publish_version(Context& context, Json input) {
  const Target target = latest_of(context, input);
  if (input.contains(members::PublishTo)) {
    throw errors::not_emulated(members::PublishTo);
  }
  Json answer;
  change(context, target, [&](Function& latest, storage::Batch& batch) {
    if (input.contains(members::RevisionId) && input[members::RevisionId] != latest.revision()) {
      throw errors::stale_revision("GetFunction/GetAlias");
    }
    const std::string sha = latest.config.at(members::CodeSha256);
    if (input.contains(members::CodeSha256) && input[members::CodeSha256] != sha) {
      throw errors::invalid_parameter("CodeSHA256 (" +
                                      input[members::CodeSha256].get<std::string>() +
                                      ") is different from current CodeSHA256 in $LATEST (" + sha +
                                      "). Please try again with the CodeSHA256 in $LATEST.");
    }
    const Function version = publish(context, latest, input, batch);
    answer = qualified(version.config, version.version());
  });
  return answer;
}

gateway::Output Lambda::list_versions_by_function(Context& context, Json input) {
  Function latest = require(context, latest_of(context, input));
  std::vector<Function> versions = store_.versions(context.realm->id, latest.name(), 0);
  versions.insert(versions.begin(), std::move(latest));
  std::vector<std::pair<std::string, Json>> items;
  for (const Function& version : versions) {
    items.emplace_back(published::order(version),
                       qualified(listed(version.config), version.version()));
  }
  return pages::of(input, members::Versions, std::move(items));
}

void Lambda::free_code(RealmId realm, const Function& leaving, storage::Batch& batch) {
  if (leaving.code_blob.empty()) {
    return;
  }
  std::vector<Function> others = store_.versions(realm, leaving.name(), 0);
  if (std::optional<Function> latest = store_.function(realm, leaving.name())) {
    others.push_back(*std::move(latest));
  }
  for (const Function& other : others) {
    if (other.version() != leaving.version() && other.code_blob == leaving.code_blob) {
      return;
    }
  }
  platform_.blobs.erase(storage::BlobId::decode(leaving.code_blob), batch);
}

std::vector<std::string> Lambda::delete_version(Context& context, const Target& target) {
  const RealmId realm = context.realm->id;
  const uint64_t number = version_number(target.qualifier);
  const auto guard = platform_.locks.lock(Store::function_key(realm, target.name));
  Function latest = require(context, Target{target.name, "", target.arn});
  const std::optional<Function> version = store_.version(realm, target.name, number);
  if (!version) {
    return {};  // as AWS answers: it is gone
  }
  std::string names;
  for (const Alias& alias : store_.aliases(realm, target.name)) {
    if (published::refers_to(alias, version->version())) {
      names += (names.empty() ? "" : ", ") + alias.name();
    }
  }
  if (!names.empty()) {
    throw errors::conflict(
        "Unable to delete version because the following aliases reference it: [" + names + "]");
  }
  storage::Batch batch;
  free_code(realm, *version, batch);
  store_.erase_version(realm, target.name, number, batch);
  drop_qualifier(realm, target.name, version->version(), batch);
  forget_qualifier(latest, version->version());
  store_.put_function(realm, latest, batch);
  after_change(context, *version, true, batch);
  context.commit(batch);
  return layer_arns(version->config);
}

}  // namespace paddock::services::lambda
