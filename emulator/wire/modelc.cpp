// modelc MODEL PATCHES STEM: writes a service model (models/README.md has the format) as constexpr
// tables to STEM.hpp and STEM.cpp. A host tool: it runs during the build, on one model at a time.
//
// It is strict. A key, a shape type or a binding that it does not know is an error that names it,
// because silently dropping a trait would make the emulator differ from AWS.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace modelc {

// Members keep the file's order: error lists and XML answers follow it.
using Json = nlohmann::ordered_json;
using Keys = std::set<std::string_view>;

[[noreturn]] void fail(const std::string& text) {
  throw std::runtime_error(text);
}

Json read_json(const std::string& path) {
  std::ifstream file(path);
  if (!file) fail(path + ": cannot be opened");
  try {
    return Json::parse(file);
  } catch (const Json::exception& error) {
    fail(path + ": " + error.what());
  }
}

void check_keys(const Json& object, const Keys& known, const std::string& where) {
  if (!object.is_object()) fail(where + ": is not an object");
  for (const auto& [key, value] : object.items()) {
    if (!known.contains(key)) fail(where + ": unknown key '" + key + "'");
  }
}

std::string text_of(const Json& object, const char* key, const std::string& otherwise = "") {
  auto found = object.find(key);
  return found == object.end() ? otherwise : found->get<std::string>();
}

bool flag_of(const Json& object, const char* key) {
  auto found = object.find(key);
  return found != object.end() && found->get<bool>();
}

// A C++ string literal. Patterns hold any character, so everything unusual is an octal escape,
// which unlike \x ends after three digits.
std::string literal(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '?' || c < 0x20 || c >= 0x7f) {
      const char digits[] = {'\\', static_cast<char>('0' + (c >> 6)),
                             static_cast<char>('0' + ((c >> 3) & 7)),
                             static_cast<char>('0' + (c & 7))};
      out.append(digits, 4);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out + '"';
}

const Keys kReserved = {
    "NULL",     "EOF",       "alignas",  "alignof",       "and",         "asm",       "auto",
    "bool",     "break",     "case",     "catch",         "char",        "class",     "concept",
    "const",    "constexpr", "continue", "co_await",      "co_return",   "co_yield",  "decltype",
    "default",  "delete",    "do",       "double",        "else",        "enum",      "explicit",
    "export",   "extern",    "false",    "float",         "for",         "friend",    "goto",
    "if",       "inline",    "int",      "long",          "mutable",     "namespace", "new",
    "noexcept", "not",       "nullptr",  "operator",      "or",          "private",   "protected",
    "public",   "register",  "requires", "return",        "short",       "signed",    "sizeof",
    "static",   "struct",    "switch",   "template",      "this",        "throw",     "true",
    "try",      "typedef",   "typeid",   "typename",      "union",       "unsigned",  "using",
    "virtual",  "void",      "volatile", "while",         "xor",         "errno",     "stdin",
    "stdout",   "stderr",    "assert",   "static_assert", "thread_local"};

// A member's name as a C++ identifier: other characters become '_', reserved words get one more.
std::string identifier(const std::string& name) {
  std::string out;
  for (unsigned char c : name) out += std::isalnum(c) || c == '_' ? static_cast<char>(c) : '_';
  if (out.empty() || std::isdigit(static_cast<unsigned char>(out[0]))) out.insert(0, "_");
  if (kReserved.contains(out)) out += '_';
  return out;
}

// -- patches --------------------------------------------------------------------------------------

void apply_patch(Json& model, const Json& patch, const std::string& where) {
  const std::string path = text_of(patch, "path");
  const size_t slash = path.rfind('/');
  if (path.empty() || path[0] != '/') fail(where + ": 'path' must start with '/'");
  try {
    const Json::json_pointer parent(path.substr(0, slash));
    if (!model.contains(parent)) fail(where + ": the model has no " + path.substr(0, slash));
    const Json::json_pointer target(path);
    const bool present = target.back() != "-" && model.contains(target);
    const Json& value = patch.at("value");
    if (value.is_null() ? !present : present && model.at(target) == value) {
      fail(where + ": changes nothing at " + path + "; the model has caught up, drop it");
    }
    if (!value.is_null()) {
      model[target] = value;
    } else if (model.at(parent).is_object()) {
      model.at(parent).erase(target.back());
    } else {
      model.at(parent).erase(std::stoul(target.back()));
    }
  } catch (const Json::exception& error) {
    fail(where + ": " + error.what());
  }
}

