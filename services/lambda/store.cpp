#include "services/lambda/store.hpp"

#include "core/text.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::lambda {
namespace rows {

using storage::Family;
using storage::Key;

constexpr uint8_t kVersion = 1;

std::string_view body(std::string_view bytes) {
  if (bytes.empty() || bytes[0] != static_cast<char>(kVersion)) {
    throw storage::StorageError("a row of lambda has an unknown version");
  }
  return bytes.substr(1);
}

Mapping mapping_of(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  return Mapping{row.at("config"), row.at("tags"), row.at("enabled").get<bool>()};
}

ShardPosition position_of(std::string_view row) {
  const std::string_view bytes = body(row);
  if (bytes.size() != 9) {
    throw storage::StorageError("a position of lambda has the wrong length");
  }
  ShardPosition position;
  position.finished = bytes[0] != 0;
  for (char byte : bytes.substr(1)) {
    position.position = position.position << 8 | static_cast<unsigned char>(byte);
  }
  return position;
}

std::string position_prefix(RealmId realm, std::string_view uuid) {
  return Key(realm, kPositionKind).text(uuid).bytes();
}

}  // namespace rows

using rows::Family;
using rows::Key;

std::string Store::function_key(RealmId realm, std::string_view name) {
  return Key(realm, kFunctionKind).text(name).bytes();
}
std::string Store::mapping_key(RealmId realm, std::string_view uuid) {
  return Key(realm, kMappingKind).text(uuid).bytes();
}

std::string row_of(const Function& function) {
  Json row = {{"config", function.config},           {"tags", function.tags},
              {"policy", function.policy},           {"code", function.code},
              {"environment", function.environment}, {"blob", to_base64(function.code_blob)},
              {"made_of", function.made_of},         {"settings", function.settings}};
  if (function.reserved_concurrency) {
    row["reserved"] = *function.reserved_concurrency;
  }
  return storage::document_row(row);
}

Function function_of_row(std::string_view bytes) {
  const Json row = storage::document_of_row(bytes);
  Function function;
  function.config = row.at("config");
  function.tags = row.at("tags");
  function.policy = row.at("policy");
  if (row.contains("reserved")) {
    function.reserved_concurrency = row["reserved"].get<int>();
  }
  function.code = row.at("code");
  function.environment = row.at("environment");
  function.made_of = row.at("made_of");
  function.settings = row.at("settings");
  function.code_blob = from_base64(row.at("blob").get<std::string>()).value_or("");
  return function;
}

std::optional<Function> Store::function(RealmId realm, std::string_view name) const {
  storage::Value value;
  if (!database_.get(Family::meta, function_key(realm, name), value)) {
    return std::nullopt;
  }
  return function_of_row(value.view());
}

void Store::put_function(RealmId realm, const Function& function, storage::Batch& batch) {
  batch.put(Family::meta, function_key(realm, function.name()), row_of(function));
}

void Store::erase_function(RealmId realm, std::string_view name, storage::Batch& batch) {
  batch.erase(Family::meta, function_key(realm, name));
}

std::vector<Function> Store::functions(RealmId realm, std::string_view after, size_t most) const {
  const std::string prefix = Key(realm, kFunctionKind).bytes();
  std::string begin = prefix;
  if (!after.empty()) {
    begin = function_key(realm, after) + '\0';
  }
  std::vector<Function> found;
  for (auto it = database_.iterate(Family::meta, begin, storage::prefix_end(prefix));
       it.valid() && found.size() < most; it.next()) {
    found.push_back(function_of_row(it.value()));
  }
  return found;
}

std::optional<Mapping> Store::mapping(RealmId realm, std::string_view uuid) const {
  storage::Value value;
  if (!database_.get(Family::meta, mapping_key(realm, uuid), value)) {
    return std::nullopt;
  }
  return rows::mapping_of(value.view());
}

void Store::put_mapping(RealmId realm, const Mapping& mapping, storage::Batch& batch) {
  batch.put(
      Family::meta, mapping_key(realm, mapping.uuid()),
      storage::document_row(
          {{"config", mapping.config}, {"tags", mapping.tags}, {"enabled", mapping.enabled}}));
}

void Store::erase_mapping(RealmId realm, std::string_view uuid, storage::Batch& batch) {
  batch.erase(Family::meta, mapping_key(realm, uuid));
  batch.erase(Family::rows, Key(realm, kResultKind).text(uuid));
  const std::string prefix = rows::position_prefix(realm, uuid);
  batch.erase_range(Family::rows, prefix, storage::prefix_end(prefix));
}

std::vector<Mapping> Store::mappings(RealmId realm) const {
  std::vector<Mapping> found;
  for (auto it = database_.iterate_prefix(Family::meta, Key(realm, kMappingKind)); it.valid();
       it.next()) {
    found.push_back(rows::mapping_of(it.value()));
  }
  return found;
}

std::optional<ShardPosition> Store::position(RealmId realm, std::string_view uuid,
                                             std::string_view shard) const {
  const std::string key = Key(realm, kPositionKind).text(uuid).text(shard).bytes();
  const std::optional<std::string> row = database_.get(Family::rows, key);
  if (!row) {
    return std::nullopt;
  }
  return rows::position_of(*row);
}

std::map<std::string, ShardPosition> Store::positions(RealmId realm, std::string_view uuid) const {
  std::map<std::string, ShardPosition> found;
  for (auto it = database_.iterate_prefix(Family::rows, rows::position_prefix(realm, uuid));
       it.valid(); it.next()) {
    storage::KeyReader key(it.key());
    key.text();  // the mapping's
    const std::string row = key.text();
    found.emplace(row, rows::position_of(it.value()));
  }
  return found;
}

void Store::put_position(RealmId realm, std::string_view uuid, std::string_view shard,
                         const ShardPosition& position, storage::Batch& batch) {
  std::string row(1, static_cast<char>(rows::kVersion));
  row += position.finished ? '\1' : '\0';
  storage::append_u64(row, position.position);
  batch.put(Family::rows, Key(realm, kPositionKind).text(uuid).text(shard), row);
}

void Store::erase_position(RealmId realm, std::string_view uuid, std::string_view shard,
                           storage::Batch& batch) {
  batch.erase(Family::rows, Key(realm, kPositionKind).text(uuid).text(shard));
}

void Store::put_result(RealmId realm, std::string_view uuid, std::string_view result,
                       storage::Batch& batch) {
  std::string row(1, static_cast<char>(rows::kVersion));
  row += result;
  batch.put(Family::rows, Key(realm, kResultKind).text(uuid), row);
}

std::string Store::result(RealmId realm, std::string_view uuid) const {
  const std::string key = Key(realm, kResultKind).text(uuid).bytes();
  const std::optional<std::string> row = database_.get(Family::rows, key);
  return row ? std::string(rows::body(*row)) : "No records processed";
}

}  // namespace paddock::services::lambda
