// SendMessage and SendMessageBatch; deduplication of FIFO queues.
#include <cstdio>
#include <set>

#include "core/digest.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "models/sqs.hpp"
#include "services/sqs/batch.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/limits.hpp"
#include "services/sqs/service.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;

namespace sending {

// 20 digits, rising, as AWS shows them.
std::string sequence_number(uint64_t sequence) {
  char text[32];
  std::snprintf(text, sizeof text, "18%018llu", static_cast<unsigned long long>(sequence));
  return text;
}

std::string text_of(const Json& entry, const char* member) {
  const auto found = entry.find(member);
  return found == entry.end() ? std::string() : found->get<std::string>();
}

const Json& map_of(const Json& entry, const char* member) {
  static const Json nothing;
  const auto found = entry.find(member);
  return found == entry.end() ? nothing : *found;
}

int64_t delay_ms(const QueueInfo& queue, const Json& entry) {
  const auto found = entry.find(m::DelaySeconds);
  if (found == entry.end()) return queue.delay_s * 1000;
  const int64_t seconds = *found;
  if (queue.fifo) {
    // Delay is the queue's there; saying 0 is not wrong.
    if (seconds != 0) throw errors::not_of_queue_type(std::to_string(seconds), m::DelaySeconds);
    return queue.delay_s * 1000;
  }
  if (seconds < 0 || seconds > limits::kDelaySeconds) {
    throw errors::invalid_value(std::to_string(seconds), m::DelaySeconds,
                                "DelaySeconds must be >= 0 and <= 900.");
  }
  return seconds * 1000;
}

void check_ids(const QueueInfo& queue, const Json& entry) {
  for (const char* id : {m::MessageDeduplicationId, m::MessageGroupId}) {
    const auto found = entry.find(id);
    if (found != entry.end()) check_fifo_id(found->get_ref<const std::string&>(), id);
  }
  if (!queue.fifo) {
    const std::string id = text_of(entry, m::MessageDeduplicationId);
    if (!id.empty()) {
      throw errors::invalid_value(
          id, m::MessageDeduplicationId,
          "The request includes a parameter that is not valid for this queue type.");
    }
    return;
  }
  if (!entry.contains(m::MessageGroupId)) throw errors::missing(m::MessageGroupId);
  if (!entry.contains(m::MessageDeduplicationId) && !queue.content_deduplication) {
    throw errors::no_deduplication();
  }
}

int64_t bytes_of(const Json& entry) {
  const auto size = static_cast<int64_t>(text_of(entry, m::MessageBody).size());
  int64_t attributes = 0;
  const Json& map = map_of(entry, m::MessageAttributes);
  if (!map.is_object()) return size;
  for (const auto& [name, value] : map.get_ref<const Json::object_t&>()) {
    attributes += static_cast<int64_t>(name.size());
    for (const auto& [member, part] : value.get_ref<const Json::object_t&>()) {
      if (part.is_string())
        attributes += static_cast<int64_t>(part.get_ref<const std::string&>().size());
      if (part.is_binary()) attributes += static_cast<int64_t>(part.get_binary().size());
    }
  }
  return size + attributes;
}

Json answer(const Message& message) {
  Json document = {{m::MessageId, message.id}, {m::MD5OfMessageBody, to_hex(md5(message.body))}};
  if (!message.attributes.empty()) {
    document[m::MD5OfMessageAttributes] = md5_of_attributes(message.attributes);
  }
  if (!message.trace.empty()) {
    document[m::MD5OfMessageSystemAttributes] =
        md5_of_attributes({{"AWSTraceHeader", "String", message.trace, false}});
  }
  if (!message.sequence.empty()) document[m::SequenceNumber] = message.sequence;
  return document;
}

// What a batch for a FIFO queue may not leave out is looked at before any entry is sent.
void check_fifo_batch(const QueueInfo& queue, const Json& entries) {
  if (!queue.fifo) return;
  for (const Json& entry : entries) {
    if (!queue.content_deduplication && !entry.contains(m::MessageDeduplicationId)) {
      throw errors::no_deduplication();
    }
    if (!entry.contains(m::MessageGroupId)) {
      throw errors::invalid_parameter("The request must contain the parameter MessageGroupId.");
    }
  }
}

}  // namespace sending

Message Sqs::draft(const Context& context, const QueueInfo& queue, const Json& entry,
                   bool of_batch) const {
  Message message;
  message.body = sending::text_of(entry, m::MessageBody);
  if (message.body.empty()) throw errors::missing(m::MessageBody);
  if (sending::bytes_of(entry) > queue.most_bytes) {
    throw of_batch ? errors::entry_too_long(queue.most_bytes)
                   : errors::message_too_long(queue.most_bytes);
  }
  check_characters(message.body);
  message.attributes = parse_attributes(sending::map_of(entry, m::MessageAttributes));
  message.trace = parse_trace_header(sending::map_of(entry, m::MessageSystemAttributes));
  sending::check_ids(queue, entry);
  sending::delay_ms(queue, entry);  // only to check it
  message.group = sending::text_of(entry, m::MessageGroupId);
  message.deduplication = sending::text_of(entry, m::MessageDeduplicationId);
  if (queue.fifo && message.deduplication.empty()) {
    message.deduplication = sha256_hex(message.body);
  }
  const identity::Principal& sender = context.principal;
  message.sender = sender.user_id.empty() ? context.account : sender.user_id;
  message.cause = context.cause;
  return message;
}

