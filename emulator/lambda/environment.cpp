#include "lambda/environment.hpp"

#include <utility>

namespace paddock::lambda {

namespace {
// An environment belongs to one thread; which one, only the thread itself can say.
thread_local Environment* current_environment = nullptr;
}  // namespace

Environment::Environment(std::map<std::string, std::string, std::less<>> variables,
                         CallIdentity identity, Caller& caller, const WorldClock& world)
    : variables_(std::move(variables)),
      identity_(std::move(identity)),
      caller_(caller),
      world_(world) {}

Environment* Environment::current() {
  return current_environment;
}

Environment::Scope::Scope(Environment* environment)
    : former_(std::exchange(current_environment, environment)) {}

Environment::Scope::~Scope() {
  current_environment = former_;
}

void Environment::check() const {
  if (abandoned()) throw Abandoned();
}

std::string Environment::variable(std::string_view name) const {
  auto found = variables_.find(name);
  return found == variables_.end() ? std::string() : found->second;
}

void Environment::log(std::string text) {
  check();
  text += '\n';
  std::lock_guard lock(mutex_);
  add_line(std::move(text));
}

void Environment::write(std::string_view text) {
  check();
  std::lock_guard lock(mutex_);
  while (!text.empty()) {
    const size_t newline = text.find('\n');
    if (newline == std::string_view::npos) {
      // Without a newline in all this text, the bound of the log ends the line.
      if (partial_.size() + text.size() <= kMostLogBytes) partial_ += text;
      return;
    }
    partial_ += text.substr(0, newline + 1);
    add_line(std::exchange(partial_, {}));
    text.remove_prefix(newline + 1);
  }
}

void Environment::add_line(std::string text) {
  if (log_bytes_ > kMostLogBytes) return;
  log_bytes_ += text.size();
  if (log_bytes_ > kMostLogBytes) text = "[further output of this invocation is dropped]\n";
  lines_.push_back({world_.now(), std::move(text)});
}

Json Environment::call(const std::string& service, const std::string& operation, Json input) {
  check();
  Json output = caller_.call_and_wait(identity_, service, operation, std::move(input));
  check();
  return output;
}

void Environment::begin(Cause cause) {
  identity_.cause = std::move(cause);
  std::lock_guard lock(mutex_);
  lines_.clear();
  partial_.clear();
  log_bytes_ = 0;
}

std::vector<events::LogLine> Environment::take_lines() {
  std::lock_guard lock(mutex_);
  if (!partial_.empty()) add_line(std::exchange(partial_, {}) + "\n");
  return std::exchange(lines_, {});
}

}  // namespace paddock::lambda
