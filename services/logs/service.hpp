// CloudWatch Logs: groups, streams and events; the sink of what functions print. See README.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "events/log_sink.hpp"
#include "events/scheduler.hpp"
#include "gateway/service.hpp"
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
  void add(RealmId realm, const Group& group, Stream& stream, int64_t timestamp_ms,
           std::string message, storage::Batch& batch);

  gateway::Platform& platform_;
  Store store_;
};

std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::logs
