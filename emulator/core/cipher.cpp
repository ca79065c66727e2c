#include "core/cipher.hpp"

#include <algorithm>
#include <stdexcept>

#include <openssl/evp.h>

namespace paddock {
namespace ciphers {

constexpr uint64_t kBlock = 16;
constexpr size_t kAtOnce = size_t{1} << 30;  // OpenSSL counts in int

// The counter of a later block: big endian, as the standard has it.
std::string moved(std::string_view start, uint64_t blocks) {
  std::string counter(start);
  for (size_t at = counter.size(); at-- > 0 && blocks > 0;) {
    blocks += static_cast<unsigned char>(counter[at]);
    counter[at] = static_cast<char>(blocks & 0xff);
    blocks >>= 8;
  }
  return counter;
}

}  // namespace ciphers

struct Aes256Counter::State {
  State(std::string_view key, std::string_view counter) : context(EVP_CIPHER_CTX_new()) {
    const auto* const key_bytes = reinterpret_cast<const unsigned char*>(key.data());
    const auto* const counter_bytes = reinterpret_cast<const unsigned char*>(counter.data());
    if (context == nullptr ||
        EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nullptr, key_bytes, counter_bytes) != 1) {
      EVP_CIPHER_CTX_free(context);
      throw std::runtime_error("AES is not available in this OpenSSL");
    }
  }
  ~State() { EVP_CIPHER_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  EVP_CIPHER_CTX* context;
};

Aes256Counter::Aes256Counter(std::string_view key, std::string_view start, uint64_t offset) {
  if (key.size() != kKeyBytes || start.size() != kStartBytes) {
    throw std::invalid_argument("a key or counter of AES is of the wrong length");
  }
  state_ = std::make_unique<State>(key, ciphers::moved(start, offset / ciphers::kBlock));
  apply(std::string(offset % ciphers::kBlock, '\0'));
}
Aes256Counter::~Aes256Counter() = default;
Aes256Counter::Aes256Counter(Aes256Counter&&) noexcept = default;
Aes256Counter& Aes256Counter::operator=(Aes256Counter&&) noexcept = default;

std::string Aes256Counter::apply(std::string_view bytes) {
  std::string out(bytes.size(), '\0');
  for (size_t done = 0; done < bytes.size();) {
    int written = 0;
    const auto size = static_cast<int>(std::min(ciphers::kAtOnce, bytes.size() - done));
    if (EVP_EncryptUpdate(state_->context, reinterpret_cast<unsigned char*>(out.data()) + done,
                          &written, reinterpret_cast<const unsigned char*>(bytes.data()) + done,
                          size) != 1) {
      throw std::runtime_error("AES failed");
    }
    done += static_cast<size_t>(size);
  }
  return out;
}

}  // namespace paddock
