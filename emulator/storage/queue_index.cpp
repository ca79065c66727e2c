#include "storage/queue_index.hpp"

#include <algorithm>
#include <utility>

namespace paddock::storage {

QueueIndex::QueueIndex(Database& database, Family family) : database_(database), family_(family) {}

QueueIndex::Head QueueIndex::head_of(std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  auto found = heads_.find(prefix);
  if (found == heads_.end()) {
    found = heads_.emplace(std::string(prefix), Head{std::string(prefix), next_version_++}).first;
  }
  return found->second;
}

void QueueIndex::raise(std::string_view prefix, const Head& seen, std::string_view to) {
  const std::lock_guard lock(mutex_);
  const auto found = heads_.find(prefix);
  // Something was inserted, or the queue dropped, since the walk began: it may have missed a key.
  if (found != heads_.end() && found->second.version == seen.version && to > found->second.key) {
    found->second.key.assign(to);
  }
}

std::vector<QueueIndex::Entry> QueueIndex::front(std::string_view prefix, size_t limit,
                                                 std::string_view end) {
  std::vector<Entry> entries;
  std::string bound = prefix_end(prefix);
  if (!end.empty() && (bound.empty() || end < bound)) {
    bound.assign(end);
  }
  const Head head = head_of(prefix);
  if (limit == 0 || (!bound.empty() && head.key >= bound)) {
    return entries;
  }
  Iterator rows = database_.iterate(family_, head.key, bound);
  while (rows.valid()) {
    entries.push_back({std::string(rows.key()), std::string(rows.value())});
    if (entries.size() == limit) {
      break;
    }
    rows.next();
  }
  raise(prefix, head, entries.empty() ? std::string_view(bound) : entries.front().key);
  return entries;
}

std::optional<QueueIndex::Entry> QueueIndex::front(std::string_view prefix) {
  std::vector<Entry> entries = front(prefix, 1);
  return entries.empty() ? std::nullopt : std::optional<Entry>(std::move(entries.front()));
}

void QueueIndex::inserted(std::string_view prefix, std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = heads_.find(prefix);
  if (found == heads_.end()) {
    return;  // the first look will find it
  }
  found->second.version = next_version_++;
  if (key < found->second.key) {
    found->second.key.assign(key);
  }
}

void QueueIndex::consumed(std::string_view prefix, std::string_view next) {
  const Head head = head_of(prefix);
  if (next <= head.key) {
    return;
  }
  // An entry may have come in below `next` since the consumer looked, so the claim is checked. The
  // walk passes what was just erased, and never again.
  const Iterator rows = database_.iterate(family_, head.key, next);
  raise(prefix, head, rows.valid() ? rows.key() : next);
}

void QueueIndex::forget(std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  const auto found = heads_.find(prefix);
  if (found != heads_.end()) {
    heads_.erase(found);
  }
}

}  // namespace paddock::storage
