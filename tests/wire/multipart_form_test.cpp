#include "wire/multipart_form.hpp"

#include <gtest/gtest.h>

namespace paddock::wire {
namespace {

using Event = MultipartForm::Event;

// Everything a body says, fed in steps: "name(filename)=value;" for each part, then how it ended.
std::string decoded(const std::string& body, size_t step, const std::string& boundary = "b") {
  MultipartForm form(boundary);
  std::string said, piece;
  size_t fed = 0;
  for (;;) {
    switch (form.next(piece)) {
      case Event::more:
        if (fed >= body.size()) return said + "cut";
        form.feed(std::string_view(body).substr(fed, step));
        fed += step;
        break;
      case Event::part:
        said += form.name() + "(" + form.filename() + ")=";
        break;
      case Event::data:
        said += piece;
        break;
      case Event::part_end:
        said += ";";
        break;
      case Event::end:
        return said + "end";
      case Event::malformed:
        return said + "malformed";
    }
  }
}

std::string part(const std::string& disposition, const std::string& body) {
  return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + body + "\r\n";
}

TEST(MultipartForm, ReadsPartsHoweverTheyAreCut) {
  const std::string body = "preamble\r\n" + part("name=\"one\"", "1") + part("name=two", "") +
                           part("name=\"f\"; filename=\"a.txt\"", "x\r\n--\r\n--c\r") +
                           "--b--\r\nepilogue";
  for (const size_t step : {size_t{1}, size_t{2}, size_t{7}, body.size()}) {
    EXPECT_EQ(decoded(body, step), "one()=1;two()=;f(a.txt)=x\r\n--\r\n--c\r;end") << step;
  }
}

TEST(MultipartForm, KnowsNamesAsBrowsersWriteThem) {
  EXPECT_EQ(decoded(part("name=\"a;b\"; filename=\"c:\\\\d\\\"e.txt\"", "v") + "--b--", 5),
            "a;b(c:\\\\d\"e.txt)=v;end");
  MultipartForm form("b");
  std::string piece;
  form.feed("--b \r\nCONTENT-TYPE: text/x\r\ncontent-disposition: form-data; NAME=n\r\n\r\n");
  EXPECT_EQ(form.next(piece), Event::part);
  EXPECT_EQ(form.name(), "n");
  EXPECT_EQ(form.content_type(), "text/x");
}

TEST(MultipartForm, RefusesWhatIsNoForm) {
  EXPECT_EQ(decoded("", 1), "cut");
  EXPECT_EQ(decoded("--b\r\n\r\nvalue\r\n--b--", 3), "malformed");
  EXPECT_EQ(decoded("--b\r\nno colon\r\n\r\nvalue", 3), "malformed");
  EXPECT_EQ(decoded("--bad\r\nContent-Disposition: form-data; name=x\r\n\r\n", 3), "malformed");
  EXPECT_EQ(decoded("--b\r\nX: " + std::string(MultipartForm::kHeadBytes, 'x'), 1000), "malformed");
  EXPECT_EQ(decoded(part("name=x", "v"), 4), "x()=cut");
}

TEST(MultipartForm, FindsTheBoundary) {
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(form_boundary("Multipart/Form-Data; charset=x; Boundary=\"a b\""), "a b");
  EXPECT_EQ(form_boundary("multipart/form-data"), "");
  EXPECT_EQ(form_boundary("text/plain; boundary=abc"), "");
  EXPECT_EQ(form_boundary("multipart/form-data; boundary=" + std::string(71, 'a')), "");
}

}  // namespace
}  // namespace paddock::wire
