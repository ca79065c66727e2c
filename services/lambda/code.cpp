// What a caller hands over as bytes: deployment packages and payloads.
#include <algorithm>
#include <cctype>

#include "core/json_check.hpp"
#include "core/text.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/model.hpp"

namespace paddock::services::lambda {
namespace payload {

constexpr std::string_view kExpected =
    "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

struct Place {
  size_t line = 1, column = 1;
};
Place place_of(std::string_view text, size_t offset) {
  Place place;
  for (char c : text.substr(0, offset)) {
    if (c == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
  }
  return place;
}

// The service's JSON reader words its complaints in a few ways; these are the common ones.
std::string complaint(std::string_view text, size_t offset) {
  if (offset >= text.size()) {
    return "Unexpected end-of-input";
  }
  const auto byte = static_cast<unsigned char>(text[offset]);
  if (byte >= 0x80) {
    char hex[8];
    snprintf(hex, sizeof hex, "%02x", byte);
    return std::string("Invalid UTF-8 start byte 0x") + hex;
  }
  if (std::isalpha(byte) != 0) {
    size_t first = offset;
    while (first > 0 && std::isalnum(static_cast<unsigned char>(text[first - 1])) != 0) {
      --first;
    }
    size_t last = offset;
    while (last < text.size() && std::isalnum(static_cast<unsigned char>(text[last])) != 0) {
      ++last;
    }
    return "Unrecognized token '" + std::string(text.substr(first, last - first)) +
           "': was expecting " + std::string(kExpected);
  }
  const std::string shown =
      byte < 0x20 ? "(CTRL-CHAR, code " + std::to_string(byte) + ")"
                  : "'" + std::string(1, text[offset]) + "' (code " + std::to_string(byte) + ")";
  return "Unexpected character (" + shown + "): expected a valid value " + std::string(kExpected);
}

// Remembers where the text stopped being JSON.
class Checker : public nlohmann::json_sax<Json> {
 public:
  size_t error_at = 0;
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_at = position == 0 ? 0 : position - 1;
    return false;
  }
};

}  // namespace payload

::paddock::lambda::PackageFacts check_zip(std::string_view bytes) {
  if (bytes.size() > kMostZippedBytes) {
    throw AwsError(
        "RequestEntityTooLargeException",
        "Zipped size must be smaller than " + std::to_string(kMostZippedBytes) + " bytes", 413);
  }
  try {
    return ::paddock::lambda::check_package(bytes, kMostUnzippedBytes);
  } catch (const ::paddock::lambda::PackageTooLarge&) {
    throw errors::invalid_parameter("Unzipped size must be smaller than " +
                                    std::to_string(kMostUnzippedBytes) + " bytes");
  } catch (const ::paddock::lambda::BadPackage&) {
    throw errors::unzip_failed();
  }
}

void check_payload(std::string_view text) {
  if (text.empty() || is_json(text)) {
    return;
  }
  payload::Checker checker;
  if (Json::sax_parse(text, &checker)) {
    return;
  }
  const payload::Place place = payload::place_of(text, checker.error_at + 1);
  throw errors::user(
      "InvalidRequestContentException",
      "Could not parse request body into json: Could not parse payload into json: " +
          payload::complaint(text, checker.error_at) +
          "\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); "
          "line: " +
          std::to_string(place.line) + ", column: " + std::to_string(place.column) + "]",
      400);
}

}  // namespace paddock::services::lambda
