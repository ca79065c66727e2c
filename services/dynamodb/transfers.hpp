// Exports to and imports from S3: what is kept of one, and what both share.
//
// Rows (fields as in storage/keys.hpp; all start with the realm's id and a kind byte):
//   meta   export    text id                 -> storage/document_row.hpp: {"id","shown","asked",
//                    "account","region","principal","table","incarnation","number"}
//   meta   import    text id                 -> the same
//   rows   scratch   u64 number, u8 part, raw rest -> export_run.hpp
// `rest` is what an item's row key has after realm, kind and incarnation. "shown" is the
// ExportDescription or ImportTableDescription, "asked" the call's input.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.HowItWorks.html
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/caller.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "core/realm.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::dynamodb {

inline constexpr storage::Kind kExportKind = 0x2D;   // meta
inline constexpr storage::Kind kImportKind = 0x2E;   // meta
inline constexpr storage::Kind kScratchKind = 0x2F;  // rows

struct Transfer {
  RealmId realm = kNoRealm;
  std::string id;  // "01693685827463-2d8752fd": its milliseconds, so that ids are in order of time
  Json shown;
  Json asked;
  std::string account;
  std::string region;
  std::string principal;  // who asked, and whose rights in S3 count
  std::string table;
  uint64_t incarnation = 0;
  uint64_t number = 0;

  bool under_way() const;
  CallIdentity identity() const;
};

std::string encode_transfer(const Transfer& transfer);
Transfer decode_transfer(RealmId realm, std::string_view row);  // throws if malformed
storage::Key transfer_key(RealmId realm, storage::Kind kind, std::string_view id);
storage::Key transfers_prefix(RealmId realm, storage::Kind kind);
storage::Key scratch_prefix(RealmId realm, uint64_t number, uint8_t part);
storage::Key scratch_prefix(RealmId realm, uint64_t number);  // of all parts

// Why a transfer failed, as its description says it.
struct TransferFailure {
  std::string code;  // "": it did not
  std::string message;
};
// Of an answer of S3.
TransferFailure failure_of(const AwsError& error);

// The tokens of list operations: of the last id shown. `token_id` gives "" for one that is none.
std::string token_of(std::string_view id);
std::string token_id(std::string_view token);

// Something that holds a snapshot while a transfer runs.
class TransferRun {
 public:
  virtual ~TransferRun() = default;
  virtual void drop_snapshot() {}
};

// The transfers that run in this process, by the keys of their rows. Thread-safe. What is still
// here at the end gives up its snapshot, because the coroutines outlive the database.
class TransferRuns {
 public:
  ~TransferRuns();
  // False if it runs already.
  bool begin(const std::string& key, std::shared_ptr<TransferRun> run);
  void end(const std::string& key);
  bool has(const std::string& key);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<TransferRun>> runs_;
};

}  // namespace paddock::services::dynamodb
