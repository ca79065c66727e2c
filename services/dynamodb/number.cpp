#include "services/dynamodb/number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "services/dynamodb/item.hpp"
#include "services/dynamodb/validation.hpp"

namespace paddock::services::dynamodb {
namespace number_detail {

__extension__ typedef unsigned __int128 Wide;

constexpr int kKeyExponentBias = 129;
constexpr size_t kMaxKeyPairs = Number::kMaxDigits / 2;

constexpr std::array<Wide, 39> make_powers() {
  std::array<Wide, 39> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr std::array<Wide, 39> kPowers = make_powers();
constexpr Wide kLimit = kPowers[Number::kMaxDigits];  // 10^38

constexpr const char* kOverflow =
    "Number overflow. Attempting to store a number with magnitude larger than supported range";
constexpr const char* kUnderflow =
    "Number underflow. Attempting to store a number with magnitude smaller than supported range";
constexpr const char* kTooManyDigits =
    "Attempting to store more than 38 significant digits in a Number";
constexpr const char* kNotNumeric = "The parameter cannot be converted to a numeric value";

// Digits of a value below 10^38; 0 has none.
int count_digits(Wide value) {
  if (value == 0) return 0;
  const auto high = static_cast<uint64_t>(value >> 64);
  const int bits =
      high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(static_cast<uint64_t>(value));
  const int guess = bits * 1233 >> 12;
  return guess + (value >= kPowers[static_cast<size_t>(guess)] ? 1 : 0);
}

// Removes trailing zeros of a coefficient that is not 0.
void strip_zeros(Wide& coefficient, int64_t& exponent) {
  while (coefficient >> 64 != 0) {
    if (coefficient % 10 != 0) return;
    coefficient /= 10;
    ++exponent;
  }
  auto small = static_cast<uint64_t>(coefficient);
  while (small % 10 == 0) {
    small /= 10;
    ++exponent;
  }
  coefficient = small;
}

// Decimal digits into a buffer of at least 39 characters; returns their number.
size_t write_digits(Wide value, char* buffer) {
  constexpr uint64_t kChunk = 10'000'000'000'000'000'000U;  // 10^19
  char* const end = buffer + 40;
  if (value < kChunk)
    return static_cast<size_t>(std::to_chars(buffer, end, static_cast<uint64_t>(value)).ptr -
                               buffer);
  char* next = std::to_chars(buffer, end, static_cast<uint64_t>(value / kChunk)).ptr;
  auto rest = static_cast<uint64_t>(value % kChunk);
  for (char* p = next + 18; p >= next; --p) {
    *p = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  return static_cast<size_t>(next + 19 - buffer);
}

// What `parse` gathers from the digits of a mantissa.
struct Mantissa {
  Wide coefficient = 0;
  int64_t digits = 0;         // significant so far, without pending zeros
  int64_t pending_zeros = 0;  // zeros after the last digit that was not zero
  int64_t fraction = 0;       // digits after the point
  bool any = false;

  void add(char c, bool in_fraction) {
    any = true;
    if (in_fraction) ++fraction;
    const auto digit = static_cast<unsigned>(c - '0');
    if (digit == 0) {
      if (digits > 0) ++pending_zeros;
      return;
    }
    if (digits > 0) digits += pending_zeros;
    ++digits;
    if (digits <= Number::kMaxDigits)
      coefficient = coefficient * kPowers[static_cast<size_t>(pending_zeros + 1)] + digit;
    pending_zeros = 0;
  }
};

}  // namespace number_detail

struct NumberAccess {
  using Wide = number_detail::Wide;

  static Wide coefficient(const Number& n) { return Wide{n.high_} << 64 | n.low_; }
  static int digits(const Number& n) { return number_detail::count_digits(coefficient(n)); }
  // Exponent of the first digit.
  static int magnitude(const Number& n) { return n.exponent_ + digits(n) - 1; }

  // `coefficient` is below 10^38, not divisible by ten and not 0, the exponent in range.
  static Number raw(bool negative, Wide coefficient, int64_t exponent) {
    Number n;
    n.high_ = static_cast<uint64_t>(coefficient >> 64);
    n.low_ = static_cast<uint64_t>(coefficient);
    n.exponent_ = static_cast<int16_t>(exponent);
    n.negative_ = negative;
    return n;
  }

  static void check_magnitude(int64_t magnitude) {
    if (magnitude > Number::kMaxMagnitude) fail_validation(number_detail::kOverflow);
    if (magnitude < Number::kMinMagnitude) fail_validation(number_detail::kUnderflow);
  }

  // The result of arithmetic. AWS calls a result of more than 38 digits an overflow too.
  static Number result(bool negative, Wide coefficient, int64_t exponent) {
    if (coefficient == 0) return Number();
    number_detail::strip_zeros(coefficient, exponent);
    if (coefficient >= number_detail::kLimit) fail_validation(number_detail::kOverflow);
    check_magnitude(exponent + number_detail::count_digits(coefficient) - 1);
    return raw(negative, coefficient, exponent);
  }

  // Whether a decoded number is one that `raw` may hold.
  static bool canonical(Wide coefficient, int64_t exponent) {
    if (coefficient == 0 || coefficient >= number_detail::kLimit) return false;
    if (coefficient >> 64 != 0 ? coefficient % 10 == 0
                               : static_cast<uint64_t>(coefficient) % 10 == 0)
      return false;
    const int64_t magnitude = exponent + number_detail::count_digits(coefficient) - 1;
    return magnitude >= Number::kMinMagnitude && magnitude <= Number::kMaxMagnitude;
  }

  // |a| against |b|, neither zero.
  static std::strong_ordering compare_magnitude(const Number& a, const Number& b) {
    const int magnitude_a = magnitude(a);
    const int magnitude_b = magnitude(b);
    if (magnitude_a != magnitude_b) return magnitude_a <=> magnitude_b;
    Wide left = coefficient(a);
    Wide right = coefficient(b);
    // With equal magnitudes the scaled coefficient has as many digits as the other: at most 38.
    if (a.exponent_ > b.exponent_)
      left *= number_detail::kPowers[static_cast<size_t>(a.exponent_ - b.exponent_)];
    else
      right *= number_detail::kPowers[static_cast<size_t>(b.exponent_ - a.exponent_)];
    if (left == right) return std::strong_ordering::equal;
    return left < right ? std::strong_ordering::less : std::strong_ordering::greater;
  }
};

Number::Number(int64_t value) {
  if (value == 0) return;
  const uint64_t size = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  number_detail::Wide coefficient = size;
  int64_t exponent = 0;
  number_detail::strip_zeros(coefficient, exponent);
  *this = NumberAccess::raw(value < 0, coefficient, exponent);
}

Number Number::parse(std::string_view text) {
  if (text.empty()) {
    throw RewordedError(number_detail::kNotNumeric, std::string(number_detail::kNotNumeric) + ": ");
  }
  const auto refuse = [&] {
    fail_validation(std::string(number_detail::kNotNumeric) + ": " + std::string(text));
  };
  const auto is_digit = [&](size_t at) {
    return at < text.size() && text[at] >= '0' && text[at] <= '9';
  };
  size_t at = 0;
  const bool negative = text[0] == '-';
  if (text[0] == '-' || text[0] == '+') ++at;

  number_detail::Mantissa mantissa;
  for (; is_digit(at); ++at) mantissa.add(text[at], false);
  if (at < text.size() && text[at] == '.')
    for (++at; is_digit(at); ++at) mantissa.add(text[at], true);
  if (!mantissa.any) refuse();

  int64_t exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    const bool minus = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (!is_digit(at)) refuse();
    for (; is_digit(at); ++at) {
      if (__builtin_mul_overflow(exponent, 10, &exponent) ||
          __builtin_add_overflow(exponent, text[at] - '0', &exponent)) {
        refuse();
      }
    }
    // Beyond any length of a mantissa, and far from the ends of the type.
    exponent = std::min(exponent, int64_t{1'000'000'000'000});
    if (minus) exponent = -exponent;
  }
  if (at != text.size()) refuse();
  if (mantissa.digits == 0) {  // its exponent counts all the same
    NumberAccess::check_magnitude(exponent);
    return Number();
  }

  exponent += mantissa.pending_zeros - mantissa.fraction;
  NumberAccess::check_magnitude(exponent + mantissa.digits - 1);
  if (mantissa.digits > kMaxDigits) fail_validation(number_detail::kTooManyDigits);
  return NumberAccess::raw(negative, mantissa.coefficient, exponent);
}

void Number::append_text(std::string& out) const {
  if (zero()) {
    out += '0';
    return;
  }
  std::array<char, 48> buffer;
  const size_t count = number_detail::write_digits(NumberAccess::coefficient(*this), buffer.data());
  if (negative_) out += '-';
  if (exponent_ >= 0) {
    out.append(buffer.data(), count);
    out.append(static_cast<size_t>(exponent_), '0');
    return;
  }
  const auto fraction = static_cast<size_t>(-exponent_);
  if (fraction < count) {
    out.append(buffer.data(), count - fraction);
    out += '.';
    out.append(buffer.data() + count - fraction, fraction);
  } else {
    out += "0.";
    out.append(fraction - count, '0');
    out.append(buffer.data(), count);
  }
}

std::string Number::text() const {
  std::string out;
  append_text(out);
  return out;
}

std::optional<int64_t> Number::to_int64() const {
  if (zero()) return 0;
  if (exponent_ < 0 || NumberAccess::magnitude(*this) > 18) return std::nullopt;
  const number_detail::Wide size =
      NumberAccess::coefficient(*this) * number_detail::kPowers[static_cast<size_t>(exponent_)];
  const number_detail::Wide limit = (number_detail::Wide{1} << 63) - (negative_ ? 0 : 1);
  if (size > limit) return std::nullopt;
  const auto value = static_cast<uint64_t>(size);
  return static_cast<int64_t>(negative_ ? 0 - value : value);
}

Number Number::negated() const {
  Number out = *this;
  out.negative_ = !negative_ && !zero();
  return out;
}

Number Number::plus(const Number& other) const {
  if (zero()) return other;
  if (other.zero()) return *this;
  const Number& high = exponent_ >= other.exponent_ ? *this : other;
  const Number& low = exponent_ >= other.exponent_ ? other : *this;
  const int shift = high.exponent_ - low.exponent_;
  number_detail::Wide left = 0;
  const number_detail::Wide right = NumberAccess::coefficient(low);
  // A product beyond 128 bits leaves more than 38 digits whatever is subtracted from it.
  if (shift > kMaxDigits ||
      __builtin_mul_overflow(NumberAccess::coefficient(high),
                             number_detail::kPowers[static_cast<size_t>(shift)], &left))
    fail_validation(number_detail::kOverflow);
  if (high.negative_ == low.negative_) {
    number_detail::Wide sum = 0;
    if (__builtin_add_overflow(left, right, &sum)) fail_validation(number_detail::kOverflow);
    return NumberAccess::result(high.negative_, sum, low.exponent_);
  }
  if (left >= right) return NumberAccess::result(high.negative_, left - right, low.exponent_);
  return NumberAccess::result(low.negative_, right - left, low.exponent_);
}

Number Number::minus(const Number& other) const {
  return plus(other.negated());
}

size_t Number::size_bytes() const {
  if (zero()) return 1;
  const int digits = NumberAccess::digits(*this);
  const int integer = std::clamp(exponent_ + digits, 0, digits);
  const int fraction = digits - integer;
  return static_cast<size_t>(1 + (integer + 1) / 2 + (fraction + 1) / 2 + (negative_ ? 1 : 0));
}

std::strong_ordering operator<=>(const Number& a, const Number& b) {
  if (a.zero() || b.zero()) {
    const int sign_a = a.zero() ? 0 : a.negative_ ? -1 : 1;
    const int sign_b = b.zero() ? 0 : b.negative_ ? -1 : 1;
    return sign_a <=> sign_b;
  }
  if (a.negative_ != b.negative_)
    return a.negative_ ? std::strong_ordering::less : std::strong_ordering::greater;
  return a.negative_ ? NumberAccess::compare_magnitude(b, a)
                     : NumberAccess::compare_magnitude(a, b);
}

void Number::append_key(std::string& out) const {
  if (zero()) {
    out += '\x02';
    return;
  }
  std::array<char, 48> digits;
  size_t count = number_detail::write_digits(NumberAccess::coefficient(*this), digits.data());
  const int exponent = exponent_ + static_cast<int>(count);  // of 0.d1d2d3...
  if (count % 2 != 0) digits[count++] = '0';
  const auto flip = static_cast<unsigned char>(negative_ ? 0xFF : 0);
  const auto put = [&](int byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte) ^ flip);
  };
  out += negative_ ? '\x01' : '\x03';
  put(exponent + number_detail::kKeyExponentBias);
  for (size_t i = 0; i < count; i += 2) put((digits[i] - '0') * 10 + (digits[i + 1] - '0') + 1);
  put(0);
}

