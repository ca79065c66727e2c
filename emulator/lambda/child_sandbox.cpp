#include "lambda/child_sandbox.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/json.hpp"
#include "core/random.hpp"
#include "core/text.hpp"
#include "lambda/outcome.hpp"
#include "lambda/response_stream.hpp"
#include "lambda/zip_package.hpp"

namespace paddock::lambda {
namespace sandboxed {

using std::chrono::milliseconds;

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (the Init phase)
constexpr milliseconds kInitTimeout{10'000};
constexpr milliseconds kMemoryLook{50};
// Files of a followed folder that are looked at, at most.
constexpr size_t kMostFollowed = 20'000;

// A number that changes when a file below the folder does.
uint64_t state_of(const std::string& folder) {
  std::string facts;
  size_t seen = 0;
  std::error_code error;
  namespace fs = std::filesystem;
  constexpr auto kOptions = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator it(folder, kOptions, error), end;
       !error && it != end && seen < kMostFollowed; it.increment(error), ++seen) {
    if (it->path().filename() == "__pycache__") {
      it.disable_recursion_pending();
      continue;
    }
    struct stat file {};
    if (lstat(it->path().c_str(), &file) != 0 || S_ISDIR(file.st_mode)) continue;
    facts += it->path().string() + '\0' + std::to_string(file.st_size) + ' ' +
             std::to_string(file.st_mtim.tv_sec) + '.' + std::to_string(file.st_mtim.tv_nsec) +
             ' ' + std::to_string(file.st_ino) + '\n';
  }
  return siphash(Seed{}, facts);
}

// Lines of what our runtimes print as one text have '\r' in place of their newlines.
void unfold(std::string& text) {
  if (text.size() < 2) return;
  std::replace(text.begin(), text.end() - 1, '\r', '\n');
}

// Logs are text: what is not UTF-8 is replaced.
std::string readable(std::string text) {
  if (valid_utf8(text)) return text;
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  return Json::parse(quoted).get<std::string>();
}

RunOutcome of_answer(RuntimeAnswer answer) {
  if (answer.streamed && answer.too_large) {
    return RunOutcome::threw("Function.ResponseSizeTooLarge",
                             "Response payload size exceeded maximum allowed payload size (" +
                                 std::to_string(kMostStreamedBytes) + " bytes).");
  }
  RunOutcome run = RunOutcome::returned(std::move(answer.payload), answer.success);
  run.content_type = std::move(answer.content_type);
  run.streamed = answer.streamed;
  if (answer.too_large) run.payload.assign(kMostResponseBytes + 1, ' ');
  // What a runtime reports as an error is passed on; it should be a document.
  if (!answer.success && !answer.too_large && !Json::accept(run.payload)) {
    run.payload = Json{{"errorType", answer.error_type.empty() ? "Unknown" : answer.error_type},
                       {"errorMessage", readable(run.payload)}}
                      .dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  return run;
}

void signal(int fd) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(fd, &one, sizeof one);
}

void take_signal(int fd) {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = read(fd, &count, sizeof count);
}

int make_event() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) throw std::runtime_error("no descriptor for a function's environment");
  return fd;
}

}  // namespace sandboxed

ChildSandbox::ChildSandbox(std::shared_ptr<const FunctionSpec> spec, std::string log_stream,
                           ChildHost& host, Caller& caller, const MachineClock& machine,
                           const WorldClock& world)
    : spec_(std::move(spec)),
      log_stream_(std::move(log_stream)),
      host_(host),
      machine_(machine),
      output_({}, {}, caller, world),
      wake_fd_(sandboxed::make_event()) {}

ChildSandbox::~ChildSandbox() {
  close();
  ::close(wake_fd_);
}

void ChildSandbox::abandon() {
  abandoned_ = true;
  sandboxed::signal(wake_fd_);
}

std::vector<events::LogLine> ChildSandbox::take_lines() {
  std::vector<events::LogLine> lines = output_.take_lines();
  const bool ours = spec_->code && runtime_kind(spec_->runtime) != RuntimeKind::custom;
  for (events::LogLine& line : lines) {
    if (ours) sandboxed::unfold(line.text);
    line.text = sandboxed::readable(std::move(line.text));
  }
  return lines;
}

void ChildSandbox::close() {
  child_.reset();
  api_.reset();
  if (!access_key_.empty()) host_.forget(std::exchange(access_key_, {}));
}

RunOutcome ChildSandbox::run(const Invocation& invocation, MachineClock::Steady asked) {
  output_.begin(invocation.cause);
  init_ = {};
  RunOutcome run;
  try {
    if (auto failed = make_ready(asked)) {
      run = *std::move(failed);
      run.started = machine_.now();
    } else {
      run = answer_to(invocation);
    }
  } catch (const StartError& error) {
    run = RunOutcome::exited("Runtime.InvalidEntrypoint", error.what());
  } catch (const std::exception& error) {
    run = RunOutcome::exited("Runtime.InvalidEntrypoint",
                             std::string("the package cannot be run: ") + error.what());
  }
  if (run.started == MachineClock::Steady()) run.started = asked;
  run.ended = machine_.now();
  run.init = init_;
  return run;
}

