// CreateFunction, GetFunction and the other operations on functions themselves.
#include <utility>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/service.hpp"
#include "storage/blobs.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace pages {

std::string marker_after(const std::string& name) {
  return to_base64(name);
}

std::string decode_marker(const Json& input) {
  const std::string text = input.value(members::Marker, std::string());
  const std::optional<std::string> name = from_base64(text);
  if (!name) {
    throw errors::invalid_parameter("The Marker provided is invalid.");
  }
  return *name;
}

size_t size(const Json& input) {
  return std::min<size_t>(input.value(members::MaxItems, kMostListed), kMostListed);
}

}  // namespace pages

namespace answers {

// AWS makes and updates functions in the background; an answer shows the state before that, the
// next read the state after it.
Json creating(Json config) {
  config.erase(members::LastUpdateStatus);
  config[members::State] = "Pending";
  config[members::StateReason] = "The function is being created.";
  config[members::StateReasonCode] = "Creating";
  return config;
}

Json updating(Json config) {
  config[members::LastUpdateStatus] = "InProgress";
  config[members::LastUpdateStatusReason] = "The function is being created.";
  config[members::LastUpdateStatusReasonCode] = "Creating";
  return config;
}

// Lists do not show the states.
Json listed(Json config) {
  for (const char* name :
       {members::State, members::LastUpdateStatus, members::RuntimeVersionConfig}) {
    config.erase(name);
  }
  return config;
}

Json qualified(Json config) {
  config[members::FunctionArn] = config[members::FunctionArn].get<std::string>() + ":$LATEST";
  return config;
}

}  // namespace answers

void Lambda::set_code(Context& context, Function& function, const Json& code, Purpose purpose,
                      storage::Batch& batch) {
  const bool image = function.config.at(members::PackageType) == "Image";
  const bool has_image = code.contains(members::ImageUri);
  const bool has_zip = code.contains(members::ZipFile) || code.contains(members::S3Bucket);
  const std::string during = purpose == Purpose::creating ? "creating" : "updating";
  if (image && !has_image) {
    throw errors::invalid_parameter("Please provide ImageUri when " + during +
                                    " a function with packageType Image.");
  }
  if (!image && has_image) {
    throw errors::invalid_parameter("Please don't provide ImageUri when " + during +
                                    " a function with packageType Zip.");
  }
  if (!image && !has_zip) {
    throw errors::invalid_parameter("Please provide a source for function code.");
  }
  if (code.contains(members::ZipFile) && code.contains(members::S3Bucket)) {
    throw errors::invalid_parameter(
        "Please do not provide other FunctionCode parameters when providing a ZipFile.");
  }
  function.code = Json::object();
  for (const char* name :
       {members::S3Bucket, members::S3Key, members::S3ObjectVersion, members::ImageUri}) {
    if (code.contains(name)) {
      function.code[name] = code[name];
    }
  }
  if (const std::string folder = function.hot_folder();
      function.code.value(members::S3Bucket, "") == "hot-reload" && !folder.starts_with('/')) {
    throw errors::invalid_parameter(
        "S3Bucket hot-reload needs the absolute path of a folder as S3Key.");
  }
  const std::string former = std::exchange(function.code_blob, "");
  if (!former.empty() && purpose == Purpose::updating) {
    platform_.blobs.erase(storage::BlobId::decode(former), batch);
  }
  std::string bytes;  // of a package that we hold; an image or an object in S3 stays where it is
  if (code.contains(members::ZipFile)) {
    const Json::binary_t& zip = code[members::ZipFile].get_binary();
    bytes.assign(zip.begin(), zip.end());
    if (check_zip(bytes).has_bootstrap) {
      function.code["Bootstrap"] = true;
    }
  }
  require_handler(function, platform_.functions.entry_points());
  if (code.contains(members::ZipFile)) {
    if (purpose != Purpose::trying) {
      storage::BlobWriter writer = platform_.blobs.create(context.realm->id);
      writer.append(bytes);
      function.code_blob = writer.seal(batch).encode();
    }
  }
  function.config[members::CodeSize] = bytes.size();
  function.config[members::CodeSha256] = to_base64(sha256(bytes));
}

gateway::Output Lambda::create_function(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (target.name.size() > kMostFunctionName) {
    throw errors::invalid_parameter(
        "1 validation error detected: Value '" + target.name +
        "' at 'functionName' failed to satisfy constraint: Member must have length less than or "
        "equal to " +
        std::to_string(kMostFunctionName));
  }
  Function function;
  function.config = new_configuration(input, target.name, context.region, context.account);
  function.tags = input.value(members::Tags, Json::object());
  if (function.tags.size() > kMostTags) {
    throw errors::invalid_parameter("Number of tags exceeds resource tag limit.");
  }
  const auto guard = platform_.locks.lock(Store::function_key(context.realm->id, target.name));
  if (store_.function(context.realm->id, target.name)) {
    throw errors::function_exists(target.name);
  }
  storage::Batch batch;
  set_code(context, function, input.at(members::Code), Purpose::creating, batch);
  function.config[members::LastModified] = last_modified(platform_.world.now().ms);
  function.config[members::RevisionId] = next_revision(context);
  Json answer = answers::creating(function.config);
  function.config[members::RevisionId] = next_revision(context);
  function.environment = function.revision();
  store_.put_function(context.realm->id, function, batch);
  after_change(context, function, true, batch);
  context.commit(batch);
  return answer;
}

