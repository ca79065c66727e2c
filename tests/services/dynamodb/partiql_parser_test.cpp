// The grammar of PartiQL statements, and what AWS parses and refuses.
#include "services/dynamodb/condition.hpp"
#include "services/dynamodb/partiql_ast.hpp"
#include "services/dynamodb/partiql_lexer.hpp"
#include "services/dynamodb/update.hpp"
#include "tests/services/dynamodb/rules_support.hpp"

namespace paddock::services::dynamodb::partiql_parser_tests {

using dynamodb::testing::item;
using dynamodb::testing::json_text;
using dynamodb::testing::refusal;
using Kind = PartiqlStatement::Kind;

const std::string kMalformed = "Statement wasn't well formed, can't be processed: ";

std::string parse(const std::string& text) {
  return refusal([&] { parse_partiql(text); });
}

// Values without parameters, bound.
class Bound {
 public:
  explicit Bound(const std::string& text) : statement_(parse_partiql(text)) {
    for (size_t i = 0; i < statement_.values.size(); ++i) {
      attributes_.add_value(":" + std::to_string(i), statement_.values[i].literal);
    }
  }
  bool matches(std::string_view stored) {
    const std::string bytes = encode(item(stored));
    return ConditionExpression(statement_.where, attributes_).matches(ItemView(bytes));
  }
  std::string apply(std::string_view stored) {
    return json_text(UpdateExpression(statement_.update, attributes_).apply(item(stored)));
  }

