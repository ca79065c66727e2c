#include "services/apigateway/json_path.hpp"

#include <algorithm>
#include <charconv>

namespace paddock::services::apigateway::vtl {
namespace json_path_detail {

constexpr size_t kMaxSteps = 64;
constexpr size_t kMaxDescent = 64;

[[noreturn]] void malformed(std::string_view path) {
  throw TemplateError("Invalid JSON path: " + std::string(path));
}

// Walks a path text over the values found so far.
class Walker {
 public:
  Walker(const Value& root, std::string_view path, Arena& arena, Budget& budget)
      : path_(path), arena_(arena), budget_(budget), root_(root) {}

  std::optional<Value> run() {
    found_.push_back(root_);
    at_ = path_.starts_with('$') ? 1 : 0;
    if (at_ == 0 && !path_.empty() && path_[0] != '[') name_step();
    for (size_t steps = 0; at_ < path_.size(); ++steps) {
      if (steps > kMaxSteps) malformed(path_);
      step();
    }
    if (!definite_) {
      List* list = arena_.list();
      list->json = true;
      list->items = std::move(found_);
      return list;
    }
    if (found_.empty()) return std::nullopt;
    return found_.front();
  }

 private:
  void step() {
    if (path_.substr(at_, 2) == "..") {
      at_ += 2;
      definite_ = false;
      descend();
      if (at_ < path_.size() && path_[at_] != '[') name_step();
    } else if (path_[at_] == '.') {
      ++at_;
      if (at_ < path_.size() && path_[at_] == '[') return;
      name_step();
    } else if (path_[at_] == '[') {
      bracket_step();
    } else {
      malformed(path_);
    }
  }

  void name_step() {
    size_t end = path_.find_first_of(".[", at_);
    if (end == std::string_view::npos) end = path_.size();
    std::string_view name = path_.substr(at_, end - at_);
    at_ = end;
    if (name.empty()) malformed(path_);
    if (name == "*") return all();
    if (name.ends_with("()")) return function(name.substr(0, name.size() - 2));
    members({std::string(name)});
  }

  void function(std::string_view name) {
    if (name != "length" && name != "size") malformed(path_);
    for (auto& value : found_) {
      if (const auto* list = std::get_if<List*>(&value)) {
        value = static_cast<int64_t>((*list)->items.size());
      } else if (const auto* map = std::get_if<Map*>(&value)) {
        value = static_cast<int64_t>((*map)->members.size());
      } else if (const auto* text = as_text(value)) {
        value = static_cast<int64_t>(text->size());
      } else {
        value = Value();
      }
    }
  }

  // The text between '[' and its ']', quotes respected; moves behind it.
  std::string_view bracket() {
    const size_t begin = ++at_;
    size_t depth = 1;
    char quote = 0;
    for (; at_ < path_.size(); ++at_) {
      char c = path_[at_];
      if (quote) {
        if (c == '\\') {
          ++at_;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '[') {
        ++depth;
      } else if (c == ']' && --depth == 0) {
        return path_.substr(begin, at_++ - begin);
      }
    }
    malformed(path_);
  }

  void bracket_step() {
    std::string_view inner = trimmed(bracket());
    if (inner.empty()) malformed(path_);
    if (inner == "*") return all();
    if (inner.starts_with("?(") && inner.ends_with(')')) {
      return filter(trimmed(inner.substr(2, inner.size() - 3)));
    }
    if (inner.front() == '\'' || inner.front() == '"') return members(quoted_names(inner));
    if (inner.find(':') != std::string_view::npos) return slice(inner);
    indexes(inner);
  }

  static std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
  }

  std::vector<std::string> quoted_names(std::string_view text) {
    std::vector<std::string> names;
    while (true) {
      text = trimmed(text);
      if (text.empty() || (text.front() != '\'' && text.front() != '"')) malformed(path_);
      char quote = text.front();
      std::string name;
      size_t i = 1;
      for (; i < text.size() && text[i] != quote; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        name += text[i];
      }
      if (i >= text.size()) malformed(path_);
      names.push_back(std::move(name));
      text = trimmed(text.substr(i + 1));
      if (text.empty()) return names;
      if (text.front() != ',') malformed(path_);
      text.remove_prefix(1);
    }
  }

  void take(std::vector<Value>& next, const Value& value) {
    budget_.spend(1);
    next.push_back(value);
  }

  void members(const std::vector<std::string>& names) {
    std::vector<Value> next;
    for (const auto& value : found_) {
      const auto* map = std::get_if<Map*>(&value);
      if (!map) continue;
      if (names.size() == 1) {
        if (const Value* member = (*map)->find(names[0])) take(next, *member);
        continue;
      }
      Map* chosen = arena_.map();  // several names: a map of those that are there
      for (const auto& name : names) {
        if (const Value* member = (*map)->find(name)) chosen->put(name, *member);
      }
      take(next, chosen);
    }
    found_ = std::move(next);
  }

  void all() {
    definite_ = false;
    std::vector<Value> next;
    for (const auto& value : found_) for_children(value, [&](const Value& v) { take(next, v); });
    found_ = std::move(next);
  }

  template <class Function>
  static void for_children(const Value& value, Function function) {
    if (const auto* list = std::get_if<List*>(&value)) {
      for (const auto& item : (*list)->items) function(item);
    } else if (const auto* map = std::get_if<Map*>(&value)) {
      for (const auto& member : (*map)->members) function(member.second);
    }
  }