// Rows that nobody asks for any more go a few at a time, with what comes in.
void Sqs::forget_due(const QueueKeys& keys, WorldTime now, storage::Batch& batch) {
  constexpr size_t kAtOnce = 4;
  const std::string end = keys.forget(now.ms + 1, 0);
  for (const auto& due : index_.front(keys.prefix(kForgetKind), kAtOnce, end)) {
    batch.erase(storage::Family::queue, due.value);
    batch.erase(storage::Family::queue, due.key);
  }
}

bool Sqs::duplicate(const QueueWriter& writer, Message& message, WorldTime now,
                    std::map<std::string, Once>& fresh, storage::Batch& batch) {
  const std::string scope = writer.info().scope_is_group ? message.group + '\0' : std::string();
  const std::string key = writer.keys().once(sha256(scope + message.deduplication));
  const auto known = fresh.find(key);
  std::optional<Once> before;
  if (known != fresh.end()) {
    before = known->second;
  } else {
    before = store_.once(key);
  }
  if (before && now.ms < before->sent_ms + limits::kDeduplicationMs) {
    message.id = before->message_id;
    message.sequence = before->sequence_number;
    return true;
  }
  const Once once{now.ms, message.sequence, message.id};
  fresh[key] = once;
  batch.put(storage::Family::queue, key, Store::once_bytes(once));
  forget_due(writer.keys(), now, batch);
  const uint64_t number = next_sequence(writer.info().realm);
  const std::string forget = writer.keys().forget(now.ms + limits::kDeduplicationMs, number);
  batch.put(storage::Family::queue, forget, key);
  batch.after_commit([this, prefix = writer.keys().prefix(kForgetKind), forget](uint64_t) {
    index_.inserted(prefix, forget);
  });
  return false;
}

void Sqs::put(QueueWriter& writer, const Json& entry, Message& message, WorldTime now,
              std::map<std::string, Once>& fresh, storage::Batch& batch) {
  const RealmId realm = writer.info().realm;
  const uint64_t sequence = next_sequence(realm);
  message.id = platform_.ids.uuid(realm, "sqs-message");
  message.sent_ms = now.ms;
  if (writer.info().fifo) {
    message.sequence = sending::sequence_number(sequence);
    if (duplicate(writer, message, now, fresh, batch)) return;
  }
  writer.append(sequence, message, now.ms + sending::delay_ms(writer.info(), entry));
}

Sqs::Output Sqs::send_message(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  Message message = draft(context, *queue->info(), input, false);
  const auto guard = platform_.locks.lock(queue->lock_key());
  check_alive(context, *queue);
  const WorldTime now = platform_.world.now();
  storage::Batch batch;
  QueueWriter writer(writer_parts(), *queue, now, batch);
  std::map<std::string, Once> fresh;
  put(writer, input, message, now, fresh, batch);
  writer.finish();
  if (!batch.empty()) context.commit(batch);
  writer.committed();
  return sending::answer(message);
}

Sqs::Output Sqs::send_message_batch(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const Json& entries = input.at(m::Entries);
  check_batch(entries, "SendMessageBatchRequestEntry");
  const auto seen = queue->info();
  sending::check_fifo_batch(*seen, entries);
  int64_t bytes = 0;
  for (const Json& entry : entries) bytes += sending::bytes_of(entry);
  if (bytes > limits::kMessageBytes) throw errors::batch_too_long(bytes);

  BatchAnswer answer;
  std::vector<std::pair<const Json*, Message>> drafts;
  for (const Json& entry : entries) {
    answer.attempt(entry, [&] { drafts.emplace_back(&entry, draft(context, *seen, entry, true)); });
  }
  const auto guard = platform_.locks.lock(queue->lock_key());
  check_alive(context, *queue);
  const WorldTime now = platform_.world.now();
  storage::Batch batch;
  QueueWriter writer(writer_parts(), *queue, now, batch);
  std::map<std::string, Once> fresh;
  for (auto& [entry, message] : drafts) {
    put(writer, *entry, message, now, fresh, batch);
    Json done = sending::answer(message);
    done[m::Id] = entry->at(m::Id);
    answer.succeeded(std::move(done));
  }
  writer.finish();
  if (!batch.empty()) context.commit(batch);
  writer.committed();
  return answer.document();
}

}  // namespace paddock::services::sqs
