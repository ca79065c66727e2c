// $input, $util, $context.
#include <array>

#include "core/text.hpp"
#include "services/apigateway/json_path.hpp"
#include "services/apigateway/vtl_machine.hpp"

namespace paddock::services::apigateway::vtl {
namespace vtl_variables_detail {

constexpr char kHex[] = "0123456789ABCDEF";

void append_unicode_escape(std::string& out, unsigned unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[unit >> shift & 0xF];
}

// One code point of well-formed UTF-8 (a stray byte stands for itself); moves behind it.
unsigned next_character(std::string_view text, size_t& at) {
  const auto first = static_cast<unsigned char>(text[at++]);
  const size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
  if (more == 0 || at + more > text.size()) return first;
  unsigned code = first & (0x3F >> more);
  for (size_t i = 0; i < more; ++i)
    code = code << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
  return code;
}

// commons-lang's escapeJavaScript: quotes of both kinds, backslash, slash, controls, non-ASCII.
std::string escape_java_script(std::string_view text) {
  static constexpr std::string_view kControls = "\b\n\t\f\r";
  static constexpr std::string_view kNames = "bntfr";
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const unsigned code = next_character(text, at);
    const size_t control =
        code < 0x20 ? kControls.find(static_cast<char>(code)) : std::string::npos;
    if (code > 0xFFFF) {
      append_unicode_escape(out, 0xD800 + ((code - 0x10000) >> 10));
      append_unicode_escape(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
    } else if (control != std::string::npos) {
      out += '\\';
      out += kNames[control];
    } else if (code < 0x20 || code > 0x7F) {
      append_unicode_escape(out, code);
    } else {
      const char c = static_cast<char>(code);
      if (c == '\'' || c == '"' || c == '\\' || c == '/') out += '\\';
      out += c;
    }
  }
  return out;
}

// java.net.URLEncoder: a form's encoding.
std::string url_encode_form(std::string_view text) {
  std::string out;
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '*' || c == '_';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 0xF];
    }
  }
  return out;
}

const std::string* find_parameter(const Parameters* parameters, const std::string& name,
                                  bool ignore_case) {
  if (!parameters) return nullptr;
  const std::string* found = nullptr;  // of several values the last one counts
  for (const auto& [key, value] : *parameters) {
    if (key == name) found = &value;
  }
  if (found || !ignore_case) return found;
  for (const auto& [key, value] : *parameters) {
    if (equal_ignore_case(key, name)) found = &value;
  }
  return found;
}

}  // namespace vtl_variables_detail

Value Machine::context() {
  if (context_) return *context_;
  if (!inputs_.context) return Value();
  context_document_ = &inputs_.context();
  context_ = from_document(*context_document_);
  Map& context = **std::get_if<Map*>(&*context_);
  for (const char* member : {"requestOverride", "responseOverride"}) {
    Map* overrides = arena_.map();
    if (const Value* former = context.find(member)) {
      if (auto* map = std::get_if<Map*>(former)) overrides = *map;
    }
    for (const char* part : {"header", "path", "querystring"}) {
      if (std::string_view(member) == "responseOverride" && std::string_view(part) != "header")
        break;
      if (!overrides->find(part)) overrides->put(part, arena_.map());
    }
    context.put(member, overrides);
  }
  return *context_;
}

void Machine::write_back() {
  if (!context_document_) return;
  Map& context = **std::get_if<Map*>(&*context_);
  for (const char* member : {"requestOverride", "responseOverride"}) {
    if (const Value* overrides = context.find(member)) {
      (*context_document_)[member] = json_of(*overrides, budget_);
    }
  }
}

Value Machine::map_of(const Parameters* parameters) {
  Map* map = arena_.map();
  if (parameters) {
    for (const auto& [name, value] : *parameters) map->put(name, value);
  }
  return map;
}

Value Machine::parameters() {
  Map* all = arena_.map();
  all->put("path", map_of(inputs_.path));
  all->put("querystring", map_of(inputs_.querystring));
  all->put("header", map_of(inputs_.header));
  return all;
}

Value Machine::parameter(const std::string& name) {
  for (const Parameters* place : {inputs_.path, inputs_.querystring, inputs_.header}) {
    const bool header = place == inputs_.header;
    const auto* value = vtl_variables_detail::find_parameter(place, name, header);
    if (value) return *value;
  }
  return Value();
}

std::string_view Machine::body_text() const {
  return inputs_.body.empty() ? std::string_view("{}") : inputs_.body;
}

// A body that is no JSON is a text.
const Value& Machine::body() {
  if (!body_) {
    auto parsed = parse_json_value(body_text(), arena_, budget_);
    body_ = parsed ? std::move(*parsed) : Value(std::string(body_text()));
  }
  return *body_;
}

Value Machine::input(const std::string& name, Arguments& arguments) {
  if (name == "params") {
    return arguments.empty() ? parameters() : parameter(text_of(arguments[0]));
  }
  if (name == "getBody" && arguments.empty()) return std::string(body_text());
  if ((name != "json" && name != "path") || arguments.size() != 1) return Value();
  auto found = find_json_path(body(), text_of(arguments[0]), arena_, budget_);
  if (name == "path") return found ? std::move(*found) : Value();
  std::string text;
  const bool none = !found || is_null(*found);
  append_json(text, none ? Value(std::string()) : *found, budget_);
  return text;
}

Value Machine::util(const std::string& name, Arguments& arguments) {
  if (arguments.size() != 1) return Value();
  const std::string text = text_of(arguments[0]);
  budget_.spend_text(text.size());
  if (name == "escapeJavaScript") return vtl_variables_detail::escape_java_script(text);
  if (name == "urlEncode") return vtl_variables_detail::url_encode_form(text);
  if (name == "urlDecode") return url_decode(text, true);
  if (name == "base64Encode") return to_base64(text);
  if (name == "base64Decode") {
    auto bytes = from_base64(text);
    if (!bytes) throw TemplateError("$util.base64Decode was given what is no base64");
    return valid_utf8(*bytes) ? Value(std::move(*bytes)) : Value();
  }
  if (name == "parseJson") {
    auto parsed = parse_json_value(text, arena_, budget_, true);
    if (!parsed) throw TemplateError("$util.parseJson was given what is no JSON");
    return std::move(*parsed);
  }
  return Value();
}

}  // namespace paddock::services::apigateway::vtl
