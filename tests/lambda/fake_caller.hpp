// A Caller that answers from a function and notes who called what.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/caller.hpp"
#include "core/error.hpp"

namespace paddock::lambda_test {

class FakeCaller : public Caller {
 public:
  struct Call {
    CallIdentity identity;
    std::string service, operation;
    Json input;
  };
  using Answer = std::function<Json(const Call&)>;

  explicit FakeCaller(Answer answer = [](const Call&) { return Json::object(); })
      : answer_(std::move(answer)) {}

  Task<Json> call(CallIdentity identity, std::string service, std::string operation,
                  Json input) override {
    Json output = call_and_wait(std::move(identity), std::move(service), std::move(operation),
                                std::move(input));
    co_return output;
  }

  Json call_and_wait(CallIdentity identity, std::string service, std::string operation,
                     Json input) override {
    Call call{std::move(identity), std::move(service), std::move(operation), std::move(input)};
    {
      std::lock_guard lock(mutex_);
      calls_.push_back(call);
    }
    return answer_(call);
  }

  std::vector<Call> calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
  }

 private:
  const Answer answer_;
  mutable std::mutex mutex_;
  std::vector<Call> calls_;
};

}  // namespace paddock::lambda_test
