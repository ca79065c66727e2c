// The small commands of the `paddock` program that talk to a running emulator through the AWS CLI.
#pragma once

#include <string>
#include <vector>

namespace paddock::cli {

// `paddock env`: export lines for a POSIX shell, with the endpoint from AWS_ENDPOINT_URL or the
// default one. Values are quoted.
std::string environment_exports();

// `paddock aws …`: replaces this process by the installed `aws`, pointed at the emulator with test
// credentials, without a pager and with raw payloads. Returns an exit status only if that fails.
int run_aws(const std::vector<std::string>& arguments);

}  // namespace paddock::cli
