// multipart/form-data, read in pieces as it comes (RFC 7578, RFC 2046 5.1.1).
#pragma once

#include <string>
#include <string_view>

namespace paddock::wire {

// The boundary that a Content-Type names; "" if it is no multipart/form-data or has no usable one.
std::string form_boundary(std::string_view content_type);

// Decodes one body. Memory: what was fed and not yet taken, and one part's head of at most
// kHeadBytes. For one thread at a time.
class MultipartForm {
 public:
  static constexpr size_t kHeadBytes = 8 * 1024;

  enum class Event {
    more,      // feed it
    part,      // a part begins: see name, filename, content_type
    data,      // a piece of the part's body
    part_end,  // the part is complete
    end,       // the form is complete; what follows it means nothing
    malformed  // it is no form; for ever
  };

  explicit MultipartForm(const std::string& boundary) : delimiter_("\r\n--" + boundary) {}

  void feed(std::string_view bytes);
  // What comes next; for `data` its bytes are moved to `piece`.
  Event next(std::string& piece);

  // Of the part that began last.
  const std::string& name() const { return name_; }
  const std::string& filename() const { return filename_; }
  const std::string& content_type() const { return content_type_; }

 private:
  enum class State { preamble, delimiter_end, head, body, end, malformed };

  Event fail();
  Event read_head();
  Event read_body(std::string& piece);
  bool read_headers(std::string_view head);

  std::string delimiter_;
  // A delimiter begins with a line's end, which the first one lacks.
  std::string buffer_ = "\r\n";
  State state_ = State::preamble;
  bool in_part_ = false;
  std::string name_, filename_, content_type_;
};

}  // namespace paddock::wire
