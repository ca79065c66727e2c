// Reads JSON text in place, for operations that are called most (DESIGN 2, raw): no document, no
// memory but for strings with escapes. It knows no error texts. Whatever it does not expect or take
// makes it fail, and the caller then goes the ordinary way through `parse_json`, which accepts all
// that this reader accepts, with the same values.
//
//   JsonScan in(text);
//   in.open_object();
//   for (std::string_view name; in.next_member(name);) { … one value … }
//   if (!in.finish()) …
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace paddock::wire {

// Not thread-safe. Views that it gives live as long as it and the text.
class JsonScan {
 public:
  explicit JsonScan(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}
  JsonScan(const JsonScan&) = delete;
  JsonScan& operator=(const JsonScan&) = delete;

  // Once true, every other function returns false.
  bool failed() const { return failed_; }
  // For callers that do not take what they read. Returns false.
  bool fail();

  // The beginning of the next value; fails if it is of another type.
  bool open_object();
  bool open_array();
  // The next member's name, whose value must be read then; false at the end of the object.
  bool next_member(std::string_view& name);
  // True if there is an element, which must be read then; false at the end of the array.
  bool next_element();

  // A whole value; fails if it is of another type.
  bool string(std::string_view& value);
  bool boolean(bool& value);
  // A whole number of at most 18 digits, without sign, fraction or exponent.
  bool natural(uint64_t& value);

  // True if nothing failed and nothing is left.
  bool finish();

 private:
  char next();  // after white space, not consumed; 0 at the end
  bool open(char bracket);
  bool more(char bracket);
  bool word(std::string_view expected);
  bool unescape(const char* start, std::string_view& value);
  bool unescape_one();
  bool unescape_unit(uint32_t& unit);

  const char* at_;
  const char* end_;
  bool failed_ = false;
  bool fresh_ = false;  // an object or array was opened and nothing of it read yet
  std::string texts_;   // strings that had escapes; never grows beyond its first capacity
};

}  // namespace paddock::wire
