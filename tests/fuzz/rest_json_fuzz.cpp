#include "decode_fuzz.hpp"
#include "models/apigateway.hpp"
#include "models/lambda.hpp"
#include "wire/rest_router.hpp"

namespace {

std::string_view next_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

void try_route(const paddock::wire::ServiceModel& service, const paddock::wire::RestRouter& router,
               const paddock::http::RequestHead& head, std::string_view body) {
  const auto match = router.match(head.method, head.path, head.query);
  if (!match) return;
  paddock::fuzz::try_decode(paddock::wire::Protocol::rest_json, service, *match->operation, head,
                            body, match->labels);
}

}  // namespace

// "METHOD target", headers up to an empty line, the body.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const paddock::wire::RestRouter lambda(paddock::models::lambda);
  static const paddock::wire::RestRouter apigateway(paddock::models::apigateway);
  std::string_view text(reinterpret_cast<const char*>(data), size);
  paddock::http::RequestHead head;
  const std::string_view start = next_line(text);
  const size_t space = start.find(' ');
  head.method = start.substr(0, space);
  head.set_target(space == std::string_view::npos ? "/" : start.substr(space + 1));
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) break;
    head.headers.add(line.substr(0, colon), line.substr(colon + 1));
  }
  try_route(paddock::models::lambda, lambda, head, text);
  try_route(paddock::models::apigateway, apigateway, head, text);
  return 0;
}
