#include "support/test_emulator.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/text.hpp"
#include "lambdas/entry_points.hpp"
#include "services/all.hpp"
#include "wire/codec.hpp"
#include "wire/model.hpp"

namespace paddock::testing {
namespace {

void flatten_query(const Json& value, const std::string& prefix,
                   std::vector<std::pair<std::string, std::string>>& out) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      flatten_query(member, prefix.empty() ? name : prefix + "." + name, out);
    }
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) {
      flatten_query(value[i], prefix + ".member." + std::to_string(i + 1), out);
    }
  } else {
    out.emplace_back(prefix, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

std::string scalar_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

struct WireCall {
  std::string method = "POST";
  std::string target = "/";
  http::Headers headers;
  std::string body;
};

WireCall rest_call(const wire::OperationModel& operation, Json input) {
  WireCall call;
  call.method = operation.method;
  std::string uri(operation.uri);
  std::string query;
  Json body = Json::object();
  if (operation.input) {
    for (const auto& member : operation.input->members) {
      std::string name(member.name);
      if (!input.contains(name)) continue;
      const Json& value = input[name];
      std::string wire_name(member.wire_name);
      if (member.location == wire::Location::uri) {
        for (std::string label : {"{" + wire_name + "}", "{" + wire_name + "+}"}) {
          size_t at = uri.find(label);
          if (at != std::string::npos) {
            uri.replace(at, label.size(), url_encode(scalar_text(value), label.ends_with("+}")));
          }
        }
      } else if (member.location == wire::Location::query) {
        std::vector<Json> values =
            value.is_array() ? value.get<std::vector<Json>>() : std::vector<Json>{value};
        for (const auto& one : values) {
          query += (query.empty() ? "" : "&") + wire_name + "=" + url_encode(scalar_text(one));
        }
      } else if (member.location == wire::Location::header) {
        call.headers.add(wire_name, scalar_text(value));
      } else if (member.location == wire::Location::payload) {
        call.body = value.is_string() ? value.get<std::string>() : value.dump();
      } else {
        body[wire_name] = value;
      }
    }
  }
  if (call.body.empty() && !body.empty()) call.body = body.dump();
  call.target = uri;
  if (!query.empty()) call.target += (uri.find('?') == std::string::npos ? "?" : "&") + query;
  if (!call.body.empty()) call.headers.add("Content-Type", "application/json");
  return call;
}

WireCall wire_call(const wire::ServiceModel& model, const wire::OperationModel& operation,
                   const Json& input) {
  WireCall call;
  switch (model.protocol) {
    case wire::Protocol::aws_json_1_0:
    case wire::Protocol::aws_json_1_1:
      call.headers.add("Content-Type", model.protocol == wire::Protocol::aws_json_1_0
                                           ? "application/x-amz-json-1.0"
                                           : "application/x-amz-json-1.1");
      call.headers.add("X-Amz-Target",
                       std::string(model.target_prefix) + "." + std::string(operation.name));
      call.body = input.is_null() ? "{}" : input.dump();
      return call;
    case wire::Protocol::aws_query: {
      std::vector<std::pair<std::string, std::string>> form{
          {"Action", std::string(operation.name)}, {"Version", std::string(model.api_version)}};
      if (input.is_object()) flatten_query(input, "", form);
      for (const auto& [name, value] : form) {
        call.body += (call.body.empty() ? "" : "&") + url_encode(name) + "=" + url_encode(value);
      }
      call.headers.add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
      return call;
    }
    default:
      return rest_call(operation, input.is_null() ? Json::object() : input);
  }
}

CallResult to_result(http::Response response) {
  CallResult result;
  result.status = response.status;
  result.headers = std::move(response.headers);
  result.text = std::move(response.body);
  result.body = Json::parse(result.text, nullptr, false);
  if (result.body.is_discarded()) result.body = nullptr;
  return result;
}

std::string xml_element(const std::string& text, const std::string& name) {
  size_t begin = text.find("<" + name + ">");
  if (begin == std::string::npos) return "";
  begin += name.size() + 2;
  return text.substr(begin, text.find("</" + name + ">", begin) - begin);
}

}  // namespace

std::string CallResult::error() const {
  if (ok()) return "";
  std::string code;
  if (body.is_object() && body.contains("__type")) {
    code = body["__type"].get<std::string>();
  } else if (headers.has("x-amzn-errortype")) {
    code = std::string(headers.get("x-amzn-errortype"));
    code = code.substr(0, code.find(':'));
  } else {
    code = xml_element(text, "Code");
  }
  size_t hash = code.find('#');
  return hash == std::string::npos ? code : code.substr(hash + 1);
}

std::string CallResult::message() const {
  for (const char* member : {"message", "Message"}) {
    if (body.is_object() && body.contains(member)) return body[member].get<std::string>();
  }
  return xml_element(text, "Message");
}

TestEmulator::TestEmulator(Options options)
    : TestEmulator(std::move(options), lambdas::entry_points()) {}

TestEmulator::TestEmulator(Options options, std::span<const lambda::EntryPoint> functions)
    : emulator_(std::make_unique<Emulator>(std::move(options), services::all(), functions)) {
  emulator_->start();
}

TestEmulator::~TestEmulator() = default;

Options TestEmulator::in_memory_options() {
  Options options;
  options.port = 0;
  options.hosts = {"127.0.0.1"};
  options.durability = storage::Durability::none;
  options.access_log = false;
  options.log_level = LogLevel::warn;
  options.machine_hooks = false;
  return options;
}

Options TestEmulator::durable_options(const std::string& directory) {
  Options options = in_memory_options();
  options.durability = storage::Durability::wal;
  options.data_dir = directory;
  return options;
}

CallResult TestEmulator::call(std::string_view service, std::string_view operation,
                              const Json& input, const As& as) {
  const wire::ServiceModel* model = find_model(service);
  if (!model || !model->find(operation)) {
    ADD_FAILURE() << "no model of " << service << "." << operation;
    return {};
  }
  WireCall call = wire_call(*model, *model->find(operation), input);
  call.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + as.account + "/20261120/" +
                                        as.region + "/" + std::string(model->signing_name) +
                                        "/aws4_request, SignedHeaders=host;x-amz-date, "
                                        "Signature=" +
                                        std::string(64, '0'));
  call.headers.add("X-Amz-Date", "20261120T000000Z");
  return request(call.method, call.target, call.headers, call.body, as.port);
}

const wire::ServiceModel* TestEmulator::find_model(std::string_view service) {
  for (const auto& api : emulator_->router().apis()) {
    if (api->model().name == service) return &api->model();
  }
  return nullptr;
}

CallResult TestEmulator::request(std::string_view method, std::string_view target,
                                 const http::Headers& headers, std::string_view body,
                                 uint16_t at_port) {
  http::ClientOptions client;
  client.port = at_port ? at_port : port();
  return to_result(
      http::request(client, std::string(method), std::string(target), headers, std::string(body)));
}

CallResult TestEmulator::post(std::string_view target, const Json& body) {
  http::Headers headers;
  headers.add("Content-Type", "application/json");
  return request("POST", target, headers, body.is_null() ? "" : body.dump());
}

void TestEmulator::wait_idle() {
  CallResult result = post("/_paddock/idle");
  EXPECT_EQ(result.status, 200) << result.text;
}

void TestEmulator::advance(std::chrono::milliseconds by) {
  CallResult result = post("/_paddock/clock", {{"advance_ms", by.count()}});
  EXPECT_EQ(result.status, 200) << result.text;
}

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "paddock-test-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary directory");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace paddock::testing
