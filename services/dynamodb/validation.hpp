// How the pure rules of this folder refuse a request.
#pragma once

#include <string>
#include <utility>

#include "core/error.hpp"

namespace paddock::services::dynamodb {

// Throws ValidationException (400) with AWS's text.
[[noreturn]] inline void fail_validation(std::string message) {
  throw AwsError("ValidationException", std::move(message));
}

// "[a, b]", as AWS prints names.
template <class Names>
std::string name_list(const Names& names) {
  std::string text = "[";
  for (const auto& name : names) {
    if (text.size() > 1) text += ", ";
    text += name;
  }
  return text + "]";
}

// AWS checks requests in one of two layers that word some refusals differently; which one is the
// operation's affair (README.md). This carries both: message() is the older layer's, and whoever
// answers for an operation of the newer layer takes the other (request_layer.hpp).
class RewordedError : public AwsError {
 public:
  RewordedError(std::string older, std::string current)
      : AwsError("ValidationException", std::move(older)), current_(std::move(current)) {}

  const std::string& current() const { return current_; }

 private:
  std::string current_;
};

}  // namespace paddock::services::dynamodb
