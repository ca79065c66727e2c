// CloudWatch Logs: groups, streams and events; the sink of what functions print. See README.md.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "events/log_sink.hpp"
#include "events/outbox.hpp"
#include "events/scheduler.hpp"
#include "gateway/service.hpp"
#include "services/logs/live_tail.hpp"
#include "services/logs/store.hpp"

namespace paddock::services::logs {

class Logs : public gateway::Service, public events::LogSink {
 public:
  explicit Logs(gateway::Platform& platform);

  std::string_view name() const override { return "logs"; }
  std::vector<std::string> resources(const Realm& realm) const override;

  void append(const std::string& account, const std::string& region, const std::string& group,
              const std::string& stream, std::vector<events::LogLine> lines) override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;

  void add_operations(std::vector<gateway::Operation>& operations);

  // groups.cpp
  Output create_log_group(Context& context, Json input);
  Output delete_log_group(Context& context, Json input);
  Output describe_log_groups(Context& context, Json input);
  Output put_retention_policy(Context& context, Json input);
  Output delete_retention_policy(Context& context, Json input);
  Output tag_log_group(Context& context, Json input);
  Output untag_log_group(Context& context, Json input);
  Output list_tags_log_group(Context& context, Json input);
  Output tag_resource(Context& context, Json input);
  Output untag_resource(Context& context, Json input);
  Output list_tags_for_resource(Context& context, Json input);
  Output list_log_groups(Context& context, Json input);
  Output put_deletion_protection(Context& context, Json input);
  Output associate_kms_key(Context& context, Json input);
  Output disassociate_kms_key(Context& context, Json input);
  void set_kms_key(Context& context, const Json& input, const std::string& key);
  Group require_group(const Context& context, const std::string& name) const;
  void change_group(Context& context, const std::string& name,
                    const std::function<void(Group&, storage::Batch&)>& apply);
  Json describe(const Context& context, const Group& group, bool with_sizes) const;
  // The daily timer of a group that has a retention.
  events::Timer retention_timer(RealmId realm, const std::string& group) const;
  void trim(const events::Timer& timer);

  // streams.cpp
  Output create_log_stream(Context& context, Json input);
  Output delete_log_stream(Context& context, Json input);
  Output describe_log_streams(Context& context, Json input);
  // From logGroupName or logGroupIdentifier.
  Group group_of(const Context& context, const Json& input) const;
  Stream require_stream(const Context& context, const Group& group, const std::string& name) const;

  // events.cpp
  Output put_log_events(Context& context, Json input);
  Output get_log_events(Context& context, Json input);
  Output filter_log_events(Context& context, Json input);
  // Adds one event and updates the stream's row in memory; the caller writes that.
  Event add(RealmId realm, const Group& group, Stream& stream, int64_t timestamp_ms,
            std::string message, storage::Batch& batch);
  void written(const Realm& realm, const Group& group, const Stream& stream,
               const std::vector<Event>& events);

  // subscriptions.cpp
  static constexpr const char* kSubscriptionTarget = "logs:subscription";
  Task<Output> put_subscription_filter(Context& context, Json input);
  Output describe_subscription_filters(Context& context, Json input);
  Output delete_subscription_filter(Context& context, Json input);
  void check_subscription(const Context& context, const Json& input) const;
  void subscribe(const Realm& realm, const Group& group, const Stream& stream,
                 const std::vector<Event>& events, const Cause& cause, storage::Batch& batch);
  Task<events::Delivered> deliver(events::OutboxEntry entry);

  // metric_filters.cpp
  Output put_metric_filter(Context& context, Json input);
  Output describe_metric_filters(Context& context, Json input);
  Output delete_metric_filter(Context& context, Json input);
  Output test_metric_filter(Context& context, Json input);
  void count(const Realm& realm, const Group& group, const std::vector<Event>& events);

  // records.cpp
  Output put_resource_policy(Context& context, Json input);
  Output describe_resource_policies(Context& context, Json input);
  Output delete_resource_policy(Context& context, Json input);
  Output put_destination(Context& context, Json input);
  Output put_destination_policy(Context& context, Json input);
  Output describe_destinations(Context& context, Json input);
  Output delete_destination(Context& context, Json input);
  Output describe_records(Context& context, const Json& input, storage::Kind kind,
                          const std::string& prefix, const char* member) const;
  // Members that Paddock would have to ignore: refused by name.
  static void refuse_members(const Json& input, std::initializer_list<const char*> names);
  // Tokens of lists by name: where the page before ended. page_after throws for other texts.
  static std::string page_token(const std::string& last);
  static std::string page_after(const Json& input);
  static CallIdentity service_identity(std::string account, std::string region, Cause cause);
  static void require_standard(const Group& group);
  void keep_filter(Context& context, storage::Kind kind, const std::string& group_name,
                   Json described);
  void drop_filter(Context& context, storage::Kind kind, const Json& input);

  // tail.cpp
  Output start_live_tail(Context& context, Json input);
  Task<void> tail(Context& context, std::shared_ptr<LiveTails::Entry> entry, Json start,
                  gateway::EventWriter& writer);

  gateway::Platform& platform_;
  Store store_;
  LiveTails tails_;
};

std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::logs
