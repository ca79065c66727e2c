#include "services/kinesis/catalog.hpp"

namespace paddock::services::kinesis {

// The rows are read under the lock, so that nothing is published between the two.
void Catalog::load(RealmId realm) {
  if (realm == kNoRealm) return;
  {
    const std::shared_lock lock(mutex_);
    if (realms_.contains(realm)) return;
  }
  const std::unique_lock lock(mutex_);
  if (realms_.contains(realm)) return;
  Names names;
  for (StreamInfo& stream : store_.streams(realm)) {
    auto info = std::make_shared<const StreamInfo>(std::move(stream));
    names.emplace(info->name, info);
  }
  realms_.emplace(realm, std::move(names));
}

StreamPtr Catalog::find(RealmId realm, std::string_view name) {
  load(realm);
  const std::shared_lock lock(mutex_);
  const auto names = realms_.find(realm);
  if (names == realms_.end()) return nullptr;
  const auto found = names->second.find(name);
  return found == names->second.end() ? nullptr : found->second;
}

StreamPtr Catalog::find_number(RealmId realm, uint64_t number) {
  for (const StreamPtr& stream : all(realm)) {
    if (stream->number == number) return stream;
  }
  return nullptr;
}

std::vector<StreamPtr> Catalog::all(RealmId realm) {
  load(realm);
  std::vector<StreamPtr> streams;
  const std::shared_lock lock(mutex_);
  const auto names = realms_.find(realm);
  if (names == realms_.end()) return streams;
  for (const auto& [name, stream] : names->second) streams.push_back(stream);
  return streams;
}

void Catalog::publish(StreamPtr stream) {
  load(stream->realm);
  const std::unique_lock lock(mutex_);
  const auto names = realms_.find(stream->realm);
  if (names != realms_.end()) names->second[stream->name] = std::move(stream);
}

void Catalog::forget(const StreamInfo& stream) {
  const std::unique_lock lock(mutex_);
  const auto names = realms_.find(stream.realm);
  if (names != realms_.end()) names->second.erase(stream.name);
}

void Catalog::drop_realms(const std::vector<RealmId>& realms) {
  const std::unique_lock lock(mutex_);
  for (const RealmId realm : realms) realms_.erase(realm);
}

}  // namespace paddock::services::kinesis
