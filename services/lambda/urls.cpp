// Function URLs as resources; url_serving.cpp answers them.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
#include <algorithm>

#include "core/ids.hpp"
#include "core/text.hpp"
#include "options.hpp"
#include "services/lambda/errors.hpp"
#include "services/lambda/limits.hpp"
#include "services/lambda/paging.hpp"
#include "services/lambda/service.hpp"
#include "services/lambda/url_http.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::lambda {
namespace function_urls {

// A tag of the function that names its URL's id.
constexpr const char* kCustomId = "_custom_id_";

AwsError no_function() {
  return errors::not_found("Function does not exist");
}

AwsError exists(const std::string& arn) {
  return errors::conflict("Failed to create function url config for [functionArn = " + arn +
                          "]. Error message:  FunctionUrlConfig exists for this Lambda function");
}

// As CreateFunctionUrlConfig and UpdateFunctionUrlConfig answer: without what they were not given.
Json given(Json config, const Json& input) {
  if (!input.contains(members::InvokeMode)) {
    config.erase(members::InvokeMode);
  }
  return config;
}

void apply(Json& config, const Json& input) {
  for (const char* name : {members::AuthType, members::InvokeMode}) {
    if (input.contains(name)) {
      config[name] = input[name];
    }
  }
  if (input.contains(members::Cors)) {
    if (input[members::Cors].empty()) {
      config.erase(members::Cors);
    } else {
      config[members::Cors] = input[members::Cors];
    }
  }
}

}  // namespace function_urls

Json Lambda::url_document(const Context& context, const FunctionUrl& url) {
  Json document = url.config;
  document[members::FunctionUrl] =
      url_of(url.id, context.region, context.scheme,
             context.authority.empty() ? "localhost:" + std::to_string(platform_.options.port)
                                       : context.authority);
  return document;
}

// From the function's tag, or one that nobody has.
std::string Lambda::new_url_id(const Context& context, const Target& target) const {
  const std::optional<Function> function = store_.function(context.realm->id, target.name);
  const std::string chosen =
      function ? function->tags.value(function_urls::kCustomId, std::string()) : "";
  if (chosen.empty()) {
    return platform_.ids.base36(context.realm->id, "lambda-url", 32);
  }
  const std::string id = target.qualifier.empty() ? chosen : chosen + "-" + target.qualifier;
  if (!is_url_id(id)) {
    throw errors::invalid_parameter(std::string("The tag ") + function_urls::kCustomId +
                                    " makes '" + id +
                                    "' a part of a host, which can only have a-z, 0-9 and '-'.");
  }
  if (urls_.find(id)) {
    throw errors::conflict("Another function has the URL '" + id + "'.");
  }
  return id;
}

gateway::Output Lambda::create_url(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (!has_function(context, target.name, target.qualifier)) {
    throw function_urls::no_function();
  }
  // One lock for all URLs of the realm: an id that a user chose must be one URL's.
  const auto guard = platform_.locks.lock(InvokeStore::url_key(context.realm->id, "", ""));
  const std::string arn = target.named_arn();
  if (invoke_store_.url(context.realm->id, target.name, target.qualifier)) {
    throw function_urls::exists(arn);
  }
  const std::string now = iso8601(platform_.world.now().ms);
  FunctionUrl url;
  url.id = new_url_id(context, target);
  url.function = target.name;
  url.qualifier = target.qualifier;
  url.config = {{members::FunctionArn, arn},
                {members::InvokeMode, "BUFFERED"},
                {members::CreationTime, now},
                {members::LastModifiedTime, now}};
  function_urls::apply(url.config, input);
  write_url(context, url);
  Json answer = function_urls::given(url_document(context, url), input);
  answer.erase(members::LastModifiedTime);
  return answer;
}

void Lambda::write_url(Context& context, const FunctionUrl& url) {
  storage::Batch batch;
  invoke_store_.put_url(context.realm->id, url, batch);
  batch.after_commit([this, realm = context.realm, url](uint64_t) { urls_.put(realm, url); });
  context.commit(batch);
}

void Lambda::drop_qualifier(RealmId realm, const std::string& function,
                            const std::string& qualifier, storage::Batch& batch) {
  invoke_store_.erase_event_invoke(realm, function, qualifier, batch);
  const std::optional<FunctionUrl> url = invoke_store_.url(realm, function, qualifier);
  if (!url) {
    return;
  }
  invoke_store_.erase_url(realm, function, qualifier, batch);
  batch.after_commit([this, realm, id = url->id](uint64_t) { urls_.remove(realm, id); });
}

gateway::Output Lambda::get_url(Context& context, Json input) {
  const Target target = target_of(context, input);
  const std::optional<FunctionUrl> url =
      invoke_store_.url(context.realm->id, target.name, target.qualifier);
  if (!url) {
    throw errors::resource_not_found();
  }
  return url_document(context, *url);
}

gateway::Output Lambda::update_url(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (!has_function(context, target.name, target.qualifier)) {
    throw function_urls::no_function();
  }
  const auto guard = platform_.locks.lock(InvokeStore::url_key(context.realm->id, "", ""));
  std::optional<FunctionUrl> url =
      invoke_store_.url(context.realm->id, target.name, target.qualifier);
  if (!url) {
    throw errors::resource_not_found();
  }
  function_urls::apply(url->config, input);
  url->config[members::LastModifiedTime] = iso8601(platform_.world.now().ms);
  write_url(context, *url);
  return function_urls::given(url_document(context, *url), input);
}

gateway::Output Lambda::delete_url(Context& context, Json input) {
  const Target target = target_of(context, input);
  const auto guard = platform_.locks.lock(InvokeStore::url_key(context.realm->id, "", ""));
  const std::optional<FunctionUrl> url =
      invoke_store_.url(context.realm->id, target.name, target.qualifier);
  if (!url) {
    throw errors::resource_not_found();
  }
  storage::Batch batch;
  invoke_store_.erase_url(context.realm->id, target.name, target.qualifier, batch);
  batch.after_commit(
      [this, realm = context.realm->id, id = url->id](uint64_t) { urls_.remove(realm, id); });
  context.commit(batch);
  return {};
}

gateway::Output Lambda::list_urls(Context& context, Json input) {
  const Target target = target_of(context, input);
  if (!has_function(context, target.name, "")) {
    throw function_urls::no_function();
  }
  std::vector<std::pair<std::string, Json>> items;
  for (const FunctionUrl& url : invoke_store_.urls(context.realm->id, target.name)) {
    items.emplace_back(url.config.at(members::FunctionArn).get<std::string>(),
                       url_document(context, url));
  }
  return pages::of(input, members::FunctionUrlConfigs, std::move(items));
}

}  // namespace paddock::services::lambda
