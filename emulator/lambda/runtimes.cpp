#include "lambda/runtimes.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include <unistd.h>

#include "core/text.hpp"
#include "lambda/outcome.hpp"

namespace paddock::lambda {
namespace runtimes {

using Variables = std::map<std::string, std::string, std::less<>>;

// Of a function's memory, what V8 may use for old objects; as Lambda's own runtime has it.
constexpr int kOldSpacePercent = 90;
// Debian's packages of Python, for interpreters that have none of their own.
constexpr const char* kDebianPython = "/usr/lib/python3/dist-packages";

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    text += (text.empty() ? "" : ":") + part;
  }
  return text;
}

std::string variable(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
Variables variables_of(const FunctionSpec& spec, const RuntimeSetting& setting) {
  Variables variables = standard_variables(spec, setting.log_stream);
  // What the user may set otherwise …
  variables.emplace("PATH", setting.search_path + ":" + setting.layers_folder + "/bin");
  variables.emplace("LD_LIBRARY_PATH", setting.code_folder + ":" + setting.code_folder +
                                           "/lib:" + setting.layers_folder + "/lib");
  variables.emplace("AWS_ENDPOINT_URL", setting.endpoint);
  variables.emplace("LANG", "en_US.UTF-8");
  // … and what not.
  variables["AWS_ACCESS_KEY_ID"] = setting.credentials.access_key;
  variables["AWS_SECRET_ACCESS_KEY"] = setting.credentials.secret;
  variables["AWS_SESSION_TOKEN"] = setting.credentials.session_token;
  variables["AWS_LAMBDA_RUNTIME_API"] = setting.api_address;
  variables["LAMBDA_TASK_ROOT"] = setting.code_folder;
  variables["LAMBDA_RUNTIME_DIR"] = setting.support_folder;
  variables["_PADDOCK_ENDPOINT"] = setting.endpoint;
  variables[std::string(kOwnerVariable)] = setting.owner;
  return variables;
}

std::string interpreter(const FunctionSpec& spec, const RuntimeSetting& setting,
                        const std::vector<std::string>& names, const char* product) {
  for (const std::string& name : names) {
    std::string program = find_program(name, setting.search_path);
    if (!program.empty()) return program;
  }
  throw StartError("functions of " + spec.runtime + " need " + product +
                   " on this machine: no program \"" + names.back() + "\" was found on PATH (" +
                   setting.search_path + ")");
}

// Where layers keep modules for one release of Node: "node20" for "nodejs20.x"
// (https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html).
std::string node_release(const std::string& runtime) {
  const std::string number = runtime.substr(std::string("nodejs").size());
  return "node" + number.substr(0, number.find('.'));
}

ChildCommand node(const FunctionSpec& spec, const RuntimeSetting& setting, ChildCommand command) {
  const std::string folder = setting.support_folder + "/node";
  command.program = interpreter(spec, setting, {"node", "nodejs"}, "Node.js");
  command.arguments = {
      "--max-old-space-size=" + std::to_string(spec.memory_mb * kOldSpacePercent / 100),
      "--require", folder + "/redirect.cjs", folder + "/bootstrap.cjs"};
  const std::string own = variable(command.variables, "NODE_PATH");
  const std::string layers = setting.layers_folder + "/nodejs";
  command.variables["NODE_PATH"] =
      joined({own, layers + "/" + node_release(spec.runtime) + "/node_modules",
              layers + "/node_modules", joined(setting.node_modules)});
  command.variables["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + spec.runtime;
  return command;
}

ChildCommand python(const FunctionSpec& spec, const RuntimeSetting& setting, ChildCommand command) {
  const std::string folder = setting.support_folder + "/python";
  command.program = interpreter(spec, setting, {spec.runtime, "python3"}, "Python");
  command.arguments = {"-u", folder + "/bootstrap.py"};
  const std::string own = variable(command.variables, "PYTHONPATH");
  const std::string layers = setting.layers_folder + "/python";
  command.variables["PYTHONPATH"] =
      joined({folder + "/site", own, layers + "/lib/" + spec.runtime + "/site-packages", layers});
  command.variables["_PADDOCK_PYTHON_FALLBACK"] = kDebianPython;
  command.variables["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + spec.runtime;
  return command;
}

}  // namespace runtimes

RuntimeKind runtime_kind(std::string_view runtime) {
  if (runtime.starts_with("provided")) return RuntimeKind::custom;
  if (runtime.starts_with("nodejs")) return RuntimeKind::node;
  if (runtime.starts_with("python3")) return RuntimeKind::python;
  return RuntimeKind::none;
}

ChildCommand command_of(const FunctionSpec& spec, const RuntimeSetting& setting) {
  ChildCommand command;
  command.variables = runtimes::variables_of(spec, setting);
  command.folder = setting.code_folder;
  command.most_file_bytes = static_cast<uint64_t>(spec.storage_mb) * 1024 * 1024;
  if (!spec.code) {
    command.program = setting.program;
    command.arguments = {"run-function", spec.handler};
    return command;
  }
  switch (runtime_kind(spec.runtime)) {
    case RuntimeKind::custom:
      command.program = setting.code_folder + "/bootstrap";
      if (!std::filesystem::exists(command.program)) {
        command.program = setting.layers_folder + "/bootstrap";
      }
      return command;
    case RuntimeKind::node:
      return runtimes::node(spec, setting, std::move(command));
    case RuntimeKind::python:
      return runtimes::python(spec, setting, std::move(command));
    case RuntimeKind::none:
      break;
  }
  throw StartError("there is no runtime for " + spec.runtime + " here");
}

std::vector<std::string> installed_node_modules(const std::string& search_path) {
  std::vector<std::string> folders;
  const auto add = [&](const std::filesystem::path& folder) {
    std::error_code error;
    const std::string text = folder.lexically_normal().string();
    if (std::filesystem::is_directory(folder, error) &&
        std::find(folders.begin(), folders.end(), text) == folders.end()) {
      folders.push_back(text);
    }
  };
  const std::string node = find_program("node", search_path);
  if (!node.empty()) {
    std::error_code error;
    const auto real = std::filesystem::canonical(node, error);
    if (!error) add(real.parent_path().parent_path() / "lib" / "node_modules");
  }
  for (const char* folder :
       {"/usr/local/lib/node_modules", "/usr/lib/node_modules", "/usr/share/nodejs"}) {
    add(folder);
  }
  return folders;
}

}  // namespace paddock::lambda
