// Batches of a queue's messages: what the function is given, which messages pass, and what it
// reports. Pure functions.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "services/lambda/filter.hpp"

namespace paddock::services::lambda {

// One received message.
struct QueuedMessage {
  std::string id;
  std::string handle;
  std::string record;  // JSON text, as the event shows it
};

// The record of a message that ReceiveMessage answered with. With `names_no_digest`, a message
// without attributes shows a null digest of them, as mappings with a batching window do.
Json queue_record(const Json& message, const std::string& queue_arn, const std::string& region,
                  bool names_no_digest);
// A body that is a JSON document is matched as such, any other as text.
bool queue_record_passes(const Json& record, const Filter& filter);
// {"Records": […]} as text.
std::string queue_event(const std::vector<QueuedMessage>& messages);

// For each message whether it is done with, after a run that succeeded and whose answer is to be
// read as ReportBatchItemFailures says: none is if the answer is malformed or names a message that
// is not of the batch.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
std::vector<bool> succeeded_messages(const std::string& answer,
                                     const std::vector<QueuedMessage>& messages);

}  // namespace paddock::services::lambda
