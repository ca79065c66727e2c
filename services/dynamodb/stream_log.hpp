// Stream records: their bytes, their order, and what readers see of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "services/dynamodb/item.hpp"
#include "services/dynamodb/model.hpp"

namespace paddock::services::dynamodb {

// expire: removed by time to live.
enum class StreamEvent : uint8_t { insert = 'I', modify = 'M', remove = 'R', expire = 'X' };

std::string_view event_name(StreamEvent event);  // INSERT, MODIFY, REMOVE

// A record's content; views into its bytes when decoded.
struct StreamRecord {
  StreamEvent event = StreamEvent::insert;
  WorldTime created;
  Cause cause;
  std::string_view keys;  // encoded items; "" if the view type leaves the image out
  std::string_view new_image;
  std::string_view old_image;
};

std::string encode_record(const StreamRecord& record);
// Throws CorruptData. The views live as long as `bytes`.
StreamRecord decode_record(std::string_view bytes);

// Sequence numbers are 21 digits: "1" and the position in the shard, so they rise with it.
std::string sequence_number(uint64_t position);
std::optional<uint64_t> position_of(std::string_view sequence_number);

// Appends a record as GetRecords shows it. With `source_arn` (not empty) it has the form of a
// Lambda event's record. `event_id` is 32 hex digits.
void append_record_json(std::string& out, const StreamRecord& record, const Stream& stream,
                        uint64_t position, std::string_view event_id, std::string_view region,
                        std::string_view source_arn);

// A shard iterator: "<stream ARN>|1|<base64>". It holds the next position, so it stays right when
// the log is trimmed.
struct ShardIterator {
  std::string stream_arn;
  std::string shard_id;
  uint64_t position = 0;
  WorldTime issued;

  std::string text() const;
  static std::optional<ShardIterator> parse(std::string_view text);
};

}  // namespace paddock::services::dynamodb
