#include "services/dynamodb/transfers.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/model.hpp"
#include "storage/document_row.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;
using storage::Key;

namespace transfer_rows {

constexpr size_t kTokenBytes = 56;  // 112 digits, the shortest token of ListImports

}  // namespace transfer_rows

bool Transfer::under_way() const {
  const char* status = shown.contains(m::ExportStatus) ? m::ExportStatus : m::ImportStatus;
  return shown.at(status) == "IN_PROGRESS";
}

CallIdentity Transfer::identity() const {
  CallIdentity identity;
  identity.account = account;
  identity.region = region;
  identity.principal_arn = principal;
  return identity;
}

std::string encode_transfer(const Transfer& transfer) {
  return storage::document_row({{"id", transfer.id},
                                {"shown", transfer.shown},
                                {"asked", transfer.asked},
                                {"account", transfer.account},
                                {"region", transfer.region},
                                {"principal", transfer.principal},
                                {"table", transfer.table},
                                {"incarnation", transfer.incarnation},
                                {"number", transfer.number}});
}

Transfer decode_transfer(RealmId realm, std::string_view row) {
  const Json json = storage::document_of_row(row);
  Transfer transfer;
  transfer.realm = realm;
  transfer.id = json.at("id").get<std::string>();
  transfer.shown = json.at("shown");
  transfer.asked = json.at("asked");
  transfer.account = json.at("account").get<std::string>();
  transfer.region = json.at("region").get<std::string>();
  transfer.principal = json.at("principal").get<std::string>();
  transfer.table = json.at("table").get<std::string>();
  transfer.incarnation = json.at("incarnation").get<uint64_t>();
  transfer.number = json.at("number").get<uint64_t>();
  return transfer;
}

Key transfer_key(RealmId realm, storage::Kind kind, std::string_view id) {
  return Key(realm, kind).text(id);
}
Key transfers_prefix(RealmId realm, storage::Kind kind) {
  return Key(realm, kind);
}
Key scratch_prefix(RealmId realm, uint64_t number) {
  return Key(realm, kScratchKind).u64(number);
}
Key scratch_prefix(RealmId realm, uint64_t number, uint8_t part) {
  const char byte = static_cast<char>(part);
  return scratch_prefix(realm, number).raw(std::string_view(&byte, 1));
}

TransferFailure failure_of(const AwsError& error) {
  return {"S3" + error.code(), error.message()};
}

std::string token_of(std::string_view id) {
  std::string bytes(id);
  bytes.resize(std::max(transfer_rows::kTokenBytes, bytes.size()));
  return to_hex(bytes);
}

std::string token_id(std::string_view token) {
  const std::string id = from_hex(token).value_or("");
  return id.substr(0, id.find('\0'));
}

TransferRuns::~TransferRuns() {
  for (const auto& [key, run] : runs_) run->drop_snapshot();
}

bool TransferRuns::begin(const std::string& key, std::shared_ptr<TransferRun> run) {
  std::lock_guard lock(mutex_);
  return runs_.emplace(key, std::move(run)).second;
}

bool TransferRuns::has(const std::string& key) {
  std::lock_guard lock(mutex_);
  return runs_.count(key) != 0;
}

void TransferRuns::end(const std::string& key) {
  std::lock_guard lock(mutex_);
  runs_.erase(key);
}

}  // namespace paddock::services::dynamodb
