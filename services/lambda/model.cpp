#include "services/lambda/model.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/arn.hpp"
#include "core/digest.hpp"
#include "core/text.hpp"
#include "lambda/runtimes.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"

namespace paddock::services::lambda {
namespace configuration {

// Variables that the execution environment sets itself.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
constexpr std::array<std::string_view, 15> kReserved = {"AWS_ACCESS_KEY",
                                                        "AWS_ACCESS_KEY_ID",
                                                        "AWS_DEFAULT_REGION",
                                                        "AWS_EXECUTION_ENV",
                                                        "AWS_LAMBDA_FUNCTION_NAME",
                                                        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                        "AWS_LAMBDA_LOG_GROUP_NAME",
                                                        "AWS_LAMBDA_LOG_STREAM_NAME",
                                                        "AWS_LAMBDA_FUNCTION_VERSION",
                                                        "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                        "AWS_LAMBDA_RUNTIME_API",
                                                        "AWS_REGION",
                                                        "AWS_SECRET_ACCESS_KEY",
                                                        "AWS_SECRET_KEY",
                                                        "AWS_SESSION_TOKEN"};

Json environment(const Json& input) {
  Json variables = input.value(members::Variables, Json::object());
  std::string reserved;
  for (const auto& [name, value] : variables.items()) {
    if (std::find(kReserved.begin(), kReserved.end(), name) == kReserved.end()) {
      continue;
    }
    reserved += (reserved.empty() ? "" : ", ") + name;
  }
  if (!reserved.empty()) {
    throw errors::invalid_parameter(
        "Lambda was unable to configure your environment variables because the environment "
        "variables you have provided contains reserved keys that are currently not supported for "
        "modification. Reserved keys used in this request: " +
        reserved);
  }
  const std::string measured = variables.dump();
  if (measured.size() > kMostEnvironmentBytes) {
    throw errors::invalid_parameter(
        "Lambda was unable to configure your environment variables because the environment "
        "variables you have provided exceeded the 4KB limit. String measured: " +
        measured);
  }
  return {{members::Variables, std::move(variables)}};
}

Json logging(const Json& input, const std::string& name) {
  Json config = input;
  if (!config.contains(members::LogFormat)) {
    config[members::LogFormat] = "Text";
  }
  if (!config.contains(members::LogGroup)) {
    config[members::LogGroup] = "/aws/lambda/" + name;
  }
  if (config[members::LogFormat] == "JSON") {
    if (!config.contains(members::ApplicationLogLevel)) {
      config[members::ApplicationLogLevel] = "INFO";
    }
    if (!config.contains(members::SystemLogLevel)) {
      config[members::SystemLogLevel] = "INFO";
    }
  }
  return config;
}

// Members that would change how a function runs in a way that is not built yet: named and refused
// rather than kept without effect.
void refuse_unbuilt(const Json& input) {
  for (const char* name : {members::CapacityProviderConfig, members::DurableConfig,
                           members::TenancyConfig, members::PublishTo}) {
    if (input.contains(name)) {
      throw errors::not_emulated(name);
    }
  }
}

// Whether the queue or topic is there is found out when something is sent.
void apply_dead_letter(Json& config, const Json& input) {
  if (!input.contains(members::DeadLetterConfig)) {
    return;
  }
  const std::string text = input[members::DeadLetterConfig].value(members::TargetArn, "");
  if (text.empty()) {
    config.erase(members::DeadLetterConfig);
    return;
  }
  const std::optional<Arn> arn = Arn::parse(text);
  if (!arn || (arn->service != "sqs" && arn->service != "sns")) {
    throw errors::invalid_parameter(
        "The provided target ARN is invalid or not supported. Dead letter targets must be SQS "
        "queues or SNS topics.");
  }
  config[members::DeadLetterConfig] = {{members::TargetArn, text}};
}

// There are no networks here: the VPC of subnets is made up, the same for the same ones.
Json vpc(const Json& input) {
  Json config = {
      {members::SubnetIds, input.value(members::SubnetIds, Json::array())},
      {members::SecurityGroupIds, input.value(members::SecurityGroupIds, Json::array())},
      {members::Ipv6AllowedForDualStack, input.value(members::Ipv6AllowedForDualStack, false)},
      {members::VpcId, ""}};
  if (!config[members::SubnetIds].empty()) {
    config[members::VpcId] =
        "vpc-" + sha256_hex(config[members::SubnetIds][0].dump()).substr(0, 17);
  }
  return config;
}

// https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
Json snap_start(const Json& config, const Json& input) {
  constexpr std::array<std::string_view, 9> kRuntimes = {"java11",     "java17",     "java21",
                                                         "java25",     "python3.12", "python3.13",
                                                         "python3.14", "dotnet8",    "dotnet10"};
  const std::string apply_on = input.value(members::ApplyOn, "None");
  const std::string runtime = config.value(members::Runtime, "");
  if (apply_on != "None" &&
      std::find(kRuntimes.begin(), kRuntimes.end(), runtime) == kRuntimes.end()) {
    throw errors::invalid_parameter(runtime + " is not supported for SnapStart enabled functions.");
  }
  return {{members::ApplyOn, apply_on}, {members::OptimizationStatus, "Off"}};
}

void check_numbers(const Json& input) {
  if (int64_t timeout = input.value(members::Timeout, int64_t{1}); timeout > kMostTimeoutSeconds) {
    throw errors::validation(
        "Value '" + std::to_string(timeout) +
        "' at 'timeout' failed to satisfy constraint: Member must have value less than or equal "
        "to " +
        std::to_string(kMostTimeoutSeconds));
  }
  if (input.value(members::MemorySize, int64_t{0}) > kMostMemoryMb) {
    throw errors::invalid_parameter(
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or "
        "equal to " +
        std::to_string(kMostMemoryMb));
  }
}

// What CreateFunction and UpdateFunctionConfiguration treat alike.
void apply(Json& config, const Json& input) {
  refuse_unbuilt(input);
  check_numbers(input);
  for (const char* name : {members::Role, members::Handler, members::Description, members::Timeout,
                           members::MemorySize, members::KMSKeyArn, members::TracingConfig,
                           members::EphemeralStorage}) {
    if (input.contains(name)) {
      config[name] = input[name];
    }
  }
  if (input.contains(members::Environment)) {
    config[members::Environment] = environment(input[members::Environment]);
  }
  if (input.contains(members::LoggingConfig)) {
    config[members::LoggingConfig] =
        logging(input[members::LoggingConfig], config[members::FunctionName]);
  }
  apply_dead_letter(config, input);
  if (input.contains(members::VpcConfig)) {
    config[members::VpcConfig] = vpc(input[members::VpcConfig]);
  }
  if (input.contains(members::ImageConfig)) {
    config.erase(members::ImageConfigResponse);
    if (!input[members::ImageConfig].empty()) {
      config[members::ImageConfigResponse] = {{members::ImageConfig, input[members::ImageConfig]}};
    }
  }
  if (input.contains(members::FileSystemConfigs)) {
    config.erase(members::FileSystemConfigs);
    if (!input[members::FileSystemConfigs].empty()) {
      config[members::FileSystemConfigs] = input[members::FileSystemConfigs];
    }
  }
  if (input.contains(members::Runtime)) {
    config[members::Runtime] = input[members::Runtime];
  }
  if (input.contains(members::SnapStart)) {
    config[members::SnapStart] = snap_start(config, input[members::SnapStart]);
  }
}

void name_runtime_version(Json& config, const std::string& region) {
  if (config.contains(members::Runtime)) {
    config[members::RuntimeVersionConfig] = {
        {members::RuntimeVersionArn,
         "arn:aws:lambda:" + region +
             "::runtime:" + sha256_hex(config[members::Runtime].get_ref<const std::string&>())}};
  }
}

}  // namespace configuration

FunctionName parse_function_name(std::string_view text) {
  FunctionName result;
  std::vector<std::string_view> parts = split(text, ':');
  size_t next = 0;
  if (parts.size() >= 3 && parts[0] == "arn") {  // arn:aws:lambda:
    next = 3;
    if (next < parts.size() && parts[next].find('-') != std::string_view::npos &&
        parts.size() > next + 1) {
      result.region = parts[next++];
    }
  }
  const auto is_account = [](std::string_view part) {
    return part.size() == 12 && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (next + 1 < parts.size() && is_account(parts[next])) {
    result.account = parts[next++];
  }
  // "function:f" is the partial ARN of f; "function" alone is a name.
  if (next + 1 < parts.size() && parts[next] == "function") {
    ++next;
  }
  if (next < parts.size()) {
    result.name = parts[next++];
  }
  if (next < parts.size()) {
    result.qualifier = parts[next];
  }
  return result;
}

std::string Function::name() const {
  return config.at(members::FunctionName);
}
std::string Function::arn() const {
  return config.at(members::FunctionArn);
}
std::string Function::version() const {
  return config.at(members::Version);
}
std::string Function::revision() const {
  return config.at(members::RevisionId);
}
std::string Function::runtime() const {
  return config.value(members::Runtime, "");
}

std::string Function::hot_folder() const {
  return code.value(members::S3Bucket, "") == "hot-reload" ? code.value(members::S3Key, "") : "";
}
bool Function::is_user_code() const {
  using ::paddock::lambda::RuntimeKind;
  switch (::paddock::lambda::runtime_kind(runtime())) {
    case RuntimeKind::custom:
      return code.value("Bootstrap", false) || !hot_folder().empty() ||
             code.value("Layers", Json::object()).value("bootstrap", false);
    case RuntimeKind::node:
    case RuntimeKind::python:
      return true;
    case RuntimeKind::none:
      break;
  }
  return false;
}

LayerName parse_layer_version(const std::string& text) {
  LayerName name;
  const std::optional<Arn> arn = Arn::parse(text);
  if (!arn) {
    return name;
  }
  name.region = arn->region;
  name.account = arn->account;
  const std::vector<std::string_view> parts = split(arn->resource, ':');
  if (parts.size() == 3 && parts[0] == "layer") {
    name.name = parts[1];
    name.version = version_number(parts[2]);
  }
  return name;
}

void check_unpacked(const Function& function) {
  if (!function.code.contains("Layers")) {
    return;  // check_zip saw to the code alone
  }
  const uint64_t bytes = function.code.value("Unzipped", uint64_t{0}) +
                         function.code["Layers"].at("bytes").get<uint64_t>();
  if (bytes > kMostUnzippedBytes) {
    throw errors::invalid_parameter(
        "Function code combined with layers exceeds the maximum allowed size of " +
        std::to_string(kMostUnzippedBytes) + " bytes. The actual size is " + std::to_string(bytes) +
        " bytes.");
  }
}

std::vector<std::string> layer_arns(const Json& config) {
  std::vector<std::string> arns;
  const Json layers = config.value(members::Layers, Json::array());
  for (const Json& layer : layers) {
    arns.push_back(layer.at(members::Arn));
  }
  return arns;
}

std::string CodeSigning::id() const {
  return config.at(members::CodeSigningConfigId);
}

std::string Alias::name() const {
  return config.at(members::Name);
}
std::string Alias::version() const {
  return config.at(members::FunctionVersion);
}
std::optional<std::pair<std::string, double>> Alias::second_version() const {
  const auto routing = config.find(members::RoutingConfig);
  if (routing == config.end()) {
    return std::nullopt;
  }
  const Json& weights = routing->at(members::AdditionalVersionWeights);
  return std::pair(weights.begin().key(), weights.begin().value().get<double>());
}

std::string Mapping::uuid() const {
  return config.at(members::UUID);
}
std::string Mapping::function_name() const {
  return parse_function_name(config.at(members::FunctionArn).get<std::string>()).name;
}
std::string Mapping::function_qualifier() const {
  return parse_function_name(config.at(members::FunctionArn).get<std::string>()).qualifier;
}
std::string Mapping::source_arn() const {
  return config.at(members::EventSourceArn);
}
bool Mapping::is_of_queue() const {
  return config.at(members::EventSourceArn)
      .get_ref<const std::string&>()
      .starts_with("arn:aws:sqs:");
}

bool is_provided_runtime(std::string_view runtime) {
  return runtime.starts_with("provided");
}

uint64_t version_number(std::string_view version) {
  uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), number);
  return error == std::errc() && end == version.data() + version.size() ? number : 0;
}