// Applies the patches of `service`; the others are checked for their form only.
void apply_patches(Json& model, const std::string& model_path, const std::string& service,
                   const std::string& patches_path) {
  const Json patches = read_json(patches_path);
  if (!patches.is_array()) fail(patches_path + ": is not a list");
  for (size_t i = 0; i < patches.size(); i++) {
    const std::string where = patches_path + ": patch " + std::to_string(i + 1);
    const Json& patch = patches[i];
    check_keys(patch, {"service", "path", "value", "evidence"}, where);
    if (patch.size() != 4) fail(where + ": needs service, path, value and evidence");
    if (text_of(patch, "evidence").empty()) fail(where + ": 'evidence' is empty");
    const std::string name = text_of(patch, "service");
    if (name == service) {
      apply_patch(model, patch, where);
    } else if (!std::filesystem::exists(std::filesystem::path(model_path).parent_path() /
                                        (name + ".json"))) {
      fail(where + ": there is no model '" + name + "'");
    }
  }
}

// -- tables ---------------------------------------------------------------------------------------

const std::map<std::string, std::string> kTypes = {
    {"structure", "structure"}, {"list", "list"},          {"map", "map"},
    {"string", "string"},       {"character", "string"},   {"blob", "blob"},
    {"boolean", "boolean"},     {"byte", "byte"},          {"short", "short_"},
    {"integer", "integer"},     {"long", "long_"},         {"float", "float_"},
    {"double", "double_"},      {"timestamp", "timestamp"}};

const std::map<std::string, std::string> kTimestampFormats = {
    {"iso8601", "iso8601"}, {"rfc822", "http_date"}, {"unixTimestamp", "unix_seconds"}};

const std::map<std::string, std::string> kLocations = {{"uri", "uri"},
                                                       {"querystring", "query"},
                                                       {"header", "header"},
                                                       {"headers", "headers"},
                                                       {"statusCode", "status_code"}};

const Keys kCommonShapeKeys = {"type", "sensitive", "box", "deprecated", "deprecatedMessage",
                               "min",  "max"};

class Compiler {
 public:
  Compiler(const Json& model, std::string service, std::string name)
      : model_(model), service_(std::move(service)), name_(std::move(name)) {
    check_keys(model, {"source", "metadata", "operations", "shapes"}, "the model");
  }

  void run() {
    for (const auto& [name, shape] : model_.at("shapes").items()) shape_index(name);
    // Shapes are added while their users are written (variants), so this is not a range.
    for (size_t i = 0; i < shapes_.size(); i++) {
      const std::string line = shape_line(i);
      shape_lines_.push_back(line);
    }
    std::map<std::string, const Json*> sorted;
    for (const auto& [name, operation] : model_.at("operations").items()) {
      sorted.emplace(name, &operation);
    }
    for (const auto& [name, operation] : sorted) operation_line(name, *operation);
  }

  std::string header() const;
  std::string source() const;

 private:
  struct ShapeEntry {
    std::string name;
    Json json;
  };

  size_t shape_index(const std::string& name) {
    auto found = shape_indexes_.find(name);
    if (found != shape_indexes_.end()) return found->second;
    const Json& shapes = model_.at("shapes");
    if (!shapes.contains(name)) fail("there is no shape '" + name + "'");
    shapes_.push_back({name, shapes.at(name)});
    return shape_indexes_[name] = shapes_.size() - 1;
  }

  // The shape a member refers to; where the member overrides a trait of its shape, a variant of
  // that shape under a key of its own.
  size_t target_index(const Json& ref, const std::string& where) {
    const std::string name = text_of(ref, "shape");
    std::string key = name;
    Json changes = Json::object();
    for (const char* trait : {"enum", "streaming", "timestampFormat", "min", "max", "pattern"}) {
      if (!ref.contains(trait)) continue;
      changes[trait] = ref.at(trait);
      key += '|' + std::string(trait) + '=' + ref.at(trait).dump();
    }
    if (!model_.at("shapes").contains(name)) fail(where + ": there is no shape '" + name + "'");
    if (changes.empty()) return shape_index(name);
    auto found = shape_indexes_.find(key);
    if (found != shape_indexes_.end()) return found->second;
    ShapeEntry entry{name, model_.at("shapes").at(name)};
    entry.json.update(changes);
    shapes_.push_back(std::move(entry));
    return shape_indexes_[key] = shapes_.size() - 1;
  }

