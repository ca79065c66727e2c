// ReceiveMessage: taking what is visible, and waiting for it.
#include <algorithm>

#include "core/digest.hpp"
#include "core/ids.hpp"
#include "core/text.hpp"
#include "events/waiters.hpp"
#include "models/sqs.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/handles.hpp"
#include "services/sqs/limits.hpp"
#include "services/sqs/service.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;

namespace receiving {

// A world clock that stands still: who waits for it looks again only so often.
constexpr Milliseconds kLookAgain{20};

int64_t number(const Json& input, const char* member, int64_t otherwise) {
  const auto found = input.find(member);
  return found == input.end() ? otherwise : found->get<int64_t>();
}

bool asks_for(const Json& input, std::string_view attribute) {
  for (const char* list : {m::AttributeNames, m::MessageSystemAttributeNames}) {
    const auto names = input.find(list);
    if (names == input.end()) continue;
    for (const Json& one : *names) {
      if (one == "All" || one == attribute) return true;
    }
  }
  return false;
}

Json system_attributes(const Message& message, const State& state) {
  const int64_t first = message.first_received_ms != 0 ? message.first_received_ms : state.first_ms;
  Json all = {{"SenderId", message.sender},
              {"SentTimestamp", std::to_string(message.sent_ms)},
              {"ApproximateReceiveCount", std::to_string(message.carried + state.receives)},
              {"ApproximateFirstReceiveTimestamp", std::to_string(first)}};
  const std::pair<const char*, const std::string*> kTexts[] = {
      {"MessageGroupId", &message.group},
      {"MessageDeduplicationId", &message.deduplication},
      {"SequenceNumber", &message.sequence},
      {"AWSTraceHeader", &message.trace},
      {"DeadLetterQueueSourceArn", &message.source_arn}};
  for (const auto& [name, text] : kTexts) {
    if (!text->empty()) all[name] = *text;
  }
  return all;
}

}  // namespace receiving

Sqs::ReceiveInput Sqs::receive_input(const QueueInfo& queue, const Json& input) {
  ReceiveInput out;
  const int64_t wait = receiving::number(input, m::WaitTimeSeconds, queue.wait_s);
  if (wait < 0 || wait > limits::kWaitSeconds) {
    throw errors::invalid_value(std::to_string(wait), m::WaitTimeSeconds,
                                "Must be >= 0 and <= 20, if provided.");
  }
  const int64_t most = receiving::number(input, m::MaxNumberOfMessages, 1);
  if (most < 1 || most > limits::kReceiveMessages) {
    throw errors::invalid_value(std::to_string(most), m::MaxNumberOfMessages,
                                "Must be between 1 and 10, if provided.");
  }
  const int64_t visibility = receiving::number(input, m::VisibilityTimeout, queue.visibility_s);
  if (visibility < 0 || visibility > limits::kVisibilitySeconds) {
    throw errors::invalid_value(std::to_string(visibility), m::VisibilityTimeout,
                                "Must be >= 0 and <= 43200, if provided.");
  }
  const auto attempt = input.find(m::ReceiveRequestAttemptId);
  if (attempt != input.end()) {
    out.attempt = *attempt;
    if (!queue.fifo) {
      throw errors::not_of_queue_type(out.attempt, m::ReceiveRequestAttemptId);
    }
    check_fifo_id(out.attempt, m::ReceiveRequestAttemptId);
  }
  out.most = static_cast<size_t>(most);
  out.visibility_ms = visibility * 1000;
  out.wait_ms = wait * 1000;
  return out;
}

bool Sqs::over_limit(const LiveQueue& queue, const QueueInfo& info, WorldTime now) const {
  const int64_t limit = info.fifo ? limits::kInFlightFifo : limits::kInFlightStandard;
  return queue.counts(now).in_flight >= limit;
}

std::vector<Sqs::Taken> Sqs::take_standard(Context& context, LiveQueue& queue,
                                           const ReceiveInput& input, bool& more) {
  const Live dead = dead_letters(*queue.info());
  const auto guards = lock_with(queue, dead);
  check_alive(context, queue);
  const WorldTime now = platform_.world.now();
  storage::Batch batch;
  QueueWriter writer(writer_parts(), queue, now, batch);
  std::optional<QueueWriter> to_dead;
  if (dead && !dead->ended()) to_dead.emplace(writer_parts(), *dead, now, batch);
  const QueueKeys& keys = writer.keys();
  const auto window = std::max(input.most, static_cast<size_t>(reorder_.load()));
  auto entries = index_.front(keys.prefix(kReadyKind), window, keys.ready(now.ms + 1, 0));
  if (!entries.empty() && over_limit(queue, writer.info(), now)) {
    throw errors::over_limit(limits::kInFlightStandard);
  }
  more = entries.size() >= window;
  IdBytes chance{};
  const double duplicates = duplicates_.load();
  if (window > input.most || duplicates > 0) {
    chance = platform_.ids.next(writer.info().realm, "sqs-chance");
  }
  for (size_t i = 0; window > input.most && i + 1 < entries.size() && i < input.most; ++i) {
    const size_t left = entries.size() - i;
    const size_t other = (chance[2 * i] * 256u + chance[2 * i + 1]) % left;
    std::swap(entries[i], entries[i + other]);
  }
  std::vector<Taken> taken;
  for (const auto& entry : entries) {
    if (taken.size() == input.most) break;
    const State before = decode_state(entry.value);
    const uint64_t sequence = read_ready_key(entry.key).sequence;
    auto message = store_.message(keys, sequence);
    if (!message) throw storage::StorageError("a message of a queue is gone");
    if (gone(writer, to_dead ? &*to_dead : nullptr, sequence, before, *message, now)) continue;
    State state = before.received(now.ms);
    // A duplicate to come: what is delivered stays visible.
    const bool twice = duplicates > 0 && chance[20 + taken.size()] < duplicates * 256;
    if (!twice) state.at_ms = now.ms + input.visibility_ms;
    writer.move("", sequence, before, state);
    taken.push_back({sequence, state, std::move(*message)});
  }
  writer.finish();
  if (to_dead) to_dead->finish();
  if (!batch.empty()) context.commit(batch);
  writer.committed();
  if (to_dead) to_dead->committed();
  return taken;
}