Number Number::read_key(std::string_view& in) {
  const auto take = [&] {
    if (in.empty()) throw CorruptData("number key: too short");
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    return byte;
  };
  const unsigned char sign = take();
  if (sign == 2) return Number();
  if (sign != 1 && sign != 3) throw CorruptData("number key: sign");
  const auto flip = static_cast<unsigned char>(sign == 1 ? 0xFF : 0);
  int64_t exponent = (take() ^ flip) - number_detail::kKeyExponentBias;
  number_detail::Wide coefficient = 0;
  unsigned last = 0;
  for (size_t pairs = 0;; ++pairs) {
    const unsigned byte = take() ^ flip;
    if (byte == 0) break;
    if (byte > 100 || pairs == number_detail::kMaxKeyPairs || (pairs == 0 && byte <= 10))
      throw CorruptData("number key: digits");
    last = byte - 1;
    coefficient = coefficient * 100 + last;
    exponent -= 2;
  }
  if (last == 0) throw CorruptData("number key: last digits");
  if (last % 10 == 0) {
    coefficient /= 10;
    ++exponent;
  }
  if (!NumberAccess::canonical(coefficient, exponent)) throw CorruptData("number key: range");
  return NumberAccess::raw(sign == 1, coefficient, exponent);
}

void Number::encode(std::string& out) const {
  std::array<char, 20> bytes;
  size_t at = 1;
  size_t exponent_bytes = 0;
  if (exponent_ != 0) {
    bytes[at++] = static_cast<char>(exponent_ & 0xFF);
    exponent_bytes = exponent_ < -128 || exponent_ > 127 ? 2 : 1;
    if (exponent_bytes == 2) bytes[at++] = static_cast<char>(exponent_ >> 8 & 0xFF);
  }
  const size_t start = at;
  uint64_t rest = low_;
  if (high_ != 0) {
    for (int i = 0; i < 8; ++i, rest >>= 8) bytes[at++] = static_cast<char>(rest & 0xFF);
    rest = high_;
  }
  for (; rest != 0; rest >>= 8) bytes[at++] = static_cast<char>(rest & 0xFF);
  bytes[0] = static_cast<char>((negative_ ? 0x80U : 0U) | exponent_bytes << 5U | (at - start));
  out.append(bytes.data(), at);
}

