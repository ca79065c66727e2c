#include "storage/keys.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace paddock::storage {
namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (int value : values) {
    out.push_back(static_cast<char>(value));
  }
  return out;
}

TEST(Keys, StartWithRealmAndKind) {
  EXPECT_EQ(Key(0x01020304, 0x7F).bytes(), bytes({1, 2, 3, 4, 0x7F}));
}

TEST(Keys, HaveTheseVectors) {
  const std::string head = bytes({0, 0, 0, 1, 2});
  const auto field = [&](const Key& key) { return key.bytes().substr(head.size()); };
  EXPECT_EQ(field(Key(1, 2).u8(0xFE)), bytes({0xFE}));
  EXPECT_EQ(field(Key(1, 2).u32(0xA1B2C3D4)), bytes({0xA1, 0xB2, 0xC3, 0xD4}));
  EXPECT_EQ(field(Key(1, 2).u64(0x0102030405060708)), bytes({1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(field(Key(1, 2).i64(0)), bytes({0x80, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(field(Key(1, 2).i64(1)), bytes({0x80, 0, 0, 0, 0, 0, 0, 1}));
  EXPECT_EQ(field(Key(1, 2).i64(-1)), bytes({0x7F, 255, 255, 255, 255, 255, 255, 255}));
  EXPECT_EQ(field(Key(1, 2).i64(std::numeric_limits<int64_t>::min())),
            bytes({0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(field(Key(1, 2).text("")), bytes({0, 1}));
  EXPECT_EQ(field(Key(1, 2).text("ab")), bytes({'a', 'b', 0, 1}));
  EXPECT_EQ(field(Key(1, 2).text(std::string("a\0b", 3))), bytes({'a', 0, 0xFF, 'b', 0, 1}));
  EXPECT_EQ(field(Key(1, 2).text(std::string(2, '\0'))), bytes({0, 0xFF, 0, 0xFF, 0, 1}));
  EXPECT_EQ(field(Key(1, 2).raw(std::string("\0\xFF", 2))), bytes({0, 0xFF}));
}

TEST(Keys, AreReadBackFieldByField) {
  const std::string text("a\0\xFF\x01", 4);
  const std::string key =
      Key(9, 3).u8(7).u32(70).u64(700).i64(-7000).text(text).text("").raw("rest").bytes();
  KeyReader reader(key);
  EXPECT_EQ(reader.realm(), 9u);
  EXPECT_EQ(reader.kind(), 3);
  EXPECT_EQ(reader.u8(), 7);
  EXPECT_EQ(reader.u32(), 70u);
  EXPECT_EQ(reader.u64(), 700u);
  EXPECT_EQ(reader.i64(), -7000);
  EXPECT_EQ(reader.text(), text);
  EXPECT_EQ(reader.text(), "");
  EXPECT_FALSE(reader.done());
  EXPECT_EQ(reader.rest(), "rest");
  EXPECT_TRUE(reader.done());
}

TEST(Keys, ThatAreCutOffOrMalformedAreRefused) {
  EXPECT_THROW(KeyReader(bytes({0, 0, 0, 1})), CorruptKey);
  const std::string number = Key(1, 2).u32(5).bytes();
  EXPECT_THROW(KeyReader(number).u64(), CorruptKey);
  const std::string open_ended = bytes({0, 0, 0, 1, 2, 'a', 'b'});
  EXPECT_THROW(KeyReader(open_ended).text(), CorruptKey);
  const std::string cut_escape = bytes({0, 0, 0, 1, 2, 'a', 0});
  EXPECT_THROW(KeyReader(cut_escape).text(), CorruptKey);
  const std::string unknown_escape = bytes({0, 0, 0, 1, 2, 'a', 0, 7, 0, 1});
  EXPECT_THROW(KeyReader(unknown_escape).text(), CorruptKey);
}

TEST(Keys, OrderAsTheirFieldsDo) {
  using Row = std::tuple<std::string, int64_t, uint64_t, std::string>;
  std::mt19937_64 random(20240501);
  const auto text = [&] {
    static constexpr char kAlphabet[] = {'\0', '\x01', 'a', '\xFE', '\xFF'};
    std::string out(random() % 5, '\0');
    for (char& byte : out) {
      byte = kAlphabet[random() % sizeof kAlphabet];
    }
    return out;
  };
  const auto number = [&] {
    // Of every magnitude, so that each byte decides once.
    return random() >> (random() % 64);
  };
  // Strings compare as unsigned bytes.
  std::vector<Row> rows;
  for (int i = 0; i < 3000; ++i) {
    const auto signed_number = static_cast<int64_t>(number());
    rows.emplace_back(text(), random() % 2 == 0 ? signed_number : -signed_number, number(), text());
  }
  std::sort(rows.begin(), rows.end());
  const auto encode = [](const Row& row) {
    return Key(1, 1)
        .text(std::get<0>(row))
        .i64(std::get<1>(row))
        .u64(std::get<2>(row))
        .text(std::get<3>(row))
        .bytes();
  };
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::string before = encode(rows[i - 1]);
    const std::string after = encode(rows[i]);
    ASSERT_EQ(before == after, rows[i - 1] == rows[i]);
    ASSERT_LE(before.compare(after), 0) << "at " << i;
  }
}

TEST(Keys, TextsThatExtendAnotherComeAfterIt) {
  const auto encode = [](std::string_view text) { return Key(1, 1).text(text).bytes(); };
  EXPECT_LT(encode("a"), encode(std::string_view("a\0", 2)));
  EXPECT_LT(encode(std::string_view("a\0", 2)), encode("ab"));
}

TEST(Keys, PrefixEndIsTheFirstKeyBehindThePrefix) {
  EXPECT_EQ(prefix_end("ab"), "ac");
  EXPECT_EQ(prefix_end(bytes({'a', 0xFF, 0xFF})), "b");
  EXPECT_EQ(prefix_end(bytes({0x7F})), bytes({0x80}));
  EXPECT_EQ(prefix_end(bytes({0xFF, 0xFF})), "");
  EXPECT_EQ(prefix_end(""), "");
}

}  // namespace
}  // namespace paddock::storage