  std::string member_line(const std::string& name, const Json& ref, const std::string& where,
                          const Json* structure, size_t position);
  std::string shape_line(size_t index);
  void structure_fields(const ShapeEntry& entry, const std::string& where, std::string& line);
  void operation_line(const std::string& name, const Json& operation);
  std::string shape_pointer(const Json& operation, const char* key, const std::string& where,
                            const Keys& known);
  std::string protocol() const;

  const Json& model_;
  const std::string service_;  // the file's name: "application-autoscaling"
  const std::string name_;     // the identifier: "application_autoscaling"
  std::vector<ShapeEntry> shapes_;
  std::map<std::string, size_t> shape_indexes_;
  std::vector<std::string> shape_lines_;
  std::vector<std::string> member_lines_;
  std::vector<size_t> orders_;
  std::vector<std::string> value_lines_;
  std::vector<std::string> error_lines_;
  std::vector<std::string> operation_lines_;
  std::set<std::string> member_names_;
};

std::string boolean(bool value) {
  return value ? "true" : "false";
}

// `structure` is the shape whose member this is; nullptr for list elements, keys and map values.
std::string Compiler::member_line(const std::string& name, const Json& ref,
                                  const std::string& where, const Json* structure,
                                  size_t position) {
  check_keys(
      ref,
      {"shape", "locationName", "location", "idempotencyToken", "deprecated", "deprecatedMessage",
       "box", "eventpayload", "eventheader", "flattened", "xmlNamespace", "streaming", "enum",
       "xmlAttribute", "hostLabel", "timestampFormat", "min", "max", "pattern"},
      where);
  const size_t shape = target_index(ref, where);
  std::string location = "body";
  bool required = false;
  if (ref.contains("location")) {
    auto known = kLocations.find(text_of(ref, "location"));
    if (known == kLocations.end()) {
      fail(where + ": unknown location '" + text_of(ref, "location") + "'");
    }
    location = known->second;
  }
  if (flag_of(ref, "eventpayload")) location = "event_payload";
  if (flag_of(ref, "eventheader")) location = "event_header";
  if (structure != nullptr) {
    if (text_of(*structure, "payload") == name) location = "payload";
    if (structure->contains("required")) {
      for (const Json& one : structure->at("required")) required = required || one == name;
    }
  }
  const bool flattened = flag_of(ref, "flattened") || flag_of(shapes_[shape].json, "flattened");
  std::ostringstream out;
  out << "{" << literal(name) << ", " << literal(text_of(ref, "locationName", name))
      << ", &kShapes[" << shape << "], Location::" << location << ", " << boolean(required) << ", "
      << boolean(flag_of(ref, "idempotencyToken")) << ", " << boolean(flag_of(ref, "xmlAttribute"))
      << ", " << boolean(flattened) << ", " << position << "}";
  return out.str();
}

void Compiler::structure_fields(const ShapeEntry& entry, const std::string& where,
                                std::string& line) {
  const Json& shape = entry.json;
  // Sorted by name for the search; `position` keeps the model's order.
  std::map<std::string, std::pair<const Json*, size_t>> sorted;
  for (const auto& [name, ref] : shape.at("members").items()) {
    sorted.emplace(name, std::make_pair(&ref, sorted.size()));
    member_names_.insert(name);
  }
  if (shape.contains("required")) {
    for (const Json& one : shape.at("required")) {
      if (!sorted.contains(one.get<std::string>())) {
        fail(where + ": requires '" + one.get<std::string>() + "', which is no member");
      }
    }
  }
  const std::string payload = text_of(shape, "payload");
  if (!payload.empty() && !sorted.contains(payload)) {
    fail(where + ": the payload '" + payload + "' is no member");
  }
  const std::string start = std::to_string(member_lines_.size());
  const std::string order_start = std::to_string(orders_.size());
  std::vector<size_t> order(sorted.size());
  size_t index = 0;
  for (const auto& [name, member] : sorted) {
    if (name == payload) {
      line += ", .payload = &kMembers[" + std::to_string(member_lines_.size()) + "]";
    }
    order[member.second] = index++;
    member_lines_.push_back(
        member_line(name, *member.first, where + "$" + name, &shape, member.second));
  }
  orders_.insert(orders_.end(), order.begin(), order.end());
  if (sorted.empty()) return;
  const std::string count = std::to_string(sorted.size());
  // Designated initialisers must come in the order of declaration.
  line = ", .members = {&kMembers[" + start + "], " + count + "}, .order = {&kOrders[" +
         order_start + "], " + count + "}" + line;
}

