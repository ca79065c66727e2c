#include "lambda/functions.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/realm.hpp"
#include "lambda/child_host.hpp"
#include "lambda/child_sandbox.hpp"
#include "lambda/in_process.hpp"
#include "lambda/outcome.hpp"
#include "lambda/run_log.hpp"
#include "lambda/sandbox.hpp"

namespace paddock::lambda {

namespace running {

// How many invocations may wait for their turn in one_at_a_time.
constexpr size_t kMostQueued = 10'000;

struct Worker;

// One invocation, shared by its coroutine, its worker and the keeper. Guarded by Impl::mutex, but
// for what is set before it is shared.
struct Job {
  std::shared_ptr<const FunctionSpec> spec;
  Invocation invocation;
  size_t most = SIZE_MAX;
  Activity token;
  IoExecutor executor;
  std::weak_ptr<asio::steady_timer> timer;  // touched on `executor` only

  bool started = false;
  bool decided = false;   // by the function's end, the time-out or stop, whichever is first
  bool finished = false;  // `result` is there
  bool cold = false;
  MachineClock::Steady deadline;
  std::shared_ptr<Worker> worker;
  RunOutcome run;
  InvocationResult result;
};

// One execution environment and its thread.
struct Worker {
  Worker(std::shared_ptr<const FunctionSpec> its_spec, std::string its_stream,
         std::unique_ptr<Sandbox> its_sandbox)
      : spec(std::move(its_spec)),
        log_stream(std::move(its_stream)),
        sandbox(std::move(its_sandbox)) {}

  const std::shared_ptr<const FunctionSpec> spec;
  const std::string log_stream;
  const std::unique_ptr<Sandbox> sandbox;
  bool is_child() const { return sandbox->keeps_time(); }
  // Guarded by Impl::mutex.
  std::condition_variable wake;
  std::shared_ptr<Job> job;
  bool retired = false;
  bool ended = false;
  MachineClock::Steady idle_since{};
  std::thread thread;
};

using Idle = std::vector<std::shared_ptr<Worker>>;  // the last one is the warmest

std::string pool_key(const FunctionSpec& spec) {
  return spec.arn + '\n' + spec.version + '\n' + spec.revision;
}

}  // namespace running

using running::Job;
using running::Worker;

struct Functions::Impl : std::enable_shared_from_this<Functions::Impl> {
  Impl(FunctionsOptions its_options, std::span<const EntryPoint> its_table, Caller& its_caller,
       const MachineClock& its_machine, WorldClock& its_world, Ids& its_ids,
       Activities& its_activities, events::LogSinkSlot& its_logs, events::Timeline& its_timeline,
       Log& its_log)
      : options(std::move(its_options)),
        children(options, its_ids),
        table(its_table),
        caller(its_caller),
        machine(its_machine),
        world(its_world),
        ids(its_ids),
        activities(its_activities),
        logs(its_logs),
        timeline(its_timeline),
        log(its_log) {}

  const FunctionsOptions options;
  ChildHost children;
  const std::span<const EntryPoint> table;
  Caller& caller;
  const MachineClock machine;  // a copy: an abandoned thread may outlive the emulator's
  WorldClock& world;
  Ids& ids;
  Activities& activities;
  events::LogSinkSlot& logs;
  events::Timeline& timeline;
  Log& log;

  std::mutex mutex;                              // guards what follows
  std::vector<std::shared_ptr<Worker>> workers;  // whose threads run, abandoned ones too
  std::map<std::string, running::Idle> idle;     // by pool key
  std::map<std::string, size_t> busy_by_arn;
  size_t busy = 0;
  uint64_t abandoned = 0;
  std::set<std::shared_ptr<Job>> running_jobs;
  std::deque<std::shared_ptr<Job>> queued;  // for their turn
  bool stopping = false;
  std::condition_variable changed;  // a job or a worker ended

