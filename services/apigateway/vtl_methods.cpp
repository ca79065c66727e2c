// The methods of Java's String, List, Map and numbers that templates call.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/text.hpp"
#include "services/apigateway/vtl_machine.hpp"

namespace paddock::services::apigateway::vtl {
namespace vtl_methods_detail {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return !(c & 0x80); });
}

// Java counts UTF-16 units. The byte at which unit `unit` begins; size() for the end. A unit within
// a character counts as its beginning.
size_t byte_of(std::string_view text, int64_t unit) {
  size_t at = 0;
  while (at < text.size() && unit > 0) {
    const auto first = static_cast<unsigned char>(text[at]);
    unit -= first >= 0xF0 ? 2 : 1;
    if (unit < 0) break;
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return at;
}

int64_t units(std::string_view text) {
  return static_cast<int64_t>(is_ascii(text) ? text.size() : utf16_length(text));
}

std::string part(std::string_view text, int64_t begin, int64_t end) {
  if (begin < 0 || end < begin || end > units(text)) {
    throw TemplateError("String index out of range: " + std::to_string(end < begin ? begin : end));
  }
  if (is_ascii(text)) {
    return std::string(text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)));
  }
  const size_t first = byte_of(text, begin);
  return std::string(text.substr(first, byte_of(text, end) - first));
}

std::string changed_case(std::string text, bool upper) {
  for (char& c : text) {
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (!upper && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return std::string(text);
}

std::string replaced(std::string_view text, std::string_view old, std::string_view with,
                     Budget& budget) {
  std::string out;
  if (old.empty()) return std::string(text);
  for (size_t at = 0;;) {
    const size_t found = text.find(old, at);
    out.append(text.substr(at, found == std::string_view::npos ? found : found - at));
    if (found == std::string_view::npos) break;
    out.append(with);
    at = found + old.size();
    budget.spend_text(with.size());
  }
  budget.spend_text(out.size());
  return out;
}

int64_t integer(const std::vector<Value>& arguments, size_t i) {
  if (i < arguments.size()) {
    if (const auto* value = std::get_if<int64_t>(&arguments[i])) return *value;
  }
  throw TemplateError("A method was given what is no integer");
}

Value parse_integer(const std::string& text) {
  int64_t value = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    throw TemplateError("For input string: \"" + text + "\"");
  }
  return value;
}

Value parse_double(const std::string& text) {
  const std::string digits = trimmed(text);
  double value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    throw TemplateError("For input string: \"" + text + "\"");
  }
  return value;
}

}  // namespace vtl_methods_detail

Value Machine::call(Value& object, const std::string& name, Arguments& arguments) {
  if (const auto* builtin = std::get_if<Builtin>(&object)) {
    return *builtin == Builtin::input ? input(name, arguments) : util(name, arguments);
  }
  if (name == "toString" && arguments.empty()) return text_of(object);
  if (name == "equals" && arguments.size() == 1) {
    const bool alike = object.index() == arguments[0].index();
    return alike && equal(object, arguments[0]);
  }
  if (const auto* text = as_text(object)) return call_text(*text, name, arguments);
  if (auto* list = std::get_if<List*>(&object)) return call_list(**list, name, arguments);
  if (auto* map = std::get_if<Map*>(&object)) return call_map(**map, name, arguments);
  if (std::holds_alternative<bool>(object)) {
    if (name == "booleanValue" && arguments.empty()) return object;
    if ((name == "parseBoolean" || name == "valueOf") && arguments.size() == 1) {
      return equal_ignore_case(text_of(arguments[0]), "true");
    }
    return Value();
  }
  return call_number(object, name, arguments);
}

Value Machine::call_text(const std::string& text, const std::string& name, Arguments& arguments) {
  namespace d = vtl_methods_detail;
  budget_.spend_text(text.size());
  if (arguments.empty()) {
    if (name == "length") return d::units(text);
    if (name == "isEmpty") return text.empty();
    if (name == "trim" || name == "strip") return d::trimmed(text);
    if (name == "isBlank") return d::trimmed(text).empty();
    if (name == "toLowerCase") return d::changed_case(text, false);
    if (name == "toUpperCase") return d::changed_case(text, true);
    return Value();
  }
  const std::string first = text_of(arguments[0]);
  if (arguments.size() == 1) {
    if (name == "contains") return text.find(first) != std::string::npos;
    if (name == "startsWith") return text.starts_with(first);
    if (name == "endsWith") return text.ends_with(first);
    if (name == "equalsIgnoreCase") return equal_ignore_case(text, first);
    if (name == "concat") {
      budget_.spend_text(text.size() + first.size());
      return text + first;
    }
    if (name == "compareTo") {
      const int order = text.compare(first);
      return static_cast<int64_t>(order < 0 ? -1 : order > 0);
    }
  }
  if (name == "replace" && arguments.size() == 2) {
    return d::replaced(text, first, text_of(arguments[1]), budget_);
  }
  Value part = call_text_part(text, name, arguments);
  return is_null(part) ? call_pattern(text, name, arguments) : part;
}