size_t Number::encoded_size(std::string_view in) {
  if (in.empty()) throw CorruptData("number: empty");
  const auto flags = static_cast<unsigned char>(in[0]);
  const size_t size = 1 + (flags >> 5 & 3U) + (flags & 31U);
  if (size > in.size()) throw CorruptData("number: too short");
  return size;
}

Number Number::decode(std::string_view& in) {
  const size_t size = encoded_size(in);
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(in[at]); };
  const unsigned flags = byte(0);
  const size_t exponent_bytes = flags >> 5 & 3U;
  const size_t coefficient_bytes = flags & 31U;
  if (flags == 0) {
    in.remove_prefix(1);
    return Number();
  }
  if (exponent_bytes > 2 || coefficient_bytes == 0 || coefficient_bytes > 16)
    throw CorruptData("number: flags");
  int exponent = 0;
  if (exponent_bytes == 1) {
    exponent = static_cast<signed char>(byte(1));
    if (exponent == 0) throw CorruptData("number: exponent form");
  } else if (exponent_bytes == 2) {
    exponent = static_cast<int16_t>(byte(1) | byte(2) << 8);
    if (exponent >= -128 && exponent <= 127) throw CorruptData("number: exponent form");
  }
  if (byte(size - 1) == 0) throw CorruptData("number: coefficient form");
  number_detail::Wide coefficient = 0;
  if (coefficient_bytes <= 8) {
    uint64_t small = 0;
    for (size_t i = size; i-- > 1 + exponent_bytes;) small = small << 8 | byte(i);
    coefficient = small;
  } else {
    for (size_t i = size; i-- > 1 + exponent_bytes;) coefficient = coefficient << 8 | byte(i);
  }
  if (!NumberAccess::canonical(coefficient, exponent)) throw CorruptData("number: range");
  in.remove_prefix(size);
  return NumberAccess::raw((flags & 0x80U) != 0, coefficient, exponent);
}

}  // namespace paddock::services::dynamodb
