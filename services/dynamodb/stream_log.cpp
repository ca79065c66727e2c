// A stream record, version 1 (family log):
//   u8 version=1, u8 event ('I', 'M', 'R', 'X'), i64 created, text cause's request id, u32 cause's
//   depth, then keys, new image and old image, each u32 length and an encoded item (length 0: left
//   out)
// fields as in storage/keys.hpp, items as in item.hpp.
// The last part of a shard iterator, before base64:
//   u8 version=1, u64 next position, i64 issued, the shard's id
#include "services/dynamodb/stream_log.hpp"

#include "core/text.hpp"
#include "storage/keys.hpp"

namespace paddock::services::dynamodb {

namespace record_format {

constexpr uint8_t kVersion = 1;
constexpr std::string_view kPrefix = "1";  // of sequence numbers
constexpr size_t kDigits = 20;

uint64_t take_unsigned(std::string_view& in, size_t bytes) {
  if (in.size() < bytes) throw CorruptData("a stream record is cut off");
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(bytes);
  return value;
}

int64_t take_signed(std::string_view& in) {
  return static_cast<int64_t>(take_unsigned(in, 8) ^ 0x8000000000000000ULL);
}

// A text field that holds no zero byte: request ids are printable.
std::string take_text(std::string_view& in) {
  const size_t end = in.find('\0');
  if (end == std::string_view::npos || end + 2 > in.size() || in[end + 1] != 1) {
    throw CorruptData("a stream record's text is malformed");
  }
  std::string text(in.substr(0, end));
  in.remove_prefix(end + 2);
  return text;
}

std::string_view take_item(std::string_view& in) {
  const uint64_t length = take_unsigned(in, 4);
  if (in.size() < length) throw CorruptData("a stream record is cut off");
  const std::string_view item = in.substr(0, length);
  in.remove_prefix(length);
  return item;
}

void append_item(std::string& out, std::string_view item) {
  storage::append_u32(out, static_cast<uint32_t>(item.size()));
  out.append(item);
}

size_t size_of(std::string_view item) {
  return item.empty() ? 0 : item_size(ItemView(item));
}

void append_image(std::string& out, std::string_view name, std::string_view item) {
  if (item.empty()) return;
  out += ",\"";
  out += name;
  out += "\":";
  append_json(out, ItemView(item));
}

}  // namespace record_format

std::string_view event_name(StreamEvent event) {
  switch (event) {
    case StreamEvent::insert:
      return "INSERT";
    case StreamEvent::modify:
      return "MODIFY";
    case StreamEvent::remove:
    case StreamEvent::expire:
      return "REMOVE";
  }
  throw CorruptData("a stream record has an unknown event");
}

std::string encode_record(const StreamRecord& record) {
  std::string out;
  out.reserve(80 + record.keys.size() + record.new_image.size() + record.old_image.size());
  out.push_back(static_cast<char>(record_format::kVersion));
  out.push_back(static_cast<char>(record.event));
  storage::append_i64(out, record.created.ms);
  storage::append_text(out, record.cause.request_id);
  storage::append_u32(out, record.cause.depth);
  record_format::append_item(out, record.keys);
  record_format::append_item(out, record.new_image);
  record_format::append_item(out, record.old_image);
  return out;
}

StreamRecord decode_record(std::string_view bytes) {
  std::string_view in = bytes;
  if (record_format::take_unsigned(in, 1) != record_format::kVersion) {
    throw CorruptData("a stream record has an unknown version");
  }
  StreamRecord record;
  record.event = static_cast<StreamEvent>(record_format::take_unsigned(in, 1));
  record.created = WorldTime{record_format::take_signed(in)};
  record.cause.request_id = record_format::take_text(in);
  record.cause.depth = static_cast<uint32_t>(record_format::take_unsigned(in, 4));
  record.keys = record_format::take_item(in);
  record.new_image = record_format::take_item(in);
  record.old_image = record_format::take_item(in);
  return record;
}

std::string sequence_number(uint64_t position) {
  const std::string digits = std::to_string(position);
  std::string text(record_format::kPrefix);
  text.append(record_format::kDigits - digits.size(), '0');
  return text + digits;
}

std::optional<uint64_t> position_of(std::string_view text) {
  const size_t prefix = record_format::kPrefix.size();
  if (text.size() != prefix + record_format::kDigits || !text.starts_with(record_format::kPrefix)) {
    return std::nullopt;
  }
  uint64_t value = 0;
  for (const char c : text.substr(prefix)) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (value > (UINT64_MAX - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

void append_record_json(std::string& out, const StreamRecord& record, const Stream& stream,
                        uint64_t position, std::string_view event_id, std::string_view region,
                        std::string_view source_arn) {
  const size_t bytes = record_format::size_of(record.keys) +
                       record_format::size_of(record.new_image) +
                       record_format::size_of(record.old_image);
  out += R"({"eventID":")";
  out += event_id;
  out += R"(","eventName":")";
  out += event_name(record.event);
  out += R"(","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":)";
  append_json_string(out, region);
  out += R"(,"dynamodb":{"ApproximateCreationDateTime":)";
  out += std::to_string(record.created.ms / 1000);
  record_format::append_image(out, "Keys", record.keys);
  record_format::append_image(out, "NewImage", record.new_image);
  record_format::append_image(out, "OldImage", record.old_image);
  out += R"(,"SequenceNumber":")";
  out += sequence_number(position);
  out += R"(","SizeBytes":)";
  out += std::to_string(bytes);
  out += R"(,"StreamViewType":")";
  out += stream.view_type;
  out += "\"}";
  if (record.event == StreamEvent::expire) {
    // The API and the events of functions spell it differently.
    out += source_arn.empty()
               ? R"(,"userIdentity":{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"})"
               : R"(,"userIdentity":{"principalId":"dynamodb.amazonaws.com","type":"Service"})";
  }
  if (!source_arn.empty()) {
    out += R"(,"eventSourceARN":)";
    append_json_string(out, source_arn);
  }
  out += '}';
}

std::string ShardIterator::text() const {
  std::string inner;
  inner.push_back(static_cast<char>(record_format::kVersion));
  storage::append_u64(inner, position);
  storage::append_i64(inner, issued.ms);
  inner += shard_id;
  return stream_arn + "|1|" + to_base64(inner);
}

std::optional<ShardIterator> ShardIterator::parse(std::string_view text) {
  const auto parts = split(text, '|');
  if (parts.size() != 3 || parts[1] != "1") return std::nullopt;
  const auto inner = from_base64(parts[2]);
  if (!inner || inner->size() < 17 || inner->front() != record_format::kVersion) {
    return std::nullopt;
  }
  std::string_view in = std::string_view(*inner).substr(1);
  ShardIterator iterator;
  iterator.stream_arn = std::string(parts[0]);
  iterator.position = record_format::take_unsigned(in, 8);
  iterator.issued = WorldTime{record_format::take_signed(in)};
  iterator.shard_id = std::string(in);
  return iterator;
}

}  // namespace paddock::services::dynamodb
