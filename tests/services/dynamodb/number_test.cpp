#include "services/dynamodb/number.hpp"

#include <algorithm>
#include <random>

#include "core/text.hpp"
#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb {
namespace {

using testing::refusal;

std::string canonical(std::string_view text) {
  return Number::parse(text).text();
}
std::string number_refused(std::string_view text) {
  return refusal([&] { Number::parse(text); });
}
std::string key_hex(std::string_view text) {
  std::string out;
  Number::parse(text).append_key(out);
  return to_hex(out);
}
std::string compact_hex(std::string_view text) {
  std::string out;
  Number::parse(text).encode(out);
  return to_hex(out);
}

constexpr const char* kOverflow =
    "Number overflow. Attempting to store a number with magnitude larger than supported range";
constexpr const char* kUnderflow =
    "Number underflow. Attempting to store a number with magnitude smaller than supported range";

TEST(DynamoNumber, ReadsEveryAcceptedFormAndWritesItExpanded) {
  EXPECT_EQ(canonical("+5"), "5");
  EXPECT_EQ(canonical(".5"), "0.5");
  EXPECT_EQ(canonical("5."), "5");
  EXPECT_EQ(canonical("-0"), "0");
  EXPECT_EQ(canonical("0e125"), "0");
  EXPECT_EQ(canonical("0042"), "42");
  EXPECT_EQ(canonical("1.200"), "1.2");
  EXPECT_EQ(canonical("100"), "100");
  EXPECT_EQ(canonical("1e3"), "1000");
  EXPECT_EQ(canonical("12E-4"), "0.0012");
  EXPECT_EQ(canonical("-12.5e+1"), "-125");
  EXPECT_EQ(canonical("1E125"), "1" + std::string(125, '0'));
  EXPECT_EQ(canonical("1E-130"), "0." + std::string(129, '0') + "1");
  EXPECT_EQ(canonical("12345678901234567890123456789012345678"),
            "12345678901234567890123456789012345678");
  EXPECT_EQ(canonical("1234567890123456789.0123456789012345678"),
            "1234567890123456789.0123456789012345678");
}

TEST(DynamoNumber, RefusesWhatIsNoNumber) {
  EXPECT_EQ(number_refused(""), "The parameter cannot be converted to a numeric value");
  for (const char* text : {"abc", " 1", "1 ", "1e", "1e+", ".", "+", "--1", "1.2.3", "0x10", "NaN",
                           "Infinity", "1e1.5", "1_000"})
    EXPECT_EQ(number_refused(text),
              std::string("The parameter cannot be converted to a numeric value: ") + text);
}

TEST(DynamoNumber, EnforcesItsRangeAtTheEdge) {
  const std::string nines = "9." + std::string(37, '9');
  EXPECT_EQ(number_refused(nines + "E125"), "accepted");
  EXPECT_EQ(number_refused("-" + nines + "E125"), "accepted");
  EXPECT_EQ(number_refused("1E126"), kOverflow);
  EXPECT_EQ(number_refused("-1E126"), kOverflow);
  EXPECT_EQ(number_refused("1E-130"), "accepted");
  EXPECT_EQ(number_refused("9.9E-131"), kUnderflow);
  EXPECT_EQ(number_refused("1E99999999999"), kOverflow);
  EXPECT_EQ(number_refused("1E-99999999999"), kUnderflow);
}

TEST(DynamoNumber, ChecksTheExponentThatZeroIsWrittenWith) {
  EXPECT_EQ(number_refused("0e126"), kOverflow);
  EXPECT_EQ(number_refused("0e-131"), kUnderflow);
}

TEST(DynamoNumber, RefusesAnExponentThatIsNo64BitInteger) {
  for (const char* text : {"1e9223372036854775808", "1E-99999999999999999999"}) {
    EXPECT_EQ(number_refused(text),
              std::string("The parameter cannot be converted to a numeric value: ") + text);
  }
  EXPECT_EQ(number_refused("1e9223372036854775807"), kOverflow);
}

TEST(DynamoNumber, KeepsAtMost38SignificantDigits) {
  EXPECT_EQ(number_refused(std::string(38, '9')), "accepted");
  EXPECT_EQ(number_refused(std::string(39, '9')),
            "Attempting to store more than 38 significant digits in a Number");
  EXPECT_EQ(number_refused("0." + std::string(37, '0') + std::string(38, '7')), "accepted");
  EXPECT_EQ(number_refused("1" + std::string(37, '0') + "1"),
            "Attempting to store more than 38 significant digits in a Number");
  EXPECT_EQ(number_refused("1" + std::string(80, '0') + ".000"), "accepted");
}

TEST(DynamoNumber, ComparesByValue) {
  const std::vector<std::string> ascending = {
      "-9.9E125", "-1E20", "-123.45", "-123.4", "-1",     "-0.5", "-1E-130", "0",
      "1E-130",   "0.001", "0.01",    "0.5",    "1",      "1.05", "1.5",     "9",
      "10",       "99",    "100",     "123.4",  "123.45", "1E20", "9.9E125"};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(Number::parse(ascending[i]) <=> Number::parse(ascending[j]), i <=> j)
          << ascending[i] << " " << ascending[j];
      std::string left, right;
      Number::parse(ascending[i]).append_key(left);
      Number::parse(ascending[j]).append_key(right);
      EXPECT_EQ(left.compare(right) <=> 0, i <=> j) << ascending[i] << " " << ascending[j];
    }
  }
  EXPECT_EQ(Number::parse("100"), Number::parse("100.0"));
  EXPECT_EQ(Number::parse("1e2"), Number(100));
}

