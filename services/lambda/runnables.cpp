// Functions, versions and aliases as invocations need them: remembered until they change.
#include "core/text.hpp"
#include "services/lambda/qualifiers.hpp"
#include "services/lambda/store.hpp"

namespace paddock::services::lambda {
namespace runnables {

// What a function lacks to be run here; "" if nothing.
std::string missing(const Function& function) {
  if (function.config.value(members::PackageType, "Zip") == "Image") {
    return "container images";
  }
  const bool provided = is_provided_runtime(function.runtime());
  if (!provided && !function.is_user_code()) {
    return function.runtime();
  }
  const bool has_code = !function.code_blob.empty() || !function.hot_folder().empty();
  return function.is_user_code() && !has_code ? "a package in S3" : "";
}

}  // namespace runnables

// User code as the executor reads it. The pin keeps the bytes while somebody may still unpack them.
std::shared_ptr<const ::paddock::lambda::CodePackage> Runnables::package_of(
    const Function& function) const {
  auto package = std::make_shared<::paddock::lambda::CodePackage>();
  package->folder = function.hot_folder();
  if (package->folder.empty()) {
    const storage::BlobId id = storage::BlobId::decode(function.code_blob);
    package->key = function.config.at(members::CodeSha256);
    package->read = [&blobs = blobs_, id, pin = blobs_.pin(id)] {
      return blobs.read(id, 0, id.size);
    };
  }
  return package;
}

std::vector<std::shared_ptr<const ::paddock::lambda::CodePackage>> Runnables::layers_of(
    RealmId realm, const Function& function) const {
  std::vector<std::shared_ptr<const ::paddock::lambda::CodePackage>> packages;
  for (const std::string& arn : layer_arns(function.config)) {
    const LayerName name = parse_layer_version(arn);
    const std::optional<LayerVersion> layer = store_.layer(realm, name.name, name.version);
    if (!layer) {
      throw storage::StorageError("there is no row of layer version " + arn);
    }
    auto package = std::make_shared<::paddock::lambda::CodePackage>();
    const storage::BlobId id = storage::BlobId::decode(layer->blob);
    package->key = layer->config.at(members::Content).at(members::CodeSha256);
    package->read = [&blobs = blobs_, id, pin = blobs_.pin(id)] {
      return blobs.read(id, 0, id.size);
    };
    packages.push_back(std::move(package));
  }
  return packages;
}

std::shared_ptr<const Runnable> Runnables::runnable_of(const Realm& realm, const std::string& name,
                                                       const std::string& version) const {
  const std::optional<Function> latest = store_.function(realm.id, name);
  if (!latest) {
    return nullptr;
  }
  std::optional<Function> published;
  if (version != kLatest) {
    published = store_.version(realm.id, name, version_number(version));
    if (!published) {
      return nullptr;
    }
  }
  const Function& function = published ? *published : *latest;
  auto runnable = std::make_shared<Runnable>();
  ::paddock::lambda::FunctionSpec spec = spec_of(function, realm.account, realm.region);
  runnable->missing = runnables::missing(function);
  if (runnable->runs_here() && function.is_user_code()) {
    spec.code = package_of(function);
    spec.layers = layers_of(realm.id, function);
  }
  runnable->spec = std::make_shared<const ::paddock::lambda::FunctionSpec>(std::move(spec));
  runnable->reserved_concurrency = latest->reserved_concurrency;
  return runnable;
}

Runnables::Route Runnables::route_of(const Realm& realm, const std::string& name,
                                     const std::string& qualifier) const {
  Route route;
  switch (qualifier_kind(qualifier)) {
    case QualifierKind::latest:
      route.first = runnable_of(realm, name, kLatest);
      break;
    case QualifierKind::version:
      route.first = runnable_of(realm, name, qualifier);
      break;
    case QualifierKind::alias: {
      const std::optional<Alias> alias = store_.alias(realm.id, name, qualifier);
      if (!alias) {
        break;
      }
      route.first = runnable_of(realm, name, alias->version());
      if (const auto other = alias->second_version()) {
        route.second = runnable_of(realm, name, other->first);
        route.second_weight = other->second;
      }
      break;
    }
    case QualifierKind::other:
      break;
  }
  return route;
}

// By the emulator's seed, so that the same calls reach the same versions again.
std::shared_ptr<const Runnable> Runnables::draw(RealmId realm, const Route& route) const {
  if (!route.second) {
    return route.first;
  }
  const IdBytes bytes = ids_.next(realm, "lambda-route");
  const uint32_t drawn = uint32_t{bytes[0]} << 16 | uint32_t{bytes[1]} << 8 | bytes[2];
  return drawn < route.second_weight * (1 << 24) ? route.second : route.first;
}

std::shared_ptr<const Runnable> Runnables::find(const Realm& realm, const std::string& name,
                                                const std::string& qualifier) {
  uint64_t generation = 0;
  Key key{realm.id, name + ':'};
  if (qualifier != kLatest) {
    key.second += qualifier;
  }
  {
    std::lock_guard lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) {
      return draw(realm.id, found->second);
    }
    generation = generation_;
  }
  const Route route = route_of(realm, name, qualifier);
  if (!route.first) {
    return nullptr;
  }
  std::lock_guard lock(mutex_);
  if (generation == generation_ && known_.size() < kMost) {
    known_[key] = route;
  }
  return draw(realm.id, route);
}

void Runnables::forget(RealmId realm, const std::string& name) {
  const std::string prefix = name + ':';
  std::lock_guard lock(mutex_);
  ++generation_;
  auto entry = known_.lower_bound({realm, prefix});
  while (entry != known_.end() && entry->first.first == realm &&
         entry->first.second.starts_with(prefix)) {
    entry = known_.erase(entry);
  }
}

void Runnables::forget_all() {
  std::lock_guard lock(mutex_);
  ++generation_;
  known_.clear();
}

}  // namespace paddock::services::lambda
