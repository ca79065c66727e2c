// A message, its checks, its digests and its bytes. Pure: no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/json.hpp"

namespace paddock::services::sqs {

struct MessageAttribute {
  std::string name;
  std::string type;
  std::string value;  // bytes, or text
  bool binary = false;
};

struct Message {
  std::string id;  // a UUID
  int64_t sent_ms = 0;
  int64_t ready_ms = 0;           // when it was to be visible at first in this queue
  uint32_t carried = 0;           // receives in the queues it was in before
  int64_t first_received_ms = 0;  // in those; 0: never
  std::string sender;             // SenderId
  std::string group;              // MessageGroupId; "" = none
  std::string deduplication;      // MessageDeduplicationId; "" = none
  std::string trace;              // AWSTraceHeader; "" = none
  std::string source_arn;         // DeadLetterQueueSourceArn; "" = none
  std::string sequence;           // SequenceNumber of FIFO queues; "" = none
  Cause cause;
  std::vector<MessageAttribute> attributes;  // sorted by the bytes of their names
  std::string body;
};

// From when on the message is kept for the queue's retention. It goes on where a standard queue's
// message moves to its dead letter queue, and begins anew in a FIFO one:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
inline int64_t kept_from_ms(const Message& message, bool fifo) {
  return fifo ? message.ready_ms : message.sent_ms;
}

// Bodies from here on are kept apart from the row.
inline constexpr size_t kBodyApart = 32 * 1024;

// Byte format of a message row, version 1: u8 version=1, u8 flags (1: the body is kept apart),
// 16 bytes of the id, i64 sent_ms, i64 ready_ms, u32 carried, i64 first_received_ms (big endian),
// u32 depth of the cause; then as varint length and bytes: sender, group, deduplication, trace,
// source ARN, sequence, request id of the cause; varint number of attributes, each as name, type,
// u8 binary, value; then the body to the end of the row, unless it is kept apart.
std::string encode_message(const Message& message);
bool body_is_apart(std::string_view row);
// The body is empty if it is kept apart. Throws storage::StorageError for other bytes.
Message decode_message(std::string_view row);

// The attributes of SendMessage from the input's map. Throws InvalidParameterValueException.
std::vector<MessageAttribute> parse_attributes(const Json& map);
// AWSTraceHeader from MessageSystemAttributes; "" if it is not there. Throws as parse_attributes.
std::string parse_trace_header(const Json& map);
Json attributes_document(const std::vector<MessageAttribute>& attributes);
// Hexadecimal MD5 as clients check it, of attributes in the order of the bytes of their names:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
std::string md5_of_attributes(const std::vector<MessageAttribute>& attributes);
// Bytes that count towards the size of a message.
int64_t size_of_attributes(const std::vector<MessageAttribute>& attributes);

// Throws InvalidMessageContents.
void check_characters(std::string_view text);
// MessageGroupId and MessageDeduplicationId. Throws InvalidParameterValueException.
void check_fifo_id(std::string_view value, std::string_view parameter);

// The attributes that `names` ask for: names, "All", ".*", "prefix.*".
std::vector<MessageAttribute> chosen_attributes(const std::vector<MessageAttribute>& attributes,
                                                const Json& names);

}  // namespace paddock::services::sqs