 private:
  PartiqlStatement statement_;
  ExpressionAttributes attributes_;
};

bool where_matches(const std::string& condition, std::string_view stored) {
  return Bound("SELECT * FROM tab WHERE " + condition).matches(stored);
}

std::string inserted(const std::string& value) {
  const auto statement = parse_partiql("INSERT INTO tab VALUE {'a': " + value + "}");
  Item out;
  for (const auto& [name, member] : statement.item) out.set(name, member.literal);
  return json_text(out);
}

TEST(PartiqlParser, ReadsTheStatementsOfTheGuide) {
  const auto select = parse_partiql(
      "SELECT Artist, \"a.b\".c[1] FROM \"Music\".\"ByYear\" WHERE Artist=? AND \"x\" > ? ORDER BY "
      "Artist DESC, Song ASC;");
  EXPECT_EQ(select.kind, Kind::select);
  EXPECT_EQ(select.table, "Music");
  EXPECT_EQ(select.index, "ByYear");
  ASSERT_EQ(select.columns.size(), 2U);
  EXPECT_EQ(select.columns[0].name, "Artist");
  EXPECT_EQ(select.columns[1].name, "c[1]");
  EXPECT_EQ(select.columns[1].path.front().name, "a.b");
  EXPECT_EQ(select.parameters, 2U);
  ASSERT_EQ(select.order.size(), 2U);
  EXPECT_TRUE(select.order[0].descending);
  EXPECT_FALSE(select.order[1].descending);

  const auto insert = parse_partiql("insert into Music value {'a' : 1, 'b': ?}");
  EXPECT_EQ(insert.kind, Kind::insert);
  ASSERT_EQ(insert.item.size(), 2U);
  EXPECT_EQ(insert.item[1].second.parameter, 0U);

  const auto update = parse_partiql(
      "UPDATE \"Music\" SET a=1 SET b.c={'Grammys':[2020, 2018]}, d = ? REMOVE e[2] WHERE pk='x' "
      "RETURNING MODIFIED NEW *");
  EXPECT_EQ(update.kind, Kind::update);
  EXPECT_EQ(update.update->actions.size(), 4U);
  EXPECT_EQ(update.returning, PartiqlReturning::modified_new);

  EXPECT_EQ(parse_partiql("FROM tab WHERE pk = 'x' SET a = 1 RETURNING ALL OLD *").kind,
            Kind::update);
  EXPECT_EQ(parse_partiql("DELETE FROM tab WHERE pk = 'x' RETURNING ALL OLD *").returning,
            PartiqlReturning::all_old);
  EXPECT_EQ(parse_partiql("EXISTS(SELECT * FROM tab WHERE pk = 'x' AND a IS MISSING)").kind,
            Kind::exists);
}

TEST(PartiqlParser, CommentsAreWhiteSpace) {
  const auto statement = parse_partiql(
      "-- first\nSELECT/**/* FROM tab -- the table\n WHERE pk/* key */='a--b /*c*/' --");
  EXPECT_EQ(statement.values.front().literal.as_string(), "a--b /*c*/");
}

TEST(PartiqlParser, LiteralsGiveTheValuesOfTheirTypes) {
  EXPECT_EQ(inserted("'it''s'"), R"({"a":{"S":"it's"}})");
  EXPECT_EQ(inserted("1E3"), R"({"a":{"N":"1000"}})");
  EXPECT_EQ(inserted("-1.5e-3"), R"({"a":{"N":"-0.0015"}})");
  EXPECT_EQ(inserted("- - .5"), R"({"a":{"N":"0.5"}})");
  EXPECT_EQ(inserted("-0"), R"({"a":{"N":"0"}})");
  EXPECT_EQ(inserted("[true, False, null, 'x']"),
            R"({"a":{"L":[{"BOOL":true},{"BOOL":false},{"NULL":true},{"S":"x"}]}})");
  EXPECT_EQ(inserted("{'b': {'c': []}, 'a': {}}"),
            R"({"a":{"M":{"a":{"M":{}},"b":{"M":{"c":{"L":[]}}}}}})");
  EXPECT_EQ(inserted("<<'b', 'a'>>"), R"({"a":{"SS":["a","b"]}})");
  EXPECT_EQ(inserted("<<10, -1>>"), R"({"a":{"NS":["-1","10"]}})");
}

TEST(PartiqlParser, ConditionsDecideAsTheGuideSays) {
  const char* stored =
      R"({"a":{"S":"xyz"},"n":{"N":"5"},"t":{"SS":["p","q"]},"u":{"NULL":true},
          "m":{"M":{"k k":{"L":[{"N":"1"}]}}}})";
  for (const char* condition : {"n = 5",
                                "5 = n",
                                "n != 4 AND n <> 4",
                                "n>4 AND n>=5 AND n<6 AND n<=5",
                                "n BETWEEN 1 AND 5",
                                "n NOT BETWEEN 6 AND 7",
                                "n IN [1, 5]",
                                "n IN (1,5)",
                                "n NOT IN [1]",
                                "a IS NOT MISSING",
                                "b IS MISSING",
                                "u IS NULL",
                                "a IS NOT NULL",
                                "b IS NOT NULL",
                                "n IS NUMERIC",
                                "m IS STRUCT",
                                "begins_with(a, 'x')",
                                "CONTAINS(t, 'p')",
                                "attribute_type(t, 'SS')",
                                "size(t) = 2",
                                "attribute_exists(m.\"k k\"[0])",
                                "attribute_not_exists(m.\"k k\"[1])",
                                "m['k k'][0] = 1",
                                "NOT n = 4",
                                "NOT b = 4",
                                "(n = 4 OR n = 5) AND NOT (a = 'x')",
                                "n = 4 AND n = 5 OR n = 5",
                                "n = - -5"}) {
    EXPECT_TRUE(where_matches(condition, stored)) << condition;
  }
  for (const char* condition : {"n = 4", "b IS NOT MISSING", "b IS NULL", "a < 5",
                                "b <> 1 AND n = 4", "NOT (n = 5 OR a = 'x')", "n IN ['5']"}) {
    EXPECT_FALSE(where_matches(condition, stored)) << condition;
  }
}

TEST(PartiqlParser, UpdatesDoWhatTheirClausesSay) {
  const auto apply = [](const std::string& clauses, std::string_view stored) {
    return Bound("UPDATE tab " + clauses + " WHERE pk = 'x'").apply(stored);
  };
  EXPECT_EQ(apply("SET n=n-1 SET m = n + 2, k = 7", R"({"n":{"N":"5"}})"),
            R"({"k":{"N":"7"},"m":{"N":"7"},"n":{"N":"4"}})");
  EXPECT_EQ(apply("SET n = (n - - 2) + 1", R"({"n":{"N":"5"}})"), R"({"n":{"N":"8"}})");
  EXPECT_EQ(apply("SET l = list_append([1], l) REMOVE x", R"({"l":{"L":[]},"x":{"S":"y"}})"),
            R"({"l":{"L":[{"N":"1"}]}})");
  EXPECT_EQ(apply("SET t = SET_ADD(t, <<'b'>>) SET f = set_add(f, <<1>>)", R"({"t":{"SS":["a"]}})"),
            R"({"f":{"NS":["1"]},"t":{"SS":["a","b"]}})");
  EXPECT_EQ(apply("SET t = set_delete(t, <<'a'>>)", R"({"t":{"SS":["a"]}})"), "{}");
  EXPECT_EQ(apply("REMOVE a.b, l[0]", R"({"a":{"M":{"b":{"N":"1"}}},"l":{"L":[{"N":"1"}]}})"),
            R"({"a":{"M":{}},"l":{"L":[]}})");
}