Value Machine::call_text_part(const std::string& text, const std::string& name,
                              Arguments& arguments) {
  namespace d = vtl_methods_detail;
  if (name == "substring" || name == "subSequence") {
    const int64_t end = arguments.size() > 1 ? d::integer(arguments, 1) : d::units(text);
    return d::part(text, d::integer(arguments, 0), end);
  }
  if (name == "charAt" && arguments.size() == 1) {
    const int64_t at = d::integer(arguments, 0);
    return d::part(text, at, at + 1);
  }
  if (name == "indexOf" || name == "lastIndexOf") {
    const std::string wanted = text_of(arguments[0]);
    size_t at = 0;
    if (name == "lastIndexOf") {
      at = text.rfind(wanted);
    } else {
      const int64_t from =
          arguments.size() > 1 ? std::max<int64_t>(0, d::integer(arguments, 1)) : 0;
      at = text.find(wanted, d::byte_of(text, from));
    }
    if (at == std::string::npos) return int64_t{-1};
    return d::units(std::string_view(text).substr(0, at));
  }
  return Value();
}

const JavaRegex& Machine::regex(const std::string& pattern, size_t text_size) {
  budget_.spend(1000 + static_cast<int64_t>(text_size / 4));
  auto found = patterns_.find(pattern);
  if (found == patterns_.end()) found = patterns_.emplace(pattern, JavaRegex(pattern)).first;
  return found->second;
}

Value Machine::call_pattern(const std::string& text, const std::string& name,
                            Arguments& arguments) {
  const bool two = arguments.size() == 2;
  if (name == "matches" && arguments.size() == 1) {
    return regex(text_of(arguments[0]), text.size()).matches(text);
  }
  if ((name == "replaceAll" || name == "replaceFirst") && two) {
    const JavaRegex& pattern = regex(text_of(arguments[0]), text.size());
    std::string out = pattern.replace(text, text_of(arguments[1]), name == "replaceAll");
    budget_.spend_text(out.size());
    return out;
  }
  if (name == "split") {
    const JavaRegex& pattern = regex(text_of(arguments[0]), text.size());
    return strings(pattern.split(text, two ? vtl_methods_detail::integer(arguments, 1) : 0));
  }
  return Value();
}

Value Machine::strings(const std::vector<std::string>& texts) {
  budget_.spend(static_cast<int64_t>(texts.size()));
  List* list = arena_.list();
  for (const auto& text : texts) list->items.push_back(text);
  return list;
}

Value Machine::call_list(List& list, const std::string& name, Arguments& arguments) {
  const auto size = static_cast<int64_t>(list.items.size());
  if (arguments.empty()) {
    if (name == "size" || name == "length") return size;
    if (name == "isEmpty") return list.items.empty();
    if (name == "iterator") return &list;
  }
  if (name == "get" && arguments.size() == 1) {
    const int64_t at = vtl_methods_detail::integer(arguments, 0);
    if (at < 0 || at >= size) throw TemplateError("Index out of bounds: " + std::to_string(at));
    return list.items[static_cast<size_t>(at)];
  }
  if ((name == "contains" || name == "indexOf") && arguments.size() == 1) {
    budget_.spend(size);
    int64_t at = -1;
    for (int64_t i = 0; i < size && at < 0; ++i) {
      const Value& item = list.items[static_cast<size_t>(i)];
      if (item.index() == arguments[0].index() && equal(item, arguments[0])) at = i;
    }
    return name == "contains" ? Value(at >= 0) : Value(at);
  }
  if (name == "subList" && arguments.size() == 2) {
    const int64_t begin = vtl_methods_detail::integer(arguments, 0);
    const int64_t end = vtl_methods_detail::integer(arguments, 1);
    if (begin < 0 || end < begin || end > size) throw TemplateError("Index out of bounds");
    budget_.spend(end - begin);
    List* part = arena_.list();
    part->json = list.json;
    part->items.assign(list.items.begin() + begin, list.items.begin() + end);
    return part;
  }
  return change_list(list, name, arguments);
}

