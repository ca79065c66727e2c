// Receipt handles and task handles: what clients hand back. Pure: no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/random.hpp"

namespace paddock::services::sqs {

// Which message, and which of its receives.
struct Receipt {
  uint64_t queue = 0;     // QueueInfo::identity
  uint64_t sequence = 0;  // of the message's rows
  uint32_t receive = 0;   // number of the receive, from 1

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

// Base 64 of: u8 version=1, u64 queue, u64 sequence, u32 receive (big endian), u64 SipHash of these
// under `seed`, so that an altered one is refused.
std::string encode_receipt(const Seed& seed, const Receipt& receipt);
std::optional<Receipt> decode_receipt(const Seed& seed, std::string_view handle);

// Base 64 of {"taskId":"…","sourceArn":"…"}, as AWS's are.
struct TaskHandle {
  std::string task;
  std::string source_arn;
};
std::string encode_task_handle(const TaskHandle& handle);
std::optional<TaskHandle> decode_task_handle(std::string_view text);

}  // namespace paddock::services::sqs
