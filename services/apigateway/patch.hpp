// PATCH of API Gateway: a list of {op, path, value} with JSON-pointer paths
// (https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway {

// One operation, its path split and unescaped ("~1" is "/").
struct Patch {
  std::string op;  // "add", "remove", "replace"; for `raw_patches` also "copy", "move", "test"
  std::string path;
  std::vector<std::string> parts;  // "/variables/a~1b" -> {"variables", "a/b"}
  std::string value;               // "" if there is none
  std::string from;
  bool has_value = false;
};

// What a path may do. `replace` of "/name", `add` and `remove` of members of "/variables".
struct PatchRule {
  // text, integer (also `number`), real, boolean: a value of its own; member, flag: a member of a
  // map of texts or of booleans; list: an element of a list of texts, named by the path;
  // list_value: one that is named by the value; ignored: accepted without effect.
  enum class Kind {
    text,
    number,
    real,
    boolean,
    member,
    flag,
    list,
    list_value,
    ignored
  } kind = Kind::text;
  // Checks a new value; throws BadRequestException.
  std::function<void(const std::string&)> check = nullptr;
  bool replace_only = false;
  // The message of a 404 for `replace` and `remove` of a member that is not there; nullptr:
  // `replace` makes it and `remove` does nothing.
  const char* missing = nullptr;
  bool value_needed = false;  // a member cannot be null or empty
};

// The operations of an input (may be null) in order. Throws BadRequestException for an unknown op,
// or a path that is none.
std::vector<Patch> patches_of(const Json& operations);
// The same, with "copy", "move" and "test" among the ops.
std::vector<Patch> raw_patches(const Json& operations);

// Applies `operations` (as in the input, may be null) to `document` by the first part of their
// path. All or nothing: throws BadRequestException before the caller writes anything.
void apply_patches(Json& document, const Json& operations,
                   const std::map<std::string, PatchRule>& rules);
void apply_patch(Json& document, const Patch& patch, const PatchRule& rule);

// The rules of definitions whose paths are few: each op has its list of paths, and the errors name
// them, in this order. A path may go into an object: "/throttle/rateLimit".
using NamedRules = std::vector<std::pair<std::string, PatchRule>>;
struct NamedPatches {
  NamedRules replace;
  NamedRules add;
  NamedRules remove;
};
void apply_named_patches(Json& document, const Json& operations, const NamedPatches& rules);

}  // namespace paddock::services::apigateway
