#include "services/apigateway/openapi_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "core/text.hpp"

namespace paddock::services::apigateway {

namespace openapi_text_detail {

OpenapiTextError at_line(size_t line, const std::string& what) {
  return OpenapiTextError("line " + std::to_string(line) + ": " + what);
}

Json parse_json(const std::string& text) {
  auto check_depth = [](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxOpenapiDepth) throw OpenapiTextError("nested too deeply");
    return true;
  };
  try {
    return Json::parse(text, check_depth);
  } catch (const Json::parse_error& error) {
    size_t end = std::min(text.size(), error.byte);
    auto newlines = std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(end), '\n');
    throw at_line(static_cast<size_t>(newlines) + 1, "no JSON");
  }
}

bool is_one_of(const std::string& text, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return text == name; });
}

// A plain scalar by YAML's core schema.
Json plain_scalar(const std::string& text) {
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (is_one_of(text, {"true", "True", "TRUE"})) return true;
  if (is_one_of(text, {"false", "False", "FALSE"})) return false;
  bool numeric = text.find_first_not_of("0123456789+-.eE") == std::string::npos &&
                 text.find_first_of("0123456789") != std::string::npos;
  if (!numeric) return text;
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  const char* end = text.data() + text.size();
  int64_t whole = 0;
  auto [stopped, error] = std::from_chars(begin, end, whole);
  if (error == std::errc() && stopped == end) return whole;
  char* parsed = nullptr;
  double number = std::strtod(text.c_str(), &parsed);
  if (parsed == text.c_str() + text.size() && number > -1e300 && number < 1e300) return number;
  return text;
}

class YamlReader {
 public:
  Json read(const YAML::Node& node, int depth) {
    size_t line = static_cast<size_t>(std::max(0, node.Mark().line)) + 1;
    if (depth > kMaxOpenapiDepth) throw at_line(line, "nested too deeply");
    if (++nodes_ > kMaxOpenapiNodes) throw at_line(line, "too large, with what its aliases repeat");
    switch (node.Type()) {
      case YAML::NodeType::Map:
        return read_map(node, depth, line);
      case YAML::NodeType::Sequence: {
        Json list = Json::array();
        for (const auto& item : node) list.push_back(read(item, depth + 1));
        return list;
      }
      case YAML::NodeType::Scalar:
        return read_scalar(node, line);
      default:
        return nullptr;
    }
  }

 private:
  Json read_scalar(const YAML::Node& node, size_t line) {
    if (!valid_utf8(node.Scalar())) throw at_line(line, "no UTF-8");
    const std::string& tag = node.Tag();
    if (tag == "!" || tag == "tag:yaml.org,2002:str") return node.Scalar();
    if (tag == "?" || tag.empty() || tag.starts_with("tag:yaml.org,2002:")) {
      return plain_scalar(node.Scalar());
    }
    throw at_line(line, "the tag " + tag + " has no meaning here");
  }

  Json read_map(const YAML::Node& node, int depth, size_t line) {
    Json object = Json::object();
    Json merged = Json::object();
    for (const auto& member : node) {
      if (!member.first.IsScalar()) throw at_line(line, "a member's name is no text");
      const std::string& name = member.first.Scalar();
      if (!valid_utf8(name)) throw at_line(line, "no UTF-8");
      Json value = read(member.second, depth + 1);
      if (name == "<<" && value.is_object()) {
        merged.update(value);
      } else if (object.contains(name)) {
        size_t at = static_cast<size_t>(std::max(0, member.first.Mark().line)) + 1;
        throw at_line(at, "the member '" + name + "' is there twice");
      } else {
        object[name] = std::move(value);
      }
    }
    if (!merged.empty()) {
      merged.update(object);
      return merged;
    }
    return object;
  }

  size_t nodes_ = 0;
};

void write_yaml(YAML::Emitter& out, const Json& value) {
  if (value.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [name, member] : value.items()) {
      out << YAML::Key << YAML::DoubleQuoted << name << YAML::Value;
      write_yaml(out, member);
    }
    out << YAML::EndMap;
  } else if (value.is_array()) {
    out << YAML::BeginSeq;
    for (const auto& item : value) write_yaml(out, item);
    out << YAML::EndSeq;
  } else if (value.is_string()) {
    out << YAML::DoubleQuoted << value.get<std::string>();
  } else if (value.is_null()) {
    out << YAML::Null;
  } else {
    out << value.dump();
  }
}

}  // namespace openapi_text_detail

Json parse_openapi_text(const std::string& text) {
  namespace d = openapi_text_detail;
  if (text.size() > kMaxOpenapiBytes) throw OpenapiTextError("larger than 6 MiB");
  size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos) throw OpenapiTextError("line 1: empty");
  if (text[first] == '{' || text[first] == '[') return d::parse_json(text);
  try {
    return d::YamlReader().read(YAML::Load(text), 0);
  } catch (const YAML::Exception& error) {
    throw d::at_line(static_cast<size_t>(std::max(0, error.mark.line)) + 1, error.msg);
  }
}

std::string to_yaml(const Json& document) {
  YAML::Emitter out;
  out.SetIndent(2);
  out << YAML::BeginDoc;
  openapi_text_detail::write_yaml(out, document);
  return std::string(out.c_str()) + "\n";
}

}  // namespace paddock::services::apigateway
