#include "services/apigateway/patch.hpp"

#include <algorithm>
#include <charconv>

#include "core/text.hpp"
#include "models/apigateway.hpp"
#include "services/apigateway/errors.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace {

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
  if (patch.op != "add" && patch.op != "remove" && patch.op != "replace") {
    throw errors::bad_request(
        "Invalid patch operation specified. Must be 'add'|'remove'|'replace'");
  }
  if (!operation.contains(m::path)) throw errors::bad_patch_path("null");
  patch.path = operation[m::path].get<std::string>();
  if (patch.path.empty() || patch.path.front() != '/') throw errors::bad_patch_path(patch.path);
  for (std::string_view part : split(std::string_view(patch.path).substr(1), '/')) {
    patch.parts.push_back(unescape_pointer(part));
  }
  patch.value = operation.value(m::value, "");
  return patch;
}

Json to_value(const Patch& patch, PatchRule::Kind kind) {
  if (kind == PatchRule::Kind::boolean) {
    return patch.value == "true";  // AWS takes any other text for false
  }
  if (kind == PatchRule::Kind::number) {
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

void apply_to_list(Json& document, const Patch& patch) {
  if (patch.parts.size() != 2) throw errors::bad_patch_path(patch.path);
  Json& list = document[patch.parts[0]];
  if (!list.is_array()) list = Json::array();
  auto found = std::find(list.begin(), list.end(), Json(patch.parts[1]));
  if (patch.op == "add") {
    if (found == list.end()) list.push_back(patch.parts[1]);
    return;
  }
  if (found == list.end()) throw errors::bad_patch_path(patch.path);
  if (patch.op == "replace") {
    *found = patch.value;
  } else {
    list.erase(found);
  }
}

void apply_to_member(Json& document, const Patch& patch, bool is_flag) {
  if (patch.parts.size() != 2) throw errors::bad_patch_path(patch.path);
  Json& members = document[patch.parts[0]];
  if (!members.is_object()) members = Json::object();
  if (patch.op == "remove") {
    members.erase(patch.parts[1]);
  } else {
    members[patch.parts[1]] = is_flag ? Json(patch.value == "true") : Json(patch.value);
  }
  if (members.empty()) document.erase(patch.parts[0]);
}

}  // namespace

void apply_patches(Json& document, const Json& operations,
                   const std::map<std::string, PatchRule>& rules) {
  if (!operations.is_array()) return;
  for (const auto& operation : operations) {
    Patch patch = to_patch(operation);
    auto rule = rules.find(patch.parts[0]);
    if (rule == rules.end()) throw errors::bad_patch_path(patch.path);
    if (rule->second.kind == PatchRule::Kind::list) {
      apply_to_list(document, patch);
      continue;
    }
    if (rule->second.kind == PatchRule::Kind::member ||
        rule->second.kind == PatchRule::Kind::flag) {
      apply_to_member(document, patch, rule->second.kind == PatchRule::Kind::flag);
      continue;
    }
    if (patch.parts.size() != 1) throw errors::bad_patch_path(patch.path);
    if (rule->second.replace_only && patch.op != "replace") throw errors::bad_patch_op("replace");
    if (patch.op == "remove") {
      document.erase(patch.parts[0]);
      continue;
    }
    if (rule->second.check) rule->second.check(patch.value);
    if (rule->second.kind == PatchRule::Kind::ignored) continue;
    // A number replaced by nothing is unset.
    if (rule->second.kind == PatchRule::Kind::number && patch.value.empty()) {
      document.erase(patch.parts[0]);
      continue;
    }
    document[patch.parts[0]] = to_value(patch, rule->second.kind);
  }
}

}  // namespace paddock::services::apigateway
