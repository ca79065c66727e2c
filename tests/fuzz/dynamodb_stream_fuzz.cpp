// Hostile text as a shard iterator or a sequence number: refused, or read to what its own text
// gives back. Hostile bytes as a stream record: refused with CorruptData, or read within bounds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "services/dynamodb/stream_log.hpp"

namespace dynamodb = paddock::services::dynamodb;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto iterator = dynamodb::ShardIterator::parse(text)) {
    const auto again = dynamodb::ShardIterator::parse(iterator->text());
    if (!again || again->position != iterator->position || again->shard_id != iterator->shard_id ||
        again->stream_arn != iterator->stream_arn || again->issued != iterator->issued)
      std::abort();
  }
  if (const auto position = dynamodb::position_of(text)) {
    if (dynamodb::sequence_number(*position) != text) std::abort();
  }
  try {
    const dynamodb::StreamRecord record = dynamodb::decode_record(text);
    if (dynamodb::encode_record(record).size() > size) std::abort();
  } catch (const dynamodb::CorruptData&) {
  }
  return 0;
}
