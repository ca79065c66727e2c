#include "services/dynamodb/import_formats.hpp"

#include <algorithm>
#include <array>

#include <zlib.h>

#include "core/text.hpp"
#include "services/dynamodb/validation.hpp"
#include "wire/codec.hpp"

namespace paddock::services::dynamodb {

namespace import_text {

// The values of blobs as documents hold them.
Json blob(const Json& text) {
  const auto bytes =
      text.is_string() ? from_base64(text.get_ref<const std::string&>()) : std::nullopt;
  if (!bytes) fail_validation("A value of type B is not base64");
  return Json::binary({bytes->begin(), bytes->end()});
}

void decode_blobs(Json& value, int depth) {
  if (!value.is_object()) return;  // the item's own rules refuse it
  if (depth > kMaxNesting) fail_validation("Nesting Levels have exceeded supported limits");
  for (auto member = value.begin(); member != value.end(); ++member) {
    Json& held = member.value();
    if (member.key() == "B") {
      held = blob(held);
    } else if (member.key() == "BS" && held.is_array()) {
      for (Json& one : held) one = blob(one);
    } else if (member.key() == "L" && held.is_array()) {
      for (Json& one : held) decode_blobs(one, depth + 1);
    } else if (member.key() == "M" && held.is_object()) {
      for (auto inner = held.begin(); inner != held.end(); ++inner) {
        decode_blobs(inner.value(), depth + 1);
      }
    }
  }
}

}  // namespace import_text

struct Gunzip::State {
  z_stream stream{};
  bool at_end = true;  // between two members
};

Gunzip::Gunzip() : state_(std::make_unique<State>()) {
  constexpr int kGzip = 15 + 16;
  if (inflateInit2(&state_->stream, kGzip) != Z_OK) throw std::bad_alloc();
}
Gunzip::~Gunzip() {
  inflateEnd(&state_->stream);
}

void Gunzip::feed(std::string_view bytes, const Sink& sink) {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::array<char, 64 * 1024> out;
  bool full = false;  // there may be more output without input
  while (stream.avail_in > 0 || full) {
    if (state_->at_end) {
      if (inflateReset(&stream) != Z_OK) fail_validation("The object could not be decompressed");
      state_->at_end = false;
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      fail_validation("The object could not be decompressed");
    }
    full = stream.avail_out == 0 && result == Z_OK;
    if (const size_t made = out.size() - stream.avail_out; made > 0) {
      sink(std::string_view(out.data(), made));
    }
    if (result == Z_STREAM_END) {
      state_->at_end = true;
    } else if (result == Z_BUF_ERROR) {
      break;
    }
  }
}

void Gunzip::finish() const {
  if (!state_->at_end) fail_validation("The object ends within its compressed data");
}

void RecordCutter::feed(std::string_view text, const Sink& sink) {
  while (!text.empty()) {
    const size_t stop = text.find_first_of(quotes_ ? "\n\"" : "\n");
    const std::string_view part = text.substr(0, stop);
    if (record_.size() + part.size() >= kMaxRecordBytes) fail_validation("A record is too long");
    record_.append(part);
    if (stop == std::string_view::npos) return;
    const char found = text[stop];
    text.remove_prefix(stop + 1);
    if (found == '"') {
      quoted_ = !quoted_;
      record_.push_back('"');
    } else if (quoted_) {
      record_.push_back('\n');
    } else {
      give(sink);
    }
  }
}

void RecordCutter::give(const Sink& sink) {
  if (!record_.empty() && record_.back() == '\r') record_.pop_back();
  const std::string record = std::exchange(record_, {});
  if (record.find_first_not_of(" \t\r") != std::string::npos) sink(record);
}

void RecordCutter::finish(const Sink& sink) {
  give(sink);
  quoted_ = false;
}

std::vector<std::string> csv_fields(std::string_view row, char delimiter) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < row.size(); ++i) {
    const char c = row[i];
    if (quoted && c == '"' && i + 1 < row.size() && row[i + 1] == '"') {
      fields.back().push_back('"');
      ++i;
    } else if (c == '"' && (quoted || fields.back().empty())) {
      quoted = !quoted;
    } else if (c == delimiter && !quoted) {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  if (quoted) fail_validation("A quoted field is not closed");
  return fields;
}

Item csv_item(const Table& table, const std::vector<std::string>& header,
              const std::vector<std::string>& fields) {
  if (fields.size() != header.size()) {
    fail_validation("The row has " + std::to_string(fields.size()) +
                    " fields where the header has " + std::to_string(header.size()));
  }
  Item item;
  for (size_t i = 0; i < header.size(); ++i) {
    const auto key = std::find_if(table.attributes.begin(), table.attributes.end(),
                                  [&](const KeyAttribute& one) { return one.name == header[i]; });
    const AttributeType type = key == table.attributes.end() ? AttributeType::string : key->type;
    if (type == AttributeType::number) {
      item.set(header[i], AttributeValue::number(Number::parse(fields[i])));
    } else if (type == AttributeType::binary) {
      const auto bytes = from_base64(fields[i]);
      if (!bytes) fail_validation("A value of type B is not base64");
      item.set(header[i], AttributeValue::binary(*bytes));
    } else {
      if (!valid_utf8(fields[i])) fail_validation("A field is not UTF-8");
      item.set(header[i], AttributeValue::string(fields[i]));
    }
  }
  return item;
}

Item json_item(std::string_view line) {
  Json document;
  try {
    document = wire::parse_json(line);
  } catch (const std::exception&) {
    fail_validation("Unexpected token");
  }
  if (!document.is_object() || document.size() != 1 || !document.contains("Item") ||
      !document["Item"].is_object()) {
    fail_validation("Expected 'Item' top level container");
  }
  Json& item = document["Item"];
  for (auto attribute = item.begin(); attribute != item.end(); ++attribute) {
    import_text::decode_blobs(attribute.value(), 0);
  }
  return item_from_document(item);
}

}  // namespace paddock::services::dynamodb
