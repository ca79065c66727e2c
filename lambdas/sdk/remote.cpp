#include "lambdas/sdk/remote.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string_view>

#include "core/clock.hpp"
#include "core/digest.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "identity/identity.hpp"
#include "lambdas/sdk/sdk.hpp"

namespace paddock::sdk {

namespace remote {

// The services of the JSON protocol that functions usually call.
struct JsonService {
  std::string_view name;
  std::string_view signing_name;
  std::string_view host_prefix;
  std::string_view target_prefix;
  std::string_view json_version;
};
constexpr JsonService kServices[] = {
    {"dynamodb", "dynamodb", "dynamodb", "DynamoDB_20120810", "1.0"},
    {"dynamodbstreams", "dynamodb", "streams.dynamodb", "DynamoDBStreams_20120810", "1.0"},
    {"events", "events", "events", "AWSEvents", "1.1"},
    {"firehose", "firehose", "firehose", "Firehose_20150804", "1.1"},
    {"kinesis", "kinesis", "kinesis", "Kinesis_20131202", "1.1"},
    {"kms", "kms", "kms", "TrentService", "1.1"},
    {"logs", "logs", "logs", "Logs_20140328", "1.1"},
    {"sqs", "sqs", "sqs", "AmazonSQS", "1.0"},
    {"stepfunctions", "states", "states", "AWSStepFunctions", "1.0"},
};

const JsonService& find_service(const std::string& name) {
  const auto* found =
      std::find_if(std::begin(kServices), std::end(kServices),
                   [&](const JsonService& service) { return service.name == name; });
  if (found == std::end(kServices)) {
    throw Error("UnsupportedOperation",
                "The service " + name + " cannot be called from a stand-alone function", 501);
  }
  return *found;
}

// Blobs travel as base64 text.
void encode_blobs(Json& document) {
  if (document.is_binary()) {
    const auto& bytes = document.get_binary();
    document = to_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } else if (document.is_structured()) {
    for (auto& member : document) encode_blobs(member);
  }
}

// The machine's certificates, where Debian, Amazon Linux and Alpine keep them.
std::string root_certificates() {
  for (const char* path : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                           "/etc/ssl/cert.pem"}) {
    std::ifstream file(path, std::ios::binary);
    if (!file) continue;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  throw Error("ConfigurationError", "No root certificates were found on this machine", 500);
}

std::string amz_date(int64_t now_ms) {
  const CivilTime time = civil_time(now_ms);
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%04d%02d%02dT%02d%02d%02dZ", time.year, time.month,
                time.day, time.hour, time.minute, time.second);
  return text.data();
}

std::string region() {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (std::string value = environment(name); !value.empty()) return value;
  }
  throw Error("ConfigurationError", "The environment variable AWS_REGION is not set", 500);
}

http::ClientOptions endpoint(const JsonService& service) {
  const std::string url = environment("AWS_ENDPOINT_URL");
  if (!url.empty()) return parse_endpoint(url);
  return parse_endpoint("https://" + std::string(service.host_prefix) + "." + region() +
                        ".amazonaws.com");
}

// Adds the headers of a signed request. All headers there are get signed.
void sign(http::RequestHead& head, const JsonService& service, const std::string& body) {
  identity::Signature scope;
  scope.access_key = required_environment("AWS_ACCESS_KEY_ID");
  scope.region = region();
  scope.service = service.signing_name;
  scope.timestamp = amz_date(MachineClock().wall_ms());
  scope.date = scope.timestamp.substr(0, 8);
  head.headers.set("X-Amz-Date", scope.timestamp);
  if (const std::string token = environment("AWS_SESSION_TOKEN"); !token.empty()) {
    head.headers.set("X-Amz-Security-Token", token);
  }
  std::vector<std::string> names;
  for (const auto& [name, value] : head.headers) names.push_back(to_lower(name));
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    scope.signed_headers += (scope.signed_headers.empty() ? "" : ";") + name;
  }
  const std::string signature = identity::sign_v4(head, sha256_hex(body), scope,
                                                  required_environment("AWS_SECRET_ACCESS_KEY"));
  head.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=" + scope.access_key + "/" +
                                        scope.date + "/" + scope.region + "/" + scope.service +
                                        "/aws4_request, SignedHeaders=" + scope.signed_headers +
                                        ", Signature=" + signature);
}

[[noreturn]] void throw_error(const http::Response& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  std::string code = "UnknownError";
  std::string message = "HTTP status " + std::to_string(response.status);
  if (body.is_object()) {
    code = body.value("__type", code);
    code = code.substr(code.rfind('#') + 1);
    message = body.value("message", body.value("Message", message));
  }
  throw Error(code, message, response.status);
}

}  // namespace remote

http::ClientOptions parse_endpoint(const std::string& url) {
  const auto malformed = [&] {
    return Error("ConfigurationError", "\"" + url + "\" is no URL of an endpoint", 500);
  };
  http::ClientOptions options;
  options.tls = url.rfind("https://", 0) == 0;
  if (!options.tls && url.rfind("http://", 0) != 0) throw malformed();
  std::string authority = url.substr(options.tls ? 8 : 7);
  if (!authority.empty() && authority.back() == '/') authority.pop_back();
  if (authority.find('/') != std::string::npos) throw malformed();
  options.port = options.tls ? 443 : 80;
  const size_t colon = authority.rfind(':');
  // A colon before the closing bracket is part of an IPv6 address.
  if (colon != std::string::npos && authority.find(']', colon) == std::string::npos) {
    const char* end = authority.data() + authority.size();
    const auto [last, error] = std::from_chars(&authority[colon + 1], end, options.port);
    if (error != std::errc() || last != end || options.port == 0) throw malformed();
    authority.resize(colon);
  }
  if (authority.size() > 1 && authority.front() == '[' && authority.back() == ']') {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty()) throw malformed();
  options.host = authority;
  return options;
}

Json call_remote(const std::string& service, const std::string& operation, Json input) {
  const remote::JsonService& facts = remote::find_service(service);
  http::ClientOptions options = remote::endpoint(facts);
  if (options.tls) options.ca_certificate = remote::root_certificates();
  remote::encode_blobs(input);
  const std::string body = input.dump();
  const bool default_port = options.port == (options.tls ? 443 : 80);

  http::RequestHead head;
  head.method = "POST";
  head.set_target("/");
  head.headers.set("Host",
                   default_port ? options.host : options.host + ":" + std::to_string(options.port));
  head.headers.set("Content-Type", "application/x-amz-json-" + std::string(facts.json_version));
  head.headers.set("X-Amz-Target", std::string(facts.target_prefix) + "." + operation);
  remote::sign(head, facts, body);
  try {
    const http::Response response =
        http::request(options, head.method, head.target, head.headers, body);
    if (response.status != 200) remote::throw_error(response);
    return Json::parse(response.body);
  } catch (const http::ClientError& error) {
    throw Error("ConnectionError", error.what(), 503);
  } catch (const Json::exception&) {
    throw Error("InvalidResponse", "The answer of " + service + " is no JSON", 502);
  }
}

}  // namespace paddock::sdk