Value Machine::change_list(List& list, const std::string& name, Arguments& arguments) {
  const auto size = static_cast<int64_t>(list.items.size());
  auto place = [&](int64_t most) {
    const int64_t at = vtl_methods_detail::integer(arguments, 0);
    if (at < 0 || at > most) throw TemplateError("Index out of bounds: " + std::to_string(at));
    return list.items.begin() + at;
  };
  if (name == "add" && arguments.size() == 1) {
    list.items.push_back(std::move(arguments[0]));
    return true;
  }
  budget_.spend(size / 16);
  if (name == "add" && arguments.size() == 2) {
    list.items.insert(place(size), std::move(arguments[1]));
    return Value();
  }
  if (name == "set" && arguments.size() == 2) {
    return std::exchange(*place(size - 1), std::move(arguments[1]));
  }
  if (name == "addAll" && arguments.size() == 1) {
    std::vector<Value> more = iterated(arguments[0]);
    list.items.insert(list.items.end(), more.begin(), more.end());
    return !more.empty();
  }
  if (name == "remove" && arguments.size() == 1 && std::holds_alternative<int64_t>(arguments[0])) {
    auto at = place(size - 1);
    Value former = std::move(*at);
    list.items.erase(at);
    return former;
  }
  if (name == "remove" && arguments.size() == 1) {
    for (auto at = list.items.begin(); at != list.items.end(); ++at) {
      if (at->index() != arguments[0].index() || !equal(*at, arguments[0])) continue;
      list.items.erase(at);
      return true;
    }
    return false;
  }
  if (name == "clear" && arguments.empty()) list.items.clear();
  return Value();
}

Value Machine::call_map(Map& map, const std::string& name, Arguments& arguments) {
  if (arguments.empty()) {
    if (name == "size") return static_cast<int64_t>(map.members.size());
    if (name == "isEmpty") return map.members.empty();
    if (name == "getKey" || name == "getValue") {  // of entries
      const Value* member = map.find(name == "getKey" ? "key" : "value");
      return member ? *member : Value();
    }
    if (name == "keySet" || name == "values" || name == "entrySet") {
      budget_.spend(static_cast<int64_t>(map.members.size()));
      List* list = arena_.list();
      for (const auto& [key, value] : map.members) {
        if (name == "entrySet") {
          Map* entry = arena_.map();
          entry->put("key", key);
          entry->put("value", value);
          list->items.push_back(entry);
        } else {
          list->items.push_back(name == "keySet" ? Value(key) : value);
        }
      }
      return list;
    }
  }
  if (name == "containsKey" && arguments.size() == 1) {
    return map.find(text_of(arguments[0])) != nullptr;
  }
  if (name == "containsValue" && arguments.size() == 1) {
    budget_.spend(static_cast<int64_t>(map.members.size()));
    return std::any_of(map.members.begin(), map.members.end(),
                       [&](const auto& member) { return equal(member.second, arguments[0]); });
  }
  if (name == "get" || name == "getOrDefault") {
    if (arguments.empty()) return Value();
    const Value* member = map.find(text_of(arguments[0]));
    if (member) return *member;
    return arguments.size() > 1 ? arguments[1] : Value();
  }
  return change_map(map, name, arguments);
}

Value Machine::change_map(Map& map, const std::string& name, Arguments& arguments) {
  if ((name == "put" || name == "putIfAbsent") && arguments.size() == 2) {
    std::string key = text_of(arguments[0]);
    if (name == "putIfAbsent") {
      if (const Value* former = map.find(key)) return *former;
    }
    return map.put(std::move(key), std::move(arguments[1]));
  }
  if (name == "putAll" && arguments.size() == 1) {
    if (const auto* more = std::get_if<Map*>(&arguments[0])) {
      budget_.spend(static_cast<int64_t>((*more)->members.size()));
      const auto members = (*more)->members;  // it may be the same map
      for (const auto& [key, value] : members) map.put(key, value);
    }
    return Value();
  }
  if (name == "remove" && arguments.size() == 1) {
    budget_.spend(static_cast<int64_t>(map.members.size()));
    return map.remove(text_of(arguments[0]));
  }
  if (name == "clear" && arguments.empty()) map.clear();
  return Value();
}

// Also the static methods, which templates reach through any number: $n.parseInt("5").
Value Machine::call_number(const Value& number, const std::string& name, Arguments& arguments) {
  namespace d = vtl_methods_detail;
  if (arguments.size() == 1) {
    if (name == "parseInt" || name == "parseLong") return d::parse_integer(text_of(arguments[0]));
    if (name == "parseDouble" || name == "parseFloat")
      return d::parse_double(text_of(arguments[0]));
    if (name == "toString") return text_of(arguments[0]);
    if (name == "valueOf") {
      const std::string text = text_of(arguments[0]);
      const bool fraction = std::holds_alternative<double>(number);
      return fraction ? d::parse_double(text) : d::parse_integer(text);
    }
    if (name == "compareTo") {
      return static_cast<int64_t>(compare(">", number, arguments[0])) -
             static_cast<int64_t>(compare("<", number, arguments[0]));
    }
    return Value();
  }
  if (!arguments.empty()) return Value();
  const auto* integer = std::get_if<int64_t>(&number);
  const auto* fraction = std::get_if<double>(&number);
  if (name == "intValue" || name == "longValue") {
    if (integer) return *integer;
    if (fraction && std::fabs(*fraction) < 9e18) return static_cast<int64_t>(*fraction);
  }
  if (name == "doubleValue" || name == "floatValue") {
    if (fraction) return *fraction;
    if (integer) return static_cast<double>(*integer);
  }
  return Value();
}

}  // namespace paddock::services::apigateway::vtl
