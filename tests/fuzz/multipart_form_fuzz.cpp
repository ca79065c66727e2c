// Forms of browsers: however a body is cut, it says the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "wire/multipart_form.hpp"

namespace {

using paddock::wire::MultipartForm;

std::string decoded(std::string_view body, size_t step) {
  MultipartForm form("b");
  std::string said, piece;
  size_t fed = 0;
  for (;;) {
    switch (form.next(piece)) {
      case MultipartForm::Event::more:
        if (fed >= body.size()) return said + "[cut]";
        form.feed(body.substr(fed, step));
        fed += step;
        break;
      case MultipartForm::Event::part:
        said += "[" + form.name() + "|" + form.filename() + "|" + form.content_type() + "]";
        break;
      case MultipartForm::Event::data:
        said += piece;
        break;
      case MultipartForm::Event::part_end:
        said += "[/]";
        break;
      case MultipartForm::Event::end:
        return said + "[end]";
      case MultipartForm::Event::malformed:
        return said + "[malformed]";
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  paddock::wire::form_boundary(text);
  const std::string whole = decoded(text, size + 1);
  for (const size_t step : {size_t{1}, size_t{3}, size_t{64}}) {
    if (decoded(text, step) != whole) std::abort();
  }
  return 0;
}
