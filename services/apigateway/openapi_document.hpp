// An OpenAPI 3.0 or Swagger 2.0 document, and what is the same in both. Pure.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway {

inline constexpr int kMaxReferences = 16;  // a chain of $ref

// What makes an import fail, in AWS's words: "Unable to put method …".
class OpenapiError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class OpenapiDocument {
 public:
  // Throws OpenapiError if the document is neither format.
  explicit OpenapiDocument(Json document);

  const Json& root() const { return root_; }
  bool is_swagger() const { return is_swagger_; }

  // The node that a chain of local references ends at. Throws OpenapiError for references that are
  // not local, name nothing or are too many.
  const Json& resolved(const Json& node) const;
  // Schemas by name, and security schemes by name; empty objects if there are none.
  const Json& schemas() const { return schemas_; }
  const Json& security_schemes() const { return security_schemes_; }
  // "/base/path", "" if there is none: basePath, or the path of the first server.
  std::string base_path() const;
  // The name of the schema that a reference is to; "" if it is none.
  std::string schema_name(const Json& schema) const;

 private:
  const Json& folder(const char* in_swagger, const char* in_openapi) const;

  Json root_;
  bool is_swagger_;
  Json schemas_;
  Json security_schemes_;
};

// The text of a value that documents write as a text or as a number: versions, status codes.
std::string text_of_value(const Json& value);
// The member of a node if it is an object, a list, anything; else an empty one of that kind.
Json object_at(const Json& parent, const char* member);
Json list_at(const Json& parent, const char* member);
std::string text_at(const Json& parent, const char* member);
std::string upper_case(std::string text);

// Bounds what an import makes of a document, whose references may repeat a part many times.
class DefinitionSize {
 public:
  // Counts a definition that was made; throws OpenapiError if all together are too large.
  void charge(const Json& made);

 private:
  size_t bytes_ = 0;
};

}  // namespace paddock::services::apigateway
