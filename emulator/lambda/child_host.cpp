#include "lambda/child_host.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "core/random.hpp"
#include "core/text.hpp"
#include "lambda/layers.hpp"
#include "lambda/outcome.hpp"
#include "lambda/support_files.hpp"
#include "lambda/zip_package.hpp"

namespace paddock::lambda {
namespace host {

namespace fs = std::filesystem;

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (package, unzipped)
constexpr uint64_t kMostUnpackedBytes = 262'144'000;
constexpr int kCleaningMs = 5'000;

// $0: the emulator's mark in the environment of its children. $1: a folder of its own to remove.
// Children that went to a session of their own are found by the mark; they may fork meanwhile.
constexpr const char* kCleaner = R"sh(
trap '' HUP INT TERM
read -r end
for round in 1 2 3 4 5 6 7 8 9 10; do
  # Its status is no help: processes that end meanwhile are errors to it.
  found=$(grep -lsazxF -e "$0" /proc/[0-9]*/environ)
  [ -n "$found" ] || break
  for file in $found; do
    pid=${file#/proc/}
    kill -9 "${pid%/environ}" 2>/dev/null
  done
done
[ -z "$1" ] || rm -rf -- "$1"
)sh";

std::string make_root(const std::string& wanted) {
  if (wanted.empty()) {
    std::string pattern = (fs::temp_directory_path() / "paddock-functions-XXXXXX").string();
    if (!mkdtemp(pattern.data())) {
      throw std::runtime_error(pattern + ": " + std::strerror(errno));
    }
    return pattern;
  }
  fs::remove_all(wanted);
  fs::create_directories(wanted);
  fs::permissions(wanted, fs::perms::owner_all);
  return fs::absolute(wanted).string();
}

void write_support(const std::string& folder) {
  for (const SupportFile& file : support_files()) {
    const fs::path path = fs::path(folder) / std::string(file.path);
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary);
    out << file.text;
    if (!out.flush()) throw std::runtime_error("cannot write " + path.string());
  }
}

}  // namespace host

ChildHost::ChildHost(const FunctionsOptions& options, Ids& ids)
    : options_(options), ids_(ids), owner_(to_hex(random_bytes(16))) {}

ChildHost::~ChildHost() {
  stop();
}

void ChildHost::stop() {
  std::lock_guard lock(mutex_);
  if (!cleaner_) return;
  close(std::exchange(cleaner_input_, -1));
  pollfd ended{cleaner_->exit_fd(), POLLIN, 0};
  poll(&ended, 1, host::kCleaningMs);
  cleaner_.reset();
  std::error_code ignored;
  host::fs::remove_all(std::exchange(root_, {}), ignored);
}

void ChildHost::set_endpoint(std::string url) {
  std::lock_guard lock(mutex_);
  endpoint_ = std::move(url);
}

void ChildHost::make_folders() {
  if (!root_.empty()) return;
  std::string root = host::make_root(options_.directory);
  host::write_support(root + "/runtime");
  node_modules_ = options_.node_modules;
  for (std::string& folder : installed_node_modules(options_.search_path)) {
    node_modules_.push_back(std::move(folder));
  }
  // Modules in ECMAScript's form are looked for in the folders above theirs, never in NODE_PATH.
  if (!node_modules_.empty()) {
    host::fs::create_directory_symlink(host::fs::absolute(node_modules_.front()),
                                       root + "/node_modules");
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  ChildCommand command;
  command.program = "/bin/sh";
  command.arguments = {"-c", host::kCleaner, std::string(kOwnerVariable) + "=" + owner_,
                       options_.directory.empty() ? root : std::string()};
  command.variables = {{"PATH", "/usr/bin:/bin"}};
  command.folder = "/";
  command.input_fd = ends[0];
  command.outlives = true;
  cleaner_input_ = ends[1];
  const int read_end = ends[0];
  try {
    cleaner_ = std::make_unique<ChildProcess>(command);
  } catch (const StartError&) {
    close(read_end);
    throw;
  }
  close(read_end);
  root_ = std::move(root);
}

std::shared_ptr<const std::string> ChildHost::folder_of(const CodePackage& package) {
  if (!package.folder.empty()) return std::make_shared<const std::string>(package.folder);
  return folder_of_key(package.key, [&package](const std::string& folder) {
    unpack_package(package.read(), folder, host::kMostUnpackedBytes);
  });
}

std::shared_ptr<const std::string> ChildHost::layers_folder(
    const std::vector<std::shared_ptr<const CodePackage>>& layers) {
  return folder_of_key(layers_key(layers), [&layers](const std::string& folder) {
    unpack_layers(layers, folder, host::kMostUnpackedBytes);
  });
}

std::shared_ptr<const std::string> ChildHost::folder_of_key(
    const std::string& key, const std::function<void(const std::string&)>& unpack) {
  std::lock_guard lock(mutex_);
  make_folders();
  std::weak_ptr<const std::string>& known = unpacked_[key];
  if (auto folder = known.lock()) return folder;
  const std::string base = root_ + "/code/" + std::to_string(++next_folder_);
  const std::string task = base + "/task";
  host::fs::create_directories(task);
  std::shared_ptr<const std::string> folder(new std::string(task), [base](const std::string* text) {
    std::error_code ignored;
    host::fs::remove_all(base, ignored);
    delete text;
  });
  unpack(task);
  known = folder;
  std::erase_if(unpacked_, [](const auto& entry) { return entry.second.expired(); });
  return folder;
}

RuntimeSetting ChildHost::setting_of(const FunctionSpec& spec) {
  FunctionCredentials credentials;
  credentials.access_key = "ASIA" + ids_.upper36(kSystemRealm, "function-key", 16);
  credentials.secret = ids_.hex(kSystemRealm, "function-secret", 40);
  credentials.session_token = ids_.hex(kSystemRealm, "function-token", 64);
  credentials.identity = identity_of(spec);
  RuntimeSetting setting;
  std::lock_guard lock(mutex_);
  make_folders();
  issued_[credentials.access_key] = credentials;
  setting.credentials = std::move(credentials);
  setting.endpoint = endpoint_;
  setting.support_folder = root_ + "/runtime";
  setting.search_path = options_.search_path;
  setting.program = options_.isolating_program;
  setting.node_modules = node_modules_;
  setting.owner = owner_;
  return setting;
}

void ChildHost::forget(const std::string& access_key) {
  std::lock_guard lock(mutex_);
  issued_.erase(access_key);
}

std::optional<FunctionCredentials> ChildHost::credentials(const std::string& access_key) const {
  std::lock_guard lock(mutex_);
  const auto found = issued_.find(access_key);
  if (found == issued_.end()) return std::nullopt;
  return found->second;
}

}  // namespace paddock::lambda