std::string content_of(const Function& function) {
  Json config = function.config;
  for (const char* name : {members::RevisionId, members::LastModified, members::Version}) {
    config.erase(name);
  }
  return sha256_hex(config.dump() + function.code.dump());
}

std::string last_modified(int64_t ms) {
  std::string text = iso8601(ms);
  text.replace(text.size() - 1, 1, "+0000");
  return text;
}

Json new_configuration(const Json& input, const std::string& name, const std::string& region,
                       const std::string& account) {
  const bool image = input.value(members::PackageType, "Zip") == "Image";
  if (!image && (!input.contains(members::Runtime) || !input.contains(members::Handler))) {
    throw errors::invalid_parameter(
        "Runtime and Handler are mandatory parameters for functions created with deployment "
        "packages.");
  }
  Json config = {
      {members::FunctionName, name},
      {members::FunctionArn, make_arn("lambda", region, account, "function:" + name)},
      {members::Description, ""},
      {members::Timeout, kDefaultTimeoutSeconds},
      {members::MemorySize, kDefaultMemoryMb},
      {members::Version, kLatest},
      {members::PackageType, image ? "Image" : "Zip"},
      {members::Architectures, input.value(members::Architectures, Json::array({"x86_64"}))},
      {members::EphemeralStorage, {{members::Size, kDefaultEphemeralMb}}},
      {members::TracingConfig, {{members::Mode, "PassThrough"}}},
      {members::SnapStart, {{members::ApplyOn, "None"}, {members::OptimizationStatus, "Off"}}},
      {members::LoggingConfig, configuration::logging(Json::object(), name)},
      {members::State, "Active"},
      {members::LastUpdateStatus, "Successful"},
  };
  configuration::apply(config, input);
  configuration::name_runtime_version(config, region);
  return config;
}

