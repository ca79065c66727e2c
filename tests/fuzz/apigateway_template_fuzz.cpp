// Hostile mapping templates over hostile bodies: only TemplateError may come out.
#include <cstdint>
#include <string_view>

#include "services/apigateway/vtl.hpp"

namespace vtl = paddock::services::apigateway::vtl;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 16 * 1024) return 0;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t mark = input.find('\0');
  const vtl::Parameters parameters{{"id", "1"}, {"id", "2"}};
  vtl::Inputs inputs;
  inputs.path = inputs.querystring = inputs.header = &parameters;
  if (mark != std::string_view::npos) {
    inputs.body = input.substr(mark + 1);
    input = input.substr(0, mark);
  }
  paddock::Json context = {{"stage", "test"}};
  inputs.context = [&]() -> paddock::Json& { return context; };
  try {
    vtl::render(*vtl::Template::parse(input), inputs);
  } catch (const vtl::TemplateError&) {
  }
  return 0;
}