std::string Compiler::shape_line(size_t index) {
  const ShapeEntry entry = shapes_[index];  // a copy: adding variants moves the vector
  const Json& shape = entry.json;
  const std::string where = "shape " + entry.name;
  const std::string type = text_of(shape, "type");
  auto known_type = kTypes.find(type);
  if (known_type == kTypes.end()) fail(where + ": unknown type '" + type + "'");
  Keys keys = kCommonShapeKeys;
  if (type == "structure") {
    keys.insert({"members", "required", "payload", "exception", "error", "fault", "event",
                 "eventstream", "union", "synthetic", "retryable", "xmlOrder", "locationName",
                 "document", "xmlNamespace"});
  } else if (type == "list") {
    keys.insert({"member", "flattened", "nullsRefused"});
  } else if (type == "map") {
    keys.insert({"key", "value", "flattened", "nullsRefused"});
  } else if (type == "string") {
    keys.insert({"pattern", "enum"});
  } else if (type == "timestamp") {
    keys.insert("timestampFormat");
  } else if (type == "blob") {
    keys.insert("mediaType");
  }
  if (type == "structure" || type == "string" || type == "blob") keys.insert("streaming");
  check_keys(shape, keys, where);

  std::string tail;  // what follows the members in order of declaration
  std::string fields;
  if (type == "list") {
    member_lines_.push_back(member_line("member", shape.at("member"), where, nullptr, 0));
    tail += ", .element = &kMembers[" + std::to_string(member_lines_.size() - 1) + "]";
  } else if (type == "map") {
    member_lines_.push_back(member_line("key", shape.at("key"), where, nullptr, 0));
    member_lines_.push_back(member_line("value", shape.at("value"), where, nullptr, 1));
    tail += ", .element = &kMembers[" + std::to_string(member_lines_.size() - 1) +
            "], .key = &kMembers[" + std::to_string(member_lines_.size() - 2) + "]";
  }
  if (shape.contains("enum") && !shape.at("enum").empty()) {
    tail += ", .values = {&kValues[" + std::to_string(value_lines_.size()) + "], " +
            std::to_string(shape.at("enum").size()) + "}";
    for (const Json& one : shape.at("enum")) {
      value_lines_.push_back(literal(one.get<std::string>()));
    }
  }
  if (shape.contains("pattern")) tail += ", .pattern = " + literal(text_of(shape, "pattern"));
  if (shape.contains("min")) tail += ", .has_min = true";
  if (shape.contains("max")) tail += ", .has_max = true";
  if (shape.contains("min")) tail += ", .min = " + shape.at("min").dump();
  if (shape.contains("max")) tail += ", .max = " + shape.at("max").dump();
  if (shape.contains("timestampFormat")) {
    auto format = kTimestampFormats.find(text_of(shape, "timestampFormat"));
    if (format == kTimestampFormats.end()) {
      fail(where + ": unknown timestampFormat '" + text_of(shape, "timestampFormat") + "'");
    }
    tail += ", .timestamp = TimestampFormat::" + format->second;
  }
  if (flag_of(shape, "streaming")) tail += ", .streaming = true";
  if (flag_of(shape, "eventstream")) tail += ", .event_stream = true";
  if (flag_of(shape, "union")) tail += ", .union_ = true";
  if (flag_of(shape, "exception") || shape.contains("error")) {
    tail += ", .error = true";
    const Json error = shape.value("error", Json::object());
    check_keys(error, {"httpStatusCode", "code", "senderFault"}, where + " error");
    if (error.contains("httpStatusCode")) {
      tail += ", .error_status = " + error.at("httpStatusCode").dump();
    }
    if (flag_of(shape, "fault")) tail += ", .fault = true";
    if (error.contains("code")) tail += ", .error_code = " + literal(text_of(error, "code"));
  }
  if (flag_of(shape, "nullsRefused")) tail += ", .nulls_refused = true";
  if (shape.contains("mediaType"))
    tail += ", .media_type = " + literal(text_of(shape, "mediaType"));
  if (type == "structure" && shape.contains("locationName")) {
    tail += ", .xml_name = " + literal(text_of(shape, "locationName"));
  }
  if (type == "structure" && shape.contains("xmlNamespace") &&
      shape.at("xmlNamespace").contains("prefix")) {
    const Json& space = shape.at("xmlNamespace");
    tail += ", .xml_prefix = " + literal(text_of(space, "prefix")) +
            ", .xml_uri = " + literal(text_of(space, "uri"));
  }

  std::string members;
  std::string payload;
  std::string type_name = known_type->second;
  if (type == "structure") {
    if (flag_of(shape, "document")) {
      type_name = "document";
    } else {
      structure_fields(entry, where, members);
      const size_t at = members.find(", .payload");
      if (at != std::string::npos) {
        payload = members.substr(at);
        members.resize(at);
      }
    }
  }
  return "{.name = " + literal(entry.name) + ", .type = Type::" + type_name + members + tail +
         payload + "}";
}

