// Hostile bytes as the rows that recovery and time to live read back: a step of the undo log, an
// expiration. Refused as corrupt, or read within bounds to what gives the same bytes again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/dynamodb/trail_rows.hpp"
#include "storage/keys.hpp"

namespace dynamodb = paddock::services::dynamodb;

namespace {

void undo(std::string_view bytes) {
  const dynamodb::UndoStep step = dynamodb::decode_undo(bytes);
  if (dynamodb::encode_undo(step) != bytes) std::abort();
  if (step.before.empty()) return;
  dynamodb::decode_item(step.before);
  dynamodb::expiry_of(dynamodb::ItemView(step.before), "expires");
}

// The last five bytes are the value.
void expiration(std::string_view bytes) {
  const size_t key = bytes.size() < 5 ? 0 : bytes.size() - 5;
  const auto row = dynamodb::decode_expiration(bytes.substr(0, key), bytes.substr(key));
  if (row.partition_bytes > row.item_rest.size()) std::abort();
  if (dynamodb::encode_expiration(row.partition_bytes) != bytes.substr(key)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Bytes of its own, so that reading beyond their end is noticed.
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const auto& read : {undo, expiration}) {
    try {
      read(bytes);
    } catch (const dynamodb::CorruptData&) {
    } catch (const paddock::storage::CorruptKey&) {
    }
  }
  return 0;
}
