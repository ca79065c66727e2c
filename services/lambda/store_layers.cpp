// Rows of layers and of code signing configurations.
#include <algorithm>

#include "core/text.hpp"
#include "services/lambda/store.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::lambda {
namespace layer_rows {

using storage::Family;
using storage::Key;

Key of(RealmId realm, std::string_view name, uint64_t version) {
  return Key(realm, kLayerKind).text(name).u64(version);
}

LayerVersion layer_of(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  LayerVersion layer;
  layer.config = row.at("config");
  layer.policy = row.at("policy");
  layer.policy_revision = row.at("revision");
  layer.blob = from_base64(row.at("blob").get<std::string>()).value_or("");
  layer.unpacked_bytes = row.at("bytes");
  layer.has_bootstrap = row.at("bootstrap");
  layer.deleted = row.at("deleted");
  return layer;
}

bool has_layer(std::string_view row, std::string_view arn) {
  const std::vector<std::string> layers = layer_arns(function_of_row(row).config);
  return std::find(layers.begin(), layers.end(), arn) != layers.end();
}

CodeSigning signing_of(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  return CodeSigning{row.at("config"), row.at("tags")};
}

}  // namespace layer_rows

using layer_rows::Family;
using layer_rows::Key;

std::string Store::layer_key(RealmId realm, std::string_view name) {
  return Key(realm, kLayerKind).text(name).bytes();
}

std::optional<LayerVersion> Store::layer(RealmId realm, std::string_view name,
                                         uint64_t version) const {
  storage::Value value;
  if (!database_.get(Family::meta, layer_rows::of(realm, name, version), value)) {
    return std::nullopt;
  }
  return layer_rows::layer_of(value.view());
}

void Store::put_layer(RealmId realm, std::string_view name, const LayerVersion& layer,
                      storage::Batch& batch) {
  batch.put(Family::meta, layer_rows::of(realm, name, layer.config.at(members::Version)),
            storage::document_row({{"config", layer.config},
                                   {"policy", layer.policy},
                                   {"revision", layer.policy_revision},
                                   {"blob", to_base64(layer.blob)},
                                   {"bytes", layer.unpacked_bytes},
                                   {"bootstrap", layer.has_bootstrap},
                                   {"deleted", layer.deleted}}));
}

void Store::erase_layer(RealmId realm, std::string_view name, uint64_t version,
                        storage::Batch& batch) {
  batch.erase(Family::meta, layer_rows::of(realm, name, version));
}

std::vector<LayerVersion> Store::layer_versions(RealmId realm, std::string_view name) const {
  std::vector<LayerVersion> found;
  const std::string prefix = name.empty() ? Key(realm, kLayerKind).bytes() : layer_key(realm, name);
  for (auto it = database_.iterate(Family::meta, prefix, storage::prefix_end(prefix)); it.valid();
       it.next()) {
    found.push_back(layer_rows::layer_of(it.value()));
  }
  return found;
}

bool Store::layer_in_use(RealmId realm, std::string_view arn) const {
  for (const storage::Kind kind : {kFunctionKind, kVersionKind}) {
    for (auto it = database_.iterate_prefix(Family::meta, Key(realm, kind)); it.valid();
         it.next()) {
      if (layer_rows::has_layer(it.value(), arn)) {
        return true;
      }
    }
  }
  return false;
}

std::string Store::code_signing_key(RealmId realm, std::string_view id) {
  return Key(realm, kSigningKind).text(id).bytes();
}

std::optional<CodeSigning> Store::code_signing(RealmId realm, std::string_view id) const {
  storage::Value value;
  if (!database_.get(Family::meta, code_signing_key(realm, id), value)) {
    return std::nullopt;
  }
  return layer_rows::signing_of(value.view());
}

void Store::put_code_signing(RealmId realm, const CodeSigning& signing, storage::Batch& batch) {
  batch.put(Family::meta, code_signing_key(realm, signing.id()),
            storage::document_row({{"config", signing.config}, {"tags", signing.tags}}));
}

void Store::erase_code_signing(RealmId realm, std::string_view id, storage::Batch& batch) {
  batch.erase(Family::meta, code_signing_key(realm, id));
}

std::vector<CodeSigning> Store::code_signings(RealmId realm) const {
  std::vector<CodeSigning> found;
  for (auto it = database_.iterate_prefix(Family::meta, Key(realm, kSigningKind)); it.valid();
       it.next()) {
    found.push_back(layer_rows::signing_of(it.value()));
  }
  return found;
}

}  // namespace paddock::services::lambda