// nullopt when the child waits for an invocation.
std::optional<RunOutcome> ChildSandbox::make_ready(MachineClock::Steady asked) {
  if (child_ && !has_changed()) {
    const Wait how = wait(asked + spec_->timeout, [this] { return api_->ready(); });
    if (how == Wait::done) return std::nullopt;
    if (how == Wait::late || how == Wait::abandoned) return lost(how);
  }
  if (abandoned_) return lost(Wait::abandoned);
  // A child that ended between two invocations is followed by a new one.
  const auto begun = machine_.now();
  start();
  std::optional<RuntimeAnswer> refused;
  const Wait how = wait(begun + sandboxed::kInitTimeout + spec_->timeout, [&] {
    if (!refused) refused = api_->take_init_error();
    return refused || api_->ready();
  });
  init_ = machine_.now() - begun;
  if (how != Wait::done) return lost(how);
  if (!refused) return std::nullopt;
  read_output();
  close();
  return sandboxed::of_answer(*std::move(refused));
}

void ChildSandbox::start() {
  close();
  if (spec_->code && !folder_) folder_ = host_.folder_of(*spec_->code);
  if (!spec_->layers.empty() && !layers_) layers_ = host_.layers_folder(spec_->layers);
  if (is_followed()) {
    if (!std::filesystem::is_directory(*folder_)) {
      throw StartError("there is no folder " + *folder_);
    }
    folder_state_ = sandboxed::state_of(*folder_);
  }
  RuntimeSetting setting = host_.setting_of(*spec_);
  access_key_ = setting.credentials.access_key;
  api_ = std::make_unique<RuntimeApi>(kMostResponseBytes);
  setting.api_address = api_->address();
  setting.log_stream = log_stream_;
  setting.code_folder = folder_ ? *folder_ : setting.support_folder;
  if (layers_) setting.layers_folder = *layers_;
  child_ = std::make_unique<ChildProcess>(command_of(*spec_, setting));
}

bool ChildSandbox::is_followed() const {
  return spec_->code && !spec_->code->folder.empty();
}

// True if something in a followed folder has changed since the start.
bool ChildSandbox::has_changed() const {
  return is_followed() && sandboxed::state_of(*folder_) != folder_state_;
}

RunOutcome ChildSandbox::answer_to(const Invocation& invocation) {
  const auto started = machine_.now();
  const int64_t deadline_ms = machine_.wall_ms() + spec_->timeout.count();
  if (invocation.stream) invocation.stream->on_room([fd = wake_fd_] { sandboxed::signal(fd); });
  api_->deliver(invocation, spec_->arn, deadline_ms);
  std::optional<RuntimeAnswer> answer;
  const Wait how = wait(started + spec_->timeout, [&] {
    answer = api_->take_answer();
    return answer.has_value();
  });
  if (invocation.stream) invocation.stream->on_room({});
  RunOutcome run;
  if (how == Wait::done) {
    read_output();
    run = sandboxed::of_answer(*std::move(answer));
    run.memory_bytes = child_->peak_bytes();
  } else {
    run = lost(how);
  }
  run.started = started;
  return run;
}

template <class Done>
ChildSandbox::Wait ChildSandbox::wait(MachineClock::Steady until, Done done) {
  using std::chrono::milliseconds;
  for (;;) {
    api_->serve();
    if (done()) return Wait::done;
    if (abandoned_) return Wait::abandoned;
    if (child_->ended()) {
      api_->serve();  // what it sent before
      return done() ? Wait::done : Wait::ended;
    }
    if (over_memory()) return Wait::over_memory;
    const auto now = machine_.now();
    if (now >= until) return Wait::late;
    const auto left = std::chrono::ceil<milliseconds>(until - now);
    pump(std::min(left, sandboxed::kMemoryLook));
  }
}

void ChildSandbox::pump(std::chrono::milliseconds most) {
  std::vector<pollfd> polls{{wake_fd_, POLLIN, 0}, {child_->exit_fd(), POLLIN, 0}};
  if (child_->output_open()) polls.push_back({child_->output_fd(), POLLIN, 0});
  const bool has_output = child_->output_open();
  api_->add_polls(polls);
  if (poll(polls.data(), polls.size(), static_cast<int>(most.count())) <= 0) return;
  if (polls[0].revents != 0) sandboxed::take_signal(wake_fd_);
  if (has_output && polls[2].revents != 0) read_output();
}

// What is in the pipe now, but no more than the log takes: a child may print faster than that.
void ChildSandbox::read_output() {
  for (size_t total = 0; total <= Environment::kMostLogBytes;) {
    const std::string piece = child_->read_output();
    if (piece.empty()) return;
    total += piece.size();
    output_.write(piece);
  }
}

bool ChildSandbox::over_memory() {
  const auto now = machine_.now();
  if (now - memory_seen_ < sandboxed::kMemoryLook) return false;
  memory_seen_ = now;
  return child_->private_bytes() > static_cast<uint64_t>(spec_->memory_mb) * 1024 * 1024;
}

// The child's end, as AWS tells of it. The next run starts another.
RunOutcome ChildSandbox::lost(Wait how) {
  RunOutcome run;
  if (!child_) {
    run.end = RunOutcome::End::stopped;
    return run;
  }
  run.memory_bytes = child_->peak_bytes();
  std::string text;
  switch (how) {
    case Wait::done:
      break;
    case Wait::late:
      run.end = RunOutcome::End::timed_out;
      break;
    case Wait::abandoned:
      run.end = RunOutcome::End::stopped;
      break;
    case Wait::over_memory:
      run = RunOutcome::exited("Runtime.ExitError", "Runtime exited with error: signal: killed");
      run.memory_bytes = static_cast<uint64_t>(spec_->memory_mb) * 1024 * 1024;
      break;
    case Wait::ended:
      text = exit_text(*child_->ended());
      run = RunOutcome::exited("Runtime.ExitError",
                               text.empty() ? "Runtime exited without providing a reason"
                                            : "Runtime exited with error: " + text);
      break;
  }
  child_->kill_group();
  read_output();
  close();
  return run;
}

}  // namespace paddock::lambda
