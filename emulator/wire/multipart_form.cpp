#include "wire/multipart_form.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace paddock::wire {
namespace form_detail {

constexpr size_t kBoundaryBytes = 70;

// The value of a parameter of a header, "a; name=value; other=\"quoted\"".
std::string parameter(std::string_view header, std::string_view wanted, bool& found) {
  found = false;
  size_t at = header.find(';');
  while (at != std::string_view::npos) {
    header.remove_prefix(at + 1);
    const size_t equals = header.find('=');
    if (equals == std::string_view::npos) break;
    const std::string_view name = trim(header.substr(0, equals));
    header.remove_prefix(equals + 1);
    while (header.starts_with(' ')) header.remove_prefix(1);
    std::string value;
    if (header.starts_with('"')) {
      size_t i = 1;
      for (; i < header.size() && header[i] != '"'; i++) {
        // Browsers quote a quote and leave other backslashes alone.
        if (header[i] == '\\' && i + 1 < header.size() && header[i + 1] == '"') i++;
        value += header[i];
      }
      header.remove_prefix(std::min(i + 1, header.size()));
    } else {
      value = trim(header.substr(0, header.find(';')));
    }
    if (equal_ignore_case(name, wanted)) {
      found = true;
      return value;
    }
    at = header.find(';');
  }
  return "";
}

}  // namespace form_detail

std::string form_boundary(std::string_view content_type) {
  const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  if (!equal_ignore_case(type, "multipart/form-data")) return "";
  bool found = false;
  std::string boundary = form_detail::parameter(content_type, "boundary", found);
  if (boundary.size() > form_detail::kBoundaryBytes) return "";
  return boundary;
}

void MultipartForm::feed(std::string_view bytes) {
  if (state_ != State::end && state_ != State::malformed) buffer_ += bytes;
}

MultipartForm::Event MultipartForm::fail() {
  state_ = State::malformed;
  buffer_.clear();
  return Event::malformed;
}

MultipartForm::Event MultipartForm::next(std::string& piece) {
  switch (state_) {
    case State::preamble: {
      const size_t at = buffer_.find(delimiter_);
      if (at == std::string::npos) {
        if (buffer_.size() > delimiter_.size()) {
          buffer_.erase(0, buffer_.size() - delimiter_.size());
        }
        return Event::more;
      }
      buffer_.erase(0, at + delimiter_.size());
      state_ = State::delimiter_end;
      return next(piece);
    }
    case State::delimiter_end:
      if (in_part_) {
        in_part_ = false;
        return Event::part_end;
      }
      if (buffer_.size() < 2) return Event::more;
      if (buffer_.starts_with("--")) {
        state_ = State::end;
        buffer_.clear();
        return Event::end;
      }
      state_ = State::head;
      return read_head();
    case State::head:
      return read_head();
    case State::body:
      return read_body(piece);
    case State::end:
      return Event::end;
    case State::malformed:
      break;
  }
  return Event::malformed;
}

// From behind a delimiter: blanks, a line's end, header lines, an empty line.
MultipartForm::Event MultipartForm::read_head() {
  const size_t end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) {
    return buffer_.size() > kHeadBytes + 4 ? fail() : Event::more;
  }
  if (end > kHeadBytes) return fail();
  const size_t line = buffer_.find("\r\n");
  if (!trim(std::string_view(buffer_).substr(0, line)).empty()) return fail();
  const std::string head = line == end ? std::string() : buffer_.substr(line + 2, end - line - 2);
  buffer_.erase(0, end + 4);
  if (!read_headers(head)) return fail();
  state_ = State::body;
  in_part_ = true;
  return Event::part;
}

bool MultipartForm::read_headers(std::string_view head) {
  name_.clear();
  filename_.clear();
  content_type_.clear();
  bool named = false;
  while (!head.empty()) {
    const size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 2);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view field = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (equal_ignore_case(field, "content-type")) content_type_ = value;
    if (!equal_ignore_case(field, "content-disposition")) continue;
    bool has_filename = false;
    name_ = form_detail::parameter(value, "name", named);
    filename_ = form_detail::parameter(value, "filename", has_filename);
  }
  return named;
}

// All but what may be the beginning of a delimiter.
MultipartForm::Event MultipartForm::read_body(std::string& piece) {
  const size_t at = buffer_.find(delimiter_);
  const size_t kept = delimiter_.size() - 1;
  const size_t ready =
      at != std::string::npos ? at : buffer_.size() - std::min(kept, buffer_.size());
  if (ready > 0) {
    piece = buffer_.substr(0, ready);
    buffer_.erase(0, ready);
    return Event::data;
  }
  if (at == std::string::npos) return Event::more;
  buffer_.erase(0, delimiter_.size());
  state_ = State::delimiter_end;
  return next(piece);
}

}  // namespace paddock::wire