TEST(PartiqlParser, NamesWhatIsOutsideTheGrammar) {
  const std::pair<const char*, const char*> cases[] = {
      {"SLECT * FROM tab", "Expected data manipulation"},
      {"", "Expected data manipulation"},
      {"UPDATE tab-x SET a=1 WHERE pk='a'", "Expected data manipulation"},
      {"UPDATE tab WHERE pk='a'", "Expected data manipulation"},
      {"SELECT * FROM tab WHERE pk = 1 foo", "Unexpected token after expression"},
      {"SELECT * FROM tab WHERE pk = 1 e5", "Unexpected token after expression"},
      {"SELECT * FROM tab WHERE pk = 1)", "Unexpected token after expression"},
      {"SELECT * FROM tab ORDER BY pk WHERE pk = 1", "Unexpected token after expression"},
      {"INSERT INTO tab VALUE {'pk': 1} foo", "Unexpected token after expression"},
      {"INSERT INTO tab t VALUE {'pk': 'x'}", "Unexpected token after expression"},
      {"UPDATE tab SET a = 9 WHERE pk = 1 foo", "Unexpected token after expression"},
      {"DELETE FROM tab WHERE pk = 1 ORDER BY pk", "Unexpected token after expression"},
      {"FROM tab SET c = 1 WHERE pk = 'x'", "Unexpected token after expression"},
      {"SELECT * FROM tab; SELECT * FROM tab", "Unexpected token after expression"},
      {"SELECT * FROM tab WHERE", "Unexpected term"},
      {"SELECT * FROM tab WHERE;", "Unexpected term"},
      {"SELECT * FROM tab WHERE NOT", "Unexpected term"},
      {"SELECT * FROM tab WHERE (", "Unexpected term"},
      {"UPDATE tab SET a = 1 WHERE", "Unexpected term"},
      {"SELECT * FROM", "Unexpected term"},
      {"SELECT * FROM tab WHERE pk = 'a' AND",
       "Missing right-hand side expression of infix operator"},
      {"SELECT * FROM tab WHERE pk = 'a' OR",
       "Missing right-hand side expression of infix operator"},
      {"SELECT * FROM tab WHERE ORDER BY pk", "Unexpected keyword"},
      {"SELECT * FROM tab WHERE pad = 'x'", "Unexpected keyword"},
      {"INSERT INTO tab (key, a) VALUES (?, ?)", "Unexpected keyword"},
      {"SELECT * FROM tab WHERE IS NULL", "Unexpected operator"},
      {"SELECT * FROM tab WHERE pk = LIKE", "Unexpected operator"},
      {"SELECT * FROM tab WHERE pk = 'a' AND x IS FOO", "Expected type name"},
      {"DELETE FROM", "Expected identifier for simple path"},
      {"DELETE FROM;", "Expected identifier for simple path"},
      {"DELETE FROM WHERE pk = 'a'", "Expected identifier for simple path"},
      {"SELECT * FROM tab WHERE pk = 1 # note", ""},
      {"SELECT * FROM tab WHERE pk = 1 /* note", ""},
      {"SELECT * FROM tab WHERE pk = 'open", ""},
      {"SELECT * FROM tab WHERE pk = `1`", ""},
      {"SELECT * FROM tab WHERE pk = 1e2147483648", ""},
      {"SELECT * FROM tab WHERE pk = 1.5e-2147483647", ""},
  };
  for (const auto& [text, detail] : cases) EXPECT_EQ(parse(text), kMalformed + detail) << text;
}

