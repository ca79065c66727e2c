// JSONPath as Jayway's library has it, which API Gateway uses: members, indexes, slices, unions,
// wildcards, ".." and simple filters (https://github.com/json-path/JsonPath). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "services/apigateway/vtl_value.hpp"

namespace paddock::services::apigateway::vtl {

// What `path` ("$.a[0].b"; a leading "$" may be missing) finds in `root`. A definite path gives its
// value, nullopt if there is none; one with wildcards, slices, filters or ".." gives a list. Throws
// TemplateError for a path that is malformed or beyond a bound.
std::optional<Value> find_json_path(const Value& root, std::string_view path, Arena& arena,
                                    Budget& budget);

}  // namespace paddock::services::apigateway::vtl
