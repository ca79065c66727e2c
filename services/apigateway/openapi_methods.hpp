// One import under way: what openapi_import.cpp and openapi_methods.cpp share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "services/apigateway/openapi_document.hpp"
#include "services/apigateway/openapi_import.hpp"

namespace paddock::services::apigateway {

struct OpenapiImport {
  OpenapiImport(Json& api, const OpenapiDocument& document, const NewId& new_id)
      : api(api), document(document), new_id(new_id) {}

  Json& api;
  const OpenapiDocument& document;
  const NewId& new_id;
  std::vector<std::string> warnings;
  // What had an id before, so that it keeps it: resources by path, others by name.
  std::map<std::string, std::string> resource_ids;
  std::map<std::string, std::map<std::string, std::string>> ids;  // by kind, then name

  DefinitionSize size;

  void remember_ids();
  std::string id_of(const char* kind, const std::string& name) const;  // "" if there is none

  // Makes a model of a schema of the document; its references become those of models.
  void add_model(const std::string& name, const Json& schema);
  // The model of a schema in a method: the one it refers to, else a new one of its own.
  std::string model_of(const Json& schema);
  // A map whose values must be texts; others are left out with a warning. `where` for the warning.
  Json texts_of(const Json& parent, const char* member, const std::string& where);
};

// All paths of the document, below `prefix` ("" or "/base").
void import_methods(OpenapiImport& import, const std::string& prefix);

}  // namespace paddock::services::apigateway
