// DynamoDB's Number: an exact decimal of up to 38 significant digits, magnitude 1E-130 to
// 9.9999999999999999999999999999999999999E+125 (both signs) or zero.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
//
// Byte formats (version of the item codec; test vectors in
// tests/services/dynamodb/number_test.cpp):
//
// Key form, order-preserving under memcmp and self-delimiting (a following tuple element does not
// disturb the order):
//   negative 0x01 | zero 0x02 | positive 0x03, and for the latter two signs
//   exponent e + 129 as one byte, where the value is 0.d1d2d3... x 10^e, -129 <= e <= 126
//   pairs of digits (d1d2, d3d4, ...; the last padded with 0), each as its value + 1
//   0x00
// With a negative number every byte after the sign byte is complemented (255 - byte).
//   0 = 02    1 = 03 82 0b 00    -1 = 01 7d f4 ff    123.45 = 03 84 0d 23 33 00
//
// Compact form, canonical (equal numbers have equal bytes) and self-delimiting:
//   byte 0: bit 7 sign, bits 6-5 bytes of the exponent (0, 1, 2), bits 4-0 bytes of the coefficient
//   the exponent, two's complement, little endian, shortest form (none for 0)
//   the coefficient, little endian, without leading zero bytes; never divisible by ten
//   0 = 00    1 = 01 01    -1 = 81 01    100 = 21 02 01    0.5 = 21 ff 05
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace paddock::services::dynamodb {

// A value type; all functions are pure.
class Number {
 public:
  static constexpr int kMaxDigits = 38;
  // Exponents of the first significant digit: d.ddd x 10^exponent.
  static constexpr int kMinMagnitude = -130;
  static constexpr int kMaxMagnitude = 125;

  Number() = default;  // zero
  explicit Number(int64_t value);

  // Accepts [+-] digits [. digits] [e|E [+-] digits] with at least one digit in the mantissa (".5",
  // "5." and "+5" are fine, white space is not). Throws ValidationException with AWS's text: not a
  // number, overflow, underflow, more than 38 significant digits.
  static Number parse(std::string_view text);

  // As DynamoDB returns it: no exponent, no leading or trailing zeros, "0" for zero.
  std::string text() const;
  void append_text(std::string& out) const;

  bool zero() const { return high_ == 0 && low_ == 0; }
  bool negative() const { return negative_; }
  // The value if it is a whole number that fits.
  std::optional<int64_t> to_int64() const;

  // Exact sum and difference. Throws ValidationException if the result is out of range or needs
  // more than 38 digits.
  Number plus(const Number& other) const;
  Number minus(const Number& other) const;
  Number negated() const;

  // What AWS charges for it: 1 + ceil(integer digits / 2) + ceil(fraction digits / 2), plus 1 if
  // negative; zeros at either end of the digits are not counted. Zero costs 1.
  size_t size_bytes() const;

  // Appends the key form. `read_key` consumes it; throws CorruptData (item.hpp) if malformed.
  void append_key(std::string& out) const;
  static Number read_key(std::string_view& in);

  // Appends the compact form. `decode` consumes it; throws CorruptData if malformed or not
  // canonical.
  void encode(std::string& out) const;
  static Number decode(std::string_view& in);
  // Bytes of the compact form that starts at `in`; throws CorruptData if `in` is shorter.
  static size_t encoded_size(std::string_view in);

  friend std::strong_ordering operator<=>(const Number& a, const Number& b);
  friend bool operator==(const Number& a, const Number& b) {
    return a.high_ == b.high_ && a.low_ == b.low_ && a.exponent_ == b.exponent_ &&
           a.negative_ == b.negative_;
  }

 private:
  friend struct NumberAccess;
  // coefficient * 10^exponent; the coefficient is below 10^38 and not divisible by ten, or all is
  // 0.
  uint64_t high_ = 0;
  uint64_t low_ = 0;
  int16_t exponent_ = 0;
  bool negative_ = false;
};

}  // namespace paddock::services::dynamodb