Json updated_configuration(Json config, const Json& input) {
  configuration::apply(config, input);
  configuration::name_runtime_version(
      config, Arn::parse(config[members::FunctionArn].get<std::string>())->region);
  return config;
}

void require_handler(const Function& function,
                     std::span<const ::paddock::lambda::EntryPoint> entry_points) {
  if (!is_provided_runtime(function.runtime()) || function.is_user_code()) {
    return;
  }
  const Json& config = function.config;
  const std::string handler = config.value(members::Handler, "");
  if (::paddock::lambda::find_entry_point(entry_points, handler) != nullptr) {
    return;
  }
  std::string names;
  for (const auto& entry : entry_points) {
    names += (names.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw errors::invalid_parameter("No function named '" + handler +
                                  "' is built into Paddock; Handler must be one of: " +
                                  (names.empty() ? "(none is built in)" : names) + ".");
}

::paddock::lambda::FunctionSpec spec_of(const Function& function, const std::string& account,
                                        const std::string& region) {
  const Json& config = function.config;
  ::paddock::lambda::FunctionSpec spec;
  spec.arn = function.arn();
  spec.name = function.name();
  spec.version = function.version();
  spec.revision = function.environment;
  spec.account = account;
  spec.region = region;
  spec.handler = config.value(members::Handler, "");
  spec.runtime = function.runtime();
  spec.role_arn = config.value(members::Role, "");
  if (config.contains(members::Environment)) {
    const Json variables = config[members::Environment].value(members::Variables, Json::object());
    for (const auto& [name, value] : variables.items()) {
      spec.variables.emplace(name, value.get<std::string>());
    }
  }
  spec.timeout = std::chrono::seconds(config.value(members::Timeout, kDefaultTimeoutSeconds));
  spec.memory_mb = config.value(members::MemorySize, kDefaultMemoryMb);
  spec.storage_mb = config[members::EphemeralStorage].value(members::Size, kDefaultEphemeralMb);
  const Json& logging = config[members::LoggingConfig];
  spec.log_group = logging.value(members::LogGroup, "");
  spec.json_logs = logging.value(members::LogFormat, "Text") == "JSON";
  spec.application_level = logging.value(members::ApplicationLogLevel, spec.application_level);
  spec.system_level = logging.value(members::SystemLogLevel, spec.system_level);
  spec.runtime_arn = config.value(members::RuntimeVersionConfig, Json::object())
                         .value(members::RuntimeVersionArn, std::string());
  return spec;
}

Json new_mapping(const Json& input, const std::string& uuid, const std::string& mapping_arn,
                 const std::string& function_arn, int64_t now_ms) {
  Json config = {
      {members::UUID, uuid},
      {members::EventSourceMappingArn, mapping_arn},
      {members::FunctionArn, function_arn},
      {members::EventSourceArn, input.at(members::EventSourceArn)},
      {members::StartingPosition, input.at(members::StartingPosition)},
      {members::BatchSize, kDefaultStreamBatch},
      {members::MaximumBatchingWindowInSeconds, 0},
      {members::ParallelizationFactor, 1},
      {members::MaximumRecordAgeInSeconds, -1},
      {members::MaximumRetryAttempts, -1},
      {members::BisectBatchOnFunctionError, false},
      {members::TumblingWindowInSeconds, 0},
      {members::FunctionResponseTypes, Json::array()},
      {members::DestinationConfig, {{members::OnFailure, Json::object()}}},
      {members::StateTransitionReason, "User action"},
  };
  if (input.contains(members::StartingPositionTimestamp)) {
    config[members::StartingPositionTimestamp] = input[members::StartingPositionTimestamp];
  }
  return updated_mapping(std::move(config), input, now_ms);
}

Json updated_mapping(Json config, const Json& input, int64_t now_ms) {
  for (const char* name : {members::BatchSize, members::MaximumBatchingWindowInSeconds,
                           members::ParallelizationFactor, members::MaximumRecordAgeInSeconds,
                           members::MaximumRetryAttempts, members::BisectBatchOnFunctionError,
                           members::TumblingWindowInSeconds, members::FunctionResponseTypes}) {
    if (input.contains(name)) {
      config[name] = input[name];
    }
  }
  if (input.contains(members::DestinationConfig)) {
    Json failure = input[members::DestinationConfig].value(members::OnFailure, Json::object());
    if (failure.value(members::Destination, std::string()).empty()) {
      failure = Json::object();
    }
    config[members::DestinationConfig] = {{members::OnFailure, std::move(failure)}};
  }
  if (input.contains(members::FilterCriteria)) {
    const Json& criteria = input[members::FilterCriteria];
    if (criteria.value(members::Filters, Json::array()).empty()) {
      config.erase(members::FilterCriteria);
    } else {
      config[members::FilterCriteria] = criteria;
    }
  }
  if (const auto scaling = input.find(members::ScalingConfig); scaling != input.end()) {
    if (scaling->empty()) {
      config.erase(members::ScalingConfig);
    } else {
      config[members::ScalingConfig] = *scaling;
    }
  }
  config[members::LastModified] = now_ms;
  return config;
}

}  // namespace paddock::services::lambda
