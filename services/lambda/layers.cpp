// Layers: packages that functions find beside their own.
// https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html
#include <algorithm>
#include <map>

#include "core/arn.hpp"
#include "core/digest.hpp"
#include "core/text.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/paging.hpp"
#include "services/lambda/service.hpp"
#include "storage/blobs.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace layered {

constexpr const char* kNumbers = "layer";  // Store::last_number's

struct Place {
  std::string name;
  uint64_t version = 0;
};

// LayerName is a name or a layer's ARN; the version is a number of its own.
Place place_of(const gateway::RequestContext& context, const Json& input) {
  Place place;
  place.name = input.at(members::LayerName).get<std::string>();
  if (const std::optional<Arn> arn = Arn::parse(place.name)) {
    if (arn->region != context.region || arn->account != context.account) {
      throw errors::resource_not_found();
    }
    place.name = arn->resource.substr(arn->resource.find(':') + 1);
  }
  if (input.contains(members::VersionNumber)) {
    const int64_t version = input[members::VersionNumber];
    if (version < 1) {
      throw errors::invalid_parameter("Layer Version Cannot be less than 1");
    }
    place.version = static_cast<uint64_t>(version);
  }
  return place;
}

std::string arn_of(const gateway::RequestContext& context, const Place& place) {
  return context.arn("layer:" + place.name + ":" + std::to_string(place.version));
}

bool fits(const LayerVersion& layer, const Json& input) {
  const auto names = [&layer, &input](const char* asked, const char* list) {
    if (!input.contains(asked)) {
      return true;
    }
    const Json declared = layer.config.value(list, Json::array());
    return std::find(declared.begin(), declared.end(), input[asked]) != declared.end();
  };
  return names(members::CompatibleRuntime, members::CompatibleRuntimes) &&
         names(members::CompatibleArchitecture, members::CompatibleArchitectures);
}

// Lists do not show the content.
Json listed(Json config) {
  config.erase(members::Content);
  config.erase(members::LayerArn);
  return config;
}

// So that later versions come first.
std::string newest_first(uint64_t version) {
  std::string key;
  storage::append_u64(key, ~version);
  return key;
}

}  // namespace layered

Json Lambda::layer_answer(const Context& context, const std::string& name,
                          LayerVersion layer) const {
  add_location(context, layer.config[members::Content], "layer", name,
               layer.config.at(members::Version));
  return std::move(layer.config);
}

gateway::Output Lambda::publish_layer_version(Context& context, Json input) {
  layered::Place place = layered::place_of(context, input);
  const Json& content = input.at(members::Content);
  if (content.contains(members::S3Bucket)) {
    throw errors::not_emulated("Content.S3Bucket");
  }
  if (!content.contains(members::ZipFile)) {
    throw errors::invalid_parameter("Please provide a source for layer content.");
  }
  const Json::binary_t& zip = content[members::ZipFile].get_binary();
  const std::string bytes(zip.begin(), zip.end());
  const ::paddock::lambda::PackageFacts facts = check_zip(bytes);
  LayerVersion layer;
  layer.unpacked_bytes = facts.bytes;
  layer.has_bootstrap = facts.has_bootstrap;

  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::layer_key(realm, place.name));
  place.version = store_.last_number(realm, layered::kNumbers, place.name) + 1;
  layer.config = {
      {members::LayerArn, context.arn("layer:" + place.name)},
      {members::LayerVersionArn, layered::arn_of(context, place)},
      {members::Version, place.version},
      {members::Description, input.value(members::Description, "")},
      {members::CreatedDate, last_modified(platform_.world.now().ms)},
      {members::Content,
       {{members::CodeSha256, to_base64(sha256(bytes))}, {members::CodeSize, bytes.size()}}}};
  for (const char* name :
       {members::CompatibleRuntimes, members::CompatibleArchitectures, members::LicenseInfo}) {
    if (input.contains(name)) {
      layer.config[name] = input[name];
    }
  }
  storage::Batch batch;
  storage::BlobWriter writer = platform_.blobs.create(realm, bytes.size());
  writer.append(bytes);
  layer.blob = writer.seal(batch).encode();
  store_.put_layer(realm, place.name, layer, batch);
  store_.put_last_number(realm, layered::kNumbers, place.name, place.version, batch);
  context.commit(batch);
  return layer_answer(context, place.name, std::move(layer));
}

