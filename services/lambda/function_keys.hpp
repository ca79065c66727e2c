// The access keys that functions in child processes are given: each is a session of the function's
// role and lives as long as its execution environment.
#pragma once

#include <optional>
#include <string_view>

#include "identity/identity.hpp"
#include "lambda/functions.hpp"

namespace paddock::services::lambda {

// Thread-safe.
class FunctionKeys : public identity::KeySource {
 public:
  explicit FunctionKeys(const ::paddock::lambda::Functions& functions) : functions_(functions) {}

  std::optional<identity::KnownKey> find_key(std::string_view access_key) const override;

 private:
  const ::paddock::lambda::Functions& functions_;
};

}  // namespace paddock::services::lambda
