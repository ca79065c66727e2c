#include "lambda/stdout_router.hpp"

#include <iostream>
#include <mutex>
#include <streambuf>
#include <string_view>

#include "lambda/environment.hpp"

namespace paddock::lambda {

// Unbuffered, so that it has no state that threads could share but the original buffer.
class StdoutRouter::Buffer : public std::streambuf {
 public:
  explicit Buffer(std::streambuf* original) : original_(original) {}

  std::streambuf* original() const { return original_; }

 protected:
  int_type overflow(int_type character) override {
    if (traits_type::eq_int_type(character, traits_type::eof())) return 0;
    const char byte = traits_type::to_char_type(character);
    return xsputn(&byte, 1) == 1 ? character : traits_type::eof();
  }

  std::streamsize xsputn(const char* text, std::streamsize size) override {
    if (auto* environment = Environment::current()) {
      try {
        environment->write({text, static_cast<size_t>(size)});
      } catch (const Abandoned&) {
        // Thrown on, it would set the stream's badbit for the whole process.
      }
      return size;
    }
    std::lock_guard lock(mutex_);
    return original_->sputn(text, size);
  }

  int sync() override {
    if (Environment::current()) return 0;
    std::lock_guard lock(mutex_);
    return original_->pubsync();
  }

 private:
  std::mutex mutex_;
  std::streambuf* const original_;
};

StdoutRouter::StdoutRouter() : buffer_(std::make_unique<Buffer>(std::cout.rdbuf())) {
  std::cout.rdbuf(buffer_.get());
}

StdoutRouter::~StdoutRouter() {
  std::cout.rdbuf(buffer_->original());
}

}  // namespace paddock::lambda
