// Which program runs a function's code, and what it finds in its environment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lambda/child_process.hpp"
#include "lambda/functions.hpp"

namespace paddock::lambda {

enum class RuntimeKind {
  custom,  // provided*: the package's own bootstrap
  node,
  python,
  none,  // java*, dotnet* …: nothing here runs them
};
RuntimeKind runtime_kind(std::string_view runtime);

// What a child process is made of, beside the function's own configuration.
struct RuntimeSetting {
  std::string log_stream;
  std::string api_address;             // of its Runtime API
  std::string endpoint;                // of the emulator
  std::string code_folder;             // the unpacked package
  std::string layers_folder = "/opt";  // the unpacked layers; AWS's name if there are none
  std::string program;                 // that runs functions built into it
  std::string support_folder;          // our runtimes' scripts
  std::string search_path;             // PATH of this machine
  std::vector<std::string> node_modules;
  FunctionCredentials credentials;
  std::string owner;  // names the emulator in what it leaves to be cleaned up
};

// Throws StartError for a runtime whose interpreter is not on this machine, and names it.
ChildCommand command_of(const FunctionSpec& spec, const RuntimeSetting& setting);

// Folders of npm packages that are installed for everybody, those that exist.
std::vector<std::string> installed_node_modules(const std::string& search_path);

// The variable that `owner` is the value of.
inline constexpr std::string_view kOwnerVariable = "_PADDOCK_OWNER";

}  // namespace paddock::lambda
