// AWS Lambda: functions, their invocation, and event source mappings. See README.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/arn.hpp"
#include "gateway/service.hpp"
#include "services/lambda/async.hpp"
#include "services/lambda/destinations.hpp"
#include "services/lambda/function_keys.hpp"
#include "services/lambda/invoke_store.hpp"
#include "services/lambda/invoker.hpp"
#include "services/lambda/poller.hpp"
#include "services/lambda/qualifiers.hpp"
#include "services/lambda/store.hpp"
#include "services/lambda/streaming.hpp"
#include "services/lambda/url_directory.hpp"
#include "services/lambda/url_http.hpp"

namespace paddock::services::lambda {

class Lambda : public gateway::Service {
 public:
  explicit Lambda(gateway::Platform& platform);

  std::string_view name() const override { return "lambda"; }
  std::vector<std::string> resources(const Realm& realm) const override;
  void start() override;
  void stop() override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;

  // A function as a call names it.
  struct Target {
    std::string name;
    std::string qualifier;  // "" if none
    std::string arn;        // unqualified

    std::string named_arn() const { return qualifier.empty() ? arn : arn + ":" + qualifier; }
  };
  // From FunctionName and Qualifier. Throws if they disagree or another region is meant.
  static Target target_of(const Context& context, const Json& input);
  // The same, for calls that know $LATEST alone: any other qualifier is not found.
  static Target latest_of(const Context& context, const Json& input);
  Function require(const Context& context, const Target& target) const;
  // Reads, changes and writes a function under its lock, and under `more_locks`.
  Function change(Context& context, const Target& target,
                  const std::function<void(Function&, storage::Batch&)>& apply,
                  std::vector<std::string> more_locks = {});
  // Lets caches, warm environments of this version (if they are of another configuration now) and
  // pollers know.
  void after_change(Context& context, const Function& function, bool retires,
                    storage::Batch& batch);
  // The same for a function that goes with all its versions.
  void after_delete(Context& context, const Function& function, storage::Batch& batch);
  // Lets caches and pollers know of other rows of the function: aliases, policies.
  void forget_after(Context& context, const std::string& name, storage::Batch& batch);
  std::string next_revision(const Context& context) const;

  // functions.cpp
  Output create_function(Context& context, Json input);
  Output get_function(Context& context, Json input);
  Output get_function_configuration(Context& context, Json input);
  Output list_functions(Context& context, Json input);
  Output update_function_code(Context& context, Json input);
  Output update_function_configuration(Context& context, Json input);
  Output delete_function(Context& context, Json input);
  // What the target names; throws "Function not found".
  Resolved require_resolved(const Context& context, const Target& target) const;
  static Json listed(Json config);
  enum class Purpose { creating, updating, trying };
  void set_code(Context& context, Function& function, const Json& code, Purpose purpose,
                storage::Batch& batch);

  // invoke.cpp
  struct Asked {
    std::shared_ptr<const Runnable> runnable;
    std::string type;  // InvocationType
    AsyncInvocation call;
  };
  // From the input of an invocation. Throws for what it cannot be.
  Asked asked_of(Context& context, const Json& input, size_t event_limit);
  // Throws if the payload is no JSON, or the function has no runtime here.
  static void require_runnable(const Asked& asked);
  static ::paddock::lambda::Invocation invocation_of(const Context& context, Asked asked);
  static AwsError throttled(const Runnable& runnable);
  Task<Output> invoke(Context& context, Json input);
  Task<Output> invoke_async(Context& context, Json input);  // invoke_async.cpp
  Task<Output> invoke_later(Context& context, AsyncInvocation invocation);
  // Commits the invocation to the outbox; may be called again after CommitWouldWait.
  std::function<uint64_t()> writing(Context& context, const AsyncInvocation& invocation);

  // versions.cpp
  Output publish_version(Context& context, Json input);
  Output list_versions_by_function(Context& context, Json input);
  // Publishes $LATEST under its lock, unless the last version is equal, which is returned then.
  // Gives `latest` a new revision; writing it is the caller's. `input` may have a Description.
  Function publish(Context& context, Function& latest, const Json& input, storage::Batch& batch);
  // Erases the code of a row that goes or gets other code, unless another version has it as well.
  void free_code(RealmId realm, const Function& leaving, storage::Batch& batch);
  // Both return the layers that are to be released.
  std::vector<std::string> delete_version(Context& context, const Target& target);
  std::vector<std::string> delete_all_of(Context& context, const Target& target);

