#include "services/apigateway/http_api_services.hpp"

#include <charconv>
#include <optional>
#include <vector>

#include "core/text.hpp"
#include "models/apigatewayv2.hpp"
#include "services/apigateway/v2_errors.hpp"
#include "wire/codec.hpp"
#include "wire/xml.hpp"

namespace paddock::services::apigateway::v2 {

namespace m = models::apigatewayv2_members;

namespace {

enum class ParameterKind { text, integer, list, object, blob, time };

struct ServiceParameter {
  const char* name;
  bool required = false;
  ParameterKind kind = ParameterKind::text;
};

struct Subtype {
  const char* name;
  const char* service;
  const char* operation;
  std::vector<ServiceParameter> parameters;  // beside Region
};

constexpr const char* kRegion = "Region";
constexpr const char* kSqsNamespace = "http://queue.amazonaws.com/doc/2012-11-05/";

const std::vector<Subtype>& subtypes() {
  using K = ParameterKind;
  static const std::vector<Subtype> kAll{
      {"EventBridge-PutEvents",
       "events",
       "PutEvents",
       {{"Detail", true},
        {"DetailType", true},
        {"Source", true},
        {"Time", false, K::time},
        {"EventBusName"},
        {"Resources", false, K::list},
        {"TraceHeader"}}},
      {"SQS-SendMessage",
       "sqs",
       "SendMessage",
       {{"QueueUrl", true},
        {"MessageBody", true},
        {"DelaySeconds", false, K::integer},
        {"MessageAttributes", false, K::object},
        {"MessageDeduplicationId"},
        {"MessageGroupId"},
        {"MessageSystemAttributes", false, K::object}}},
      {"SQS-ReceiveMessage",
       "sqs",
       "ReceiveMessage",
       {{"QueueUrl", true},
        {"AttributeNames", false, K::list},
        {"MaxNumberOfMessages", false, K::integer},
        {"MessageAttributeNames", false, K::list},
        {"ReceiveRequestAttemptId"},
        {"VisibilityTimeout", false, K::integer},
        {"WaitTimeSeconds", false, K::integer}}},
      {"SQS-DeleteMessage", "sqs", "DeleteMessage", {{"ReceiptHandle", true}, {"QueueUrl", true}}},
      {"SQS-PurgeQueue", "sqs", "PurgeQueue", {{"QueueUrl", true}}},
      {"AppConfig-GetConfiguration",
       "appconfig",
       "GetConfiguration",
       {{"Application", true},
        {"Environment", true},
        {"Configuration", true},
        {"ClientId", true},
        {"ClientConfigurationVersion"}}},
      {"Kinesis-PutRecord",
       "kinesis",
       "PutRecord",
       {{"StreamName", true},
        {"Data", true, K::blob},
        {"PartitionKey", true},
        {"SequenceNumberForOrdering"},
        {"ExplicitHashKey"}}},
      {"StepFunctions-StartExecution",
       "stepfunctions",
       "StartExecution",
       {{"StateMachineArn", true}, {"Name"}, {"Input"}}},
      {"StepFunctions-StartSyncExecution",
       "stepfunctions",
       "StartSyncExecution",
       {{"StateMachineArn", true}, {"Name"}, {"Input"}, {"TraceHeader"}}},
      {"StepFunctions-StopExecution",
       "stepfunctions",
       "StopExecution",
       {{"ExecutionArn", true}, {"Cause"}, {"Error"}}}};
  return kAll;
}

const Subtype* find_subtype(const std::string& name) {
  for (const Subtype& one : subtypes()) {
    if (name == one.name) return &one;
  }
  return nullptr;
}

const ServiceParameter* find_parameter(const Subtype& subtype, const std::string& name) {
  for (const ServiceParameter& one : subtype.parameters) {
    if (name == one.name) return &one;
  }
  return nullptr;
}

// Values within a message attribute travel as base64 where they are bytes.
void decode_binary_values(Json& attributes) {
  for (auto& attribute : attributes) {
    if (!attribute.is_object()) continue;
    auto value = attribute.find("BinaryValue");
    if (value == attribute.end() || !value->is_string()) continue;
    auto bytes = from_base64(value->get_ref<const std::string&>());
    if (bytes) *value = Json::binary(std::vector<uint8_t>(bytes->begin(), bytes->end()));
  }
}

std::optional<Json> parsed_value(const std::string& text) {
  try {
    return wire::parse_json(text);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

// The member of the input that a text stands for; nullopt if it cannot be one.
std::optional<Json> input_value(ParameterKind kind, const std::string& text) {
  switch (kind) {
    case ParameterKind::integer: {
      int64_t number = 0;
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      const bool good = error == std::errc() && end == text.data() + text.size();
      return good ? std::optional<Json>(number) : std::nullopt;
    }
    case ParameterKind::list: {
      auto list = parsed_value(text);
      if (list && list->is_array()) return list;
      return Json::array({text});
    }
    case ParameterKind::object: {
      auto object = parsed_value(text);
      if (!object || !object->is_object()) return std::nullopt;
      decode_binary_values(*object);
      return object;
    }
    case ParameterKind::blob:
      return Json::binary(std::vector<uint8_t>(text.begin(), text.end()));
    case ParameterKind::time: {
      auto ms = parse_iso8601(text);
      return ms ? std::optional<Json>(*ms) : std::nullopt;
    }
    default:
      return valid_utf8(text) ? std::optional<Json>(text) : std::nullopt;
  }
}

// Step Functions' members begin with a small letter.
std::string member_name(const Subtype& subtype, std::string name) {
  if (std::string_view(subtype.service) == "stepfunctions") {
    name[0] = static_cast<char>(name[0] | 0x20);
  }
  return name;
}

// Timestamps are seconds in JSON, and milliseconds in our documents.
void write_times(Json& output) {
  for (const char* member : {"startDate", "stopDate"}) {
    auto time = output.find(member);
    if (time == output.end() || !time->is_number_integer()) continue;
    *time = static_cast<double>(time->get<int64_t>()) / 1000;
  }
}

void write_attributes(std::string& out, const char* element, const Json& attributes) {
  for (const auto& [name, value] : attributes.items()) {
    out += std::string("<") + element + ">";
    wire::append_xml_element(out, "Name", name);
    if (value.is_string()) {
      wire::append_xml_element(out, "Value", value.get<std::string>());
    } else {
      out += "<Value>";
      for (const auto& [part, text] : value.items()) {
        if (text.is_string()) wire::append_xml_element(out, part, text.get<std::string>());
        if (text.is_binary()) {
          const auto& bytes = text.get_binary();
          wire::append_xml_element(out, part, to_base64(std::string(bytes.begin(), bytes.end())));
        }
      }
      out += "</Value>";
    }
    out += std::string("</") + element + ">";
  }
}

void write_sqs_members(std::string& out, const Json& members) {
  for (const auto& [name, value] : members.items()) {
    if (value.is_string()) {
      wire::append_xml_element(out, name, value.get<std::string>());
    } else if (name == "Messages" && value.is_array()) {
      for (const auto& message : value) {
        out += "<Message>";
        write_sqs_members(out, message);
        out += "</Message>";
      }
    } else if (name == "Attributes" && value.is_object()) {
      write_attributes(out, "Attribute", value);
    } else if (name == "MessageAttributes" && value.is_object()) {
      write_attributes(out, "MessageAttribute", value);
    }
  }
}

std::string sqs_answer(const ServiceCall& call, const Json& output, const std::string& request) {
  std::string out =
      "<?xml version=\"1.0\"?><" + call.operation + "Response xmlns=\"" + kSqsNamespace + "\">";
  if (output.is_object() && !output.empty()) {
    out += "<" + call.operation + "Result>";
    write_sqs_members(out, output);
    out += "</" + call.operation + "Result>";
  }
  out += "<ResponseMetadata>";
  wire::append_xml_element(out, "RequestId", request);
  return out + "</ResponseMetadata></" + call.operation + "Response>";
}

}  // namespace

void check_service_integration(const Json& integration) {
  const std::string name = integration.at(m::IntegrationSubtype);
  const Subtype* subtype = find_subtype(name);
  if (!subtype) throw errors::bad_request("Integration subtype " + name + " is not supported");
  if (integration.value(m::CredentialsArn, "").empty()) {
    throw errors::bad_request("CredentialsArn is a required parameter for integration subtype " +
                              name);
  }
  const Json given = integration.value(m::RequestParameters, Json::object());
  for (const auto& [parameter, source] : given.items()) {
    const auto& text = source.get_ref<const std::string&>();
    const ServiceParameter* known = find_parameter(*subtype, parameter);
    if (!known && parameter != kRegion) {
      throw errors::bad_request("Parameter " + parameter +
                                " is not supported for integration subtype " + name);
    }
    if (known && known->kind == ParameterKind::object && text.find('$') == std::string::npos) {
      throw errors::bad_request(
          "Invalid selection expression specified: Validation Result: warnings : [], errors : "
          "[Invalid source: " +
          text + " specified for destination: " + parameter + "]");
    }
  }
  std::string missing;
  for (const ServiceParameter& one : subtype->parameters) {
    if (!one.required || given.contains(one.name)) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(one.name);
  }
  if (!missing.empty()) {
    throw errors::bad_request("Missing required parameters for integration subtype " + name +
                              ": [" + missing + "]");
  }
}

ServiceCall service_call(const Json& integration, const MappingSource& source) {
  ServiceCall call;
  call.subtype = integration.at(m::IntegrationSubtype);
  const Subtype* subtype = find_subtype(call.subtype);
  if (!subtype) {
    call.unresolved = "no integration subtype " + call.subtype;
    return call;
  }
  call.service = subtype->service;
  call.operation = subtype->operation;
  call.xml = call.service == "sqs";
  Json members = Json::object();
  const Json given = integration.value(m::RequestParameters, Json::object());
  for (const auto& [name, expression] : given.items()) {
    const auto& from = expression.get_ref<const std::string&>();
    auto text = mapped_value(from, source);
    const ServiceParameter* known = find_parameter(*subtype, name);
    auto value = text && known ? input_value(known->kind, *text) : std::nullopt;
    if (text && name == kRegion) {
      call.region = *text;
    } else if (value) {
      members[member_name(*subtype, name)] = *std::move(value);
    } else {
      call.unresolved = "Unable to resolve property " + name + " from source " + from +
                        ". Please make sure that the source is present and of the right type.";
      return call;
    }
  }
  if (call.operation == "PutEvents") {
    call.input["Entries"] = Json::array({std::move(members)});
  } else {
    call.input = std::move(members);
  }
  return call;
}

http::Response service_answer(const ServiceCall& call, Json output, const std::string& request_id) {
  if (call.xml) return http::Response(200, "text/xml", sqs_answer(call, output, request_id));
  if (call.service == "appconfig") {
    http::Response response(200, output.value("ContentType", "application/octet-stream"), "");
    if (output.contains("Content") && output["Content"].is_binary()) {
      const auto& bytes = output["Content"].get_binary();
      response.body.assign(bytes.begin(), bytes.end());
    }
    return response;
  }
  write_times(output);
  return http::Response(200, "application/json",
                        output.dump(-1, ' ', false, Json::error_handler_t::replace));
}

http::Response service_error(const ServiceCall& call, const AwsError& error,
                             const std::string& request_id) {
  if (!call.xml) {
    Json body = {{"__type", error.code()}, {"message", error.message()}};
    return http::Response(error.status(), "application/json",
                          body.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  std::string out =
      std::string("<?xml version=\"1.0\"?><ErrorResponse xmlns=\"") + kSqsNamespace + "\"><Error>";
  wire::append_xml_element(out, "Type", error.status() < 500 ? "Sender" : "Receiver");
  wire::append_xml_element(out, "Code", error.code());
  wire::append_xml_element(out, "Message", error.message());
  out += "<Detail/></Error>";
  wire::append_xml_element(out, "RequestId", request_id);
  return http::Response(error.status(), "text/xml", out + "</ErrorResponse>");
}

}  // namespace paddock::services::apigateway::v2
