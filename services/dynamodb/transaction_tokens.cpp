#include "services/dynamodb/transaction_tokens.hpp"

#include <algorithm>

#include "core/digest.hpp"
#include "models/dynamodb.hpp"
#include "services/dynamodb/errors.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/limits.hpp"

namespace paddock::services::dynamodb {

namespace m = models::dynamodb_members;

namespace transaction_tokens {

constexpr char kVersion = 1;
constexpr size_t kFingerprintBytes = 32;
constexpr size_t kHeadBytes = 1 + sizeof(uint64_t) + kFingerprintBytes + sizeof(uint32_t);

uint64_t period_of(WorldTime time) {
  return static_cast<uint64_t>(time.ms / Milliseconds(kTransactionTokenLife).count());
}

uint64_t big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

}  // namespace transaction_tokens

void TransactionFingerprint::add(std::string_view kind, const Json& members,
                                 const ItemWrite& write) {
  text_ += kind;
  if (write.kind == ItemWrite::Kind::put) {
    text_ += write.image;
  } else {
    encode(write.subject, text_);
  }
  for (const auto& [name, value] : members.items()) {
    if (name == m::Item || name == m::Key) continue;
    text_ += '\0';
    text_ += name;
    text_ += '\0';
    text_ += value.dump();
  }
  text_ += '\0';
}

std::string TransactionFingerprint::digest() const {
  return sha256(text_);
}

std::string encode_done(const DoneTransaction& done) {
  std::string bytes(1, transaction_tokens::kVersion);
  storage::append_i64(bytes, done.expiry.ms);
  bytes += done.fingerprint;
  storage::append_u32(bytes, static_cast<uint32_t>(done.read_units.size()));
  for (const uint32_t units : done.read_units) storage::append_u32(bytes, units);
  return bytes;
}

DoneTransaction decode_done(std::string_view bytes) {
  namespace detail = transaction_tokens;
  if (bytes.size() < detail::kHeadBytes || bytes[0] != detail::kVersion) {
    throw CorruptData("a transaction's token");
  }
  const auto take = [&](size_t count) {
    const std::string_view taken = bytes.substr(0, count);
    bytes.remove_prefix(count);
    return taken;
  };
  take(1);
  DoneTransaction done;
  // i64 has its sign bit flipped.
  done.expiry.ms = static_cast<int64_t>(detail::big_endian(take(8)) ^ (uint64_t{1} << 63));
  done.fingerprint = take(detail::kFingerprintBytes);
  const uint64_t count = detail::big_endian(take(4));
  if (bytes.size() != count * sizeof(uint32_t)) throw CorruptData("a transaction's token");
  done.read_units.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    done.read_units.push_back(static_cast<uint32_t>(detail::big_endian(take(4))));
  }
  return done;
}

TransactionTokens::Claim::Claim(TransactionTokens& tokens, RealmId realm,
                                const TransactionToken& token)
    : tokens_(tokens), name_(token_key(realm, 0, token.scope, token.token).bytes()) {
  const std::lock_guard lock(tokens_.mutex_);
  if (!tokens_.running_.insert(name_).second) throw errors::transaction_in_progress();
}

TransactionTokens::Claim::~Claim() {
  const std::lock_guard lock(tokens_.mutex_);
  tokens_.running_.erase(name_);
}

std::optional<DoneTransaction> TransactionTokens::find(RealmId realm,
                                                       const TransactionToken& token) const {
  const WorldTime now = world_.now();
  const uint64_t period = transaction_tokens::period_of(now);
  for (const uint64_t candidate : {period, period - 1}) {
    const auto row =
        database_.get(storage::Family::rows, token_key(realm, candidate, token.scope, token.token));
    if (!row) continue;
    DoneTransaction done = decode_done(*row);
    if (done.expiry <= now) return std::nullopt;
    if (done.fingerprint != token.fingerprint) throw errors::idempotent_parameter_mismatch();
    return done;
  }
  return std::nullopt;
}

void TransactionTokens::done(storage::Batch& batch, RealmId realm, const TransactionToken& token,
                             std::vector<uint32_t> read_units) {
  const WorldTime now = world_.now();
  const uint64_t period = transaction_tokens::period_of(now);
  DoneTransaction done;
  done.expiry = now + kTransactionTokenLife;
  done.fingerprint = token.fingerprint;
  done.read_units = std::move(read_units);
  batch.put(storage::Family::rows, token_key(realm, period, token.scope, token.token),
            encode_done(done));

  // Whatever was written before the last period has expired.
  const uint64_t live = period - 1;
  {
    const std::lock_guard lock(mutex_);
    uint64_t& dropped = dropped_[realm];
    if (dropped >= live) return;
  }
  const storage::Key begin = tokens_prefix(realm);
  const storage::Key end = tokens_prefix(realm, live);
  if (database_.iterate(storage::Family::rows, begin, end).valid()) {
    batch.erase_range(storage::Family::rows, begin, end);
  }
  batch.after_commit([this, realm, live](uint64_t) {
    const std::lock_guard lock(mutex_);
    uint64_t& dropped = dropped_[realm];
    dropped = std::max(dropped, live);
  });
}

}  // namespace paddock::services::dynamodb