std::string Compiler::shape_pointer(const Json& operation, const char* key,
                                    const std::string& where, const Keys& known) {
  if (!operation.contains(key)) return "nullptr";
  check_keys(operation.at(key), known, where + " " + key);
  const std::string name = text_of(operation.at(key), "shape");
  if (!shape_indexes_.contains(name)) fail(where + ": there is no shape '" + name + "'");
  return "&kShapes[" + std::to_string(shape_indexes_.at(name)) + "]";
}

void Compiler::operation_line(const std::string& name, const Json& operation) {
  const std::string where = "operation " + name;
  check_keys(operation,
             {"http", "name", "input", "errors", "output", "idempotent", "authtype", "auth",
              "readonly", "httpChecksum", "deprecated", "deprecatedMessage", "requestcompression",
              "endpointoperation", "unsignedPayload"},
             where);
  const Json& http = operation.at("http");
  check_keys(http, {"method", "requestUri", "responseCode"}, where + " http");
  const std::string input =
      shape_pointer(operation, "input", where, {"shape", "locationName", "xmlNamespace"});
  const std::string output = shape_pointer(operation, "output", where, {"shape", "resultWrapper"});
  const size_t first_error = error_lines_.size();
  if (operation.contains("errors")) {
    for (const Json& error : operation.at("errors")) {
      const Json wrapped = {{"error", error}};
      error_lines_.push_back(shape_pointer(wrapped, "error", where, {"shape"}));
    }
  }
  const size_t errors = error_lines_.size() - first_error;
  std::ostringstream out;
  out << "{" << literal(name) << ", " << literal(text_of(http, "method")) << ", "
      << literal(text_of(http, "requestUri")) << ", " << http.value("responseCode", 200) << ", "
      << input << ", " << output << ", "
      << literal(operation.contains("output") ? text_of(operation.at("output"), "resultWrapper")
                                              : "")
      << ", {";
  if (errors > 0) out << "&kErrors[" << first_error << "], " << errors;
  out << "}}";
  operation_lines_.push_back(out.str());
}

std::string Compiler::protocol() const {
  const Json& metadata = model_.at("metadata");
  const std::string name = text_of(metadata, "protocol");
  if (name == "json") {
    const std::string version = text_of(metadata, "jsonVersion");
    if (version == "1.0") return "aws_json_1_0";
    if (version == "1.1") return "aws_json_1_1";
    fail("metadata: unknown jsonVersion '" + version + "'");
  }
  if (name == "query") return "aws_query";
  if (name == "rest-json") return "rest_json";
  if (name == "rest-xml") return "rest_xml";
  if (name == "smithy-rpc-v2-cbor") return "cbor";
  fail("metadata: unknown protocol '" + name + "'");
}

std::string Compiler::header() const {
  std::ostringstream out;
  out << "// Written by modelc from models/" << service_ << ".json; do not edit.\n#pragma once\n\n"
      << "#include \"wire/model.hpp\"\n\nnamespace paddock::models {\n\n"
      << "extern const wire::ServiceModel " << name_ << ";\n\n"
      << "// The names of all members of all structures.\nnamespace " << name_ << "_members {\n\n";
  std::set<std::string> used;
  for (const std::string& name : member_names_) {
    std::string id = identifier(name);
    while (!used.insert(id).second) id += '_';
    out << "inline constexpr const char* " << id << " = " << literal(name) << ";\n";
  }
  out << "\n}  // namespace " << name_ << "_members\n}  // namespace paddock::models\n";
  return out.str();
}