  // The keeper's thread joins ended workers and writes the log of runs that timed out.
  std::thread keeper;
  std::condition_variable keeper_wake;
  std::vector<std::shared_ptr<Worker>> to_join;
  std::vector<std::shared_ptr<Job>> to_report;
  bool keeper_stopping = false;

  static Task<InvocationResult> invoke(std::shared_ptr<Impl> self, std::shared_ptr<Job> job);
  void admit(const std::shared_ptr<Job>& job);
  std::shared_ptr<Worker> take_worker(const std::shared_ptr<Job>& job);
  std::shared_ptr<Worker> make_worker(const std::shared_ptr<const FunctionSpec>& spec);
  bool in_child(const FunctionSpec& spec) const {
    return spec.code || !options.isolating_program.empty();
  }
  bool evict_one(bool only_child);
  size_t count_children() const;
  void keep_warm(const std::shared_ptr<Worker>& worker);
  void start(const std::shared_ptr<Job>& job);
  void release_turn(const std::shared_ptr<Job>& job);
  void refuse(const std::shared_ptr<Job>& job);
  void kick(const Job& job);
  void give_up(const std::shared_ptr<Job>& job, RunOutcome::End how);

  void work(const std::shared_ptr<Worker>& worker);
  std::shared_ptr<Job> next_job(std::unique_lock<std::mutex>& lock, Worker& worker);
  bool run_job(const std::shared_ptr<Worker>& worker, const std::shared_ptr<Job>& job);
  void report(Job& job, std::vector<events::LogLine> lines);
  void finish(const std::shared_ptr<Job>& job);
  void keep();
  void stop();
};

// With the mutex held, as all down to give_up: runs the job, lets it wait or refuses it.
void Functions::Impl::admit(const std::shared_ptr<Job>& job) {
  if (stopping) return refuse(job);
  if (options.one_at_a_time && busy > 0) {
    if (queued.size() >= running::kMostQueued) return refuse(job);
    queued.push_back(job);
    return;
  }
  const auto of_function = busy_by_arn.find(job->spec->arn);
  const size_t running_now = of_function == busy_by_arn.end() ? 0 : of_function->second;
  if (busy >= options.most_concurrent || running_now >= job->most) return refuse(job);
  job->worker = take_worker(job);
  if (!job->worker) return refuse(job);
  start(job);
}

std::shared_ptr<Worker> Functions::Impl::take_worker(const std::shared_ptr<Job>& job) {
  auto pool = idle.find(running::pool_key(*job->spec));
  if (pool != idle.end()) {
    auto worker = std::move(pool->second.back());
    pool->second.pop_back();
    if (pool->second.empty()) idle.erase(pool);
    return worker;
  }
  if (workers.size() >= options.most_concurrent && !evict_one(false)) return nullptr;
  if (in_child(*job->spec) && count_children() >= options.most_children && !evict_one(true)) {
    return nullptr;
  }
  job->cold = true;
  return make_worker(job->spec);
}

std::shared_ptr<Worker> Functions::Impl::make_worker(
    const std::shared_ptr<const FunctionSpec>& spec) {
  const EntryPoint* entry = spec->code ? nullptr : find_entry_point(table, spec->handler);
  if (!entry && !spec->code) return nullptr;
  const std::string stream = log_stream_name(world.now(), spec->version,
                                             ids.hex(kSystemRealm, "log-stream/" + spec->arn, 32));
  try {
    std::unique_ptr<Sandbox> sandbox;
    if (!in_child(*spec)) {
      sandbox = std::make_unique<InProcess>(spec, *entry, stream, caller, machine, world);
    } else {
      sandbox = std::make_unique<ChildSandbox>(spec, stream, children, caller, machine, world);
    }
    auto worker = std::make_shared<Worker>(spec, stream, std::move(sandbox));
    worker->thread = std::thread([self = shared_from_this(), worker] { self->work(worker); });
    workers.push_back(worker);
    return worker;
  } catch (const std::runtime_error& error) {
    log.error("no environment for function " + spec->name + ": " + error.what());
    return nullptr;
  }
}

size_t Functions::Impl::count_children() const {
  return static_cast<size_t>(std::count_if(workers.begin(), workers.end(), [](const auto& worker) {
    return worker->is_child() && !worker->retired;
  }));
}

// Ends the longest idle environment of all functions, to make room for another's.
bool Functions::Impl::evict_one(bool only_child) {
  auto oldest = idle.end();
  for (auto pool = idle.begin(); pool != idle.end(); ++pool) {
    const Worker& first = *pool->second.front();
    if (only_child && !first.is_child()) continue;
    if (oldest == idle.end() || first.idle_since < oldest->second.front()->idle_since) {
      oldest = pool;
    }
  }
  if (oldest == idle.end()) return false;
  auto& worker = *oldest->second.front();
  worker.retired = true;
  worker.wake.notify_one();
  oldest->second.erase(oldest->second.begin());
  if (oldest->second.empty()) idle.erase(oldest);
  return true;
}

// Idle children cost memory, so there is a bound to them.
void Functions::Impl::keep_warm(const std::shared_ptr<Worker>& worker) {
  worker->idle_since = machine.now();
  idle[running::pool_key(*worker->spec)].push_back(worker);
  if (!worker->is_child()) return;
  size_t warm = 0;
  for (const auto& [key, pool] : idle) warm += pool.front()->is_child() ? pool.size() : 0;
  if (warm > options.most_warm_children) evict_one(true);
}

// The caller wakes the worker afterwards.
void Functions::Impl::start(const std::shared_ptr<Job>& job) {
  ++busy;
  ++busy_by_arn[job->spec->arn];
  running_jobs.insert(job);
  job->started = true;
  job->run.begun = world.now();
  job->run.started = machine.now();
  job->deadline = job->run.started + job->spec->timeout;
  job->worker->job = job;
}

void Functions::Impl::release_turn(const std::shared_ptr<Job>& job) {
  --busy;
  running_jobs.erase(job);
  auto of_function = busy_by_arn.find(job->spec->arn);
  if (--of_function->second == 0) busy_by_arn.erase(of_function);
  while (busy == 0 && !queued.empty()) {
    auto next = std::move(queued.front());
    queued.pop_front();
    admit(next);
    if (!next->started) continue;
    next->worker->wake.notify_one();
    kick(*next);
  }
}

void Functions::Impl::refuse(const std::shared_ptr<Job>& job) {
  job->decided = true;
  job->finished = true;
  job->result.kind = InvocationResult::Kind::throttled;
  if (stopping) job->token.release();
  kick(*job);
}

// Makes the job's coroutine look again.
void Functions::Impl::kick(const Job& job) {
  if (job.timer.expired()) return;
  asio::post(job.executor, [timer = job.timer] {
    if (auto alive = timer.lock()) alive->cancel();
  });
}

// The caller gets its answer from the keeper; the worker is left alone and ends when it notices.
void Functions::Impl::give_up(const std::shared_ptr<Job>& job, RunOutcome::End how) {
  job->decided = true;
  job->run.end = how;
  job->run.ended = machine.now();
  job->worker->sandbox->abandon();
  ++abandoned;
  release_turn(job);
  to_report.push_back(job);
  keeper_wake.notify_one();
}

Task<InvocationResult> Functions::Impl::invoke(std::shared_ptr<Impl> self,
                                               std::shared_ptr<Job> job) {
  job->executor = co_await asio::this_coro::executor;
  auto timer = std::make_shared<asio::steady_timer>(job->executor);
  std::shared_ptr<Worker> worker;
  {
    std::lock_guard lock(self->mutex);
    job->timer = timer;
    self->admit(job);
    worker = job->worker;
  }
  // Without the mutex, which the worker needs at once.
  if (worker) worker->wake.notify_one();
  worker.reset();
  while (true) {
    auto expiry = MachineClock::Steady::max();
    {
      std::lock_guard lock(self->mutex);
      if (job->finished) break;
      if (job->started && !job->decided) {
        if (job->worker->sandbox->keeps_time()) {
          // The worker answers in time.
        } else if (self->machine.now() >= job->deadline) {
          self->give_up(job, RunOutcome::End::timed_out);
        } else {
          expiry = job->deadline;
        }
      }
    }
    timer->expires_at(expiry);
    boost::system::error_code woken;
    auto token = asio::redirect_error(use_task, woken);
    co_await timer->async_wait(token);
  }
  if (job->result.kind == InvocationResult::Kind::throttled) {
    record_run(self->timeline, self->world.now(), *job->spec, job->invocation, job->run,
               job->result);
  }
  std::lock_guard lock(self->mutex);
  job->token.release();
  co_return std::move(job->result);
}

// The thread of one execution environment.
void Functions::Impl::work(const std::shared_ptr<Worker>& worker) {
  std::unique_lock lock(mutex);
  while (auto job = next_job(lock, *worker)) {
    lock.unlock();
    const bool reusable = run_job(worker, job);
    lock.lock();
    if (reusable && !worker->retired && !stopping) {
      keep_warm(worker);
    } else {
      worker->retired = true;
    }
    // Idle again before the caller goes on, so that its next call finds a warm environment.
    if (reusable) {
      release_turn(job);
      finish(job);
      lock.unlock();
      kick(*job);
      lock.lock();
    }
  }
  lock.unlock();
  worker->sandbox->close();
  lock.lock();
  worker->ended = true;
  std::erase(workers, worker);
  to_join.push_back(worker);
  keeper_wake.notify_one();
  changed.notify_all();
}

// With the mutex held: waits for work; nullptr when the environment is to end.
std::shared_ptr<Job> Functions::Impl::next_job(std::unique_lock<std::mutex>& lock, Worker& worker) {
  const bool woken = worker.wake.wait_for(lock, options.keep_warm,
                                          [&] { return worker.job != nullptr || worker.retired; });
  if (worker.job) return std::exchange(worker.job, nullptr);
  if (!woken) {
    auto pool = idle.find(running::pool_key(*worker.spec));
    if (pool != idle.end()) {
      std::erase_if(pool->second, [&](const auto& other) { return other.get() == &worker; });
      if (pool->second.empty()) idle.erase(pool);
    }
  }
  return nullptr;
}

// True if the environment may run more; false if it was abandoned meanwhile, and the job is
// decided.
bool Functions::Impl::run_job(const std::shared_ptr<Worker>& worker,
                              const std::shared_ptr<Job>& job) {
  RunOutcome run = worker->sandbox->run(job->invocation, job->run.started);
  {
    std::lock_guard lock(mutex);
    if (job->decided) return false;
    job->decided = true;
    run.begun = job->run.begun;
    job->cold = run.init.count() > 0;
    job->run = std::move(run);
  }
  report(*job, worker->sandbox->take_lines());
  return true;
}

// Makes the result and writes log and timeline. Without the mutex: nobody else has a decided job.
void Functions::Impl::report(Job& job, std::vector<events::LogLine> lines) {
  job.result = make_result(*job.spec, job.invocation, job.run);
  auto output = log_of(*job.spec, job.invocation, job.run, std::move(lines), world.now());
  job.result.log_tail = tail_of(output);
  if (auto begun = init_line(*job.spec, job.run)) output.insert(output.begin(), *std::move(begun));
  job.result.cold = job.cold;
  if (logs.sink && !job.spec->log_group.empty()) {
    try {
      logs.sink->append(job.spec->account, job.spec->region, job.spec->log_group,
                        job.worker->log_stream, std::move(output));
    } catch (const std::exception& error) {
      log.error("log of function " + job.spec->name + ": " + error.what());
    }
  }
  record_run(timeline, job.run.begun, *job.spec, job.invocation, job.run, job.result);
}

// With the mutex held; the caller kicks the job afterwards.
void Functions::Impl::finish(const std::shared_ptr<Job>& job) {
  job->worker.reset();
  job->finished = true;
  if (stopping) job->token.release();  // nobody may be there to resume the coroutine
  changed.notify_all();
}

void Functions::Impl::keep() {
  std::unique_lock lock(mutex);
  while (true) {
    keeper_wake.wait(lock,
                     [this] { return keeper_stopping || !to_join.empty() || !to_report.empty(); });
    if (to_join.empty() && to_report.empty()) return;
    auto ended = std::exchange(to_join, {});
    auto given_up = std::exchange(to_report, {});
    lock.unlock();
    for (const auto& worker : ended) worker->thread.join();
    for (const auto& job : given_up) report(*job, job->worker->sandbox->take_lines());
    lock.lock();
    for (const auto& job : given_up) {
      finish(job);
      kick(*job);
    }
  }
}

void Functions::Impl::stop() {
  std::unique_lock lock(mutex);
  if (!keeper.joinable()) return;
  stopping = true;
  for (auto& job : std::exchange(queued, {})) refuse(job);
  for (auto& worker : workers) {
    worker->retired = true;
    worker->wake.notify_one();
  }
  idle.clear();
  changed.wait_for(lock, options.stop_grace, [this] { return busy == 0; });
  const auto left = running_jobs;
  for (const auto& job : left) {
    if (!job->decided) give_up(job, RunOutcome::End::stopped);
  }
  // Functions that notice at their next SDK call get as long again; others keep their thread.
  changed.wait_for(lock, options.stop_grace, [this] { return workers.empty(); });
  for (auto& worker : workers) worker->thread.detach();
  keeper_stopping = true;
  keeper_wake.notify_one();
  lock.unlock();
  keeper.join();
  children.stop();
}

Functions::Functions(FunctionsOptions options, std::span<const EntryPoint> table, Caller& caller,
                     const MachineClock& machine, WorldClock& world, Ids& ids,
                     Activities& activities, events::LogSinkSlot& logs, events::Timeline& timeline,
                     Log& log)
    : impl_(std::make_shared<Impl>(std::move(options), table, caller, machine, world, ids,
                                   activities, logs, timeline, log)) {
  impl_->keeper = std::thread([impl = impl_.get()] { impl->keep(); });
}

Functions::~Functions() {
  stop();
}

std::span<const EntryPoint> Functions::entry_points() const {
  return impl_->table;
}

Task<InvocationResult> Functions::invoke(std::shared_ptr<const FunctionSpec> spec,
                                         Invocation invocation, size_t most) {
  auto job = std::make_shared<Job>();
  job->token = impl_->activities.begin("function " + spec->name);
  job->spec = std::move(spec);
  job->invocation = std::move(invocation);
  job->most = most;
  return Impl::invoke(impl_, std::move(job));
}

void Functions::retire(const std::string& arn, const std::string& version) {
  const auto concerns = [&](const FunctionSpec& spec) {
    return spec.arn == arn && (version.empty() || spec.version == version);
  };
  std::lock_guard lock(impl_->mutex);
  for (auto& worker : impl_->workers) {
    if (!concerns(*worker->spec)) continue;
    worker->retired = true;
    worker->wake.notify_one();
  }
  std::erase_if(impl_->idle,
                [&](const auto& pool) { return concerns(*pool.second.front()->spec); });
}

Functions::Counters Functions::counters() const {
  std::lock_guard lock(impl_->mutex);
  return {impl_->workers.size(), impl_->busy, impl_->abandoned, impl_->count_children()};
}

void Functions::set_endpoint(std::string url) {
  impl_->children.set_endpoint(std::move(url));
}

std::optional<FunctionCredentials> Functions::credentials(const std::string& access_key) const {
  return impl_->children.credentials(access_key);
}

void Functions::stop() {
  impl_->stop();
}

}  // namespace paddock::lambda
