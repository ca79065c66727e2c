// Functions and event source mappings as data, and the rules that need no store.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.hpp"
#include "lambda/entry_points.hpp"
#include "lambda/functions.hpp"
#include "lambda/zip_package.hpp"
#include "models/lambda.hpp"
#include "storage/blobs.hpp"

namespace paddock::services::lambda {

namespace members = ::paddock::models::lambda_members;

// A function's name as callers may write it: name, partial ARN, full ARN, each with a qualifier.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html#API_GetFunction_RequestSyntax
struct FunctionName {
  std::string name;
  std::string qualifier;  // "" if none
  std::string region;     // "" unless an ARN named one
  std::string account;    // "" unless named
};
// Takes text that the model's pattern accepted.
FunctionName parse_function_name(std::string_view text);

// What is not published yet: the only version that changes.
inline constexpr const char* kLatest = "$LATEST";

// One function as stored: $LATEST, or a published version. A version has its own policy; tags,
// reserved concurrency and most settings are the function's, so they are $LATEST's.
struct Function {
  Json config;  // FunctionConfiguration as answered, with the unqualified ARN
  Json tags = Json::object();
  Json policy = Json::array();  // the statements, in the order added
  std::optional<int> reserved_concurrency;
  // {"S3Bucket":…} or {"ImageUri":…}; an object without either for a zip. A zip that is a custom
  // runtime has "Bootstrap":true as well. "Unzipped": its bytes. "Layers": {"bytes","bootstrap"}.
  Json code;
  std::string code_blob;    // BlobId::encode of the zip, "" if there is none
  std::string environment;  // names code and configuration: execution environments are made for it
  std::string made_of;      // of a version: content_of($LATEST) when it was published
  Json settings = Json::object();  // what operations beside the configuration keep, by their name

  std::string name() const;
  std::string arn() const;
  std::string version() const;  // "$LATEST" or a number
  std::string revision() const;
  // "" for images.
  std::string runtime() const;
  // The folder that it runs from (S3Bucket=hot-reload); "" if it has a package of its own.
  std::string hot_folder() const;
  // False for a function that is built into the emulator.
  bool is_user_code() const;
};

// One alias as stored.
struct Alias {
  Json config;  // AliasConfiguration as answered
  Json policy = Json::array();

  std::string name() const;
  std::string version() const;  // it points to
  // The other version of a weighted alias, with the share of its invocations.
  std::optional<std::pair<std::string, double>> second_version() const;
};

// One version of a layer as stored.
struct LayerVersion {
  Json config;  // as GetLayerVersion answers
  Json policy = Json::array();
  std::string policy_revision;  // "" until it had a policy
  std::string blob;             // BlobId::encode of the zip
  uint64_t unpacked_bytes = 0;
  bool has_bootstrap = false;
  bool deleted = false;  // kept for the functions that have it
};

// What a layer version's ARN names. `version` is 0 for a layer of AWS's own (":::awslayer:").
struct LayerName {
  std::string region, account, name;
  uint64_t version = 0;
};
// Takes text that the model's pattern accepted.
LayerName parse_layer_version(const std::string& arn);

// One code signing configuration as stored.
struct CodeSigning {
  Json config;
  Json tags = Json::object();

  std::string id() const;
};

// One event source mapping as stored.
struct Mapping {
  Json config;  // EventSourceMappingConfiguration as answered, but for LastProcessingResult
  Json tags = Json::object();
  bool enabled = true;

  std::string uuid() const;
  std::string function_name() const;
  std::string function_qualifier() const;  // "" if none
  std::string source_arn() const;
  bool is_of_queue() const;
};

// FunctionConfiguration of a new function from CreateFunction's input, which the model accepted.
// Throws AwsError for what the model does not check.
Json new_configuration(const Json& input, const std::string& name, const std::string& region,
                       const std::string& account);
// The configuration with UpdateFunctionConfiguration's members applied. Throws AwsError.
Json updated_configuration(Json config, const Json& input);
// Throws InvalidParameterValueException for a function of a provided runtime whose package has no
// bootstrap and whose handler is not built in.
void require_handler(const Function& function,
                     std::span<const ::paddock::lambda::EntryPoint> entry_points);
// Throws InvalidParameterValueException if code and layers unpack to too much.
void check_unpacked(const Function& function);
// The ARNs of the layers in a configuration.
std::vector<std::string> layer_arns(const Json& config);
bool is_provided_runtime(std::string_view runtime);
// Of a published version's name, which the model's pattern accepted; 0 if it is out of range.
uint64_t version_number(std::string_view version);
// A digest of all that a published version keeps of $LATEST: equal digests need no new version.
std::string content_of(const Function& function);
// "2026-11-20T07:36:00.000+0000"
std::string last_modified(int64_t ms);

// What the executor is given for a function, but for user code.
::paddock::lambda::FunctionSpec spec_of(const Function& function, const std::string& account,
                                        const std::string& region);

// Throws AwsError for bytes that are not a zip archive, one above the limits, or one with entries
// that would leave its folder. May take a second for the largest.
::paddock::lambda::PackageFacts check_zip(std::string_view bytes);

// The statement of AddPermission's input for a function. Throws for an invalid principal.
Json policy_statement(const Json& input, const std::string& function_arn);
// {"Version":"2012-10-17","Id":"default","Statement":[…]} as text.
std::string policy_text(const Json& statements);

// Throws InvalidRequestContentException for a payload that is not JSON text. Empty means {}.
void check_payload(std::string_view payload);

// EventSourceMappingConfiguration of CreateEventSourceMapping's input on a stream.
Json new_mapping(const Json& input, const std::string& uuid, const std::string& mapping_arn,
                 const std::string& function_arn, int64_t now_ms);
// With UpdateEventSourceMapping's members applied.
Json updated_mapping(Json config, const Json& input, int64_t now_ms);

}  // namespace paddock::services::lambda
