// AES-256 in counter mode, over OpenSSL: bytes can be read from the middle, and none are added.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace paddock {

// Encrypts or decrypts (which are the same) bytes that come in order. For one thread at a time.
class Aes256Counter {
 public:
  static constexpr size_t kKeyBytes = 32;
  static constexpr size_t kStartBytes = 16;

  // `start`: the counter of the first block; never the same twice with one key. `offset`: where in
  // the whole text the bytes begin. Throws std::invalid_argument for other lengths.
  Aes256Counter(std::string_view key, std::string_view start, uint64_t offset = 0);
  ~Aes256Counter();
  Aes256Counter(Aes256Counter&&) noexcept;
  Aes256Counter& operator=(Aes256Counter&&) noexcept;

  std::string apply(std::string_view bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace paddock
