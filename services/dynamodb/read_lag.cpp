#include "services/dynamodb/read_lag.hpp"

#include <algorithm>
#include <iterator>

namespace paddock::services::dynamodb {

namespace lagging {

constexpr size_t kOverhead = 128;  // of one kept change

}  // namespace lagging

void ReadLag::set(int64_t tables_ms, int64_t indexes_ms) {
  std::lock_guard lock(mutex_);
  tables_ms_ = tables_ms;
  indexes_ms_ = indexes_ms;
  drop_old(world_.now().ms);
}

void ReadLag::keep(const Table& table, const ItemKey& key, const ItemChange& change) {
  if (!change.changes()) return;
  const int64_t now = world_.now().ms;
  std::lock_guard lock(mutex_);
  drop_old(now);
  add(key.bytes, change.before, now);
  for (const Index& index : table.indexes) {
    const ItemView before = view_of(change.before);
    const auto old_key = entry_key(table, index, before, key);
    const auto new_key = entry_key(table, index, view_of(change.after), key);
    if (old_key) add(*old_key, entry_value(index, before, change.before), now);
    if (new_key && new_key != old_key) add(*new_key, "", now);
  }
}

void ReadLag::add(const std::string& key, std::string_view before, int64_t now_ms) {
  const auto entry = keys_.try_emplace(key).first;
  entry->second.push_back({now_ms, std::string(before)});
  order_.push_back(entry);
  bytes_ += key.size() + before.size() + lagging::kOverhead;
}

// With the mutex held. What no read can want any more, and what is too much.
void ReadLag::drop_old(int64_t now_ms) {
  const int64_t since = now_ms - std::max(tables_ms_.load(), indexes_ms_.load());
  while (!order_.empty()) {
    const auto entry = order_.front();
    const Change& oldest = entry->second.front();
    const bool wanted = oldest.at_ms > since && oldest.at_ms <= now_ms;
    if (wanted && bytes_ <= kMostBytes) break;
    bytes_ -= entry->first.size() + oldest.before.size() + lagging::kOverhead;
    entry->second.pop_front();
    order_.pop_front();
    if (entry->second.empty()) keys_.erase(entry);
  }
}

// What the first change after that moment replaced.
const std::string* ReadLag::find_then(const std::deque<Change>& changes, int64_t then_ms) const {
  const auto first =
      std::upper_bound(changes.begin(), changes.end(), then_ms,
                       [](int64_t ms, const Change& change) { return ms < change.at_ms; });
  return first == changes.end() ? nullptr : &first->before;
}

std::optional<std::string> ReadLag::then(Of of, std::string_view key) const {
  const int64_t then_ms = world_.now().ms - ms(of);
  std::lock_guard lock(mutex_);
  const auto entry = keys_.find(key);
  if (entry == keys_.end()) return std::nullopt;
  const std::string* value = find_then(entry->second, then_ms);
  return value ? std::optional(*value) : std::nullopt;
}

std::map<std::string, std::string> ReadLag::then(Of of, std::string_view begin,
                                                 std::string_view end) const {
  const int64_t then_ms = world_.now().ms - ms(of);
  std::map<std::string, std::string> found;
  std::lock_guard lock(mutex_);
  for (auto entry = keys_.lower_bound(begin);
       entry != keys_.end() && (end.empty() || entry->first < end); ++entry) {
    if (const std::string* value = find_then(entry->second, then_ms)) {
      found.emplace_hint(found.end(), entry->first, *value);
    }
  }
  return found;
}

RowsThen::RowsThen(storage::Iterator rows, std::map<std::string, std::string> then,
                   storage::Direction direction)
    : rows_(std::move(rows)),
      then_(std::move(then)),
      direction_(direction),
      position_(first()),
      any_left_(!then_.empty()) {
  settle();
}

std::map<std::string, std::string>::const_iterator RowsThen::first() const {
  if (then_.empty() || direction_ == storage::Direction::forward) return then_.begin();
  return std::prev(then_.end());
}

void RowsThen::step() {
  if (direction_ == storage::Direction::forward) {
    any_left_ = ++position_ != then_.end();
  } else if (position_ == then_.begin()) {
    any_left_ = false;
  } else {
    --position_;
  }
}

void RowsThen::settle() {
  from_then_ = false;
  while (any_left_) {
    if (rows_.valid() && before(rows_.key(), position_->first)) return;
    if (rows_.valid() && rows_.key() == position_->first) rows_.next();
    if (!position_->second.empty()) {
      from_then_ = true;
      return;
    }
    step();
  }
}

void RowsThen::next() {
  if (from_then_) {
    step();
  } else {
    rows_.next();
  }
  settle();
}

}  // namespace paddock::services::dynamodb
