// CreateFunction, GetFunction and the other operations on functions themselves.
#include <set>
#include <utility>

#include "core/digest.hpp"
#include "core/text.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/paging.hpp"
#include "services/lambda/qualifiers.hpp"
#include "services/lambda/service.hpp"
#include "storage/blobs.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
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

// Of an image's URI: without tag or digest.
std::string repository_of(const std::string& uri) {
  const size_t name = uri.rfind('/') == std::string::npos ? 0 : uri.rfind('/');
  return uri.substr(0, uri.find_first_of("@:", name));
}

}  // namespace answers

// Lists do not show the states.
Json Lambda::listed(Json config) {
  for (const char* name :
       {members::State, members::LastUpdateStatus, members::RuntimeVersionConfig}) {
    config.erase(name);
  }
  return config;
}

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
  const Json layers = function.code.value("Layers", Json());
  function.code = Json::object();
  if (!layers.is_null()) {
    function.code["Layers"] = layers;
  }
  for (const char* name : {members::S3Bucket, members::S3Key, members::S3ObjectVersion,
                           members::ImageUri, members::SourceKMSKeyArn}) {
    if (code.contains(name) && code[name] != "") {
      function.code[name] = code[name];
    }
  }
  if (const std::string folder = function.hot_folder();
      function.code.value(members::S3Bucket, "") == "hot-reload" && !folder.starts_with('/')) {
    throw errors::invalid_parameter(
        "S3Bucket hot-reload needs the absolute path of a folder as S3Key.");
  }
  if (purpose == Purpose::updating) {
    free_code(context.realm->id, function, batch);
  }
  function.code_blob.clear();
  std::string bytes;  // of a package that we hold; an image or an object in S3 stays where it is
  if (code.contains(members::ZipFile)) {
    const Json::binary_t& zip = code[members::ZipFile].get_binary();
    bytes.assign(zip.begin(), zip.end());
    const ::paddock::lambda::PackageFacts facts = check_zip(bytes);
    function.code["Unzipped"] = facts.bytes;
    if (facts.has_bootstrap) {
      function.code["Bootstrap"] = true;
    }
  }
  check_unpacked(function);
  require_handler(function, platform_.functions.entry_points());
  if (code.contains(members::ZipFile)) {
    if (purpose != Purpose::trying) {
      storage::BlobWriter writer = platform_.blobs.create(context.realm->id);
      writer.append(bytes);
      function.code_blob = writer.seal(batch).encode();
    }
  }
  function.config[members::CodeSize] = bytes.size();
  function.config[members::CodeSha256] =
      image ? sha256_hex(code[members::ImageUri].get<std::string>()) : to_base64(sha256(bytes));
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
  const std::string signing = input.value(members::CodeSigningConfigArn, "");
  std::vector<std::string> locks = layer_locks(context, input);
  locks.push_back(Store::function_key(context.realm->id, target.name));
  if (!signing.empty()) {
    locks.push_back(signing_lock(context, signing));
  }
  const auto guards = platform_.locks.lock_all(locks);
  if (store_.function(context.realm->id, target.name)) {
    throw errors::function_exists(target.name);
  }
  function.code = Json::object();
  set_layers(context, function, input.value(members::Layers, Json::array()));
  if (!signing.empty()) {
    set_signing(context, function, signing);
  }
  storage::Batch batch;
  set_code(context, function, input.at(members::Code), Purpose::creating, batch);
  function.config[members::LastModified] = last_modified(platform_.world.now().ms);
  function.config[members::RevisionId] = next_revision(context);
  Json answer = answers::creating(function.config);
  function.config[members::RevisionId] = next_revision(context);
  function.environment = function.revision();
  if (input.value(members::Publish, false)) {
    answer[members::Version] = publish(context, function, Json::object(), batch).version();
  }
  store_.put_function(context.realm->id, function, batch);
  after_change(context, function, true, batch);
  context.commit(batch);
  return answer;
}

Resolved Lambda::require_resolved(const Context& context, const Target& target) const {
  std::optional<Resolved> resolved =
      resolve(store_, context.realm->id, target.name, target.qualifier);
  if (!resolved) {
    throw errors::function_not_found(target.named_arn());
  }
  return *std::move(resolved);
}

gateway::Output Lambda::get_function(Context& context, Json input) {
  const Target target = target_of(context, input);
  auto [latest, function, alias] = require_resolved(context, target);
  Json code = {{members::RepositoryType, "S3"}};
  if (function.code.contains(members::ImageUri)) {
    const std::string uri = function.code[members::ImageUri];
    const std::string sha = function.config.at(members::CodeSha256);
    code = {{members::RepositoryType, "ECR"},
            {members::ImageUri, uri},
            {members::ResolvedImageUri, answers::repository_of(uri) + "@sha256:" + sha}};
  }
  if (function.code.contains(members::SourceKMSKeyArn)) {
    code[members::SourceKMSKeyArn] = function.code[members::SourceKMSKeyArn];
  }
  if (!function.code_blob.empty()) {
    add_location(context, code, "function", target.name, version_number(function.version()));
  }
  Json answer = {{members::Code, std::move(code)},
                 {members::Configuration, qualified(std::move(function.config), target.qualifier)}};
  if (!latest.tags.empty()) {
    answer[members::Tags] = std::move(latest.tags);
  }
  if (latest.reserved_concurrency) {
    answer[members::Concurrency] = {
        {members::ReservedConcurrentExecutions, *latest.reserved_concurrency}};
  }
  return answer;
}

