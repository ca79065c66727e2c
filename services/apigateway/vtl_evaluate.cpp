// Expressions: what references and operators stand for.
#include <cmath>

#include "services/apigateway/vtl_machine.hpp"

namespace paddock::services::apigateway::vtl {
namespace vtl_evaluate_detail {

bool is_number(const Value& value) {
  return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value) ||
         std::holds_alternative<BigInteger>(value);
}

double to_double(const Value& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* big = std::get_if<BigInteger>(&value))
    return std::strtod(big->digits.c_str(), nullptr);
  return std::get<double>(value);
}

Value of_integers(char op, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case '+':
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case '-':
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case '*':
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      if (b == 0) return Value();
      if (b == -1) return op == '/' ? of_integers('-', 0, a) : Value(int64_t{0});
      result = op == '/' ? a / b : a % b;
  }
  if (overflow) throw TemplateError("An integer is out of range");
  return result;
}

Value of_doubles(char op, double a, double b) {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    default:
      if (b == 0) return Value();
      return op == '/' ? a / b : std::fmod(a, b);
  }
}

}  // namespace vtl_evaluate_detail

// Only null and false are false.
bool Machine::truth(const Value& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean;
  return !is_null(value);
}

std::string Machine::text_of(const Value& value) {
  if (const auto* text = as_text(value)) return *text;
  std::string out;
  if (const auto* block = std::get_if<Block>(&value)) {
    render_block(*block, out);
  } else {
    append_text(out, value, budget_);
  }
  return out;
}

Value Machine::evaluate(const Node& node) {
  Depth depth(*this);
  switch (node.kind) {
    case Node::Kind::literal:
      return node.value;
    case Node::Kind::reference:
      return evaluate_reference(node);
    case Node::Kind::string: {
      std::string text;
      render(*node.children[0], text);
      budget_.spend_text(text.size());
      return text;
    }
    case Node::Kind::list: {
      List* list = arena_.list();
      for (const auto& child : node.children) list->items.push_back(evaluate(*child));
      return list;
    }
    case Node::Kind::map: {
      Map* map = arena_.map();
      for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
        std::string key = text_of(evaluate(*node.children[i]));
        map->put(std::move(key), evaluate(*node.children[i + 1]));
      }
      return map;
    }
    case Node::Kind::range:
      return range(node);
    case Node::Kind::negation:
      return !truth(evaluate(*node.children[0]));
    case Node::Kind::binary:
      return binary(node);
    default:
      return Value();
  }
}

Value Machine::range(const Node& node) {
  const Value first = evaluate(*node.children[0]);
  const Value last = evaluate(*node.children[1]);
  const auto* from = std::get_if<int64_t>(&first);
  const auto* to = std::get_if<int64_t>(&last);
  if (!from || !to) return Value();
  const double length = std::fabs(static_cast<double>(*to) - static_cast<double>(*from)) + 1;
  if (length > static_cast<double>(kMaxSteps)) throw TemplateError("A range is too long");
  budget_.spend(static_cast<int64_t>(length));
  List* list = arena_.list();
  const int64_t step = *from <= *to ? 1 : -1;
  for (int64_t i = *from; i != *to + step; i += step) list->items.push_back(i);
  return list;
}

// A reference that leads nowhere is "".
Value Machine::evaluate_reference(const Node& node) {
  size_t at = 0;
  Value value;
  if (auto scalar = context_scalar(node)) {
    value = *std::move(scalar);
    at = 1;
  } else {
    value = root_of(node.name);
  }
  for (; at < node.accesses.size() && !is_null(value); ++at) {
    value = step(value, node.accesses[at]);
  }
  if (node.alternate && (is_null(value) || !truth(value))) return evaluate(*node.alternate);
  if (is_null(value)) return std::string();
  return value;
}

// $context.stage and the like, which is all that most templates want of the context: read where it
// is, so that the rest of it need not become values.
std::optional<Value> Machine::context_scalar(const Node& node) {
  if (context_ || !inputs_.context || node.name != "context" || node.accesses.empty()) {
    return std::nullopt;
  }
  const Access& first = node.accesses.front();
  if (first.kind != Access::Kind::property || variable(node.name)) return std::nullopt;
  const Json& document = inputs_.context();
  auto member = document.find(first.name);
  if (member == document.end() || member->is_structured()) return std::nullopt;
  budget_.spend(1);
  return from_document(*member);
}

