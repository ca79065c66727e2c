// The one error type a handler throws. The gateway catches it once and encodes it in the caller's
// protocol.
#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"

namespace paddock {

// An error as AWS would answer it. `code` is the error shape's name without a namespace
// ("ResourceNotFoundException"), `status` the HTTP status. Extra members of the error shape are
// added with `with`, headers of the answer that no shape has with `with_header`.
class AwsError : public std::exception {
 public:
  AwsError(std::string code, std::string message, int status = 400)
      : code_(std::move(code)), message_(std::move(message)), status_(status) {}

  AwsError& with(const std::string& member, Json value) & {
    extra_[member] = std::move(value);
    return *this;
  }
  AwsError&& with(const std::string& member, Json value) && {
    extra_[member] = std::move(value);
    return std::move(*this);
  }

  AwsError& with_header(std::string name, std::string value) & {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  AwsError&& with_header(std::string name, std::string value) && {
    headers_.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }

  const std::string& code() const { return code_; }
  const std::string& message() const { return message_; }
  int status() const { return status_; }
  const Json& extra() const { return extra_; }  // an object, or null when nothing was added
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string code_;
  std::string message_;
  int status_;
  Json extra_;
  std::vector<std::pair<std::string, std::string>> headers_;
};

}  // namespace paddock
