// What a lane has to do next: read, wait for a window, leave records out, or run the function.
#include <algorithm>

#include "core/error.hpp"
#include "events/scheduler.hpp"
#include "services/lambda/batch.hpp"
#include "services/lambda/lanes.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/poller.hpp"
#include "services/lambda/result_records.hpp"
#include "services/lambda/stream_poller.hpp"
#include "services/lambda/tumbling.hpp"

namespace paddock::services::lambda {
namespace looking {

// Several lanes read a shard side by side and take what is theirs.
constexpr size_t kMostRead = 10'000;

}  // namespace looking

StreamPoller::Step StreamPoller::look(Lane& lane) {
  Step step;
  if (lane.tumbling && settings_->tumbling.count() == 0) {
    forget_window(lane);
  }
  const size_t limit = lane.parts.empty() ? settings_->batch_size : lane.parts.back();
  if (!read(lane, step)) {
    return step;
  }
  step.cause = step.page.records.front().cause;
  step.runnable = function_for(step.cause);
  if (!step.runnable) {
    return step;
  }
  if (drop_expired(lane, step)) {
    step.kind = Step::Kind::again;
    return step;
  }
  if (settings_->tumbling.count() > 0 && !enter_window(lane, step)) {
    return step;
  }
  const std::vector<const events::LogRecord*> passed = select(step.page, settings_->filter);
  if (passed.empty()) {
    say_not_invoked("the filter did not match", step.cause, step.runnable.get());
    Move move;
    move.to = {step.page.next_position, false};
    move.result = last_result_;
    move_to(lane, std::move(move));
    step.kind = Step::Kind::again;
    return step;
  }
  if (window_is_open(lane, step, *passed.front(), limit)) {
    return step;
  }
  step.payload = event_of(passed, stream_, realm_->region, step.runnable->spec->role_arn);
  if (lane.tumbling) {
    step.payload = window_event(std::move(step.payload), *lane.tumbling, settings_->tumbling,
                                lane.shard, stream_, false);
  }
  step.kind = Step::Kind::run;
  return step;
}

// Reads the lane's next records. False if there are none, with the step's kind set.
bool StreamPoller::read(Lane& lane, Step& step) {
  const size_t limit = lane.parts.empty() ? settings_->batch_size : lane.parts.back();
  const size_t most = lane_count_ <= 1 ? limit : std::min(limit * lane_count_, looking::kMostRead);
  try {
    step.page = source_->read(stream_, lane.shard, lane.at->position, most, kMostBatchBytes);
  } catch (const AwsError& error) {
    say_not_invoked("the stream cannot be read: " + error.message(), Cause{});
    if (error.code() == "ResourceNotFoundException") {
      poke();  // a trimmed shard holds up its children no longer
    }
    return false;
  }
  const bool found = !step.page.records.empty();
  keep_lane(step.page, lane.index, lane_count_, limit);
  if (!step.page.records.empty()) {
    return true;
  }
  if (step.page.end_of_shard) {
    finish_shard(lane, step);
    return false;
  }
  // Other lanes' records, or none: not worth a commit.
  lane.at->position = std::max(lane.at->position, step.page.next_position);
  if (found) {
    step.kind = Step::Kind::again;
  } else if (lane.tumbling) {
    run_window_end(lane, step);
  }
  return false;
}

// A window does not go on in the shard's children.
void StreamPoller::finish_shard(Lane& lane, Step& step) {
  if (lane.tumbling) {
    run_window_end(lane, step);
    return;
  }
  Move move;
  move.to = {step.page.next_position, true};
  move.result = last_result_;
  move_to(lane, std::move(move));
  poke();  // for the children
}

std::shared_ptr<const Runnable> StreamPoller::function_for(const Cause& cause) {
  std::shared_ptr<const Runnable> runnable =
      parts_.runnables.find(*realm_, settings_->function, settings_->qualifier);
  if (!runnable) {
    say_not_invoked("the function does not exist", cause);
    return nullptr;
  }
  if (!runnable->runs_here()) {
    say_not_invoked("no runtime for " + runnable->missing, cause, runnable.get());
    return nullptr;
  }
  if (runnable->reserved_concurrency == 0) {
    say_not_invoked("throttled: the reserved concurrency is 0", cause, runnable.get());
    return nullptr;
  }
  return runnable;
}

bool StreamPoller::drop_expired(Lane& lane, Step& step) {
  if (settings_->most_age_seconds < 0) {
    return false;
  }
  const WorldTime oldest =
      parts_.platform.world.now() - std::chrono::seconds(settings_->most_age_seconds);
  size_t expired = 0;
  while (expired < step.page.records.size() && step.page.records[expired].arrived < oldest) {
    ++expired;
  }
  if (expired == 0) {
    return false;
  }
  say_not_invoked("the record is older than MaximumRecordAgeInSeconds", step.cause,
                  step.runnable.get());
  const bool ran = lane.attempts > 0;
  discard(lane, step, expired, kRecordAgeExceeded, ran, ran);
  return true;
}

// Leaves those records of the page that are of the open window, and opens one if none is. False if
// the open one has to end first, which the step then is.
bool StreamPoller::enter_window(Lane& lane, Step& step) {
  const WorldTime first = step.page.records.front().arrived;
  if (!lane.tumbling) {
    lane.tumbling.emplace();
    lane.tumbling->start = window_start(first, settings_->tumbling);
  }
  const size_t mine = records_in_window(step.page, lane.tumbling->start, settings_->tumbling);
  if (mine == 0 || lane.tumbling->early) {
    run_window_end(lane, step);
    return false;
  }
  keep_first(step.page, mine);
  return true;
}

// The window's last run, once it is over: nothing more can come into it. Until then a timer is set.
void StreamPoller::run_window_end(Lane& lane, Step& step) {
  const WorldTime end = lane.tumbling->start + settings_->tumbling;
  const bool over = lane.tumbling->early || step.page.end_of_shard || !step.page.records.empty() ||
                    end <= parts_.platform.world.now();
  if (!over) {
    if (lane.window_end != end) {
      lane.window_end = end;
      set_timer(uuid_ + "/" + lane.row + "/tumbling", end);
    }
    return;
  }
  step.page = {};
  step.page.next_position = lane.at->position;
  step.runnable = step.runnable ? step.runnable : function_for(step.cause);
  if (!step.runnable) {
    return;
  }
  step.ends_window = true;
  step.payload = window_event(R"({"Records":[]})", *lane.tumbling, settings_->tumbling, lane.shard,
                              stream_, true);
  step.kind = Step::Kind::run;
}

// The mapping has no windows any more.
void StreamPoller::forget_window(Lane& lane) {
  storage::Batch batch;
  parts_.windows.erase_window(realm_->id, uuid_, lane.row, batch);
  parts_.platform.database.commit(batch);
  lane.tumbling.reset();
}

// True if the batch may still grow. The end of the window is a durable timer, so that advancing the
// clock goes there.
bool StreamPoller::window_is_open(Lane& lane, const Step& step, const events::LogRecord& first,
                                  size_t limit) {
  if (settings_->window.count() == 0 || step.page.records.size() >= limit ||
      step.page.end_of_shard || lane.attempts > 0 || !lane.parts.empty()) {
    return false;
  }
  const WorldTime end = first.arrived + settings_->window;
  if (end <= parts_.platform.world.now()) {
    return false;
  }
  if (lane.window_end != end) {
    lane.window_end = end;
    say_not_invoked("the batching window is open", first.cause);
    set_timer(uuid_ + "/" + lane.row, end);
  }
  return true;
}

void StreamPoller::set_timer(const std::string& id, WorldTime due) {
  events::Timer timer;
  timer.realm = realm_->id;
  timer.target = Pollers::kWindowTarget;
  timer.id = id;
  timer.due = due;
  timer.payload = uuid_;
  storage::Batch batch;
  parts_.platform.scheduler.set(batch, timer);
  parts_.platform.database.commit(batch);
}

}  // namespace paddock::services::lambda
