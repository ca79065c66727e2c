// The text of an OpenAPI or Swagger document, JSON or YAML, as a Json document.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

#include "core/json.hpp"

namespace paddock::services::apigateway {

inline constexpr size_t kMaxOpenapiBytes = 6 * 1024 * 1024;  // AWS's quota for a definition
inline constexpr size_t kMaxOpenapiNodes = 200'000;          // with what YAML aliases repeat
inline constexpr int kMaxOpenapiDepth = 64;

// The message names the line: "line 7: …".
class OpenapiTextError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A text that begins with '{' or '[' is JSON, any other YAML. Scalars of YAML take the types of its
// core schema (true, 42, 0.5, null); quoted ones are texts. Throws OpenapiTextError for broken
// text, repeated keys in YAML, and what exceeds a limit above.
Json parse_openapi_text(const std::string& text);

// A document as YAML, members in the order of their names.
std::string to_yaml(const Json& document);

}  // namespace paddock::services::apigateway
