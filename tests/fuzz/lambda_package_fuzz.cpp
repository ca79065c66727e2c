#include "lambda/runtime_requests.hpp"
#include "lambda/zip_package.hpp"

// What comes from outside into Lambda's executors: a package, or what a runtime sends, in pieces.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    try {
      paddock::lambda::check_package(bytes, 100'000);
    } catch (const paddock::lambda::BadPackage&) {
    } catch (const paddock::lambda::PackageTooLarge&) {
    }
    return 0;
  }
  paddock::lambda::RuntimeRequests requests(1000);
  requests.hand_out_streams(data[0] % 4 == 1);
  const size_t piece = data[0] / 4 + 1;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    requests.add(bytes.substr(at, piece));
    while (auto request = requests.take()) {
      if (request->kind == paddock::lambda::RuntimeRequest::Kind::refused) return 0;
    }
    if (requests.streams()) requests.take_body();
  }
  return 0;
}
