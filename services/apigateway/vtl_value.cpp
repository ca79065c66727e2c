#include "services/apigateway/vtl_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/text.hpp"
#include "services/apigateway/limits.hpp"

namespace paddock::services::apigateway::vtl {
namespace vtl_value_detail {

constexpr size_t kIndexed = 16;  // maps smaller than this are searched in order
constexpr size_t kMaxDepth = 64;

// Builds values from nlohmann's events, so that members keep the client's order.
class Builder {
 public:
  Builder(Arena& arena, Budget& budget, bool maps_print_json)
      : arena_(arena), budget_(budget), maps_print_json_(maps_print_json) {}

  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  bool null() { return add(Value()); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(number_integer_t value) { return add(static_cast<int64_t>(value)); }
  bool number_unsigned(number_unsigned_t value) {
    if (value > static_cast<uint64_t>(INT64_MAX)) return add(BigInteger{std::to_string(value)});
    return add(static_cast<int64_t>(value));
  }
  bool number_float(number_float_t value, const string_t& text) {
    const bool integer = text.find_first_of(".eE") == std::string::npos;
    return integer ? add(BigInteger{text}) : add(value);
  }
  bool string(string_t& value) { return add(std::move(value)); }
  bool binary(binary_t&) { return false; }
  bool start_object(size_t) {
    Map* map = arena_.map();
    map->json = maps_print_json_;
    if (!add(map)) return false;
    open_.push_back({nullptr, map, {}});
    return open_.size() <= kMaxDepth;
  }
  bool start_array(size_t) {
    List* list = arena_.list();
    list->json = true;
    if (!add(list)) return false;
    open_.push_back({list, nullptr, {}});
    return open_.size() <= kMaxDepth;
  }
  bool key(string_t& key) {
    open_.back().key = std::move(key);
    return true;
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) { return false; }

  Value root;

 private:
  struct Open {
    List* list;
    Map* map;
    std::string key;
  };
  bool close() {
    open_.pop_back();
    return true;
  }
  bool add(Value value) {
    budget_.spend(1);
    if (open_.empty()) {
      root = std::move(value);
    } else if (open_.back().list) {
      open_.back().list->items.push_back(std::move(value));
    } else {
      open_.back().map->put(std::move(open_.back().key), std::move(value));
    }
    return true;
  }

  Arena& arena_;
  Budget& budget_;
  bool maps_print_json_;
  std::vector<Open> open_;
};

// Writes one value and what it holds; `json`: as JSON, else as Java's toString.
class Printer {
 public:
  Printer(std::string& out, Budget& budget) : out_(out), budget_(budget) {}

  void print(const Value& value, bool json, size_t depth = 0) {
    if (depth > kMaxDepth) throw TemplateError("A value is nested too deeply to be printed");
    const size_t before = out_.size();
    if (const auto* list = std::get_if<List*>(&value)) {
      print_list(**list, json || (*list)->json, depth);
    } else if (const auto* map = std::get_if<Map*>(&value)) {
      print_map(**map, json || (*map)->json, depth);
    } else {
      print_scalar(value, json);
      budget_.spend_text(out_.size() - before);
    }
    if (out_.size() > kMaxPayload) throw TemplateError("The template's output is too long");
  }

 private:
  void print_list(const List& list, bool json, size_t depth) {
    out_ += '[';
    bool first = true;
    for (const auto& item : list.items) {
      if (!first) out_ += json ? "," : ", ";
      first = false;
      print(item, json, depth + 1);
    }
    out_ += ']';
  }
  void print_map(const Map& map, bool json, size_t depth) {
    out_ += '{';
    bool first = true;
    for (const auto& [key, value] : map.members) {
      if (!first) out_ += json ? "," : ", ";
      first = false;
      if (json) {
        append_json_string(out_, key);
        out_ += ':';
      } else {
        out_ += key;
        out_ += '=';
      }
      print(value, json, depth + 1);
    }
    out_ += '}';
  }
  void print_scalar(const Value& value, bool json) {
    if (const auto* text = as_text(value)) {
      json ? append_json_string(out_, *text) : void(out_ += *text);
    } else if (const auto* boolean = std::get_if<bool>(&value)) {
      out_ += *boolean ? "true" : "false";
    } else if (const auto* integer = std::get_if<int64_t>(&value)) {
      out_ += std::to_string(*integer);
    } else if (const auto* number = std::get_if<double>(&value)) {
      out_ += java_double(*number);
    } else if (const auto* big = std::get_if<BigInteger>(&value)) {
      out_ += big->digits;
    } else {
      out_ += "null";
    }
  }

