#include "core/json_check.hpp"

#include <cmath>
#include <limits>

// Boost.JSON's reader takes a sixth of the time of the library that makes our documents. This file
// is the only one that includes it.
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>

namespace paddock {
namespace json_check {

namespace json = boost::json;

// Takes what the reader finds, and drops it.
struct Nothing {
  static constexpr size_t max_object_size = std::numeric_limits<size_t>::max();
  static constexpr size_t max_array_size = max_object_size;
  static constexpr size_t max_key_size = max_object_size;
  static constexpr size_t max_string_size = max_object_size;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(size_t, json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(size_t, json::error_code&) { return true; }
  bool on_string_part(json::string_view, size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, size_t, json::error_code&) { return true; }
  bool on_key_part(json::string_view, size_t, json::error_code&) { return true; }
  bool on_key(json::string_view, size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double number, json::string_view, json::error_code& error) {
    if (std::isinf(number)) error = json::error::exponent_overflow;
    return !error;
  }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

}  // namespace json_check

bool is_json(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 1000;
  boost::json::basic_parser<json_check::Nothing> parser(options);
  boost::json::error_code error;
  const size_t read = parser.write_some(false, text.data(), text.size(), error);
  return !error && read == text.size();
}

}  // namespace paddock
