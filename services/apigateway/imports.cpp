// ImportRestApi and PutRestApi.
#include <algorithm>

#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/documentation.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/openapi_import.hpp"
#include "services/apigateway/openapi_requests.hpp"
#include "services/apigateway/rest_apis.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace imports_detail {

using Context = gateway::RequestContext;
using gateway::Output;

OpenapiDocument document_of(const Control& control, const Json& input) {
  const auto& bytes = input[m::body].get_binary();
  return read_openapi(control.platform.log, std::string(bytes.begin(), bytes.end()));
}

std::string parameter_of(const Json& input, const std::string& name) {
  const Json parameters = input.value(m::parameters, Json::object());
  return parameters.value(name, "");
}

ImportOptions options_of(const Json& input) {
  ImportOptions options;
  options.base_path = checked_base_path(parameter_of(input, "basepath"));
  options.overwrite = input.value(m::mode, "") == "overwrite";
  return options;
}

// Puts the document into the API; the warnings of it.
std::vector<std::string> fill(Control& control, const Context& context, const Json& input,
                              const OpenapiDocument& document, Json& api) {
  std::vector<std::string> warnings;
  try {
    warnings =
        import_openapi(api, document, options_of(input), [&](std::string_view kind, size_t length) {
          return control.new_id(context, kind, length);
        });
  } catch (const OpenapiError& error) {
    throw errors::bad_request("Errors found during import:\n\t" + std::string(error.what()));
  }
  if (input.value(m::failOnWarnings, false)) refuse_warnings(warnings);
  if (parameter_of(input, "ignore") != "documentation") {
    import_documentation(control, context, api, document.root());
  }
  return warnings;
}

Json answer_of(Json api, const std::vector<std::string>& warnings) {
  api = rest_api_view(std::move(api));
  if (!warnings.empty()) api[m::warnings] = warnings;
  return api;
}

// What parameters of the request say of a new API's endpoint.
void set_endpoint(const Json& input, const Json& document, Json& request) {
  std::string types = parameter_of(input, "endpointConfigurationTypes");
  if (!types.empty()) request[m::endpointConfiguration][m::types] = Json::array({types});
  const Json extension =
      document.value("x-amazon-apigateway-endpoint-configuration", Json::object());
  if (extension.is_object() && extension.contains(m::vpcEndpointIds)) {
    request[m::endpointConfiguration][m::vpcEndpointIds] = extension[m::vpcEndpointIds];
  }
}

Output import_rest_api(Control& control, Context& context, Json input) {
  OpenapiDocument document = document_of(control, input);
  Json request = rest_api_of_document(document);
  set_endpoint(input, document.root(), request);
  Json api = new_rest_api(control, context, request);
  api[kModels] = Json::object();  // an imported API has the document's models alone
  std::vector<std::string> warnings = fill(control, context, input, document, api);
  add_rest_api(control, context, api);
  return answer_of(std::move(api), warnings);
}

// Media types are added to those there are, unless the document takes their place.
void merge_settings(const Json& request, bool overwrite, Json& api) {
  if (overwrite) {
    for (const char* member :
         {m::description, m::version, m::binaryMediaTypes, m::minimumCompressionSize, m::policy}) {
      api.erase(member);
    }
  }
  for (const auto& [member, value] : request.items()) {
    if (member != m::binaryMediaTypes || !api.contains(member)) {
      api[member] = value;
      continue;
    }
    for (const auto& type : value) {
      Json& all = api[member];
      if (std::find(all.begin(), all.end(), type) == all.end()) all.push_back(type);
    }
  }
  if (api.value(m::name, "").empty()) throw errors::bad_request("Name cannot be empty");
}

Output put_rest_api(Control& control, Context& context, Json input) {
  // AWS reads the document before it looks for the API.
  OpenapiDocument document = document_of(control, input);
  std::string id = input[m::restApiId];
  auto lock = control.lock_api(context, id);
  Json api = control.load_api(context, input);
  merge_settings(rest_api_of_document(document), input.value(m::mode, "") == "overwrite", api);
  std::vector<std::string> warnings = fill(control, context, input, document, api);
  if (!api.contains(m::tags)) api[m::tags] = Json::object();
  control.save_api(context, api);
  return answer_of(std::move(api), warnings);
}

}  // namespace imports_detail

std::vector<ControlRow> import_rows() {
  namespace d = imports_detail;
  return {
      {"ImportRestApi", d::import_rest_api, "apigateway:POST", gateway::Fidelity::full(), true},
      {"PutRestApi", d::put_rest_api, "apigateway:PUT", gateway::Fidelity::full(), true},
  };
}

}  // namespace paddock::services::apigateway
