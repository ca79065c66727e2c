// Selection and mapping expressions of HTTP and WebSocket APIs over hostile messages, tokens, and
// the frames of WebSockets. Input: an expression, a line break, a message.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "http/frame_guard.hpp"
#include "services/apigateway/http_api_jwt.hpp"
#include "services/apigateway/http_api_mapping.hpp"
#include "services/apigateway/http_url.hpp"

namespace v2 = paddock::services::apigateway::v2;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  const std::string expression(input.substr(0, line));
  const std::string_view message =
      line == std::string_view::npos ? std::string_view() : input.substr(line + 1);
  paddock::http::Headers headers;
  headers.add("a", "b");
  const std::map<std::string, std::string> parameters{{"p", "q"}};
  const paddock::Json variables = {{"v", "w"}};
  v2::MappingSource source;
  source.headers = &headers;
  source.query = message;
  source.body = message;
  source.parameters = &parameters;
  source.stage_variables = &variables;
  source.context = &variables;
  v2::mapped_value(expression, source);
  source.response = true;
  v2::mapped_value(expression, source);
  v2::parse_jwt(message);
  paddock::services::apigateway::parse_http_url(message);
  // However the stream is cut, the same frame is too long.
  paddock::http::FrameGuard whole(64);
  whole.pass(input);
  paddock::http::FrameGuard cut(64);
  for (size_t at = 0; at < input.size() && !cut.violated(); ++at) cut.pass(input.substr(at, 1));
  if (whole.violated() != cut.violated()) __builtin_trap();
  return 0;
}
