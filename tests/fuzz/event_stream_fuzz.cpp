// Hostile bytes as a stream of events, in pieces: refused, or messages that give back their bytes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/event_stream.hpp"

namespace wire = paddock::wire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t piece = data[0] + 1u;
  wire::EventDecoder decoder;
  std::string again;
  try {
    for (size_t at = 0; at < bytes.size(); at += piece) {
      decoder.add(bytes.substr(at, piece));
      while (auto message = decoder.take()) again += wire::encode_event(*message);
    }
  } catch (const wire::BadEventStream&) {
  }
  if (bytes.substr(0, again.size()) != again) std::abort();
  return 0;
}