  // aliases.cpp
  Output create_alias(Context& context, Json input);
  Output get_alias(Context& context, Json input);
  Output list_aliases(Context& context, Json input);
  Output update_alias(Context& context, Json input);
  Output delete_alias(Context& context, Json input);
  void check_alias(const Context& context, const Target& target, const Alias& alias) const;
  void put_alias(Context& context, const Target& target, const Alias& alias);

  // layers.cpp
  Output publish_layer_version(Context& context, Json input);
  Output get_layer_version(Context& context, Json input);
  Output get_layer_version_by_arn(Context& context, Json input);
  Output list_layer_versions(Context& context, Json input);
  Output list_layers(Context& context, Json input);
  Output delete_layer_version(Context& context, Json input);
  Output add_layer_permission(Context& context, Json input);
  Output remove_layer_permission(Context& context, Json input);
  Output get_layer_policy(Context& context, Json input);
  Json layer_answer(const Context& context, const std::string& name, LayerVersion layer) const;
  LayerVersion require_layer(const Context& context, const Json& input) const;
  // The keys of the layers that a function's input names: to be locked while they are checked and
  // the function is written.
  static std::vector<std::string> layer_locks(const Context& context, const Json& input);
  // Gives the function these layers; throws for what AWS refuses.
  void set_layers(const Context& context, Function& function, const Json& arns) const;
  // After a function was changed that had these layers, and outside its lock: drops those that were
  // deleted and that no function has any more.
  void release_layers(Context& context, const std::vector<std::string>& arns);
  void drop_layer(RealmId realm, const std::string& name, const LayerVersion& layer,
                  storage::Batch& batch);

  // code_signing.cpp
  Output create_code_signing(Context& context, Json input);
  Output get_code_signing(Context& context, Json input);
  Output list_code_signing(Context& context, Json input);
  Output update_code_signing(Context& context, Json input);
  Output delete_code_signing(Context& context, Json input);
  Output list_functions_by_code_signing(Context& context, Json input);
  Output put_function_code_signing(Context& context, Json input);
  Output get_function_code_signing(Context& context, Json input);
  Output delete_function_code_signing(Context& context, Json input);
  CodeSigning require_signing(const Context& context, const Json& input) const;
  // Attaches the configuration, which must exist and be locked, to the function.
  void set_signing(const Context& context, Function& function, const std::string& arn) const;
  static std::string signing_lock(const Context& context, const std::string& arn);
  std::vector<std::string> functions_signed_by(RealmId realm, const std::string& arn) const;

  // code_location.cpp
  // Sets Location in the answer's place; `version` 0 is $LATEST.
  void add_location(const Context& context, Json& place, const char* kind, const std::string& name,
                    uint64_t version) const;
  static bool is_code_location(std::string_view path);
  std::string package_at(std::string_view path) const;
  Task<void> serve_code(http::Exchange& exchange, Context& context);

  // function_settings.cpp
  Output put_provisioned_concurrency(Context& context, Json input);
  Output get_provisioned_concurrency(Context& context, Json input);
  Output list_provisioned_concurrency(Context& context, Json input);
  Output delete_provisioned_concurrency(Context& context, Json input);
  Output put_runtime_management(Context& context, Json input);
  Output get_runtime_management(Context& context, Json input);
  Output put_recursion_config(Context& context, Json input);
  Output get_recursion_config(Context& context, Json input);
  Function require_published(const Context& context, const Target& target) const;
  // Drops what is kept of a version or an alias that goes.
  static void forget_qualifier(Function& latest, const std::string& qualifier);

  // invoke_stream.cpp
  Task<Output> invoke_with_response_stream(Context& context, Json input);