gateway::Output Lambda::get_layer_version(Context& context, Json input) {
  const layered::Place place = layered::place_of(context, input);
  std::optional<LayerVersion> layer = store_.layer(context.realm->id, place.name, place.version);
  if (!layer || layer->deleted) {
    throw errors::resource_not_found();
  }
  return layer_answer(context, place.name, *std::move(layer));
}

gateway::Output Lambda::get_layer_version_by_arn(Context& context, Json input) {
  const LayerName name = parse_layer_version(input.at(members::Arn).get<std::string>());
  std::optional<LayerVersion> layer;
  if (name.region == context.region && name.account == context.account) {
    layer = store_.layer(context.realm->id, name.name, name.version);
  }
  if (!layer || layer->deleted) {
    throw errors::resource_not_found();
  }
  return layer_answer(context, name.name, *std::move(layer));
}

gateway::Output Lambda::list_layer_versions(Context& context, Json input) {
  const layered::Place place = layered::place_of(context, input);
  std::vector<std::pair<std::string, Json>> items;
  for (LayerVersion& layer : store_.layer_versions(context.realm->id, place.name)) {
    if (!layer.deleted && layered::fits(layer, input)) {
      const uint64_t version = layer.config.at(members::Version);
      items.emplace_back(layered::newest_first(version), layered::listed(std::move(layer.config)));
    }
  }
  std::reverse(items.begin(), items.end());
  return pages::of(input, members::LayerVersions, std::move(items));
}

gateway::Output Lambda::list_layers(Context& context, Json input) {
  std::map<std::string, Json> newest;  // by name; rows of a layer come in the order of versions
  for (LayerVersion& layer : store_.layer_versions(context.realm->id, "")) {
    if (layer.deleted || !layered::fits(layer, input)) {
      continue;
    }
    const std::string arn = layer.config.at(members::LayerArn);
    const std::string name = arn.substr(arn.rfind(':') + 1);
    newest[name] = {{members::LayerName, name},
                    {members::LayerArn, arn},
                    {members::LatestMatchingVersion, layered::listed(std::move(layer.config))}};
  }
  return pages::of(input, members::Layers, {newest.begin(), newest.end()});
}

gateway::Output Lambda::delete_layer_version(Context& context, Json input) {
  const layered::Place place = layered::place_of(context, input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::layer_key(realm, place.name));
  std::optional<LayerVersion> layer = store_.layer(realm, place.name, place.version);
  if (!layer || layer->deleted) {
    return {};
  }
  // Functions that have it keep it: the row and its content go with the last of them.
  layer->deleted = true;
  storage::Batch batch;
  store_.put_layer(realm, place.name, *layer, batch);
  if (!store_.layer_in_use(realm, layered::arn_of(context, place))) {
    drop_layer(realm, place.name, *layer, batch);
  }
  context.commit(batch);
  return {};
}

void Lambda::drop_layer(RealmId realm, const std::string& name, const LayerVersion& layer,
                        storage::Batch& batch) {
  platform_.blobs.erase(storage::BlobId::decode(layer.blob), batch);
  store_.erase_layer(realm, name, layer.config.at(members::Version), batch);
}

void Lambda::release_layers(Context& context, const std::vector<std::string>& arns) {
  const RealmId realm = context.realm->id;
  for (const std::string& arn : arns) {
    const LayerName name = parse_layer_version(arn);
    const auto guard = platform_.locks.lock(Store::layer_key(realm, name.name));
    const std::optional<LayerVersion> layer = store_.layer(realm, name.name, name.version);
    if (layer && layer->deleted && !store_.layer_in_use(realm, arn)) {
      storage::Batch batch;
      drop_layer(realm, name.name, *layer, batch);
      context.commit(batch);
    }
  }
}

std::vector<std::string> Lambda::layer_locks(const Context& context, const Json& input) {
  std::vector<std::string> keys;
  const Json arns = input.value(members::Layers, Json::array());
  for (const Json& arn : arns) {
    keys.push_back(
        Store::layer_key(context.realm->id, parse_layer_version(arn.get<std::string>()).name));
  }
  return keys;
}