  void descend() {
    std::vector<Value> next;
    for (const auto& value : found_) descend_into(value, next, 0);
    found_ = std::move(next);
  }
  void descend_into(const Value& value, std::vector<Value>& next, size_t depth) {
    if (depth > kMaxDescent) throw TemplateError("A value is nested too deeply for a JSON path");
    take(next, value);
    for_children(value, [&](const Value& child) {
      const bool holds =
          std::holds_alternative<List*>(child) || std::holds_alternative<Map*>(child);
      if (holds) descend_into(child, next, depth + 1);
    });
  }

  std::optional<int64_t> number(std::string_view text) {
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) malformed(path_);
    return value;
  }

  void indexes(std::string_view text) {
    std::vector<int64_t> wanted;
    size_t begin = 0;
    while (begin <= text.size()) {
      size_t comma = text.find(',', begin);
      if (comma == std::string_view::npos) comma = text.size();
      auto index = number(text.substr(begin, comma - begin));
      if (!index) malformed(path_);
      wanted.push_back(*index);
      begin = comma + 1;
    }
    if (wanted.size() > 1) definite_ = false;
    std::vector<Value> next;
    for (const auto& value : found_) {
      const auto* list = std::get_if<List*>(&value);
      if (!list) continue;
      const int64_t size = static_cast<int64_t>((*list)->items.size());
      for (int64_t index : wanted) {
        int64_t i = index < 0 ? index + size : index;
        if (i >= 0 && i < size) take(next, (*list)->items[static_cast<size_t>(i)]);
      }
    }
    found_ = std::move(next);
  }

  void slice(std::string_view text) {
    definite_ = false;
    size_t colon = text.find(':');
    auto first = number(text.substr(0, colon));
    auto last = number(text.substr(colon + 1));
    std::vector<Value> next;
    for (const auto& value : found_) {
      const auto* list = std::get_if<List*>(&value);
      if (!list) continue;
      const int64_t size = static_cast<int64_t>((*list)->items.size());
      auto place = [size](int64_t i) { return std::clamp<int64_t>(i < 0 ? i + size : i, 0, size); };
      for (int64_t i = place(first.value_or(0)); i < place(last.value_or(size)); ++i) {
        take(next, (*list)->items[static_cast<size_t>(i)]);
      }
    }
    found_ = std::move(next);
  }

  // "@.name", "@.name == 'x'", "@.price < 10", joined by && (and no others).
  void filter(std::string_view text) {
    definite_ = false;
    std::vector<Value> next;
    for (const auto& value : found_) {
      for_children(value, [&](const Value& item) {
        if (all_hold(text, item)) take(next, item);
      });
    }
    found_ = std::move(next);
  }

  bool all_hold(std::string_view text, const Value& item) {
    while (true) {
      size_t both = text.find("&&");
      if (!holds(trimmed(text.substr(0, both)), item)) return false;
      if (both == std::string_view::npos) return true;
      text = text.substr(both + 2);
    }
  }

  bool holds(std::string_view text, const Value& item) {
    for (std::string_view op : {"==", "!=", "<=", ">=", "<", ">"}) {
      size_t at = text.find(op);
      if (at == std::string_view::npos) continue;
      auto left = operand(trimmed(text.substr(0, at)), item);
      auto right = operand(trimmed(text.substr(at + op.size())), item);
      if (!left || !right) return op == "!=" && (left || right);
      return compare(*left, op, *right);
    }
    return operand(text, item).has_value();
  }

  std::optional<Value> operand(std::string_view text, const Value& item) {
    if (text.starts_with('@')) {
      if (nested_ > 4) malformed(path_);
      Walker inner(item, std::string_view("$"), arena_, budget_);
      const std::string path = "$" + std::string(text.substr(1));
      inner.path_ = path;
      inner.nested_ = nested_ + 1;
      return inner.run();
    }
    if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
        text.back() == text.front()) {
      return std::string(text.substr(1, text.size() - 2));
    }
    if (text == "true" || text == "false") return text == "true";
    if (text == "null") return Value();
    double number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) malformed(path_);
    return number;
  }

  static std::optional<double> to_number(const Value& value) {
    if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
    if (const auto* number = std::get_if<double>(&value)) return *number;
    return std::nullopt;
  }

  bool compare(const Value& left, std::string_view op, const Value& right) {
    int order = 0;
    if (auto a = to_number(left), b = to_number(right); a && b) {
      order = *a < *b ? -1 : *a > *b;
    } else if (as_text(left) && as_text(right)) {
      order = as_text(left)->compare(*as_text(right));
    } else {
      const auto* a = std::get_if<bool>(&left);
      const auto* b = std::get_if<bool>(&right);
      const bool same = (a && b && *a == *b) || (is_null(left) && is_null(right));
      if (op == "==") return same;
      return op == "!=" && !same;
    }
    if (op == "==") return order == 0;
    if (op == "!=") return order != 0;
    if (op == "<=") return order <= 0;
    if (op == ">=") return order >= 0;
    return op == "<" ? order < 0 : order > 0;
  }

  std::string_view path_;
  Arena& arena_;
  Budget& budget_;
  const Value& root_;
  std::vector<Value> found_;
  size_t at_ = 0;
  size_t nested_ = 0;
  bool definite_ = true;
};

}  // namespace json_path_detail

std::optional<Value> find_json_path(const Value& root, std::string_view path, Arena& arena,
                                    Budget& budget) {
  return json_path_detail::Walker(root, path, arena, budget).run();
}

}  // namespace paddock::services::apigateway::vtl