TEST(DynamoNumber, AddsAndSubtractsExactly) {
  const auto sum = [](const char* a, const char* b) {
    return Number::parse(a).plus(Number::parse(b)).text();
  };
  EXPECT_EQ(sum("1", "1"), "2");
  EXPECT_EQ(sum("0.1", "0.2"), "0.3");
  EXPECT_EQ(sum("5", "-5"), "0");
  EXPECT_EQ(sum("99", "1"), "100");
  EXPECT_EQ(sum("1", "-0.1"), "0.9");
  EXPECT_EQ(sum("100000000000000000000.00000001", "-1"), "99999999999999999999.00000001");
  EXPECT_EQ(sum("1E38", ("-" + std::string(38, '9')).c_str()), "1");
  EXPECT_EQ(sum("9e125", "9e124"), "99" + std::string(124, '0'));
  EXPECT_EQ(Number::parse("1").minus(Number::parse("3.5")).text(), "-2.5");
}

TEST(DynamoNumber, RefusesResultsOutOfRangeOrPrecision) {
  const auto sum = [](const char* a, const char* b) {
    return refusal([&] { Number::parse(a).plus(Number::parse(b)); });
  };
  EXPECT_EQ(sum("9e125", "9e125"), kOverflow);
  EXPECT_EQ(sum("1e50", "1"), kOverflow);  // AWS's words for a result of more than 38 digits
  EXPECT_EQ(sum("1e50", "-1"), kOverflow);
  EXPECT_EQ(sum("1e37", "1"), "accepted");
  EXPECT_EQ(sum("1e38", "1"), kOverflow);
  EXPECT_EQ(sum("1.1e-130", "-1e-130"), kUnderflow);
}

TEST(DynamoNumber, CostsWhatAwsCharges) {
  const std::vector<std::pair<const char*, size_t>> cases = {
      {"0", 1},     {"1", 2},         {"12", 2},
      {"123", 3},   {"12345", 4},     {"123456789", 6},
      {"0042", 2},  {"100", 2},       {"1010", 3},
      {"1.5", 3},   {"1.234", 4},     {"3.14159", 5},
      {"1E125", 2}, {"1E-100", 2},    {"-42", 3},
      {"-0", 1},    {"0.0000001", 2}, {"12345678901234567890123456789012345678", 20}};
  for (const auto& [text, size] : cases) EXPECT_EQ(Number::parse(text).size_bytes(), size) << text;
}

