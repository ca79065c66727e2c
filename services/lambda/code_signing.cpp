// Code signing configurations: kept and attached to functions. Packages' signatures are not
// checked.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
#include "core/arn.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/paging.hpp"
#include "services/lambda/service.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace signing {

constexpr const char* kSetting = "code_signing";  // of a function: the ARN

std::string id_of(const Json& input) {
  const std::string arn = input.at(members::CodeSigningConfigArn);
  return arn.substr(arn.rfind(':') + 1);
}

AwsError not_found(const Json& input) {  // recorded without a Type
  return AwsError("ResourceNotFoundException",
                  "The Lambda code signing configuration " +
                      input.at(members::CodeSigningConfigArn).get<std::string>() +
                      " can not be found.",
                  404);
}

}  // namespace signing

CodeSigning Lambda::require_signing(const Context& context, const Json& input) const {
  std::optional<CodeSigning> signing =
      store_.code_signing(context.realm->id, signing::id_of(input));
  if (!signing || signing->config.at(members::CodeSigningConfigArn) !=
                      input.at(members::CodeSigningConfigArn)) {
    throw signing::not_found(input);
  }
  return *std::move(signing);
}

std::string Lambda::signing_lock(const Context& context, const std::string& arn) {
  return Store::code_signing_key(context.realm->id, arn.substr(arn.rfind(':') + 1));
}

void Lambda::set_signing(const Context& context, Function& function, const std::string& arn) const {
  const std::optional<CodeSigning> signing =
      store_.code_signing(context.realm->id, arn.substr(arn.rfind(':') + 1));
  if (!signing || signing->config.at(members::CodeSigningConfigArn) != arn) {
    throw errors::user("CodeSigningConfigNotFoundException",
                       "The code signing configuration cannot be found. Check that the provided "
                       "configuration is not deleted: " +
                           arn + ".",
                       404);
  }
  function.settings[signing::kSetting] = arn;
}

gateway::Output Lambda::create_code_signing(Context& context, Json input) {
  const std::string id = "csc-" + platform_.ids.hex(context.realm->id, "lambda-signing", 17);
  CodeSigning signing;
  signing.config = {{members::CodeSigningConfigId, id},
                    {members::CodeSigningConfigArn, context.arn("code-signing-config:" + id)},
                    {members::AllowedPublishers, input.at(members::AllowedPublishers)},
                    {members::CodeSigningPolicies,
                     input.value(members::CodeSigningPolicies,
                                 Json{{members::UntrustedArtifactOnDeployment, "Warn"}})},
                    {members::LastModified, last_modified(platform_.world.now().ms)}};
  if (input.contains(members::Description)) {
    signing.config[members::Description] = input[members::Description];
  }
  signing.tags = input.value(members::Tags, Json::object());
  storage::Batch batch;
  store_.put_code_signing(context.realm->id, signing, batch);
  context.commit(batch);
  return Json{{members::CodeSigningConfig, std::move(signing.config)}};
}

gateway::Output Lambda::get_code_signing(Context& context, Json input) {
  return Json{{members::CodeSigningConfig, require_signing(context, input).config}};
}

gateway::Output Lambda::list_code_signing(Context& context, Json input) {
  std::vector<std::pair<std::string, Json>> items;
  for (CodeSigning& signing : store_.code_signings(context.realm->id)) {
    items.emplace_back(signing.id(), std::move(signing.config));
  }
  return pages::of(input, members::CodeSigningConfigs, std::move(items));
}

gateway::Output Lambda::update_code_signing(Context& context, Json input) {
  const auto guard =
      platform_.locks.lock(signing_lock(context, input.at(members::CodeSigningConfigArn)));
  CodeSigning signing = require_signing(context, input);
  for (const char* name :
       {members::Description, members::AllowedPublishers, members::CodeSigningPolicies}) {
    if (input.contains(name)) {
      signing.config[name] = input[name];
    }
  }
  signing.config[members::LastModified] = last_modified(platform_.world.now().ms);
  storage::Batch batch;
  store_.put_code_signing(context.realm->id, signing, batch);
  context.commit(batch);
  return Json{{members::CodeSigningConfig, std::move(signing.config)}};
}

gateway::Output Lambda::delete_code_signing(Context& context, Json input) {
  const RealmId realm = context.realm->id;
  const std::string id = signing::id_of(input);
  const auto guard = platform_.locks.lock(Store::code_signing_key(realm, id));
  const CodeSigning signing = require_signing(context, input);
  if (!functions_signed_by(realm, signing.config.at(members::CodeSigningConfigArn)).empty()) {
    throw errors::conflict(
        "The code signing configuration is attached to functions and cannot be deleted.");
  }
  storage::Batch batch;
  store_.erase_code_signing(realm, id, batch);
  context.commit(batch);
  return Json::object();
}

std::vector<std::string> Lambda::functions_signed_by(RealmId realm, const std::string& arn) const {
  std::vector<std::string> found;
  std::string after;
  for (;;) {
    const std::vector<Function> page = store_.functions(realm, after, kMostListed);
    for (const Function& function : page) {
      if (function.settings.value(signing::kSetting, "") == arn) {
        found.push_back(function.arn());
      }
    }
    if (page.size() < kMostListed) {
      return found;
    }
    after = page.back().name();
  }
}

gateway::Output Lambda::list_functions_by_code_signing(Context& context, Json input) {
  const CodeSigning signing = require_signing(context, input);
  std::vector<std::pair<std::string, Json>> items;
  for (const std::string& arn :
       functions_signed_by(context.realm->id, signing.config.at(members::CodeSigningConfigArn))) {
    items.emplace_back(arn, arn);
  }
  return pages::of(input, members::FunctionArns, std::move(items));
}

gateway::Output Lambda::put_function_code_signing(Context& context, Json input) {
  const Target target = latest_of(context, input);
  const std::string arn = input.at(members::CodeSigningConfigArn);
  Function nobody;  // a configuration that is missing is named before a function that is
  set_signing(context, nobody, arn);
  change(context, target,
         [&](Function& function, storage::Batch&) { set_signing(context, function, arn); },
         {signing_lock(context, arn)});
  return Json{{members::CodeSigningConfigArn, arn}, {members::FunctionName, target.name}};
}

gateway::Output Lambda::get_function_code_signing(Context& context, Json input) {
  const Function function = require(context, latest_of(context, input));
  const std::string arn = function.settings.value(signing::kSetting, "");
  if (arn.empty()) {
    return Json::object();
  }
  return Json{{members::CodeSigningConfigArn, arn}, {members::FunctionName, function.name()}};
}

gateway::Output Lambda::delete_function_code_signing(Context& context, Json input) {
  change(context, latest_of(context, input),
         [](Function& function, storage::Batch&) { function.settings.erase(signing::kSetting); });
  return {};
}

}  // namespace paddock::services::lambda
