// Kinesis Data Streams. See README.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/log_source.hpp"
#include "events/scheduler.hpp"
#include "gateway/service.hpp"
#include "services/kinesis/catalog.hpp"
#include "services/kinesis/store.hpp"
#include "services/kinesis/throttle.hpp"
#include "storage/queue_index.hpp"

namespace paddock::services::kinesis {

class Kinesis : public gateway::Service, public events::LogSource {
 public:
  explicit Kinesis(gateway::Platform& platform);

  std::string_view name() const override { return "kinesis"; }
  std::vector<std::string> resources(const Realm& realm) const override;
  Json settings() const override;
  void change_settings(const Json& changes) override;

  // LogSource: log_source.cpp
  std::vector<events::LogShard> shards(const std::string& stream_arn) override;
  uint64_t start_position(const std::string& stream_arn, const std::string& shard_id,
                          events::StartAt start, WorldTime timestamp) override;
  events::LogPage read(const std::string& stream_arn, const std::string& shard_id,
                       uint64_t position, size_t most_records, size_t most_bytes) override;
  std::shared_ptr<void> subscribe(const std::string& stream_arn,
                                  std::function<void()> listener) override;

 private:
  using Context = gateway::RequestContext;
  using Output = gateway::Output;

  std::vector<gateway::Operation> operations();

  // The stream that the input names, by name, ARN or id. Throws ResourceNotFoundException,
  // InvalidArgumentException.
  StreamPtr require_stream(const Context& context, const Json& input);
  StreamPtr find_arn(std::string_view arn);
  StreamPtr require_arn(std::string_view arn);
  std::vector<StreamPtr> streams_of(const Context& context);
  // Locks the stream, changes a copy, commits and publishes it. `apply` may throw, and may add to
  // the batch. Returns the new version.
  StreamPtr change_stream(Context& context, const Json& input,
                          const std::function<void(StreamInfo&, storage::Batch&)>& apply);

  // streams.cpp
  Output create_stream(Context& context, Json input);
  Output delete_stream(Context& context, Json input);
  Output describe_stream(Context& context, Json input);
  Output describe_stream_summary(Context& context, Json input);
  Output list_streams(Context& context, Json input);
  Output describe_limits(Context& context, Json input);
  void check_shard_limit(const Context& context, const StreamInfo& stream, uint64_t more);

  // settings.cpp
  Output increase_retention(Context& context, Json input);
  Output decrease_retention(Context& context, Json input);
  Output enable_monitoring(Context& context, Json input);
  Output disable_monitoring(Context& context, Json input);
  Output start_encryption(Context& context, Json input);
  Output stop_encryption(Context& context, Json input);
  Output update_stream_mode(Context& context, Json input);
  Output update_max_record_size(Context& context, Json input);
  Output update_warm_throughput(Context& context, Json input);
  Output describe_account_settings(Context& context, Json input);
  Output update_account_settings(Context& context, Json input);

  // tags.cpp: tags and resource policies, of streams and consumers
  Output add_tags_to_stream(Context& context, Json input);
  Output remove_tags_from_stream(Context& context, Json input);
  Output list_tags_for_stream(Context& context, Json input);
  Output tag_resource(Context& context, Json input);
  Output untag_resource(Context& context, Json input);
  Output list_tags_for_resource(Context& context, Json input);
  Output put_resource_policy(Context& context, Json input);
  Output get_resource_policy(Context& context, Json input);
  Output delete_resource_policy(Context& context, Json input);
  // What has tags and a policy.
  struct Attached {
    std::map<std::string, std::string> tags;
    std::string policy;
  };
  Attached attached(const Context& context, const Json& input);
  void change_attached(Context& context, const Json& input,
                       const std::function<void(const StreamInfo&, Attached&)>& apply);

  // shards.cpp
  Output list_shards(Context& context, Json input);
  Output split_shard(Context& context, Json input);
  Output merge_shards(Context& context, Json input);
  Output update_shard_count(Context& context, Json input);
  // Closes an open shard for good; under the stream's lock. Its last number goes with the batch.
  void close_shard(StreamInfo& stream, uint32_t index, int64_t now_ms, storage::Batch& batch);
  std::pair<uint32_t, uint32_t> split(StreamInfo& stream, uint32_t index, HashKey at,
                                      int64_t now_ms, storage::Batch& batch);
  uint32_t merge(StreamInfo& stream, uint32_t one, uint32_t other, int64_t now_ms,
                 storage::Batch& batch);