void Lambda::set_layers(const Context& context, Function& function, const Json& arns) const {
  if (arns.size() > kMostLayers) {
    throw errors::invalid_parameter("Cannot reference more than " + std::to_string(kMostLayers) +
                                    " layers.");
  }
  Json layers = Json::array();
  uint64_t bytes = 0;
  bool has_bootstrap = false;
  std::map<std::string, std::string> seen;  // layer -> the ARN of its version
  for (const Json& entry : arns) {
    const std::string arn = entry;
    const LayerName name = parse_layer_version(arn);
    if (name.version == 0) {
      throw errors::not_emulated("The layer " + arn);
    }
    if (name.account != context.account) {
      throw errors::foreign(context.principal.arn, "GetLayerVersion", arn);
    }
    if (name.region != context.region) {
      throw errors::invalid_parameter(
          "Layers are not in the same region as the function. Layers are expected to be in "
          "region " +
          context.region + ".");
    }
    const std::optional<LayerVersion> layer =
        store_.layer(context.realm->id, name.name, name.version);
    if (!layer || layer->deleted) {
      throw errors::invalid_parameter("Layer version " + arn + " does not exist.");
    }
    const auto [former, is_new] = seen.emplace(name.name, arn);
    if (!is_new) {
      throw errors::invalid_parameter(
          "Two different versions of the same layer are not allowed to be referenced in the same "
          "function. " +
          former->second + " and " + arn + " are versions of the same layer.");
    }
    bytes += layer->unpacked_bytes;
    has_bootstrap = has_bootstrap || layer->has_bootstrap;
    layers.push_back({{members::Arn, arn},
                      {members::CodeSize, layer->config[members::Content][members::CodeSize]}});
  }
  function.config.erase(members::Layers);
  function.code.erase("Layers");
  if (!layers.empty()) {
    function.config[members::Layers] = std::move(layers);
    function.code["Layers"] = {{"bytes", bytes}, {"bootstrap", has_bootstrap}};
  }
}

// The policy of a layer version.

LayerVersion Lambda::require_layer(const Context& context, const Json& input) const {
  const layered::Place place = layered::place_of(context, input);
  std::optional<LayerVersion> layer = store_.layer(context.realm->id, place.name, place.version);
  if (!layer || layer->deleted) {
    throw errors::not_found("Layer version " + layered::arn_of(context, place) +
                            " does not exist.");
  }
  return *std::move(layer);
}

gateway::Output Lambda::add_layer_permission(Context& context, Json input) {
  const layered::Place place = layered::place_of(context, input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::layer_key(realm, place.name));
  LayerVersion layer = require_layer(context, input);
  const std::string sid = input.at(members::StatementId);
  for (const Json& present : layer.policy) {
    if (present["Sid"] == sid) {
      throw errors::statement_exists(sid);
    }
  }
  if (input.contains(members::RevisionId) && input[members::RevisionId] != layer.policy_revision) {
    throw errors::stale_revision("GetLayerPolicy");
  }
  Json statement = policy_statement(input, layered::arn_of(context, place));
  if (input.contains(members::OrganizationId)) {
    statement["Condition"] = {
        {"StringEquals", {{"aws:PrincipalOrgID", input[members::OrganizationId]}}}};
  }
  layer.policy.push_back(statement);
  layer.policy_revision = next_revision(context);
  storage::Batch batch;
  store_.put_layer(realm, place.name, layer, batch);
  context.commit(batch);
  return Json{{members::Statement, statement.dump()}, {members::RevisionId, layer.policy_revision}};
}

gateway::Output Lambda::remove_layer_permission(Context& context, Json input) {
  const layered::Place place = layered::place_of(context, input);
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::layer_key(realm, place.name));
  LayerVersion layer = require_layer(context, input);
  if (input.contains(members::RevisionId) && input[members::RevisionId] != layer.policy_revision) {
    throw errors::stale_revision("GetLayerPolicy");
  }
  const std::string sid = input.at(members::StatementId);
  const auto found = std::find_if(layer.policy.begin(), layer.policy.end(),
                                  [&sid](const Json& s) { return s["Sid"] == sid; });
  if (found == layer.policy.end()) {
    throw errors::no_statement(sid);
  }
  layer.policy.erase(found);
  layer.policy_revision = next_revision(context);
  storage::Batch batch;
  store_.put_layer(realm, place.name, layer, batch);
  context.commit(batch);
  return {};
}

gateway::Output Lambda::get_layer_policy(Context& context, Json input) {
  const LayerVersion layer = require_layer(context, input);
  if (layer.policy.empty()) {
    throw errors::no_policy();
  }
  return Json{{members::Policy, policy_text(layer.policy)},
              {members::RevisionId, layer.policy_revision}};
}

}  // namespace paddock::services::lambda
