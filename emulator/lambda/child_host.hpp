// What all child processes of one emulator share: folders for their code, the credentials that they
// were given, and the helper that ends what they leave behind.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "core/realm.hpp"
#include "lambda/child_process.hpp"
#include "lambda/functions.hpp"
#include "lambda/runtimes.hpp"

namespace paddock::lambda {

// Thread-safe.
class ChildHost {
 public:
  ChildHost(const FunctionsOptions& options, Ids& ids);
  ~ChildHost();  // stops
  // After the last child: kills processes that left their group, and removes the folders.
  void stop();

  void set_endpoint(std::string url);

  // The package's folder, unpacked if nobody has it yet, removed when nobody has it any more. May
  // wait. Throws BadPackage, PackageTooLarge, std::runtime_error.
  std::shared_ptr<const std::string> folder_of(const CodePackage& package);
  // The folder that stands for /opt: the layers, of which there are some, over each other. The same
  // promises.
  std::shared_ptr<const std::string> layers_folder(
      const std::vector<std::shared_ptr<const CodePackage>>& layers);
  // A child's setting, with credentials of its own; to be given back with `forget`.
  RuntimeSetting setting_of(const FunctionSpec& spec);
  void forget(const std::string& access_key);
  std::optional<FunctionCredentials> credentials(const std::string& access_key) const;

 private:
  void make_folders();  // with the mutex held
  // The folder of that key; made and filled by `unpack` if nobody has it yet.
  std::shared_ptr<const std::string> folder_of_key(
      const std::string& key, const std::function<void(const std::string&)>& unpack);

  const FunctionsOptions options_;
  Ids& ids_;
  const std::string owner_;
  mutable std::mutex mutex_;  // guards what follows
  std::string endpoint_;
  std::string root_;  // "" until the first use
  uint64_t next_folder_ = 0;
  std::vector<std::string> node_modules_;
  std::map<std::string, std::weak_ptr<const std::string>> unpacked_;  // by the package's key
  std::map<std::string, FunctionCredentials> issued_;
  // Waits for the end of this process, or of its input, then kills what is left.
  std::unique_ptr<ChildProcess> cleaner_;
  int cleaner_input_ = -1;
};

}  // namespace paddock::lambda
