// StartMessageMoveTask and its kin: messages of a dead letter queue go back, or elsewhere. A task
// is a row and a timer; each firing moves some messages, and the row with them.
#include <algorithm>

#include "core/arn.hpp"
#include "core/ids.hpp"
#include "events/scheduler.hpp"
#include "models/sqs.hpp"
#include "services/sqs/errors.hpp"
#include "services/sqs/handles.hpp"
#include "services/sqs/limits.hpp"
#include "services/sqs/service.hpp"
#include "wire/answers.hpp"

namespace paddock::services::sqs {

namespace m = models::sqs_members;

namespace moving {

constexpr const char* kRunning = "RUNNING";
constexpr int64_t kAtOnce = 100;
constexpr Milliseconds kEvery{1000};  // with a rate

events::Timer timer_of(RealmId realm, const char* target, const MoveTask& task, WorldTime due) {
  events::Timer timer;
  timer.realm = realm;
  timer.target = target;
  timer.id = task.source + " " + task.id;
  timer.due = due;
  return timer;
}

Json document(const MoveTask& task) {
  Json out = {{m::Status, task.status},
              {m::SourceArn, task.source_arn},
              {m::ApproximateNumberOfMessagesMoved, task.moved},
              {m::ApproximateNumberOfMessagesToMove, task.to_move},
              {m::StartedTimestamp, task.started_ms}};
  if (task.status == kRunning) {
    out[m::TaskHandle] = encode_task_handle({task.id, task.source_arn});
  }
  if (!task.destination_arn.empty()) out[m::DestinationArn] = task.destination_arn;
  if (task.rate > 0) out[m::MaxNumberOfMessagesPerSecond] = task.rate;
  if (!task.failure.empty()) out[m::FailureReason] = task.failure;
  return out;
}

}  // namespace moving

bool Sqs::is_dead_letter_queue(const Realm& realm, std::string_view arn) const {
  bool found = false;
  store_.queues(realm, "", "", [&](const QueueInfo& queue) {
    found = queue.redrive && queue.redrive->target_arn == arn;
    return !found;
  });
  return found;
}

Sqs::Live Sqs::require_arn(const Json& input, const char* parameter) {
  const std::string text = input.at(parameter);
  const auto arn = Arn::parse(text);
  if (!arn || arn->service != "sqs") {
    throw errors::invalid_parameter("You must use this format to specify the " +
                                    std::string(parameter) +
                                    ": arn:<partition>:<service>:<region>:<account-id>:"
                                    "<resource-id>");
  }
  Live queue = find_arn(text);
  if (!queue) throw errors::no_resource(parameter);
  return queue;
}

Sqs::Output Sqs::start_message_move_task(Context& context, Json input) {
  const Live source = require_arn(input, m::SourceArn);
  const auto info = source->info();
  const auto realm = platform_.realms.by_id(info->realm);
  if (!realm) throw errors::no_resource(m::SourceArn);
  MoveTask task;
  task.source = info->name;
  task.source_arn = input.at(m::SourceArn);
  if (!is_dead_letter_queue(*realm, task.source_arn)) {
    throw errors::invalid_parameter("Source queue must be configured as a Dead Letter Queue.");
  }
  if (input.contains(m::DestinationArn)) {
    if (require_arn(input, m::DestinationArn) == source) {
      throw errors::invalid_parameter("Source queue arn and destination queue arn must differ.");
    }
    task.destination_arn = input[m::DestinationArn];
  }
  if (input.contains(m::MaxNumberOfMessagesPerSecond)) {
    task.rate = input[m::MaxNumberOfMessagesPerSecond];
    if (task.rate < 1 || task.rate > limits::kMoveRateMost) {
      throw errors::invalid_value(std::to_string(task.rate), m::MaxNumberOfMessagesPerSecond,
                                  "Must be between 1 and 500, if provided.");
    }
  }
  const auto guard = platform_.locks.lock(source->lock_key());
  check_alive(context, *source);
  std::vector<MoveTask> former = store_.tasks(info->realm, info->name);
  for (const MoveTask& other : former) {
    if (other.status == moving::kRunning) {
      throw errors::invalid_parameter(
          "There is already a task running. Only one active task is "
          "allowed for a source queue arn at a given time.");
    }
  }
  const WorldTime now = platform_.world.now();
  task.id = platform_.ids.uuid(info->realm, "sqs-task");
  task.status = moving::kRunning;
  task.started_ms = now.ms;
  task.to_move = source->counts(now).visible;
  storage::Batch batch;
  // No more are kept than can be listed.
  std::sort(former.begin(), former.end(),
            [](const auto& a, const auto& b) { return a.started_ms > b.started_ms; });
  for (size_t i = limits::kMoveTasksListed - 1; i < former.size(); ++i) {
    store_.erase_task(info->realm, former[i], batch);
  }
  store_.put_task(info->realm, task, batch);
  platform_.scheduler.set(batch, moving::timer_of(info->realm, kMoveTarget, task, now));
  context.commit(batch);
  return Json{{m::TaskHandle, encode_task_handle({task.id, task.source_arn})}};
}

Sqs::Output Sqs::cancel_message_move_task(Context& context, Json input) {
  const auto handle = decode_task_handle(input.at(m::TaskHandle).get<std::string>());
  if (!handle) throw errors::invalid_parameter("Value for parameter TaskHandle is invalid.");
  const Live source = find_arn(handle->source_arn);
  if (!source) throw errors::no_resource(m::SourceArn);
  const auto guard = platform_.locks.lock(source->lock_key());
  check_alive(context, *source);
  const auto info = source->info();
  auto task = store_.task(info->realm, info->name, handle->task);
  if (!task) throw errors::no_task();
  if (task->status != moving::kRunning) {
    throw errors::invalid_parameter("Only active tasks can be cancelled.");
  }
  task->status = "CANCELLED";
  storage::Batch batch;
  store_.put_task(info->realm, *task, batch);
  platform_.scheduler.cancel(batch, moving::timer_of(info->realm, kMoveTarget, *task, {}));
  context.commit(batch);
  return Json{{m::ApproximateNumberOfMessagesMoved, task->moved}};
}

Sqs::Output Sqs::list_message_move_tasks(Context&, Json input) {
  const auto info = require_arn(input, m::SourceArn)->info();
  const int64_t most = input.value(m::MaxResults, int64_t{1});
  if (most < 1 || most > limits::kMoveTasksListed) {
    throw errors::invalid_value(std::to_string(most), m::MaxResults,
                                "Must be between 1 and 10, if provided.");
  }
  std::vector<MoveTask> tasks = store_.tasks(info->realm, info->name);
  std::sort(tasks.begin(), tasks.end(),
            [](const auto& a, const auto& b) { return a.started_ms > b.started_ms; });
  if (tasks.size() > static_cast<size_t>(most)) tasks.resize(static_cast<size_t>(most));
  Json results = Json::array();
  for (const MoveTask& task : tasks) results.push_back(moving::document(task));
  return Json{{m::Results, std::move(results)}};
}

// Where a message of the task goes; throws QueueDoesNotExist, and what becomes the task's failure
// for a message that was sent to the dead letter queue itself.
Sqs::Live Sqs::destination_of(const MoveTask& task, const Message& message) {
  if (task.destination_arn.empty() && message.source_arn.empty()) {
    throw AwsError("CouldNotDetermineMessageSource", "The message came from no queue.");
  }
  Live queue = find_arn(task.destination_arn.empty() ? message.source_arn : task.destination_arn);
  if (!queue || queue->ended()) throw errors::no_queue(false);
  return queue;
}

// One message in a batch of its own, since each may go to another queue. False if none is visible.
bool Sqs::move_one(LiveQueue& source, MoveTask& task, WorldTime now) {
  const auto info = source.info();
  const QueueKeys keys(info->realm, info->data);
  const auto look = [&]() -> std::optional<std::pair<uint64_t, State>> {
    const auto entries = index_.front(keys.prefix(kReadyKind), 1, keys.ready(now.ms + 1, 0));
    if (entries.empty()) return std::nullopt;
    const uint64_t sequence = read_ready_key(entries.front().key).sequence;
    if (!info->fifo) return std::pair{sequence, decode_state(entries.front().value)};
    const auto state = store_.state(keys.member(entries.front().value, sequence));
    if (!state) return std::nullopt;
    return std::pair{sequence, *state};
  };
  const auto seen = look();
  if (!seen) return false;
  auto message = store_.message(keys, seen->first);
  if (!message) return true;  // received or deleted meanwhile
  const Live target = destination_of(task, *message);
  const auto guards = lock_with(source, target);
  const auto here = look();
  if (source.ended() || target->ended() || !here || here->first != seen->first) return true;
  storage::Batch batch;
  QueueWriter from(writer_parts(), source, now, batch);
  QueueWriter to(writer_parts(), *target, now, batch);
  from.erase(message->group, here->first, here->second);
  message->carried = 0;
  message->first_received_ms = 0;
  message->source_arn.clear();
  message->sent_ms = now.ms;
  to.append(next_sequence(info->realm), *message, now.ms);
  from.finish();
  to.finish();
  ++task.moved;
  store_.put_task(info->realm, task, batch);
  platform_.database.commit(batch);
  from.committed();
  to.committed();
  return true;
}

void Sqs::move_due(const events::Timer& timer) {
  const auto realm = platform_.realms.by_id(timer.realm);
  const size_t split = timer.id.find(' ');
  if (!realm || split == std::string::npos) return;
  const std::string name = timer.id.substr(0, split);
  const Live source = queues_.find(realm->account, realm->region, name);
  if (!source) return;
  auto task = store_.task(realm->id, name, timer.id.substr(split + 1));
  if (!task || task->status != moving::kRunning) return;
  const int64_t most = task->rate > 0 ? task->rate : moving::kAtOnce;
  const WorldTime now = platform_.world.now();
  try {
    int64_t looks = 0;
    while (looks < most && move_one(*source, *task, now)) ++looks;
    if (looks < most) task->status = "COMPLETED";
  } catch (const AwsError& error) {
    task->status = "FAILED";
    task->failure = wire::query_code(wire::error_shape(models::sqs, error.code()), error);
  }
  const auto guard = platform_.locks.lock(source->lock_key());
  const auto stored = store_.task(realm->id, name, task->id);
  if (!stored || stored->status != moving::kRunning) return;  // cancelled meanwhile
  storage::Batch batch;
  store_.put_task(realm->id, *task, batch);
  if (task->status == moving::kRunning) {
    const WorldTime next = task->rate > 0 ? now + moving::kEvery : now;
    platform_.scheduler.set(batch, moving::timer_of(realm->id, kMoveTarget, *task, next));
  }
  platform_.database.commit(batch);
}

}  // namespace paddock::services::sqs
