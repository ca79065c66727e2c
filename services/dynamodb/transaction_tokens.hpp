// ClientRequestToken: a transaction that is sent again within ten minutes of world time is not run
// again.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-apis-txwriteitems
//
// A token's row is written in the batch of its transaction. Rows lie by the ten-minute period in
// which they were written, so that the token of a request is in this period or the one before, and
// what is older goes with one range (store.hpp, kTokenKind).
//
// Value, version 1 (test vector in tests/services/dynamodb/transaction_tokens_test.cpp):
//   u8 1, i64 expiry (world ms), 32 bytes SHA-256 of the request, u32 count, per action u32 read
//   units; numbers as in storage/keys.hpp
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/realm.hpp"
#include "services/dynamodb/item_write.hpp"
#include "services/dynamodb/store.hpp"
#include "storage/database.hpp"

namespace paddock::services::dynamodb {

// A request's token and what tells the request from others; `fingerprint` has 32 bytes.
struct TransactionToken {
  TokenScope scope = TokenScope::write_items;
  std::string token;
  std::string fingerprint;
};

// What must be the same when a request comes again: the actions in order, each item and key in its
// canonical form.
class TransactionFingerprint {
 public:
  // An action with its members; those that are its subject do not count.
  void add(std::string_view kind, const Json& members, const ItemWrite& write);
  std::string digest() const;

 private:
  std::string text_;
};

// A transaction that was done under a token.
struct DoneTransaction {
  WorldTime expiry;
  std::string fingerprint;
  std::vector<uint32_t> read_units;  // per action: what a replay is charged, not yet doubled
};
std::string encode_done(const DoneTransaction& done);
// Throws CorruptData.
DoneTransaction decode_done(std::string_view bytes);

// Thread-safe.
class TransactionTokens {
 public:
  TransactionTokens(storage::Database& database, const WorldClock& world)
      : database_(database), world_(world) {}

  // While it lives, no other request runs under the same token.
  class Claim {
   public:
    // Throws TransactionInProgressException if a request under that token is running.
    Claim(TransactionTokens& tokens, RealmId realm, const TransactionToken& token);
    ~Claim();
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

   private:
    TransactionTokens& tokens_;
    std::string name_;
  };

  // What was done under the claimed token; nullopt if nothing was, or too long ago. Throws
  // IdempotentParameterMismatchException if that was another request.
  std::optional<DoneTransaction> find(RealmId realm, const TransactionToken& token) const;
  // Puts into `batch` that it was done now, and drops what has expired in this realm.
  void done(storage::Batch& batch, RealmId realm, const TransactionToken& token,
            std::vector<uint32_t> read_units);

 private:
  storage::Database& database_;
  const WorldClock& world_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> running_;
  std::map<RealmId, uint64_t> dropped_;  // the first period that may still have rows
};

}  // namespace paddock::services::dynamodb