  std::string& out_;
  Budget& budget_;
};

Json to_document(const Value& value, Budget& budget, size_t depth) {
  if (depth > kMaxDepth) throw TemplateError("A value is nested too deeply");
  budget.spend(1);
  if (const auto* text = as_text(value)) return *text;
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean;
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* big = std::get_if<BigInteger>(&value)) return big->digits;
  if (const auto* list = std::get_if<List*>(&value)) {
    Json array = Json::array();
    for (const auto& item : (*list)->items) array.push_back(to_document(item, budget, depth + 1));
    return array;
  }
  if (const auto* map = std::get_if<Map*>(&value)) {
    Json object = Json::object();
    for (const auto& [key, member] : (*map)->members) {
      object[key] = to_document(member, budget, depth + 1);
    }
    return object;
  }
  return nullptr;
}

}  // namespace vtl_value_detail

void Budget::spend_text(size_t bytes) {
  if (bytes > kMaxPayload) throw TemplateError("A text of the template is too long");
  spend(1 + static_cast<int64_t>(bytes / 64));
}

Value* Map::find(std::string_view key) {
  if (members.size() >= vtl_value_detail::kIndexed) {
    auto found = index_.find(std::string(key));
    return found == index_.end() ? nullptr : &members[found->second].second;
  }
  for (auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

Value Map::put(std::string key, Value value) {
  if (Value* former = find(key)) return std::exchange(*former, std::move(value));
  members.emplace_back(std::move(key), std::move(value));
  if (members.size() == vtl_value_detail::kIndexed) {
    for (size_t i = 0; i < members.size(); ++i) index_[members[i].first] = i;
  } else if (members.size() > vtl_value_detail::kIndexed) {
    index_[members.back().first] = members.size() - 1;
  }
  return Value();
}

Value Map::remove(std::string_view key) {
  Value* found = find(key);
  if (!found) return Value();
  Value former = std::move(*found);
  auto at = std::find_if(members.begin(), members.end(),
                         [&](const auto& member) { return &member.second == found; });
  members.erase(at);
  index_.clear();
  if (members.size() >= vtl_value_detail::kIndexed) {
    for (size_t i = 0; i < members.size(); ++i) index_[members[i].first] = i;
  }
  return former;
}

void Map::clear() {
  members.clear();
  index_.clear();
}

std::optional<Value> parse_json_value(std::string_view text, Arena& arena, Budget& budget,
                                      bool maps_print_json) {
  budget.spend_text(text.size());
  vtl_value_detail::Builder builder(arena, budget, maps_print_json);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  return std::move(builder.root);
}

Value value_of(const Json& document, Arena& arena) {
  if (document.is_boolean()) return document.get<bool>();
  if (document.is_number_integer()) return document.get<int64_t>();
  if (document.is_number()) return document.get<double>();
  if (document.is_string()) return document.get<std::string>();
  if (document.is_array()) {
    List* list = arena.list();
    list->json = true;
    for (const auto& item : document) list->items.push_back(value_of(item, arena));
    return list;
  }
  if (document.is_object()) {
    Map* map = arena.map();
    for (const auto& [key, member] : document.items()) map->put(key, value_of(member, arena));
    return map;
  }
  return Value();
}

Json json_of(const Value& value, Budget& budget) {
  return vtl_value_detail::to_document(value, budget, 0);
}

void append_text(std::string& out, const Value& value, Budget& budget) {
  vtl_value_detail::Printer(out, budget).print(value, false);
}

void append_json(std::string& out, const Value& value, Budget& budget) {
  vtl_value_detail::Printer(out, budget).print(value, true);
}

std::string java_double(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char buffer[64];
  const double size = std::fabs(value);
  if (value == 0 || (size >= 1e-3 && size < 1e7)) {
    auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr;
    std::string text(buffer, end);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  }
  auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  std::string text(buffer, end);
  const size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  const int exponent = std::stoi(text.substr(e + 1));
  return mantissa + "E" + std::to_string(exponent);
}

}  // namespace paddock::services::apigateway::vtl
