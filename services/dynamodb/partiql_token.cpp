#include "services/dynamodb/partiql_token.hpp"

#include "core/text.hpp"
#include "services/dynamodb/partiql_errors.hpp"
#include "storage/keys.hpp"

namespace paddock::services::dynamodb {
namespace next_tokens {

constexpr char kVersion = 1;
constexpr size_t kPositionAt = 1 + sizeof(uint64_t);

std::string head(uint64_t fingerprint) {
  std::string bytes(1, kVersion);
  storage::append_u64(bytes, fingerprint);
  return bytes;
}

}  // namespace next_tokens

std::string next_token(uint64_t fingerprint, std::string_view encoded_position) {
  std::string bytes = next_tokens::head(fingerprint);
  bytes += encoded_position;
  return to_base64(bytes);
}

Item read_next_token(std::string_view token, uint64_t fingerprint) {
  const auto bytes = from_base64(token);
  if (!bytes || bytes->size() < next_tokens::kPositionAt ||
      bytes->front() != next_tokens::kVersion) {
    throw errors::bad_next_token();
  }
  if (bytes->compare(0, next_tokens::kPositionAt, next_tokens::head(fingerprint)) != 0) {
    throw errors::foreign_next_token();
  }
  try {
    return decode_item(std::string_view(*bytes).substr(next_tokens::kPositionAt));
  } catch (const CorruptData&) {
    throw errors::bad_next_token();
  }
}

}  // namespace paddock::services::dynamodb