  // put.cpp
  Output put_record(Context& context, Json input);
  Output put_records(Context& context, Json input);
  struct Entry {
    std::string_view data;
    std::string_view partition_key;
    std::string_view explicit_hash_key;
  };
  struct Placed {
    uint32_t shard = 0;
    std::string sequence_number;  // "" if it was refused
  };
  // All in one batch; under the stream's lock. Entries are checked.
  std::vector<Placed> put(Context& context, const StreamInfo& named,
                          const std::vector<Entry>& entries);

  // read.cpp
  Output get_shard_iterator(Context& context, Json input);
  Task<Output> get_records(Context& context, Json input);
  struct Found {
    StreamPtr stream;
    ShardIterator iterator;
    size_t limit = 0;
  };
  // Throws as GetRecords does.
  Found check_iterator(const Context& context, const Json& input);
  struct Page {
    uint64_t next = 0;
    size_t records = 0;
    size_t bytes = 0;
    WorldTime last;       // when the last of its records came
    bool at_tip = false;  // there is nothing more now
    bool end_of_shard = false;
  };
  // Hands out records from `position` on, at most so many and about so many bytes (one is always
  // handed out).
  Page walk(const StreamInfo& stream, const Shard& shard, uint64_t position, size_t most,
            size_t most_bytes, const std::function<void(uint64_t position, const Record&)>& visit);
  Page append_records(const StreamInfo& stream, const Shard& shard, uint64_t position, size_t most,
                      std::string& text);
  Output answer(const Found& found, std::string text, const Page& page);
  Json behind(const Page& page) const;
  // The first position whose record came at or after `since`; the readable end if there is none.
  uint64_t first_since(const StreamInfo& stream, const Shard& shard, WorldTime since);
  uint64_t readable_end(const StreamInfo& stream, const Shard& shard);
  // Where an iterator of that type begins. Throws InvalidArgumentException.
  uint64_t start_of(const StreamInfo& stream, const Shard& shard, std::string_view operation,
                    std::string_view type, const Json& number, const Json& timestamp);
  const Shard& require_shard(const StreamInfo& stream, std::string_view id) const;

  // trim.cpp
  static constexpr const char* kTrimTarget = "kinesis:trim";
  void set_trim_timer(const StreamInfo& stream, WorldTime due, storage::Batch& batch);
  void trim(const events::Timer& timer);
  WorldTime trim_shard(const StreamInfo& stream, const Shard& shard, WorldTime since,
                       storage::Batch& batch,
                       std::vector<std::pair<std::string, std::string>>& consumed);

  // consumers.cpp
  Output register_consumer(Context& context, Json input);
  Output deregister_consumer(Context& context, Json input);
  Output describe_consumer(Context& context, Json input);
  Output list_consumers(Context& context, Json input);
  std::pair<StreamPtr, Consumer> require_consumer(const Context& context, const Json& input);

  // subscribe.cpp
  struct Subscription;
  Output subscribe_to_shard(Context& context, Json input);
  Task<void> serve(Context& context, std::shared_ptr<Subscription> subscription,
                   gateway::EventWriter& writer);
  Json next_event(Subscription& subscription);
  void notify_stream(const std::string& log);

  Json children_json(const StreamInfo& stream, uint32_t index) const;

  gateway::Platform& platform_;
  Store store_;
  Catalog catalog_;
  storage::QueueIndex records_;  // a queue per shard
  Throttle throttle_;

  std::mutex listeners_mutex_;
  std::multimap<std::string, std::weak_ptr<std::function<void()>>> listeners_;  // by stream prefix

  // When a consumer's subscription to a shard began, and which one it is.
  struct Subscribed {
    WorldTime at;
    uint64_t number = 0;
  };
  std::mutex subscriptions_mutex_;
  uint64_t next_subscription_ = 1;
  std::map<std::string, Subscribed> subscriptions_;  // by consumer's ARN, a space, the shard's id
};

// How services/all.cpp makes it.
std::unique_ptr<gateway::Service> make(gateway::Platform& platform);

}  // namespace paddock::services::kinesis
