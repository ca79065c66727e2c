// PATCH of API Gateway: a list of {op, path, value} with JSON-pointer paths
// (https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway {

// One operation, its path split and unescaped ("~1" is "/").
struct Patch {
  std::string op;  // "add", "remove", "replace"
  std::string path;
  std::vector<std::string> parts;  // "/variables/a~1b" -> {"variables", "a/b"}
  std::string value;
};

// What a path may do. `replace` of "/name", `add` and `remove` of members of "/variables".
struct PatchRule {
  // text, number, boolean: a value of its own; member, flag: a member of a map of texts or of
  // booleans; list: an element of a list of texts; ignored: accepted without effect.
  enum class Kind { text, number, boolean, member, flag, list, ignored } kind = Kind::text;
  // Checks a new value; throws BadRequestException.
  std::function<void(const std::string&)> check = nullptr;
  bool replace_only = false;
};

// Applies `operations` (as in the input, may be null) to `document` by the first part of their
// path. All or nothing: throws BadRequestException before the caller writes anything.
void apply_patches(Json& document, const Json& operations,
                   const std::map<std::string, PatchRule>& rules);

}  // namespace paddock::services::apigateway