TEST(PartiqlParser, NamesWhatDynamoDbRefuses) {
  const std::pair<const char*, const char*> cases[] = {
      {"SELECT COUNT(*) FROM tab", "Unexpected path component at 1:8:5"},
      {"SELECT\n  a, size(b) FROM tab", "Unexpected path component at 2:6:4"},
      {"SELECT * FROM tab t WHERE pk = 'x'", "Aliasing is not supported"},
      {"SELECT * FROM tab AS t WHERE pk = 'x'", "Aliasing is not supported"},
      {"UPDATE tab t SET a = 3 WHERE pk = 'x'", "Aliasing is not supported"},
      {"DELETE FROM tab t WHERE pk = 'x'", "Aliasing is not supported"},
      {"SELECT a, b.a FROM tab", "Duplicate identifiers in select clause: a"},
      {"SELECT DISTINCT a FROM tab", "Unsupported token in expression: DISTINCT"},
      {"SELECT * FROM tab GROUP BY a", "Unsupported clause: GROUP BY"},
      {"SELECT * FROM tab LIMIT 5", "Unsupported clause: LIMIT"},
      {"SELECT * FROM tab, tab2", "Only select from a single table or index is supported."},
      {"SELECT * FROM \"\"", "Path component cannot be an empty string"},
      {"SELECT * FROM a.b.c", "A path may contain at most 2 components in the FROM clause"},
      {"SELECT l[-1] FROM tab",
       "List index is not within the allowable range; index: [-1] at 1:11:1"},
      {"SELECT l[2147483648] FROM tab",
       "List index is not within the allowable range; index: [2147483648] at 1:10:10"},
      {"INSERT INTO \"tab\".\"ind\" VALUE {'pk': 1}",
       "FROM clause may only contain a single table name in data manipulation statements at "
       "1:13:5"},
      {"INSERT INTO tab VALUE {'pk': 1} RETURNING ALL OLD *",
       "RETURNING is not supported in INSERT"},
      {"INSERT INTO tab VALUE {'pk': 1, 'pk': 2}", "Duplicate keys in tuple. Key: pk under root"},
      {"INSERT INTO tab VALUE ?",
       "Unsupported format in item expression. Please use struct format {...} to express item "
       "values for insert statement."},
      {"INSERT INTO tab << {'pk': 1} >>",
       "Unsupported operation: Inserting multiple items in a single statement is not supported, "
       "use "
       "\"INSERT INTO tableName VALUE item\" instead"},
      {"DELETE FROM tab WHERE pk = 'x' RETURNING MODIFIED OLD *",
       "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in "
       "DELETE statements."},
      {"DELETE FROM tab RETURNING ALL OLD a",
       "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause"},
      {"SELECT * FROM tab WHERE a",
       "WHERE clause must contain an expression that resolves to a boolean"},
      {"SELECT * FROM tab WHERE a AND b = 1", "The arguments to AND/OR must be Expressions"},
      {"SELECT * FROM tab WHERE NOT a", "The argument to NOT must be a Type or Expression"},
      {"SELECT * FROM tab WHERE a = MISSING", "MISSING must be compared using IS operator"},
      {"SELECT * FROM tab WHERE a LIKE 'x'",
       "Unsupported operator in Condition Expression. Operator: LIKE"},
      {"SELECT * FROM tab WHERE a + 1 > 2",
       "Unsupported operator in Condition Expression. Operator: +"},
      {"SELECT * FROM tab WHERE a > -b",
       "Unsupported operator in Condition Expression. Operator: -"},
      {"SELECT * FROM tab WHERE foo(a)", "Unrecognized function: foo"},
      {"SELECT * FROM tab WHERE a IS TIMESTAMP",
       "Unsupported data type for IS operator: TIMESTAMP. Supported data types are [MISSING, NULL, "
       "BOOLEAN, BLOB, STRING, NUMERIC, STRUCT, TUPLE, LIST]"},
      {"SELECT * FROM tab WHERE a IN []",
       "IN operator must have a left hand argument of type Variable Reference and right hand "
       "argument of type Seq with at least one member"},
      {"UPDATE tab SET a = if_not_exists(a, 1) WHERE pk = 1",
       "Unrecognized function: if_not_exists"},
      {"UPDATE tab SET a = b * 2 WHERE pk = 1",
       "Unsupported operator in Update Expression. Operator: *"},
      {"UPDATE tab SET Other = set_add(b, <<'x'>>) WHERE pk = 1",
       "The first argument to SET_ADD must equal the assignment value at 1:24:7"},
      {"UPDATE tab\nSET b = set_delete(\"b\", a) WHERE pk = 1",
       "The second argument to SET_DELETE must be a value with type SET at 2:20:3"},
      {"UPDATE tab SET a = [?] WHERE pk = 1",
       "Unsupported data type: Parameter under key root[0] at 1:21:1"},
      {"INSERT INTO tab VALUE {'m': {'k': ?}}",
       "Unsupported data type: Parameter under key root.k at 1:35:1"},
      {"INSERT INTO tab VALUE {'s': <<>>}", "Empty bags are not supported"},
      {"INSERT INTO tab VALUE {'s': <<1, 'a'>>}",
       "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags"},
      {"INSERT INTO tab VALUE {'s': <<'a', 'a'>>}",
       "One or more parameter values were invalid: Input collection [a, a] contains duplicates."},
      {"INSERT INTO tab VALUE {'s': <<2, 2.0>>}",
       "One or more parameter values were invalid: Input collection [2, 2.0] contains duplicates! "
       "under root"},
      {"SELECT * FROM tab WHERE pk = 1e126",
       "Number overflow. Attempting to store a number with magnitude larger than supported range "
       "under root"},
      {"INSERT INTO tab VALUE {'l': [1, 1e-131]}",
       "Number underflow. Attempting to store a number with magnitude smaller than supported range "
       "under root[1]"},
      {"INSERT INTO tab VALUE {'m': {'x': 123456789012345678901234567890123456789}}",
       "Attempting to store more than 38 significant digits in a Number under root.x"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(parse(text), message) << text;
}

TEST(PartiqlParser, ASyntaxErrorComesBeforeWhatIsRefused) {
  EXPECT_EQ(parse("SELECT * FROM tab t WHERE pk = 1e126 foo"),
            kMalformed + "Unexpected token after expression");
}

TEST(PartiqlParser, ListsOfInHaveAtMostAHundredMembers) {
  std::string list = "1";
  for (int i = 2; i <= 100; ++i) list += "," + std::to_string(i);
  EXPECT_EQ(parse("SELECT * FROM tab WHERE a IN [" + list + "]"), "accepted");
  EXPECT_EQ(parse("SELECT * FROM tab WHERE a IN [" + list + ",0]"),
            "The IN operator is provided with too many operands; number of operands: 101");
}

std::string repeated(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(PartiqlParser, NestingIsBounded) {
  const std::string insert = "INSERT INTO tab VALUE {'d': ";
  EXPECT_EQ(parse(insert + repeated("[", 31) + "1" + repeated("]", 31) + "}"), "accepted");
  EXPECT_EQ(parse(insert + repeated("[", 32) + "1" + repeated("]", 32) + "}"),
            "Nesting Levels have exceeded supported limits under root" + repeated("[0]", 32));
  EXPECT_EQ(parse(insert + "{'a':" + repeated("[", 31) + "1" + repeated("]", 31) + "}}"),
            "Nesting Levels have exceeded supported limits under root.a" + repeated("[0]", 31));
  EXPECT_EQ(parse(insert + repeated("[", 8000)),
            "Nesting Levels have exceeded supported limits under root" + repeated("[0]", 32));

  const std::string where = "SELECT * FROM tab WHERE ";
  EXPECT_EQ(parse(where + repeated("(", 200) + "a = 1" + repeated(")", 200)), "accepted");
  for (const std::string_view open : {"(", "NOT ", "size(", "NOT ("}) {
    EXPECT_EQ(parse(where + repeated(open, 1500)), "Statement is nested too deeply") << open;
  }
  EXPECT_EQ(parse("UPDATE tab SET a = " + repeated("(", 4000)), "Statement is nested too deeply");
  EXPECT_EQ(parse("UPDATE tab SET a = " + repeated("list_append(", 600)),
            "Statement is nested too deeply");
}

TEST(PartiqlParser, OperatorsAreCounted) {
  EXPECT_EQ(parse("SELECT * FROM tab WHERE a=1" + repeated(" OR a=1", 149)), "accepted");
  EXPECT_EQ(parse("SELECT * FROM tab WHERE a=1" + repeated(" OR a=1", 150)),
            "The expression contains too many operators; operator count: 301");
}

// Every prefix of valid statements, and every one with a byte changed, either parses or is refused.
TEST(PartiqlParser, HostileTextIsRefused) {
  const std::string statements[] = {
      "SELECT a.b[0], \"c\"\"d\" FROM \"t\".\"i\" WHERE a IN [1, ?] AND NOT b IS MISSING OR "
      "size(c) > "
      "-1.5e3 ORDER BY a DESC -- x",
      "INSERT INTO t VALUE {'a': [1, {'b': <<'x', 'y'>>}], 'c': null /* y */}",
      "UPDATE t SET a = set_add(a, <<1>>), b = list_append(b, [2]) + c REMOVE d[1] WHERE e = 'f' "
      "RETURNING MODIFIED OLD *",
  };
  for (const std::string& statement : statements) {
    for (size_t at = 0; at < statement.size(); ++at) {
      EXPECT_EQ(parse(statement.substr(0, at)).find("other code"), std::string::npos);
      for (const char other : {'\0', '\'', '"', '(', '<', '[', '\xff', '9', '?'}) {
        std::string changed = statement;
        changed[at] = other;
        EXPECT_EQ(parse(changed).find("other code"), std::string::npos);
      }
    }
  }
}

}  // namespace paddock::services::dynamodb::partiql_parser_tests
