#include "services/sqs/handles.hpp"

#include "core/json.hpp"
#include "core/text.hpp"
#include "storage/keys.hpp"
#include "wire/codec.hpp"

namespace paddock::services::sqs {

namespace handle_bytes {

constexpr char kVersion = 1;
constexpr size_t kSigned = 1 + 8 + 8 + 4;
constexpr size_t kWhole = kSigned + 8;
constexpr size_t kMostTaskHandle = 4096;

uint64_t number(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace handle_bytes

std::string encode_receipt(const Seed& seed, const Receipt& receipt) {
  std::string bytes(1, handle_bytes::kVersion);
  storage::append_u64(bytes, receipt.queue);
  storage::append_u64(bytes, receipt.sequence);
  storage::append_u32(bytes, receipt.receive);
  storage::append_u64(bytes, siphash(seed, bytes));
  return to_base64(bytes);
}

std::optional<Receipt> decode_receipt(const Seed& seed, std::string_view handle) {
  if (handle.size() != (handle_bytes::kWhole + 2) / 3 * 4) return std::nullopt;
  const auto bytes = from_base64(handle);
  if (!bytes || bytes->size() != handle_bytes::kWhole || bytes->front() != handle_bytes::kVersion) {
    return std::nullopt;
  }
  const std::string_view all = *bytes;
  const std::string_view signed_part = all.substr(0, handle_bytes::kSigned);
  if (handle_bytes::number(all.substr(handle_bytes::kSigned)) != siphash(seed, signed_part)) {
    return std::nullopt;
  }
  Receipt receipt;
  receipt.queue = handle_bytes::number(all.substr(1, 8));
  receipt.sequence = handle_bytes::number(all.substr(9, 8));
  receipt.receive = static_cast<uint32_t>(handle_bytes::number(all.substr(17, 4)));
  return receipt;
}

std::string encode_task_handle(const TaskHandle& handle) {
  std::string text = "{\"taskId\":";
  append_json_string(text, handle.task);
  text += ",\"sourceArn\":";
  append_json_string(text, handle.source_arn);
  return to_base64(text + "}");
}

std::optional<TaskHandle> decode_task_handle(std::string_view text) {
  if (text.size() > handle_bytes::kMostTaskHandle) return std::nullopt;
  const auto bytes = from_base64(text);
  if (!bytes) return std::nullopt;
  try {
    const Json document = wire::parse_json(*bytes);
    if (!document.is_object() || !document.contains("taskId") || !document["taskId"].is_string() ||
        !document.contains("sourceArn") || !document["sourceArn"].is_string()) {
      return std::nullopt;
    }
    return TaskHandle{document["taskId"], document["sourceArn"]};
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

}  // namespace paddock::services::sqs
