// Queues as others consume them: when there is something to receive, and who wants to know.
#include <vector>

#include "core/ids.hpp"
#include "services/sqs/handles.hpp"
#include "services/sqs/service.hpp"

namespace paddock::services::sqs {

std::shared_ptr<void> Listeners::add(const std::string& queue_arn, std::function<void()> listener) {
  const auto held = std::make_shared<const std::function<void()>>(std::move(listener));
  {
    const std::lock_guard lock(mutex_);
    listeners_[queue_arn].push_back(held);
    count_.fetch_add(1);
  }
  return {this, [this, queue_arn, held](void*) { remove(queue_arn, held); }};
}

void Listeners::remove(const std::string& queue_arn, const Listener& listener) {
  const std::lock_guard lock(mutex_);
  const auto found = listeners_.find(queue_arn);
  std::erase(found->second, listener);
  if (found->second.empty()) listeners_.erase(found);
  count_.fetch_sub(1);
}

void Listeners::notify(const std::string& queue_arn) {
  std::vector<Listener> told;
  {
    const std::lock_guard lock(mutex_);
    const auto found = listeners_.find(queue_arn);
    if (found == listeners_.end()) return;
    told = found->second;
  }
  for (const Listener& listener : told) (*listener)();
}

std::optional<events::QueueFacts> Sqs::facts(const std::string& queue_arn) {
  const Live queue = find_arn(queue_arn);
  if (!queue || queue->ended()) return std::nullopt;
  const auto info = queue->info();
  events::QueueFacts facts;
  facts.fifo = info->fifo;
  facts.visibility = Milliseconds(info->visibility_s * 1000);
  return facts;
}

std::optional<WorldTime> Sqs::next_visible(const std::string& queue_arn) {
  const Live queue = find_arn(queue_arn);
  if (!queue || queue->ended()) return std::nullopt;
  const auto info = queue->info();
  const auto first = index_.front(QueueKeys(info->realm, info->data).prefix(kReadyKind));
  if (!first) return std::nullopt;
  return WorldTime{read_ready_key(first->key).at_ms};
}

Cause Sqs::cause_of(const std::string& queue_arn, const std::string& receipt_handle) {
  const Live queue = find_arn(queue_arn);
  const auto receipt = decode_receipt(platform_.ids.seed(), receipt_handle);
  if (!queue || !receipt) return {};
  const auto info = queue->info();
  const QueueKeys keys(info->realm, info->data);
  storage::Value row;
  if (!platform_.database.get(storage::Family::queue, keys.message(receipt->sequence), row)) {
    return {};
  }
  return decode_message(row.view()).cause;
}

std::shared_ptr<void> Sqs::subscribe(const std::string& queue_arn, std::function<void()> listener) {
  return listeners_.add(queue_arn, std::move(listener));
}

}  // namespace paddock::services::sqs
