#include "services/kinesis/service.hpp"

#include <stdexcept>

#include "core/arn.hpp"
#include "events/log_sequencer.hpp"
#include "events/waiters.hpp"
#include "models/kinesis.hpp"
#include "options.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/limits.hpp"
#include "storage/key_locks.hpp"
#include "storage/realms.hpp"

namespace paddock::services::kinesis {

namespace m = models::kinesis_members;
using gateway::Access;
using gateway::Fidelity;
using gateway::Operation;

namespace wiring {

constexpr std::string_view kUnpoliced = "policies are kept, not evaluated";
constexpr std::string_view kPlain = "encryption is shown, not done";
// The largest PutRecords, in base64, with room to spare.
constexpr size_t kBodyLimit = 16 * 1024 * 1024;

AwsError invalid(const wire::OperationModel&, const std::vector<wire::Violation>& violations) {
  return errors::validation(wire::summary(violations));
}

std::string_view message_member(std::string_view code) {
  return code == "SerializationException" ? "Message" : "message";
}

std::vector<std::string> stream(const gateway::RequestContext& context, const Json& input) {
  for (const char* member : {m::StreamARN, m::ResourceARN, m::ConsumerARN}) {
    const auto arn = input.find(member);
    if (arn != input.end() && arn->is_string()) return {arn->get<std::string>()};
  }
  const auto name = input.find(m::StreamName);
  if (name == input.end() || !name->is_string()) return {"*"};
  return {context.arn("stream/" + name->get<std::string>())};
}

const char* mode_name(Throttle::Mode mode) {
  switch (mode) {
    case Throttle::Mode::off:
      return "off";
    case Throttle::Mode::observe:
      return "observe";
    case Throttle::Mode::enforce:
      return "enforce";
  }
  return "";
}

}  // namespace wiring

Kinesis::Kinesis(gateway::Platform& platform)
    : platform_(platform),
      store_(platform.database),
      catalog_(store_),
      records_(platform.database, storage::Family::log) {
  throttle_.set(platform.options.limits);
  gateway::Api api;
  api.model = &models::kinesis;
  api.operations = operations();
  api.invalid = &wiring::invalid;
  api.error_style.message_member = &wiring::message_member;
  api.throttling_code = "LimitExceededException";
  api.body_limit = wiring::kBodyLimit;
  apis_.push_back(std::move(api));
  platform.log_sources.add("kinesis", *this);
  platform.realms.on_reset(
      [this](const std::vector<RealmId>& dead) { catalog_.drop_realms(dead); });
  platform.scheduler.handle(kTrimTarget, [this](const events::Timer& timer) { trim(timer); });
  platform.sequencer.on_readable([this](const std::string& log) {
    if (storage::KeyReader(log).kind() == kRecordKind) notify_stream(log);
  });
}

std::unique_ptr<gateway::Service> make(gateway::Platform& platform) {
  return std::make_unique<Kinesis>(platform);
}

std::vector<std::string> Kinesis::resources(const Realm& realm) const {
  std::vector<std::string> arns;
  for (const StreamInfo& stream : store_.streams(realm.id)) arns.push_back(stream.arn());
  return arns;
}

Json Kinesis::settings() const {
  return {{"limits", wiring::mode_name(throttle_.mode())}};
}

void Kinesis::change_settings(const Json& changes) {
  std::optional<Throttle::Mode> mode;
  for (const auto& [name, value] : changes.get_ref<const Json::object_t&>()) {
    if (name != "limits") throw std::invalid_argument("Kinesis has no setting \"" + name + "\".");
    for (const auto known :
         {Throttle::Mode::off, Throttle::Mode::observe, Throttle::Mode::enforce}) {
      if (value == wiring::mode_name(known)) mode = known;
    }
    if (!mode) throw std::invalid_argument("limits is \"off\", \"observe\" or \"enforce\".");
  }
  if (mode) throttle_.set(*mode);
}

std::vector<Operation> Kinesis::operations() {
  using gateway::plain;
  using gateway::waiting;
  constexpr Access kRead = Access::read;
  constexpr Access kWrite = Access::write;
  const Fidelity full = Fidelity::full();
  const Fidelity kept = Fidelity::partial(wiring::kUnpoliced);
  const Fidelity shown = Fidelity::partial(wiring::kPlain);
  std::vector<Operation> rows;
  const auto add = [&rows](std::string_view name, std::string_view action,
                           gateway::HandlerVariant handler, const Fidelity& fidelity,
                           Access access) {
    rows.push_back({name, std::move(handler), access, fidelity, action, &wiring::stream, {}});
  };
#define PADDOCK_KINESIS_ROW(operation, handler, fidelity, access) \
  add(#operation, "kinesis:" #operation, handler, fidelity, access)
  PADDOCK_KINESIS_ROW(CreateStream, plain(this, &Kinesis::create_stream), full, kWrite);
  PADDOCK_KINESIS_ROW(DeleteStream, plain(this, &Kinesis::delete_stream), full, kRead);
  PADDOCK_KINESIS_ROW(DescribeStream, plain(this, &Kinesis::describe_stream), full, kRead);
  PADDOCK_KINESIS_ROW(DescribeStreamSummary, plain(this, &Kinesis::describe_stream_summary), full,
                      kRead);
  PADDOCK_KINESIS_ROW(ListStreams, plain(this, &Kinesis::list_streams), full, kRead);
  PADDOCK_KINESIS_ROW(DescribeLimits, plain(this, &Kinesis::describe_limits), full, kRead);
  PADDOCK_KINESIS_ROW(IncreaseStreamRetentionPeriod, plain(this, &Kinesis::increase_retention),
                      full, kRead);
  PADDOCK_KINESIS_ROW(DecreaseStreamRetentionPeriod, plain(this, &Kinesis::decrease_retention),
                      full, kRead);
  PADDOCK_KINESIS_ROW(EnableEnhancedMonitoring, plain(this, &Kinesis::enable_monitoring), full,
                      kRead);
  PADDOCK_KINESIS_ROW(DisableEnhancedMonitoring, plain(this, &Kinesis::disable_monitoring), full,
                      kRead);
  PADDOCK_KINESIS_ROW(StartStreamEncryption, plain(this, &Kinesis::start_encryption), shown, kRead);
  PADDOCK_KINESIS_ROW(StopStreamEncryption, plain(this, &Kinesis::stop_encryption), full, kRead);
  PADDOCK_KINESIS_ROW(UpdateStreamMode, plain(this, &Kinesis::update_stream_mode), full, kRead);
  PADDOCK_KINESIS_ROW(UpdateMaxRecordSize, plain(this, &Kinesis::update_max_record_size), full,
                      kRead);
  PADDOCK_KINESIS_ROW(UpdateStreamWarmThroughput, plain(this, &Kinesis::update_warm_throughput),
                      full, kRead);
  PADDOCK_KINESIS_ROW(DescribeAccountSettings, plain(this, &Kinesis::describe_account_settings),
                      full, kRead);
  PADDOCK_KINESIS_ROW(UpdateAccountSettings, plain(this, &Kinesis::update_account_settings), full,
                      kWrite);
  PADDOCK_KINESIS_ROW(AddTagsToStream, plain(this, &Kinesis::add_tags_to_stream), full, kRead);
  PADDOCK_KINESIS_ROW(RemoveTagsFromStream, plain(this, &Kinesis::remove_tags_from_stream), full,
                      kRead);
  PADDOCK_KINESIS_ROW(ListTagsForStream, plain(this, &Kinesis::list_tags_for_stream), full, kRead);
  PADDOCK_KINESIS_ROW(TagResource, plain(this, &Kinesis::tag_resource), full, kRead);
  PADDOCK_KINESIS_ROW(UntagResource, plain(this, &Kinesis::untag_resource), full, kRead);
  PADDOCK_KINESIS_ROW(ListTagsForResource, plain(this, &Kinesis::list_tags_for_resource), full,
                      kRead);
  PADDOCK_KINESIS_ROW(PutResourcePolicy, plain(this, &Kinesis::put_resource_policy), kept, kRead);
  PADDOCK_KINESIS_ROW(GetResourcePolicy, plain(this, &Kinesis::get_resource_policy), full, kRead);
  PADDOCK_KINESIS_ROW(DeleteResourcePolicy, plain(this, &Kinesis::delete_resource_policy), full,
                      kRead);
  PADDOCK_KINESIS_ROW(ListShards, plain(this, &Kinesis::list_shards), full, kRead);
  PADDOCK_KINESIS_ROW(SplitShard, plain(this, &Kinesis::split_shard), full, kRead);
  PADDOCK_KINESIS_ROW(MergeShards, plain(this, &Kinesis::merge_shards), full, kRead);
  PADDOCK_KINESIS_ROW(UpdateShardCount, plain(this, &Kinesis::update_shard_count), full, kRead);
  PADDOCK_KINESIS_ROW(PutRecord, plain(this, &Kinesis::put_record), full, kRead);
  PADDOCK_KINESIS_ROW(PutRecords, plain(this, &Kinesis::put_records), full, kRead);
  PADDOCK_KINESIS_ROW(GetShardIterator, plain(this, &Kinesis::get_shard_iterator), full, kRead);
  PADDOCK_KINESIS_ROW(GetRecords, waiting(this, &Kinesis::get_records), full, kRead);
  PADDOCK_KINESIS_ROW(RegisterStreamConsumer, plain(this, &Kinesis::register_consumer), full,
                      kRead);
  PADDOCK_KINESIS_ROW(DeregisterStreamConsumer, plain(this, &Kinesis::deregister_consumer), full,
                      kRead);
  PADDOCK_KINESIS_ROW(DescribeStreamConsumer, plain(this, &Kinesis::describe_consumer), full,
                      kRead);
  PADDOCK_KINESIS_ROW(ListStreamConsumers, plain(this, &Kinesis::list_consumers), full, kRead);
  PADDOCK_KINESIS_ROW(SubscribeToShard, plain(this, &Kinesis::subscribe_to_shard), full, kRead);
#undef PADDOCK_KINESIS_ROW
  return rows;
}

StreamPtr Kinesis::find_arn(std::string_view text) {
  const std::optional<Arn> arn = Arn::parse(text);
  constexpr std::string_view kStream = "stream/";
  if (!arn || arn->service != "kinesis" || !arn->resource.starts_with(kStream)) return nullptr;
  std::string_view name = std::string_view(arn->resource).substr(kStream.size());
  name = name.substr(0, name.find('/'));  // of a consumer's ARN
  const auto realm = platform_.realms.find("kinesis", arn->account, arn->region);
  return catalog_.find(realm->id, name);
}

StreamPtr Kinesis::require_arn(std::string_view text) {
  StreamPtr stream = find_arn(text);
  if (stream) return stream;
  const Arn arn = Arn::parse(text).value_or(Arn{});
  std::string_view name = arn.resource;
  name.remove_prefix(std::min(name.size(), name.find('/') + 1));
  throw errors::no_stream(name.substr(0, name.find('/')), arn.account);
}

StreamPtr Kinesis::require_stream(const Context& context, const Json& input) {
  const auto name = input.find(m::StreamName);
  const auto arn = input.find(m::StreamARN);
  const auto id = input.find(m::StreamId);
  StreamPtr stream;
  if (arn != input.end()) {
    stream = require_arn(arn->get_ref<const std::string&>());
    if (name != input.end() && *name != stream->name) throw errors::names_differ();
    return stream;
  }
  if (name != input.end()) {
    stream = catalog_.find(context.realm->id, name->get_ref<const std::string&>());
    if (!stream) throw errors::no_stream(name->get_ref<const std::string&>(), context.account);
    return stream;
  }
  if (id == input.end()) throw errors::no_stream_named();
  for (const StreamPtr& known : streams_of(context)) {
    if (known->id == *id) return known;
  }
  throw errors::no_stream(id->get_ref<const std::string&>(), context.account);
}

std::vector<StreamPtr> Kinesis::streams_of(const Context& context) {
  return catalog_.all(context.realm->id);
}

StreamPtr Kinesis::change_stream(Context& context, const Json& input,
                                 const std::function<void(StreamInfo&, storage::Batch&)>& apply) {
  const StreamPtr named = require_stream(context, input);
  const auto guard = platform_.locks.lock(stream_lock(named->realm, named->name));
  const StreamPtr before = catalog_.find(named->realm, named->name);
  if (!before) throw errors::no_stream(named->name, named->account);
  auto after = std::make_shared<StreamInfo>(*before);
  storage::Batch batch;
  apply(*after, batch);
  store_.put_stream(*after, batch);
  context.commit(batch);
  catalog_.publish(after);
  // Who was woken by the commit may have found the former version.
  for (const Shard& shard : before->shards) {
    const Shard* now = after->find(shard.index);
    if (shard.open() && now != nullptr && !now->open()) {
      notify_stream(shard_prefix(after->realm, after->number, shard.index));
    }
  }
  return after;
}

void Kinesis::notify_stream(const std::string& log) {
  platform_.waiters.notify_all(log);
  std::vector<std::shared_ptr<std::function<void()>>> due;
  {
    const std::lock_guard lock(listeners_mutex_);
    // A shard's log is named by its stream's prefix and four bytes more.
    const std::string stream = log.substr(0, log.size() - sizeof(uint32_t));
    for (auto [entry, end] = listeners_.equal_range(stream); entry != end;) {
      if (auto listener = entry->second.lock()) {
        due.push_back(std::move(listener));
        ++entry;
      } else {
        entry = listeners_.erase(entry);
      }
    }
  }
  for (const auto& listener : due) (*listener)();
}

Json Kinesis::children_json(const StreamInfo& stream, uint32_t index) const {
  Json children = Json::array();
  for (const Shard* child : stream.children_of(index)) {
    Json parents = Json::array();
    if (child->parent) parents.push_back(shard_id(*child->parent));
    if (child->adjacent_parent) parents.push_back(shard_id(*child->adjacent_parent));
    children.push_back({{m::ShardId, shard_id(child->index)},
                        {m::ParentShards, std::move(parents)},
                        {m::HashKeyRange,
                         {{m::StartingHashKey, hash_key_text(child->first)},
                          {m::EndingHashKey, hash_key_text(child->last)}}}});
  }
  return children;
}

}  // namespace paddock::services::kinesis
