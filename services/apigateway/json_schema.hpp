// JSON Schema draft 4 as API Gateway checks request bodies with it
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html), with
// the messages of its validator, which $context.error.validationErrorString shows. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace paddock::services::apigateway {

// One compiled model. Immutable, thread-safe.
class JsonSchema {
 public:
  // `schema`: JSON text. `models`: the API's models by name (the model's shape Model), which
  // references to "…/restapis/ID/models/NAME" mean. A schema that is no JSON accepts nothing.
  JsonSchema(std::string_view schema, const Json& models);
  ~JsonSchema();

  // What is wrong with a document; empty if nothing is. At most kMaxMessages.
  std::vector<std::string> check(const Json& document) const;

  static constexpr size_t kMaxMessages = 20;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace paddock::services::apigateway
