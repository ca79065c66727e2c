// The parser of literals and parameters.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <set>

#include "services/dynamodb/partiql_errors.hpp"
#include "services/dynamodb/partiql_parser.hpp"

namespace paddock::services::dynamodb {
namespace partiql_value_detail {

constexpr const char* kRoot = "root";

// A number as AWS's parser keeps it has its exponent and its scale (digits after the point less the
// exponent) in 32 bits.
bool scale_fits(std::string_view text) {
  const size_t mark = text.find_first_of("eE");
  if (mark == std::string_view::npos) return true;
  std::string_view digits = text.substr(mark + 1);
  if (digits.front() == '+') digits.remove_prefix(1);
  int32_t exponent = 0;
  const char* end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, exponent).ec != std::errc()) return false;
  const size_t point = text.find('.');
  const int64_t fraction =
      point == std::string_view::npos ? 0 : static_cast<int64_t>(mark - point - 1);
  const int64_t scale = fraction - exponent;
  return scale >= std::numeric_limits<int32_t>::min() &&
         scale <= std::numeric_limits<int32_t>::max();
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ", ";
    out += text;
  }
  return out + "]";
}

}  // namespace partiql_value_detail

bool PartiqlParser::at_value() const {
  const PartiqlToken& token = peek();
  if (token.kind == PartiqlTokenKind::string || token.kind == PartiqlTokenKind::number) return true;
  for (const std::string_view first : {"?", "{", "[", "<<", "+", "-"}) {
    if (token.is(first)) return true;
  }
  return at_any_word({"TRUE", "FALSE", "NULL"});
}

PartiqlParser::Part PartiqlParser::value_part() {
  PartiqlValue parsed = value();
  return {add_node(Op::value, add_value(std::move(parsed)), {}), Role::operand};
}

PartiqlValue PartiqlParser::value() {
  PartiqlValue out;
  if (accept("?")) {
    out.parameter = statement_.parameters++;
  } else {
    out.literal = literal(partiql_value_detail::kRoot, 0);
  }
  return out;
}

AttributeValue PartiqlParser::literal(const std::string& under, size_t depth) {
  if (depth >= static_cast<size_t>(kMaxNesting)) {
    throw errors::validation("Nesting Levels have exceeded supported limits under " + under);
  }
  if (peek().is("{")) return map(under, depth);
  if (peek().is("[")) return list(under, depth);
  if (peek().is("<<")) return set(under);
  if (peek().kind == PartiqlTokenKind::number || peek().is("-") || peek().is("+")) {
    return number(under);
  }
  const PartiqlToken token = peek();
  if (token.kind == PartiqlTokenKind::string) return AttributeValue::string(take().content());
  if (accept_word("TRUE")) return AttributeValue::boolean(true);
  if (accept_word("FALSE")) return AttributeValue::boolean(false);
  if (accept_word("NULL")) return AttributeValue::null();
  const auto refuse = [&](const char* type) {
    note(std::string("Unsupported data type: ") + type + " under key " + under + " at " +
         token.position());
    return AttributeValue::null();
  };
  if (accept("?")) {
    ++statement_.parameters;
    return refuse("Parameter");
  }
  if (!at_name()) fail_here();
  path();
  return refuse("VariableReference");
}

AttributeValue PartiqlParser::number(const std::string& under) {
  bool negative = false;
  while (peek().is("-") || peek().is("+")) negative ^= take().is("-");
  if (peek().kind != PartiqlTokenKind::number) {
    if (peek().kind == PartiqlTokenKind::end) fail_here();
    throw errors::validation(
        std::string("Unsupported operator in Condition Expression. Operator: ") +
        (negative ? "-" : "+"));
  }
  const std::string_view text = take().text;
  if (!partiql_value_detail::scale_fits(text)) fail("");
  try {
    const Number parsed = Number::parse(text);
    return AttributeValue::number(negative ? parsed.negated() : parsed);
  } catch (const AwsError& error) {
    note(error.message() + " under " + under);
    return AttributeValue::number(Number());
  }
}

AttributeValue PartiqlParser::map(const std::string& under, size_t depth) {
  expect("{");
  std::map<std::string, AttributeValue> members;
  if (!accept("}")) {
    do {
      if (peek().kind != PartiqlTokenKind::string) fail_here();
      const std::string name = take().content();
      expect(":");
      AttributeValue member = literal(under + "." + name, depth + 1);
      if (!members.emplace(name, std::move(member)).second) {
        note("Duplicate keys in tuple. Key: " + name + " under " + under);
      }
    } while (accept(","));
    expect("}");
  }
  Item out;
  out.reserve(members.size());
  for (auto& [name, member] : members) out.append(name, std::move(member));
  return AttributeValue::map(std::move(out));
}

AttributeValue PartiqlParser::list(const std::string& under, size_t depth) {
  expect("[");
  std::vector<AttributeValue> elements;
  if (!accept("]")) {
    do {
      elements.push_back(literal(under + "[" + std::to_string(elements.size()) + "]", depth + 1));
    } while (accept(","));
    expect("]");
  }
  return AttributeValue::list(std::move(elements));
}

AttributeValue PartiqlParser::set(const std::string& under) {
  constexpr const char* kMixed =
      "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags";
  expect("<<");
  std::vector<AttributeValue> members;
  std::vector<std::string> texts;  // as written, for messages
  if (!peek().is(">>")) {
    do {
      const PartiqlToken first = peek();
      if (first.is("?") || first.is("{") || first.is("[") || first.is("<<")) note(kMixed);
      AttributeValue member = literal(under, static_cast<size_t>(kMaxNesting) - 1);
      if (member.is(AttributeType::string)) {
        texts.push_back(member.as_string());
      } else if (member.is(AttributeType::number)) {
        const std::string sign = member.as_number().negative() ? "-" : "";
        texts.push_back(sign + std::string(tokens_[at_ - 1].text));
      }
      members.push_back(std::move(member));
    } while (accept(","));
  }
  expect(">>");
  if (members.empty()) {
    note("Empty bags are not supported");
    return AttributeValue::null();
  }
  if (texts.size() != members.size() ||
      std::any_of(members.begin(), members.end(), [&](const AttributeValue& member) {
        return member.type() != members.front().type();
      })) {
    note(kMixed);
    return AttributeValue::null();
  }
  return set_of(std::move(members), texts, under);
}

// Of strings or of numbers, at least one.
AttributeValue PartiqlParser::set_of(std::vector<AttributeValue> members,
                                     const std::vector<std::string>& texts,
                                     const std::string& under) {
  const std::string duplicates = "One or more parameter values were invalid: Input collection " +
                                 partiql_value_detail::joined(texts) + " contains duplicates";
  if (members.front().is(AttributeType::string)) {
    std::vector<std::string> strings;
    for (const AttributeValue& member : members) strings.push_back(member.as_string());
    AttributeValue out = AttributeValue::string_set(std::move(strings));
    if (out.as_string_set().size() < members.size()) note(duplicates + ".");
    return out;
  }
  std::vector<Number> numbers;
  for (const AttributeValue& member : members) numbers.push_back(member.as_number());
  AttributeValue out = AttributeValue::number_set(std::move(numbers));
  if (out.as_number_set().size() < members.size()) note(duplicates + "! under " + under);
  return out;
}

}  // namespace paddock::services::dynamodb