TEST(DynamoNumber, KeyFormVectors) {
  EXPECT_EQ(key_hex("0"), "02");
  EXPECT_EQ(key_hex("1"), "03820b00");
  EXPECT_EQ(key_hex("-1"), "017df4ff");
  EXPECT_EQ(key_hex("123.45"), "03840d233300");
  EXPECT_EQ(key_hex("1E-130"), "03000b00");
  EXPECT_EQ(key_hex("1E125"), "03ff0b00");
}

TEST(DynamoNumber, CompactFormVectors) {
  EXPECT_EQ(compact_hex("0"), "00");
  EXPECT_EQ(compact_hex("1"), "0101");
  EXPECT_EQ(compact_hex("-1"), "8101");
  EXPECT_EQ(compact_hex("100"), "210201");
  EXPECT_EQ(compact_hex("0.5"), "21ff05");
  EXPECT_EQ(compact_hex("1E-130"), "417eff01");
}

TEST(DynamoNumber, RandomNumbersSurviveBothFormsAndKeepTheirOrder) {
  std::mt19937_64 random(7);
  std::vector<Number> numbers;
  for (int i = 0; i < 3000; ++i) {
    std::string text = random() % 2 != 0 ? "-" : "";
    const size_t digits = 1 + random() % 38;
    for (size_t d = 0; d < digits; ++d) text += static_cast<char>('0' + random() % 10);
    text += "E" + std::to_string(static_cast<int>(random() % 240) - 130);
    if (number_refused(text) == "accepted") numbers.push_back(Number::parse(text));
  }
  ASSERT_GT(numbers.size(), 2000U);
  for (const Number& number : numbers) {
    EXPECT_EQ(Number::parse(number.text()), number);
    std::string key, compact;
    number.append_key(key);
    number.encode(compact);
    EXPECT_EQ(Number::encoded_size(compact), compact.size());
    std::string_view rest = key;
    EXPECT_EQ(Number::read_key(rest), number);
    EXPECT_TRUE(rest.empty());
    rest = compact;
    EXPECT_EQ(Number::decode(rest), number);
    EXPECT_TRUE(rest.empty());
  }
  std::sort(numbers.begin(), numbers.end());
  for (size_t i = 1; i < numbers.size(); ++i) {
    std::string left, right;
    numbers[i - 1].append_key(left);
    numbers[i].append_key(right);
    EXPECT_LE(left, right);
  }
}

TEST(DynamoNumber, RefusesMalformedBytes) {
  const auto decode = [](std::string_view hex) {
    const std::string bytes = from_hex(hex).value();
    std::string_view in = bytes;
    return Number::decode(in);
  };
  const auto read_key = [](std::string_view hex) {
    const std::string bytes = from_hex(hex).value();
    std::string_view in = bytes;
    return Number::read_key(in);
  };
  for (const char* hex :
       {"", "01", "80", "0100", "010a", "2100", "210001", "61000001", "1f01", "217e01", "412a0001"})
    EXPECT_THROW(decode(hex), CorruptData) << hex;
  for (const char* hex :
       {"", "00", "03", "0382", "03820b", "038200", "03820100", "03826600", "03820b0100"})
    EXPECT_THROW(read_key(hex), CorruptData) << hex;
}

TEST(DynamoNumber, GivesWholeNumbersThatFit) {
  EXPECT_EQ(Number::parse("1700000000").to_int64(), 1700000000);
  EXPECT_EQ(Number::parse("-9223372036854775808").to_int64(), INT64_MIN);
  EXPECT_EQ(Number::parse("9223372036854775807").to_int64(), INT64_MAX);
  EXPECT_EQ(Number::parse("9223372036854775808").to_int64(), std::nullopt);
  EXPECT_EQ(Number::parse("1.5").to_int64(), std::nullopt);
  EXPECT_EQ(Number::parse("1e100").to_int64(), std::nullopt);
  EXPECT_EQ(Number(INT64_MIN).text(), "-9223372036854775808");
}

}  // namespace
}  // namespace paddock::services::dynamodb