template <class Line>
void write_table(std::ostringstream& out, const char* type, const char* name,
                 const std::vector<Line>& lines) {
  if (lines.empty()) return;
  out << "constexpr " << type << " " << name << "[] = {\n";
  for (const Line& line : lines) out << "    " << line << ",\n";
  out << "};\n\n";
}

std::string Compiler::source() const {
  const Json& metadata = model_.at("metadata");
  check_keys(metadata,
             {"apiVersion", "endpointPrefix", "protocol", "serviceFullName", "serviceId",
              "signatureVersion", "uid", "auth", "protocols", "jsonVersion", "targetPrefix",
              "serviceAbbreviation", "signingName", "xmlNamespace", "globalEndpoint",
              "awsQueryCompatible", "protocolSettings", "checksumFormat"},
             "metadata");
  std::ostringstream out;
  out << "// Written by modelc from models/" << service_ << ".json; do not edit.\n"
      << "#include \"models/" << name_ << ".hpp\"\n\nnamespace paddock::models {\nnamespace {\n\n"
      << "using wire::Location;\nusing wire::Member;\nusing wire::OperationModel;\n"
      << "using wire::Shape;\nusing wire::TimestampFormat;\nusing wire::Type;\n\n";
  // Shapes and members point at each other.
  out << "extern const Shape kShapes[" << std::max<size_t>(shape_lines_.size(), 1) << "];\n\n";
  write_table(out, "std::string_view", "kValues", value_lines_);
  write_table(out, "Member", "kMembers", member_lines_);
  write_table(out, "uint16_t", "kOrders", orders_);
  out << "constexpr Shape kShapes[" << std::max<size_t>(shape_lines_.size(), 1) << "] = {\n";
  for (const std::string& line : shape_lines_) out << "    " << line << ",\n";
  out << "};\n\n";
  write_table(out, "const Shape*", "kErrors", error_lines_);
  write_table(out, "OperationModel", "kOperations", operation_lines_);
  out << "}  // namespace\n\n";
  std::string xml_namespace;
  if (metadata.contains("xmlNamespace")) {
    const Json& value = metadata.at("xmlNamespace");
    xml_namespace = value.is_object() ? text_of(value, "uri") : value.get<std::string>();
  }
  const std::string prefix = text_of(metadata, "endpointPrefix");
  out << "constinit const wire::ServiceModel " << name_ << " = {\n    " << literal(service_) << ", "
      << literal(text_of(metadata, "serviceId")) << ", " << literal(text_of(metadata, "apiVersion"))
      << ", " << literal(prefix) << ",\n    " << literal(text_of(metadata, "signingName", prefix))
      << ", " << literal(text_of(metadata, "targetPrefix")) << ", " << literal(xml_namespace)
      << ", wire::Protocol::" << protocol() << ", {";
  if (!operation_lines_.empty()) out << "kOperations, " << operation_lines_.size();
  out << "}};\n\n}  // namespace paddock::models\n";
  return out.str();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (!file) fail(path + ": cannot be written");
}

void compile(const std::string& model_path, const std::string& patches_path,
             const std::string& stem) {
  const std::string service = std::filesystem::path(model_path).stem().string();
  const std::string name = std::filesystem::path(stem).filename().string();
  try {
    Json model = read_json(model_path);
    apply_patches(model, model_path, service, patches_path);
    Compiler compiler(model, service, name);
    compiler.run();
    std::filesystem::create_directories(std::filesystem::path(stem).parent_path());
    write_file(stem + ".hpp", compiler.header());
    write_file(stem + ".cpp", compiler.source());
  } catch (const std::exception& error) {
    fail(model_path + ": " + error.what());
  }
}

}  // namespace modelc

int main(int count, char** values) {
  if (count != 4) {
    std::cerr << "usage: modelc MODEL PATCHES STEM\n";
    return 2;
  }
  try {
    modelc::compile(values[1], values[2], values[3]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "modelc: " << error.what() << "\n";
    return 1;
  }
}
