#include "services/sqs/message.hpp"

#include <algorithm>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "models/sqs.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/limits.hpp"
#include "storage/database.hpp"
#include "storage/keys.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;

namespace message_bytes {

constexpr char kVersion = 1;
constexpr char kBodyApartFlag = 1;
constexpr size_t kIdBytes = 16;

[[noreturn]] void corrupt() {
  throw storage::StorageError("a message of a queue cannot be read");
}

void append_varint(std::string& out, size_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out += text;
}

std::string id_bytes(std::string_view uuid) {
  std::string digits;
  for (const char c : uuid) {
    if (c != '-') digits += c;
  }
  return from_hex(digits).value_or(std::string(kIdBytes, '\0'));
}

std::string id_text(std::string_view bytes) {
  std::string text = to_hex(bytes);
  for (const size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
  return text;
}

class Reader {
 public:
  explicit Reader(std::string_view left) : left_(left) {}

  std::string_view take(size_t bytes) {
    if (bytes > left_.size()) corrupt();
    const std::string_view taken = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return taken;
  }
  char byte() { return take(1).front(); }
  uint64_t number(size_t bytes) {
    uint64_t value = 0;
    for (const char c : take(bytes)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  size_t varint() {
    size_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      const auto part = static_cast<unsigned char>(byte());
      value |= static_cast<size_t>(part & 0x7F) << shift;
      if (part < 0x80) return value;
    }
    corrupt();
  }
  std::string text() { return std::string(take(varint())); }
  std::string_view rest() const { return left_; }

 private:
  std::string_view left_;
};

}  // namespace message_bytes

std::string encode_message(const Message& message) {
  const bool apart = message.body.size() >= kBodyApart;
  std::string out;
  out.reserve(160 + (apart ? 0 : message.body.size()));
  out += message_bytes::kVersion;
  out += apart ? message_bytes::kBodyApartFlag : '\0';
  out += message_bytes::id_bytes(message.id);
  storage::append_u64(out, static_cast<uint64_t>(message.sent_ms));
  storage::append_u64(out, static_cast<uint64_t>(message.ready_ms));
  storage::append_u32(out, message.carried);
  storage::append_u64(out, static_cast<uint64_t>(message.first_received_ms));
  storage::append_u32(out, message.cause.depth);
  for (const std::string* text :
       {&message.sender, &message.group, &message.deduplication, &message.trace,
        &message.source_arn, &message.sequence, &message.cause.request_id}) {
    message_bytes::append_text(out, *text);
  }
  message_bytes::append_varint(out, message.attributes.size());
  for (const MessageAttribute& attribute : message.attributes) {
    message_bytes::append_text(out, attribute.name);
    message_bytes::append_text(out, attribute.type);
    out += attribute.binary ? '\1' : '\0';
    message_bytes::append_text(out, attribute.value);
  }
  if (!apart) out += message.body;
  return out;
}

bool body_is_apart(std::string_view row) {
  if (row.size() < 2) message_bytes::corrupt();
  return (row[1] & message_bytes::kBodyApartFlag) != 0;
}

Message decode_message(std::string_view row) {
  message_bytes::Reader reader(row);
  if (reader.byte() != message_bytes::kVersion) message_bytes::corrupt();
  const bool apart = (reader.byte() & message_bytes::kBodyApartFlag) != 0;
  Message message;
  message.id = message_bytes::id_text(reader.take(message_bytes::kIdBytes));
  message.sent_ms = static_cast<int64_t>(reader.number(8));
  message.ready_ms = static_cast<int64_t>(reader.number(8));
  message.carried = static_cast<uint32_t>(reader.number(4));
  message.first_received_ms = static_cast<int64_t>(reader.number(8));
  message.cause.depth = static_cast<uint32_t>(reader.number(4));
  for (std::string* text : {&message.sender, &message.group, &message.deduplication, &message.trace,
                            &message.source_arn, &message.sequence, &message.cause.request_id}) {
    *text = reader.text();
  }
  const size_t count = reader.varint();
  if (count > limits::kMessageAttributes) message_bytes::corrupt();
  for (size_t i = 0; i < count; ++i) {
    MessageAttribute attribute;
    attribute.name = reader.text();
    attribute.type = reader.text();
    attribute.binary = reader.byte() != '\0';
    attribute.value = reader.text();
    message.attributes.push_back(std::move(attribute));
  }
  if (!apart) message.body = reader.rest();
  return message;
}

namespace attribute_rules {

// Letters, digits and "_-."; AWS also lets accented letters through.
bool good_characters(std::string_view name) {
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool good = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                      (byte >= 'A' && byte <= 'Z') || byte == '_' || byte == '-' || byte == '.' ||
                      byte >= 0x80;
    if (!good) return false;
  }
  return true;
}

void check_name(const std::string& name) {
  if (name.empty() || name.size() >= limits::kAttributeNameBytes) {
    throw errors::invalid_parameter(
        "Message (user) attribute names must be shorter than 256 Bytes");
  }
  if (!good_characters(name)) {
    throw errors::invalid_parameter(
        "Message (user) attributes name can only contain upper and lower score characters, digits, "
        "periods, hyphens and underscores. ");
  }
  const std::string lower = to_lower(name);
  if (lower.starts_with("aws.") || lower.starts_with("amazon.") || name.front() == '.' ||
      name.back() == '.') {
    throw errors::invalid_parameter(
        "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings "
        "are reserved for internal use. Additionally, they cannot start or end with '.'.");
  }
}

void check_type(const std::string& name, const std::string& type) {
  if (type.empty()) {
    throw errors::invalid_parameter("The message attribute '" + name +
                                    "' must contain a non-empty message attribute type.");
  }
  const std::string_view base = std::string_view(type).substr(0, type.find('.'));
  if (base != "String" && base != "Number" && base != "Binary") {
    throw errors::invalid_parameter("The message attribute '" + name +
                                    "' has an invalid message attribute type, the set of supported "
                                    "type prefixes is Binary, Number, and String.");
  }
  if (type.size() >= limits::kAttributeNameBytes) {
    throw errors::invalid_parameter(
        "Message (user) attribute types must be shorter than 256 Bytes");
  }
}

[[noreturn]] void no_value(const std::string& name, std::string_view type) {
  throw errors::invalid_parameter("Message (user) attribute '" + name +
                                  "' must contain a non-empty value of type '" + std::string(type) +
                                  "'.");
}

MessageAttribute parse(const std::string& name, const Json& value) {
  MessageAttribute attribute;
  attribute.name = name;
  attribute.type = value.value(m::DataType, std::string());
  check_type(name, attribute.type);
  for (const char* list : {m::StringListValues, m::BinaryListValues}) {
    if (value.contains(list) && !value[list].empty()) {
      throw errors::invalid_parameter(
          "Message attribute list values in SendMessage operation are "
          "not supported.");
    }
  }
  attribute.binary = attribute.type.starts_with("Binary");
  const auto found = value.find(attribute.binary ? m::BinaryValue : m::StringValue);
  if (found != value.end() && found->is_binary()) {
    attribute.value.assign(found->get_binary().begin(), found->get_binary().end());
  } else if (found != value.end() && found->is_string()) {
    attribute.value = *found;
  }
  if (attribute.value.empty()) no_value(name, attribute.binary ? "Binary" : "String");
  if (!attribute.binary) {
    try {
      check_characters(attribute.value);
    } catch (const AwsError& error) {
      throw errors::invalid_parameter(error.message());
    }
  }
  return attribute;
}

}  // namespace attribute_rules

std::vector<MessageAttribute> parse_attributes(const Json& map) {
  std::vector<MessageAttribute> attributes;
  if (!map.is_object()) return attributes;
  if (map.size() > limits::kMessageAttributes) {
    throw errors::invalid_parameter("Number of message attributes [" + std::to_string(map.size()) +
                                    "] exceeds the allowed maximum [10].");
  }
  for (const auto& [name, value] : map.get_ref<const Json::object_t&>()) {
    attribute_rules::check_name(name);
    attributes.push_back(attribute_rules::parse(name, value));
  }
  std::sort(attributes.begin(), attributes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return attributes;
}

std::string parse_trace_header(const Json& map) {
  if (!map.is_object() || map.empty()) return "";
  for (const auto& [name, value] : map.get_ref<const Json::object_t&>()) {
    if (name != "AWSTraceHeader") {
      throw errors::invalid_parameter("Message system attribute name '" + name + "' is invalid.");
    }
    const MessageAttribute attribute = attribute_rules::parse(name, value);
    if (attribute.type != "String") {
      throw errors::invalid_parameter(
          "Type of message system attribute 'AWSTraceHeader' is "
          "invalid. You must use only the supported type values: "
          "[String].");
    }
    return attribute.value;
  }
  return "";
}

Json attributes_document(const std::vector<MessageAttribute>& attributes) {
  Json document = Json::object();
  for (const MessageAttribute& attribute : attributes) {
    Json value = {{m::DataType, attribute.type}};
    if (attribute.binary) {
      value[m::BinaryValue] = Json::binary({attribute.value.begin(), attribute.value.end()});
    } else {
      value[m::StringValue] = attribute.value;
    }
    document[attribute.name] = std::move(value);
  }
  return document;
}

std::string md5_of_attributes(const std::vector<MessageAttribute>& attributes) {
  std::string bytes;
  const auto append = [&bytes](std::string_view text) {
    storage::append_u32(bytes, static_cast<uint32_t>(text.size()));
    bytes += text;
  };
  for (const MessageAttribute& attribute : attributes) {
    append(attribute.name);
    append(attribute.type);
    bytes += attribute.binary ? '\2' : '\1';
    append(attribute.value);
  }
  return to_hex(md5(bytes));
}

int64_t size_of_attributes(const std::vector<MessageAttribute>& attributes) {
  size_t bytes = 0;
  for (const MessageAttribute& attribute : attributes) {
    bytes += attribute.name.size() + attribute.type.size() + attribute.value.size();
  }
  return static_cast<int64_t>(bytes);
}

void check_characters(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') {
      throw errors::message_characters();
    }
    // U+FFFE and U+FFFF, the only other characters that XML lacks and UTF-8 has.
    if (byte == 0xEF && i + 2 < text.size() && static_cast<unsigned char>(text[i + 1]) == 0xBF &&
        static_cast<unsigned char>(text[i + 2]) >= 0xBE) {
      throw errors::message_characters();
    }
  }
}

void check_fifo_id(std::string_view value, std::string_view parameter) {
  const bool good =
      !value.empty() && value.size() <= 128 &&
      std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!good) throw errors::fifo_id(value, parameter);
}

std::vector<MessageAttribute> chosen_attributes(const std::vector<MessageAttribute>& attributes,
                                                const Json& names) {
  std::vector<MessageAttribute> chosen;
  if (!names.is_array()) return chosen;
  for (const MessageAttribute& attribute : attributes) {
    const bool asked = std::any_of(names.begin(), names.end(), [&](const Json& one) {
      const std::string& name = one.get_ref<const std::string&>();
      if (name == "All" || name == ".*" || name == "*" || name == attribute.name) return true;
      return name.size() > 2 && name.ends_with(".*") &&
             attribute.name.starts_with(name.substr(0, name.size() - 2));
    });
    if (asked) chosen.push_back(attribute);
  }
  return chosen;
}

}  // namespace paddock::services::sqs
