#include <optional>
#include <string>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/slice.h>
#include <rocksdb/snapshot.h>

#include "storage/database_impl.hpp"
#include "storage/uncounted.hpp"

namespace paddock::storage {

namespace {

rocksdb::Slice read_slice(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view text_of(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// True if found. Throws StorageError.
bool found_or_throw(const rocksdb::Status& status) {
  if (status.ok()) {
    return true;
  }
  if (status.IsNotFound()) {
    return false;
  }
  throw StorageError("the disk refused a read: " + status.ToString());
}

rocksdb::ReadOptions read_options(const std::shared_ptr<const void>& snapshot) {
  uncounted();
  rocksdb::ReadOptions options;
  options.snapshot = static_cast<const rocksdb::Snapshot*>(snapshot.get());
  return options;
}

}  // namespace

struct Value::Impl {
  rocksdb::PinnableSlice slice;
};

Value::Value() = default;
Value::~Value() = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(Value&&) noexcept = default;

Value Value::copy_of(std::string_view bytes) {
  Value value;
  value.impl_ = std::make_unique<Impl>();
  value.impl_->slice.PinSelf(read_slice(bytes));
  return value;
}

std::string_view Value::view() const {
  return impl_ ? text_of(impl_->slice) : std::string_view();
}

std::optional<std::string> Database::get(Family family, std::string_view key,
                                         const Snapshot* snapshot) const {
  std::optional<std::string> value(std::in_place);
  rocksdb::PinnableSlice pinned(&*value);
  const rocksdb::Status status = impl_->db->Get(read_options(snapshot ? snapshot->impl_ : nullptr),
                                                impl_->handle(family), read_slice(key), &pinned);
  if (!found_or_throw(status)) {
    return std::nullopt;
  }
  if (pinned.IsPinned()) {
    value->assign(pinned.data(), pinned.size());
  }
  return value;
}

bool Database::get(Family family, std::string_view key, Value& value,
                   const Snapshot* snapshot) const {
  if (value.impl_) {
    value.impl_->slice.Reset();
  } else {
    value.impl_ = std::make_unique<Value::Impl>();
  }
  return found_or_throw(impl_->db->Get(read_options(snapshot ? snapshot->impl_ : nullptr),
                                       impl_->handle(family), read_slice(key),
                                       &value.impl_->slice));
}

Snapshot Database::snapshot() const {
  rocksdb::DB* const db = impl_->db;
  Snapshot snapshot;
  snapshot.impl_ = std::shared_ptr<const rocksdb::Snapshot>(
      db->GetSnapshot(), [db](const rocksdb::Snapshot* taken) { db->ReleaseSnapshot(taken); });
  return snapshot;
}

struct Iterator::Impl {
  Impl(std::string_view begin, std::string_view end, Direction way,
       const std::shared_ptr<const void>& held)
      : lower(begin),
        upper(end),
        lower_slice(lower),
        upper_slice(upper),
        direction(way),
        snapshot(held) {}

  rocksdb::ReadOptions options() const {
    rocksdb::ReadOptions options = read_options(snapshot);
    if (!lower.empty()) {
      options.iterate_lower_bound = &lower_slice;
    }
    if (!upper.empty()) {
      options.iterate_upper_bound = &upper_slice;
    }
    return options;
  }

  // RocksDB keeps pointers to the slices, so this object never moves.
  const std::string lower;
  const std::string upper;  // empty: no end
  const rocksdb::Slice lower_slice;
  const rocksdb::Slice upper_slice;
  const Direction direction;
  const std::shared_ptr<const void> snapshot;
  std::unique_ptr<rocksdb::Iterator> rows;
};

Iterator::Iterator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Iterator::~Iterator() = default;
Iterator::Iterator(Iterator&&) noexcept = default;
Iterator& Iterator::operator=(Iterator&&) noexcept = default;

bool Iterator::valid() const {
  if (impl_->rows->Valid()) {
    return true;
  }
  found_or_throw(impl_->rows->status());
  return false;
}

void Iterator::next() {
  if (impl_->direction == Direction::forward) {
    impl_->rows->Next();
  } else {
    impl_->rows->Prev();
  }
}

void Iterator::seek(std::string_view key) {
  if (impl_->direction == Direction::forward) {
    impl_->rows->Seek(read_slice(key));
  } else {
    impl_->rows->SeekForPrev(read_slice(key));
  }
}

std::string_view Iterator::key() const {
  return text_of(impl_->rows->key());
}

std::string_view Iterator::value() const {
  return text_of(impl_->rows->value());
}

Iterator Database::iterate(Family family, std::string_view begin, std::string_view end,
                           Direction direction, const Snapshot* snapshot) const {
  auto impl =
      std::make_unique<Iterator::Impl>(begin, end, direction, snapshot ? snapshot->impl_ : nullptr);
  impl->rows.reset(impl_->db->NewIterator(impl->options(), impl_->handle(family)));
  if (direction == Direction::backward) {
    impl->rows->SeekToLast();
  } else {
    impl->rows->SeekToFirst();
  }
  return Iterator(std::move(impl));
}

Iterator Database::iterate_prefix(Family family, std::string_view prefix,
                                  const Snapshot* snapshot) const {
  return iterate(family, prefix, prefix_end(prefix), Direction::forward, snapshot);
}

uint64_t Database::approximate_bytes(Family family, std::string_view begin,
                                     std::string_view end) const {
  static constexpr std::string_view kLast = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
  const rocksdb::Range range(read_slice(begin), read_slice(end.empty() ? kLast : end));
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  uint64_t bytes = 0;
  found_or_throw(impl_->db->GetApproximateSizes(options, impl_->handle(family), &range, 1, &bytes));
  return bytes;
}

}  // namespace paddock::storage
