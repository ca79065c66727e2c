// The flat buffer between a transport and a parser.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

namespace paddock::http {

// Bytes are added at the end (`room`, `commit`) and taken from the front (`consume`). While a read
// into the room is open the buffer is pinned: nothing moves.
class InputBuffer {
 public:
  std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // A place for at least `least` bytes behind those there are. Not while pinned.
  char* prepare(size_t least) {
    if (begin_ == end_) begin_ = end_ = 0;
    if (capacity_ - end_ < least) grow(least);
    return data_.get() + end_;
  }
  size_t room() const { return capacity_ - end_; }
  void commit(size_t bytes) { end_ += bytes; }
  void consume(size_t bytes) { begin_ += bytes; }

  // Gives the memory back if it is empty and took more than `most`.
  void shrink(size_t most) {
    if (!empty() || capacity_ <= most) return;
    data_.reset();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void grow(size_t least) {
    const size_t held = size();
    if (capacity_ - held < least || begin_ < capacity_ / 2) {
      const size_t wanted = std::max({held + least, capacity_ * 2, kFirst});
      std::unique_ptr<char[]> bigger(new char[wanted]);
      if (held != 0) std::memcpy(bigger.get(), data_.get() + begin_, held);
      data_ = std::move(bigger);
      capacity_ = wanted;
    } else {
      std::memmove(data_.get(), data_.get() + begin_, held);
    }
    begin_ = 0;
    end_ = held;
  }

  static constexpr size_t kFirst = 4096;
  std::unique_ptr<char[]> data_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace paddock::http