std::vector<Sqs::Taken> Sqs::take(Context& context, LiveQueue& queue, const ReceiveInput& input) {
  bool more = true;
  std::vector<Taken> taken;
  // What is too old or was received too often goes a window at a time.
  while (taken.empty() && more) {
    taken = queue.info()->fifo ? take_fifo(context, queue, input, more)
                               : take_standard(context, queue, input, more);
  }
  if (!taken.empty() && queue.counts(platform_.world.now()).visible > 0) {
    platform_.waiters.notify_one(queue.waiters_key());
  }
  return taken;
}

// On this thread, or on the pool if the commit would wait.
Task<std::vector<Sqs::Taken>> Sqs::take_somewhere(Context& context, Live queue,
                                                  ReceiveInput input) {
  context.commit_mode = storage::CommitMode::no_wait;
  try {
    co_return take(context, *queue, input);
  } catch (const storage::CommitWouldWait&) {
    context.start_over();
  }
  context.commit_mode = storage::CommitMode::may_wait;
  auto work = [this, &context, queue, input] { return take(context, *queue, input); };
  co_return co_await platform_.work.run(std::move(work));
}

std::optional<int64_t> Sqs::visible_after(const QueueInfo& queue, WorldTime now) {
  const QueueKeys keys(queue.realm, queue.data);
  const std::string all = keys.prefix(kReadyKind);
  const auto row = platform_.database.iterate(storage::Family::queue, keys.ready(now.ms + 1, 0),
                                              storage::prefix_end(all));
  if (!row.valid()) return std::nullopt;
  return read_ready_key(row.key()).at_ms;
}

Task<Sqs::Output> Sqs::receive_message(Context& context, Json input) {
  const Live queue = require_queue(context, input);
  const ReceiveInput asked = receive_input(*queue->info(), input);
  const WorldTime end = platform_.world.now() + Milliseconds(asked.wait_ms);
  const auto machine_end = platform_.machine.now() + Milliseconds(asked.wait_ms);
  Milliseconds pause{0};
  while (!context.cancelled.fired()) {
    // Before the look, so that nothing which comes after it is missed.
    events::Waiter waiter = platform_.waiters.prepare(queue->waiters_key());
    const std::vector<Taken> taken = co_await take_somewhere(context, queue, asked);
    if (!taken.empty()) co_return received(*queue->info(), input, taken);
    const WorldTime now = platform_.world.now();
    if (now >= end || platform_.machine.now() >= machine_end) break;
    const auto next = visible_after(*queue->info(), now);
    const bool watch = next && *next < end.ms;
    const WorldTime until = watch ? std::max(WorldTime{*next}, now + pause) : end;
    if (watch) {
      const std::lock_guard lock(due_mutex_);
      due_.insert(*next);
    }
    context.activity.release();
    const events::Wake wake = co_await waiter.wait(std::min(until, end), context.cancelled);
    context.activity = platform_.activities.begin("request");
    if (watch) {
      const std::lock_guard lock(due_mutex_);
      due_.erase(due_.find(*next));
    }
    if (wake == events::Wake::cancelled || wake == events::Wake::stopping) break;
    // The span passed by the machine's clock only: the world stands still or goes slowly.
    pause = wake == events::Wake::deadline && watch && platform_.world.now().ms < *next
                ? receiving::kLookAgain
                : Milliseconds(0);
  }
  // Another poll may have relied on this one to know when the next message becomes visible.
  if (asked.wait_ms > 0 && visible_after(*queue->info(), platform_.world.now())) {
    platform_.waiters.notify_one(queue->waiters_key());
  }
  co_return Output();
}

Json Sqs::received(const QueueInfo& queue, const Json& input,
                   const std::vector<Taken>& taken) const {
  const auto names = input.find(m::MessageAttributeNames);
  Json messages = Json::array();
  for (const Taken& one : taken) {
    const Message& message = one.message;
    Json document = {
        {m::MessageId, message.id},
        {m::ReceiptHandle,
         encode_receipt(platform_.ids.seed(), {queue.identity, one.sequence, one.state.receives})},
        {m::MD5OfBody, to_hex(md5(message.body))},
        {m::Body, message.body}};
    Json attributes = receiving::system_attributes(message, one.state);
    for (auto it = attributes.begin(); it != attributes.end();) {
      it = receiving::asks_for(input, it.key()) ? std::next(it) : attributes.erase(it);
    }
    if (!attributes.empty()) document[m::Attributes] = std::move(attributes);
    if (names != input.end() && !message.attributes.empty()) {
      const auto chosen = chosen_attributes(message.attributes, *names);
      if (!chosen.empty()) {
        document[m::MessageAttributes] = attributes_document(chosen);
        document[m::MD5OfMessageAttributes] = md5_of_attributes(chosen);
      }
    }
    messages.push_back(std::move(document));
  }
  return Json{{m::Messages, std::move(messages)}};
}

}  // namespace paddock::services::sqs
