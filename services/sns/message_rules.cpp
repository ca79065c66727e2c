#include "services/sns/message_rules.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/text.hpp"
#include "models/sns.hpp"
#include "services/sns/errors.hpp"
#include "services/sns/limits.hpp"
#include "services/sns/requests.hpp"

namespace paddock::services::sns {

namespace m = models::sns_members;

namespace message_checks {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

void check_attribute_name(const std::string& name) {
  if (name.empty() || name.size() > limits::kMostAttributeName) {
    throw errors::invalid_value("Length of message attribute name must be less than 256 bytes.");
  }
  const auto other = std::find_if_not(name.begin(), name.end(), is_name_character);
  if (other != name.end()) {
    const std::string digits = to_hex(std::string(1, *other));
    std::string upper = digits;
    for (char& c : upper) c = static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
    throw errors::invalid_value(
        "Invalid non-alphanumeric character '#x" + upper +
        "' was found in the message attribute name. Can only include alphanumeric characters, "
        "hyphens, underscores, or dots.");
  }
  if (name.front() == '.') {
    throw errors::invalid_value(
        "Invalid message attribute name starting with character '.' was found.");
  }
  if (name.back() == '.') {
    throw errors::invalid_value(
        "Invalid message attribute name ending with character '.' was found.");
  }
  if (name.find("..") != std::string::npos) {
    throw errors::invalid_value("Message attribute name can not have successive '.' character.");
  }
}

// "String" of "String.Array"; "" for a type that there is not.
std::string base_type(const std::string& type) {
  const size_t dot = type.find('.');
  const std::string base = type.substr(0, dot);
  const bool known = base == "String" || base == "Number" || base == "Binary";
  return known && (dot == std::string::npos || dot + 1 < type.size()) ? base : std::string();
}

bool is_number(const std::string& text) {
  const std::string trimmed(trim(text));
  double value = 0;
  const char* begin = trimmed.data() + (trimmed.starts_with('+') ? 1 : 0);
  const char* end = trimmed.data() + trimmed.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  return error == std::errc() && stop == end;
}

// A value's text as it is kept.
std::string checked_value(const std::string& name, const Json& value) {
  const std::string type = text_of(value, m::DataType);
  const std::string base = base_type(type);
  const std::string start = "The message attribute '" + name + "' ";
  if (base.empty()) {
    throw errors::invalid_value(start +
                                "has an invalid message attribute type, the set of supported type "
                                "prefixes is Binary, Number, and String.");
  }
  const bool binary = base == "Binary";
  const char* field = binary ? m::BinaryValue : m::StringValue;
  const char* other = binary ? m::StringValue : m::BinaryValue;
  if (!value.contains(field) && value.contains(other)) {
    throw errors::invalid_value(start + "with type '" + type + "' must use field '" +
                                (binary ? "Binary" : "String") + "'.");
  }
  std::string text;
  if (value.contains(field)) {
    if (binary) {
      const auto& bytes = value[field].get_binary();
      text.assign(bytes.begin(), bytes.end());
    } else {
      text = value[field].get<std::string>();
    }
  }
  if (text.empty()) {
    throw errors::invalid_value(
        start + "must contain non-empty message attribute value for message attribute type '" +
        type + "'.");
  }
  if (base == "Number" && !is_number(text)) {
    throw errors::invalid_value("Could not cast message attribute '" + name + "' value to number.");
  }
  return binary ? to_base64(text) : text;
}

void check_subject(const std::string& subject) {
  const bool plain = std::none_of(subject.begin(), subject.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (subject.empty() || !plain || utf16_length(subject) > limits::kMostSubject ||
      subject.front() == ' ') {
    throw errors::invalid("Subject");
  }
}

void check_fifo_id(const std::string& value, const std::string& parameter) {
  const bool plain =
      std::all_of(value.begin(), value.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!plain || value.size() > limits::kMostFifoId) {
    throw errors::invalid("The " + parameter + " parameter");
  }
}

}  // namespace message_checks

void check_message(const Json& input) {
  if (input.contains(m::Subject)) message_checks::check_subject(text_of(input, m::Subject));
  const std::string structure = text_of(input, m::MessageStructure);
  if (!structure.empty() && structure != "json") throw errors::invalid("MessageStructure");
  if (text_of(input, m::Message).empty()) throw errors::invalid("Empty message");
}

size_t message_size(const Json& input) {
  size_t size = text_of(input, m::Message).size();
  const auto attributes = input.find(m::MessageAttributes);
  if (attributes == input.end()) return size;
  for (auto attribute = attributes->begin(); attribute != attributes->end(); ++attribute) {
    size += attribute.key().size() + text_of(*attribute, m::DataType).size() +
            text_of(*attribute, m::StringValue).size();
    if (attribute->contains(m::BinaryValue)) {
      size += (*attribute)[m::BinaryValue].get_binary().size();
    }
  }
  return size;
}

Json message_attributes(const Json& input) {
  Json kept = Json::object();
  const auto attributes = input.find(m::MessageAttributes);
  if (attributes == input.end()) return kept;
  for (auto attribute = attributes->begin(); attribute != attributes->end(); ++attribute) {
    const std::string& name = attribute.key();
    message_checks::check_attribute_name(name);
    kept[name] = {{"Type", text_of(*attribute, m::DataType)},
                  {"Value", message_checks::checked_value(name, *attribute)}};
  }
  return kept;
}

Json texts_by_protocol(const std::string& message, bool needs_default) {
  const Json document = Json::parse(message, nullptr, false);
  if (!document.is_object()) {
    throw errors::invalid("Message Structure - JSON message body failed to parse");
  }
  Json texts = Json::object();
  for (auto entry = document.begin(); entry != document.end(); ++entry) {
    if (entry->is_string()) texts[entry.key()] = *entry;
  }
  if (needs_default && !texts.contains("default")) {
    throw errors::invalid("Message Structure - No default entry in JSON message body");
  }
  return texts;
}

void check_fifo(const Json& input, bool fifo, bool by_content) {
  const std::string group = text_of(input, m::MessageGroupId);
  const std::string deduplication = text_of(input, m::MessageDeduplicationId);
  if (fifo && group.empty()) {
    throw errors::invalid("The MessageGroupId parameter is required for FIFO topics");
  }
  if (fifo && deduplication.empty() && !by_content) {
    throw errors::invalid(
        "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId "
        "provided explicitly");
  }
  if (!fifo && input.contains(m::MessageDeduplicationId)) {
    throw errors::invalid(
        "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
        "that is not valid for this topic type");
  }
  message_checks::check_fifo_id(group, m::MessageGroupId);
  message_checks::check_fifo_id(deduplication, m::MessageDeduplicationId);
}

void check_batch(const Json& entries) {
  if (entries.empty()) throw errors::empty_batch();
  if (entries.size() > limits::kMostBatchEntries) throw errors::too_many_entries();
  std::set<std::string> ids;
  size_t size = 0;
  for (const Json& entry : entries) {
    const std::string id = text_of(entry, m::Id);
    if (id.size() > limits::kMostBatchId) {
      throw errors::invalid_entry_id("is too long: " + id);
    }
    const bool plain = !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
      return c != '.' && message_checks::is_name_character(c);
    });
    if (!plain) throw errors::invalid_entry_id("contains an impermissible character: " + id);
    if (!ids.insert(id).second) throw errors::entry_ids_not_distinct();
    size += message_size(entry);
  }
  if (size > limits::kMostMessageBytes) throw errors::batch_too_long();
}

}  // namespace paddock::services::sns