  // event_invoke.cpp
  struct EventInvokeTarget : Target {  // the qualifier is never ""
    std::string key;                   // of its row's lock
  };
  EventInvokeTarget event_invoke_target(const Context& context, const Json& input) const;
  static AwsError no_event_invoke(const EventInvokeTarget& target);
  void check_destinations(const Context& context, const Json& config,
                          const std::string& function) const;
  bool has_function(const Context& context, const std::string& name,
                    const std::string& qualifier) const;
  Output write_event_invoke(Context& context, const Json& input, bool merges);
  Output put_event_invoke_config(Context& context, Json input);
  Output update_event_invoke_config(Context& context, Json input);
  Output get_event_invoke_config(Context& context, Json input);
  Output delete_event_invoke_config(Context& context, Json input);
  Output list_event_invoke_configs(Context& context, Json input);

  // urls.cpp
  Output create_url(Context& context, Json input);
  Output get_url(Context& context, Json input);
  Output update_url(Context& context, Json input);
  Output delete_url(Context& context, Json input);
  Output list_urls(Context& context, Json input);
  Json url_document(const Context& context, const FunctionUrl& url);
  std::string new_url_id(const Context& context, const Target& target) const;
  void write_url(Context& context, const FunctionUrl& url);
  // What a version or an alias takes along: its event invoke config and its URL.
  void drop_qualifier(RealmId realm, const std::string& function, const std::string& qualifier,
                      storage::Batch& batch);

  // url_serving.cpp
  struct UrlCall {  // one request to a function URL
    MachineClock::Steady started;
    UrlAddress address;
    std::shared_ptr<const ServedUrl> served;
    Json cors;  // null: not configured
    std::optional<identity::Principal> caller;
  };
  Task<void> serve_url(http::Exchange& exchange, Context& context);
  std::optional<identity::Principal> authenticate_url(const http::RequestHead& head,
                                                      std::string_view body,
                                                      const ServedUrl& served) const;
  Task<void> run_url(http::Exchange& exchange, Context& context, UrlCall& call, std::string event);
  Task<void> stream_url(http::Exchange& exchange, Context& context, UrlCall& call,
                        std::shared_ptr<StreamedRun> run);
  static http::Response buffered_url_response(const ::paddock::lambda::InvocationResult& result);
  void finish_url_head(const http::RequestHead& head, const Context& context, const UrlCall& call,
                       http::Response& response) const;
  Task<void> answer_url(http::Exchange& exchange, Context& context, UrlCall& call,
                        http::Response response);
  void record_url(const Context& context, const UrlCall& call, int status);

  // permissions.cpp
  void change_policy(Context& context, const Target& target,
                     const std::function<void(Json&, const std::string&)>& apply);
  Output add_permission(Context& context, Json input);
  Output remove_permission(Context& context, Json input);
  Output get_policy(Context& context, Json input);

  // mappings.cpp
  Output create_mapping(Context& context, Json input);
  Output get_mapping(Context& context, Json input);
  Output list_mappings(Context& context, Json input);
  Output update_mapping(Context& context, Json input);
  Output delete_mapping(Context& context, Json input);
  Json mapping_document(const Context& context, const Mapping& mapping, const char* state) const;
  Mapping require_mapping(const Context& context, const std::string& uuid) const;
  using Starts = std::vector<std::pair<std::string, ShardPosition>>;  // by shard
  // Of a new mapping on a stream. Throws for what cannot be joined.
  Starts stream_starts(const Json& input, const Arn& source) const;
  // The same for one on a queue, also when it changes.
  void check_queue_mapping(const Json& config, const Function& function) const;

  // settings.cpp
  Output get_account_settings(Context& context, Json input);
  Output put_function_concurrency(Context& context, Json input);
  Output get_function_concurrency(Context& context, Json input);
  Output delete_function_concurrency(Context& context, Json input);
  Output tag_resource(Context& context, Json input);
  Output untag_resource(Context& context, Json input);
  Output list_tags(Context& context, Json input);
  // Applies `apply` to the tags of the function or mapping that the ARN names, and commits.
  void change_tags(Context& context, const std::string& arn,
                   const std::function<void(Json&)>& apply);
  Json tags_of(const Context& context, const std::string& arn) const;

  gateway::Platform& platform_;
  FunctionKeys keys_;
  Store store_;
  InvokeStore invoke_store_;
  Runnables runnables_;
  Invoker invoker_;
  Destinations destinations_;
  AsyncInvocations async_;
  UrlDirectory urls_;
  Pollers pollers_;
};

std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::lambda
