#include "services/apigateway/model_schemas.hpp"

#include <functional>
#include <set>

#include "models/apigateway.hpp"
#include "services/apigateway/control.hpp"
#include "services/apigateway/definitions.hpp"
#include "services/apigateway/errors.hpp"
#include "services/apigateway/limits.hpp"

namespace paddock::services::apigateway {

namespace m = models::apigateway_members;

namespace model_schemas_detail {

constexpr int kMaxDepth = 16;
constexpr const char* kRef = "$ref";

Json parsed(const std::string& schema) {
  return Json::parse(schema, nullptr, false);
}

// Calls `visit` with every reference in a schema, which it may change.
void each_reference(Json& schema, const std::function<void(std::string&)>& visit, int depth = 0) {
  if (depth > 64) return;
  if (schema.is_object()) {
    auto reference = schema.find(kRef);
    if (reference != schema.end() && reference->is_string()) {
      visit(reference->get_ref<std::string&>());
    }
  }
  if (schema.is_structured()) {
    for (auto& part : schema) each_reference(part, visit, depth + 1);
  }
}

class TemplateWriter {
 public:
  explicit TemplateWriter(const Json& models) : models_(models) {}

  std::string write(const Json& schema) {
    out_ = "#set($inputRoot = $input.path('$'))\n";
    value(schema, "$inputRoot", "", 0);
    return std::move(out_);
  }

 private:
  void value(const Json& schema, const std::string& source, const std::string& indent, int depth) {
    if (!schema.is_object() || depth > kMaxDepth) {
      out_ += "{ }";
      return;
    }
    auto reference = schema.find(kRef);
    if (reference != schema.end() && reference->is_string()) {
      std::string name = model_of_reference(*reference);
      auto model = models_.find(name);
      value(model == models_.end() ? Json() : parsed((*model)[m::schema]), source, indent,
            depth + 1);
      return;
    }
    const Json type = schema.value("type", Json("object"));
    if (type == "array") {
      array(schema, source, indent, depth);
    } else if (type == "string") {
      out_ += "\"foo\"";
    } else if (type == "integer" || type == "number") {
      out_ += "42";
    } else if (type == "boolean") {
      out_ += "true";
    } else {
      object(schema, source, indent, depth);
    }
  }

  void object(const Json& schema, const std::string& source, const std::string& indent, int depth) {
    const Json properties = schema.value("properties", Json::object());
    if (!properties.is_object() || properties.empty()) {
      out_ += "{ }";
      return;
    }
    out_ += "{";
    bool first = true;
    for (const auto& [name, property] : properties.items()) {
      out_ += std::string(first ? "\n" : ",\n") + indent + "  " + Json(name).dump() + " : ";
      value(property, source + "." + name, indent + "  ", depth + 1);
      first = false;
    }
    out_ += "\n" + indent + "}";
  }

  void array(const Json& schema, const std::string& source, const std::string& indent, int depth) {
    out_ +=
        "[\n##TO"
        "DO: Update this foreach loop to reference array from input json\n#foreach($elem "
        "in " +
        source + ")\n" + indent + "  ";
    value(schema.value("items", Json::object()), "$elem", indent + "  ", depth + 1);
    out_ += " \n#if($foreach.hasNext),#end\n#end\n" + indent + "]";
  }

  const Json& models_;
  std::string out_;
};

}  // namespace model_schemas_detail

std::string model_of_reference(const std::string& reference) {
  static constexpr std::string_view kMark = "/models/";
  size_t mark = reference.rfind(kMark);
  if (mark == std::string::npos || reference.find("/restapis/") == std::string::npos) return "";
  return reference.substr(mark + kMark.size());
}

std::string flattened_schema(const std::string& schema, const Json& models) {
  namespace d = model_schemas_detail;
  Json root = d::parsed(schema);
  if (!root.is_object()) return schema;
  Json definitions = root.value("definitions", Json::object());
  if (!definitions.is_object()) return schema;
  std::vector<std::string> waiting;
  std::set<std::string> seen;
  auto localize = [&](std::string& reference) {
    std::string name = model_of_reference(reference);
    if (name.empty() || !models.contains(name)) return;
    reference = "#/definitions/" + name;
    if (seen.insert(name).second) waiting.push_back(name);
  };
  d::each_reference(root, localize);
  while (!waiting.empty()) {
    std::string name = waiting.back();
    waiting.pop_back();
    Json model = d::parsed(models[name][m::schema]);
    d::each_reference(model, localize);
    definitions[name] = std::move(model);
  }
  if (!definitions.empty()) root["definitions"] = std::move(definitions);
  return root.dump();
}

std::string template_of_schema(const std::string& schema, const Json& models) {
  return model_schemas_detail::TemplateWriter(models).write(model_schemas_detail::parsed(schema));
}

void check_model_schema(const std::string& schema) {
  if (schema.empty()) {
    throw errors::bad_request("Model schema must have at least 1 property or array items defined");
  }
  Json parsed = model_schemas_detail::parsed(schema);
  if (!parsed.is_object()) {
    throw errors::bad_model_schema("Invalid model schema specified");
  }
  // Local references work within a schema; others must name a model of an API.
  model_schemas_detail::each_reference(parsed, [](std::string& reference) {
    if (!reference.starts_with('#') && model_of_reference(reference).empty()) {
      throw errors::bad_model_schema("Model reference must be in canonical form");
    }
  });
}

Json default_models(Control& control, const gateway::RequestContext& context) {
  Json models = Json::object();
  models["Empty"] = {{m::schema,
                      "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" "
                      ": \"Empty Schema\",\n  \"type\" : \"object\"\n}"},
                     {m::description, "This is a default empty schema model"}};
  models["Error"] = {{m::schema,
                      "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  "
                      "\"title\" : \"Error Schema\",\n  \"type\" : \"object\",\n  \"properties\" : "
                      "{\n    \"message\" : { \"type\" : \"string\" }\n  }\n}"},
                     {m::description, "This is a default error schema model"}};
  for (auto& [name, model] : models.items()) {
    model[m::id] = control.new_id(context, "model", 6);
    model[m::name] = name;
    model[m::contentType] = "application/json";
  }
  return models;
}

}  // namespace paddock::services::apigateway
