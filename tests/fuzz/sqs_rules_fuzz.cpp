// What clients hand back to SQS or set as text: queue URLs, receipt and task handles, redrive
// policies; and rows of messages. Refused, or understood in a way that holds.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/error.hpp"
#include "services/sqs/handles.hpp"
#include "services/sqs/message.hpp"
#include "services/sqs/model.hpp"
#include "storage/database.hpp"

namespace sqs = paddock::services::sqs;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto address = sqs::parse_queue_url(text)) {
    if (address->name.empty() || address->name.find('/') != std::string_view::npos) std::abort();
    if (!address->account.empty() && address->account.size() != 12) std::abort();
  }
  const paddock::Seed seed = paddock::Seed::from_number(1);
  // Nobody can make a handle without the seed, but the same one reads back.
  if (const auto receipt = sqs::decode_receipt(seed, text)) {
    if (sqs::encode_receipt(seed, *receipt) != text) std::abort();
  }
  sqs::decode_task_handle(text);
  try {
    const sqs::Redrive redrive = sqs::parse_redrive_policy(text);
    if (redrive.max_receives < 1 || redrive.max_receives > 1000) std::abort();
  } catch (const paddock::AwsError&) {
  }
  try {
    sqs::redrive_allowed(text, "arn:aws:sqs:us-east-1:000000000000:source");
  } catch (const paddock::AwsError&) {
  }
  try {
    const sqs::Message message = sqs::decode_message(text);
    if (!sqs::body_is_apart(text) && message.body.size() < sqs::kBodyApart &&
        sqs::decode_message(sqs::encode_message(message)).body != message.body) {
      std::abort();
    }
  } catch (const paddock::storage::StorageError&) {
  }
  return 0;
}
