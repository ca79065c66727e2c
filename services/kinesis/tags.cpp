// Tags and resource policies, of streams and of consumers.
#include "core/text.hpp"
#include "models/kinesis.hpp"
#include "services/kinesis/errors.hpp"
#include "services/kinesis/limits.hpp"
#include "services/kinesis/service.hpp"
#include "services/kinesis/shapes.hpp"
#include "storage/key_locks.hpp"

namespace paddock::services::kinesis {

namespace m = models::kinesis_members;

namespace tagging {

using Tags = std::map<std::string, std::string>;

// The consumer's name in …/consumer/NAME:SECONDS; "" for a stream's ARN.
std::string consumer_in(std::string_view arn) {
  constexpr std::string_view kConsumer = "/consumer/";
  const size_t found = arn.find(kConsumer);
  if (found == std::string_view::npos) return "";
  const std::string_view rest = arn.substr(found + kConsumer.size());
  return std::string(rest.substr(0, rest.rfind(':')));
}

void add(const StreamInfo& stream, const Json& input, Tags& tags) {
  const Tags added = input.at(m::Tags).get<Tags>();
  check_tags(added);
  for (const auto& [key, value] : added) tags[key] = value;
  if (tags.size() > limits::kTags) throw errors::too_many_tags(stream);
}

void remove(const Json& input, Tags& tags) {
  for (const Json& key : input.at(m::TagKeys)) {
    check_tags({{key.get<std::string>(), ""}});
    tags.erase(key.get<std::string>());
  }
}

Json list(const Tags& tags) {
  Json array = Json::array();
  for (const auto& [key, value] : tags) array.push_back({{m::Key, key}, {m::Value, value}});
  return array;
}

}  // namespace tagging

Kinesis::Output Kinesis::add_tags_to_stream(Context& context, Json input) {
  change_stream(context, input, [&input](StreamInfo& stream, storage::Batch&) {
    tagging::add(stream, input, stream.tags);
  });
  return {};
}

Kinesis::Output Kinesis::remove_tags_from_stream(Context& context, Json input) {
  change_stream(context, input, [&input](StreamInfo& stream, storage::Batch&) {
    tagging::remove(input, stream.tags);
  });
  return {};
}

Kinesis::Output Kinesis::list_tags_for_stream(Context& context, Json input) {
  const StreamPtr stream = require_stream(context, input);
  const size_t limit = input.value(m::Limit, limits::kTags);
  const std::string after = input.value(m::ExclusiveStartTagKey, std::string());
  Json tags = Json::array();
  bool more = false;
  for (auto tag = stream->tags.upper_bound(after); tag != stream->tags.end(); ++tag) {
    if (tags.size() == limit) {
      more = true;
      break;
    }
    tags.push_back({{m::Key, tag->first}, {m::Value, tag->second}});
  }
  return Json{{m::Tags, std::move(tags)}, {m::HasMoreTags, more}};
}

Kinesis::Attached Kinesis::attached(const Context&, const Json& input) {
  const std::string& arn = input.at(m::ResourceARN).get_ref<const std::string&>();
  const StreamPtr stream = require_arn(arn);
  const std::string name = tagging::consumer_in(arn);
  if (name.empty()) return {stream->tags, stream->policy};
  const auto consumer = store_.consumer(*stream, name);
  if (!consumer || consumer->arn(*stream) != arn) throw errors::no_consumer(name, *stream);
  return {consumer->tags, consumer->policy};
}

void Kinesis::change_attached(Context& context, const Json& input,
                              const std::function<void(const StreamInfo&, Attached&)>& apply) {
  const std::string& arn = input.at(m::ResourceARN).get_ref<const std::string&>();
  const std::string name = tagging::consumer_in(arn);
  if (name.empty()) {
    change_stream(context, {{m::StreamARN, arn}}, [&apply](StreamInfo& stream, storage::Batch&) {
      Attached now{stream.tags, stream.policy};
      apply(stream, now);
      stream.tags = std::move(now.tags);
      stream.policy = std::move(now.policy);
    });
    return;
  }
  const StreamPtr stream = require_arn(arn);
  const auto guard = platform_.locks.lock(stream_lock(stream->realm, stream->name));
  auto consumer = store_.consumer(*stream, name);
  if (!consumer || consumer->arn(*stream) != arn) throw errors::no_consumer(name, *stream);
  Attached now{consumer->tags, consumer->policy};
  apply(*stream, now);
  consumer->tags = std::move(now.tags);
  consumer->policy = std::move(now.policy);
  storage::Batch batch;
  store_.put_consumer(*stream, *consumer, batch);
  context.commit(batch);
}

Kinesis::Output Kinesis::tag_resource(Context& context, Json input) {
  change_attached(context, input, [&input](const StreamInfo& stream, Attached& now) {
    tagging::add(stream, input, now.tags);
  });
  return {};
}

Kinesis::Output Kinesis::untag_resource(Context& context, Json input) {
  change_attached(context, input,
                  [&input](const StreamInfo&, Attached& now) { tagging::remove(input, now.tags); });
  return {};
}

Kinesis::Output Kinesis::list_tags_for_resource(Context& context, Json input) {
  return Json{{m::Tags, tagging::list(attached(context, input).tags)}};
}

Kinesis::Output Kinesis::put_resource_policy(Context& context, Json input) {
  const std::string policy = input.at(m::Policy);
  const Json document = Json::parse(policy, nullptr, false);
  if (!document.is_object() || !document.contains("Statement")) {
    throw errors::invalid_argument("Resource policy is not valid.");
  }
  change_attached(context, input,
                  [&policy](const StreamInfo&, Attached& now) { now.policy = policy; });
  return {};
}

// Where there is none it is an empty document, as recorded from AWS.
Kinesis::Output Kinesis::get_resource_policy(Context& context, Json input) {
  std::string policy = attached(context, input).policy;
  return Json{{m::Policy, policy.empty() ? "{}" : std::move(policy)}};
}

Kinesis::Output Kinesis::delete_resource_policy(Context& context, Json input) {
  change_attached(context, input, [](const StreamInfo& stream, Attached& now) {
    if (now.policy.empty()) {
      throw errors::not_found("No resource policy found for resource ARN " + stream.arn() + ".");
    }
    now.policy.clear();
  });
  return {};
}

}  // namespace paddock::services::kinesis
