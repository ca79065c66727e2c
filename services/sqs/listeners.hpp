// Who is to be told when a queue may have something to receive.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace paddock::services::sqs {

// Thread-safe. What `add` returns must not outlive it.
class Listeners {
 public:
  // Until the returned object is dropped. A call that is under way then may still end after it.
  std::shared_ptr<void> add(const std::string& queue_arn, std::function<void()> listener);
  bool any() const { return count_.load() > 0; }
  void notify(const std::string& queue_arn);

 private:
  using Listener = std::shared_ptr<const std::function<void()>>;
  void remove(const std::string& queue_arn, const Listener& listener);

  std::atomic<size_t> count_{0};
  std::mutex mutex_;
  std::map<std::string, std::vector<Listener>> listeners_;
};

}  // namespace paddock::services::sqs