Value Machine::root_of(const std::string& name) {
  if (Value* found = variable(name)) return *found;
  if (name == "input") return Builtin::input;
  if (name == "util") return Builtin::util;
  if (name == "context") return context();
  if (name == "stageVariables") {
    const Json* variables = inputs_.stage_variables;
    Value value = from_document(variables && variables->is_object() ? *variables : Json::object());
    set(name, value);
    return value;
  }
  return Value();
}

Value Machine::step(Value& object, const Access& access) {
  Depth depth(*this);
  switch (access.kind) {
    case Access::Kind::property:
      return property(object, access.name);
    case Access::Kind::index:
      return element(object, evaluate(*access.arguments[0]));
    default: {
      Arguments arguments;
      for (const auto& argument : access.arguments) arguments.push_back(evaluate(*argument));
      return call(object, access.name, arguments);
    }
  }
}

Value Machine::property(Value& object, const std::string& name) {
  if (auto* map = std::get_if<Map*>(&object)) {
    const Value* member = (*map)->find(name);
    return member ? *member : Value();
  }
  if (const auto* builtin = std::get_if<Builtin>(&object)) {
    if (*builtin == Builtin::input && name == "body") return std::string(body_text());
    return Value();
  }
  // The getters of Java's own types.
  if (name == "empty") {
    if (auto* list = std::get_if<List*>(&object)) return (*list)->items.empty();
    if (const auto* text = as_text(object)) return text->empty();
  }
  return Value();
}

Value Machine::element(Value& object, const Value& key) {
  if (std::holds_alternative<Map*>(object)) return property(object, text_of(key));
  auto* list = std::get_if<List*>(&object);
  const auto* index = std::get_if<int64_t>(&key);
  if (!list || !index) return Value();
  const auto size = static_cast<int64_t>((*list)->items.size());
  const int64_t at = *index < 0 ? *index + size : *index;
  return at >= 0 && at < size ? (*list)->items[static_cast<size_t>(at)] : Value();
}

Value Machine::binary(const Node& node) {
  const std::string& op = node.text;
  if (op == "&&") {
    return truth(evaluate(*node.children[0])) && truth(evaluate(*node.children[1]));
  }
  if (op == "||") {
    return truth(evaluate(*node.children[0])) || truth(evaluate(*node.children[1]));
  }
  const Value left = evaluate(*node.children[0]);
  const Value right = evaluate(*node.children[1]);
  if (op == "==" || op == "!=") return equal(left, right) == (op == "==");
  if (op[0] == '<' || op[0] == '>') return compare(op, left, right);
  return arithmetic(op[0], left, right);
}

Value Machine::arithmetic(char op, const Value& left, const Value& right) {
  if (op == '+' && (as_text(left) || as_text(right))) {
    std::string text = text_of(left) + text_of(right);
    budget_.spend_text(text.size());
    return text;
  }
  if (!vtl_evaluate_detail::is_number(left) || !vtl_evaluate_detail::is_number(right)) {
    return Value();
  }
  const auto* a = std::get_if<int64_t>(&left);
  const auto* b = std::get_if<int64_t>(&right);
  if (a && b) return vtl_evaluate_detail::of_integers(op, *a, *b);
  return vtl_evaluate_detail::of_doubles(op, vtl_evaluate_detail::to_double(left),
                                         vtl_evaluate_detail::to_double(right));
}

bool Machine::compare(const std::string& op, const Value& left, const Value& right) {
  if (!vtl_evaluate_detail::is_number(left) || !vtl_evaluate_detail::is_number(right)) return false;
  int order = 0;
  const auto* a = std::get_if<int64_t>(&left);
  const auto* b = std::get_if<int64_t>(&right);
  if (a && b) {
    order = *a < *b ? -1 : *a > *b;
  } else {
    const double x = vtl_evaluate_detail::to_double(left);
    const double y = vtl_evaluate_detail::to_double(right);
    order = x < y ? -1 : x > y;
  }
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  return op == ">" ? order > 0 : order >= 0;
}

// Numbers by value; everything else, as Velocity does for unlike types, by its text.
bool Machine::equal(const Value& left, const Value& right) {
  if (is_null(left) || is_null(right)) return is_null(left) && is_null(right);
  if (vtl_evaluate_detail::is_number(left) && vtl_evaluate_detail::is_number(right)) {
    return compare("<=", left, right) && compare(">=", left, right);
  }
  const auto* a = as_text(left);
  const auto* b = as_text(right);
  if (a && b) return *a == *b;
  return text_of(left) == text_of(right);
}

}  // namespace paddock::services::apigateway::vtl
