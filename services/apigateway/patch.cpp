#include "services/apigateway/patch.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/errors.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace {

using Kind = PatchRule::Kind;

std::string unescape_pointer(std::string_view part) {
  std::string out;
  for (size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1')) {
      out += part[++i] == '0' ? '~' : '/';
    } else {
      out += part[i];
    }
  }
  return out;
}

Patch to_patch(const Json& operation) {
  Patch patch;
  patch.op = operation.value(m::op, "");
  if (!operation.contains(m::path)) throw errors::bad_patch_path("null");
  patch.path = operation[m::path].get<std::string>();
  if (patch.path.empty() || patch.path.front() != '/') throw errors::bad_patch_path(patch.path);
  for (std::string_view part : split(std::string_view(patch.path).substr(1), '/')) {
    patch.parts.push_back(unescape_pointer(part));
  }
  patch.value = operation.value(m::value, "");
  patch.has_value = operation.contains(m::value);
  patch.from = operation.value(m::from, "");
  return patch;
}

Json real_of(const std::string& text) {
  char* end = nullptr;
  double number = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || number != number || number > 1e300 || number < -1e300) {
    throw errors::bad_request("Invalid number value: " + text);
  }
  return number;
}

Json to_value(const Patch& patch, Kind kind) {
  if (kind == Kind::boolean) return patch.value == "true";  // AWS takes any other text for false
  if (kind == Kind::real) return real_of(patch.value);
  if (kind == Kind::number) {
    int64_t number = 0;
    const char* end = patch.value.data() + patch.value.size();
    auto [stopped, error] = std::from_chars(patch.value.data(), end, number);
    if (error != std::errc() || stopped != end) {
      throw errors::bad_request("Invalid number value: " + patch.value);
    }
    return number;
  }
  return patch.value;
}

// A replaced element goes to the end, as AWS has it.
void apply_to_list(Json& document, const Patch& patch, const PatchRule& rule) {
  bool by_value = rule.kind == Kind::list_value && patch.parts.size() == 1;
  if (!by_value && patch.parts.size() != 2) throw errors::bad_patch_path(patch.path);
  const std::string& element = by_value ? patch.value : patch.parts[1];
  Json& list = document[patch.parts[0]];
  if (!list.is_array()) list = Json::array();
  auto found = std::find(list.begin(), list.end(), Json(element));
  if (patch.op == "add") {
    if (rule.check) rule.check(element);
    if (found == list.end()) list.push_back(element);
    return;
  }
  if (found == list.end()) throw errors::bad_patch_path(patch.path);
  list.erase(found);
  if (patch.op == "replace") {
    if (rule.check) rule.check(patch.value);
    list.push_back(patch.value);
  }
}

void apply_to_member(Json& document, const Patch& patch, const PatchRule& rule) {
  if (patch.parts.size() != 2) throw errors::bad_patch_path(patch.path);
  Json& members = document[patch.parts[0]];
  if (!members.is_object()) members = Json::object();
  const std::string& name = patch.parts[1];
  if (rule.missing != nullptr && patch.op != "add" && !members.contains(name)) {
    throw errors::not_found(rule.missing);
  }
  if (patch.op == "remove") {
    members.erase(name);
  } else {
    if (rule.value_needed && patch.value.empty()) {
      throw errors::bad_request("Invalid null or empty value in " + patch.parts[0]);
    }
    if (rule.check) rule.check(rule.kind == Kind::flag ? name : patch.value);
    members[name] = rule.kind == Kind::flag ? Json(patch.value == "true") : Json(patch.value);
  }
  if (members.empty()) document.erase(patch.parts[0]);
}

void apply_to_value(Json& object, const std::string& name, const Patch& patch,
                    const PatchRule& rule) {
  if (rule.replace_only && patch.op != "replace") throw errors::bad_patch_op("replace");
  if (patch.op == "remove") {
    object.erase(name);
    return;
  }
  if (rule.check) rule.check(patch.value);
  if (rule.kind == Kind::ignored) return;
  // A number replaced by nothing is unset.
  bool is_number = rule.kind == Kind::number || rule.kind == Kind::real;
  if (is_number && patch.value.empty()) {
    object.erase(name);
    return;
  }
  object[name] = to_value(patch, rule.kind);
}

std::string names_of(const NamedRules& rules) {
  std::string out;
  for (const auto& [path, rule] : rules) out += (out.empty() ? "" : ", ") + path;
  return out;
}

// The rule of a path, or of the map or list above it.
const PatchRule* rule_of(const NamedRules& rules, const Patch& patch) {
  for (const auto& [path, rule] : rules) {
    if (path == patch.path) return &rule;
    bool is_container =
        rule.kind == Kind::member || rule.kind == Kind::list || rule.kind == Kind::list_value;
    if (is_container && patch.parts.size() == 2 && path == "/" + patch.parts[0]) return &rule;
  }
  return nullptr;
}

}  // namespace

std::vector<Patch> raw_patches(const Json& operations) {
  std::vector<Patch> patches;
  if (!operations.is_array()) return patches;
  for (const auto& operation : operations) patches.push_back(to_patch(operation));
  return patches;
}

std::vector<Patch> patches_of(const Json& operations) {
  std::vector<Patch> patches;
  if (!operations.is_array()) return patches;
  for (const auto& operation : operations) {
    std::string op = operation.value(m::op, "");
    if (op != "add" && op != "remove" && op != "replace") throw errors::bad_patch_op();
    patches.push_back(to_patch(operation));
  }
  return patches;
}

void apply_patch(Json& document, const Patch& patch, const PatchRule& rule) {
  switch (rule.kind) {
    case Kind::list:
    case Kind::list_value:
      apply_to_list(document, patch, rule);
      return;
    case Kind::member:
    case Kind::flag:
      apply_to_member(document, patch, rule);
      return;
    default:
      if (patch.parts.size() != 1) throw errors::bad_patch_path(patch.path);
      apply_to_value(document, patch.parts[0], patch, rule);
  }
}

void apply_patches(Json& document, const Json& operations,
                   const std::map<std::string, PatchRule>& rules) {
  for (const Patch& patch : patches_of(operations)) {
    auto rule = rules.find(patch.parts[0]);
    if (rule == rules.end()) throw errors::bad_patch_path(patch.path);
    apply_patch(document, patch, rule->second);
  }
}

void apply_named_patches(Json& document, const Json& operations, const NamedPatches& rules) {
  for (const Patch& patch : raw_patches(operations)) {
    const NamedRules* allowed = patch.op == "replace"  ? &rules.replace
                                : patch.op == "add"    ? &rules.add
                                : patch.op == "remove" ? &rules.remove
                                                       : nullptr;
    if (allowed == nullptr || allowed->empty()) {
      throw errors::bad_named_patch(patch.path, patch.op, "");
    }
    const PatchRule* rule = rule_of(*allowed, patch);
    if (rule == nullptr) {
      throw errors::bad_named_patch(patch.path, patch.op, names_of(*allowed));
    }
    bool is_value = rule->kind != Kind::member && rule->kind != Kind::list &&
                    rule->kind != Kind::list_value && rule->kind != Kind::flag;
    if (is_value && patch.parts.size() == 2) {
      Json& object = document[patch.parts[0]];
      if (!object.is_object()) object = Json::object();
      apply_to_value(object, patch.parts[1], patch, *rule);
    } else {
      apply_patch(document, patch, *rule);
    }
  }
}

}  // namespace paddock::services::apigateway
