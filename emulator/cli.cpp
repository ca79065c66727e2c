#include "cli.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace paddock::cli {
namespace {

std::string variable_or(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value && *value ? value : fallback;
}

std::string endpoint() {
  return variable_or("AWS_ENDPOINT_URL", "http://127.0.0.1:4566");
}

void set_default(const char* name, const char* value) {
  setenv(name, value, 0);
}

// Version 2 of the CLI takes payloads as base64 unless its configuration says otherwise, and
// version 1 refuses the flag for it, so a configuration file says it to both.
void use_raw_payloads() {
  std::error_code failed;
  auto directory = std::filesystem::temp_directory_path(failed);
  std::string path = (directory / ("paddock-aws-config-" + std::to_string(getuid()))).string();
  std::ofstream file(path, std::ios::trunc);
  file << "[default]\ncli_binary_format = raw-in-base64-out\ncli_pager =\n";
  if (file.flush()) setenv("AWS_CONFIG_FILE", path.c_str(), 1);
}

}  // namespace

std::string environment_exports() {
  std::string region = variable_or("AWS_DEFAULT_REGION", "us-east-1");
  return "export AWS_ENDPOINT_URL='" + endpoint() +
         "'\n"
         "export AWS_ACCESS_KEY_ID='test'\n"
         "export AWS_SECRET_ACCESS_KEY='test'\n"
         "export AWS_DEFAULT_REGION='" +
         region +
         "'\n"
         "export AWS_PAGER=''\n";
}

int run_aws(const std::vector<std::string>& arguments) {
  bool own_profile = std::getenv("AWS_PROFILE") || std::getenv("AWS_CONFIG_FILE") ||
                     std::find(arguments.begin(), arguments.end(), "--profile") != arguments.end();
  if (!own_profile) {
    use_raw_payloads();
    set_default("AWS_ACCESS_KEY_ID", "test");
    set_default("AWS_SECRET_ACCESS_KEY", "test");
  }
  set_default("AWS_DEFAULT_REGION", "us-east-1");
  setenv("AWS_PAGER", "", 1);
  std::vector<std::string> command{"aws", "--endpoint-url", endpoint()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (auto& text : command) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  execvp("aws", pointers.data());
  std::fprintf(stderr, "paddock aws: cannot run aws: %s%s\n", std::strerror(errno),
               errno == ENOENT ? ". Install the AWS CLI (Debian: apt-get install awscli)." : "");
  return 127;
}

}  // namespace paddock::cli