gateway::Output Lambda::get_function(Context& context, Json input) {
  const Target target = latest_of(context, input);
  Function function = require(context, target);
  Json code = {{members::RepositoryType, "S3"}};
  if (function.code.contains(members::ImageUri)) {
    code = {{members::RepositoryType, "ECR"},
            {members::ImageUri, function.code[members::ImageUri]},
            {members::ResolvedImageUri, function.code[members::ImageUri]}};
  }
  Json answer = {{members::Code, std::move(code)},
                 {members::Configuration, target.qualifier.empty()
                                              ? std::move(function.config)
                                              : answers::qualified(std::move(function.config))}};
  if (!function.tags.empty()) {
    answer[members::Tags] = std::move(function.tags);
  }
  if (function.reserved_concurrency) {
    answer[members::Concurrency] = {
        {members::ReservedConcurrentExecutions, *function.reserved_concurrency}};
  }
  return answer;
}

gateway::Output Lambda::get_function_configuration(Context& context, Json input) {
  const Target target = latest_of(context, input);
  Function function = require(context, target);
  return target.qualifier.empty() ? std::move(function.config)
                                  : answers::qualified(std::move(function.config));
}

gateway::Output Lambda::list_functions(Context& context, Json input) {
  const size_t most = pages::size(input);
  const bool all_versions = input.contains(members::FunctionVersion);
  std::vector<Function> found =
      store_.functions(context.realm->id, pages::decode_marker(input), most + 1);
  Json answer = {{members::Functions, Json::array()}};
  for (Function& function : found) {
    if (answer[members::Functions].size() == most) {
      answer[members::NextMarker] =
          pages::marker_after(answer[members::Functions].back()[members::FunctionName]);
      break;
    }
    Json config = answers::listed(std::move(function.config));
    answer[members::Functions].push_back(all_versions ? answers::qualified(std::move(config))
                                                      : std::move(config));
  }
  return answer;
}

gateway::Output Lambda::list_versions_by_function(Context& context, Json input) {
  Function function = require(context, latest_of(context, input));
  Json config = answers::qualified(answers::listed(std::move(function.config)));
  return Json{{members::Versions, Json::array({std::move(config)})}};
}

gateway::Output Lambda::update_function_code(Context& context, Json input) {
  const Target target = latest_of(context, input);
  if (input.value(members::Publish, false) || input.contains(members::PublishTo)) {
    throw errors::not_emulated("Publish (function versions)");
  }
  const bool dry_run = input.value(members::DryRun, false);
  const auto apply = [&](Function& function, storage::Batch& batch) {
    if (input.contains(members::RevisionId) && input[members::RevisionId] != function.revision()) {
      throw errors::stale_revision("GetFunction/GetAlias");
    }
    set_code(context, function, input, dry_run ? Purpose::trying : Purpose::updating, batch);
    if (input.contains(members::Architectures)) {
      function.config[members::Architectures] = input[members::Architectures];
    }
    function.config[members::LastModified] = last_modified(platform_.world.now().ms);
    function.config[members::RevisionId] = next_revision(context);
  };
  if (dry_run) {
    Function function = require(context, target);
    storage::Batch dropped;
    apply(function, dropped);
    return std::move(function.config);
  }
  Json answer;
  change(context, target, [&](Function& function, storage::Batch& batch) {
    apply(function, batch);
    answer = answers::updating(function.config);
    function.config[members::RevisionId] = next_revision(context);
    function.environment = function.revision();
  });
  return answer;
}

gateway::Output Lambda::update_function_configuration(Context& context, Json input) {
  const Target target = latest_of(context, input);
  Json answer;
  change(context, target, [&](Function& function, storage::Batch&) {
    if (input.contains(members::RevisionId) && input[members::RevisionId] != function.revision()) {
      throw errors::stale_revision("GetFunction/GetAlias");
    }
    function.config = updated_configuration(std::move(function.config), input);
    require_handler(function, platform_.functions.entry_points());
    function.config[members::LastModified] = last_modified(platform_.world.now().ms);
    function.config[members::RevisionId] = next_revision(context);
    answer = answers::updating(function.config);
    function.config[members::RevisionId] = next_revision(context);
    function.environment = function.revision();
  });
  return answer;
}

gateway::Output Lambda::delete_function(Context& context, Json input) {
  const Target target = target_of(context, input);
  const auto guard = platform_.locks.lock(Store::function_key(context.realm->id, target.name));
  const std::optional<Function> function = store_.function(context.realm->id, target.name);
  if (!function) {
    throw errors::function_not_found(target.arn);
  }
  if (target.qualifier == "$LATEST") {
    throw errors::invalid_parameter(
        "$LATEST version cannot be deleted without deleting the function.");
  }
  if (!target.qualifier.empty()) {
    throw errors::function_not_found(target.arn + ":" + target.qualifier);
  }
  storage::Batch batch;
  if (!function->code_blob.empty()) {
    platform_.blobs.erase(storage::BlobId::decode(function->code_blob), batch);
  }
  store_.erase_function(context.realm->id, target.name, batch);
  after_change(context, *function, true, batch);
  context.commit(batch);
  return Json{{members::StatusCode, 204}};
}

}  // namespace paddock::services::lambda
