#include "control/hooks.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace paddock::control {
namespace {

constexpr const char* kMachineHooks = "/etc/localstack/init/";

std::string upper_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::vector<std::string> scripts_in(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(directory, missing)) {
    auto extension = entry.path().extension();
    if (entry.is_regular_file() && (extension == ".sh" || extension == ".py")) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool has_carriage_returns(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  return std::getline(file, line) && !line.empty() && line.back() == '\r';
}

std::vector<std::string> command_for(const std::string& path) {
  if (path.ends_with(".py")) return {"python3", path};
  // Scripts checked out on Windows end their lines with CR LF.
  if (has_carriage_returns(path)) {
    return {"bash", "-c", "source <(tr -d '\\r' < \"$0\")", path};
  }
  if (access(path.c_str(), X_OK) == 0) return {path};
  return {"bash", path};
}

std::vector<std::string> environment_for(uint16_t port) {
  std::vector<std::string> variables{
      "AWS_ENDPOINT_URL=http://127.0.0.1:" + std::to_string(port),
      "AWS_ACCESS_KEY_ID=test",
      "AWS_SECRET_ACCESS_KEY=test",
      "AWS_DEFAULT_REGION=us-east-1",
      "AWS_REGION=us-east-1",
      "AWS_PAGER=",
  };
  size_t ours = variables.size();
  for (char** variable = environ; *variable; ++variable) {
    std::string_view text(*variable);
    bool set = false;
    for (size_t i = 0; i < ours && !set; ++i) {
      set = text.starts_with(variables[i].substr(0, variables[i].find('=') + 1));
    }
    if (!set) variables.emplace_back(text);
  }
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

Hooks::Hooks(std::string ready_dir, bool machine_hooks, Log& log)
    : ready_dir_(std::move(ready_dir)), machine_hooks_(machine_hooks), log_(log) {}

void Hooks::run(const std::string& stage, uint16_t port) {
  std::vector<std::string> paths;
  if (machine_hooks_) paths = scripts_in(kMachineHooks + stage + ".d");
  if (stage == "ready" && !ready_dir_.empty()) {
    auto given = scripts_in(ready_dir_);
    paths.insert(paths.end(), given.begin(), given.end());
  }
  std::string upper = upper_case(stage);
  {
    std::lock_guard lock(mutex_);
    std::erase_if(scripts_, [&upper](const HookScript& script) { return script.stage == upper; });
    for (const auto& path : paths) {
      scripts_.push_back({upper, std::filesystem::path(path).filename().string(), "UNKNOWN"});
    }
  }
  for (const auto& path : paths) run_script(path, upper, port);
  std::lock_guard lock(mutex_);
  if (std::find(completed_.begin(), completed_.end(), upper) == completed_.end()) {
    completed_.push_back(upper);
  }
}

void Hooks::run_script(const std::string& path, const std::string& stage, uint16_t port) {
  std::string name = std::filesystem::path(path).filename().string();
  auto set_state = [this, &name, &stage](const char* state) {
    std::lock_guard lock(mutex_);
    for (auto& script : scripts_) {
      if (script.stage == stage && script.name == name) script.state = state;
    }
  };
  set_state("RUNNING");
  auto command = command_for(path);
  auto variables = environment_for(port);
  auto arguments = pointers(command);
  auto environment = pointers(variables);
  pid_t child = 0;
  int failed =
      posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environment.data());
  int status = 0;
  if (failed == 0) waitpid(child, &status, 0);
  if (failed == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    set_state("SUCCESSFUL");
    return;
  }
  set_state("ERROR");
  log_.error("init hook " + path + " failed: " +
             (failed != 0 ? std::string(std::strerror(failed))
                          : "exit status " + std::to_string(WEXITSTATUS(status))));
}

std::vector<HookScript> Hooks::scripts() const {
  std::lock_guard lock(mutex_);
  return scripts_;
}

bool Hooks::completed(const std::string& stage) const {
  std::lock_guard lock(mutex_);
  return std::find(completed_.begin(), completed_.end(), upper_case(stage)) != completed_.end();
}

}  // namespace paddock::control
