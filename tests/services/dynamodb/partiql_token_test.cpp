// NextToken, and what statements need leave for.
#include "services/dynamodb/partiql_token.hpp"

#include "core/text.hpp"
#include "services/dynamodb/partiql_access.hpp"
#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb::partiql_token_tests {

using dynamodb::testing::item;
using dynamodb::testing::refusal;

TEST(PartiqlToken, HasItsFormat) {
  const std::string position = encode(item(R"({"id":{"S":"a"}})"));
  const std::string token = next_token(0x0102030405060708, position);
  EXPECT_EQ(to_hex(*from_base64(token)), "010102030405060708" + to_hex(position));
  EXPECT_EQ(read_next_token(token, 0x0102030405060708), item(R"({"id":{"S":"a"}})"));
}

TEST(PartiqlToken, IsBoundToItsStatement) {
  const std::string token = next_token(7, encode(item(R"({"id":{"S":"a"}})")));
  EXPECT_EQ(refusal([&] { read_next_token(token, 8); }), "NextToken does not match request");
}

TEST(PartiqlToken, HostileBytesAreRefused) {
  const std::string token = next_token(7, encode(item(R"({"id":{"S":"a"}})")));
  const std::string bytes = *from_base64(token);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(refusal([&] { read_next_token(to_base64(bytes.substr(0, size)), 7); }),
              "Invalid NextToken");
  }
  for (const char* text : {"x", "bogus!", "////", "AQ=="}) {
    EXPECT_EQ(refusal([&] { read_next_token(text, 7); }), "Invalid NextToken") << text;
  }
}

TEST(PartiqlAccess, EachStatementNeedsItsOwnAction) {
  const auto access = statement_access({{"Statements",
                                         {{{"Statement", "SELECT * FROM \"tab\".\"ind\""}},
                                          {{"Statement", "INSERT INTO tab VALUE {'pk': 'a'}"}},
                                          {{"Statement", "UPDATE tab SET a = 1 WHERE pk = 'a'"}},
                                          {{"Statement", "DELETE FROM tab2 WHERE pk = 'a'"}},
                                          {{"Statement", "nonsense"}}}}});
  ASSERT_EQ(access.size(), 4U);
  EXPECT_EQ(access[0].action, "dynamodb:PartiQLSelect");
  EXPECT_EQ(access[0].resource, "table/tab/index/ind");
  EXPECT_EQ(access[1].action, "dynamodb:PartiQLInsert");
  EXPECT_EQ(access[2].action, "dynamodb:PartiQLUpdate");
  EXPECT_EQ(access[3].action, "dynamodb:PartiQLDelete");
  EXPECT_EQ(access[3].resource, "table/tab2");
  EXPECT_EQ(statement_access({{"Statement", "SELECT * FROM tab"}}).size(), 1U);
}

}  // namespace paddock::services::dynamodb::partiql_token_tests