gateway::Output Lambda::get_function_configuration(Context& context, Json input) {
  const Target target = target_of(context, input);
  Resolved resolved = require_resolved(context, target);
  return qualified(std::move(resolved.function.config), target.qualifier);
}

// A marker names the function and the version that its page ended with: "NAME:NUMBER", $LATEST as
// 0.
gateway::Output Lambda::list_functions(Context& context, Json input) {
  const size_t most = pages::size(input);
  const bool all_versions = input.contains(members::FunctionVersion);
  const std::string marker = pages::decode_marker(input);
  const size_t colon = std::min(marker.find(':'), marker.size());
  const std::string after = marker.substr(0, colon);
  const RealmId realm = context.realm->id;
  Json answer = {{members::Functions, Json::array()}};
  Json& listed_so_far = answer[members::Functions];
  std::string last = marker;
  // False when the page is full.
  const auto add = [&](Function function) {
    if (listed_so_far.size() == most) {
      answer[members::NextMarker] = pages::marker_after(last);
      return false;
    }
    last = function.name() + ':' + std::to_string(version_number(function.version()));
    const std::string qualifier = all_versions ? function.version() : std::string();
    listed_so_far.push_back(qualified(listed(std::move(function.config)), qualifier));
    return true;
  };
  const auto add_versions = [&](const std::string& name, uint64_t after_number) {
    for (Function& version : store_.versions(realm, name, after_number, most + 1)) {
      if (!add(std::move(version))) {
        return false;
      }
    }
    return true;
  };
  if (all_versions && colon < marker.size() &&
      !add_versions(after, version_number(std::string_view(marker).substr(colon + 1)))) {
    return answer;
  }
  for (Function& function : store_.functions(realm, after, most + 1)) {
    const std::string name = function.name();
    if (!add(std::move(function)) || (all_versions && !add_versions(name, 0))) {
      break;
    }
  }
  return answer;
}

gateway::Output Lambda::update_function_code(Context& context, Json input) {
  const Target target = latest_of(context, input);
  if (input.contains(members::PublishTo)) {
    throw errors::not_emulated(members::PublishTo);
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
    if (input.value(members::Publish, false)) {
      const std::string former = function.revision();
      const Function version = publish(context, function, Json::object(), batch);
      const bool is_new = function.revision() != former;
      answer =
          qualified(is_new ? answers::creating(version.config) : version.config, version.version());
    }
  });
  return answer;
}

gateway::Output Lambda::update_function_configuration(Context& context, Json input) {
  const Target target = latest_of(context, input);
  Json answer;
  std::vector<std::string> former_layers;
  const auto apply = [&](Function& function, storage::Batch&) {
    if (input.contains(members::RevisionId) && input[members::RevisionId] != function.revision()) {
      throw errors::stale_revision("GetFunction/GetAlias");
    }
    function.config = updated_configuration(std::move(function.config), input);
    if (input.contains(members::Layers)) {
      former_layers = layer_arns(function.config);
      set_layers(context, function, input[members::Layers]);
      check_unpacked(function);
    }
    require_handler(function, platform_.functions.entry_points());
    function.config[members::LastModified] = last_modified(platform_.world.now().ms);
    function.config[members::RevisionId] = next_revision(context);
    answer = answers::updating(function.config);
    function.config[members::RevisionId] = next_revision(context);
    function.environment = function.revision();
  };
  change(context, target, apply, layer_locks(context, input));
  release_layers(context, former_layers);
  return answer;
}

gateway::Output Lambda::delete_function(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (qualifier_kind(target.qualifier) == QualifierKind::alias) {
    throw errors::invalid_parameter("Deletion of aliases is not currently supported.");
  }
  if (target.qualifier == kLatest) {
    throw errors::invalid_parameter(
        "$LATEST version cannot be deleted without deleting the function.");
  }
  release_layers(context, target.qualifier.empty() ? delete_all_of(context, target)
                                                   : delete_version(context, target));
  return Json{{members::StatusCode, 204}};
}

std::vector<std::string> Lambda::delete_all_of(Context& context, const Target& target) {
  const RealmId realm = context.realm->id;
  const auto guard = platform_.locks.lock(Store::function_key(realm, target.name));
  const Function latest = require(context, target);
  std::vector<Function> all = store_.versions(realm, target.name, 0);
  all.push_back(latest);
  std::set<std::string> blobs;
  std::set<std::string> layers;
  for (const Function& version : all) {
    blobs.insert(version.code_blob);
    const std::vector<std::string> arns = layer_arns(version.config);
    layers.insert(arns.begin(), arns.end());
  }
  blobs.erase("");
  storage::Batch batch;
  for (const std::string& blob : blobs) {
    platform_.blobs.erase(storage::BlobId::decode(blob), batch);
  }
  store_.erase_all_of(realm, target.name, batch);
  invoke_store_.erase_function(realm, target.name, batch);
  batch.after_commit(
      [this, realm, name = target.name](uint64_t) { urls_.remove_function(realm, name); });
  after_delete(context, latest, batch);
  context.commit(batch);
  return {layers.begin(), layers.end()};
}

}  // namespace paddock::services::lambda
